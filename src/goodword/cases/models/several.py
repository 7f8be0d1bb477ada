"""BulkAct: one act of one member on many cases, step by step, and undone as one."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from goodword.cases.models.notice import Notice
from goodword.core.time import now
from goodword.staff.models import Member


class Doing(models.TextChoices):
    """What is done to each; `cases/several.py` says how."""

    TAKE = "take", _("Take them")
    HAND = "hand", _("Hand them over")
    TEAM = "team", _("Give them to a team")
    TAG = "tag", _("Tag them")
    SNOOZE = "snooze", _("Snooze them")
    WATCH = "watch", _("Watch them")
    REST = "rest", _("They need no answer")
    NOTICE = "notice", _("Send the notice")


class BulkAct(models.Model):
    """The row outlives the page: what is left after a crash is done by the tick."""

    member = models.ForeignKey(Member, models.PROTECT, related_name="+")
    doing = models.CharField(max_length=8, choices=Doing.choices)
    wanted = models.JSONField(default=dict)  # ids and instants: to whom, which tag, until when
    notice = models.OneToOneField(Notice, models.PROTECT, null=True, related_name="sending")
    at = models.DateTimeField(default=now)
    went_on_at = models.DateTimeField(default=now)
    done_at = models.DateTimeField(null=True, blank=True)
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["went_on_at"], condition=Q(done_at=None), name="bulk_act_unfinished"
            )
        ]


class BulkStep(models.Model):
    """One case of it: its own transaction, its own result."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Not done yet")
        DONE = "done", _("Done")
        REFUSED = "refused", _("Not done")
        UNDONE = "undone", _("Undone")
        STAYS = "stays", _("Could not be undone")

    act = models.ForeignKey(BulkAct, models.CASCADE, related_name="steps")
    case = models.ForeignKey("cases.Case", models.CASCADE, related_name="+")
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    code = models.CharField(max_length=40, blank=True)
    sentence = models.CharField(max_length=500, blank=True)
    before = models.JSONField(default=dict)  # what undo needs; ids and instants, no words

    class Meta:
        constraints = [models.UniqueConstraint(fields=["act", "case"], name="bulk_step_once")]
        indexes = [models.Index(fields=["act", "state"], name="bulk_step_state")]
