"""Half-typed words, kept as they are typed."""

from typing import Any

from django.db import models, transaction

from goodword.core.time import now
from goodword.staff.models import Member


class Draft(models.Model):
    """What a member has typed on a case and not sent yet. The fields are the form's own.

    `version` grows with each save. A tab that saves over words which it has never shown keeps
    its own, and what stood there before goes into `other`, where it is offered.
    """

    case = models.ForeignKey("cases.Case", models.CASCADE, related_name="drafts")
    member = models.ForeignKey(Member, models.CASCADE, related_name="drafts")
    mode = models.CharField(max_length=8, default="reply")
    text = models.TextField(blank=True)
    fields = models.JSONField(default=dict, blank=True)
    version = models.PositiveIntegerField(default=1)
    other = models.TextField(blank=True)
    saved_at = models.DateTimeField(default=now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "member", "mode"], name="draft_once")
        ]

    @classmethod
    @transaction.atomic
    def keep(
        cls,
        case: models.Model,
        member: Member,
        mode: str,
        text: str,
        fields: dict[str, object],
        *,
        version: int | None = None,
    ) -> "Draft":
        """`version` is the one that the writer's page knows, 0 for none; None never asks."""
        values: dict[str, Any] = {"text": text, "fields": fields, "saved_at": now()}
        draft, made = cls.objects.select_for_update().get_or_create(
            case=case, member=member, mode=mode, defaults=values
        )
        if made:
            return draft
        if draft.is_news_to(version, text):
            values["other"] = draft.text
        values["version"] = draft.version + 1
        for name, value in values.items():
            setattr(draft, name, value)
        draft.save(update_fields=[*values])
        return draft

    def is_news_to(self, version: int | None, text: str) -> bool:
        """Whether a page of that version would write over words that it has never shown."""
        unseen = version is not None and version != self.version
        return unseen and bool(self.text.strip()) and not text.startswith(self.text)

    def end(self, *, version: int | None = None, text: str = "") -> None:
        """Its words were sent. What another tab typed meanwhile stays, as the draft from now on."""
        left = self.text if self.is_news_to(version, text) else self.other
        if not left.strip():
            self.delete()
            return
        self.text, self.other, self.fields = left, "", {}
        self.version += 1
        self.save(update_fields=["text", "other", "fields", "version"])
