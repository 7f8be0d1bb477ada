"""Why a promise is due when it is."""

import json
from datetime import timedelta

import pytest

from goodword.clock import Schedule, due, explain
from tests.clock.schedules import LONDON, NEW_YORK_ALWAYS, NIGHTS, WITH_LUNCH, at

ENGLAND = Schedule.from_data(
    {"zone": "Europe/London", "hours": {"mon-fri": WITH_LUNCH}, "holidays": "GB-ENG"}
)


def reasons(found):
    return [pause.reason for pause in found.pauses]


def test_lunch_is_a_break_and_the_night_is_closed():
    found = explain(at("2026-06-10T12:00+01:00"), at("2026-06-11T10:00+01:00"), LONDON)
    assert reasons(found) == ["break", "closed"]
    assert found.open_time == timedelta(hours=5)


def test_holidays_between_two_openings_are_told_by_name():
    start = at("2026-12-24T16:45+00:00")
    found = explain(start, due("within:30", start, ENGLAND).at, ENGLAND)
    assert reasons(found) == ["holiday"]
    assert [(day.day.day, day.reason, day.name) for day in found.pauses[0].days] == [
        (25, "holiday", "Christmas Day"),
        (26, "weekend", "Boxing Day"),
        (27, "weekend", ""),
        (28, "holiday", "Boxing Day (observed)"),
    ]


def test_a_weekend_is_a_weekend():
    found = explain(at("2026-06-12T16:00+01:00"), at("2026-06-15T10:00+01:00"), LONDON)
    assert reasons(found) == ["weekend"]
    assert len(found.pauses[0].days) == 2


def test_time_before_opening_and_after_closing_is_closed():
    found = explain(at("2026-06-10T07:00+01:00"), at("2026-06-10T08:00+01:00"), LONDON)
    assert (reasons(found), found.counted) == (["closed"], ())
    found = explain(at("2026-06-10T02:00+00:00"), at("2026-06-10T12:00+00:00"), NIGHTS)
    assert reasons(found) == ["closed"]


def test_around_the_clock_is_one_stretch():
    found = explain(at("2026-03-07T00:00-05:00"), at("2026-03-10T00:00-04:00"), NEW_YORK_ALWAYS)
    assert len(found.counted) == 1
    assert found.open_time == timedelta(hours=71)
    assert found.pauses == ()


def test_a_moment_needs_no_explanation():
    moment = at("2026-06-10T12:00+01:00")
    found = explain(moment, moment, LONDON)
    assert (found.counted, found.pauses) == ((), ())


def test_the_end_before_the_start_is_refused():
    with pytest.raises(ValueError, match="comes before"):
        explain(at("2026-06-11T12:00+01:00"), at("2026-06-10T12:00+01:00"), LONDON)


def test_the_data_is_json_in_the_time_of_the_business():
    found = explain(at("2026-06-10T11:00Z"), at("2026-06-10T13:00Z"), LONDON).as_data()
    assert json.loads(json.dumps(found)) == {
        "zone": "Europe/London",
        "start": "2026-06-10T12:00:00+01:00",
        "due": "2026-06-10T14:00:00+01:00",
        "open_seconds": 3600,
        "counted": [
            {
                "from": "2026-06-10T12:00:00+01:00",
                "to": "2026-06-10T12:30:00+01:00",
                "seconds": 1800,
            },
            {
                "from": "2026-06-10T13:30:00+01:00",
                "to": "2026-06-10T14:00:00+01:00",
                "seconds": 1800,
            },
        ],
        "pauses": [
            {
                "from": "2026-06-10T12:30:00+01:00",
                "to": "2026-06-10T13:30:00+01:00",
                "reason": "break",
                "days": [],
            }
        ],
    }
