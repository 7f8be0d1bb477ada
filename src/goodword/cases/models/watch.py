"""Who of us watches a case, and who was named in a note on it."""

from django.db import models
from django.db.models import Q

from goodword.cases.models.message import Message
from goodword.core.time import now
from goodword.staff.models import Member


class Watch(models.Model):
    """A member who wants to hear of a case, or should. Of another team, they see it by this."""

    case = models.ForeignKey("cases.Case", models.CASCADE, related_name="watches")
    member = models.ForeignKey(Member, models.PROTECT, related_name="watches")
    by = models.ForeignKey(Member, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(default=now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "member"], name="watch_once")]
        indexes = [models.Index(fields=["member", "case"], name="watch_member_case")]


class MemberMention(models.Model):
    """A member named in a note. Told once they may see the case; until then it waits."""

    case = models.ForeignKey("cases.Case", models.CASCADE, related_name="mentions")
    message = models.ForeignKey(Message, models.CASCADE, related_name="mentions")
    member = models.ForeignKey(Member, models.PROTECT, related_name="mentions")
    by = models.ForeignKey(Member, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=now)
    told_at = models.DateTimeField(null=True, blank=True)
    seen_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["message", "member"], name="mention_once")]
        indexes = [
            models.Index(
                fields=["member", "-at"],
                condition=Q(seen_at=None, told_at__isnull=False),
                name="mention_unseen",
            ),
            models.Index(fields=["case", "told_at"], name="mention_case_told"),
        ]
