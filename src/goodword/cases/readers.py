"""Who reads a message: its copies, and who takes part in the case because of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _g
from django.utils.translation import gettext_lazy as _

from goodword.cases.models.message import Message
from goodword.cases.models.participant import Participant
from goodword.core.refusals import Refused
from goodword.core.time import now
from goodword.core.writing import new, put
from goodword.people.meeting import customer_of
from goodword.people.models import ContactPoint, Customer
from goodword.staff.models import Member

if TYPE_CHECKING:
    from goodword.cases.models.case import Case

# More people than fit around a table are told by a notice, not by a copy.
MOST_READERS = 20


class Copies:
    """The copies of one message, one a recipient, so that each mail carries their own link.

    `cc` are addresses that get it and may read along from then on; None keeps whoever does.
    `bcc` are addresses that get this one message and take no part in the case.
    """

    def __init__(
        self, case: Case, by: Member, cc: Sequence[str] | None, bcc: Sequence[str] = ()
    ) -> None:
        self.case, self.by, self.cc, self.bcc = case, by, cc, bcc

    def queue(self, message: Message, due_at: datetime) -> None:
        address = self.case.customer.mail_address()
        to = ContactPoint.objects.get(kind="mail", value=address)
        queue_copy(message, to, "to", due_at)
        there = {to.pk}
        for role, points in (("cc", self._along()), ("bcc", self._in_secret())):
            for point in points:
                if point.pk not in there:
                    queue_copy(message, point, role, due_at)
                there.add(point.pk)
        if len(there) - 1 > MOST_READERS:
            sentence = _("At most %(most)s people get a copy. Leave some out, or write to them.")
            raise Refused("TOO_MANY", sentence % {"most": MOST_READERS}, 422)

    def _along(self) -> list[ContactPoint]:
        """Cc is kept: whoever reads along gets a copy, unless the writer says otherwise."""
        if self.cc is None:
            rows = self.case.participants.filter(role=Participant.Role.COPY)
            return [point for row in rows if (point := row.mail_point())]
        return [self._joined(address) for address in self.cc]

    def _in_secret(self) -> Iterable[ContactPoint]:
        return [_point_of(address) for address in self.bcc]

    def _joined(self, address: str) -> ContactPoint:
        point = _point_of(address)
        customer = point.customer
        there, made = Participant.objects.get_or_create(
            case=self.case, customer=customer, defaults={"role": Participant.Role.COPY}
        )
        if there.role == Participant.Role.UNCONFIRMED:
            self._let_in(customer)
        if made and self.case.participants.count() > MOST_READERS + 1:
            sentence = _("%(most)s people read along here already. Shut somebody out first.")
            raise Refused("TOO_MANY", sentence % {"most": MOST_READERS}, 422)
        return point

    def _let_in(self, customer: Customer) -> None:
        """Who is written to on purpose is confirmed by it, by whoever may decide that."""
        self.case._taken_by_whoever_speaks(self.by)
        try:
            self.case.let_in(customer, by=self.by)
        except Refused as error:
            sentence = _g("Nobody has confirmed %(who)s. Take them out of the copies. %(rule)s")
            facts = {"who": customer.name, "rule": error.sentence}
            raise Refused(error.code, sentence % facts, error.status) from error


def _point_of(address: str) -> ContactPoint:
    """The point at this address; a colleague of ours who was never written to becomes known."""
    value = address.strip().lower()
    colleague = Member.objects.active().filter(email__iexact=value).first()
    name = colleague.name if colleague else ""
    customer_of(value, name, is_internal=colleague is not None, is_used=False)
    return ContactPoint.objects.select_related("customer").get(kind="mail", value=value)


def queue_copy(
    message: Message, point: ContactPoint, role: str, due_at: datetime | None = None
) -> None:
    """One copy for one recipient, which leaves at `due_at`, else at once."""
    from goodword.cases.models.outgoing import OutgoingMessage

    customer: Customer = point.customer
    copy = new(
        OutgoingMessage,
        message=message,
        point=point,
        address=point.value,
        name=customer.name if "@" not in customer.name else "",
        role=role,
        header_id=message.message_id,
        due_at=due_at or now(),
    )
    put(copy)
