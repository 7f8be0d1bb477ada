"""The closing sweep: thirty open minutes before the doors close, who has heard nothing (R04).

A team's day is the business day of its own hours; it lasts until the next one opens, so that
it can still be closed at night or after the weekend. Hours without an end, as 24×7, have no
closing and no sweep by the clock: who waits is listed all the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property

from django.db import transaction
from django.db.models import Count, Exists, Max, OuterRef, Q, QuerySet, Subquery

from goodword import clock
from goodword.cases.models import Case, DayException, TeamDay
from goodword.cases.models.message import Direction
from goodword.cases.states import Move
from goodword.core.compare import change
from goodword.core.prepared import prepared
from goodword.journal.recording import record
from goodword.promises.kinds import Kind
from goodword.promises.models import Promise
from goodword.staff.models import Business, Member, Schedule, Team
from goodword.staff.rights import Right

# Open minutes: what lies in a break is no time to write in.
BEFORE_CLOSING = timedelta(minutes=30)
A_MOMENT = timedelta(microseconds=1)


@dataclass(frozen=True)
class BusinessDay:
    """`sweep_from` until `closes` is the sweep; the day began on `date`, on its own wall."""

    date: date
    opens: datetime
    sweep_from: datetime
    closes: datetime


def business_day(at: datetime, hours: clock.Schedule) -> BusinessDay | None:
    """The day that has begun last. None before any has, and where its doors never close."""
    bounds = clock.day_bounds(at, hours)
    if bounds is None or at < bounds[0]:
        bounds = _day_before(at, hours)
    if bounds is None or clock.is_open(bounds[1], hours):
        return None
    opens, closes = bounds
    try:
        sweep_from = max(clock.shift(closes, -BEFORE_CLOSING, hours), opens)
    except clock.ScheduleError:
        sweep_from = opens
    return BusinessDay(opens.astimezone(hours.zone_info).date(), opens, sweep_from, closes)


def _day_before(at: datetime, hours: clock.Schedule) -> tuple[datetime, datetime] | None:
    try:
        return clock.day_bounds(clock.previous_closing(at, hours) - A_MOMENT, hours)
    except clock.ScheduleError:
        return None


def hours_of(team: Team, business: Business) -> Schedule:
    return team.schedule or business.schedule


class Sweep:
    """Who of one team's customers has heard nothing from a person, the longest silence first."""

    def __init__(self, team: Team, at: datetime, business: Business | None = None) -> None:
        self.team, self.at = team, at
        self.schedule = hours_of(team, business or Business.current())
        self.day = business_day(at, self.schedule.hours)

    @property
    def is_open(self) -> bool:
        """The sweep has begun: from half an hour before closing until the next day begins."""
        return self.day is not None and self.at >= self.day.sweep_from

    @cached_property
    def row(self) -> TeamDay | None:
        """What is written down of this day."""
        if self.day is None:
            return None
        rows = TeamDay.objects.filter(team=self.team, date=self.day.date)
        return rows.select_related("closed_by").first()

    @property
    def closed_at(self) -> datetime | None:
        return self.row.closed_at if self.row else None

    @cached_property
    def unanswered(self) -> list[Case]:
        """Every case of the team without an answer.

        `heard` is their newest word in it, `newest` whatever a writer must have seen,
        `first_word_due` when the open promise of a first word is due.
        """
        cases = Case.objects.unanswered().filter(team=self.team).with_people()
        said = Q(messages__strand=None)
        theirs = said & Q(messages__direction=Direction.IN)
        seen = said & ~Q(messages__direction__in=(Direction.NOTE, Direction.BACK))
        due = Promise.objects.open().filter(case=OuterRef("pk"), kind=Kind.ACKNOWLEDGE)
        marked = cases.annotate(
            heard=Max("messages__pk", filter=theirs),
            newest=Max("messages__pk", filter=seen),
            first_word_due=Subquery(due.order_by("due").values("due")[:1]),
        )
        return list(marked.order_by("unanswered_since", "pk"))

    @cached_property
    def exceptions(self) -> dict[int, DayException]:
        """What was decided for this day, by case, as far as it covers what they said last."""
        if self.row is None:
            return {}
        rows = self.row.exceptions.standing().select_related("decided_by", "written_by")
        there = {each.case_id: each for each in rows}
        heard = {case.pk: case.heard or 0 for case in self.unanswered}  # type: ignore[attr-defined]
        return {pk: each for pk, each in there.items() if heard.get(pk, 0) <= each.newest_message}

    @cached_property
    def waiting(self) -> list[Case]:
        """Who keeps the day from being closed: they wrote before it ended, and nobody decided."""
        return [case for case in self._open if not self._is_after(case)]

    @cached_property
    def after(self) -> list[Case]:
        """Who wrote after the doors or the day were closed; theirs is the next day's first word."""
        return [case for case in self._open if self._is_after(case)]

    @property
    def excepted(self) -> list[tuple[Case, DayException]]:
        known = self.exceptions
        return [(case, known[case.pk]) for case in self.unanswered if case.pk in known]

    @property
    def _open(self) -> list[Case]:
        return [case for case in self.unanswered if case.pk not in self.exceptions]

    def _is_after(self, case: Case) -> bool:
        assert case.unanswered_since is not None
        if self.closed_at is not None:
            return True
        # A closing instant is no part of its day (clock.md, rule 2).
        return self.day is not None and case.unanswered_since >= self.day.closes


# Telling owners and leads, once a team and day


def tell_due(at: datetime) -> int:
    """Tell of each sweep that has begun and has somebody on it; how many. The tick calls it."""
    teams = _waited_for()
    if not teams:
        return 0
    business = Business.current()
    return sum(_tell(Sweep(team, at, business)) for team in teams)


@prepared
def _waited_for() -> QuerySet[Team]:
    waits = Case.objects.unanswered().order_by().values("team").distinct()
    return Team.objects.filter(pk__in=waits).select_related("schedule")


def _tell(sweep: Sweep) -> int:
    day = sweep.day
    if day is None or not sweep.is_open or sweep.at >= day.closes:
        return 0
    if (sweep.row and sweep.row.told_at) or not sweep.waiting:
        return 0
    with transaction.atomic():
        if not change(day_row(sweep), {"told_at": None}, {"told_at": sweep.at}):
            return 0
        facts = {
            "team": sweep.team.pk,
            "day": day.date.isoformat(),
            "closes": day.closes,
            "waiting": len({case.customer_id for case in sweep.waiting}),
            "owners": sorted({case.owner_id for case in sweep.waiting}),
        }
        record(None, "sweep_opened", by="clock", at=sweep.at, facts=facts)
    return 1


def day_row(sweep: Sweep) -> TeamDay:
    """The row of this day; made now where nobody has written anything of it yet."""
    assert sweep.day is not None
    row, _made = TeamDay.objects.get_or_create(
        team=sweep.team, date=sweep.day.date, defaults={"closes_at": sweep.day.closes}
    )
    return row


def teams_of(member: Member) -> list[Team]:
    """The teams whose day this member sees: their own, and all where they see all.

    `waiting` is how many cases of each wait for a word, `is_mine` whether they are in it.
    """
    mine = Team.members.through.objects.filter(team=OuterRef("pk"), member=member)
    waits = Q(cases__unanswered_since__isnull=False, cases__move=Move.OURS)
    marked = Team.objects.select_related("schedule").annotate(
        waiting=Count("cases", filter=waits), is_mine=Exists(mine)
    )
    return list(
        (marked if member.has(Right.SEE_ALL) else marked.filter(is_mine=True)).order_by("name")
    )
