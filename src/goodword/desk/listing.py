"""The inbox: which cases a member asked to see, in which order, and what each row says."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, F, QuerySet
from django.http import QueryDict
from django.utils.functional import Promise as LazyText
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from goodword.cases.access import visible_cases
from goodword.cases.models import Case
from goodword.cases.models.case import CaseQuerySet
from goodword.cases.states import Move, State
from goodword.core.templatetags.goodword import KINDS, clocktime, span
from goodword.desk.typed import page
from goodword.promises.models import Promise
from goodword.staff.models import Member

PER_PAGE = 50
TABS = tuple(move.value for move in Move if move != Move.MERGED)
SORTS: dict[str, LazyText | str] = {
    "due": gettext_lazy("Next promise first"),
    "silence": gettext_lazy("Longest silence first"),
    "newest": gettext_lazy("Newest first"),
}
FILTERS: dict[str, LazyText | str] = {
    "": gettext_lazy("Everybody’s"),
    "mine": gettext_lazy("With me"),
    "nobody": gettext_lazy("Nobody has it"),
}


@dataclass(frozen=True)
class Tab:
    name: str
    label: str
    count: int | None


@dataclass(frozen=True)
class Row:
    """One case as the list shows it."""

    case: Case
    state: str
    says: str
    is_offered: bool
    promise: Promise | None


@dataclass(frozen=True)
class Listing:
    """What the address of the inbox asks for. Anything unknown in it falls back to the usual."""

    member: Member
    tab: str
    team: str
    sort: str
    filter: str
    page: int

    @classmethod
    def read(cls, member: Member, asked: QueryDict) -> Listing:
        return cls(
            member=member,
            tab=_one_of(TABS, asked.get("tab"), Move.OURS),
            team=asked.get("team", ""),
            sort=_one_of(SORTS, asked.get("sort"), "due"),
            filter=_one_of(FILTERS, asked.get("filter"), ""),
            page=page(asked),
        )

    def cases(self) -> CaseQuerySet:
        found = self._filtered().filter(move=self.tab).with_people().select_related("handing_to")
        if self.sort == "silence":
            return found.order_by(F("unanswered_since").asc(nulls_last=True), "last_at", "id")
        if self.sort == "newest" or self.tab in (Move.SETTLED, Move.ASIDE):
            return found.order_by("-last_at", "-id")
        return found.by_urgency()

    def rows(self, at: datetime) -> tuple[list[Row], bool]:
        """The rows of this page, and whether there are more after them."""
        start = (self.page - 1) * PER_PAGE
        found = list(self.cases()[start : start + PER_PAGE + 1])
        cases = found[:PER_PAGE]
        nexts = next_promises(cases)
        rows = [self._row(case, nexts.get(case.pk), at) for case in cases]
        return rows, len(found) > PER_PAGE

    def tabs(self) -> list[Tab]:
        """Every tab with its count; Settled only grows, so it is not counted."""
        counted = self._filtered().exclude(move=Move.SETTLED).order_by()
        counts = dict(counted.values_list("move").annotate(n=Count("pk")))
        return [
            Tab(move.value, str(move.label), None if move == Move.SETTLED else counts.get(move, 0))
            for move in Move
            if move != Move.MERGED
        ]

    def _filtered(self) -> CaseQuerySet:
        found = visible_cases(self.member)
        if self.team:
            found = found.filter(team__slug=self.team)
        if self.filter == "mine":
            found = found.filter(owner=self.member, taken_at__isnull=False)
        elif self.filter == "nobody":
            found = found.filter(taken_at=None)
        return found

    def _row(self, case: Case, promise: Promise | None, at: datetime) -> Row:
        state, says = next_state(case, promise, at)
        return Row(case, state, says, case.handing_to_id == self.member.pk, promise)


def _one_of(known: Iterable[str], asked: str | None, usual: str) -> str:
    return asked if asked is not None and asked in known else usual


def next_promises(cases: list[Case]) -> dict[int, Promise]:
    """For each case the promise that its row shows: a broken one first, else the next due."""
    outstanding: QuerySet[Promise] = (
        Promise.objects.outstanding()
        .filter(case__in=[case.pk for case in cases])
        .select_related("schedule", "owner", "moved_from")
        .order_by("due", "id")
    )
    of_case: dict[int, list[Promise]] = defaultdict(list)
    for promise in outstanding:
        of_case[promise.case_id].append(promise)
    return {pk: min(each, key=_first_shown) for pk, each in of_case.items()}


def _first_shown(promise: Promise) -> tuple[bool, datetime]:
    return promise.state != "broken", promise.due


def next_state(case: Case, promise: Promise | None, at: datetime) -> tuple[str, str]:
    """The state and the words of a row's last line."""
    if case.is_ended or case.set_aside_at:
        return _ended(case)
    if promise is None:
        said = _("Needs no answer") if case.rested_at else _("Nothing is promised")
        return ("void", said)
    if case.move == Move.DECIDE and promise.state == "open":
        return ("kept", _("%(name)s decides if it’s settled") % {"name": case.customer.given})
    if case.move == Move.THEIRS and case.waiting_since and promise.state == "open":
        when = clocktime(promise.due)
        return ("open", _("We wait for an answer, and write by %(when)s") % {"when": when})
    return _of_promise(promise, at)


def _of_promise(promise: Promise, at: datetime) -> tuple[str, str]:
    kind = KINDS[promise.kind][1]
    when = clocktime(promise.due)
    shown = promise.shown_state(at)
    if shown == "broken":
        return shown, _("%(kind)s was due %(when)s") % {"kind": kind, "when": when}
    if shown == "risk":
        span_left = span(promise.time_left(at))
        facts = {"kind": kind, "when": when, "left": span_left}
        return shown, _("%(kind)s by %(when)s, %(left)s left") % facts
    if shown == "moved" and promise.moved_from is not None:
        facts = {"was": clocktime(promise.moved_from.due), "when": when}
        return shown, _("%(was)s to %(when)s") % facts
    return shown, _("%(kind)s by %(when)s") % {"kind": kind, "when": when}


def _ended(case: Case) -> tuple[str, str]:
    if case.set_aside_at:
        return "void", str(case.get_set_aside_as_display())
    when = clocktime(case.ended_at)
    if case.state == State.SETTLED:
        name = case.customer.given
        return "kept", _("%(name)s settled it, %(when)s") % {"name": name, "when": when}
    return "released", f"{case.get_state_display()}, {when}"
