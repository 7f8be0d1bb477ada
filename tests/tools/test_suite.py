"""What fails in a browser is asked once more, and nothing else is."""

import os
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from tests.tools.test_tally import report
from tools import suite
from tools.tally import Tally

Ends = dict[str, str]


@pytest.fixture
def runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[list[str]]]:
    """Stand in for pytest: each run writes the next of these reports, and its command is kept."""
    monkeypatch.setattr(suite, "REPORTS", tmp_path)

    def of(*reports: Ends) -> list[list[str]]:
        asked: list[list[str]] = []

        def run(command: Sequence[str], _environment: dict[str, str], minutes: int) -> int:
            assert minutes > 0
            [path] = [part.split("=")[1] for part in command if part.startswith("--junitxml=")]
            ends = reports[len(asked)]
            asked.append(list(command))
            report(Path(path), **ends)
            return 1 if "failed" in ends.values() else 0

        monkeypatch.setattr(suite, "_run", run)
        return asked

    return of


def test_what_failed_in_a_browser_is_asked_once_more(runs: Callable[..., list[list[str]]]) -> None:
    asked = runs({"a": "passed", "b": "failed"}, {"b": "passed"})
    tally = Tally()
    suite._tests_with_peers(tally, [])
    assert "--last-failed" in asked[1]
    assert tally.closing_line() == "2 passed, 0 failed, 0 skipped, 1 only at the second try"


def test_many_failures_are_no_bad_luck(runs: Callable[..., list[list[str]]]) -> None:
    asked = runs(dict.fromkeys("abcd", "failed"))
    tally = Tally()
    suite._tests_with_peers(tally, [])
    assert (len(asked), tally.failed) == (1, 4)


def test_a_process_that_lasts_too_long_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    assert suite._run(["timeit", "-n1", "-r1", "pass"], dict(os.environ), 1) == 0
    assert suite._run(["timeit", "-n1", "-r1", "while True: pass"], dict(os.environ), 0) == 124
