"""The open time of whole calendar years, worked out from a schedule day by day."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple

from goodword.clock.instants import MICRO, wall_instant

if TYPE_CHECKING:
    from goodword.clock.schedule import Schedule


class Day(NamedTuple):
    """A business day: a date with open time, until its own night ends if it has one."""

    begins: int
    ends: int
    opens: int
    closes: int
    ordinal: int


@dataclass(frozen=True, slots=True)
class Span:
    """Open intervals of some years. Never changed once made, so readers need no lock.

    `sums[n]` is the open time before interval n. A span answers for the instants from `low` to
    before `high`; the first day of its first year may still see a night of the year before.
    """

    first_year: int
    last_year: int
    low: int
    high: int
    opens: list[int]
    closes: list[int]
    sums: list[int]
    days: list[Day]
    day_begins: list[int]

    def followed_by(self, year: "Span") -> "Span":
        return self._joined(year._counted_from(self.sums[-1]))

    def preceded_by(self, year: "Span") -> "Span":
        return year._counted_from(self.sums[0] - year.sums[-1])._joined(self)

    def _counted_from(self, base: int) -> "Span":
        return self._with_sums([each + base for each in self.sums])

    def _with_sums(self, sums: list[int]) -> "Span":
        return Span(
            self.first_year, self.last_year, self.low, self.high,
            self.opens, self.closes, sums, self.days, self.day_begins,
        )  # fmt: skip

    def _joined(self, later: "Span") -> "Span":
        return Span(
            self.first_year,
            later.last_year,
            self.low,
            later.high,
            self.opens + later.opens,
            self.closes + later.closes,
            self.sums + later.sums[1:],
            self.days + later.days,
            self.day_begins + later.day_begins,
        )


def span_of_year(schedule: "Schedule", year: int) -> Span:
    """Compile one year; its business days are those that begin in it."""
    opens: list[int] = []
    closes: list[int] = []
    days: list[Day] = []
    for day, stretches in _business_days(schedule, year):
        days.append(day)
        opens += [start for start, _ in stretches]
        closes += [end for _, end in stretches]
    lengths = (end - start for start, end in zip(opens, closes, strict=True))
    return Span(
        first_year=year,
        last_year=year,
        low=wall_instant(schedule.zone_info, date(year, 1, 2).toordinal(), 0),
        high=wall_instant(schedule.zone_info, date(year + 1, 1, 1).toordinal(), 0),
        opens=opens,
        closes=closes,
        sums=list(accumulate(lengths, initial=0)),
        days=days,
        day_begins=[day.begins for day in days],
    )


def _business_days(schedule: "Schedule", year: int) -> Iterator[tuple[Day, list[tuple[int, int]]]]:
    first = date(year, 1, 1).toordinal()
    eve = _stretches(schedule, first - 1)
    night_ends = eve[-1][1] if eve else 0
    for ordinal in range(first, date(year + 1, 1, 1).toordinal()):
        stretches = _stretches(schedule, ordinal)
        if not stretches:
            continue
        midnight = wall_instant(schedule.zone_info, ordinal, 0)
        next_midnight = wall_instant(schedule.zone_info, ordinal + 1, 0)
        begins, closes = max(midnight, night_ends), stretches[-1][1]
        night_ends = max(next_midnight, closes)
        yield Day(begins, night_ends, stretches[0][0], closes, ordinal), stretches


def _stretches(schedule: "Schedule", ordinal: int) -> list[tuple[int, int]]:
    """The open stretches of a date; those that clocks skip altogether are left out."""
    edges = (
        (
            wall_instant(schedule.zone_info, ordinal, opens * MICRO),
            wall_instant(schedule.zone_info, ordinal, closes * MICRO),
        )
        for opens, closes in schedule.hours_on(date.fromordinal(ordinal))
    )
    return [(start, end) for start, end in edges if start < end]
