"""Open time compiled for looking up: sorted intervals with prefix sums, grown year by year.

Every question is a bisect away, whatever the distance. Years are compiled when they are first
asked for, in both directions. All numbers are epoch microseconds in UTC; an interval is
half-open, so the closing instant itself is closed.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator
from threading import Lock
from typing import TYPE_CHECKING, NoReturn

from goodword.clock.errors import ScheduleError, gettext_noop
from goodword.clock.instants import DAY, from_instant, to_instant
from goodword.clock.span import Day, Span, span_of_year

if TYPE_CHECKING:
    from goodword.clock.schedule import Schedule

FIRST_YEAR, LAST_YEAR = 1800, 2400
# Weekly hours can fall to holidays for a while; twelve years without an opening is for ever.
BARREN_YEARS = 12


class Index:
    """The open time of one schedule. Safe to ask from several threads while it grows."""

    def __init__(self, schedule: "Schedule") -> None:
        self.schedule = schedule
        self.zone = schedule.zone_info
        self._lock = Lock()
        self._span: Span | None = None

    def between(self, start: int, end: int) -> int:
        """Open time from start to end, negative when end comes first."""
        return self._open_before(end) - self._open_before(start)

    def forward(self, start: int, amount: int) -> int:
        """The first instant at which `amount` of open time has passed since `start`.

        An amount that runs out at closing ends there; nothing at all is the first open instant.
        """
        target = self._open_before(start) + amount
        find = bisect_left if amount else bisect_right
        span = self._reached(lambda span: find(span.sums, target) < len(span.sums), later=True)
        at = find(span.sums, target) - 1
        return span.opens[at] + target - span.sums[at]

    def backward(self, start: int, amount: int) -> int:
        """The last instant from which `amount` of open time passes until `start`.

        An amount that runs out at opening ends there; nothing at all is `start` if that is
        open, else the last closing before it.
        """
        if not amount and self.is_open(start):
            return start
        target = self._open_before(start) - amount
        find = bisect_right if amount else bisect_left
        span = self._reached(lambda span: find(span.sums, target) > 0, later=False)
        at = find(span.sums, target) - 1
        return span.opens[at] + target - span.sums[at]

    def is_open(self, instant: int) -> bool:
        span = self._covering(instant)
        at = bisect_right(span.opens, instant) - 1
        return at >= 0 and instant < span.closes[at]

    def day_at(self, instant: int) -> Day | None:
        """The business day that an instant falls on, before and after its hours too."""
        span = self._covering(instant)
        at = bisect_right(span.day_begins, instant) - 1
        return span.days[at] if at >= 0 and instant < span.days[at].ends else None

    def day_after(self, instant: int, number: int = 1) -> Day:
        """The nth business day of those that begin after an instant."""
        self._covering(instant)

        def has(span: Span) -> bool:
            return bisect_right(span.day_begins, instant) + number <= len(span.days)

        span = self._reached(has, later=True)
        return span.days[bisect_right(span.day_begins, instant) + number - 1]

    def day_opening_after(self, instant: int) -> Day:
        """The first business day whose doors open after an instant, today's too."""
        today = self.day_at(instant)
        return today if today and instant < today.opens else self.day_after(instant)

    def stretches(self, start: int, end: int) -> Iterator[tuple[int, int]]:
        """The open stretches from start to end, those that touch as one."""
        self._covering(start)
        span = self._covering(end)
        known = slice(max(bisect_right(span.opens, start) - 1, 0), bisect_left(span.opens, end))
        begun = until = start
        for opens, closes in zip(span.opens[known], span.closes[known], strict=True):
            if opens > until:
                if begun < until:
                    yield begun, until
                begun = opens
            until = max(until, min(closes, end))
        if begun < until:
            yield begun, until

    def cover(self, first_year: int, last_year: int) -> None:
        """Compile these years now instead of when they are first asked for."""
        for year in (first_year, last_year):
            self._covering(to_instant(from_instant(0).replace(year=year, month=7)))

    def _open_before(self, instant: int) -> int:
        """Open time before an instant, counted from a point that never changes."""
        span = self._span
        if span is None or not span.low <= instant < span.high:
            span = self._covering(instant)
        at = bisect_right(span.opens, instant) - 1
        if at < 0:
            return span.sums[0]
        closes = span.closes[at]
        return span.sums[at] + (instant if instant < closes else closes) - span.opens[at]

    def _covering(self, instant: int) -> Span:
        span = self._span
        if span is not None and span.low <= instant < span.high:
            return span
        with self._lock:
            year = from_instant(instant).year
            if not FIRST_YEAR < year < LAST_YEAR:
                _refuse_year()
            if self._span is None:
                self._span = span_of_year(self.schedule, year)
            while instant < self._span.low:
                self._grow(self._span, later=False)
            while instant >= self._span.high:
                self._grow(self._span, later=True)
            return self._span

    def _reached(self, enough: Callable[[Span], bool], *, later: bool) -> Span:
        """The span, grown in one direction until it is enough."""
        span = self._span
        if span is not None and enough(span):
            return span
        with self._lock:
            while self._span is None or not enough(self._span):
                if self._span is None:
                    raise RuntimeError("The index must cover the start before it can grow.")
                self._prove_fertile(self._span, later=later)
                self._grow(self._span, later=later)
            return self._span

    def _grow(self, span: Span, *, later: bool) -> None:
        year = span.last_year + 1 if later else span.first_year - 1
        if not FIRST_YEAR <= year <= LAST_YEAR:
            _refuse_year()
        more = span_of_year(self.schedule, year)
        self._span = span.followed_by(more) if later else span.preceded_by(more)

    def _prove_fertile(self, span: Span, *, later: bool) -> None:
        """Refuse to look on for an opening when there will be none."""
        if later:
            named_all = span.last_year >= self.schedule.last_named_year
            bare = span.high - (span.closes[-1] if span.closes else span.low)
        else:
            named_all = span.first_year <= self.schedule.first_named_year
            bare = (span.opens[0] if span.opens else span.high) - span.low
        if named_all and bare > BARREN_YEARS * 365 * DAY:
            year = span.last_year if later else span.first_year
            sentence = gettext_noop(
                "This schedule has no more opening hours (seen as far as %(year)s)."
            )
            raise ScheduleError(sentence, year=year)


def _refuse_year() -> NoReturn:
    sentence = gettext_noop("The clock reckons from the year %(first)s to %(last)s only.")
    raise ScheduleError(sentence, first=FIRST_YEAR, last=LAST_YEAR)
