"""Account: the organisation that a customer belongs to."""

from __future__ import annotations

from functools import cached_property

from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from goodword.core.compare import change
from goodword.core.refusals import Refused
from goodword.core.time import now
from goodword.journal.recording import record
from goodword.staff.hours import latest
from goodword.staff.models import Member, Schedule


class Account(models.Model):
    """The organisation that a customer belongs to.

    One that was merged keeps its name and its domain and points to the one that it became.
    """

    name = models.CharField(max_length=160)
    domain = models.CharField(max_length=253, null=True, blank=True, unique=True)
    since = models.DateField(null=True, blank=True)
    created_at = models.DateTimeField(default=now)
    # The opening hours that were agreed with them, by name; empty: those of whoever answers.
    hours = models.CharField(max_length=80, blank=True)
    merged_into = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="merged_here"
    )

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    @property
    def standing(self) -> Account:
        """This one, or the one that it was merged into."""
        return self.merged_into or self

    def schedule_in_force(self) -> Schedule | None:
        """The newest version of the hours that were agreed; None where none were."""
        return self._agreed if self.hours else None

    @cached_property
    def _agreed(self) -> Schedule | None:
        return latest(self.hours)

    @classmethod
    def named(cls, name: str) -> Account | None:
        """The organisation of this name; new where we have not heard of it, None for no name."""
        if not name:
            return None
        known = cls.objects.filter(name__iexact=name).select_related("merged_into")
        found = known.order_by(models.F("merged_into").asc(nulls_first=True), "id").first()
        return found.standing if found else cls.objects.create(name=name)

    @transaction.atomic
    def rename(self, name: str, *, by: Member) -> bool:
        if not name.strip():
            raise Refused("NO_NAME", _("Write its name."), 422)
        if name == self.name:
            return False
        if not change(self, {"name": self.name}, {"name": name}):
            raise Refused("COLLISION", _("Somebody else changed this a moment ago. Look again."))
        record(None, "account_changed", by=by, facts={"account": self.pk, "fields": ["name"]})
        return True
