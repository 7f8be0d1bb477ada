"""OutgoingMessage: one copy of a message to one recipient, and what became of it."""

import re
from typing import Any

from django.db import models, transaction
from django.utils.translation import gettext as _g
from django.utils.translation import gettext_lazy as _

from goodword.cases.models.message import Message
from goodword.core.compare import change
from goodword.core.refusals import Refused
from goodword.core.time import now
from goodword.core.work import Work
from goodword.journal.recording import record
from goodword.people.models import ContactPoint
from goodword.people.reaching import read_address
from goodword.staff.models import Member

# RFC 3463, 3.2: what a server says of an address that is none.
_NO_SUCH_ADDRESS = re.compile(r"\b5\.1\.(?:0|1|2|3|6|10)\b")


class Delivery(models.TextChoices):
    QUEUED = "queued", _("Waiting to be sent")
    DEFERRED = "deferred", _("Will be tried again")
    SENT = "sent", _("Delivered to their mail server")
    BOUNCED = "bounced", _("Came back")
    FAILED = "failed", _("Could not be delivered")
    BACK = "back", _("Taken back before it left")


class OutgoingMessage(Work):
    """A row of the outbox. Work that must not be lost is a row with a due time and a lease."""

    message = models.ForeignKey(Message, models.PROTECT, related_name="copies")
    point = models.ForeignKey(ContactPoint, models.SET_NULL, null=True, related_name="+")
    address = models.CharField(max_length=320)
    name = models.CharField(max_length=200, blank=True)
    role = models.CharField(max_length=3, default="to")  # to, cc or bcc
    state = models.CharField(max_length=10, choices=Delivery.choices, default=Delivery.QUEUED)
    header_id = models.CharField(max_length=300)  # its Message-ID, with the angle brackets
    answer = models.CharField(max_length=500, blank=True)  # what their server said
    queued_at = models.DateTimeField(default=now)  # from when the days of trying count
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta(Work.Meta):
        abstract = False
        indexes = [
            *Work.Meta.indexes,
            models.Index(fields=["header_id"], name="outgoing_header_id"),
            models.Index(fields=["state", "due_at"], name="outgoing_state"),
        ]

    @transaction.atomic
    def note_sent(self, answer: str) -> None:
        """Their server took it. LeaseLost for a worker whose lease has passed to another."""
        self.finish(state=Delivery.SENT, answer=answer[:500], sent_at=now())

    @transaction.atomic
    def note_deferred(self, answer: str) -> None:
        """Not now; it is tried again after the usual back-off."""
        change(self, {}, {"state": Delivery.DEFERRED, "answer": answer[:500]})
        self.retry(answer)

    @transaction.atomic
    def note_failed(self, answer: str) -> None:
        """Their server refused it for good, or we stopped trying: what it kept is un-kept."""
        self.give_up(answer, state=Delivery.FAILED, answer=answer[:500])
        if self.point and _NO_SUCH_ADDRESS.search(answer):
            self.point.came_back(now())
        self._undo("given_up")

    def note_bounced(self, answer: str, *, hard: bool, dead: bool = False) -> bool:
        """It came back after their server had taken it. A soft bounce is told, no more.

        `dead`: the address does not work and will not, so that another is written to first.
        """
        if not hard:
            return change(self, {"state": Delivery.SENT}, {"answer": answer[:500]})
        with self.message.case.held():
            was = {"state__in": (Delivery.SENT, Delivery.QUEUED, Delivery.DEFERRED)}
            to = {"state": Delivery.BOUNCED, "answer": answer[:500]}
            if not change(self, was, {**to, "done_at": self.done_at or now()}):
                return False
            self._undo("bounced")
            if dead and self.point:
                self.point.came_back(now())
        return True

    def _undo(self, kind: str) -> None:
        case = self.message.case
        record(case, kind, by="system", facts={"message": self.message.pk, "copy": self.pk})
        if self.role == "to" and self.message.is_from_a_person:
            case.undo_message(self.message, why=kind)

    def send_again(self, *, by: Member, address: str = "") -> bool:
        """Put it back into the queue, to another address of theirs where one is given."""
        with self.message.case.held() as case:
            to = {
                "state": Delivery.QUEUED,
                "due_at": now(),
                "queued_at": now(),
                "attempts": 0,
                "done_at": None,
                "gave_up_at": None,
                "last_error": "",
                **self._other_address(address),
            }
            if not change(self, {"state__in": (Delivery.BOUNCED, Delivery.FAILED)}, to):
                return False
            facts = {"message": self.message.pk, "copy": self.pk}
            record(case, "sending_again", by=by, facts=facts)
            if self.role == "to" and self.message.is_from_a_person:
                case.redo_message(self.message, by=by)
        return True

    def _other_address(self, address: str) -> dict[str, Any]:
        """The address as theirs from now on, so that an answer from it is known as their own."""
        if not address.strip() or (value := read_address(address)) == self.address:
            return {}
        if self.message.strand_id is not None:
            return {"address": value}
        customer = self.point.customer if self.point else self.message.case.customer
        point, _made = ContactPoint.objects.get_or_create(
            kind=ContactPoint.Kind.MAIL, value=value, defaults={"customer": customer}
        )
        if point.customer_id != customer.pk:
            sentence = _g("%(address)s belongs to %(name)s. Write to them in a message of its own.")
            names = {"address": value, "name": point.customer.name}
            raise Refused("NO_REPLY_PATH", sentence % names, 422)
        return {"address": value, "point": point}
