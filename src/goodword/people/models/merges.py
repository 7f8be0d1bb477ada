"""Merge: two rows were one person, or one organisation, and exactly what moved when we said so."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from goodword.core.time import now
from goodword.people.models.accounts import Account
from goodword.people.models.customers import Customer
from goodword.staff.models import Member


class Merge(models.Model):
    """What was moved, so that it can be moved back. The verbs are in cases/merging_people.py.

    `moved` is, by relation, the keys of the rows that pointed to `gone`; `before` and `after`
    are the fields of `into` that were filled; `both` are the cases in which both took part.
    """

    gone = models.ForeignKey(Customer, models.PROTECT, null=True, related_name="merges")
    into = models.ForeignKey(Customer, models.PROTECT, null=True, related_name="+")
    gone_account = models.ForeignKey(Account, models.PROTECT, null=True, related_name="merges")
    into_account = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+")
    moved = models.JSONField(default=dict)
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    both = models.JSONField(default=list)
    by = models.ForeignKey(Member, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=now)
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.ForeignKey(Member, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["gone"], condition=Q(undone_at=None), name="merged_once"
            ),
            models.UniqueConstraint(
                fields=["gone_account"], condition=Q(undone_at=None), name="account_merged_once"
            ),
        ]

    @property
    def one(self) -> Customer | Account:
        """Whoever was merged away."""
        found = self.gone or self.gone_account
        assert found is not None
        return found

    @property
    def other(self) -> Customer | Account:
        found = self.into or self.into_account
        assert found is not None
        return found
