"""The secret link by which a member's own calendar reads what they promised. One at a time."""

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.http import HttpRequest
from django.utils.translation import gettext as _

from goodword.core.compare import change
from goodword.core.refusals import Refused
from goodword.core.time import now
from goodword.journal.recording import record
from goodword.staff.attempts import Tries
from goodword.staff.session import network

if TYPE_CHECKING:
    from goodword.staff.models import Member

_SECRET_BYTES = 32
# How exactly it is noted when it was read; a calendar asks every few minutes.
_NOTED_EACH = timedelta(minutes=15)


class Feed(models.Model):
    """Whoever holds the link reads; only its hash is kept, so nothing here opens it."""

    member = models.ForeignKey("staff.Member", models.CASCADE, related_name="feeds")
    digest = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField(default=now)
    read_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["member"], condition=Q(ended_at=None), name="feed_one_a_member"
            )
        ]

    @classmethod
    def of(cls, member: "Member") -> "Feed | None":
        """The link that works now."""
        return cls.objects.filter(member=member, ended_at=None).first()

    @classmethod
    @transaction.atomic
    def make(cls, member: "Member") -> str:
        """The address of a new link, told this once; the one before ends."""
        cls.end(member, by=member)
        if not _held(member).is_active:
            raise Refused("NO_ACCESS", _("Your access has ended."), 403)
        secret = secrets.token_urlsafe(_SECRET_BYTES)
        feed = cls.objects.create(member=member, digest=_digest(secret))
        record(None, "feed_made", by=member, facts={"member": member.pk, "feed": feed.pk})
        return f"{settings.PUBLIC_URL}/feeds/{secret}/promises.ics"

    @classmethod
    @transaction.atomic
    def end(cls, member: "Member", *, by: "Member | str") -> bool:
        """Nobody reads by it from now on. False where there was none."""
        _held(member)
        feed = cls.of(member)
        if feed is None or not change(feed, {"ended_at": None}, {"ended_at": now()}):
            return False
        record(None, "feed_ended", by=by, facts={"member": member.pk, "feed": feed.pk})
        return True

    @classmethod
    def opened_by(cls, secret: str) -> "Feed | None":
        """The link of whoever may still come in; None for one that is guessed or has ended."""
        there = cls.objects.filter(digest=_digest(secret), ended_at=None, member__is_active=True)
        return there.select_related("member__role").first()

    def is_read_too_often(self) -> bool:
        return Tries(f"feed:{self.pk}").are_too_many()

    def note_reading(self) -> None:
        at: datetime = now()
        stale = Q(read_at=None) | Q(read_at__lt=at - _NOTED_EACH)
        Feed.objects.filter(stale, pk=self.pk).update(read_at=at)


def is_guessed_too_often(request: HttpRequest) -> bool:
    """Whether links that do not exist were tried too often from one place of the network."""
    return Tries(f"nofeed:{network(request)}").are_too_many()


def _held(member: "Member") -> "Member":
    """Two windows, or one and a revocation, at once: the second waits here, before the chain."""
    # Not type(): of a request it is a lazy stand-in for the member.
    return member.__class__.objects.select_for_update().get(pk=member.pk)


def _digest(secret: str) -> str:
    return hashlib.sha256(f"goodword.feed:{secret}".encode()).hexdigest()
