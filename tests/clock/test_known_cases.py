"""Cases of other people's calculators, with values that a second calculator confirmed."""

import json
import os
from datetime import timedelta
from pathlib import Path

import pytest

from goodword.clock import Schedule, between, due, is_open, next_opening, previous_closing, shift
from tests.clock.schedules import NINE_TO_FIVE, at

ROOT = Path(__file__).parents[2]
FOLDER = Path(os.environ.get("GOODWORD_TESTDATA") or ROOT / "../shared/data") / "business-hours"
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

pytestmark = [
    pytest.mark.testdata,
    pytest.mark.skipif(
        not FOLDER.is_dir(), reason="The business-hours test data (GOODWORD_TESTDATA) is not here."
    ),
]


def cases(name):
    path = FOLDER / name
    return json.loads(path.read_text()) if path.is_file() else []


def listed(intervals):
    return {day: [list(each) for each in hours.items()] for day, hours in intervals.items()}


def schedule_of(config):
    hours = listed(config["working_hours"]) if "working_hours" in config else None
    return Schedule.from_data(
        {
            "zone": config.get("time_zone", "UTC"),
            "hours": hours or {"mon-fri": NINE_TO_FIVE},
            "closed": config.get("holidays", []),
            "special": listed(config.get("holiday_hours", {})),
            "breaks": listed(config.get("breaks", {})),
        }
    )


ANSWERS = {
    "add_working_seconds": lambda schedule, start, seconds: shift(
        at(start), timedelta(seconds=seconds), schedule
    ),
    "working_seconds_between": lambda schedule, start, end: between(
        at(start), at(end), schedule
    ).total_seconds(),
    "is_open": lambda schedule, start: is_open(at(start), schedule),
    "next_open_instant_or_same": lambda schedule, start: next_opening(at(start), schedule),
    "previous_open_instant_or_same": lambda schedule, start: previous_closing(at(start), schedule),
}


@pytest.mark.parametrize("case", cases("business_hours_cases.json"), ids=lambda case: case["id"])
def test_the_calculator_agrees_with_others(case):
    expected = case["expected"]
    found = ANSWERS[case["op"]](schedule_of(case["config"]), *case["args"])
    assert found == (at(expected) if isinstance(expected, str) else expected)


@pytest.mark.parametrize("case", cases("sla_cases.json"), ids=lambda case: case["id"])
def test_a_due_time_agrees_with_another_desk(case):
    schedule, start = schedule_of(case), at(case["created"])
    held = sum((between(at(a), at(b), schedule) for a, b in case["paused"]), timedelta())
    expected = case["expected"]
    for target in ("first_response", "solution"):
        if f"{target}_due" in expected:
            found = due(f"within:{case['targets_min'][target]}", start, schedule).at
            # A first answer is never paused; work waits while we wait for the customer.
            waited = held if target == "solution" else timedelta()
            assert shift(found, waited, schedule) == at(expected[f"{target}_due"]) or not waited
            assert waited or found == at(expected[f"{target}_due"])
    if "hold_min" in expected:
        assert held == timedelta(minutes=expected["hold_min"])
    if "solution_in_min" in expected:
        worked = between(start, at(case["events"]["closed"]), schedule) - held
        assert worked == timedelta(minutes=expected["solution_in_min"])
