"""What the page of a case shows, each part from as few questions to the database as it needs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery

from goodword.cases.access import visible_cases
from goodword.cases.models import (
    Case,
    Mayday,
    Message,
    Paging,
    Participant,
    Recollection,
    Scheduled,
)
from goodword.cases.models.scheduled import Stand
from goodword.cases.states import Move
from goodword.core.prepared import prepared
from goodword.core.time import now
from goodword.desk.composing import Composer
from goodword.desk.hands import Hands
from goodword.desk.ledger import Ledger, Line
from goodword.desk.strands import Strand, strands_of
from goodword.desk.suggesting import needs_no_answer
from goodword.desk.timeline import AT_FIRST, Item, Timeline
from goodword.people.knowing import Known, known_from, rows_of
from goodword.people.models import ContactPoint, CriticalDate, Customer, PinnedNote
from goodword.people.models.dates import today
from goodword.promises.kinds import Kind
from goodword.staff.models import Business, Member
from goodword.staff.standing_in import Sees, sees, stand_in

EARLIER_SHOWN = 5


@dataclass
class Reader:
    """Somebody who takes part in the case, and where they are reached."""

    participant: Participant
    mail: str
    phone: str

    @property
    def customer_id(self) -> int:
        return self.participant.customer_id

    @property
    def name(self) -> str:
        return self.participant.customer.name


class CasePage:
    """One case as one member sees it. Parts are read when a template asks for them."""

    def __init__(
        self, case: Case, member: Member, business: Business, *, messages: int = AT_FIRST
    ) -> None:
        self.case, self.member, self.business = case, member, business
        self.messages = messages

    @cached_property
    def ledger(self) -> Ledger:
        return Ledger(self.case, now())

    @cached_property
    def timeline(self) -> Timeline:
        return Timeline(self.case, self.ledger, messages=self.messages, hands=self.hands)

    @cached_property
    def strands(self) -> list[Strand]:
        return strands_of(self.case)

    @cached_property
    def items(self) -> list[Item]:
        return self.timeline.items()

    @cached_property
    def lines(self) -> list[Line]:
        return self.ledger.lines()

    @cached_property
    def counts(self) -> list[tuple[str, int]]:
        """How many promises are at risk or broken, for the line above the ledger."""
        found = [
            (state, sum(line.state == state for line in self.lines)) for state in ("risk", "broken")
        ]
        return [(state, number) for state, number in found if number]

    @cached_property
    def owed(self) -> list[Line]:
        return [self.ledger.line(promise) for promise in self.ledger.owed()]

    @cached_property
    def everybody(self) -> list[Reader]:
        """Whoever takes part, with the address and the number that we use first."""
        rows = _taking_part(case=self.case.pk)
        for row in rows:
            row.case = self.case
        return [Reader(row, row.mail or "", row.phone or "") for row in rows]

    @cached_property
    def customer(self) -> Reader | None:
        mine = self.case.customer_id
        return next((each for each in self.everybody if each.customer_id == mine), None)

    @property
    def mail(self) -> str:
        return self.customer.mail if self.customer else ""

    @property
    def phone(self) -> str:
        return self.customer.phone if self.customer else ""

    @cached_property
    def readers(self) -> list[Reader]:
        mine = self.case.customer_id
        return [each for each in self.everybody if each.customer_id != mine]

    @cached_property
    def strangers(self) -> list[Reader]:
        return [each for each in self.readers if each.participant.role == "unconfirmed"]

    @cached_property
    def along(self) -> list[Reader]:
        """Who gets a copy of a reply unless the writer says otherwise."""
        return [each for each in self.readers if each.participant.role == "copy"]

    @cached_property
    def recalled(self) -> list[Recollection]:
        """What they remember being promised, and have no yes or no to."""
        owed = self.ledger.by_id.values()
        answers = [e for e in owed if e.kind == Kind.CONSENT_ANSWER and e.is_outstanding]
        waiting = [found for each in answers if (found := getattr(each, "recollection", None))]
        return sorted(waiting, key=lambda each: each.at)

    @cached_property
    def later(self) -> list[Scheduled]:
        """What was written for later and has not gone out."""
        # Whoever asked for the case asked for this as well, so that few pages ask twice.
        if not getattr(self.case, "has_later", True):
            return []
        there = self.case.scheduled.filter(stand__in=(Stand.WAITING, Stand.HELD))
        return list(there.select_related("member").order_by("due_at"))

    @cached_property
    def _known(self) -> Known:
        customer = self.case.customer
        more = {} if customer.account_id is None else {"firm": customer.account_id}
        whose = {"member": self.member.pk, "customer": customer.pk, "case": self.case.pk}
        rows = _beside(sees(self.member), *more, day=today(), **whose, **more)
        return known_from(rows, customer)

    @property
    def pins(self) -> list[PinnedNote]:
        return self._known.notes[::-1]

    @property
    def dates(self) -> list[CriticalDate]:
        """The next days that matter to them, two at most: the rest stands on their page."""
        return self._known.dates[:2]

    @cached_property
    def hands(self) -> Hands:
        return Hands(self.case, self.member)

    @cached_property
    def earlier_cases(self) -> list[Case]:
        """Their other cases that this member may see, the latest first; one more than is shown."""
        found = [Case(**each) for each in self._known.cases]
        return sorted(found, key=lambda each: (each.last_at, each.pk), reverse=True)

    @property
    def is_ours(self) -> bool:
        return self.case.move == Move.OURS

    @property
    def is_offered_to_me(self) -> bool:
        return self.case.handing_to_id == self.member.pk

    @property
    def is_mine(self) -> bool:
        return self.case.is_taken and self.case.owner_id == self.member.pk

    @cached_property
    def unanswered(self) -> Message | None:
        return self.timeline.last_heard() if self.case.unanswered_since else None

    @cached_property
    def mayday(self) -> Mayday | None:
        """The call for help that stands here, with whom it paged."""
        if self.paged:
            return self.paged[0].mayday
        return Mayday.standing(self.case) if self.case.is_mayday else None

    @cached_property
    def paged(self) -> list[Paging]:
        return Paging.of_standing(self.case) if self.case.is_mayday else []

    @cached_property
    def looks_like_thanks(self) -> bool:
        return bool(self.unanswered and needs_no_answer(self.unanswered.text))

    @cached_property
    def contact_due(self) -> Line | None:
        """The promise of an answer that is due next, while they have not heard from us."""
        waiting = [
            promise
            for promise in self.ledger.by_id.values()
            if promise.is_outstanding and promise.kind in ("acknowledge", "reply")
        ]
        return self.ledger.line(waiting[0]) if waiting else None

    @property
    def may_answer(self) -> bool:
        return not self.member.is_light

    def composer(self, mode: str, *, then: str = "") -> Composer:
        if not self.may_answer:
            mode = "note"
        composer = Composer.opened(self.case, self.member, self.business, mode, then=then)
        composer.seen = self.timeline.newest_message
        return self.dressed(composer)

    def dressed(self, composer: Composer) -> Composer:
        composer.readers = self.along
        return composer

    @cached_property
    def quick(self) -> Composer:
        """The composer of the preview: a reply, with what this member began here."""
        return self.composer("reply")


@prepared
def _taking_part(*, case: int) -> QuerySet[Participant, Any]:
    points = ContactPoint.objects.filter(customer=OuterRef("customer"))
    newest = points.first_choice().values("value")
    rows = (
        Participant.objects.filter(case=case)
        .select_related("customer")
        .annotate(
            mail=Subquery(newest.filter(kind=ContactPoint.Kind.MAIL)[:1]),
            phone=Subquery(newest.filter(kind=ContactPoint.Kind.PHONE)[:1]),
        )
    )
    return rows.order_by("joined_at")


@prepared
def _beside(
    seen: Sees,
    *_more: str,
    member: int,
    customer: int,
    case: int,
    day: date,
    firm: int | None = None,
) -> QuerySet[Any, Any]:
    """What is known of the customer, and their other cases, in one question."""
    others = visible_cases(stand_in(member, seen)).filter(customer=customer)
    last = others.exclude(pk=case).order_by("-last_at")[: EARLIER_SHOWN + 1]
    who = Customer(pk=customer, account_id=firm)
    return rows_of(who, day, others.filter(pk__in=last.values("pk")))
