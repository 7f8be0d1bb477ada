"""How long the business clock takes, in time of the processor: on a warm index, and to make one."""

import argparse
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from statistics import median
from time import thread_time

from bench.figures import Figure

NEEDS_DATABASE = False

LONDON = {
    "zone": "Europe/London",
    "hours": {"mon-fri": [["09:00", "12:30"], ["13:30", "17:00"]]},
    "closed": ["2026-12-24"],
    "holidays": "GB-ENG",
    "versions": [{"from": "2027-01-04", "hours": {"mon-sat": [["08:00", "16:00"]]}}],
}
ALWAYS = {"zone": "UTC", "hours": {"mon-sun": [["00:00", "24:00"]]}}
START = datetime(2026, 6, 10, 15, 30, 20, 5, tzinfo=UTC)
FORMS = {
    "": "within:60",
    "far": "within:600000",
    "acknowledge": "acknowledge",
    "by_close_today": "by_close_today",
    "first_thing": "first_thing:60",
    "end_of_nth_business_day": "end_of_nth_business_day:3",
    "calendar_days": "calendar_days:30",
    "by": "by:2026-06-11T10:00+01:00",
}
DISTANCES = {"": 1, "far": 7000}


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--runs", type=int, default=100, help="of 500 questions each")


def run(args: argparse.Namespace) -> Iterator[Figure]:
    from goodword.clock import Index, Schedule, between, due, explain

    london, always = Schedule.from_data(LONDON), Schedule.from_data(ALWAYS)
    london.compiled().cover(2020, 2050)
    for name, form in FORMS.items():
        yield _micro(f"clock.{_joined('due', name)}_us", lambda f=form: due(f, START, london), args)  # type: ignore[misc]
    for name, days in DISTANCES.items():
        end = START + timedelta(days=days)
        question = lambda end=end: between(START, end, london)  # noqa: E731
        yield _micro(f"clock.{_joined('between', name)}_us", question, args)
    end = START + timedelta(days=7)
    yield _micro("clock.explain_week_us", lambda: explain(START, end, london), args, each=20)
    for name, schedule in (("", london), ("24x7", always)):
        taken = [_seconds(lambda s=schedule: Index(s).cover(2020, 2029), 1) for _ in range(9)]  # type: ignore[misc]
        yield _figure(f"clock.{_joined('index_10y', name)}_ms", median(taken) * 1e3, "ms")


def _joined(name: str, more: str) -> str:
    return f"{name}_{more}" if more else name


def _micro(
    name: str, question: Callable[[], object], args: argparse.Namespace, each: int = 500
) -> Figure:
    return _figure(name, median(_seconds(question, each) for _ in range(args.runs)) * 1e6, "µs")


def _seconds(question: Callable[[], object], times: int) -> float:
    """Of the processor for one question: on a machine that others use only that is ours."""
    begun = thread_time()
    for _ in range(times):
        question()
    return (thread_time() - begun) / times


def _figure(name: str, value: float, unit: str) -> Figure:
    return {"name": name, "value": round(value, 2), "unit": unit}
