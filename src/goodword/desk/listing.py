"""The inbox: which cases a member asked to see, in which order, and what each row says."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from django.db.models import Case as Either
from django.db.models import Count, F, OuterRef, QuerySet, Subquery, Value, When
from django.http import QueryDict
from django.utils.functional import Promise as LazyText
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from goodword.cases.access import visible_cases, workable_cases
from goodword.cases.mentioning import unseen_by
from goodword.cases.models import Case, MemberMention, Tag, Tagging
from goodword.cases.models.case import CaseQuerySet
from goodword.cases.snoozing import wakes_after
from goodword.cases.states import Move, State
from goodword.core.prepared import prepared
from goodword.core.templatetags.goodword import KINDS, clocktime, span
from goodword.core.time import now
from goodword.core.unchanged import while_unchanged
from goodword.desk.typed import page
from goodword.people.models import CriticalDate
from goodword.people.models.dates import near_now, near_of
from goodword.promises.models import Promise
from goodword.staff.models import Member
from goodword.staff.standing_in import Sees, sees, stand_in

PER_PAGE = 50
# On request, for who would rather scroll; the browser draws only what is in view.
MANY = 500
# Beside whose move it is: what sleeps, what one watches, and where one was called.
BESIDE: dict[str, LazyText | str] = {
    "snoozed": gettext_lazy("Snoozed"),
    "watching": gettext_lazy("Watching"),
    "mentions": gettext_lazy("Mentions"),
}
TABS = (*(move.value for move in Move if move != Move.MERGED), *BESIDE)
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
    tags: list[Tag]
    date: CriticalDate | None = None


@dataclass(frozen=True)
class Listing:
    """What the address of the inbox asks for. Anything unknown in it falls back to the usual."""

    member: Member
    tab: str
    team: str
    sort: str
    filter: str
    page: int
    tag: str = ""
    per_page: int = PER_PAGE
    at: datetime = field(default_factory=now)

    @classmethod
    def read(cls, member: Member, asked: QueryDict) -> Listing:
        return cls(
            member=member,
            tab=_one_of(TABS, asked.get("tab"), Move.OURS),
            team=asked.get("team", ""),
            sort=_one_of(SORTS, asked.get("sort"), "due"),
            filter=_one_of(FILTERS, asked.get("filter"), ""),
            page=page(asked),
            tag=asked.get("tag", "")[:60],
            per_page=MANY if asked.get("rows") == str(MANY) else PER_PAGE,
        )

    @property
    def tag_word(self) -> str:
        return f"tag:{self.tag}"

    def cases(self, start: int, end: int, near: tuple[date, date] | None = None) -> CaseQuerySet:
        """These of the list. They are put in order by what decides it, and read in full after."""
        chosen = self._in_order(self._of_tab(), near).values("pk")[start:end]
        found = Case.objects.filter(pk__in=chosen).with_people().select_related("handing_to")
        return self._in_order(found, near)

    def _in_order(self, found: CaseQuerySet, near: tuple[date, date] | None) -> CaseQuerySet:
        if self.tab == "snoozed":
            return found.order_by("snoozed_until", "id")
        if self.tab in BESIDE:
            return found.order_by("-last_at", "-id")
        if self.sort == "silence":
            return found.order_by(F("unanswered_since").asc(nulls_last=True), "last_at", "id")
        if self.sort == "newest" or self.tab in (Move.SETTLED, Move.ASIDE):
            return found.order_by("-last_at", "-id")
        return found.by_urgency(near)

    def rows(self, at: datetime) -> tuple[list[Row], bool]:
        """The rows of this page, and whether there are more after them."""
        found = self._found()
        cases = found[: self.per_page]
        nexts, tags = next_promises(cases), tags_on(cases)
        dates = near_of(case.customer for case in cases)
        rows = [self._row(case, nexts.get(case.pk), tags[case.pk], at) for case in cases]
        rows = [replace(row, date=dates.get(row.case.customer_id)) for row in rows]
        return rows, len(found) > self.per_page

    def _found(self) -> list[Case]:
        """The cases of this page, and one more where there are more."""
        if self.page > 1:
            start = (self.page - 1) * self.per_page
            return list(self.cases(start, start + self.per_page + 1))
        first, last = near_now()
        shape = (*self._shape, self.sort, self.per_page)
        return _first_page(*shape, **self._values, first=first, last=last)

    @property
    def _shape(self) -> tuple[Sees, str, str, bool, bool]:
        asked = (self.tab, self.filter, bool(self.team), bool(self.tag))
        return (sees(self.member), *asked)

    @property
    def _values(self) -> dict[str, Any]:
        words = {"team": self.team, "tag": self.tag}
        given = {name: word for name, word in words.items() if word}
        return {"member": self.member.pk, "at": self.at, **given}

    def tabs(self) -> list[Tab]:
        """Every tab with its count; Settled only grows, so it is not counted.

        What lies beside is shown where there is something in it. One question for all.
        """
        shape, values = self._shape, self._values
        key = ("tabs", shape, *(value for name, value in values.items() if name != "at"))
        rows = while_unchanged(key, self.at, wakes_after, lambda: _of_tabs(*shape, **values))
        counts = {row["what"]: row["n"] for row in rows}
        moves = [
            Tab(move.value, str(move.label), None if move == Move.SETTLED else counts.get(move, 0))
            for move in Move
            if move != Move.MERGED
        ]
        return moves + [
            Tab(name, str(label), counts.get(name, 0))
            for name, label in BESIDE.items()
            if counts.get(name) or self.tab == name
        ]

    def counted(self) -> QuerySet[Any, Any]:
        standing = [move for move in Move if move not in (Move.SETTLED, Move.MERGED)]
        awake = self._filtered().filter(move__in=standing).awake(self.at).order_by()
        called = unseen_by(self.member).order_by()
        asleep = self._filtered().snoozed(self.at).order_by()
        watched = self._seen().watched_by(self.member).exclude(move=Move.SETTLED).order_by()
        return awake.values(what=F("move")).annotate(n=Count("pk")).union(
            asleep.values(what=Value("snoozed")).annotate(n=Count("pk")),
            watched.values(what=Value("watching")).annotate(n=Count("pk")),
            called.values(what=Value("mentions")).annotate(n=Count("case", distinct=True)),
            all=True,
        )  # fmt: skip

    def _of_tab(self) -> CaseQuerySet:
        if self.tab == "snoozed":
            return self._filtered().snoozed(self.at)
        if self.tab == "watching":
            return self._seen().watched_by(self.member)
        if self.tab == "mentions":
            called = MemberMention.objects.filter(member=self.member, told_at__isnull=False)
            return self._seen().filter(pk__in=called.values("case"))
        return self._filtered().filter(move=self.tab).awake(self.at)

    def _filtered(self) -> CaseQuerySet:
        return self._narrowed(workable_cases(self.member))

    def _seen(self) -> CaseQuerySet:
        """With those that they may only look at."""
        return self._narrowed(visible_cases(self.member))

    def _narrowed(self, found: CaseQuerySet) -> CaseQuerySet:
        if self.team:
            found = found.filter(team__slug=self.team)
        if self.tag:
            found = found.tagged(self.tag)
        if self.filter == "mine":
            found = found.filter(owner=self.member, taken_at__isnull=False)
        elif self.filter == "nobody":
            found = found.filter(taken_at=None)
        return found

    def _row(self, case: Case, promise: Promise | None, tags: list[Tag], at: datetime) -> Row:
        state, says = next_state(case, promise, at)
        return Row(case, state, says, case.handing_to_id == self.member.pk, promise, tags)


def _listing(shape: tuple[Any, ...], member: int, **values: Any) -> Listing:
    """The listing that a question is put for; whose it is and what is searched are values."""
    who, tab, filter, _of_a_team, _of_a_tag = shape
    words = {"team": "", "tag": "", "page": 1, "sort": "due", **values}
    return Listing(stand_in(member, who), tab=tab, filter=filter, **words)


@prepared
def _first_page(*shape: Any, first: date, last: date, **values: Any) -> QuerySet[Case]:
    *of_it, sort, per_page = shape
    asked = _listing(tuple(of_it), **values, sort=sort)
    return asked.cases(0, per_page + 1, (first, last))


@prepared
def _of_tabs(*shape: Any, **values: Any) -> QuerySet[Any, Any]:
    return _listing(shape, **values).counted()


def _one_of(known: Iterable[str], asked: str | None, usual: str) -> str:
    return asked if asked is not None and asked in known else usual


def tags_on(cases: list[Case]) -> dict[int, list[Tag]]:
    """The tags of each, in one question; merged ones show as what they stand for."""
    found: dict[int, dict[int, Tag]] = defaultdict(dict)
    for row in _tagged(cases=[case.pk for case in cases]):
        tag = row.tag.root or row.tag
        found[row.case_id][tag.pk] = tag
    return defaultdict(list, {pk: list(tags.values()) for pk, tags in found.items()})


@prepared
def _tagged(*, cases: Sequence[int]) -> QuerySet[Tagging]:
    rows = Tagging.objects.filter(case__in=cases)
    return rows.select_related("tag__root").order_by("tag__name")


def next_promises(cases: list[Case]) -> dict[int, Promise]:
    """For each case the promise that its row shows: a broken one first, else the next due."""
    return {promise.case_id: promise for promise in _next_of(cases=[case.pk for case in cases])}


@prepared
def _next_of(*, cases: Sequence[int]) -> QuerySet[Promise]:
    """Of each the one that is shown: all that a case was promised is several times as much."""
    not_broken = Either(When(state="broken", then=0), default=1)
    of_it = Promise.objects.outstanding().filter(case=OuterRef("pk"))
    shown = of_it.order_by(not_broken, "breaks_at", "id").values("pk")[:1]
    firsts = Case.objects.filter(pk__in=cases).order_by().annotate(first=Subquery(shown))
    found = Promise.objects.filter(pk__in=firsts.values("first")).order_by()
    return found.select_related("schedule", "owner", "moved_from")


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
        when = clocktime(promise.breaks_at)
        return ("open", _("We wait for an answer, and write by %(when)s") % {"when": when})
    return _of_promise(promise, at)


def _of_promise(promise: Promise, at: datetime) -> tuple[str, str]:
    kind = KINDS[promise.kind][1]
    when = clocktime(promise.breaks_at)
    shown = promise.shown_state(at)
    if shown == "paused":
        return shown, _("%(kind)s is paused: we wait for an answer") % {"kind": kind}
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
