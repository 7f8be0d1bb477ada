"""Merge: one case that became part of another, and all that it takes to undo it."""

from django.db import models
from django.db.models import Q

from goodword.cases.models.case import Case
from goodword.cases.models.message import Message
from goodword.core.time import now
from goodword.staff.models import Member


class Merge(models.Model):
    """`case` is part of `into` until it is undone. What moved is remembered by its ids."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="merges")
    into = models.ForeignKey(Case, models.PROTECT, related_name="merges_here")
    by = models.ForeignKey(Member, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=now)
    newest_message = models.PositiveBigIntegerField(default=0)  # of either, when they became one
    messages = models.JSONField(default=list)
    promises = models.JSONField(default=list)
    # Pairs: a promise that fell away, and the one that stood for both (null: a check-in)
    voided = models.JSONField(default=list)
    drafts = models.JSONField(default=list)
    joined = models.JSONField(default=dict)  # participant and role, of whoever came along
    hung = models.JSONField(
        default=dict
    )  # tags and watches that the survivor got by it, promises of both
    # The columns of the survivor that say where it stands, before and after
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    # Undoes a split that nobody outside had heard of, so nobody is told
    is_quiet = models.BooleanField(default=False)
    told_in = models.ForeignKey(Message, models.PROTECT, null=True, related_name="tells_merges")
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.ForeignKey(Member, models.PROTECT, null=True, related_name="+")
    undoing_told_in = models.ForeignKey(
        Message, models.PROTECT, null=True, related_name="tells_unmerges"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case"], condition=Q(undone_at=None), name="merge_once_at_a_time"
            )
        ]

    @property
    def stands(self) -> bool:
        return self.undone_at is None
