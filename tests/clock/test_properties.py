"""What must hold on every schedule, in every zone, across every change of clocks."""

from datetime import UTC, datetime, timedelta
from itertools import accumulate, pairwise
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from goodword.clock import Schedule, between, due, explain, is_open, shift
from tests.clock.schedules import at
from tests.clock.strategies import (
    ZONES,
    changes,
    instants,
    near_a_change_of_clocks,
    schedules,
    small_hours_at_a_change_of_clocks,
    zones,
)

MINUTE = timedelta(minutes=1)
relaxed = settings(max_examples=120, suppress_health_check=list(HealthCheck), deadline=None)
FORMS = [
    "acknowledge",
    "acknowledge:20:15:30",
    "acknowledge:240:60:90",
    "within:0",
    "within:1",
    "within:95",
    "within:4800",
    "by_close_today",
    "first_thing:60",
    "end_of_nth_business_day:1",
    "end_of_nth_business_day:4",
    "calendar_days:1",
    "calendar_days:10",
    "on_event:parts_arrive/within:600",
    "by:2026-06-10T16:30-04:00",
]


@st.composite
def places(draw):
    """A schedule, and an instant that is often near a change of its clocks."""
    zone = draw(zones)
    schedule = draw(schedules(zone=st.just(zone)))
    return schedule, draw(st.one_of(instants, near_a_change_of_clocks(zone)))


def open_minutes_by_walking(schedule: Schedule, start: datetime, minutes: int) -> list[bool]:
    """A second calculator: look at the clock on the wall every minute, never seeing it go back."""
    zone, begun = ZoneInfo(schedule.zone), start - timedelta(days=1)
    moments = (begun + number * MINUTE for number in range(minutes + 1440))
    walls = (moment.astimezone(zone).replace(tzinfo=None) for moment in moments)
    return [open_by_the_wall(schedule, wall) for wall in accumulate(walls, max)][1440:]


def open_by_the_wall(schedule: Schedule, wall: datetime) -> bool:
    second = wall.hour * 3600 + wall.minute * 60 + wall.second
    today, eve = wall.date(), wall.date() - timedelta(days=1)
    return any(a <= second < b for a, b in schedule.hours_on(today)) or any(
        a <= second + 86_400 < b for a, b in schedule.hours_on(eve)
    )


@relaxed
@given(places(), st.integers(1, 20_000))
def test_the_open_time_until_a_due_time_is_what_was_promised(place, minutes):
    schedule, start = place
    found = due(f"within:{minutes}", start, schedule).at
    assert between(start, found, schedule) == minutes * MINUTE


@relaxed
@given(places(), st.timedeltas(timedelta(microseconds=1), timedelta(days=30)))
def test_going_back_undoes_going_forward(place, amount):
    schedule, start = place
    there = shift(start, amount, schedule)
    back = shift(there, -amount, schedule)
    assert between(start, there, schedule) == amount == between(back, there, schedule)
    assert between(start, back, schedule) == timedelta()
    assert is_open(back, schedule)


@relaxed
@given(places(), st.integers(1, 5_000))
def test_a_due_time_lies_in_open_time_or_on_a_closing(place, minutes):
    schedule, start = place
    found = due(f"within:{minutes}", start, schedule).at
    assert is_open(found - timedelta(microseconds=1), schedule)


@relaxed
@given(places(), st.timedeltas(timedelta(), timedelta(days=3)), st.sampled_from(FORMS))
def test_who_writes_earlier_is_never_answered_later(place, later, form):
    schedule, start = place
    assert due(form, start, schedule).at <= due(form, start + later, schedule).at


@relaxed
@given(places(), st.sampled_from([form for form in FORMS if not form.startswith("by:")]))
def test_nothing_is_due_before_it_is_promised(place, form):
    schedule, start = place
    found = due(form, start, schedule)
    assert start <= (found.opens or found.at) <= found.at


@settings(relaxed, max_examples=80)
@given(st.one_of(places(), small_hours_at_a_change_of_clocks()))
def test_the_doors_are_open_when_the_wall_clock_says_so(place):
    schedule, start = place
    start = start.replace(second=0, microsecond=0)
    walked = open_minutes_by_walking(schedule, start, 3000)
    assert [is_open(start + n * MINUTE, schedule) for n in range(3000)] == walked
    assert between(start, start + 3000 * MINUTE, schedule) == sum(walked) * MINUTE


@relaxed
@given(places(), st.timedeltas(timedelta(), timedelta(days=20)))
def test_an_explanation_leaves_no_gap_and_adds_up(place, length):
    schedule, start = place
    found = explain(start, start + length, schedule)
    assert found.open_time == between(start, start + length, schedule)
    pieces = sorted([*found.counted, *found.pauses], key=lambda piece: piece.start)
    edges = [start, *(piece.end for piece in pieces)]
    assert [piece.start for piece in pieces] == edges[:-1]
    assert edges[-1] == start + length
    assert all(piece.start < piece.end for piece in pieces)
    assert not any(a in found.counted and b in found.counted for a, b in pairwise(pieces)), (
        "Two stretches that touch are one."
    )


@relaxed
@given(schedules())
def test_a_schedule_survives_being_written_down(schedule):
    assert Schedule.from_data(schedule.to_data()) == schedule


def test_in_every_zone_at_every_change_of_its_clocks_in_a_year():
    """Small hours, a night, a break, a holiday and a version, wherever clocks are changed."""
    for number, zone in enumerate(ZONES):
        year = 1999 + number % 42
        data = {
            "zone": zone,
            "hours": {"mon-sun": [["00:30", "02:15"], ["02:45", "12:00"], ["13:00", "22:00"]]},
            "holidays": "GB",
            "breaks": {f"{year}-04-01": [["01:00", "04:00"]]},
            "versions": [{"from": f"{year}-07-01", "hours": {"mon-sun": [["23:00", "02:30"]]}}],
        }
        schedule = Schedule.from_data(data)
        for change in changes(zone, year)[:2] or [datetime(year, 6, 30, 12, tzinfo=UTC)]:
            starts = [change + n * 155 * MINUTE for n in range(-2, 14)]
            ends = [due("within:95", start, schedule).at for start in starts]
            assert ends == sorted(ends), zone
            found = [between(a, b, schedule) for a, b in zip(starts, ends, strict=True)]
            assert found == [95 * MINUTE] * len(starts), zone


def test_around_the_clock_counts_every_second_in_every_zone():
    for number, zone in enumerate(ZONES):
        schedule = Schedule.from_data({"zone": zone, "hours": {"mon-sun": [["00:00", "24:00"]]}})
        year = 2000 + number % 41
        start, end = datetime(year, 1, 5, tzinfo=UTC), datetime(year, 12, 25, 1, 2, 3, tzinfo=UTC)
        assert between(start, end, schedule) == end - start, zone


def test_apia_had_no_thirtieth_of_december_in_2011():
    apia = Schedule.from_data({"zone": "Pacific/Apia", "hours": {"mon-fri": [["09:00", "17:00"]]}})
    thursday = at("2011-12-29T16:00-10:00")
    assert due("within:120", thursday, apia).at == at("2012-01-02T10:00+14:00")
    assert due("end_of_nth_business_day:1", thursday, apia).at == at("2012-01-02T17:00+14:00")
