"""The end of a team's day: who was told, who closed it by name, and whom it leaves for later."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from goodword.core.time import now
from goodword.journal.models import digest_of_words
from goodword.people.models import new_salt
from goodword.staff.models import Member, Team


class TeamDay(models.Model):
    """One business day of one team. `date` is the one on which it began, on its own wall."""

    team = models.ForeignKey(Team, models.CASCADE, related_name="days")
    date = models.DateField()
    closes_at = models.DateTimeField()  # when its doors close
    told_at = models.DateTimeField(null=True, blank=True)  # owners and leads, by the tick
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(
        Member, models.PROTECT, null=True, blank=True, related_name="closed_days"
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["team", "date"], name="team_day_once")]

    def __str__(self) -> str:
        return f"{self.team}, {self.date}"

    @property
    def is_closed(self) -> bool:
        return self.closed_at is not None


class DayExceptionQuerySet(models.QuerySet["DayException"]):
    def standing(self) -> DayExceptionQuerySet:
        return self.filter(ended_at=None)


class DayException(models.Model):
    """Somebody decided, by name and with a reason, that one customer hears nothing that day.

    It lets the day be closed and does nothing else: the case stays ours to move and its clocks
    run. It is about what they had said until then; a newer word of theirs is not covered. It
    stays with its case when that is merged, so that the survivor is looked at anew.
    """

    day = models.ForeignKey(TeamDay, models.CASCADE, related_name="exceptions")
    case = models.ForeignKey("cases.Case", models.PROTECT, related_name="day_exceptions")
    decided_by = models.ForeignKey(Member, models.PROTECT, related_name="+")
    written_by = models.ForeignKey(Member, models.PROTECT, related_name="+")
    reason = models.CharField(max_length=300)
    newest_message = models.PositiveBigIntegerField()
    at = models.DateTimeField(default=now)
    ended_at = models.DateTimeField(null=True, blank=True)
    salt = models.CharField(max_length=16, default=new_salt)

    objects = DayExceptionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["day", "case"], condition=Q(ended_at=None), name="day_exception_once"
            )
        ]
        indexes = [models.Index(fields=["-at"], name="day_exception_at")]

    def __str__(self) -> str:
        return self.reason

    def digest(self) -> str:
        return digest_of_words(self.salt, self.reason)
