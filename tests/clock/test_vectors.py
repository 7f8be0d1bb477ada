"""The worked examples of the clock's rules, V01 to V20."""

import pytest

from goodword.clock import between, due
from tests.clock.schedules import LONDON, NEW_YORK, NEW_YORK_ALWAYS, NEW_YORK_FROM_EIGHT, at

VECTORS = [
    ("V01", "acknowledge", NEW_YORK, "2026-06-10T16:30-04:00", "2026-06-10T17:00-04:00"),
    ("V02", "first_thing:60", NEW_YORK, "2026-06-10T16:30-04:00", "2026-06-11T10:00-04:00"),
    ("V03", "acknowledge", NEW_YORK, "2026-06-12T16:30-04:00", "2026-06-12T17:00-04:00"),
    ("V04", "first_thing:60", NEW_YORK, "2026-06-12T16:30-04:00", "2026-06-15T10:00-04:00"),
    ("V05", "acknowledge", NEW_YORK, "2026-06-10T16:50-04:00", "2026-06-11T09:30-04:00"),
    ("V06", "acknowledge", NEW_YORK, "2026-06-10T16:45-04:00", "2026-06-10T17:00-04:00"),
    ("V07", "acknowledge", NEW_YORK, "2026-06-10T22:00-04:00", "2026-06-11T09:30-04:00"),
    ("V08", "acknowledge", NEW_YORK, "2026-06-13T11:00-04:00", "2026-06-15T09:30-04:00"),
    ("V09", "first_thing:60", NEW_YORK, "2026-11-25T16:30-05:00", "2026-11-27T10:00-05:00"),
    ("V10", "within:480", NEW_YORK, "2026-06-12T17:00-04:00", "2026-06-15T17:00-04:00"),
    ("V11", "within:240", NEW_YORK, "2026-06-12T16:00-04:00", "2026-06-15T12:00-04:00"),
    ("V12", "within:240", NEW_YORK_FROM_EIGHT, "2026-06-12T16:00-04:00", "2026-06-15T11:00-04:00"),
    ("V13", "within:60", LONDON, "2026-06-10T12:00+01:00", "2026-06-10T14:00+01:00"),
    ("V14", "within:30", LONDON, "2026-12-24T16:45+00:00", "2026-12-29T09:15+00:00"),
    ("V15", "within:120", NEW_YORK, "2026-03-06T16:00-05:00", "2026-03-09T10:00-04:00"),
    ("V16", "within:240", NEW_YORK_ALWAYS, "2026-03-08T01:00-05:00", "2026-03-08T06:00-04:00"),
    ("V17", "within:240", NEW_YORK_ALWAYS, "2026-11-01T00:30-04:00", "2026-11-01T03:30-05:00"),
    (
        "V18",
        "end_of_nth_business_day:3",
        NEW_YORK,
        "2026-06-11T10:00-04:00",
        "2026-06-16T17:00-04:00",
    ),
    (
        "V19",
        "end_of_nth_business_day:3",
        NEW_YORK,
        "2026-06-13T10:00-04:00",
        "2026-06-17T17:00-04:00",
    ),
    ("V20", "within:1440", NEW_YORK, "2026-06-10T09:00-04:00", "2026-06-12T17:00-04:00"),
]


@pytest.mark.parametrize(("form", "schedule", "start", "expected"), [v[1:] for v in VECTORS],
                         ids=[v[0] for v in VECTORS])  # fmt: skip
def test_a_promise_is_due_when_the_rules_say(form, schedule, start, expected):
    assert due(form, at(start), schedule).at == at(expected)


def test_a_first_thing_promise_opens_with_the_doors():
    found = due("first_thing:60", at("2026-11-25T16:30-05:00"), NEW_YORK)
    assert found.opens == at("2026-11-27T09:00-05:00")


def test_friday_four_to_monday_four_is_eight_open_hours():
    start, end = at("2026-06-12T16:00-04:00"), at("2026-06-15T16:00-04:00")
    assert between(start, end, NEW_YORK).total_seconds() == 8 * 3600
