"""The lists of the operator's page: what waits, what went astray, and who may come in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Model, Q, QuerySet
from django.utils.functional import Promise as LazyText
from django.utils.translation import gettext_lazy as _

from goodword.cases.access import visible_cases
from goodword.cases.models import Case, OutgoingMessage
from goodword.cases.models.case import SET_ASIDE_FOR
from goodword.cases.models.outgoing import Delivery
from goodword.cases.states import Move
from goodword.channels.mail.models import IncomingMail
from goodword.core.time import now
from goodword.desk.operation import SHOWN_FOR
from goodword.journal.models import Entry
from goodword.people.models import SenderRule
from goodword.staff.models import Member

PER_PAGE = 20
Rows = QuerySet[Any, Any]


@dataclass(frozen=True)
class ListOf:
    """One list: its tab, what stands in it, and what it says when it is empty."""

    name: str
    label: str | LazyText
    icon: str
    empty: str | LazyText
    rows: Callable[[Member], Rows]


@dataclass(frozen=True)
class Shown:
    """The list that was asked for, one page of it."""

    of: ListOf
    page: Page[Any]
    rows: Sequence[Any]
    visible: frozenset[int] = frozenset()
    total_elsewhere: int = 0


def _incoming(member: Member) -> Rows:
    waits = (IncomingMail.State.TAKEN, IncomingMail.State.STUCK)
    rows = IncomingMail.objects.filter(state__in=waits)
    return rows.select_related("mailbox").order_by("state", "received_at", "pk")


def _outgoing(member: Member) -> Rows:
    waits = Q(state__in=(Delivery.QUEUED, Delivery.DEFERRED))
    gone = Q(state__in=(Delivery.FAILED, Delivery.BOUNCED), due_at__gte=now() - SHOWN_FOR)
    rows = OutgoingMessage.objects.filter(waits | gone)
    return rows.select_related("message__case", "message__member").order_by("-due_at", "-pk")


def _unreadable(member: Member) -> Rows:
    rows = IncomingMail.objects.filter(is_readable=False)
    return rows.select_related("mailbox", "message__case").order_by("-pk")


def _automatic(member: Member) -> Rows:
    rows = IncomingMail.objects.filter(state=IncomingMail.State.AUTOMATIC)
    return rows.select_related("mailbox").order_by("-received_at", "-pk")


def _aside(member: Member) -> Rows:
    rows = visible_cases(member).filter(move=Move.ASIDE).select_related("customer", "team")
    return rows.order_by("-last_at", "-pk")


def _rules(member: Member) -> Rows:
    return SenderRule.objects.filter(ended_at=None).select_related("by").order_by("-at", "-pk")


def _members(member: Member) -> Rows:
    rows = Member.objects.select_related("role").prefetch_related("teams", "duty_for")
    return rows.order_by("-is_active", "name", "pk")


LISTS = {
    each.name: each
    for each in (
        ListOf("outgoing", _("Going out"), "send", _("Everything that was written has left."),
               _outgoing),
        ListOf("incoming", _("Coming in"), "inbox", _("Every mail that came has found its place."),
               _incoming),
        ListOf("unreadable", _("Unreadable"), "file-warning",
               _("Every mail that came could be read."), _unreadable),
        ListOf("automatic", _("Automatic mail"), "bot",
               _("No machine has written that belongs to no case."), _automatic),
        ListOf("aside", _("Not customers"), "archive-x", _("Nobody is set aside."), _aside),
        ListOf("rules", _("Rules for senders"), "ban", _("No sender has a rule."), _rules),
        ListOf("members", _("Members"), "users-round", "", _members),
    )
}  # fmt: skip


def shown(member: Member, name: str, number: str) -> Shown:
    """The list of that name, or the first; its page of that number, or the nearest there is."""
    of = LISTS.get(name) or next(iter(LISTS.values()))
    page = Paginator(of.rows(member), PER_PAGE).get_page(number)
    rows = list(page.object_list)
    if of.name == "aside":
        _say_how_set_aside(rows)
        everywhere = Case.objects.filter(move=Move.ASIDE).count()
        return Shown(of, page, rows, total_elsewhere=everywhere - page.paginator.count)
    if of.name == "outgoing":
        _say_what_can_be_done(rows)
    return Shown(of, page, rows, seen_by(member, rows))


def seen_by(member: Member, rows: Sequence[Model]) -> frozenset[int]:
    """Which of the cases that these rows belong to this member may open."""
    messages = [getattr(row, "message", None) for row in rows]
    wanted = {message.case_id for message in messages if message is not None}
    if not wanted:
        return frozenset()
    return frozenset(visible_cases(member).filter(pk__in=wanted).values_list("pk", flat=True))


def _say_how_set_aside(cases: Sequence[Case]) -> None:
    """By a rule or by a person, and whether it can still be undone."""
    entries = Entry.objects.filter(case__in=cases, kind="set_aside").order_by("id")
    last = {entry.case_id: entry for entry in entries.select_related("member")}
    oldest: datetime = now() - SET_ASIDE_FOR
    for case in cases:
        entry = last.get(case.pk)
        case.aside_by = entry.member if entry else None  # type: ignore[attr-defined]
        case.is_by_rule = bool(entry and entry.actor == "system")  # type: ignore[attr-defined]
        may_undo = case.set_aside_at is not None and case.set_aside_at > oldest
        case.may_come_back = may_undo  # type: ignore[attr-defined]


def _say_what_can_be_done(copies: Sequence[OutgoingMessage]) -> None:
    for copy in copies:
        gone = copy.state in (Delivery.FAILED, Delivery.BOUNCED)
        sign = "broken" if gone else "risk" if copy.state == Delivery.DEFERRED else "open"
        copy.is_gone, copy.sign = gone, sign  # type: ignore[attr-defined]
