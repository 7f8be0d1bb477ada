"""A signed notice on its way into one case: a message of the leader, and when they hear again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _g
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from goodword.cases.models.message import Channel, Direction, Message, Purpose
from goodword.cases.models.notice import Notice
from goodword.cases.models.participant import Participant
from goodword.cases.readers import queue_copy
from goodword.cases.replying import new_header_id
from goodword.cases.states import State
from goodword.core.refusals import Refused
from goodword.core.time import now
from goodword.journal.recording import record
from goodword.people.models import ContactPoint
from goodword.promises.kinds import Kind
from goodword.promises.models import Promise

if TYPE_CHECKING:
    from goodword.cases.models.case import Case


def tell(case: Case, notice: Notice) -> Message:
    """Send it in this case, once. It keeps the first word and promises the next update.

    Nobody takes the case by it: whoever answers for it goes on doing so.
    """
    leader = notice.signed_by
    if leader is None:
        raise Refused("NOT_SIGNED", _("A leader has to sign it first."), 403)
    with case.held() as held:
        there = held.entries.filter(kind="sent", facts__notice=notice.pk).first()
        if there is not None:
            return Message.objects.get(pk=there.facts["message"])
        _may_be_told(held)
        message = _write(held, notice)
        facts = {"message": message.pk, "purpose": Purpose.NOTICE.value, "notice": notice.pk}
        record(held, "sent", by=leader, words=message, facts=facts)
        held._keep_contact(message, by=leader, only_first_word=True)
        _say_when_next(held, notice, message)
        held._spoken(message, State.ACKNOWLEDGED)
    return message


def _may_be_told(case: Case) -> None:
    if case.is_ended or case.set_aside_at:
        raise Refused("ENDED", _("It has ended or is set aside; nothing is sent there."))
    if not case.customer.mail_address():
        sentence = _("We know no mail address of %(name)s. Call them, or add an address.")
        raise Refused("NO_REPLY_PATH", sentence % {"name": case.customer.name}, 422)


def _write(case: Case, notice: Notice) -> Message:
    message = Message.objects.create(
        case=case,
        direction=Direction.OUT,
        channel=Channel.MAIL,
        purpose=Purpose.NOTICE,
        member=notice.signed_by,
        at=now(),
        text=notice.text,
        subject=case.title,
        answered_since=case.unanswered_since,
        message_id=new_header_id(),
    )
    to = ContactPoint.objects.get(kind="mail", value=case.customer.mail_address())
    queue_copy(message, to, "to")
    for row in case.participants.filter(role=Participant.Role.COPY):
        point = row.mail_point()
        if point is not None and point.pk != to.pk:
            queue_copy(message, point, "cc")
    return message


def _say_when_next(case: Case, notice: Notice, message: Message) -> None:
    with override(case.customer.reads()):
        words = _g("You hear from us again")
    Promise.make(
        case,
        Kind.NEXT_UPDATE,
        words,
        by=notice.signed_by,  # type: ignore[arg-type]
        due=notice.next_update_at,
        said_in=message,
    )
