"""What holds on a day: weekly hours, breaks, closed days, special openings and holidays."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from itertools import pairwise

from goodword.clock import notation
from goodword.clock.errors import ScheduleError, gettext_noop
from goodword.clock.notation import ClosedDay, Dated, Hours
from goodword.clock.regions import public_holidays

SATURDAY = 5
MIDNIGHT = 86_400
NO_HOURS: Hours = ()


@dataclass(frozen=True)
class Rules:
    """Everything that a schedule says but its zone and what changes later.

    `hours` has one tuple of (open, close) for each weekday from Monday, in seconds after
    midnight; a close beyond 86,400 is on the next day, and such a night belongs to the day on
    which it began. On one date, what is named first wins: `closed`, `special`, the public
    holidays of the region in `holidays` but for those in `worked`, `hours`; `breaks` are taken
    out of whatever remains.
    ScheduleError, in a sentence, for hours that cannot be.
    """

    hours: tuple[Hours, ...]
    closed: tuple[ClosedDay, ...] = ()
    special: tuple[Dated, ...] = ()
    breaks: tuple[Dated, ...] = ()
    holidays: str | None = None
    worked: tuple[ClosedDay, ...] = ()

    def __post_init__(self) -> None:
        if len(self.hours) != 7:
            raise ScheduleError(gettext_noop("Opening hours need seven days, Monday first."))
        self._prove_intervals()
        self._prove_neighbours()
        if self.holidays is not None:
            public_holidays(self.holidays, 2026)

    @property
    def ever_opens(self) -> bool:
        return any(self.hours) or any(hours for _, hours in self.special)

    def hours_on(self, day: date) -> Hours:
        """The open intervals that begin on a date, in seconds after its midnight."""
        hours = self.before_breaks(day)
        for pause in self._breaks.get(day, NO_HOURS):
            hours = tuple(rest for interval in hours for rest in _without(interval, pause))
        return hours

    def closed_because(self, day: date) -> tuple[str, str]:
        """Reason (holiday, weekend or closed) and name of a date that has no opening hours."""
        name = self.holiday_name(day)
        if not self.hours[day.weekday()] and day.weekday() >= SATURDAY:
            return "weekend", name or ""
        return ("closed", "") if name is None else ("holiday", name)

    def holiday_name(self, day: date) -> str | None:
        """The name of a closed date or public holiday, empty if it has none; None otherwise."""
        if day in self._closed or self.holidays is None:
            return self._closed.get(day)
        if day in self._worked:
            return None
        return public_holidays(self.holidays, day.year).get(day)

    @cached_property
    def _closed(self) -> dict[date, str]:
        return dict(self.closed)

    @cached_property
    def _worked(self) -> dict[date, str]:
        return dict(self.worked)

    @cached_property
    def _special(self) -> dict[date, Hours]:
        return dict(self.special)

    @cached_property
    def _breaks(self) -> dict[date, Hours]:
        return dict(self.breaks)

    def before_breaks(self, day: date) -> Hours:
        if day in self._closed:
            return NO_HOURS
        if day in self._special:
            return self._special[day]
        return NO_HOURS if self.holiday_name(day) is not None else self.hours[day.weekday()]

    def _prove_intervals(self) -> None:
        named = [*zip(notation.WEEKDAYS, self.hours, strict=True)]
        named += [(day.isoformat(), hours) for day, hours in (*self.special, *self.breaks)]
        for name, hours in named:
            for interval in hours:
                _prove_interval(name, interval)
            for earlier, later in pairwise(sorted(hours)):
                _prove_apart(name, earlier, later)

    def _prove_neighbours(self) -> None:
        """A night that runs past midnight must end before the next day opens."""
        for number, name in enumerate(notation.WEEKDAYS):
            prove_night(name, self.hours[number - 1], self.hours[number])
        for day, hours in self.special:
            eve, morrow = day - timedelta(days=1), day + timedelta(days=1)
            prove_night(day.isoformat(), self.before_breaks(eve), hours)
            prove_night(morrow.isoformat(), hours, self.before_breaks(morrow))


def _without(interval: tuple[int, int], pause: tuple[int, int]) -> Iterator[tuple[int, int]]:
    opens, closes = interval
    for start, end in ((opens, min(closes, pause[0])), (max(opens, pause[1]), closes)):
        if start < end:
            yield start, end


def _prove_interval(name: str, interval: tuple[int, int]) -> None:
    opens, closes = interval
    if not 0 <= opens < closes <= 2 * MIDNIGHT:
        sentence = gettext_noop(
            "%(day)s opens at %(opens)s and closes at %(closes)s; closing must come after"
            " opening, before the next day is over (a whole day is 00:00 to 24:00)."
        )
        raise ScheduleError(sentence, day=name, **_times(opens=opens, closes=closes))


def _prove_apart(name: str, earlier: tuple[int, int], later: tuple[int, int]) -> None:
    if later[0] < earlier[1]:
        sentence = gettext_noop(
            "On %(day)s two intervals overlap: one closes at %(closes)s, the next has opened at"
            " %(opens)s."
        )
        raise ScheduleError(sentence, day=name, **_times(opens=later[0], closes=earlier[1]))


def prove_night(name: str, eve: Hours, hours: Hours) -> None:
    """Refused where a night lasts until after the next day has opened."""
    night_ends = max((closes for _, closes in eve), default=0) - MIDNIGHT
    if hours and min(hours)[0] < night_ends:
        sentence = gettext_noop(
            "On %(day)s two intervals overlap: the night before lasts until %(closes)s, the day"
            " has opened at %(opens)s."
        )
        raise ScheduleError(sentence, day=name, **_times(opens=min(hours)[0], closes=night_ends))


def _times(**seconds: int) -> dict[str, str]:
    return {name: notation.time_text(value) for name, value in seconds.items()}
