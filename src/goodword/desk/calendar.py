"""Promises on a calendar: a week or a month of the business's days, closed ones by their name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property

from django.db.models import Count, F, Window
from django.db.models.functions import RowNumber, TruncDate
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from goodword import clock
from goodword.core.dates import short_day
from goodword.desk.asked import Asked, Question, monday_of
from goodword.desk.rows import Row, with_people
from goodword.desk.times import midnight
from goodword.promises.models import Promise

# What a day shows of itself; the rest is one link away.
MOST = {"week": 12, "month": 4}
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Item:
    """One promise on its day. `x` and `width` in per cent of the hours that are shown."""

    row: Row
    x: float
    width: float

    @property
    def is_window(self) -> bool:
        return self.row.promise.opens is not None


@dataclass
class Day:
    on: date
    is_today: bool
    is_beside: bool  # of the month before or after
    hours: str
    why_closed: str
    url: str
    count: int = 0
    items: list[Item] = field(default_factory=list)

    @property
    def unseen(self) -> int:
        return self.count - len(self.items)

    @property
    def is_empty(self) -> bool:
        return not self.items and not self.is_today


class Calendar:
    """The days around the one that was asked for. Its promises are one question."""

    def __init__(self, question: Question) -> None:
        self.question, self.asked = question, question.asked
        self.is_week = self.asked.view == "week"
        self.today = question.at.astimezone(question.zone).date()
        self.anchor = self.asked.day or self.today
        self.first, self.last = self._week() if self.is_week else self._month()

    def _week(self) -> tuple[date, date]:
        monday = monday_of(self.anchor)
        return monday, monday + 6 * _DAY

    def _month(self) -> tuple[date, date]:
        """Whole weeks, so that every row of the grid has seven days."""
        last = _next_month(self.anchor) - _DAY
        return monday_of(self.anchor.replace(day=1)), monday_of(last) + 6 * _DAY

    @property
    def title(self) -> str:
        if not self.is_week:
            return date_format(self.anchor, "F Y")
        days = {"first": short_day(self.first), "last": short_day(self.last, year=True)}
        return _("%(first)s to %(last)s") % days

    @property
    def before(self) -> str:
        back = self.first if self.is_week else self.anchor.replace(day=1)
        return self.asked.address(day=back - _DAY)

    @property
    def after(self) -> str:
        on = self.last + _DAY if self.is_week else _next_month(self.anchor)
        return self.asked.address(day=on)

    @property
    def now(self) -> str:
        return self.asked.address(day=None)

    @property
    def as_list(self) -> Asked:
        """The same span as the ledger asks for it: what a file of this page holds."""
        state = self.asked.state or "all"
        return Asked(**{**vars(self.asked), "view": "list", "state": state, "day": None,
                        "first": self.first, "last": self.last})  # fmt: skip

    @cached_property
    def days(self) -> list[Day]:
        days = {on: self._day(on) for on in _from_to(self.first, self.last)}
        found = self._promises
        low, high = self._scale(found)
        for row in found:
            promise = row.promise
            day = days[promise.on]  # type: ignore[attr-defined]
            day.count = promise.of_day  # type: ignore[attr-defined]
            day.items.append(_item(row, midnight(day.on, self.question.zone), low, high))
        return list(days.values())

    @property
    def weeks(self) -> list[list[Day]]:
        return [self.days[at : at + 7] for at in range(0, len(self.days), 7)]

    @property
    def total(self) -> int:
        return sum(day.count for day in self.days)

    @cached_property
    def _promises(self) -> list[Row]:
        """The first few of each day, and how many the day has; read in full are those alone."""
        wanted = self.question.found.filter(self.question.within(self.first, self.last))
        by_day = [F("on")]
        numbered = wanted.annotate(
            on=TruncDate("due", tzinfo=self.question.zone),
            nth=Window(RowNumber(), partition_by=by_day, order_by=["due", "pk"]),
            of_day=Window(Count("pk"), partition_by=by_day),
        )
        few = numbered.filter(nth__lte=MOST[self.asked.view]).values_list("pk", "on", "of_day")
        shown = {pk: (on, of_day) for pk, on, of_day in few}
        found = with_people(Promise.objects.filter(pk__in=shown)).order_by("due", "pk")
        for promise in found:
            promise.on, promise.of_day = shown[promise.pk]  # type: ignore[attr-defined]
        return [Row(promise, self.question.at) for promise in found]

    def _day(self, on: date) -> Day:
        schedule = self.question.schedule.hours
        hours = schedule.hours_on(on)
        there = Asked(**{**vars(self.as_list), "first": on, "last": on})
        return Day(
            on,
            is_today=on == self.today,
            is_beside=not self.is_week and on.month != self.anchor.month,
            hours=", ".join(f"{_wall(opens)}–{_wall(closes)}" for opens, closes in sorted(hours)),
            why_closed="" if hours else why_closed(schedule, on),
            url=there.address(),
        )

    def _scale(self, found: list[Row]) -> tuple[float, float]:
        """The earliest and the latest second of a day that is shown: one scale for all days."""
        hours_on = self.question.schedule.hours.hours_on
        days = _from_to(self.first, self.last)
        edges = [float(edge) for on in days for hours in hours_on(on) for edge in hours]
        for row in found:
            morning = midnight(row.promise.on, self.question.zone)  # type: ignore[attr-defined]
            edges.append((row.promise.due - morning).total_seconds())
        return (min(edges), max(edges)) if edges else (0.0, 86_400.0)


def _item(row: Row, morning: datetime, low: float, high: float) -> Item:
    length = max(high - low, 1.0)

    def place(at: datetime) -> float:
        share = ((at - morning).total_seconds() - low) / length
        return round(min(max(share, 0.0), 1.0) * 100, 2)

    end = place(row.promise.due)
    start = place(row.promise.opens) if row.promise.opens else end
    return Item(row, start, round(end - start, 2))


def why_closed(schedule: clock.Schedule, on: date) -> str:
    reason, name = schedule.closed_because(on)
    if name:
        return name
    return _("Weekend") if reason == "weekend" else _("Closed")


def _wall(seconds: int) -> str:
    return clock.time_text(seconds if seconds <= 86_400 else seconds - 86_400)


def _next_month(day: date) -> date:
    return (day.replace(day=28) + 4 * _DAY).replace(day=1)


def _from_to(first: date, last: date) -> Iterator[date]:
    for number in range((last - first).days + 1):
        yield first + number * _DAY
