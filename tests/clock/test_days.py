"""Business days, openings and closings, as the desk's day ruler asks for them."""

from datetime import date

import pytest

from goodword.clock import (
    closing,
    day_bounds,
    is_open,
    next_business_day,
    next_opening,
    previous_closing,
)
from tests.clock.schedules import LONDON, NEW_YORK, NEW_YORK_ALWAYS, NIGHTS, at


@pytest.mark.parametrize(
    ("moment", "open_then"),
    [
        ("2026-06-10T08:59:59.999999-04:00", False),
        ("2026-06-10T09:00-04:00", True),
        ("2026-06-10T16:59:59.999999-04:00", True),
        ("2026-06-10T17:00-04:00", False),
        ("2026-06-13T12:00-04:00", False),
        ("2026-11-26T12:00-05:00", False),
    ],
)
def test_an_interval_holds_its_opening_and_not_its_closing(moment, open_then):
    assert is_open(at(moment), NEW_YORK) is open_then


def test_the_next_opening_is_now_while_the_doors_are_open():
    now = at("2026-06-10T16:30:10-04:00")
    assert next_opening(now, NEW_YORK) == previous_closing(now, NEW_YORK) == now


def test_after_closing_the_next_opening_is_on_the_next_business_day():
    friday = at("2026-06-12T17:00-04:00")
    assert next_opening(friday, NEW_YORK) == at("2026-06-15T09:00-04:00")
    assert next_opening(at("2026-06-10T12:40+01:00"), LONDON) == at("2026-06-10T13:30+01:00")


def test_the_last_closing_before_a_weekend_morning_is_fridays():
    sunday = at("2026-06-14T10:00-04:00")
    assert previous_closing(sunday, NEW_YORK) == at("2026-06-12T17:00-04:00")


@pytest.mark.parametrize("clock", ["00:00", "07:00", "10:00", "12:45", "23:59"])
def test_a_business_day_has_one_opening_and_one_closing_all_day_long(clock):
    moment = at(f"2026-06-10T{clock}+01:00")
    bounds = (at("2026-06-10T09:00+01:00"), at("2026-06-10T17:00+01:00"))
    assert day_bounds(moment, LONDON) == bounds
    assert closing(moment, LONDON) == bounds[1]
    assert next_business_day(moment, LONDON) == date(2026, 6, 11)


def test_a_day_without_hours_has_no_bounds():
    christmas = at("2026-12-25T12:00+00:00")
    assert day_bounds(christmas, LONDON) is None
    assert closing(christmas, LONDON) is None
    assert next_business_day(christmas, LONDON) == date(2026, 12, 29)


def test_a_night_belongs_to_the_day_on_which_it_began():
    tuesday_early = at("2026-06-09T03:00+00:00")
    assert day_bounds(tuesday_early, NIGHTS) == (
        at("2026-06-08T22:00+00:00"),
        at("2026-06-09T06:00+00:00"),
    )
    assert next_business_day(tuesday_early, NIGHTS) == date(2026, 6, 9)
    assert closing(at("2026-06-09T06:00+00:00"), NIGHTS) == at("2026-06-10T06:00+00:00")


def test_a_night_over_new_year_is_known_on_both_sides():
    assert is_open(at("2027-01-01T05:59+00:00"), NIGHTS)
    assert closing(at("2027-01-01T02:00+00:00"), NIGHTS) == at("2027-01-01T06:00+00:00")


def test_around_the_clock_a_day_closes_at_midnight():
    noon = at("2026-06-10T12:00-04:00")
    assert closing(noon, NEW_YORK_ALWAYS) == at("2026-06-11T00:00-04:00")
