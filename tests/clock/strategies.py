"""Schedules, zones and instants to try, for hypothesis."""

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

from hypothesis import strategies as st

from goodword.clock import Schedule, ScheduleError
from goodword.clock.notation import WEEKDAYS

ZONES = sorted(available_timezones() - {"localtime", "posixrules", "Factory"})
zones = st.sampled_from(ZONES)
# Seconds and microseconds on purpose: they are kept, not cut.
FIRST, LAST = datetime(2000, 1, 3), datetime(2040, 12, 28)  # noqa: DTZ001 (hypothesis adds UTC)
instants = st.datetimes(FIRST, LAST, timezones=st.just(UTC))
dates = st.dates(date(2000, 1, 3), date(2040, 12, 28))
quarters = st.integers(0, 96)
# Where clocks are changed, so that openings and closings fall into the jump.
small_hours = st.integers(0, 16)


@lru_cache(maxsize=2048)
def changes(zone: str, year: int) -> list[datetime]:
    """The hours of a year in UTC after which the zone's clocks stand differently."""
    info, start = ZoneInfo(zone), datetime(year, 1, 1, tzinfo=UTC)
    days = [start + timedelta(days=number) for number in range(367)]
    return [
        day
        for day in days
        if day.astimezone(info).utcoffset()
        != (day + timedelta(days=1)).astimezone(info).utcoffset()
    ]


@st.composite
def days_hours(draw, edge=quarters):
    """Up to three intervals on the quarter hours of one day, in order, as text."""
    edges = sorted(draw(st.lists(edge, unique=True, max_size=6)))
    pairs = zip(edges[::2], edges[1::2], strict=False)
    return [[f"{a // 4:02}:{a % 4 * 15:02}", f"{b // 4:02}:{b % 4 * 15:02}"] for a, b in pairs]


@st.composite
def nights(draw):
    """One night that runs past midnight and ends before the next begins."""
    end, start = sorted(draw(st.lists(st.integers(1, 95), min_size=2, max_size=2, unique=True)))
    return [[f"{start // 4:02}:{start % 4 * 15:02}", f"{end // 4:02}:{end % 4 * 15:02}"]]


@st.composite
def weeks(draw):
    if draw(st.integers(0, 3)) == 0:
        night = draw(nights())
        open_days = draw(st.sets(st.sampled_from(WEEKDAYS), min_size=1))
        return {day: night for day in WEEKDAYS if day in open_days}
    week = {day: draw(days_hours()) for day in WEEKDAYS}
    if not any(week.values()):
        week["wed"] = [["09:00", "17:00"]]
    return week


REGIONS = [None, None, "GB-SCT", "US", "DE-BY", "JP", "AE"]


@st.composite
def dated(draw):
    days = draw(st.lists(dates, max_size=3, unique=True))
    return {day.isoformat(): draw(days_hours()) for day in days}


@st.composite
def versions(draw):
    """Up to two later weeks, each with its own holidays or as before."""
    days = draw(st.lists(dates, max_size=2, unique=True))
    found = []
    for day in days:
        changed = {"from": day.isoformat(), "hours": draw(weeks())}
        if draw(st.booleans()):
            changed["holidays"] = draw(st.sampled_from(REGIONS))
        found.append(changed)
    return found


@st.composite
def schedules(draw, zone=zones):
    data = {
        "zone": draw(zone),
        "hours": draw(weeks()),
        "closed": [day.isoformat() for day in draw(st.lists(dates, max_size=4, unique=True))],
        "holidays": draw(st.sampled_from(REGIONS)),
        "special": draw(dated()),
        "breaks": draw(dated()),
        "versions": draw(versions()),
    }
    try:
        return Schedule.from_data(data)
    except ScheduleError:
        # A night ran into a special opening or into the first day of a version.
        return Schedule.from_data(data | {"special": {}, "versions": []})


@st.composite
def near_a_change_of_clocks(draw, zone):
    """An instant within two days of a change of clocks in this zone, or any if it has none."""
    at = draw(instants)
    known = changes(zone, at.year)
    if not known:
        return at
    minutes = draw(st.integers(-2 * 1440, 2 * 1440))
    return draw(st.sampled_from(known)) + timedelta(minutes=minutes)


@st.composite
def small_hours_at_a_change_of_clocks(draw):
    """A schedule open in the small hours, and the day before its clocks change."""
    zone = draw(zones.filter(lambda zone: changes(zone, 2005)))
    hours = draw(days_hours(edge=small_hours).filter(bool))
    years = [year for year in range(2000, 2041, 5) if changes(zone, year)]
    schedule = Schedule.from_data({"zone": zone, "hours": {"mon-sun": hours}})
    change = draw(st.sampled_from(changes(zone, draw(st.sampled_from(years)))))
    return schedule, change - timedelta(hours=12)
