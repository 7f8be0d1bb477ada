"""Customers as the desk shows them: the list that is searched, and everything about one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from django.db.models import Case as Choose
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery, When
from django.http import QueryDict
from django.utils.functional import Promise as LazyText
from django.utils.translation import gettext_lazy

from goodword.cases.access import visible_cases, visible_customers, visible_promises
from goodword.cases.models import Case, Message, Participant, Verdict
from goodword.cases.models.message import AUTOMATIC, Direction
from goodword.cases.states import Move
from goodword.core.prepared import prepared
from goodword.desk.rows import Row, rows, with_people
from goodword.desk.typed import page
from goodword.people.doubles import MOST as MOST_DOUBLES
from goodword.people.doubles import Double, double, likely
from goodword.people.knowing import Known, known_of
from goodword.people.models import ContactPoint, Customer
from goodword.promises.kinds import State
from goodword.promises.models import Promise, PromiseQuerySet
from goodword.staff.models import Member
from goodword.staff.standing_in import Sees, sees, stand_in

PER_PAGE = 50
MOST_CASES = 50
MOST_PROMISES = 30
MOST_WORDS = 20
MOST_COLLEAGUES = 10
A_YEAR = timedelta(days=365)
OVER = (Move.SETTLED, Move.ASIDE)
WHO: dict[str, LazyText | str] = {
    "": gettext_lazy("Everybody"),
    "them": gettext_lazy("Customers"),
    "us": gettext_lazy("Our own people"),
}


class Directory:
    """The customers that a member may see, by name."""

    def __init__(self, member: Member, asked: QueryDict) -> None:
        self.member = member
        self.query = " ".join(asked.get("q", "").replace("\0", "").split())[:100]
        self.who = asked.get("who", "") if asked.get("who", "") in WHO else ""
        self.page_number = page(asked)

    @cached_property
    def page(self) -> tuple[list[Customer], bool]:
        start = (self.page_number - 1) * PER_PAGE
        found = list(self._found()[start : start + PER_PAGE + 1])
        return found[:PER_PAGE], len(found) > PER_PAGE

    @property
    def page_before(self) -> int:
        return self.page_number - 1

    @property
    def page_after(self) -> int:
        return self.page_number + 1

    def everybody(self) -> QuerySet[Customer]:
        """Whoever is asked for, whatever the page: what is taken out as a file."""
        return self._narrowed().order_by("name", "id")

    def _narrowed(self) -> QuerySet[Customer]:
        found = visible_customers(self.member).select_related("account")
        if self.query:
            found = found.filter(matching(self.query))
        if self.who:
            found = found.filter(is_internal=self.who == "us")
        return found

    def _found(self) -> QuerySet[Customer]:
        theirs = visible_cases(self.member).filter(customer=OuterRef("pk"))
        points = ContactPoint.objects.filter(customer=OuterRef("pk")).first_choice()
        ours = theirs.filter(move=Move.OURS)
        return (
            self._narrowed()
            .annotate(
                last_at=Subquery(theirs.order_by("-last_at").values("last_at")[:1]),
                reached_at=Subquery(points.values("value")[:1]),
                is_ours=Exists(ours),
                has_broken=Exists(ours.filter(has_broken=True)),
            )
            .order_by("name", "id")
        )


def matching(text: str) -> Q:
    """Any word of the name, or an address, number or organisation that begins like this."""
    named = Q(name__istartswith=text) | Q(name__icontains=f" {text}")
    points = ContactPoint.objects.filter(customer=OuterRef("pk"))
    reached = Q(value__istartswith=text)
    digits = re.sub(r"\D", "", text)
    if len(digits) >= 3 and not re.search(r"[^\d\s()+./-]", text):
        reached |= Q(kind="phone", value__startswith=digits)
        reached |= Q(kind="phone", value__startswith="+" + digits)
        # 020 … is kept as +44 20 …: whatever stands before it is the country.
        reached |= Q(kind="phone", value__contains=digits.removeprefix("0"))
    return named | Q(account__name__istartswith=text) | Q(Exists(points.filter(reached)))


@dataclass(frozen=True)
class Tally:
    """What became of our word to them within a year; the shares are of 100."""

    kept: int
    late: int
    moved: int
    broken: int

    @property
    def whole(self) -> int:
        return self.kept + self.late + self.moved + self.broken

    def share(self, n: int) -> float:
        return round(100 * n / self.whole, 1) if self.whole else 0

    @property
    def kept_share(self) -> float:
        return self.share(self.kept)

    @property
    def moved_share(self) -> float:
        return self.share(self.moved)

    @property
    def broken_share(self) -> float:
        return self.share(self.broken + self.late)


class Profile:
    """Everything that one member may see of one customer."""

    def __init__(self, customer: Customer, member: Member, at: datetime) -> None:
        self.customer, self.member, self.at = customer, member, at

    @cached_property
    def known(self) -> Known:
        return known_of(self.customer)

    @cached_property
    def points(self) -> list[ContactPoint]:
        return list(self.customer.points.all().first_choice_of_each())

    @property
    def mail(self) -> str:
        return self._first("mail")

    @property
    def phone(self) -> str:
        return self._first("phone")

    def _first(self, kind: str) -> str:
        return next((point.value for point in self.points if point.kind == kind), "")

    @cached_property
    def _others(self) -> list[Customer]:
        """Who is likely the same person, first; then others of their organisation."""
        alike = likely(self.customer, self.points)
        near = alike | Q(account=self.customer.account_id, account__isnull=False)
        order = When(alike, then=0) if alike else When(pk__in=[], then=0)
        found = visible_customers(self.member).filter(near).exclude(pk=self.customer.pk)
        found = found.annotate(unlike=Choose(order, default=1)).order_by("unlike", "name", "id")
        return list(found.select_related("account")[: MOST_DOUBLES + MOST_COLLEAGUES])

    @property
    def doubles(self) -> list[Double]:
        alike = [other for other in self._others if other.unlike == 0]  # type: ignore[attr-defined]
        return [double(self.customer, other) for other in alike[:MOST_DOUBLES]]

    @property
    def colleagues(self) -> list[Customer]:
        """Others of their organisation."""
        account = self.customer.account_id
        theirs = [other for other in self._others if account and other.account_id == account]
        return theirs[:MOST_COLLEAGUES]

    @cached_property
    def cases(self) -> list[Case]:
        """What is ours to move first, then the newest; what they read along in stands with it."""
        return _cases_of(*self._who, **self._whom)

    @property
    def open_cases(self) -> list[Case]:
        return [case for case in self.cases if case.move not in OVER]

    @property
    def past_cases(self) -> list[Case]:
        return [case for case in self.cases if case.move in OVER]

    @cached_property
    def promises(self) -> list[Row]:
        """The newest of their ledger, one row a promise."""
        return rows(_promises_of(*self._who, **self._whom), self.at)

    def _theirs(self) -> PromiseQuerySet:
        return visible_promises(self.member).filter(customer=self.customer)

    @cached_property
    def tally(self) -> Tally:
        year = self._theirs().filter(due__gt=self.at - A_YEAR)
        n = year.aggregate(
            kept=Count("pk", filter=Q(state=State.KEPT)),
            late=Count("pk", filter=Q(state=State.KEPT_LATE)),
            moved=Count("pk", filter=Q(state=State.MOVED)),
            broken=Count("pk", filter=Q(state=State.BROKEN)),
        )
        return Tally(n["kept"], n["late"], n["moved"], n["broken"])

    @cached_property
    def verdicts(self) -> Sequence[Verdict]:
        return _verdicts_of(*self._who, **self._whom)

    @cached_property
    def said(self) -> list[Message]:
        """The newest that was said between us: by them, by a person of ours, or in a call."""
        return _said_with(*self._who, **self._whom)

    @property
    def _who(self) -> tuple[Sees]:
        return (sees(self.member),)

    @property
    def _whom(self) -> dict[str, int]:
        return {"member": self.member.pk, "customer": self.customer.pk}


@prepared
def _cases_of(seen: Sees, *, member: int, customer: int) -> QuerySet[Case]:
    own = Case.objects.filter(customer=customer).order_by().values("pk")
    read_along = Participant.objects.filter(customer=customer).values("case")
    there = visible_cases(stand_in(member, seen)).filter(pk__in=own.union(read_along))
    return there.with_people().order_by("-last_at", "-id")[:MOST_CASES]


@prepared
def _promises_of(seen: Sees, *, member: int, customer: int) -> QuerySet[Promise]:
    theirs = visible_promises(stand_in(member, seen)).filter(customer=customer)
    return with_people(theirs.shown()).order_by("-due", "-id")[:MOST_PROMISES]


def _is_seen(member: int, seen: Sees) -> Exists:
    return Exists(visible_cases(stand_in(member, seen)).filter(pk=OuterRef("case")))


@prepared
def _verdicts_of(seen: Sees, *, member: int, customer: int) -> QuerySet[Verdict]:
    there = Verdict.objects.filter(_is_seen(member, seen), customer=customer, undone_at=None)
    return there.select_related("case", "marked_by").order_by("-at", "-id")[:MOST_WORDS]


@prepared
def _said_with(seen: Sees, *, member: int, customer: int) -> QuerySet[Message]:
    spoken = Message.objects.filter(
        _is_seen(member, seen),
        case__customer=customer,
        direction__in=(Direction.IN, Direction.OUT, Direction.CALL),
        automatic="",
    ).exclude(purpose__in=AUTOMATIC)
    found = spoken.select_related("case", "member", "customer").order_by("-at", "-id")
    return found[:MOST_WORDS]
