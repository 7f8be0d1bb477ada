"""Silences: who has waited longest for a word of ours, and how far up each ladder has gone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import JSONObject

from goodword.cases.access import visible_promises, workable_cases
from goodword.cases.models import Case, DayException
from goodword.cases.states import Move
from goodword.core.prepared import prepared
from goodword.core.templatetags.goodword import span
from goodword.promises.kinds import CONTACT, State
from goodword.promises.models import Promise, PromiseQuerySet, Rung
from goodword.staff.models import Member
from goodword.staff.standing_in import Sees, sees, stand_in

MOST = 50
ON_TODAY = 8
PEOPLE = ("case__customer__account", "case__owner", "case__team", "owner", "customer")
_OWED = Q(state=State.BROKEN, kind__in=CONTACT, case__has_broken=True, case__move=Move.OURS)


@dataclass(frozen=True)
class Height:
    """How far up a broken word has gone: the rung that was climbed last, and the next."""

    step: int
    names: str
    is_last_resort: bool
    next_at: datetime | None

    @property
    def is_everybodys(self) -> bool:
        return self.step == Rung.Step.EVERYBODY

    @property
    def next(self) -> str:
        return str(Rung.Step(self.step + 1).label) if self.next_at else ""


def with_height(promises: PromiseQuerySet) -> PromiseQuerySet:
    """With how far up each has gone, in the same question."""
    ladder = Rung.objects.filter(promise=OuterRef("pk"))
    last = ladder.exclude(climbed_at=None).order_by("-step")
    said = JSONObject(step="step", names="names", is_last_resort="is_last_resort")
    ahead = ladder.filter(climbed_at=None, ended_at=None).order_by("step")
    return promises.annotate(
        last_rung=Subquery(last.values(said=said)[:1]), next_rung=Subquery(ahead.values("at")[:1])
    )


def height_of(promise: Promise) -> Height | None:
    """Of a promise that `with_height` gave; None where it is not on a ladder."""
    last = getattr(promise, "last_rung", None)
    if last is None or promise.state != State.BROKEN:
        return None
    facts: dict[str, Any] = {**last, "is_last_resort": bool(last["is_last_resort"])}
    return Height(**facts, next_at=getattr(promise, "next_rung", None))


@dataclass(frozen=True)
class Silence:
    """One case whose customer waits. `promise` is the word that was broken to them first."""

    case: Case
    since: datetime
    at: datetime
    promise: Promise | None = None
    height: Height | None = None

    @property
    def age(self) -> str:
        return span(self.at - self.since)


class Silences:
    """What leaders look at first: the oldest silence, then the next, then what is everybody's."""

    def __init__(self, member: Member, at: datetime) -> None:
        self.member, self.at = member, at

    @cached_property
    def rows(self) -> list[Silence]:
        """The oldest first, as far as this member may see them."""
        waiting = workable_cases(self.member).unanswered().with_people()
        oldest = waiting.order_by("unanswered_since", "id")[:MOST]
        found = {
            case.pk: Silence(case, case.unanswered_since, self.at)
            for case in oldest
            if case.unanswered_since
        }
        broken = list(with_height(on_a_ladder(visible_promises(self.member)))[:MOST])
        for promise in reversed(broken):
            before = found.get(promise.case_id)
            since = min(promise.due, before.since) if before else promise.due
            found[promise.case_id] = Silence(
                promise.case, since, self.at, promise, height_of(promise)
            )
        return sorted(found.values(), key=lambda row: (row.since, row.case.pk))[:MOST]

    @cached_property
    def excepted(self) -> list[DayException]:
        """Whom somebody decided to leave for later when a day was closed, and who waits yet."""
        waiting = workable_cases(self.member).unanswered().order_by()
        rows = DayException.objects.standing().filter(case__in=waiting)
        people = ("case__customer", "decided_by", "written_by", "day__team")
        return list(rows.select_related(*people).order_by("-at")[:MOST])

    @cached_property
    def elsewhere(self) -> list[Promise]:
        """On everybody's board, and of a team whose cases this member does not see."""
        whole = on_a_ladder(Promise.objects.filter(_on_the_last_rung()))
        mine = set(visible_promises(self.member).filter(_on_the_last_rung()).values_list("pk"))
        return [each for each in whole[:MOST] if (each.pk,) not in mine]


def on_a_ladder(promises: PromiseQuerySet) -> PromiseQuerySet:
    """Broken contact promises that somebody still waits for, the oldest first."""
    return promises.filter(_OWED).select_related(*PEOPLE).order_by("due", "id")


def on_today(member: Member) -> list[Promise]:
    """What every MAYDAY promised; then the few oldest silences for whoever leads, and for
    everybody what stands on everybody's board. One question for both."""
    return _on_today(sees(member), member=member.pk)


@prepared
def _on_today(seen: Sees, *, member: int) -> QuerySet[Promise]:
    whose = stand_in(member, seen)
    owed = _OWED if whose.is_lead else _OWED & _on_the_last_rung()
    stops = Q(case__is_mayday=True, mayday__isnull=False, mayday__ended_at=None)
    # The few cases that it can be, by their indexes, and only then whom it is about: a database
    # that chooses the order by itself began with every customer.
    broken = Case.objects.filter(move=Move.OURS, is_mayday=False, has_broken=True).order_by()
    stopped = Case.objects.filter(is_mayday=True).order_by()
    cases = broken.values("pk").union(stopped.values("pk"), all=True)
    order = ("-case__is_mayday", "due", "id")
    wanted = visible_promises(whose).filter(owed | stops, case__in=cases)
    few = wanted.order_by(*order).values("pk")[:ON_TODAY]
    found = Promise.objects.filter(pk__in=few).select_related(*PEOPLE, "mayday")
    return found.order_by(*order)


def is_of_mayday(promise: Promise) -> bool:
    """Asked of what `on_today` gave."""
    return promise.case.is_mayday and hasattr(promise, "mayday")


def _on_the_last_rung() -> Q:
    last = Rung.objects.filter(promise=OuterRef("pk"), step=Rung.Step.EVERYBODY)
    return Q(Exists(last.exclude(climbed_at=None)))
