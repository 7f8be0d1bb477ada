"""The forms of a due time beyond the vectors: edges, windows, and what cannot be read."""

from datetime import datetime, timedelta

import pytest

from goodword.clock import FormError, Schedule, due
from tests.clock.schedules import (
    LONDON,
    NEW_YORK,
    NEW_YORK_ALWAYS,
    NIGHTS,
    NINE_TO_FIVE,
    WITH_LUNCH,
    at,
)

LUNCH_ONLY_TWO = Schedule.from_data(
    {"zone": "UTC", "hours": {"mon-thu": WITH_LUNCH, "fri": [["09:00", "09:10"]]}}
)


@pytest.mark.parametrize(
    ("form", "schedule", "start", "expected"),
    [
        # Sixty open minutes from before opening, not thirty: the day's open minutes are all left.
        ("acknowledge", NEW_YORK, "2026-06-10T07:00-04:00", "2026-06-10T10:00-04:00"),
        ("acknowledge", NEW_YORK, "2026-06-10T10:15:20-04:00", "2026-06-10T11:15:20-04:00"),
        ("acknowledge", NEW_YORK, "2026-06-10T16:45:01-04:00", "2026-06-11T09:30-04:00"),
        ("acknowledge", NEW_YORK, "2026-06-10T17:00-04:00", "2026-06-11T09:30-04:00"),
        ("acknowledge", LONDON, "2026-06-10T12:45+01:00", "2026-06-10T14:30+01:00"),
        ("acknowledge:30:5:10", NEW_YORK, "2026-06-10T16:50-04:00", "2026-06-10T17:00-04:00"),
        ("acknowledge:30:5:10", NEW_YORK, "2026-06-10T18:00-04:00", "2026-06-11T09:10-04:00"),
        ("acknowledge:120", NEW_YORK, "2026-06-10T10:00-04:00", "2026-06-10T12:00-04:00"),
        ("acknowledge", NIGHTS, "2026-06-10T05:30+00:00", "2026-06-10T06:00+00:00"),
        ("acknowledge", NIGHTS, "2026-06-10T05:50+00:00", "2026-06-10T22:30+00:00"),
        ("acknowledge", LUNCH_ONLY_TWO, "2026-06-11T16:50+00:00", "2026-06-12T09:10+00:00"),
        ("acknowledge", LUNCH_ONLY_TWO, "2026-06-12T08:00+00:00", "2026-06-15T09:30+00:00"),
        ("by:2026-06-11T10:00+02:00", NEW_YORK, "2026-06-10T10:00-04:00", "2026-06-11T08:00Z"),
        ("within:0", NEW_YORK, "2026-06-12T17:00-04:00", "2026-06-15T09:00-04:00"),
        ("within:0", NEW_YORK, "2026-06-12T16:59:59-04:00", "2026-06-12T16:59:59-04:00"),
        ("by_close_today", NEW_YORK, "2026-06-10T07:00-04:00", "2026-06-10T17:00-04:00"),
        ("by_close_today", LONDON, "2026-06-10T10:00+01:00", "2026-06-10T17:00+01:00"),
        ("by_close_today", NEW_YORK, "2026-06-10T17:00-04:00", "2026-06-11T17:00-04:00"),
        ("by_close_today", NEW_YORK, "2026-06-13T10:00-04:00", "2026-06-15T17:00-04:00"),
        ("by_close_today", NEW_YORK_ALWAYS, "2026-06-13T10:00-04:00", "2026-06-14T00:00-04:00"),
        ("by_close_today", NIGHTS, "2026-06-10T02:00+00:00", "2026-06-10T06:00+00:00"),
        ("first_thing:30", NEW_YORK, "2026-06-10T07:00-04:00", "2026-06-10T09:30-04:00"),
        ("first_thing:30", NEW_YORK, "2026-06-10T09:00-04:00", "2026-06-11T09:30-04:00"),
        ("first_thing:30", LONDON, "2026-06-10T13:00+01:00", "2026-06-11T09:30+01:00"),
        ("end_of_nth_business_day:1", NEW_YORK, "2026-06-10T00:00-04:00", "2026-06-11T17:00-04:00"),
        ("end_of_nth_business_day:1", NEW_YORK, "2026-11-25T23:59-05:00", "2026-11-27T17:00-05:00"),
        ("end_of_nth_business_day:1", NIGHTS, "2026-06-10T02:00+00:00", "2026-06-11T06:00+00:00"),
        ("calendar_days:30", NEW_YORK, "2026-06-10T22:00-04:00", "2026-07-10T22:00-04:00"),
        ("on_event:within:60", NEW_YORK, "2026-06-10T10:00-04:00", "2026-06-10T11:00-04:00"),
    ],
)
def test_a_form_falls_due_where_its_rule_says(form, schedule, start, expected):
    assert due(form, at(start), schedule).at == at(expected)


def test_seconds_are_kept_and_not_cut():
    start = at("2026-06-12T16:59:59.999999-04:00")
    assert due("within:1", start, NEW_YORK).at == at("2026-06-15T09:00:59.999999-04:00")


def test_an_arrival_window_is_the_window_that_was_agreed():
    form = "arrival_window:2026-06-11T09:00-04:00/2026-06-11T11:00-04:00"
    found = due(form, at("2026-06-10T10:00-04:00"), NEW_YORK)
    assert (found.opens, found.at) == (at("2026-06-11T09:00-04:00"), at("2026-06-11T11:00-04:00"))
    assert found.form == form


def test_a_promise_on_an_event_has_an_outer_limit_of_any_form():
    window = "arrival_window:2026-06-11T09:00-04:00/2026-06-11T11:00-04:00"
    start = at("2026-06-10T10:00-04:00")
    for event, form in (("parts_arrive", "parts_arrive/" + window), (None, window)):
        found = due("on_event:" + form, start, NEW_YORK)
        assert (found.event, found.at) == (event, at("2026-06-11T11:00-04:00"))
        assert found.opens == at("2026-06-11T09:00-04:00")


def test_a_due_time_is_told_in_utc():
    found = due("first_thing:60", at("2026-06-10T10:00-04:00"), NEW_YORK)
    assert found.at.utcoffset() == found.opens.utcoffset() == timedelta()


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        ("", "is no form"),
        ("soon", "“soon” is no form of a due time; the forms are acknowledge, by, within"),
        ("within", "needs a whole number from 0, not “”"),
        ("within:-5", "needs a whole number"),
        ("within:٣", "needs a whole number"),
        ("within:1.5", "needs a whole number"),
        ("within:1000000000000", "needs a whole number"),
        ("first_thing:0", "needs a whole number from 1"),
        ("end_of_nth_business_day:0", "needs a whole number from 1"),
        ("acknowledge:60:15:30:9", "too many numbers"),
        ("acknowledge:60::30", "needs a whole number"),
        ("by_close_today:5", "takes nothing"),
        ("by:tomorrow", "distance from UTC.*not “tomorrow”"),
        ("by:2026-06-10T16:30", "distance from UTC"),
        ("by:0001-01-01T00:00+14:00", "distance from UTC"),
        ("arrival_window:2026-06-11T09:00Z", "distance from UTC"),
        ("arrival_window:2026-06-11T09:00Z/2026-06-11T09:00Z", "ends before it begins"),
        ("calendar_days:99999999", "beyond the year"),
        ("on_event", "outer limit"),
        ("on_event:parts_arrive/", "is no form"),
        ("on_event:on_event:within:5", "outer limit"),
        ("on_event:parts_arrive", "is no form"),
    ],
)
def test_a_form_that_cannot_be_read_is_refused_in_a_sentence(form, sentence):
    with pytest.raises(FormError, match=sentence) as caught:
        due(form, at("2026-06-10T10:00-04:00"), NEW_YORK)
    assert caught.value.sentence % caught.value.facts == str(caught.value)


def test_a_start_without_a_zone_is_refused():
    naive = datetime.fromisoformat("2026-06-10T10:00")
    with pytest.raises(ValueError, match="has no time zone"):
        due("within:5", naive, NEW_YORK)


def test_the_hours_of_a_holiday_region_move_a_due_time():
    data = {"zone": "Europe/London", "hours": {"mon-fri": NINE_TO_FIVE}, "holidays": "GB-ENG"}
    england = Schedule.from_data(data)
    found = due("end_of_nth_business_day:1", at("2026-04-02T12:00+01:00"), england)
    assert found.at == at("2026-04-07T17:00+01:00")
