"""Letters: mail from the desk to one of its own members, a row of work until it has left."""

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from goodword.core.time import now
from goodword.core.work import Work


class Letter(Work):
    """What it says is written when it leaves (channels/mail/letters.py), from `kind` and
    `facts`, so that no code and no link waits in the database."""

    class Kind(models.TextChoices):
        CODE = "code", _("Code to sign in")
        INVITE = "invite", _("Invitation")
        RESET = "reset", _("New password")
        NEW_DEVICE = "new_device", _("Signed in on a new device")
        DIGEST = "digest", _("What they have not seen")
        PAGE = "page", _("Somebody’s business is stopped")
        FACTOR = "factor", _("A way to sign in was changed")

    # Nobody's, where an address that is no member's asked for a code: it never leaves.
    member = models.ForeignKey("staff.Member", models.CASCADE, null=True, related_name="letters")
    key = models.ForeignKey("staff.Key", models.CASCADE, null=True, related_name="letters")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    facts = models.JSONField(default=dict)
    queued_at = models.DateTimeField(default=now)

    class Meta(Work.Meta):
        abstract = False

    @classmethod
    def write(
        cls,
        kind: str,
        to: models.Model | None,
        *,
        key: models.Model | None = None,
        **facts: Any,
    ) -> "Letter":
        """Put it into the outbox, in the transaction of what it tells of."""
        done = None if to else now()
        return cls.objects.create(kind=kind, member=to, key=key, facts=facts, done_at=done)
