"""An organisation as one member may see it: its people, their cases, and our word to them."""

from __future__ import annotations

from datetime import datetime
from functools import cached_property

from django.db.models import OuterRef, Subquery
from django.urls import reverse

from goodword.cases.access import visible_cases, visible_customers, visible_promises
from goodword.cases.models import Case
from goodword.desk.across import Across
from goodword.desk.directory import OVER
from goodword.desk.rows import Row, rows, with_people
from goodword.people.knowing import Known, known_of
from goodword.people.models import Account, ContactPoint, Customer
from goodword.promises.kinds import OUTSTANDING
from goodword.staff.models import Member
from goodword.staff.rights import Right

MOST_PEOPLE = 200
MOST_CASES = 100
MOST_PROMISES = 40


class Organisation:
    def __init__(self, account: Account, member: Member, at: datetime, before: str = "") -> None:
        self.account, self.member, self.at, self.before = account, member, at, before

    @cached_property
    def people(self) -> list[Customer]:
        points = ContactPoint.objects.filter(customer=OuterRef("pk")).first_choice()
        found = visible_customers(self.member).filter(account=self.account)
        found = found.annotate(reached_at=Subquery(points.values("value")[:1]))
        return list(found.order_by("name", "id")[:MOST_PEOPLE])

    @cached_property
    def cases(self) -> list[Case]:
        found = visible_cases(self.member).filter(customer__account=self.account).with_people()
        return list(found.order_by("-last_at", "-id")[:MOST_CASES])

    @property
    def open_cases(self) -> list[Case]:
        return [case for case in self.cases if case.move not in OVER]

    @property
    def past_cases(self) -> list[Case]:
        return [case for case in self.cases if case.move in OVER]

    @cached_property
    def promises(self) -> list[Row]:
        """What we owe them now: broken first, then by when it is due."""
        found = visible_promises(self.member).filter(
            customer__account=self.account, state__in=OUTSTANDING
        )
        ours = with_people(found).order_by("state", "due", "id")[:MOST_PROMISES]
        return rows(list(ours), self.at)

    @property
    def n_broken(self) -> int:
        return sum(row.state == "broken" for row in self.promises)

    @property
    def hours_url(self) -> str:
        """Where the hours that count for them are chosen; empty for whoever may not."""
        is_theirs = self.member.has(Right.SETTINGS)
        return reverse("settings_account", args=[self.account.pk]) if is_theirs else ""

    @cached_property
    def known(self) -> Known:
        return known_of(self.account)

    @cached_property
    def across(self) -> Across:
        cases = visible_cases(self.member).filter(customer__account=self.account)
        return Across(cases, before=self.before)
