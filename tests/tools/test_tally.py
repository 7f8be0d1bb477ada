"""The closing line says what failed, and what passed only when it was asked again."""

from pathlib import Path

from tools.tally import Tally


def report(path: Path, **ends: str) -> Path:
    """A report of pytest, in which each test passed or failed."""
    cases = "".join(
        f'<testcase classname="tests.browser.test_x" name="{name}">'
        + ('<failure message="too slow"/>' if end == "failed" else "")
        + "</testcase>"
        for name, end in ends.items()
    )
    path.write_text(f"<testsuites><testsuite>{cases}</testsuite></testsuites>")
    return path


def test_what_passes_at_the_second_try_is_named_and_counted_apart(tmp_path: Path) -> None:
    tally = Tally()
    tally.read("Browser", report(tmp_path / "1.xml", a="passed", b="failed", c="failed"), 1)
    assert (tally.passed, tally.failed) == (1, 2)
    tally.read_again("Browser", report(tmp_path / "2.xml", b="passed", c="failed"))
    assert tally.closing_line() == "2 passed, 1 failed, 0 skipped, 1 only at the second try"
    assert "Failed: tests.browser.test_x::c (Browser): too slow" in tally.report()
    assert "Only at the second try: tests.browser.test_x::b (Browser): too slow" in tally.report()


def test_what_was_not_tried_again_stays_failed(tmp_path: Path) -> None:
    tally = Tally()
    tally.read("Browser", report(tmp_path / "1.xml", a="failed"), 1)
    tally.read_again("Browser", report(tmp_path / "2.xml", b="passed"))
    assert tally.failed == 1
    assert not tally.unsteady
