"""Each measurement once, on a desk of hardly any cases: what it prints, and not how fast it is."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bench.test_load import bench
from tests.peers import programs

pytestmark = pytest.mark.peers
SMALL = ("--cases", "200")


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A desk that was loaded once, for all of them."""
    folder = tmp_path_factory.mktemp("kept")
    assert bench("load", *SMALL, "--keep", str(folder))["load.cases"] == 200
    return folder


def of(kept: Path, *arguments: str) -> dict[str, float]:
    return bench(*arguments, *SMALL, "--keep", str(kept))


def test_pages_are_asked_for_over_http(kept: Path) -> None:
    figures = of(kept, "pages", "--rounds", "2")
    assert {
        "pages.inbox.p50_ms",
        "pages.case.p95_ms",
        "pages.8_clients.per_s",
        "pages.8_clients_anywhere.per_s",
    } <= figures.keys()
    assert all(value > 0 for value in figures.values())


def test_work_at_the_desk_with_mail_and_with_too_much(kept: Path) -> None:
    figures = of(kept, "mixed", "--seconds", "1", "--per-s", "8", "--burst", "4")
    for name in ("mixed", "mixed.with_mail"):
        assert figures[f"{name}.p95_ms"] > 0
        assert figures[f"{name}.requests"] > 0
        assert f"{name}.errors" in figures
    assert figures["mixed.overload.requests"] > figures["mixed.requests"]
    assert figures["mixed.overload.without_retry_after"] == 0
    assert "mixed.overload.normal_after_s" in figures


def test_memory_and_start(kept: Path) -> None:
    few = ("--walks", "1", "--demo-mails", "2", "--starts", "1")
    figures = of(kept, "memory", "start", *few)
    assert figures["memory.processes"] > 1
    assert figures["memory.all_mb"] > figures["memory.serve_mb"] > 20
    assert figures["start.after_kill_s"] > 0
    assert figures["start.first_page_s"] > 0
    assert figures["start.cpu_s"] > 0


def test_a_soak(kept: Path) -> None:
    figures = of(kept, "soak", "--minutes", "0.03", "--per-s", "5")
    assert figures["soak.left_in_queues"] == 0
    assert {"soak.growth_mb_per_h", "soak.open_files_more", "soak.locked"} <= figures.keys()
    parts = ("web-1", "mail", "worker")
    assert {f"soak.{part}.growth_mb_per_h" for part in parts} <= figures.keys()


def test_where_the_time_goes(kept: Path) -> None:
    figures = of(kept, "profile", "--times", "1")
    shares = {name: share for name, share in figures.items() if name.startswith("profile.inbox.")}
    assert sum(each for name, each in shares.items() if name.endswith("_share")) == pytest.approx(
        100, abs=1
    )
    assert figures["profile.mail.queries"] > 0


def test_the_tick_with_much_that_is_not_due(kept: Path) -> None:
    figures = of(kept, "tick", "--open", "300", "--due", "5", "--rounds", "2")
    assert figures["tick.open_promises"] == 300
    assert "tick.due_5_s" in figures
    assert figures["tick.due.cpu_ms"] > 0


@pytest.mark.long
@pytest.mark.skipif(not programs.POSTGRESQL.is_here(), reason=programs.POSTGRESQL.absence())
def test_one_and_two_of_each_process() -> None:
    few = ("--requests", "32", "--mails", "12")
    figures = bench("scale", "--postgres", "--cases", "200", *few)
    assert figures["scale.2.mails_per_s"] > 0
    assert figures["scale.requests_ratio"] > 0
