"""The forms of a due time, and the rule of each. Source: requirement R03 and the clock's rules.

| form | due |
|---|---|
| acknowledge[:LIMIT[:GRACE[:MORNING]]] | LIMIT open minutes on, by today's close at the latest, \
if GRACE open minutes are left today; else MORNING open minutes after the next opening |
| by:INSTANT | that instant |
| within:N | when N open minutes have passed |
| by_close_today | close of today, or of the next business day once today is closed |
| first_thing:N | N open minutes after the next time that a day opens; a window |
| arrival_window:START/END | the end of the window |
| end_of_nth_business_day:N | last close of the Nth business day; the day of receipt is not one |
| calendar_days:N | the same time on the wall N days later, open or not |
| on_event:[NAME/]FORM | at the event; FORM is the outer limit |
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import NamedTuple, NoReturn, Protocol

from goodword.clock.errors import FormError, gettext_noop
from goodword.clock.index import FIRST_YEAR, LAST_YEAR, Index
from goodword.clock.instants import MINUTE, from_instant, to_instant, wall_instant, wall_reading
from goodword.clock.schedule import Schedule

EVENT = re.compile(r"([a-z][a-z0-9_]*)/(.+)")


class Due(NamedTuple):
    """When a promise is due, in UTC. `opens` is where a window begins, None for a bare time."""

    at: datetime
    opens: datetime | None
    form: str
    event: str | None = None


class Form(Protocol):
    """One way to say when."""

    def falls(self, index: Index, start: int) -> tuple[int | None, int]:
        """The opening of the window, if the form has one, and the due instant."""


@dataclass(frozen=True)
class Acknowledge:
    """A person has it the same day, or early on the next. All three are open minutes.

    The morning's minutes end at the close of their day and are never more than the limit, so
    that nobody who writes later is answered earlier.
    """

    limit: int = 60
    grace: int = 15
    morning: int = 30

    def falls(self, index: Index, start: int) -> tuple[int | None, int]:
        today = index.day_at(start)
        if today and index.between(start, today.closes) >= self.grace * MINUTE:
            return None, min(index.forward(start, self.limit * MINUTE), today.closes)
        morning = index.day_after(start)
        minutes = min(self.morning, self.limit)
        return None, min(index.forward(morning.opens, minutes * MINUTE), morning.closes)


@dataclass(frozen=True)
class By:
    instant: int

    def falls(self, index: Index, start: int) -> tuple[int | None, int]:
        return None, self.instant


@dataclass(frozen=True)
class Within:
    minutes: int

    def falls(self, index: Index, start: int) -> tuple[int | None, int]:
        return None, index.forward(start, self.minutes * MINUTE)


@dataclass(frozen=True)
class ByCloseToday:
    def falls(self, index: Index, start: int) -> tuple[int | None, int]:
        today = index.day_at(start)
        if today and start < today.closes:
            return None, today.closes
        return None, index.day_after(start).closes


@dataclass(frozen=True)
class FirstThing:
    """Said before the doors open, "first thing" is this morning; later it is the next one."""

    minutes: int

    def falls(self, index: Index, start: int) -> tuple[int | None, int]:
        opens = index.day_opening_after(start).opens
        return opens, index.forward(opens, self.minutes * MINUTE)


@dataclass(frozen=True)
class ArrivalWindow:
    opens: int
    closes: int

    def falls(self, index: Index, start: int) -> tuple[int | None, int]:
        return self.opens, self.closes


@dataclass(frozen=True)
class EndOfNthBusinessDay:
    number: int

    def falls(self, index: Index, start: int) -> tuple[int | None, int]:
        return None, index.day_after(start, self.number).closes


@dataclass(frozen=True)
class CalendarDays:
    """A time that clocks skip on that day is the instant of the jump; of two, the first."""

    days: int

    def falls(self, index: Index, start: int) -> tuple[int | None, int]:
        ordinal, reading = wall_reading(index.zone, start)
        if ordinal + self.days > date(LAST_YEAR, 12, 31).toordinal():
            _refuse(
                gettext_noop("%(days)s days from then is beyond the year %(last)s."),
                days=self.days,
                last=LAST_YEAR,
            )
        return None, wall_instant(index.zone, ordinal + self.days, reading)


@dataclass(frozen=True)
class OnEvent:
    """An event has no time of its own, so its promise is due at the outer limit."""

    event: str
    limit: Form

    def falls(self, index: Index, start: int) -> tuple[int | None, int]:
        return self.limit.falls(index, start)


def due(form: str, start: datetime, schedule: Schedule) -> Due:
    """When a promise of this form, made at `start`, is due on this schedule.

    Exact to the microsecond and across changes of clocks. For no form does an earlier start
    give a later due. ValueError for a start without a zone, FormError for a form that cannot be
    read, ScheduleError when the schedule has no such opening.
    """
    rule, event = read_form(form)
    opens, at = rule.falls(schedule.compiled(), to_instant(start))
    return Due(from_instant(at), None if opens is None else from_instant(opens), form, event)


@lru_cache(maxsize=4096)
def read_form(text: str) -> tuple[Form, str | None]:
    """The rule that a form names, and its event if it waits for one; FormError says why not."""
    name, _, rest = text.partition(":")
    if name not in _READERS:
        _refuse(
            gettext_noop("“%(form)s” is no form of a due time; the forms are %(forms)s."),
            form=text,
            forms=", ".join(_READERS),
        )
    rule = _READERS[name](text, rest)
    return rule, rule.event or None if isinstance(rule, OnEvent) else None


def _acknowledge(text: str, rest: str) -> Form:
    numbers = rest.split(":") if rest else []
    if len(numbers) > 3:
        _refuse(
            gettext_noop("“%(form)s” has too many numbers; write acknowledge:60:15:30."), form=text
        )
    return Acknowledge(*(_number(text, number) for number in numbers))


def _by(text: str, rest: str) -> Form:
    return By(_instant(text, rest))


def _within(text: str, rest: str) -> Form:
    return Within(_number(text, rest, least=0))


def _by_close_today(text: str, rest: str) -> Form:
    if rest:
        _refuse(gettext_noop("“%(form)s” takes nothing after by_close_today."), form=text)
    return ByCloseToday()


def _first_thing(text: str, rest: str) -> Form:
    return FirstThing(_number(text, rest))


def _arrival_window(text: str, rest: str) -> Form:
    opens, _, closes = rest.partition("/")
    window = ArrivalWindow(_instant(text, opens), _instant(text, closes))
    if window.closes <= window.opens:
        _refuse(gettext_noop("The window in “%(form)s” ends before it begins."), form=text)
    return window


def _end_of_nth_business_day(text: str, rest: str) -> Form:
    return EndOfNthBusinessDay(_number(text, rest))


def _calendar_days(text: str, rest: str) -> Form:
    return CalendarDays(_number(text, rest))


def _on_event(text: str, rest: str) -> Form:
    named = EVENT.fullmatch(rest)
    event, limit = (named[1], named[2]) if named else ("", rest)
    if not limit or limit.startswith("on_event"):
        _refuse(
            gettext_noop(
                "“%(form)s” needs an outer limit, like on_event:parts_arrive/within:2400."
            ),
            form=text,
        )
    return OnEvent(event, read_form(limit)[0])


_READERS: dict[str, Callable[[str, str], Form]] = {
    "acknowledge": _acknowledge,
    "by": _by,
    "within": _within,
    "by_close_today": _by_close_today,
    "first_thing": _first_thing,
    "arrival_window": _arrival_window,
    "end_of_nth_business_day": _end_of_nth_business_day,
    "calendar_days": _calendar_days,
    "on_event": _on_event,
}


def _number(text: str, digits: str, least: int = 1) -> int:
    if not re.fullmatch(r"[0-9]{1,8}", digits) or int(digits) < least:
        _refuse(
            gettext_noop("“%(form)s” needs a whole number from %(least)s, not “%(digits)s”."),
            form=text,
            least=least,
            digits=digits,
        )
    return int(digits)


def _instant(text: str, written: str) -> int:
    try:
        at = datetime.fromisoformat(written)
        if FIRST_YEAR <= at.year <= LAST_YEAR:
            return to_instant(at)
    except ValueError:
        pass
    _refuse(
        gettext_noop(
            "“%(form)s” needs a time with its distance from UTC, like"
            " 2026-06-10T16:30-04:00, not “%(written)s”."
        ),
        form=text,
        written=written,
    )


def _refuse(sentence: str, **facts: object) -> NoReturn:
    raise FormError(sentence, **facts)
