"""Asking outside: a supplier, a landlord, a colleague elsewhere, beside the customer's thread.

Nothing here keeps a promise, ends a silence or opens a clock: it is no word of the customer's
and no answer to them. What we promise the customer meanwhile is a promise like any other.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from goodword.cases.models.message import (
    Attachment,
    Channel,
    Direction,
    Message,
    Purpose,
)
from goodword.cases.models.outgoing import OutgoingMessage
from goodword.cases.models.participant import Participant
from goodword.cases.models.side_thread import SideThread
from goodword.cases.replying import new_header_id
from goodword.core.compare import change
from goodword.core.dates import full_day
from goodword.core.refusals import Refused
from goodword.core.time import now
from goodword.journal.recording import record
from goodword.people.models import ContactPoint
from goodword.people.reaching import read_address
from goodword.promises.kinds import Kind
from goodword.promises.models import Promise
from goodword.staff.models import Business, Member

if TYPE_CHECKING:
    from goodword.cases.models.case import Case


@transaction.atomic
def ask_outside(
    case: Case,
    address: str,
    text: str,
    *,
    by: Member,
    subject: str,
    name: str = "",
    files: Iterable[Attachment] = (),
    forwards: Message | None = None,
    chase: dict[str, Any] | None = None,
) -> SideThread:
    """Write to somebody outside. `files` and what `forwards` holds go along as copies.

    `chase` is what we promise the customer meanwhile: text, and form or due. Refused for whoever
    takes part in the case: they are written to in a reply.
    """
    value = read_address(address)
    with case.held() as held:
        if takes_part(held, value):
            sentence = _("%(address)s takes part in this case. Write to them in a reply.")
            raise Refused("TAKES_PART", sentence % {"address": value}, 422)
        if not subject.strip():
            raise Refused("NO_TITLE", _("Write a subject. They see it, so choose its words."), 422)
        _must_be_ours_to_give(held, forwards)
        thread = SideThread.objects.create(
            case=held, address=value, name=name.strip()[:200], subject=subject.strip()[:300],
            opened_by=by,
        )  # fmt: skip
        facts = {"thread": thread.pk, "forwards": forwards.pk if forwards else None}
        record(held, "side_opened", by=by, facts=facts)
        thread.case = held
        _send(thread, text, by, files)
        if chase:
            change(thread, {}, {"chase": _promised(held, chase, by)})
    return thread


@transaction.atomic
def write_outside(
    thread: SideThread,
    text: str,
    *,
    by: Member,
    files: Iterable[Attachment] = (),
    forwards: Message | None = None,
    seen: int | None = None,
) -> Message:
    """Go on with it. `seen` is the newest message of it that the writer had before them."""
    with thread.case.held() as case:
        thread.case = case
        _must_be_ours_to_give(case, forwards)
        newer = thread.said().filter(pk__gt=seen or 0).exclude(member=by)
        if seen is not None and newer.exists():
            sentence = _("%(who)s’s thread went on while you were writing. Read it, then send.")
            raise Refused("COLLISION", sentence % {"who": thread.whom})
        return _send(thread, text, by, files)


@transaction.atomic
def hear_outside(
    thread: SideThread, text: str, *, at: datetime, fields: dict[str, Any], sender: str
) -> Message:
    """They answered. It is shown beside the case; nothing of the customer's changes by it."""
    with thread.case.held() as case:
        message = Message.everything.create(
            case=case,
            strand=thread,
            direction=Direction.IN,
            channel=Channel.MAIL,
            at=at,
            text=text,
            # Whoever holds the address of the thread may write into it; that is told.
            is_unconfirmed=sender != thread.address,
            **fields,
        )
        change(thread, {}, {"heard_at": at})
        change(case, {}, {"is_unread": True})
        facts = {"message": message.pk, "thread": thread.pk}
        record(case, "side_heard", by="system", at=at, words=message, facts=facts)
    return message


def takes_part(case: Case, address: str) -> bool:
    """Whether mail from there is a word of the customer's, or of somebody who reads along."""
    along = case.participants.exclude(role=Participant.Role.UNCONFIRMED)
    theirs = ContactPoint.objects.filter(kind=ContactPoint.Kind.MAIL, value=address)
    return along.filter(customer__in=theirs.values("customer")).exists()


def forwarded(message: Message, who: str) -> str:
    """Somebody's message as it stands in ours: who said it, when, and their words."""
    said = "\n".join(f"> {line}".rstrip() for line in message.text.splitlines())
    business = Business.current()
    at = message.at.astimezone(ZoneInfo(business.schedule.zone))
    with override(business.language):
        when = f"{full_day(at, year=True)}, {date_format(at, 'H:i')} {at.tzname()}"
        head = _("%(who)s wrote, %(when)s:") % {"who": who, "when": when}
    return f"{head}\n\n{said}"


def _must_be_ours_to_give(case: Case, forwards: Message | None) -> None:
    if forwards is None:
        return
    if forwards.case_id != case.pk or forwards.direction == Direction.BACK:
        raise Refused("NOT_CHOSEN", _("This message is not in this case any more."), 422)
    if forwards.direction == Direction.NOTE:
        sentence = _("A note is ours alone. Write to them in words that they may read.")
        raise Refused("OURS_ALONE", sentence, 422)


def _send(thread: SideThread, text: str, by: Member, files: Iterable[Attachment]) -> Message:
    if not text.strip():
        raise Refused("NO_TEXT", _("Write your message first."), 422)
    message = Message.everything.create(
        case=thread.case,
        strand=thread,
        direction=Direction.OUT,
        channel=Channel.MAIL,
        purpose=Purpose.SIDE,
        member=by,
        at=now(),
        text=text.strip(),
        subject=thread.subject,
        message_id=new_header_id(),
    )
    _copy_files(message, list(files))
    OutgoingMessage.objects.create(
        message=message, address=thread.address, name=thread.name, header_id=message.message_id,
        due_at=now(),
    )  # fmt: skip
    facts = {"message": message.pk, "thread": thread.pk}
    record(thread.case, "side_sent", by=by, words=message, facts=facts)
    return message


def _copy_files(message: Message, files: Sequence[Attachment]) -> None:
    """The same content under the new message; a file that waits nowhere is simply taken."""
    for file in files:
        if file.message_id is None and file.draft_id is None:
            change(file, {}, {"message": message})
            continue
        Attachment.objects.create(
            message=message,
            name=file.name,
            content_type=file.content_type,
            size=file.size,
            sha256=file.sha256,
        )


def _promised(case: Case, chase: dict[str, Any], by: Member) -> Promise:
    word = {"kind": Kind.NEXT_UPDATE, **chase}
    return Promise.make(case, by=by, owner=by, **word)
