"""Replying: one message of a person to the customer, what it keeps, and what it leaves behind.

Every send leaves the case with a promise, asked, waiting with a question, or at rest, so that
no open case is ever dark (R22).
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from goodword.cases.models.message import (
    AUTOMATIC,
    Attachment,
    Channel,
    Direction,
    Message,
    Purpose,
)
from goodword.cases.models.participant import Participant
from goodword.cases.states import State
from goodword.core.compare import change
from goodword.core.refusals import Refused
from goodword.core.time import now
from goodword.journal.recording import record
from goodword.people.meeting import customer_of
from goodword.people.models import ContactPoint, Customer
from goodword.promises.kinds import KEPT_BY_AN_ANSWER, Kind
from goodword.promises.models import Promise
from goodword.staff.models import Business, Member
from goodword.staff.rights import Right, must

if TYPE_CHECKING:
    from goodword.cases.models.case import Case


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


class Reply:
    """A message of a person, checked and committed to the outbox in one transaction.

    `first_word` keeps the acknowledge promise alone and adds a next update (due
    `next_update`, else first thing after the next opening); an answer keeps both clocks.
    `seen` is the newest message that the writer saw, None where that cannot matter.
    `promises` are keyword arguments of Promise.make: kind, text, due or form.
    `keeps` are promises that this message keeps. `reason` lets a guardrail pass.
    """

    def __init__(
        self,
        case: Case,
        by: Member,
        text: str,
        then: Then,
        *,
        first_word: bool = False,
        next_update: datetime | None = None,
        question: str = "",
        promises: Sequence[dict[str, Any]] = (),
        keeps: Iterable[int] = (),
        cc: Sequence[str] | None = None,
        attachments: Iterable[Attachment] = (),
        seen: int | None = None,
        reason: str = "",
    ) -> None:
        self.case = case
        self.by = by
        self.text = text.strip()
        self.then = then
        self.first_word = first_word
        self.next_update = next_update
        self.question = question.strip()
        self.promises = promises
        self.keeps = list(keeps)
        self.cc = cc
        self.attachments = attachments
        self.seen = seen
        self.reason = reason.strip()

    def commit(self) -> Message:
        """Send it. Refused (nothing changes, the words stay with the caller) as the rules say."""
        must(self.by, Right.ANSWER)
        with self.case.held() as case:
            self._check_words(case)
            if (sent := self._sent_already(case)) is not None:
                return sent
            self._check_nobody_else_wrote(case)
            message = self._message(case)
            self._copies(case, message)
            self._attach(message)
            facts = {"message": message.pk, "purpose": message.purpose, "then": self.then.value}
            record(case, "sent", by=self.by, words=message, facts=facts)
            if self.reason:
                # Words live in rows that can be erased, so the reason is a note of ours.
                case.note(self.reason, by=self.by)
            case._keep_contact(message, by=self.by, only_first_word=self.first_word)
            case._keep_named(self.keeps, message, by=self.by)
            self._give_word(case, message)
            self._leave(case, message)
            case.drafts.filter(member=self.by, mode="reply").delete()
            case._taken_by_whoever_speaks(self.by)
        return message

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

    def _sent_already(self, case: Case) -> Message | None:
        """The very same words, sent twice by an impatient hand from the same page."""
        if self.seen is None:
            return None
        mine = case.messages.filter(direction=Direction.OUT, member=self.by, pk__gt=self.seen)
        return mine.exclude(purpose__in=AUTOMATIC).filter(text=self.text).first()

    def _check_nobody_else_wrote(self, case: Case) -> None:
        if self.seen is None:
            return
        newer = case.messages.filter(pk__gt=self.seen).exclude(direction=Direction.NOTE)
        mine = models.Q(member=self.by, direction__in=(Direction.OUT, Direction.CALL))
        unseen = list(newer.exclude(mine).exclude(purpose=Purpose.RECEIPT).order_by("at"))
        if unseen:
            raise SomebodyAnswered(unseen)

    # The message and its copies

    def _message(self, case: Case) -> Message:
        purpose = Purpose.FIRST_WORD if self.first_word else Purpose.ANSWER
        return Message.objects.create(
            case=case,
            direction=Direction.OUT,
            channel=Channel.MAIL,
            purpose=purpose,
            member=self.by,
            at=now(),
            text=self.text,
            subject=case.title,
            answered_since=case.unanswered_since,
            message_id=new_header_id(),
        )

    def _copies(self, case: Case, message: Message) -> None:
        to = ContactPoint.objects.get(kind="mail", value=case.customer.mail_address())
        queue_copy(message, to, "to")
        for point in self._reading_along(case):
            if point.pk != to.pk:
                queue_copy(message, point, "cc")

    def _reading_along(self, case: Case) -> list[ContactPoint]:
        """Cc is kept: whoever reads along gets a copy, unless the writer says otherwise."""
        if self.cc is None:
            rows = case.participants.filter(role=Participant.Role.COPY)
            return [point for row in rows if (point := row.mail_point())]
        return [self._point_for(case, address) for address in self.cc]

    def _point_for(self, case: Case, address: str) -> ContactPoint:
        value = address.strip().lower()
        customer = customer_of(value)
        Participant.objects.get_or_create(
            case=case, customer=customer, defaults={"role": Participant.Role.COPY}
        )
        # Who is written to on purpose is confirmed by it, by whoever may decide that.
        case._taken_by_whoever_speaks(self.by)
        case.let_in(customer, by=self.by)
        return ContactPoint.objects.get(kind="mail", value=value)

    def _attach(self, message: Message) -> None:
        for attachment in self.attachments:
            change(attachment, {}, {"message": message, "draft": None})

    # What it leaves behind

    def _give_word(self, case: Case, message: Message) -> None:
        for given in self.promises:
            Promise.make(case, by=self.by, owner=self.by, said_in=message, **given)
        if self.first_word:
            due, form = self.next_update, "" if self.next_update else "first_thing:60"
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
        rule = case.policy().waiting
        Promise.make(case, rule.kind, str(rule.words), by="system", form=rule.form)
        change(case, {}, {"waiting_since": now(), "question": self.question[:500]})
        record(case, "waiting", by=self.by)


def queue_copy(message: Message, point: ContactPoint, role: str) -> None:
    """One copy for one recipient, so that each mail carries that person's own link."""
    from goodword.cases.models.outgoing import OutgoingMessage

    customer: Customer = point.customer
    OutgoingMessage.objects.create(
        message=message,
        point=point,
        address=point.value,
        name=customer.name if "@" not in customer.name else "",
        role=role,
        header_id=message.message_id,
        due_at=now(),
    )


def new_header_id() -> str:
    """A Message-ID of ours (RFC 5322, 3.6.4), angle brackets included."""
    domain = Business.current().mail_address.rpartition("@")[2] or "goodword.invalid"
    return f"<{uuid.uuid4().hex}@{domain}>"
