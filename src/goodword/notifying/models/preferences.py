"""What each member chose."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from goodword.core.time import now
from goodword.notifying.subjects import SUBJECTS, Way
from goodword.staff.models import Member


class Preferences(models.Model):
    """What one member chose; there is no row for whoever chose nothing."""

    class Digest(models.TextChoices):
        NEVER = "never", _("Never")
        DAILY = "daily", _("Once a day, when we open")
        HOURLY = "hourly", _("Every hour while we are open")

    member = models.OneToOneField(Member, models.CASCADE, related_name="notify_as")
    ways = models.JSONField(default=dict)
    digest = models.CharField(max_length=8, choices=Digest.choices, default=Digest.DAILY)
    digest_due = models.DateTimeField(null=True)
    quiet_from = models.TimeField(null=True)
    quiet_until = models.TimeField(null=True)
    shows_more = models.BooleanField(default=False)
    changed_at = models.DateTimeField(default=now)

    class Meta:
        indexes = [models.Index(fields=["digest_due"], name="preferences_digest_due")]

    @classmethod
    def of(cls, member: Member) -> Preferences:
        """Theirs, or the usual ones, not yet kept."""
        return cls.objects.filter(member=member).first() or cls(member=member)

    def wants(self, subject: str) -> frozenset[Way]:
        chosen: dict[str, Any] = self.ways
        if subject not in chosen:
            return SUBJECTS[subject].ways
        return frozenset(Way(each) for each in chosen[subject] if each in set(Way))
