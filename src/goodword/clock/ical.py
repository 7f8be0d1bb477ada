"""Closed days out of an iCalendar file (RFC 5545), as offices and countries publish them.

An event of whole days closes these days, one with hours closes these hours. What was cancelled
is left out, and an event with hours that keeps nobody busy (TRANSP:TRANSPARENT); whole days count
even so, since calendars of holidays are published as free time.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Any, NoReturn
from zoneinfo import ZoneInfo

from goodword.clock.errors import ClockError, gettext_noop
from goodword.clock.notation import Hours, hours_text, read_dated

LARGEST = 2_000_000
LONGEST_NAME = 120
# Days that repeating events may look at before somebody is asked for a smaller file.
MOST_STEPS = 1_000_000
LONGEST = timedelta(days=400)
WHOLE_DAY = (0, 86_400)
# RFC 5545, 3.3.10: what repeats more often than daily is no day off.
_TOO_OFTEN = re.compile(rb"FREQ=(?:SECONDLY|MINUTELY|HOURLY)", re.IGNORECASE)
_FOLD = re.compile(rb"\r?\n[ \t]")
_FREQUENCIES = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")
_BY_HOUR = ("BYHOUR", "BYMINUTE", "BYSECOND")

NO_CALENDAR = gettext_noop(
    "This is no calendar that can be read; an iCalendar file (.ics) begins with BEGIN:VCALENDAR."
)


class CalendarError(ClockError):
    """The file is no calendar, or more of one than can be read."""


@dataclass(frozen=True, order=True)
class CalendarDay:
    """One date on which an event closes us: all day, or at these hours of it."""

    day: date
    name: str
    hours: Hours = ()

    @classmethod
    def from_data(cls, data: Any) -> "CalendarDay":
        """Read what as_data wrote; ScheduleError for anything else."""
        said = data if isinstance(data, Mapping) else {}
        ((day, hours),) = read_dated({said.get("date"): said.get("hours", [])})
        return cls(day, str(said.get("name", ""))[:LONGEST_NAME], hours)

    def as_data(self) -> dict[str, Any]:
        hours = hours_text(self.hours)
        return {"date": self.day.isoformat(), "name": self.name, "hours": hours}


@dataclass(frozen=True)
class CalendarDays:
    """What a file says of some years, by date, and how many of its events could not be read."""

    days: tuple[CalendarDay, ...]
    unread: int


def read_calendar(data: bytes, zone: ZoneInfo, first: date, last: date) -> CalendarDays:
    """The days from first to last that the events of an iCalendar file close.

    Hours without a zone, and whole days, are of `zone`. CalendarError, in a sentence, for what is
    no calendar or cannot be read in reasonable time.
    """
    events = _events(data)
    moved = {(_text(e, "UID"), _recurrence(e, zone)) for e in events if "RECURRENCE-ID" in e}
    budget = _Budget(MOST_STEPS)
    days: set[CalendarDay] = set()
    unread = 0
    for event in events:
        try:
            days.update(_Event(event, zone, budget).days(first, last, moved))
        except CalendarError:
            raise
        except (_Unreadable, OverflowError, ValueError):
            unread += 1
    return CalendarDays(tuple(_joined(days)), unread)


def closed_on(content: Mapping[str, Any], days: Iterable[CalendarDay]) -> dict[str, Any]:
    """The JSON shape of a schedule with these days closed, in every version; what it says stays."""
    days = list(days)
    versions = [_with_days(each, days, anew=False) for each in content.get("versions") or ()]
    return _with_days(content, days, anew=True) | ({"versions": versions} if versions else {})


def _with_days(said: Mapping[str, Any], days: list[CalendarDay], *, anew: bool) -> dict[str, Any]:
    """A version that says nothing of closed days has those of the version before."""
    content = dict(said)
    if anew or "closed" in said:
        there = list(said.get("closed") or ())
        dates = {each["date"] if isinstance(each, Mapping) else each for each in there}
        new = {each.day.isoformat(): each.name for each in reversed(days) if not each.hours}
        rows = [{"date": day, "name": name} for day, name in sorted(new.items())]
        content["closed"] = there + [row for row in rows if row["date"] not in dates]
    if anew or "breaks" in said:
        content["breaks"] = dict(said.get("breaks") or {})
        for each in days:
            _add_break(content["breaks"], each)
    return content


def _add_break(breaks: dict[str, Any], closed: CalendarDay) -> None:
    if closed.hours:
        day = closed.day.isoformat()
        there = [] if day not in breaks else dict(read_dated({day: breaks[day]}))[closed.day]
        breaks[day] = hours_text(_apart([*there, *closed.hours]))


def _events(data: bytes) -> list[Any]:
    # It takes a moment to import, and most schedules come without a file.
    from icalendar import Calendar

    if len(data) > LARGEST:
        _refuse(
            gettext_noop("A calendar file has at most %(most)s MB; export fewer years of it."),
            most=LARGEST // 1_000_000,
        )
    if _TOO_OFTEN.search(_FOLD.sub(b"", data)):
        _refuse(gettext_noop("Something in this calendar repeats every hour; closed days do not."))
    try:
        calendars = list(Calendar.from_ical(data, multiple=True))
        events = [
            event
            for calendar in calendars
            if _text(calendar, "METHOD").upper() != "CANCEL"
            for event in calendar.walk("VEVENT")
        ]
    except Exception as error:
        # The parser stumbles over what strangers write in more ways than it has names for.
        raise CalendarError(NO_CALENDAR) from error
    if not calendars or any(each.name != "VCALENDAR" for each in calendars):
        _refuse(NO_CALENDAR)
    return events


class _Unreadable(Exception):
    """This event alone makes no sense."""


class _Budget:
    """Counts the days that rules look at; some rules never match, and would look for ever."""

    def __init__(self, left: int) -> None:
        self.left = left

    def months(self, of_rule: Iterable[int] | None) -> "_Months":
        return _Months(self, of_rule or range(1, 13))


class _Months(tuple[int, ...]):
    """The months of a rule, which are asked for each day that it looks at."""

    def __new__(cls, budget: _Budget, months: Iterable[int]) -> "_Months":
        return super().__new__(cls, tuple(months))

    def __init__(self, budget: _Budget, months: Iterable[int]) -> None:
        self._budget = budget

    def __contains__(self, month: object) -> bool:
        self._budget.left -= 1
        if self._budget.left < 0:
            _refuse(gettext_noop("The events of this calendar repeat too often; export fewer."))
        return super().__contains__(month)


class _Event:
    def __init__(self, event: Any, zone: ZoneInfo, budget: _Budget) -> None:
        self.event, self.zone, self.budget = event, zone, budget
        start = _moment(event, "DTSTART")
        self.is_whole = not isinstance(start, datetime)
        self.own_zone = (start.tzinfo if isinstance(start, datetime) else None) or zone
        self.start = _wall(start, self.own_zone)
        self.length = self._length()

    def _length(self) -> timedelta:
        if "DTEND" in self.event:
            length = _wall(_moment(self.event, "DTEND"), self.own_zone) - self.start
        elif "DURATION" in self.event:
            length = _value(self.event, "DURATION")
        else:
            length = timedelta()
        if not isinstance(length, timedelta) or length > LONGEST:
            raise _Unreadable
        # Some programs end a whole day where it begins; RFC 5545, 3.6.1 means one day.
        return max(length, timedelta(days=1)) if self.is_whole else length

    def days(
        self, first: date, last: date, moved: set[tuple[str, datetime | None]]
    ) -> Iterator[CalendarDay]:
        if self._keeps_nobody():
            return
        name = " ".join(_text(self.event, "SUMMARY").split())[:LONGEST_NAME]
        for start in self._starts(first, last, moved):
            for day, hours in self._pieces(start, first, last):
                yield CalendarDay(day, name, hours)

    def _keeps_nobody(self) -> bool:
        is_free = _text(self.event, "TRANSP").upper() == "TRANSPARENT" and not self.is_whole
        return is_free or _text(self.event, "STATUS").upper() == "CANCELLED"

    def _starts(
        self, first: date, last: date, moved: set[tuple[str, datetime | None]]
    ) -> Iterator[datetime]:
        if "RECURRENCE-ID" in self.event:
            yield self.start
            return
        uid, left_out = _text(self.event, "UID"), set(self._dates("EXDATE"))
        earliest = datetime.combine(first, time()) - self.length - timedelta(days=1)
        latest = datetime.combine(last, time.max) + timedelta(days=1)
        for start in sorted({self.start, *self._dates("RDATE"), *self._repeated(earliest, latest)}):
            if start not in left_out and (uid, start) not in moved:
                yield start

    def _repeated(self, earliest: datetime, latest: datetime) -> Iterator[datetime]:
        from dateutil.rrule import rrulestr

        for said in _several(self.event, "RRULE"):
            rule = dict(said) if isinstance(said, dict) else {}
            until = [self._until(each) for each in rule.pop("UNTIL", [])]
            if rule.get("FREQ", [""])[0] not in _FREQUENCIES or any(k in rule for k in _BY_HOUR):
                raise _Unreadable
            try:
                text = type(said)(rule).to_ical().decode()
                repeated: Any = rrulestr(text, dtstart=self._begins(rule, earliest))
            except (ValueError, TypeError, KeyError) as error:
                raise _Unreadable from error
            # The library has no other way to be stopped by a rule that never matches.
            repeated._bymonth = self.budget.months(repeated._bymonth)
            for start in repeated:
                if start > min([latest, *until]):
                    break
                if start >= earliest:
                    yield start

    def _begins(self, rule: dict[str, Any], earliest: datetime) -> datetime:
        """What comes every year on its date need not be counted from a year long ago."""
        by_its_date = rule.keys() <= {"FREQ", "BYMONTH", "BYMONTHDAY", "BYDAY"}
        year = max(self.start.year, earliest.year - 1)
        if rule["FREQ"] != ["YEARLY"] or not by_its_date or self.start.day == 29:
            return self.start
        return self.start.replace(year=year)

    def _until(self, at: date) -> datetime:
        if isinstance(at, datetime):
            return _wall(at, self.own_zone)
        return datetime.combine(at, time.max)

    def _dates(self, name: str) -> Iterator[datetime]:
        for listed in _several(self.event, name):
            for each in getattr(listed, "dts", ()):
                at = each.dt[0] if isinstance(each.dt, tuple) else each.dt
                if isinstance(at, date):
                    yield _wall(at, self.own_zone)

    def _pieces(self, start: datetime, first: date, last: date) -> Iterator[tuple[date, Hours]]:
        begun, ended = (self._here(start), self._here(start + self.length))
        day = max(begun.date(), first)
        while day <= min(ended.date(), last):
            midnight = datetime.combine(day, time())
            opens = max(begun - midnight, timedelta()) // timedelta(seconds=1)
            closes = min(ended - midnight, timedelta(days=1)) // timedelta(seconds=1)
            if opens < closes:
                yield day, () if (opens, closes) == WHOLE_DAY else ((opens, closes),)
            day += timedelta(days=1)

    def _here(self, wall: datetime) -> datetime:
        """The same instant on the wall of the business; whole days are days everywhere."""
        if self.is_whole:
            return wall
        return wall.replace(tzinfo=self.own_zone).astimezone(self.zone).replace(tzinfo=None)


def _joined(days: Iterable[CalendarDay]) -> Iterator[CalendarDay]:
    """By date; the hours of one name on one date together, and none where the day is closed."""
    found: dict[tuple[date, str], list[tuple[int, int]]] = {}
    closed = {each.day for each in days if not each.hours}
    for each in sorted(days):
        if not each.hours or each.day not in closed:
            found.setdefault((each.day, each.name), []).extend(each.hours)
    for (day, name), hours in found.items():
        yield CalendarDay(day, name, _apart(hours))


def _apart(hours: list[tuple[int, int]]) -> Hours:
    """Hours that touch or overlap as one."""
    merged: list[tuple[int, int]] = []
    for opens, closes in sorted(hours):
        if merged and opens <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(merged[-1][1], closes)
        else:
            merged.append((opens, closes))
    return tuple(merged)


def _recurrence(event: Any, zone: ZoneInfo) -> datetime | None:
    """Which of the repeated events this one stands for, on the wall of its own zone."""
    try:
        at = _moment(event, "RECURRENCE-ID")
        start = _moment(event, "DTSTART")
    except _Unreadable:
        return None
    own = start.tzinfo if isinstance(start, datetime) else None
    return _wall(at, own or zone)


def _moment(event: Any, name: str) -> date:
    at = _value(event, name)
    if not isinstance(at, date):
        raise _Unreadable
    return at


def _value(event: Any, name: str) -> Any:
    return getattr(next(iter(_several(event, name)), None), "dt", None)


def _several(event: Any, name: str) -> list[Any]:
    found = event.get(name, [])
    return found if isinstance(found, list) else [found]


def _text(event: Any, name: str) -> str:
    return str(next(iter(_several(event, name)), ""))


def _wall(at: date, zone: tzinfo) -> datetime:
    """What a clock of that zone shows, or the midnight of a date."""
    if not isinstance(at, datetime):
        return datetime.combine(at, time())
    return (at.astimezone(zone) if at.tzinfo else at).replace(tzinfo=None)


def _refuse(sentence: str, **facts: object) -> NoReturn:
    raise CalendarError(sentence, **facts)
