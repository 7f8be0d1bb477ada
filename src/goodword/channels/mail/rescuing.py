"""Bringing back what went astray: by a person, on what a machine decided or gave up."""

import dataclasses
import uuid
from collections.abc import Callable
from datetime import timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from goodword.cases.models import Case, Message, OutgoingMessage
from goodword.cases.models.outgoing import Delivery
from goodword.channels.mail.models import IncomingMail
from goodword.channels.mail.placing import Placing
from goodword.channels.mail.reading import Reader, ReadMail
from goodword.core.compare import change
from goodword.core.live import notify
from goodword.core.refusals import Refused
from goodword.core.time import now
from goodword.journal.recording import record
from goodword.staff.models import Member

Read = Callable[[bytes], ReadMail]
LEASE = timedelta(minutes=1)


class _FromAPerson(Placing):
    """Placed as any customer's mail, but for the receipt: if it was a machine after all, two
    machines would begin to write to each other."""

    def _receipt(self, case: Case, message: Message) -> None:
        return None


def rescue(mail: IncomingMail, *, by: Member, read: Read | None = None) -> Message:
    """A person wrote this mail that was taken for a machine's: it finds its place as theirs.

    Its clocks run from when it came. Refused (409) where it is no longer among the automatic
    mail, (422) where it cannot be read.
    """
    said = (read or _read_limited)(mail.raw())
    if not said.readable:
        sentence = _("This mail could not be read just now. Try again, or download it.")
        raise Refused("UNREADABLE", sentence, 422)
    return _place(mail, dataclasses.replace(said, automatic=None, bounce=None), by)


@transaction.atomic
def _place(mail: IncomingMail, said: ReadMail, by: Member) -> Message:
    leased = {"done_at": None, "lease_token": uuid.uuid4(), "lease_until": now() + LEASE}
    was = {"state": IncomingMail.State.AUTOMATIC, "message": None}
    if not change(mail, was, {"state": IncomingMail.State.TAKEN, **leased}):
        raise Refused("NOT_AUTOMATIC", _("Somebody else dealt with this mail a moment ago."))
    message = _FromAPerson(mail, said).commit()
    if message is None:
        raise Refused("OUR_OWN", _("This is our own mail that came back to us."))
    record(message.case, "rescued", by=by, facts={"message": message.pk, "mail": mail.pk})
    return message


def _read_limited(raw: bytes) -> ReadMail:
    with Reader(1) as reader:
        return reader.read(raw)


@transaction.atomic
def place_again(mail: IncomingMail, *, by: Member) -> bool:
    """Try once more now with mail that waits or that could not be placed."""
    waits = {"state__in": (IncomingMail.State.STUCK, IncomingMail.State.TAKEN)}
    afresh = {"due_at": now(), "gave_up_at": None, "attempts": 0, "is_readable": True}
    to = {"state": IncomingMail.State.TAKEN, **afresh}
    if not change(mail, {**waits, "lease_token": None}, to):
        return False
    record(None, "mail_tried_again", by=by, facts={"mail": mail.pk})
    notify()
    return True


@transaction.atomic
def send_now(copy: OutgoingMessage, *, by: Member) -> bool:
    """Send a copy that waits for its next try now, or one that failed or came back once more."""
    if copy.state in (Delivery.BOUNCED, Delivery.FAILED):
        return copy.send_again(by=by)
    waits = {"state__in": (Delivery.DEFERRED, Delivery.QUEUED), "lease_token": None}
    if not change(copy, waits, {"due_at": now()}):
        return False
    facts = {"message": copy.message_id, "copy": copy.pk}
    record(copy.message.case, "sending_again", by=by, facts=facts)
    return True
