"""Where a member is told outside of the page: browsers and services, and what goes there."""

from __future__ import annotations

import hashlib
import json
from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from goodword.core.compare import change
from goodword.core.secrecy import close, reopen
from goodword.core.time import now
from goodword.core.work import Work
from goodword.notifying.models.notification import Notification
from goodword.staff.models import Member

_PURPOSE = "notifying-channel"


class ChannelQuerySet(models.QuerySet["Channel"]):
    def standing(self) -> ChannelQuerySet:
        return self.filter(ended_at=None)


class Channel(models.Model):
    """A browser that takes web push, or a service that apprise knows. Its address is a secret."""

    class Way(models.TextChoices):
        BROWSER = "browser", _("Browser")
        SERVICE = "service", _("Service")

    member = models.ForeignKey(Member, models.CASCADE, related_name="channels")
    way = models.CharField(max_length=8, choices=Way.choices)
    name = models.CharField(max_length=120)
    closed = models.TextField()
    fingerprint = models.CharField(max_length=64)
    added_at = models.DateTimeField(default=now)
    used_at = models.DateTimeField(null=True)
    trouble = models.CharField(max_length=300, blank=True)
    ended_at = models.DateTimeField(null=True)

    objects = ChannelQuerySet.as_manager()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["member", "fingerprint"],
                condition=models.Q(ended_at=None),
                name="channel_once",
            )
        ]

    @classmethod
    def add(cls, member: Member, way: str, name: str, address: dict[str, Any]) -> Channel:
        """The channel at this address, the one that stands where there is one already."""
        told = json.dumps(address, sort_keys=True)
        fingerprint = hashlib.sha256(told.encode()).hexdigest()
        values = {"way": way, "name": name[:120], "closed": close(told, _PURPOSE)}
        return cls.objects.get_or_create(
            member=member, fingerprint=fingerprint, ended_at=None, defaults=values
        )[0]

    def address(self) -> dict[str, Any]:
        """Raises CannotOpen where the installation's key has changed since."""
        found: dict[str, Any] = json.loads(reopen(self.closed, _PURPOSE))
        return found

    def end(self, why: str = "") -> bool:
        """Nothing is told there any more; its address is forgotten."""
        to = {"ended_at": now(), "closed": "", "trouble": why[:300]}
        return change(self, {"ended_at": None}, to)


class Push(Work):
    """One notification on its way to one channel. `begun_at`: it may have left already."""

    notification = models.ForeignKey(Notification, models.CASCADE, related_name="pushes")
    channel = models.ForeignKey(Channel, models.CASCADE, related_name="pushes")
    begun_at = models.DateTimeField(null=True)

    class Meta(Work.Meta):
        abstract = False
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["notification", "channel"], name="push_once")
        ]
