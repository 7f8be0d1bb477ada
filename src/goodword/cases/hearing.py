"""Hearing the customer: what one message of theirs does to a case, in one transaction."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from goodword.cases.models.message import Channel, Direction, Message
from goodword.cases.models.participant import Participant
from goodword.cases.models.scheduled import Scheduled
from goodword.cases.states import State
from goodword.core.time import now
from goodword.core.writing import new, put
from goodword.journal.recording import record
from goodword.people.models import Customer
from goodword.promises import pausing

if TYPE_CHECKING:
    from goodword.cases.models.case import Case
    from goodword.staff.models import Member


class Hearing:
    """Words of a customer on their way into a case.

    `is_confirmed` is False for a stranger who holds a link: they join, and the owner decides.
    `opens_clocks` is False only for old mail that somebody answered long ago.
    """

    def __init__(
        self,
        case: Case,
        customer: Customer,
        text: str,
        *,
        channel: str = Channel.MAIL,
        at: datetime | None = None,
        is_confirmed: bool = True,
        opens_clocks: bool = True,
        taken_by: Member | None = None,
        fields: dict[str, Any] | None = None,
    ) -> None:
        self.case = case
        self.customer = customer
        self.text = text
        self.channel = channel
        self.at = at or now()
        self.is_confirmed = is_confirmed
        self.opens_clocks = opens_clocks
        self.taken_by = taken_by
        self.fields = fields or {}

    def commit(self) -> Message:
        """Write it down, open the clocks, and give the case back to us."""
        with self.case.held() as case:
            message = self._message(case)
            self._join(case)
            record(
                case,
                "received",
                by=self.customer,
                at=self.at,
                words=message,
                facts={"message": message.pk, "channel": self.channel},
            )
            last = case.last_words(message) if self.at >= case.last_at else {}
            if self.opens_clocks and not self._stays_aside(case):
                self._ours_to_move(case, message, last)
            elif last:
                case.write(last)
            if not case.is_new:
                Scheduled.hold_all(case)
        return message

    def _message(self, case: Case) -> Message:
        message = new(
            Message,
            case=case,
            direction=Direction.IN,
            channel=self.channel,
            customer=self.customer,
            member=self.taken_by,
            at=self.at,
            text=self.text,
            is_unconfirmed=not self.is_confirmed,
            **self.fields,
        )
        return put(message)

    def _join(self, case: Case) -> None:
        if case.is_new or Participant.takes_part(case.pk, self.customer.pk):
            return
        role = Participant.Role.COPY if self.is_confirmed else Participant.Role.UNCONFIRMED
        _row, joined = Participant.objects.get_or_create(
            case=case, customer=self.customer, defaults={"role": role}
        )
        if joined and not self.is_confirmed:
            facts = {"customer": self.customer.pk}
            record(case, "sender_joined", by="system", at=self.at, facts=facts)

    def _stays_aside(self, case: Case) -> bool:
        """A sender with a rule stays out of the queue; without one, a new word brings it back."""
        from goodword.people.models import SenderRule

        return bool(case.set_aside_at and SenderRule.for_sender(self._address()))

    def _address(self) -> str:
        return str(self.fields.get("from_address") or self.customer.mail_address())

    def _ours_to_move(self, case: Case, message: Message, last: dict[str, Any]) -> None:
        since = min(filter(None, (case.unanswered_since, self.at)))
        to: dict[str, Any] = {"unanswered_since": since, "rested_at": None, "is_unread": True}
        to |= {"set_aside_at": None, "set_aside_as": "", **last}
        if self.is_confirmed:
            case.reopen(by=self.customer)
            to |= self._end_waiting(case)
            to |= self._end_asking(case)
        case.write(to)
        case.open_clocks(message)

    def _end_waiting(self, case: Case) -> dict[str, Any]:
        if case.waiting_since is None:
            return {}
        for promise in case.promises.open().filter(kind="next_update", made_by=None):
            promise.void("they_answered", by=self.customer)
        pausing.lift_all(case, by=self.customer)
        record(case, "stopped_waiting", by=self.customer, at=self.at)
        return {"waiting_since": None, "question": ""}

    def _end_asking(self, case: Case) -> dict[str, Any]:
        """A new word instead of a verdict (C8): nobody reminds them while they wait for us."""
        if case.state != State.ASKED:
            return {}
        case._void_check_ins("they_wrote")
        return {"state": State.IN_PROGRESS}
