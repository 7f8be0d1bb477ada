"""The ladder of a broken contact promise (R02): four rungs, and when each is climbed.

At the due the owner, one business day on the lead, two a leader, five everybody. A business
day on is the same time on the wall of the next business day, in the promise's own zone and
under the hours that it was given under. Only a person's answer, the customer's release, or
that nobody waits any more ends it; no role stands outside (R06).
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from goodword import clock
from goodword.core.time import now
from goodword.promises.kinds import CONTACT

if TYPE_CHECKING:
    from goodword.promises.models import Promise


class RungQuerySet(models.QuerySet["Rung"]):
    def ahead(self) -> RungQuerySet:
        """Still to be climbed."""
        return self.filter(climbed_at=None, ended_at=None)


class Rung(models.Model):
    """One rung of one promise. `at` is the instant that it has, `climbed_at` when it was done."""

    class Step(models.IntegerChoices):
        OWNER = 1, _("Whoever gave our word")
        LEAD = 2, _("The lead of the team")
        LEADER = 3, _("A leader")
        EVERYBODY = 4, _("Everybody’s board")

    promise = models.ForeignKey("promises.Promise", models.PROTECT, related_name="rungs")
    step = models.PositiveSmallIntegerField(choices=Step.choices)
    at = models.DateTimeField()
    climbed_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    told = models.JSONField(default=list)  # ids of members
    names = models.CharField(max_length=300, blank=True)  # as they were called then
    is_last_resort = models.BooleanField(default=False)  # nobody above was there to be told

    objects = RungQuerySet.as_manager()

    class Meta:
        ordering = ["promise", "step"]
        constraints = [models.UniqueConstraint(fields=["promise", "step"], name="rung_once")]
        indexes = [
            # The tick reads only what is to be climbed, whatever is stored.
            models.Index(
                fields=["at"],
                condition=Q(climbed_at=None, ended_at=None),
                name="rung_ahead",
            )
        ]

    def __str__(self) -> str:
        return f"{self.promise_id}: {self.get_step_display()}"


DAYS = {Rung.Step.OWNER: 0, Rung.Step.LEAD: 1, Rung.Step.LEADER: 2, Rung.Step.EVERYBODY: 5}


def begin(promise: Promise) -> None:
    """Set up the ladder of a contact promise that was just broken; once, however often called."""
    if promise.kind not in CONTACT:
        return
    hours = promise.schedule.hours
    rows = [
        Rung(promise=promise, step=step, at=business_days_on(promise.due, days, hours))
        for step, days in DAYS.items()
    ]
    Rung.objects.bulk_create(rows, ignore_conflicts=True)


def business_days_on(at: datetime, days: int, hours: clock.Schedule) -> datetime:
    """The same time on the wall, so many business days later, in UTC."""
    if not days:
        return at
    zone = ZoneInfo(hours.zone)
    local = at.astimezone(zone)
    for _day in range(days):
        try:
            date = clock.next_business_day(local, hours)
        except clock.ScheduleError:  # hours that open no more: silence must not age out by that
            date = local.date() + timedelta(days=1)
        local = datetime.combine(date, local.time(), zone)
    return local.astimezone(UTC)


def follow(case: int, broken: Collection[int]) -> None:
    """End the ladders in a case but those of `broken` (ids), and let these go on.

    A rung that was missed while the promise counted as kept is climbed by the next tick.
    """
    left = Rung.objects.filter(promise__case=case, climbed_at=None)
    rows = left.values_list("pk", "promise", "ended_at")
    ends = {pk for pk, promise, ended_at in rows if ended_at is None and promise not in broken}
    goes_on = {pk for pk, promise, ended_at in rows if ended_at and promise in broken}
    if ends:
        Rung.objects.filter(pk__in=ends).update(ended_at=now())
    if goes_on:
        Rung.objects.filter(pk__in=goes_on).update(ended_at=None)
