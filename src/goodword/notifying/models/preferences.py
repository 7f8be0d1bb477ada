"""What each member chose."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import models
from django.utils.translation import gettext_lazy as _

from goodword.core.time import now
from goodword.notifying.subjects import SUBJECTS, Way
from goodword.staff.models import Member


class Preferences(models.Model):
    """What one member chose; whoever chose nothing may have no row yet."""

    class Digest(models.TextChoices):
        NEVER = "never", _("Never")
        DAILY = "daily", _("Once a day, when we open")
        HOURLY = "hourly", _("Every hour while we are open")

    member = models.OneToOneField(Member, models.CASCADE, related_name="notify_as")
    ways = models.JSONField(default=dict)
    digest = models.CharField(max_length=8, choices=Digest.choices, default=Digest.DAILY)
    digest_due = models.DateTimeField(null=True)
    # Nothing is pushed between these times of the business's wall; both None: at any time.
    quiet_from = models.TimeField(null=True, default=time(20))
    quiet_until = models.TimeField(null=True, default=time(7))
    shows_more = models.BooleanField(default=False)
    changed_at = models.DateTimeField(default=now)

    class Meta:
        indexes = [models.Index(fields=["digest_due"], name="preferences_digest_due")]

    @classmethod
    def of(cls, member: Member) -> Preferences:
        """Theirs, or the usual ones, not yet kept."""
        return cls.objects.filter(member=member).first() or cls(member=member)

    def not_before(self, at: datetime, zone: ZoneInfo) -> datetime:
        """When a push may leave: now, or when their quiet hours end."""
        begins, ends = self.quiet_from, self.quiet_until
        if begins is None or ends is None or begins == ends:
            return at
        local = at.astimezone(zone)
        over_night = begins > ends
        told = local.time()
        is_quiet = (told >= begins or told < ends) if over_night else begins <= told < ends
        if not is_quiet:
            return at
        day = local.date() + timedelta(days=over_night and told >= begins)
        return datetime.combine(day, ends, zone).astimezone(UTC)

    def wants(self, subject: str) -> frozenset[Way]:
        chosen: dict[str, Any] = self.ways
        if subject not in chosen or SUBJECTS[subject].is_page:
            return SUBJECTS[subject].ways
        return frozenset(Way(each) for each in chosen[subject] if each in set(Way))
