"""What happened in many cases, the newest first: the timeline of an account or a customer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from django.db.models import Q
from django.utils.safestring import SafeString

from goodword.cases.models import Message, Verdict
from goodword.cases.models.case import CaseQuerySet
from goodword.core.templatetags.goodword import clocktime
from goodword.desk.happenings import SIGNS, Names, sentence_of
from goodword.journal.models import Entry
from goodword.promises.kinds import KEPT_BY_AN_ANSWER
from goodword.promises.models import Promise

AT_ONCE = 30
# What a reader of many cases wants to know of each; the rest stands in the case.
TOLD = (
    "case_opened", "received", "sent", "noted", "called", "waiting", "asked", "settled", "not_yet",
    "lapsed", "reopened", "withdrawn", "set_aside", "brought_back", "call_asked", "bounced",
    "given_up", "team_changed", "handed_over", "promise_made", "promise_kept", "promise_kept_late",
    "promise_broken", "promise_moved", "promise_released", "customer_merged", "customer_unmerged",
)  # fmt: skip
_SPOKEN = {
    "received": "mail",
    "sent": "send",
    "noted": "message-square-text",
    "called": "phone-outgoing",
}


@dataclass(frozen=True)
class Event:
    """One thing that happened: in which case, with which words or which promise."""

    entry: Entry
    icon: str
    state: str
    sentence: SafeString
    words: str
    vow: str
    message: int | None
    promise: Promise | None

    @property
    def is_told_by_the_answer(self) -> bool:
        kept = self.entry.kind in ("promise_kept", "promise_kept_late")
        return kept and self.promise is not None and self.promise.kind in KEPT_BY_AN_ANSWER

    @property
    def at(self) -> datetime:
        return self.entry.at


class Across:
    """A page of what happened in `cases`, after the place that `before` names.

    The place is the instant and the key of the last event of the page before, so that a page
    neither skips nor repeats what is there while others write.
    """

    def __init__(self, cases: CaseQuerySet, *, before: str = "") -> None:
        self.cases, self.before = cases, before

    @cached_property
    def entries(self) -> list[Entry]:
        found = Entry.objects.filter(case__in=self.cases.values("pk"), kind__in=TOLD)
        # What a policy promised is told where it was broken, and by the answer that kept it.
        found = found.exclude(kind="promise_made", actor="system")
        if (place := _place(self.before)) is not None:
            at, pk = place
            found = found.filter(Q(at__lt=at) | Q(at=at, pk__lt=pk))
        found = found.select_related("case__customer", "member", "customer")
        return list(found.order_by("-at", "-id")[: AT_ONCE + 1])

    @property
    def next_place(self) -> str:
        """Where the page after this one begins; "" where there is none."""
        if len(self.entries) <= AT_ONCE:
            return ""
        last = self.entries[AT_ONCE - 1]
        return f"{last.at.isoformat()}~{last.pk}"

    @cached_property
    def events(self) -> list[Event]:
        entries = self.entries[:AT_ONCE]
        messages = _named(Message, entries, "message")
        promises = _named(Promise, entries, "promise")
        verdicts = _named(Verdict, entries, "verdict")
        if not entries or entries[0].case is None:
            return []
        names = Names(entries[0].case, entries, [])
        told = [_event(entry, messages, promises, verdicts, names) for entry in entries]
        return [event for event in told if not event.is_told_by_the_answer]


def _event(
    entry: Entry,
    messages: dict[int, Message],
    promises: dict[int, Promise],
    verdicts: dict[int, Verdict],
    names: Names,
) -> Event:
    message = messages.get(_key(entry, "message"))
    promise = promises.get(_key(entry, "promise"))
    verdict = verdicts.get(_key(entry, "verdict"))
    icon, state = SIGNS.get(entry.kind, (_SPOKEN.get(entry.kind, "info"), ""))
    words = verdict.words if verdict else message.text if message and not promise else ""
    vow = promise.text if promise else ""
    detail = clocktime(promise.due) if promise and entry.kind == "promise_made" else ""
    return Event(
        entry=entry,
        icon=_SPOKEN.get(entry.kind, icon),
        state=state,
        sentence=sentence_of(entry, names),
        words=" ".join(words.split())[:240],
        vow=f"{vow}, {detail}" if detail else vow,
        message=message.pk if message else None,
        promise=promise,
    )


def _key(entry: Entry, what: str) -> int:
    if what in entry.facts:
        return entry.facts[what] or 0
    for name in entry.digests:
        kind, _colon, pk = name.partition(":")
        if kind == what:
            return int(pk)
    return 0


def _named(model: Any, entries: list[Entry], what: str) -> dict[int, Any]:
    keys = {_key(entry, what) for entry in entries} - {0}
    found: dict[int, Any] = model._base_manager.in_bulk(keys) if keys else {}
    return found


def _place(text: str) -> tuple[datetime, int] | None:
    """Where a page begins, as the address has it; None for anything that is no such place."""
    at, _mark, pk = text.replace(" ", "+").partition("~")
    try:
        when = datetime.fromisoformat(at)
    except ValueError:
        return None
    if when.tzinfo is None or not (pk.isascii() and pk.isdigit() and len(pk) < 18):
        return None
    return when, int(pk)
