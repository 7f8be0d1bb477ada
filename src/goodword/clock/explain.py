"""Why a promise is due when it is: the stretches that counted, and the pauses with reasons."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from goodword.clock.instants import from_instant, local_date, to_instant
from goodword.clock.schedule import Schedule


@dataclass(frozen=True)
class Stretch:
    """Open time that counted, in UTC."""

    start: datetime
    end: datetime


@dataclass(frozen=True)
class ClosedDate:
    """A date without opening hours; reason is holiday, weekend or closed."""

    day: date
    reason: str
    name: str


@dataclass(frozen=True)
class Pause:
    """Time that did not count, in UTC; reason is holiday, weekend, break or closed (the night).

    `days` are the dates in it that have no opening hours at all.
    """

    start: datetime
    end: datetime
    reason: str
    days: tuple[ClosedDate, ...]


@dataclass(frozen=True)
class Explanation:
    """The arithmetic between two instants; stretches and pauses together leave no gap."""

    start: datetime
    due: datetime
    zone: str
    counted: tuple[Stretch, ...]
    pauses: tuple[Pause, ...]

    @property
    def open_time(self) -> timedelta:
        return sum((each.end - each.start for each in self.counted), timedelta())

    def as_data(self) -> dict[str, Any]:
        """Everything as JSON values; times as on the business's own wall, with their offset."""
        zone = ZoneInfo(self.zone)
        return {
            "zone": self.zone,
            "start": _text(self.start, zone),
            "due": _text(self.due, zone),
            "open_seconds": _seconds(self.open_time),
            "counted": [
                _edges(each, zone) | {"seconds": _seconds(each.end - each.start)}
                for each in self.counted
            ],
            "pauses": [
                _edges(each, zone)
                | {"reason": each.reason, "days": [_day_data(day) for day in each.days]}
                for each in self.pauses
            ],
        }


def explain(start: datetime, due: datetime, schedule: Schedule) -> Explanation:
    """Which time from start to due counted as open, and why the rest did not.

    ValueError when due comes before start, or a time has no zone.
    """
    begun, ended = to_instant(start), to_instant(due)
    if ended < begun:
        raise ValueError(f"There is nothing to explain: {due} comes before {start}.")
    counted, pauses, reached = [], [], begun
    for opens, closes in schedule.compiled().stretches(begun, ended):
        if reached < opens:
            pauses.append(_pause(reached, opens, schedule))
        counted.append(Stretch(from_instant(opens), from_instant(closes)))
        reached = closes
    if reached < ended:
        pauses.append(_pause(reached, ended, schedule))
    return Explanation(
        from_instant(begun), from_instant(ended), schedule.zone, tuple(counted), tuple(pauses)
    )


def _pause(start: int, end: int, schedule: Schedule) -> Pause:
    days = _closed_dates(start, end, schedule)
    reasons = {day.reason for day in days}
    # A holiday explains more than the weekend beside it, and that more than a night.
    weighty = next((each for each in ("holiday", "weekend") if each in reasons), "closed")
    reason = weighty if days else _reason_within_a_day(start, schedule)
    return Pause(from_instant(start), from_instant(end), reason, days)


def _reason_within_a_day(start: int, schedule: Schedule) -> str:
    day = schedule.compiled().day_at(start)
    return "break" if day and day.opens <= start < day.closes else "closed"


def _closed_dates(start: int, end: int, schedule: Schedule) -> tuple[ClosedDate, ...]:
    zone = schedule.zone_info
    first = local_date(zone, start).toordinal()
    last = local_date(zone, end - 1).toordinal()
    dates = (date.fromordinal(ordinal) for ordinal in range(first, last + 1))
    return tuple(
        ClosedDate(day, *schedule.closed_because(day))
        for day in dates
        if not schedule.hours_on(day)
    )


def _edges(each: Stretch | Pause, zone: ZoneInfo) -> dict[str, Any]:
    return {"from": _text(each.start, zone), "to": _text(each.end, zone)}


def _day_data(day: ClosedDate) -> dict[str, str]:
    return {"date": day.day.isoformat(), "reason": day.reason, "name": day.name}


def _text(at: datetime, zone: ZoneInfo) -> str:
    return at.astimezone(zone).isoformat()


def _seconds(length: timedelta) -> int | float:
    return length.total_seconds() if length.microseconds else length // timedelta(seconds=1)
