"""Hours that hold from a date on, in one schedule and one index."""

from datetime import date, timedelta

import pytest

from goodword.clock import Index, Schedule, ScheduleError, between, due, explain, is_open
from tests.clock.schedules import NINE_TO_FIVE, at

LONDON = {"zone": "Europe/London", "hours": {"mon-fri": NINE_TO_FIVE}}
MORNINGS = {"from": "2027-01-04", "hours": {"mon-sat": [["08:00", "12:00"]]}}
CHANGING = Schedule.from_data(LONDON | {"holidays": "GB-ENG", "versions": [MORNINGS]})


def test_a_promise_across_a_change_counts_each_day_by_its_own_hours():
    thursday = at("2026-12-31T16:00+00:00")
    # One hour on that day; the first is a holiday, and from Monday on there are four a day.
    assert due("within:360", thursday, CHANGING).at == at("2027-01-05T09:00+00:00")
    assert due("end_of_nth_business_day:2", thursday, CHANGING).at == at("2027-01-05T12:00+00:00")
    assert due("first_thing:60", thursday, CHANGING).opens == at("2027-01-04T08:00+00:00")
    assert is_open(at("2027-01-09T11:00+00:00"), CHANGING)
    assert not is_open(at("2027-01-02T11:00+00:00"), CHANGING)


def test_what_a_version_does_not_say_stays_as_it_was():
    good_friday = at("2027-03-26T11:00+00:00")
    assert not is_open(good_friday, CHANGING)
    anew = LONDON | {"holidays": "GB-ENG", "versions": [MORNINGS | {"holidays": None}]}
    assert is_open(good_friday, Schedule.from_data(anew))


def test_an_explanation_names_the_days_of_each_version():
    start = at("2026-12-31T16:00+00:00")
    found = explain(start, due("within:360", start, CHANGING).at, CHANGING)
    assert found.open_time == timedelta(hours=6)
    days = [(day.day.isoformat(), day.reason) for day in found.pauses[0].days]
    assert days == [
        ("2027-01-01", "holiday"),
        ("2027-01-02", "weekend"),
        ("2027-01-03", "weekend"),
    ]
    assert [each.start.hour for each in found.counted] == [16, 8, 8]


def test_versions_are_written_down_as_what_changes():
    data = LONDON | {
        "closed": ["2026-12-24"],
        "versions": [MORNINGS | {"closed": []}, {"from": "2027-06-01", "breaks": {}}],
    }
    schedule = Schedule.from_data(data)
    assert schedule.to_data()["versions"] == [MORNINGS | {"closed": []}]
    assert Schedule.from_data(schedule.to_data()) == schedule


def test_since_a_day_only_what_holds_from_then_on_is_left():
    data = LONDON | {"versions": [MORNINGS, {"from": "2027-03-01", "hours": LONDON["hours"]}]}
    schedule = Schedule.from_data(data)
    assert schedule.since(date(2027, 1, 3)) == schedule
    after = schedule.since(date(2027, 1, 4))
    assert after.to_data()["hours"] == MORNINGS["hours"]
    assert [day for day, _ in after.later] == [date(2027, 3, 1)]
    assert schedule.since(date(2027, 3, 1)) == Schedule.from_data(LONDON)


def test_a_business_may_close_for_a_season_and_open_again():
    data = LONDON | {
        "versions": [
            {"from": "2027-01-04", "hours": {}},
            {"from": "2047-02-01", "hours": LONDON["hours"]},
        ]
    }
    schedule = Schedule.from_data(data)
    friday = at("2027-01-01T16:00+00:00")
    assert due("within:120", friday, schedule).at == at("2047-02-01T10:00+00:00")
    assert Index(schedule).backward(0, 1) < 0
    assert between(at("2027-01-04T00:00Z"), at("2047-02-01T00:00Z"), schedule) == timedelta()


def test_a_business_may_open_for_the_first_time_on_a_date():
    schedule = Schedule.from_data({"zone": "UTC", "versions": [MORNINGS]})
    assert due("within:60", at("2026-06-10T10:00Z"), schedule).at == at("2027-01-04T09:00Z")
    with pytest.raises(ScheduleError, match="has no more opening hours"):
        Index(schedule).backward(0, 1)


@pytest.mark.parametrize(
    ("versions", "sentence"),
    [
        ({"from": "2027-01-04"}, "is a list of objects"),
        ("2027-01-04", "is a list of objects"),
        ([7], "is a list of objects"),
        ([{"hours": {}}], "“None” is no date"),
        ([MORNINGS, MORNINGS], "Two versions begin on 2027-01-04"),
        ([MORNINGS | {"zone": "UTC"}], "A version keeps the time zone"),
        ([MORNINGS | {"versions": []}], "A version has no field “versions”"),
        ([{"from": "2027-01-04", "hours": {"mon": [["9", "17:00"]]}}], "“9” is no time"),
    ],
)
def test_a_version_that_cannot_be_is_refused_in_a_sentence(versions, sentence):
    with pytest.raises(ScheduleError, match=sentence) as caught:
        Schedule.from_data(LONDON | {"versions": versions})
    assert caught.value.sentence % caught.value.facts == str(caught.value)


def test_a_night_must_end_before_the_first_day_of_other_hours():
    nights = {"zone": "UTC", "hours": {"mon-sun": [["22:00", "06:00"]]}}
    early = {"from": "2027-01-04", "hours": {"mon-fri": [["05:00", "09:00"]]}}
    with pytest.raises(ScheduleError, match="2027-01-04 two intervals overlap"):
        Schedule.from_data(nights | {"versions": [early]})
