"""An honest promise: what the ledger knows while somebody gives their word. It stops nobody."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from django.db.models import Count, Q

from goodword import clock
from goodword.promises.kinds import State
from goodword.promises.models import Promise
from goodword.staff.models import Member, Schedule

# Below that many a share says nothing, and the numbers themselves are shown.
ENOUGH = 10
# Fewer of about that length prove nothing either way.
A_FEW = 5
# Open time that keeping one promise takes of whoever gave it.
ROOM = timedelta(minutes=30)
HOLDS = 0.8
MOST_LOOKED_AT = 200
JUDGED = (State.KEPT, State.KEPT_LATE, State.BROKEN)
# What is proposed instead, as the clock reckons it.
LATER = (
    "first_thing:60",
    *(f"end_of_nth_business_day:{days}" for days in (1, 2, 3, 5, 10)),
)


@dataclass(frozen=True)
class Outlook:
    """`load`: of the member's, due by then. `kept` of `judged` of this kind, this quarter.

    `holds` says whether the asked time would; `instead` is the first later one that would.
    """

    load: int
    kept: int
    judged: int
    holds: bool
    instead: datetime | None

    @property
    def share(self) -> int | None:
        """Per cent, None where there are too few to say."""
        return round(100 * self.kept / self.judged) if self.judged >= ENOUGH else None


class Foresight:
    """What one member's word of one kind is worth at one instant, from three queries.

    A time *would hold* when both are so:

    * there is room: the open time until then is at least half an hour for this promise and for
      each that the member has to keep by then;
    * such promises are kept: of those of the same kind among the last two hundred that were
      judged, and were given half to twice as long (open time, from made to due), at least four
      in five were kept by their due. Fewer than five of that length are no objection.

    The kept ones are the business's own, never one person's.
    """

    def __init__(self, member: Member, kind: str, *, at: datetime, schedule: Schedule) -> None:
        self.member, self.kind, self.at = member, kind, at
        self.hours = schedule.hours

    def of(self, due: datetime) -> Outlook:
        kept, judged = self._this_quarter
        holds = self.would_hold(due)
        instead = None if holds else self._instead(due)
        return Outlook(self._load(due), kept, judged, holds, instead)

    def would_hold(self, due: datetime) -> bool:
        length = clock.between(self.at, due, self.hours) if due > self.at else timedelta(0)
        if length < ROOM * (self._load(due) + 1):
            return False
        alike = [
            kept
            for given, kept in self._record
            if min(given, length) * 2 >= max(given, length) and given
        ]
        return len(alike) < A_FEW or sum(alike) >= HOLDS * len(alike)

    def _instead(self, due: datetime) -> datetime | None:
        return next((each for each in self._later(due) if self.would_hold(each)), None)

    def _later(self, due: datetime) -> Iterator[datetime]:
        for form in LATER:
            try:
                later = clock.due(form, self.at, self.hours).at
            except clock.ClockError:
                continue
            if later > due:
                yield later

    def _load(self, due: datetime) -> int:
        return sum(each <= due for each in self._dues)

    @cached_property
    def _dues(self) -> list[datetime]:
        mine = Promise.objects.outstanding().filter(owner=self.member).order_by("due")
        return list(mine.values_list("due", flat=True)[:MOST_LOOKED_AT])

    @cached_property
    def _record(self) -> list[tuple[timedelta, bool]]:
        """How long each of the last was given, in open time, and whether it was kept."""
        of_kind = Promise.objects.filter(kind=self.kind, due__lt=self.at, state__in=JUDGED)
        rows = of_kind.order_by("-due").values_list("made_at", "due", "state")
        return [
            (clock.between(min(made, due), due, self.hours), state == State.KEPT)
            for made, due, state in rows[:MOST_LOOKED_AT]
        ]

    @cached_property
    def _this_quarter(self) -> tuple[int, int]:
        since = _quarter(self.at.astimezone(self.hours.zone_info))
        of_kind = Promise.objects.filter(kind=self.kind, due__gte=since, due__lt=self.at)
        kept = Count("pk", filter=Q(state=State.KEPT))
        found = of_kind.filter(state__in=JUDGED).aggregate(kept=kept, judged=Count("pk"))
        return found["kept"], found["judged"]


def _quarter(local: datetime) -> datetime:
    """The first moment of the quarter of a year."""
    month = 3 * ((local.month - 1) // 3) + 1
    return local.replace(month=month, day=1, hour=0, minute=0, second=0, microsecond=0)
