"""Questions about open time: how much, is it now, when next, which day. All answers in UTC."""

from datetime import date, datetime, timedelta

from goodword.clock.instants import from_instant, to_instant
from goodword.clock.schedule import Schedule


def between(start: datetime, end: datetime, schedule: Schedule) -> timedelta:
    """Open time from start to end, exact to the microsecond; negative when end comes first.

    The closing instant is outside its interval. ValueError for a time without a zone.
    """
    return timedelta(microseconds=schedule.compiled().between(to_instant(start), to_instant(end)))


def shift(start: datetime, open_time: timedelta, schedule: Schedule) -> datetime:
    """The instant when this much open time has passed since start, or before it if negative.

    What runs out at closing (going back: at opening) ends there. Nothing at all is start if
    that is open, else the next opening. ScheduleError when there is no more opening.
    """
    amount = open_time // timedelta(microseconds=1)
    index, instant = schedule.compiled(), to_instant(start)
    if amount < 0:
        return from_instant(index.backward(instant, -amount))
    return from_instant(index.forward(instant, amount))


def is_open(at: datetime, schedule: Schedule) -> bool:
    """Whether the doors are open; at the closing instant they are not."""
    return schedule.compiled().is_open(to_instant(at))


def next_opening(at: datetime, schedule: Schedule) -> datetime:
    """The first open instant from `at` on, which is `at` itself while open."""
    return from_instant(schedule.compiled().forward(to_instant(at), 0))


def previous_closing(at: datetime, schedule: Schedule) -> datetime:
    """The last closing until `at`, or `at` itself while open."""
    return from_instant(schedule.compiled().backward(to_instant(at), 0))


def closing(at: datetime, schedule: Schedule) -> datetime | None:
    """The last close of the business day that `at` falls on, past or not; None if it is none."""
    bounds = day_bounds(at, schedule)
    return bounds and bounds[1]


def day_bounds(at: datetime, schedule: Schedule) -> tuple[datetime, datetime] | None:
    """First opening and last close of the business day that `at` falls on; None if it is none.

    A night that runs past midnight belongs to the day on which it began.
    """
    day = schedule.compiled().day_at(to_instant(at))
    return day and (from_instant(day.opens), from_instant(day.closes))


def next_business_day(at: datetime, schedule: Schedule) -> date:
    """The date, in the schedule's zone, of the first business day after the day of `at`."""
    return date.fromordinal(schedule.compiled().day_after(to_instant(at)).ordinal)
