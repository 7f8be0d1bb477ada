"""CriticalDate: a day that matters to a customer or an account, once or again and again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from django.db import models, transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from goodword.core.compare import change
from goodword.core.prepared import prepared
from goodword.core.refusals import Refused
from goodword.core.time import now
from goodword.core.zone import business_zone
from goodword.journal.recording import record
from goodword.people.models.accounts import Account
from goodword.people.models.customers import Customer
from goodword.staff.models import Member

# R08: a case within three days of a deadline of theirs comes before its equal.
NEAR = timedelta(days=3)


class Repeats(models.TextChoices):
    ONCE = "once", _("Once")
    MONTHLY = "monthly", _("Every month")
    YEARLY = "yearly", _("Every year")


class CriticalDateQuerySet(models.QuerySet["CriticalDate"]):
    def in_force(self) -> CriticalDateQuerySet:
        return self.filter(ended_at=None)

    def near(self, day: date) -> CriticalDateQuerySet:
        """Those that come within three days."""
        return self.between(day, day + NEAR)

    def between(self, first: date, last: date) -> CriticalDateQuerySet:
        return self.in_force().filter(next_on__range=(first, last))

    def passed(self, day: date) -> CriticalDateQuerySet:
        return self.in_force().exclude(repeats=Repeats.ONCE).filter(next_on__lt=day)


class CriticalDate(models.Model):
    """“Payroll on the 25th”, “audit week”. `next_on` is written when it is set, and each day."""

    customer = models.ForeignKey(Customer, models.CASCADE, null=True, related_name="dates")
    account = models.ForeignKey(Account, models.CASCADE, null=True, related_name="dates")
    name = models.CharField(max_length=120)
    note = models.CharField(max_length=300, blank=True)
    first_on = models.DateField()
    repeats = models.CharField(max_length=8, choices=Repeats.choices, default=Repeats.ONCE)
    next_on = models.DateField()
    by = models.ForeignKey(Member, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=now)
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = CriticalDateQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(customer__isnull=True) ^ Q(account__isnull=True),
                name="date_of_one",
            )
        ]
        indexes = [
            models.Index(fields=["next_on"], condition=Q(ended_at=None), name="date_next"),
        ]

    def __str__(self) -> str:
        return self.name

    @classmethod
    @transaction.atomic
    def set(
        cls,
        of: Customer | Account,
        name: str,
        on: date,
        *,
        by: Member,
        repeats: str = Repeats.ONCE,
        note: str = "",
    ) -> CriticalDate:
        if not name.strip():
            raise Refused("NO_NAME", _("Say what happens on that day."), 422)
        if repeats not in Repeats.values:
            raise Refused("NO_REPEAT", _("Choose once, every month or every year."), 422)
        if repeats == Repeats.ONCE and on < today():
            raise Refused("PAST", _("That day is over. Choose a day to come."), 422)
        made = cls(
            customer=of if isinstance(of, Customer) else None,
            account=of if isinstance(of, Account) else None,
            name=name.strip(),
            note=note.strip(),
            first_on=on,
            repeats=repeats,
            by=by,
        )
        made.next_on = made.next_after(today())
        made.save()
        record(None, "date_set", by=by, facts={"date": made.pk, **made._facts()})
        return made

    @transaction.atomic
    def end(self, *, by: Member) -> bool:
        if not change(self, {"ended_at": None}, {"ended_at": now()}):
            return False
        record(None, "date_ended", by=by, facts={"date": self.pk, **self._facts()})
        return True

    @transaction.atomic
    def bring_back(self, *, by: Member) -> bool:
        to = {"ended_at": None, "next_on": self.next_after(today())}
        if not change(self, {"ended_at__isnull": False}, to):
            return False
        record(None, "date_set", by=by, facts={"date": self.pk, **self._facts()})
        return True

    def next_after(self, day: date) -> date:
        """The first time that it comes on or after `day`; its own day where it comes once."""
        on = self.first_on
        if self.repeats == Repeats.ONCE or on >= day:
            return on
        if self.repeats == Repeats.YEARLY:
            this_year = _on(day.year, on.month, on.day)
            return this_year if this_year >= day else _on(day.year + 1, on.month, on.day)
        this_month = _on(day.year, day.month, on.day)
        year, month = divmod(day.year * 12 + day.month, 12)
        return this_month if this_month >= day else _on(year, month + 1, on.day)

    @property
    def is_near(self) -> bool:
        return today() <= self.next_on <= today() + NEAR

    @property
    def is_over(self) -> bool:
        return self.next_on < today()

    @property
    def days_left(self) -> int:
        return (self.next_on - today()).days

    def _facts(self) -> dict[str, int | None]:
        if self.customer_id:
            return {"customer": self.customer_id}
        return {"account": self.account_id}


def near_of(customers: Iterable[Customer]) -> dict[int, CriticalDate]:
    """By customer, the date of theirs or their account's that comes within three days."""
    accounts = {one.pk: one.account_id for one in customers}
    firms = sorted({pk for pk in accounts.values() if pk is not None})
    first, last = near_now()
    found = _near_of(customers=sorted(accounts), accounts=firms, first=first, last=last)
    mine = {date.customer_id: date for date in found if date.customer_id}
    ours = {date.account_id: date for date in found if date.account_id}
    near = {pk: mine.get(pk) or ours.get(account or 0) for pk, account in accounts.items()}
    return {pk: date for pk, date in near.items() if date is not None}


@prepared
def _near_of(
    *, customers: Sequence[int], accounts: Sequence[int], first: date, last: date
) -> models.QuerySet[CriticalDate]:
    of = Q(customer__in=customers) | Q(account__in=accounts)
    return CriticalDate.objects.between(first, last).filter(of).order_by("-next_on", "-id")


def today() -> date:
    """The day it is for the business."""
    return now().astimezone(business_zone()).date()


def near_now() -> tuple[date, date]:
    """The first and the last of the days that are near."""
    first = today()
    return first, first + NEAR


def roll(day: date, at_once: int = 500) -> int:
    """Write down anew when each date that passed comes next; how many there were."""
    passed = list(CriticalDate.objects.passed(day)[:at_once])
    for each in passed:
        change(each, {"next_on": each.next_on}, {"next_on": each.next_after(day)})
    return len(passed)


def _on(year: int, month: int, day: int) -> date:
    """That day, or the last of a month that is shorter."""
    first_of_next = date(year + month // 12, month % 12 + 1, 1)
    return min(first_of_next - timedelta(days=1), date(year, month, 1) + timedelta(days=day - 1))
