"""ContactPoint: an address or a number, whose it is, and which one we write to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models, transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from goodword.core.compare import change
from goodword.core.time import now
from goodword.journal.recording import record
from goodword.staff.models import Member

if TYPE_CHECKING:
    from datetime import datetime


class ContactPointQuerySet(models.QuerySet["ContactPoint"]):
    def first_choice(self) -> ContactPointQuerySet:
        """What arrives before what came back, then the chosen one, then the last used."""
        arrives = F("bounced_at").asc(nulls_first=True)
        return self.order_by(arrives, "-is_first", "-last_used_at", "id")

    def first_choice_of_each(self) -> ContactPointQuerySet:
        arrives = F("bounced_at").asc(nulls_first=True)
        return self.order_by("kind", arrives, "-is_first", "-last_used_at", "id")


class ContactPoint(models.Model):
    """An address or a number. One belongs to one customer.

    `typed` is a number as somebody wrote it; `value` is how we know it again. `likeness` is
    what points of one person have in common: see people/likeness.py.
    """

    class Kind(models.TextChoices):
        MAIL = "mail", _("Mail")
        PHONE = "phone", _("Phone")

    customer = models.ForeignKey("people.Customer", models.CASCADE, related_name="points")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    value = models.CharField(max_length=320)
    typed = models.CharField(max_length=60, blank=True)
    likeness = models.CharField(max_length=320, blank=True)
    last_used_at = models.DateTimeField(default=now)
    is_first = models.BooleanField(default=False)
    bounced_at = models.DateTimeField(null=True, blank=True)

    objects = ContactPointQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "value"], name="point_once")]
        indexes = [
            models.Index(fields=["customer", "kind"], name="point_customer"),
            models.Index(fields=["kind", "likeness"], name="point_likeness"),
        ]

    def __str__(self) -> str:
        return self.value

    @property
    def shown(self) -> str:
        return self.typed or self.value

    @transaction.atomic
    def choose(self, *, by: Member) -> bool:
        """Written to first from now on, whatever they use; chosen again, the last used is."""
        others = ContactPoint.objects.filter(customer=self.customer_id, kind=self.kind)
        others.exclude(pk=self.pk).filter(is_first=True).update(is_first=False)
        if not change(self, {"is_first": False}, {"is_first": True}):
            return False
        self._noted(by)
        return True

    @transaction.atomic
    def no_longer_first(self, *, by: Member) -> bool:
        if not change(self, {"is_first": True}, {"is_first": False}):
            return False
        self._noted(by)
        return True

    @transaction.atomic
    def works_again(self, *, by: Member) -> bool:
        """A member knows better than the mail that came back."""
        if not change(self, {"bounced_at__isnull": False}, {"bounced_at": None}):
            return False
        self._noted(by)
        return True

    def came_back(self, at: datetime) -> None:
        """Mail to it came back for good: another address of theirs is written to from now on."""
        change(self, {"bounced_at": None}, {"bounced_at": at})

    def _noted(self, by: Member) -> None:
        facts = {"customer": self.customer_id, "fields": ["points"]}
        record(None, "customer_changed", by=by, facts=facts)
