"""One promise from beginning to end: why it is due then, what it was moved from, what happened."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextvars import copy_context
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import TypeVar
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from goodword.cases.models import Merge, Message
from goodword.core.templatetags.goodword import day, hour
from goodword.core.zone import set_business_zone
from goodword.desk.rows import Row
from goodword.desk.why import hours_of, reasons, rule_of, why_later
from goodword.journal.kinds import KINDS
from goodword.journal.models import Entry
from goodword.promises.falling import why_it_fell_away
from goodword.promises.models import Dispute, MoveRequest, Pause, Promise, Rung
from goodword.staff.models import Member, Role
from goodword.staff.rights import Right

Argument = TypeVar("Argument")
Said = TypeVar("Said")


@dataclass(frozen=True)
class Told:
    at: datetime
    sentence: str


class Story:
    """What the page of one promise shows."""

    def __init__(self, promise: Promise, at: datetime) -> None:
        self.promise, self.at = promise, at
        chain = self.chain
        place = [each.pk for each in chain].index(promise.pk)
        promise.moved_from = chain[place - 1] if place else None

    @cached_property
    def chain(self) -> list[Promise]:
        """The same word from its first time to its last; a move never erases."""
        same = Promise.objects.filter(
            case=self.promise.case_id,
            customer=self.promise.customer_id,
            kind=self.promise.kind,
            original_due=self.promise.original_due,
        )
        rows = {each.pk: each for each in same.select_related("schedule", "customer")}
        after = {each.moved_from_id: each for each in rows.values() if each.moved_from_id}
        first = rows[self.promise.pk]
        while first.moved_from_id in rows:
            first = rows[first.moved_from_id]
        chain = [first]
        while chain[-1].pk in after:
            chain.append(after[chain[-1].pk])
        return chain

    @property
    def row(self) -> Row:
        return Row(self.promise, self.at)

    @property
    def successor(self) -> Promise | None:
        """What it was moved to: the word that stands now."""
        last = self.chain[-1]
        return last if last.pk != self.promise.pk else None

    @property
    def rule(self) -> str:
        return f"{rule_of(self.promise)} {hours_of(self.promise)}".strip()

    @cached_property
    def reasons(self) -> list[str]:
        return self._there(_reasons, self)

    @property
    def due_there(self) -> str:
        """The due time by the clocks of the promise's own zone, which may be another team's."""
        return self._there(_named, self.promise.due)

    def _there(self, say: Callable[[Argument], Said], argument: Argument) -> Said:
        def in_zone() -> Said:
            set_business_zone(ZoneInfo(self.promise.zone))
            return say(argument)

        return copy_context().run(in_zone)

    @cached_property
    def told(self) -> list[Told]:
        """Its entries in the journal, over all its moves."""
        of_chain = [each.pk for each in self.chain]
        # A promise that came here with a merge or a split has its first entries elsewhere.
        cases = {self.promise.case_id, *self._cases_before()}
        found = Entry.objects.filter(case__in=cases, facts__promise__in=of_chain)
        entries = found.select_related("member", "customer").order_by("id")
        # A move tells of both ends; the successor's own beginning would say it twice.
        after = {each.pk for each in self.chain[1:]}
        return [
            Told(entry.at, _sentence(entry))
            for entry in entries[:200]
            if not (entry.kind == "promise_made" and entry.facts.get("promise") in after)
        ]

    def _cases_before(self) -> set[int]:
        here = Q(case=self.promise.case_id) | Q(into=self.promise.case_id)
        pairs = Merge.objects.filter(here).values_list("case", "into")
        return {pk for pair in pairs for pk in pair}

    @cached_property
    def ladder(self) -> list[Rung]:
        """How far up it went while nobody made it good."""
        return list(self.promise.rungs.all()) if self.promise.broken_at else []

    @cached_property
    def requests(self) -> list[MoveRequest]:
        found: QuerySet[MoveRequest] = self.promise.move_requests.select_related(
            "by_member", "by_customer"
        )
        return list(found.order_by("-id")[:20])

    @property
    def asked(self) -> MoveRequest | None:
        """The request that waits for an answer, if there is one."""
        return next((each for each in self.requests if each.state == "asked"), None)

    @cached_property
    def pauses(self) -> list[Pause]:
        promise = self.promise
        if promise.paused_at is None and promise.breaks_at == promise.due:
            return []
        return list(promise.pauses.order_by("began_at"))

    @property
    def pause(self) -> Pause | None:
        """The one that stands, if one does."""
        return next((each for each in self.pauses if each.ended_at is None), None)

    @cached_property
    def disputes(self) -> list[Dispute]:
        # Whoever asked for the promise asked for this as well, so that few pages ask twice.
        if not getattr(self.promise, "has_disputes", True):
            return []
        return list(self.promise.disputes.order_by("at"))

    @property
    def fell_away(self) -> str:
        return why_it_fell_away(self.promise.reason)

    @cached_property
    def evidence(self) -> Message | None:
        return self.promise.kept_by

    @cached_property
    def colleagues(self) -> Sequence[Member]:
        """Who may be asked to keep it instead."""
        team = self.promise.case.team.members.filter(
            is_active=True, role__in=Role.with_right(Right.OWN)
        )
        return list(team.exclude(pk=self.promise.owner_id).order_by("name"))

    @cached_property
    def seen(self) -> int:
        """The newest message when the page was made, so that a warning never crosses another."""
        return self.promise.case.newest_message_id()


def _reasons(story: Story) -> list[str]:
    return [*reasons(story.promise), *why_later(story.promise, story.pauses)]


def _named(at: datetime) -> str:
    return f"{day(at)}, {hour(at)}"


def _sentence(entry: Entry) -> str:
    who = entry.member or entry.customer
    name = who.name if who is not None else _("The desk")
    return str(KINDS.get(entry.kind, entry.kind)).format(who=name, to="", from_="", member="")
