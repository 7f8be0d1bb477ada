"""Opening times that the wall clock skips, or shows twice."""

from datetime import timedelta

import pytest

from goodword.clock import Schedule, between, due, is_open
from tests.clock.schedules import at


def daily(zone, *intervals):
    return Schedule.from_data({"zone": zone, "hours": {"mon-sun": list(intervals)}})


def test_an_opening_that_is_skipped_opens_as_the_clocks_jump():
    schedule = daily("Europe/Berlin", ["02:30", "06:00"])
    start = at("2026-03-28T23:00+01:00")
    assert not is_open(at("2026-03-29T01:59:59+01:00"), schedule)
    assert is_open(at("2026-03-29T03:00+02:00"), schedule)
    assert due("within:60", start, schedule).at == at("2026-03-29T04:00+02:00")


def test_hours_that_are_skipped_altogether_are_no_business_day():
    schedule = daily("Europe/Berlin", ["02:00", "03:00"])
    start = at("2026-03-28T12:00+01:00")
    assert due("end_of_nth_business_day:1", start, schedule).at == at("2026-03-30T03:00+02:00")


def test_an_opening_that_comes_twice_means_the_first():
    schedule = daily("Europe/Berlin", ["02:30", "06:00"])
    assert is_open(at("2026-10-25T02:30+02:00"), schedule)
    assert is_open(at("2026-10-25T02:10+01:00"), schedule)
    day = between(at("2026-10-25T00:00+02:00"), at("2026-10-26T00:00+01:00"), schedule)
    assert day == timedelta(hours=4, minutes=30)


def test_a_closing_that_comes_twice_means_the_first():
    schedule = daily("Europe/Berlin", ["00:00", "02:30"])
    assert is_open(at("2026-10-25T02:29+02:00"), schedule)
    assert not is_open(at("2026-10-25T02:15+01:00"), schedule)


@pytest.mark.parametrize(
    ("zone", "start", "end", "hours"),
    [
        ("Europe/Berlin", "2026-03-28T22:00+01:00", "2026-03-29T06:00+02:00", 7),
        ("Europe/Berlin", "2026-10-24T22:00+02:00", "2026-10-25T06:00+01:00", 9),
        ("Australia/Lord_Howe", "2026-10-03T22:00+10:30", "2026-10-04T06:00+11:00", 7.5),
        ("America/Havana", "2026-10-31T22:00-04:00", "2026-11-01T06:00-05:00", 9),
    ],
)
def test_a_night_is_as_long_as_it_lasted(zone, start, end, hours):
    schedule = daily(zone, ["22:00", "06:00"])
    assert between(at(start), at(end), schedule) == timedelta(hours=hours)
    assert due(f"within:{int(hours * 60)}", at(start), schedule).at == at(end)


def test_so_many_days_later_is_the_same_time_on_the_wall():
    berlin = daily("Europe/Berlin", ["09:00", "17:00"])
    start = at("2026-03-27T10:00:30+01:00")
    assert due("calendar_days:7", start, berlin).at == at("2026-04-03T10:00:30+02:00")


def test_so_many_days_later_may_fall_into_a_jump_of_the_clocks():
    berlin = daily("Europe/Berlin", ["09:00", "17:00"])
    assert due("calendar_days:1", at("2026-03-28T02:30+01:00"), berlin).at == at(
        "2026-03-29T03:00+02:00"
    )
    assert due("calendar_days:1", at("2026-10-24T02:30+02:00"), berlin).at == at(
        "2026-10-25T02:30+02:00"
    )


def test_the_second_pass_of_an_hour_counts_as_its_end():
    berlin = daily("Europe/Berlin", ["09:00", "17:00"])
    assert due("calendar_days:1", at("2026-10-25T02:15+01:00"), berlin).at == at(
        "2026-10-26T03:00+01:00"
    )
