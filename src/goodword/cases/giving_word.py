"""Giving our word in a text: which of its sentences do so, and what their writer decided.

Found once, when the text is written down; what nobody decided is offered on the message.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _g
from django.utils.translation import ngettext

from goodword.cases.models.found import FoundPromise
from goodword.cases.models.message import Message
from goodword.core.refusals import Refused
from goodword.core.time import now
from goodword.journal.recording import record
from goodword.promises.in_words import Found, find
from goodword.promises.kinds import GIVEN_BY_HAND, KEPT_BY_AN_ANSWER, Kind
from goodword.promises.models import Promise
from goodword.staff.models import Business

if TYPE_CHECKING:
    from goodword.cases.models.case import Case
    from goodword.staff.models import Member, Schedule

# Longer texts are pasted logs; nobody gives their word on page ten of one.
MOST_CHARACTERS = 20_000
# “A guard never makes an acknowledgement late” (requirements.md, “Force”).
ONLY_A_NUDGE = timedelta(minutes=5)
# The same instant, as two ways of saying it may differ by.
SAME = timedelta(minutes=1)
# “You hear from me”, whichever way: one word, not two.
HEARING_AGAIN = (Kind.CALLBACK, Kind.NEXT_UPDATE)
# What a writer decided: by the key of a sentence None for “not a promise”, else kind, text and,
# where they chose another, due or form. Plain values, so that a message for later can hold it.
Chosen = Mapping[str, dict[str, Any] | None]


def key_of(words: str) -> str:
    """The name of a sentence: the same however it is broken into lines."""
    plain = " ".join(words.split()).casefold()
    return hashlib.sha256(plain.encode()).hexdigest()[:12]


def kind_of(found: Found) -> str:
    return found.kind if found.kind in GIVEN_BY_HAND else Kind.NEXT_UPDATE


def found_in(text: str, at: datetime, schedule: Schedule) -> list[Found]:
    """Each sentence of a text of ours that gives our word, said twice or not, once."""
    known: dict[str, Found] = {}
    for found in find(text[:MOST_CHARACTERS], at, schedule.hours):
        known.setdefault(key_of(found.text), found)
    return list(known.values())


class NoTime(Refused):
    """A guardrail: the text says “shortly”, and no time goes with it (R53, G18)."""

    def __init__(self, sentences: list[Found]) -> None:
        said = ", ".join(f"“{each.when or each.text}”" for each in sentences)
        sentence = ngettext(
            "%(said)s names no time. Say by when, or why it goes without.",
            "%(said)s name no time. Say by when, or why it goes without.",
            len(sentences),
        )
        super().__init__("VAGUE_TIME", sentence % {"said": said}, 422)


class GivenWords:
    """The promises in one text of ours. `chosen` is None where nobody could decide yet."""

    def __init__(
        self,
        case: Case,
        text: str,
        *,
        at: datetime | None = None,
        chosen: Chosen | None = None,
        no_time_because: str = "",
    ) -> None:
        self.case, self.text = case, text
        self.at = at or now()
        self.chosen: Chosen = chosen or {}
        self.was_asked = chosen is not None
        self.because = no_time_because.strip()[:300]

    @cached_property
    def found(self) -> list[Found]:
        return found_in(self.text, self.at, self.case.schedule_in_force())

    @cached_property
    def without_time(self) -> list[Found]:
        """Vague sentences to which nobody gave a time."""
        vague = (each for each in self.found if each.vague)
        return [each for each in vague if not self.chosen.get(key_of(each.text))]

    # The guardrail

    def check_times(self, *, names_one: bool) -> None:
        """NoTime unless a time goes with it, a reason, or the customer has waited too long.

        `names_one`: the message itself says when they hear again.
        """
        if not self.was_asked or names_one or self.because or not self.without_time:
            return
        if not self._is_only_a_nudge():
            raise NoTime(self.without_time)

    def _is_only_a_nudge(self) -> bool:
        if not Business.current().setting("hold_vague"):
            return True
        soon = now() + ONLY_A_NUDGE
        contact = self.case.promises.open().filter(kind__in=KEPT_BY_AN_ANSWER)
        return contact.filter(due__lte=soon).exists()

    # With the message

    def give(self, message: Message, *, by: Member) -> None:
        """Make what was confirmed, with its sentence; note the rest, to be decided later."""
        for found in self.found:
            key = key_of(found.text)
            chosen = self.chosen.get(key)
            if chosen:
                self._note(message, found, by, promise=self._make(message, found, chosen, by))
            elif key in self.chosen or (found.vague and self.was_asked and self.because):
                self._note(message, found, by, dismissed=True)
            else:
                self._note(message, found, by, promise=self._known(found))
        self._record_vague(message, by)

    def offer(self, message: Message) -> None:
        """Note what was found in words that are said already, wherever they were written."""
        for found in self.found:
            self._note(message, found, None, promise=self._known(found))

    def _make(self, message: Message, found: Found, chosen: dict[str, Any], by: Member) -> Promise:
        time: dict[str, Any] = {"due": found.due, "form": found.form or "", "opens": found.opens}
        if chosen.get("due"):
            time = {"due": datetime.fromisoformat(chosen["due"])}
        elif chosen.get("form"):
            time = {"form": chosen["form"]}
        elif found.due is None:
            said = {"text": found.text}
            raise Refused("NO_TIME", _g("By when? Choose a time for “%(text)s”.") % said, 422)
        text = " ".join((chosen.get("text") or found.text).split())[:500]
        kind = chosen.get("kind") or kind_of(found)
        return Promise.make(self.case, kind, text, by=by, owner=by, said_in=message, **time)

    def _known(self, found: Found) -> Promise | None:
        """What stands on the ledger already, given by hand or said before."""
        if found.due is None:
            return None
        kinds = HEARING_AGAIN if kind_of(found) in HEARING_AGAIN else (kind_of(found),)
        there = self.case.promises.outstanding().filter(kind__in=kinds)
        return there.filter(due__range=(found.due - SAME, found.due + SAME)).first()

    def _note(
        self,
        message: Message,
        found: Found,
        by: Member | None,
        *,
        promise: Promise | None = None,
        dismissed: bool = False,
    ) -> None:
        state = FoundPromise.State.OFFERED
        if promise or dismissed:
            state = FoundPromise.State.CONFIRMED if promise else FoundPromise.State.DISMISSED
        decided = state != FoundPromise.State.OFFERED
        FoundPromise.objects.get_or_create(
            message=message,
            start=found.start,
            end=found.end,
            defaults={
                "said_at": self.at,
                "kind": kind_of(found),
                "form": (found.form or "")[:80],
                "due": found.due,
                "opens": found.opens,
                "is_vague": found.vague,
                "state": state,
                "promise": promise,
                "decided_by": by if decided else None,
                "decided_at": now() if decided else None,
            },
        )

    def _record_vague(self, message: Message, by: Member) -> None:
        if not (self.was_asked and self.without_time):
            return
        facts = {"message": message.pk, "count": len(self.without_time)}
        if self.because:
            words = ", ".join(f"“{each.when or each.text}”" for each in self.without_time)
            said = {"words": words, "why": self.because}
            self.case.note(_g("%(words)s went out without a time: %(why)s") % said, by=by)
        record(self.case, "vague_sent", by=by, facts={**facts, "reason": bool(self.because)})
