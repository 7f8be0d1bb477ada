"""What was asked stands beside what was measured, in lines and in the paper."""

import ast
import json
import time
from argparse import Namespace
from pathlib import Path

import pytest

from bench import growth, papers, targets
from bench.arrivals import Answer, arrive
from bench.everything import NAMES
from bench.soak import slope
from bench.targets import PAGES, TARGETS, judged, verdict

BENCH = Path(papers.__file__).parent


def test_a_figure_says_what_was_asked_and_whether_it_is_reached() -> None:
    slow = judged({"name": "memory.all_mb", "value": 210.0, "unit": "MB"}, "SQLite", None)
    assert verdict(slow) == "≤ 200: not reached"
    good = judged({"name": "mixed.errors", "value": 0, "unit": "errors"}, "SQLite", 500)
    assert verdict(good) == "= 0: reached"
    assert json.loads(json.dumps(good))["reached"] is True


def test_a_desk_that_is_too_small_is_no_proof() -> None:
    figure = {"name": "pages.inbox.p50_ms", "value": 1.0, "unit": "ms"}
    small = judged(figure, "SQLite", 200)
    assert small["reached"] is None
    assert verdict(small) == "≤ 20 at 100,000 cases"
    assert judged(figure, "SQLite", 1_000_000)["reached"] is True


def test_too_short_a_soak_is_no_proof() -> None:
    figure = {"name": "soak.growth_mb_per_h", "value": 90.0, "unit": "MB/h", "is_proof": False}
    assert judged(figure, "SQLite", None)["reached"] is None


def test_each_database_has_what_is_asked_of_it() -> None:
    figure = {"name": "intake.searchable_per_s", "value": 250.0, "unit": "mails/s"}
    assert judged(figure, "SQLite", None)["reached"] is False
    assert judged(figure, "PostgreSQL", None)["reached"] is True


def test_nothing_is_said_where_nothing_was_asked() -> None:
    assert verdict(judged({"name": "clock.due_us", "value": 2.0, "unit": "µs"}, "", None)) == ""


def test_each_target_is_of_a_measurement_that_there_is() -> None:
    assert not [each.name for each in TARGETS if each.name.split(".")[0] not in NAMES]


def test_each_measurement_is_among_everything() -> None:
    def is_one(path: Path) -> bool:
        parts = {each.name for each in ast.parse(path.read_text()).body
                 if isinstance(each, ast.FunctionDef)}  # fmt: skip
        return {"run", "arguments"} <= parts

    assert {path.stem for path in BENCH.glob("*.py") if is_one(path)} == set(NAMES)


def test_the_paper_has_the_command_without_places_of_this_machine() -> None:
    typed = ["bench", "mixed", "pages", "--cases", "100", "--keep", "/somewhere", "--json"]
    assert papers.command_of("pages", typed) == "pages --cases 100"


def test_the_paper_has_what_was_asked_and_other_desks_beside_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(papers, "PAPER", tmp_path / "measured.md")
    figure = judged({"name": "pages.inbox.p50_ms", "value": 12.5, "unit": "ms"}, "SQLite", 100_000)
    for _twice in range(2):
        papers.write("pages", "SQLite", [figure], "a machine", "pages")
    text = papers.PAPER.read_text()
    assert "| pages.inbox.p50_ms | 12.5 | ms | ≤ 20 at 100,000 cases: reached |" in text
    assert text.count("## Other desks") == text.count("## pages, SQLite") == 1
    [line] = [each for each in text.splitlines() if each.endswith("`pages.inbox.p50_ms` |")]
    assert "Znuny 319" in line
    assert "12.5 ms" in line


def test_what_fell_short_stands_first_with_its_profile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(papers, "PAPER", tmp_path / "measured.md")

    def measured(a_second: float) -> str:
        name = "intake.accepted_per_s"
        figure = judged({"name": name, "value": a_second, "unit": "mails/s"}, "PostgreSQL", 0)
        papers.write("intake", "PostgreSQL", [figure], "a machine, commit abc", "intake")
        text = papers.PAPER.read_text()
        assert text.index("## What fell short") < text.index("## Other desks")
        return text[: text.index("## Other desks")]

    link = "[A mail on PostgreSQL](where-the-time-goes.md#a-mail-on-postgresql)"
    assert f"| 420.0 mails/s | ≥ 800 | abc | {link} |" in measured(420.0)
    assert "All that was asked is reached." in measured(900.0)


def test_each_profile_that_is_named_is_there() -> None:
    paper = papers.PAPER.with_name(papers.TIMES).read_text()
    for heading in {*targets.WHY.values(), *targets.WHY_ON_POSTGRESQL.values()}:
        assert f"\n## {heading}\n" in paper


def test_who_waits_for_a_server_that_stands_still_is_counted_from_when_they_came() -> None:
    """One worker, and the first answer takes long: those behind it have waited as well."""
    asked: list[str] = []

    def worker(kind: str) -> Answer:
        asked.append(kind)
        if len(asked) == 1:
            time.sleep(0.3)
        return "page", 200, False

    outcome = arrive(100, 0.2, [worker], {"read": 1})
    assert outcome.count == len(asked) > 5
    assert sorted(outcome.all)[len(asked) // 2] > 50


def test_what_is_shed_is_no_answer_and_no_error() -> None:
    answers = iter([("page", 503, True), ("page", 503, False), ("page", 500, False)] * 50)
    outcome = arrive(500, 0.1, [lambda _kind: next(answers)], {"read": 1})
    assert not outcome.all
    assert outcome.shed >= outcome.without_retry_after >= 1
    assert outcome.failed[0] == "page: 500"


def test_growth_is_how_many_times_as_long_the_large_desk_takes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(growth, "_pages", lambda cases, *_: dict.fromkeys(PAGES, cases / 100))
    asked = Namespace(cases=1200, small=1000, small_in=None, keep=None, rounds=1)
    found = {each["name"]: each["value"] for each in growth.run(asked)}
    assert found["growth.inbox"] == found["growth.cases"] == 1.2


def test_what_a_soak_says_of_memory_is_the_slope_and_not_the_last_jump() -> None:
    assert slope([(0, 100), (1, 103), (2, 106)]) == pytest.approx(3)
    assert slope([(0, 100)]) == 0
