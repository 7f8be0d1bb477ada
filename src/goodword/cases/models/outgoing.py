"""OutgoingMessage: one copy of a message to one recipient, and what became of it."""

from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from goodword.cases.models.message import Message
from goodword.core.compare import change
from goodword.core.time import now
from goodword.core.work import Work
from goodword.journal.recording import record
from goodword.people.models import ContactPoint
from goodword.staff.models import Member


class Delivery(models.TextChoices):
    QUEUED = "queued", _("Waiting to be sent")
    DEFERRED = "deferred", _("Will be tried again")
    SENT = "sent", _("Delivered to their mail server")
    BOUNCED = "bounced", _("Came back")
    FAILED = "failed", _("Could not be delivered")


class OutgoingMessage(Work):
    """A row of the outbox. Work that must not be lost is a row with a due time and a lease."""

    message = models.ForeignKey(Message, models.PROTECT, related_name="copies")
    point = models.ForeignKey(ContactPoint, models.SET_NULL, null=True, related_name="+")
    address = models.CharField(max_length=320)
    name = models.CharField(max_length=200, blank=True)
    role = models.CharField(max_length=3, default="to")  # to or cc
    state = models.CharField(max_length=10, choices=Delivery.choices, default=Delivery.QUEUED)
    header_id = models.CharField(max_length=300)  # its Message-ID, with the angle brackets
    answer = models.CharField(max_length=500, blank=True)  # what their server said
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
        self._undo("given_up")

    @transaction.atomic
    def note_bounced(self, answer: str, *, hard: bool) -> bool:
        """It came back after their server had taken it. A soft bounce is told, no more."""
        if not hard:
            return change(self, {"state": Delivery.SENT}, {"answer": answer[:500]})
        was = {"state__in": (Delivery.SENT, Delivery.QUEUED, Delivery.DEFERRED)}
        to = {"state": Delivery.BOUNCED, "answer": answer[:500], "done_at": self.done_at or now()}
        if not change(self, was, to):
            return False
        self._undo("bounced")
        return True

    def _undo(self, kind: str) -> None:
        case = self.message.case
        record(case, kind, by="system", facts={"message": self.message.pk, "copy": self.pk})
        if self.role == "to" and self.message.is_from_a_person:
            case.undo_message(self.message, why=kind)

    @transaction.atomic
    def send_again(self, *, by: Member, address: str = "") -> bool:
        """Put it back into the queue, to another address where one is given."""
        to = {
            "state": Delivery.QUEUED,
            "due_at": now(),
            "attempts": 0,
            "done_at": None,
            "gave_up_at": None,
            "last_error": "",
            "address": address or self.address,
        }
        if not change(self, {"state__in": (Delivery.BOUNCED, Delivery.FAILED)}, to):
            return False
        facts = {"message": self.message.pk, "copy": self.pk}
        record(self.message.case, "sending_again", by=by, facts=facts)
        self.message.case.redo_message(self.message, by=by)
        return True
