"""Replying: one message of a person to the customer, what it keeps, and what it leaves behind.

Every send leaves the case with a promise, asked, waiting with a question, or at rest, so that
no open case is ever dark (R22).
"""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db import models, transaction
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from goodword.articles.quoting import note_uses
from goodword.cases.giving_word import Chosen, GivenWords
from goodword.cases.models.message import (
    AUTOMATIC,
    Attachment,
    Channel,
    Direction,
    Message,
    Purpose,
)
from goodword.cases.models.scheduled import Scheduled
from goodword.cases.models.sending import TakeBack
from goodword.cases.promising import say_again
from goodword.cases.readers import Copies
from goodword.cases.states import State
from goodword.core.compare import change
from goodword.core.faults import point
from goodword.core.formatting import pictures_in
from goodword.core.refusals import Refused
from goodword.core.time import now
from goodword.journal.recording import record
from goodword.promises import pausing
from goodword.promises.kinds import KEPT_BY_AN_ANSWER, Kind
from goodword.promises.models import Promise
from goodword.staff.models import Business, Member
from goodword.staff.rights import Right, must
from goodword.staff.signatures import is_signed, signature_of

if TYPE_CHECKING:
    from goodword.cases.models.case import Case


FIRST_THING = "first_thing:60"


class Then(models.TextChoices):
    """What comes after this message."""

    PROMISE = "promise", _("Send")
    ASK = "ask", _("Send and ask whether it is settled")
    WAIT = "wait", _("Send and wait for their answer")
    REST = "rest", _("Send, nothing more to come")


class SomebodyAnswered(Refused):
    """Somebody said something in the case that the writer has not seen; both texts are shown."""

    def __init__(self, newer: list[Message]) -> None:
        sentence = _("Something was said here while you were writing. Read it, then send or edit.")
        super().__init__("COLLISION", sentence, 409)
        self.newer = newer


class _Rehearsed(Exception):
    """Rolls a rehearsal back."""


class Reply:
    """A message of a person, checked and committed to the outbox in one transaction.

    `first_word` keeps the acknowledge promise alone and adds a next update (due
    `next_update`, else first thing after the next opening); an answer keeps both clocks.
    `seen` is the newest message that the writer saw, None where that cannot matter.
    `promises` are keyword arguments of Promise.make: kind, text, due or form.
    `keeps` are promises that this message keeps. `reason` lets a guardrail pass.
    `typed` is the form that it was typed in: with it, the message can be taken back for some
    seconds; without it, it leaves at once. `signs` puts the writer's signature under it.
    `says_when` is a first word whose `promises` say when they hear next.
    `chosen` and `no_time_because` are what the writer decided about their own sentences, as in
    GivenWords; without `chosen` nobody was asked, and what is found is offered on the message.
    """

    def __init__(
        self,
        case: Case,
        by: Member,
        text: str,
        then: Then,
        *,
        first_word: bool = False,
        says_when: bool = False,
        next_update: datetime | None = None,
        question: str = "",
        promises: Sequence[dict[str, Any]] = (),
        keeps: Iterable[int] = (),
        next_form: str = "",
        cc: Sequence[str] | None = None,
        bcc: Sequence[str] = (),
        attachments: Iterable[Attachment] = (),
        seen: int | None = None,
        reason: str = "",
        signs: bool = True,
        typed: dict[str, Any] | None = None,
        ends_draft: bool = True,
        draft_version: int | None = None,
        chosen: Chosen | None = None,
        no_time_because: str = "",
    ) -> None:
        self.case = case
        self.by = by
        self.text = text.strip()
        self.then = then
        self.first_word = first_word or says_when
        self.says_when = says_when
        self.next_update = next_update
        self.question = question.strip()
        self.promises = promises
        self.keeps = list(keeps)
        self.next_form = next_form
        self.cc = cc
        self.bcc = bcc
        self.attachments = list(attachments)
        self.seen = seen
        self.reason = reason.strip()
        self.signs = signs
        self.typed = typed
        self.ends_draft = ends_draft
        self.draft_version = draft_version
        self.chosen = chosen
        self.no_time_because = no_time_because
        self.read_at: datetime | None = None  # when it goes out later; “today” is that day

    def commit(self) -> Message:
        """Send it. Refused (nothing changes, the words stay with the caller) as the rules say."""
        must(self.by, Right.ANSWER)
        with self.case.held() as case:
            before = TakeBack.of(case)
            self._check_words(case)
            if (sent := self.sent_already(case)) is not None:
                return sent
            self._check_nobody_else_wrote(case)
            words = self._words(case)
            words.check_times(names_one=self.first_word)
            message = self._message(case)
            waits = self._seconds_to_take_it_back()
            leaves_at = now() + timedelta(seconds=waits)
            Copies(case, self.by, self.cc, self.bcc).queue(message, leaves_at)
            self._attach(message)
            note_uses(message, by=self.by)
            facts = {"message": message.pk, "purpose": message.purpose, "then": self.then.value}
            record(case, "sent", by=self.by, words=message, facts=facts)
            if self.reason:
                # Words live in rows that can be erased, so the reason is a note of ours.
                case.note(self.reason, by=self.by)
            case._keep_contact(message, by=self.by, only_first_word=self.first_word)
            case._keep_named(self.keeps, message, by=self.by)
            self._give_word(case, message)
            words.give(message, by=self.by)
            self._leave(case, message)
            case._taken_by_whoever_speaks(self.by)
            Scheduled.hold_all(case, but=self.by)
            self._end_draft(case)
            if waits:
                TakeBack.objects.create(message=message, before=before, fields=self.typed)
            point("reply.before_commit")
        point("reply.after_commit")
        return message

    def rehearse(self) -> None:
        """Everything that would refuse it now, and nothing else: all of it is rolled back."""
        with contextlib.suppress(_Rehearsed), transaction.atomic():
            self.commit()
            raise _Rehearsed
        self.case.refresh_from_db()

    def _seconds_to_take_it_back(self) -> int:
        return 0 if self.typed is None else int(Business.current().setting("undo_seconds"))

    def _end_draft(self, case: Case) -> None:
        if self.ends_draft:
            for draft in case.drafts.filter(member=self.by, mode="reply"):
                draft.end(version=self.draft_version, text=self.text)

    def _words(self, case: Case) -> GivenWords:
        because = self.no_time_because
        details: dict[str, Any] = {"chosen": self.chosen, "no_time_because": because}
        return GivenWords(case, self.text, at=self.read_at, **details)

    # Checks

    def _check_words(self, case: Case) -> None:
        if not self.text:
            raise Refused("NO_TEXT", _("Write your message first."), 422)
        if not case.customer.mail_address():
            sentence = _("We know no mail address of %(name)s. Call them, or add an address.")
            raise Refused("NO_REPLY_PATH", sentence % {"name": case.customer.name}, 422)
        if self.then == Then.WAIT and not self.question:
            raise Refused("NO_QUESTION", _("Write the question that we wait for."), 422)
        if self.first_word and self.then != Then.PROMISE:
            sentence = _("A first word says when they hear next; it does not ask or rest.")
            raise Refused("NO_NEXT_STEP", sentence, 422)

    def sent_already(self, case: Case) -> Message | None:
        """The very same words, sent twice by an impatient hand from the same page."""
        if self.seen is None:
            return None
        mine = case.messages.filter(direction=Direction.OUT, member=self.by, pk__gt=self.seen)
        return mine.exclude(purpose__in=AUTOMATIC).filter(text=self.text).first()

    def _check_nobody_else_wrote(self, case: Case) -> None:
        if self.seen is None:
            return
        unsaid = (Direction.NOTE, Direction.BACK)
        newer = case.messages.filter(pk__gt=self.seen).exclude(direction__in=unsaid)
        mine = models.Q(member=self.by, direction__in=(Direction.OUT, Direction.CALL))
        unseen = list(newer.exclude(mine).exclude(purpose=Purpose.RECEIPT).order_by("at"))
        if unseen:
            raise SomebodyAnswered(unseen)

    # The message and its copies

    def _message(self, case: Case) -> Message:
        purpose = Purpose.FIRST_WORD if self.first_word else Purpose.ANSWER
        purpose = Purpose.THREE_PARTS if self.says_when else purpose
        return Message.objects.create(
            case=case,
            direction=Direction.OUT,
            channel=Channel.MAIL,
            purpose=purpose,
            member=self.by,
            at=now(),
            text=self.text,
            is_formatted=True,
            signature=self._signature(case),
            subject=case.title,
            answered_since=case.unanswered_since,
            message_id=new_header_id(),
        )

    def _signature(self, case: Case) -> str:
        """Under each message once: never under what already ends with it."""
        if not self.signs:
            return ""
        found = signature_of(self.by, Business.current(), case.customer.reads())
        return "" if is_signed(self.text, found) else found

    def _attach(self, message: Message) -> None:
        """The files go with the message; a picture that stands in the text travels in it."""
        shown = pictures_in(self.text)
        for attachment in self.attachments:
            to: dict[str, Any] = {"message": message, "draft": None, "scheduled": None}
            if attachment.pk in shown and attachment.is_shown():
                to |= {"is_inline": True, "content_id": new_header_id().strip("<>")}
            change(attachment, {}, to)

    # What it leaves behind

    def _give_word(self, case: Case, message: Message) -> None:
        for given in self.promises:
            Promise.make(case, by=self.by, owner=self.by, said_in=message, **given)
        if self.first_word and not self.says_when:
            due, form = self.next_update, "" if self.next_update else self.next_form or FIRST_THING
            with override(case.customer.reads()):
                words = str(_("You hear from %(name)s again") % {"name": self.by.given})
            Promise.make(
                case,
                Kind.NEXT_UPDATE,
                words,
                by=self.by,
                owner=self.by,
                due=due,
                form=form,
                said_in=message,
            )

    def _leave(self, case: Case, message: Message) -> None:
        asks = self.then == Then.ASK
        if asks:
            self._check_nothing_is_open(case)
        if case.state == State.ASKED:
            case._void_check_ins("went_on")
            change(case, {}, {"state": State.IN_PROGRESS})
        case._spoken(message, State.ACKNOWLEDGED if self.first_word else State.IN_PROGRESS)
        if self.then == Then.WAIT:
            self._wait(case)
            return
        self._stop_waiting(case)
        if asks:
            case.ask(by=self.by, message=message)
        elif case.is_ended:
            return
        elif self.then == Then.REST:
            change(case, {}, {"rested_at": now()})
            record(case, "rested", by=self.by)
        elif not case.promises.outstanding().filter(customer=case.customer_id).exists():
            # What was promised to somebody who joined leaves the customer with nothing.
            sentence = _("Say what happens next: give your word, ask, or put it to rest.")
            raise Refused("NO_NEXT_STEP", sentence, 422)

    def _stop_waiting(self, case: Case) -> None:
        if case.waiting_since is not None:
            pausing.lift_all(case, by=self.by)
            change(case, {}, {"waiting_since": None, "question": ""})
            record(case, "stopped_waiting", by=self.by)

    def _check_nothing_is_open(self, case: Case) -> None:
        """Made good before it is asked (R75): a guardrail, passed by a reason in one step."""
        owed = case.promises.outstanding().exclude(kind__in=(*KEPT_BY_AN_ANSWER, Kind.CHECK_IN))
        texts = [f"“{promise.text}”" for promise in owed]
        if texts and not self.reason:
            sentence = _("Still promised: %(list)s. Keep it first, or say why you ask now.")
            raise Refused("PROMISES_OPEN", sentence % {"list": ", ".join(texts)}, 409)

    def _wait(self, case: Case) -> None:
        if case.is_ended:
            raise Refused("ENDED", _("It has ended. Any word of theirs opens it again."))
        say_again(case, case.policy().waiting)
        change(case, {}, {"waiting_since": now(), "question": self.question[:500]})
        record(case, "waiting", by=self.by)


def new_header_id() -> str:
    """A Message-ID of ours (RFC 5322, 3.6.4), angle brackets included."""
    domain = Business.current().mail_address.rpartition("@")[2] or "goodword.invalid"
    return f"<{uuid.uuid4().hex}@{domain}>"
