"""Closed days out of iCalendar files."""

import os
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from goodword.clock import (
    CalendarDay,
    CalendarError,
    Schedule,
    closed_on,
    is_open,
    next_opening,
    read_calendar,
)
from tests.clock.schedules import at

FOLDER = Path(os.environ.get("GOODWORD_TESTDATA") or Path(__file__).parents[2] / "../shared/data")
CORPUS = sorted((FOLDER / "icalendar-py").rglob("*.ics"))
BERLIN = ZoneInfo("Europe/Berlin")
FIRST, LAST = date(2026, 11, 1), date(2028, 12, 31)


def calendar(*events, head=""):
    body = "".join(f"BEGIN:VEVENT\nUID:{n}\n{each}\nEND:VEVENT\n" for n, each in enumerate(events))
    return f"BEGIN:VCALENDAR\nVERSION:2.0\n{head}{body}END:VCALENDAR\n".replace(
        "\n", "\r\n"
    ).encode()


def read(*events, zone=BERLIN, head=""):
    return read_calendar(calendar(*events, head=head), zone, FIRST, LAST)


def days(*events, **more):
    return [each.day.isoformat() for each in read(*events, **more).days]


def test_a_whole_day_ends_before_its_end():
    event = "DTSTART;VALUE=DATE:20261224\nDTEND;VALUE=DATE:20261227\nSUMMARY:Weihnachten"
    found = read(event).days
    assert [(each.day.day, each.name, each.hours) for each in found] == [
        (24, "Weihnachten", ()), (25, "Weihnachten", ()), (26, "Weihnachten", ())]  # fmt: skip
    assert days("DTSTART;VALUE=DATE:20261224") == ["2026-12-24"]
    assert days("DTSTART;VALUE=DATE:20261224\nDTEND;VALUE=DATE:20261224") == ["2026-12-24"]
    assert days("DTSTART;VALUE=DATE:20261224\nDURATION:P2D") == ["2026-12-24", "2026-12-25"]


def test_a_day_that_comes_every_year_comes_in_each_year_that_is_asked_for():
    event = "DTSTART;VALUE=DATE:19900101\nRRULE:FREQ=YEARLY\nSUMMARY:Neujahr"
    assert days(event) == ["2027-01-01", "2028-01-01"]
    assert days(f"{event}\nEXDATE;VALUE=DATE:20270101") == ["2028-01-01"]
    assert days(event.replace("YEARLY", "YEARLY;UNTIL=20270101")) == ["2027-01-01"]
    assert days(event.replace("YEARLY", "YEARLY;COUNT=38")) == ["2027-01-01"]
    assert days("DTSTART;VALUE=DATE:19960229\nRRULE:FREQ=YEARLY") == ["2028-02-29"]
    january = "DTSTART;VALUE=DATE:19901122\nRRULE:FREQ=YEARLY;BYMONTH=11,12;BYMONTHDAY=1"
    assert days(january)[:2] == ["2026-11-01", "2026-12-01"]
    thanksgiving = "DTSTART;VALUE=DATE:19901122\nRRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=4TH"
    assert days(thanksgiving) == ["2026-11-26", "2027-11-25", "2028-11-23"]
    fridays = "DTSTART;VALUE=DATE:20261127\nRRULE:FREQ=MONTHLY;BYDAY=-1FR;COUNT=3"
    assert days(fridays) == ["2026-11-27", "2026-12-25", "2027-01-29"]
    more = "DTSTART;VALUE=DATE:20261127\nRDATE;VALUE=DATE:20261130,20261201"
    assert days(more) == ["2026-11-27", "2026-11-30", "2026-12-01"]


def test_what_was_cancelled_or_moved_does_not_close_us():
    event = "DTSTART;VALUE=DATE:20261204\nRRULE:FREQ=WEEKLY;COUNT=3"
    moved = "UID:0\nRECURRENCE-ID;VALUE=DATE:20261211\nDTSTART;VALUE=DATE:20261214"
    two = calendar(event, moved).replace(b"UID:1\r\n", b"")
    found = [each.day.day for each in read_calendar(two, BERLIN, FIRST, LAST).days]
    assert found == [4, 14, 18]
    cancelled = two.replace(b"DTSTART;VALUE=DATE:20261214", b"DTSTART:20261211\r\nSTATUS:CANCELLED")
    assert [each.day.day for each in read_calendar(cancelled, BERLIN, FIRST, LAST).days] == [4, 18]
    assert days(f"{event}\nSTATUS:CANCELLED") == []
    assert days(event, head="METHOD:CANCEL\n") == []


def test_hours_are_those_of_the_wall_of_the_business():
    (party,) = read("DTSTART:20261218T130000Z\nDTEND:20261218T160000Z\nSUMMARY:Party").days
    assert party == CalendarDay(date(2026, 12, 18), "Party", ((14 * 3600, 17 * 3600),))
    new_york = "DTSTART;TZID=America/New_York:20261218T200000\nDURATION:PT3H"
    assert [each.hours for each in read(new_york).days] == [((2 * 3600, 5 * 3600),)]
    floating = "DTSTART:20261218T220000\nDTEND:20261219T020000"
    assert [(each.day.day, each.hours) for each in read(floating).days] == [
        (18, ((79_200, 86_400),)), (19, ((0, 7_200),))]  # fmt: skip


def test_a_repeated_hour_stays_on_its_wall_across_a_change_of_clocks():
    event = "DTSTART;TZID=Europe/Berlin:20270326T140000\nDURATION:PT1H\nRRULE:FREQ=WEEKLY;COUNT=2"
    assert {each.hours for each in read(event).days} == {((50_400, 54_000),)}
    until = event.replace("COUNT=2", "UNTIL=20270402T120000Z")
    assert days(until) == ["2027-03-26", "2027-04-02"]


def test_free_time_counts_for_whole_days_only():
    assert days("DTSTART;VALUE=DATE:20261224\nTRANSP:TRANSPARENT") == ["2026-12-24"]
    assert days("DTSTART:20261224T100000\nDURATION:PT1H\nTRANSP:TRANSPARENT") == []
    assert days("DTSTART:20261224T000000\nDTEND:20261225T000000") == ["2026-12-24"]
    assert read("DTSTART:20261224T000000\nDTEND:20261225T000000").days[0].hours == ()


def test_one_event_that_makes_no_sense_is_counted_and_the_others_are_read():
    good = "DTSTART;VALUE=DATE:20261224"
    bad = ["SUMMARY:no start", "DTSTART:soon", f"{good}\nRRULE:FREQ=NEVER",
           f"{good}\nRRULE:FREQ=DAILY;BYHOUR=1,2", f"{good}\nDURATION:P99999999D"]  # fmt: skip
    found = read(good, *bad)
    assert ([each.day.day for each in found.days], found.unread) == ([24], len(bad))


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "is no calendar"),
        (b"\x89PNG\r\n\x1a\n\0\0", "is no calendar"),
        (b"<html>Sign in</html>", "is no calendar"),
        (b"BEGIN:VCARD\r\nFN:Ellen\r\nEND:VCARD\r\n", "is no calendar"),
        (b"BEGIN:X\r\n" * 5_000, "is no calendar"),
        (b"X" * 2_000_001, "at most 2 MB"),
        (calendar("DTSTART:20260101T000000\nRRULE:FREQ=SECON\n DLY"), "every hour"),
        (calendar(*["DTSTART;VALUE=DATE:00010101\nRRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30"] * 9),
         "repeat too often"),
    ],
)  # fmt: skip
def test_what_is_no_calendar_is_refused_in_a_sentence(data, sentence):
    with pytest.raises(CalendarError, match=sentence) as caught:
        read_calendar(data, BERLIN, FIRST, LAST)
    assert caught.value.sentence % caught.value.facts == str(caught.value)


def test_the_days_stand_in_the_shape_of_a_schedule_and_what_was_said_stays():
    content = {
        "zone": "Europe/Berlin",
        "hours": {"mon-fri": [["09:00", "17:00"]]},
        "closed": [{"date": "2026-12-24", "name": "Our own name"}],
        "breaks": {"2026-12-18": [["13:00", "15:00"]]},
        "versions": [{"from": "2027-01-04", "hours": {"mon": [["09:00", "12:00"]]}},
                     {"from": "2028-01-03", "closed": []}],
    }  # fmt: skip
    found = read(
        "DTSTART;VALUE=DATE:20261224\nDTEND;VALUE=DATE:20261226\nSUMMARY:Christmas",
        "DTSTART;VALUE=DATE:20280110\nSUMMARY:Moving",
        "DTSTART;TZID=Europe/Berlin:20261218T140000\nDURATION:PT2H\nSUMMARY:Party",
    )
    after = closed_on(content, found.days)
    schedule = Schedule.from_data(after)
    assert schedule.closed_because(date(2026, 12, 24)) == ("holiday", "Our own name")
    assert schedule.closed_because(date(2026, 12, 25)) == ("holiday", "Christmas")
    assert after["breaks"] == {"2026-12-18": [["13:00", "16:00"]]}
    assert not is_open(at("2028-01-10T10:00+01:00"), schedule)
    assert next_opening(at("2026-12-23T17:00+01:00"), schedule) == at("2026-12-28T09:00+01:00")
    assert closed_on(after, found.days) == after


@pytest.mark.testdata
@pytest.mark.skipif(not CORPUS, reason="The iCalendar files (GOODWORD_TESTDATA) are not here.")
@pytest.mark.parametrize("path", CORPUS, ids=lambda path: path.name)
def test_every_file_of_other_programs_is_read_or_refused_in_a_sentence(path):
    try:
        found = read_calendar(path.read_bytes(), BERLIN, date(1990, 1, 1), date(2030, 12, 31))
    except CalendarError as error:
        assert str(error).endswith(".")
    else:
        assert all(date(1990, 1, 1) <= each.day <= date(2030, 12, 31) for each in found.days)
        assert list(found.days) == sorted(found.days)
