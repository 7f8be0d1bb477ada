"""Where a how-to block was put into a message: which version, and by whom."""

from __future__ import annotations

from django.db import models

from goodword.articles.models.kept import ArticleVersion
from goodword.core.time import now
from goodword.staff.models import Member


class BlockUse(models.Model):
    """One version in one message. The version is never edited, so this says what was sent."""

    version = models.ForeignKey(ArticleVersion, models.PROTECT, related_name="uses")
    message = models.ForeignKey("cases.Message", models.CASCADE, related_name="blocks")
    by = models.ForeignKey(Member, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["message", "version"], name="block_used")]
        indexes = [models.Index(fields=["version", "-at"], name="block_use_version_at")]
