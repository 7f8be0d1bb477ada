"""Opening hours as people write them, and what is said when they cannot be."""

import copy
import pickle
from datetime import date

import pytest

from goodword.clock import Schedule, ScheduleError, is_open
from tests.clock.schedules import LONDON, NIGHTS, NINE_TO_FIVE, at

LONDON_DATA = {"zone": "Europe/London", "hours": {"mon-fri": NINE_TO_FIVE}}


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"zone": "Europe/Londn"}, "“Europe/Londn” is no time zone"),
        ({"zone": "../../etc/passwd"}, "is no time zone"),
        ({"zone": "Europe"}, "is no time zone"),
        ({"zone": None}, "needs a time zone"),
        ({"hours": {}}, "never opens"),
        ({"hours": {"mon": []}}, "never opens"),
        ({"hours": []}, "never opens"),
        ({"hours": "always"}, "written by weekday"),
        ({"hours": {"mon": [["09:00", "12:00"], ["11:30", "17:00"]]}}, "mon two intervals overlap"),
        ({"hours": {"mon": [["22:00", "06:00"]], "tue": [["05:00", "09:00"]]}}, "tue two interval"),
        ({"hours": {"sun": [["22:00", "06:00"]], "mon": [["05:00", "09:00"]]}}, "mon two interval"),
        ({"hours": {"mon": [["09:00", "09:00"]]}}, "closing must come after opening"),
        ({"hours": {"mon": [["26:00", "25:00"]]}}, "closing must come after opening"),
        ({"hours": {"mon": [["9am", "17:00"]]}}, "“9am” is no time"),
        ({"hours": {"mon": [["09:60", "17:00"]]}}, "“09:60” is no time"),
        ({"hours": {"mon": [["09:00", "49:00"]]}}, "“49:00” is no time"),
        ({"hours": {"mon": [[9, 17]]}}, "“9” is no time"),
        ({"hours": {"mon": [["09:00"]]}}, "write each interval"),
        ({"hours": {"mon": "09:00-17:00"}}, "write each interval"),
        ({"hours": {"monday": NINE_TO_FIVE}}, "“monday” is no weekday"),
        ({"hours": {"mon-fri": NINE_TO_FIVE, "wed": NINE_TO_FIVE}}, "wed is given hours twice"),
        ({"closed": ["2026-02-30"]}, "“2026-02-30” is no date"),
        ({"closed": [25]}, "“25” is no date"),
        ({"closed": "2026-12-25"}, "list of dates"),
        ({"special": ["2026-12-24"]}, "“special” gives each date its intervals"),
        ({"special": {"2026-12-24": [["12:00", "09:00"], ["08:00", "13:00"]]}}, "overlap"),
        ({"special": {"2026-06-13": [["20:00", "04:00"]], "2026-06-14": [["03:00", "05:00"]]}},
         "2026-06-14 two intervals overlap"),
        ({"holidays": "GB-XYZ"}, "No holidays are known for “GB-XYZ”"),
        ({"holidays": "Narnia"}, "No holidays are known for “Narnia”"),
        ({"holidays": 7}, "Holidays are named by a country"),
        ({"open": []}, "has no field “open”"),
    ],
)  # fmt: skip
def test_hours_that_cannot_be_are_refused_in_a_sentence(wrong, sentence):
    with pytest.raises(ScheduleError, match=sentence) as caught:
        Schedule.from_data(LONDON_DATA | wrong)
    assert str(caught.value).endswith(".")
    assert caught.value.sentence % caught.value.facts == str(caught.value)


def test_something_that_is_no_object_is_refused():
    with pytest.raises(ScheduleError, match="an object with a zone and hours"):
        Schedule.from_data([])


def test_only_special_openings_are_hours_enough():
    schedule = Schedule.from_data({"zone": "UTC", "special": {"2026-06-13": [["10:00", "12:00"]]}})
    assert is_open(at("2026-06-13T11:00+00:00"), schedule)


def test_weekdays_may_be_named_singly_in_ranges_and_in_lists():
    hours = {"sat-mon": [["10:00", "12:00"]], "tue, thu": NINE_TO_FIVE, "Fri": NINE_TO_FIVE}
    schedule = Schedule.from_data({"zone": "UTC", "hours": hours})
    assert [bool(day) for day in schedule.rules.hours] == [1, 1, 0, 1, 1, 1, 1]
    assert schedule.to_data()["hours"] == {
        "mon": [["10:00", "12:00"]],
        "tue": NINE_TO_FIVE,
        "thu-fri": NINE_TO_FIVE,
        "sat-sun": [["10:00", "12:00"]],
    }


def test_everything_that_a_schedule_says_is_written_down_again():
    data = {
        "zone": "Europe/Berlin",
        "hours": {
            "mon-thu": [["09:00", "12:30"], ["13:30:30", "17:00"]],
            "fri": [["22:00", "06:00"]],
        },
        "closed": ["2026-05-15", {"date": "2026-12-24", "name": "Heiligabend"}],
        "special": {"2026-12-31": [["09:00", "24:00"]], "2027-01-08": []},
        "breaks": {"2026-06-10": [["15:00", "16:00"]]},
        "holidays": "DE-BE",
    }
    assert Schedule.from_data(data).to_data() == data


def test_a_day_of_twenty_four_hours_is_not_mistaken_for_none():
    data = {"zone": "UTC", "hours": {"mon": [["09:00", "33:00"]]}}
    assert Schedule.from_data(data).to_data() == data
    assert is_open(at("2026-06-09T08:59+00:00"), Schedule.from_data(data))


def test_public_holidays_close_their_region_only():
    boxing_day, st_andrew = at("2025-12-26T11:00+00:00"), at("2026-11-30T11:00+00:00")
    england = Schedule.from_data(LONDON_DATA | {"holidays": "GB-ENG"})
    scotland = Schedule.from_data(LONDON_DATA | {"holidays": "GB-SCT"})
    assert not is_open(boxing_day, england)
    assert is_open(st_andrew, england)
    assert not is_open(st_andrew, scotland)


def test_a_special_opening_beats_a_public_holiday_and_a_closed_date_beats_both():
    special = {"2026-12-25": [["10:00", "12:00"]]}
    data = LONDON_DATA | {"holidays": "GB-ENG", "special": special}
    christmas = at("2026-12-25T11:00+00:00")
    assert is_open(christmas, Schedule.from_data(data))
    assert not is_open(christmas, Schedule.from_data(data | {"closed": ["2026-12-25"]}))


def test_special_hours_replace_those_of_the_week_and_breaks_cut_them():
    special, breaks = {"2026-06-10": [["08:00", "13:00"]]}, {"2026-06-10": [["09:00", "10:00"]]}
    schedule = Schedule.from_data(LONDON_DATA | {"special": special, "breaks": breaks})
    assert schedule.hours_on(date(2026, 6, 10)) == ((28800, 32400), (36000, 46800))


def test_a_night_before_a_closed_date_is_still_worked():
    schedule = Schedule.from_data(NIGHTS.to_data() | {"closed": ["2026-06-10"]})
    assert is_open(at("2026-06-10T05:00+00:00"), schedule)
    assert not is_open(at("2026-06-10T23:00+00:00"), schedule)


def test_equal_schedules_share_one_index_and_copies_stay_equal():
    one, other = (Schedule.from_data(LONDON_DATA) for _ in range(2))
    assert one.compiled() is other.compiled()
    assert copy.deepcopy(LONDON) == LONDON == pickle.loads(pickle.dumps(LONDON))
