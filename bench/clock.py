"""Measure the business clock: `python bench/clock.py` prints one JSON object a line."""

import json
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from statistics import median
from time import perf_counter

from goodword.clock import Index, Schedule, between, due, explain

LONDON = Schedule.from_data(
    {
        "zone": "Europe/London",
        "hours": {"mon-fri": [["09:00", "12:30"], ["13:30", "17:00"]]},
        "closed": ["2026-12-24"],
        "holidays": "GB-ENG",
    }
)
ALWAYS = Schedule.from_data({"zone": "UTC", "hours": {"mon-sun": [["00:00", "24:00"]]}})
START = datetime(2026, 6, 10, 15, 30, 20, 5, tzinfo=UTC)


def seconds_each(question: Callable[[], object], times: int = 20_000, runs: int = 7) -> float:
    """The median run's time for one question, in seconds."""
    taken = []
    for _ in range(runs):
        begun = perf_counter()
        for _ in range(times):
            question()
        taken.append((perf_counter() - begun) / times)
    return median(taken)


def say(name: str, value: float, unit: str) -> None:
    line = {"name": name, "value": round(value, 3), "unit": unit}
    sys.stdout.write(json.dumps(line, ensure_ascii=False) + "\n")


def main() -> None:
    LONDON.compiled().cover(2020, 2050)
    forms = ["acknowledge", "within:60", "within:600000", "by_close_today", "first_thing:60"]
    forms += ["end_of_nth_business_day:3", "calendar_days:30", "by:2026-06-11T10:00+01:00"]
    for form in forms:
        taken = seconds_each(lambda form=form: due(form, START, LONDON))  # type: ignore[misc]
        say(f"due {form.partition(':2026')[0]}", taken * 1e6, "µs")
    for days in (1, 7000):
        end = START + timedelta(days=days)
        taken = seconds_each(lambda end=end: between(START, end, LONDON))  # type: ignore[misc]
        say(f"between over {days} days", taken * 1e6, "µs")
    end = START + timedelta(days=7)
    say("explain a week", seconds_each(lambda: explain(START, end, LONDON), 200) * 1e6, "µs")
    for name, schedule in (("two intervals and holidays", LONDON), ("24×7", ALWAYS)):
        taken = seconds_each(lambda s=schedule: Index(s).cover(2020, 2029), 1)  # type: ignore[misc]
        say(f"index of ten years, {name}", taken * 1e3, "ms")


if __name__ == "__main__":
    main()
