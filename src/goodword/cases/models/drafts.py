"""Half-typed words, kept as they are typed."""

from django.db import models

from goodword.core.time import now
from goodword.staff.models import Member


class Draft(models.Model):
    """What a member has typed on a case and not sent yet. The fields are the form's own."""

    case = models.ForeignKey("cases.Case", models.CASCADE, related_name="drafts")
    member = models.ForeignKey(Member, models.CASCADE, related_name="drafts")
    mode = models.CharField(max_length=8, default="reply")
    text = models.TextField(blank=True)
    fields = models.JSONField(default=dict, blank=True)
    saved_at = models.DateTimeField(default=now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "member", "mode"], name="draft_once")
        ]

    @classmethod
    def keep(
        cls, case: models.Model, member: Member, mode: str, text: str, fields: dict[str, object]
    ) -> "Draft":
        values = {"text": text, "fields": fields, "saved_at": now()}
        draft, _made = cls.objects.update_or_create(
            case=case, member=member, mode=mode, defaults=values
        )
        return draft
