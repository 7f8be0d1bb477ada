"""Different: two who look like one, of whom somebody said that they are two."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import models
from django.db.models import Q

from goodword.core.time import now
from goodword.people.models.accounts import Account
from goodword.people.models.customers import Customer
from goodword.staff.models import Member


class DifferentQuerySet(models.QuerySet["Different"]):
    def of(self, one: Customer | Account, other: Customer | Account) -> DifferentQuerySet:
        """What was said of these two, whichever of them stood first."""
        if isinstance(one, Customer):
            pairs = Q(one=one.pk, other=other.pk) | Q(one=other.pk, other=one.pk)
        else:
            pairs = Q(one_account=one.pk, other_account=other.pk)
            pairs |= Q(one_account=other.pk, other_account=one.pk)
        return self.filter(pairs)

    def pairs(self, customers: Iterable[int]) -> set[frozenset[int]]:
        """The pairs of customers of whom it was said, one of these in each."""
        keys = list(customers)
        rows = self.filter(Q(one__in=keys) | Q(other__in=keys))
        return {frozenset(pair) for pair in rows.values_list("one", "other") if None not in pair}


class Different(models.Model):
    """They are not suggested as one again, and not merged before this is taken back.

    The verbs are in cases/telling_apart.py. A merge moves it with everything else, so that it
    goes on being said of whoever they are by then.
    """

    one = models.ForeignKey(Customer, models.CASCADE, null=True, related_name="+")
    other = models.ForeignKey(Customer, models.CASCADE, null=True, related_name="+")
    one_account = models.ForeignKey(Account, models.CASCADE, null=True, related_name="+")
    other_account = models.ForeignKey(Account, models.CASCADE, null=True, related_name="+")
    by = models.ForeignKey(Member, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=now)

    objects = DifferentQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.two[0]}, {self.two[1]}"

    @property
    def two(self) -> tuple[Customer | Account, Customer | Account]:
        one, other = self.one or self.one_account, self.other or self.other_account
        assert one is not None and other is not None
        return one, other
