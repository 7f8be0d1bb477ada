"""Pauses of work promises (P9): the clock stands while we wait for the customer, and says why.

The due time never changes. What moves is `breaks_at`, by the open time that the pause took.
"""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db import models
from django.utils.translation import gettext_lazy as _

from goodword import clock
from goodword.core.compare import change
from goodword.core.refusals import Refused
from goodword.core.time import now
from goodword.journal.models import digest_of_words
from goodword.journal.recording import record
from goodword.people.models import Customer, new_salt
from goodword.promises.kinds import MAY_PAUSE, Kind, State
from goodword.staff.models import Member
from goodword.staff.rights import Right, must

if TYPE_CHECKING:
    from goodword.cases.models import Case
    from goodword.promises.models import Promise

# Whoever waits still hears from us within these days (clock.md, rule 4; C5).
UPDATE_WITHIN = "end_of_nth_business_day:5"


class Pause(models.Model):
    """One time in which the clock of a promise stood still, and the question that it was for."""

    promise = models.ForeignKey("promises.Promise", models.PROTECT, related_name="pauses")
    question = models.CharField(max_length=500)
    by = models.ForeignKey(Member, models.PROTECT, related_name="+")
    began_at = models.DateTimeField()
    broke_at = models.DateTimeField()  # what `breaks_at` was before it
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.CharField(max_length=10, blank=True)  # customer, member, system, clock
    minutes = models.PositiveIntegerField(null=True, blank=True)  # of open time, when it ended
    salt = models.CharField(max_length=16, default=new_salt)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["promise"], condition=models.Q(ended_at=None), name="pause_once"
            )
        ]

    def __str__(self) -> str:
        return self.question

    def digest(self) -> str:
        return digest_of_words(self.salt, self.question)


def pause(promise: "Promise", *, by: Member) -> bool:
    """Let its clock stand while the case waits for the customer. False when it stands already.

    Refused for whatever is no work of ours, without a question that they can read, and
    without a next update that comes to them all the same.
    """
    if not isinstance(by, Member):
        raise Refused("MEMBERS_ONLY", _("Only whoever keeps it can pause it."), 403)
    must(by, Right.ANSWER)
    if promise.kind not in MAY_PAUSE:
        sentence = _("Only work pauses. When they hear from us never does.")
        raise Refused("NEVER_PAUSES", sentence, 422)
    with promise.case.held() as case:
        at = now()
        _check(promise, case, at)
        was = {"state": State.OPEN, "paused_at": None, "breaks_at__gte": at}
        if not change(promise, was, {"paused_at": at}):
            if promise.paused_at is not None:
                return False
            raise Refused("ALREADY_DUE", _("Its time has passed: it is broken, not paused."))
        row = Pause.objects.create(
            promise=promise,
            question=case.question,
            by=by,
            began_at=at,
            broke_at=promise.breaks_at,
        )
        facts = {"promise": promise.pk, "kind": promise.kind, "due": promise.due}
        record(case, "promise_paused", by=by, at=at, words=row, facts=facts)
    return True


def _check(promise: "Promise", case: "Case", at: datetime) -> None:
    promise.refresh_from_db(fields=["state", "paused_at", "breaks_at"])
    if case.waiting_since is None or not case.question:
        sentence = _("Ask them what you need first: they read the question, and why it waits.")
        raise Refused("NO_QUESTION", sentence, 422)
    if promise.customer_id != case.customer_id:
        sentence = _("We wait for %(name)s, and this was promised to somebody else.")
        raise Refused("NO_QUESTION", sentence % {"name": case.customer.name}, 422)
    latest = clock.due(UPDATE_WITHIN, at, promise.schedule.hours).at
    updates = case.promises.open().filter(kind=Kind.NEXT_UPDATE, customer=case.customer_id)
    if not updates.filter(due__lte=latest).exists():
        sentence = _("Say first when they hear from you, within five business days.")
        raise Refused("NO_NEXT_STEP", sentence, 422)


def lift(promise: "Promise", *, by: "Member | Customer | str") -> bool:
    """Its clock goes on, later by the open time of the pause. False where none stood still."""
    with promise.case.held() as case:
        promise.refresh_from_db(fields=["paused_at", "breaks_at"])
        row = promise.pauses.filter(ended_at=None).first()
        if row is None or promise.paused_at is None:
            return False
        at = now()
        length = clock.between(row.began_at, at, promise.schedule.hours)
        on = {"paused_at": None, "breaks_at": _later(promise, length)}
        if not change(promise, {"paused_at": promise.paused_at}, on):
            return False
        minutes = round(length / timedelta(minutes=1))
        who = by if isinstance(by, str) else by._meta.model_name
        change(row, {"ended_at": None}, {"ended_at": at, "ended_by": who, "minutes": minutes})
        facts = {"promise": promise.pk, "kind": promise.kind, "minutes": minutes}
        record(case, "promise_resumed", by=by, facts={**facts, "breaks_at": promise.breaks_at})
    return True


def _later(promise: "Promise", length: timedelta) -> datetime:
    if not length:
        return promise.breaks_at
    return clock.shift(promise.breaks_at, length, promise.schedule.hours)


def lift_all(case: "Case", *, by: "Member | Customer | str") -> None:
    for promise in case.promises.filter(paused_at__isnull=False).select_related("schedule"):
        promise.case = case
        lift(promise, by=by)
