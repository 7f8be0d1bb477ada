"""Snoozing: a case leaves the lists until a time or a promise of ours, and comes back by itself.

Its promises stay on Today and on the board, so that it is never dark. It comes back at once
when the customer does anything, a promise breaks, or somebody else answers for it.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from goodword import clock
from goodword.core.compare import change
from goodword.core.prepared import prepared
from goodword.core.refusals import Refused
from goodword.core.time import now
from goodword.journal.recording import record
from goodword.promises.kinds import Kind, State
from goodword.promises.models import Promise
from goodword.staff.models import Member
from goodword.staff.rights import Right

if TYPE_CHECKING:
    from goodword.cases.models.case import Case

# Before a promise is due there must be time to keep it.
AN_OPEN_HOUR = timedelta(hours=1)
FARTHEST = timedelta(days=366)
_PASSES_ON = ("taken", "handed_over", "given_back", "team_changed")


@prepared
def _asleep(*, at: datetime) -> QuerySet[Any, Any]:
    from goodword.cases.models.case import Case

    sleeping = Case.objects.filter(snoozed_until__gt=at).order_by("snoozed_until")
    return sleeping.values_list("snoozed_until", flat=True)[:1]


def wakes_after(at: datetime) -> datetime | None:
    """When the next case comes back by the clock; until then no list changes without a write."""
    return next(iter(_asleep(at=at)), None)


def snooze(case: Case, until: datetime | Promise, *, by: Member, beyond: bool = False) -> datetime:
    """Let it sleep; when it comes back. `beyond` says that a promise is due before that.

    Refused for who waits for an answer (R02), after a broken promise, and past the next due
    unless the member says that they know.
    """
    with case.held() as held:
        _may_sleep(held, by)
        promise = until if isinstance(until, Promise) else None
        at = wakes_for(promise) if promise else until
        assert isinstance(at, datetime)
        _check_time(held, at, promise, beyond)
        to = {"snoozed_until": at, "snoozed_for": promise}
        if (held.snoozed_until, held.snoozed_for_id) == (at, promise.pk if promise else None):
            return at
        change(held, {}, to)
        facts = {"until": at, "promise": promise.pk if promise else None}
        record(held, "snoozed", by=by, facts=facts)
    return at


def unsnooze(case: Case, *, by: Member | str) -> bool:
    """Back in the lists."""
    with case.held() as held:
        return _end(held, by)


def wake_early(case: Case) -> None:
    """Called whenever a case is reckoned: whatever happened may have to bring it back."""
    let_down = case.unanswered_since or case.has_broken or case.is_mayday
    if let_down or case.is_ended or case.set_aside_at or _moved_on(case):
        _end(case, "system")


def wake_due(at: datetime) -> int:
    """Those whose time has come: the lists show them by the column, this says so. For the tick."""
    return sum(case.unsnooze(by="clock") for case in _slept(at=at))


@prepared
def _slept(*, at: datetime) -> QuerySet[Case]:
    from goodword.cases.models.case import Case

    standing = Case.objects.filter(merged_into=None)
    return standing.filter(snoozed_until__lte=at).order_by("snoozed_until")[:500]


def wakes_for(promise: Promise) -> datetime:
    """When a case that sleeps until this promise comes back: an open hour before it is due."""
    try:
        return clock.shift(promise.breaks_at, -AN_OPEN_HOUR, promise.schedule.hours)
    except clock.ScheduleError:
        return promise.breaks_at - AN_OPEN_HOUR


def next_word(case: Case) -> Promise | None:
    """The promise of ours that is due next. What the clock asks by itself is none."""
    asks = Q(kind=Kind.CHECK_IN, made_by=None)
    running = case.promises.open().filter(paused_at=None)
    return running.exclude(asks).select_related("schedule").order_by("breaks_at").first()


def _end(case: Case, by: Member | str) -> bool:
    to = {"snoozed_until": None, "snoozed_for": None}
    if not change(case, {"snoozed_until__isnull": False}, to):
        return False
    record(case, "snooze_ended", by=by)
    return True


def _moved_on(case: Case) -> bool:
    slept = case.entries.filter(kind="snoozed").order_by("-seq").values_list("seq", flat=True)
    since = case.entries.filter(seq__gt=slept.first() or 0)
    if since.filter(Q(actor="customer") | Q(kind__in=_PASSES_ON)).exists():
        return True
    if case.snoozed_for_id is None:
        return False
    return not case.promises.open().filter(pk=case.snoozed_for_id).exists()


def _may_sleep(case: Case, by: Member) -> None:
    if case.owner_id != by.pk and not by.has(Right.LEAD):
        sentence = _("%(name)s answers for this case; they or a lead may snooze it.")
        raise Refused("NOT_YOURS", sentence % {"name": case.owner.name}, 403)
    if case.unanswered_since:
        sentence = _("They wrote and have no answer yet, so it stays ours to move.")
        raise Refused("unanswered_customer", sentence)
    if case.has_broken:
        sentence = _("A promise is broken here. Put it right first, or tell them when you will.")
        raise Refused("promise_broken", sentence)
    if case.is_mayday:
        raise Refused("MAYDAY", _("Their business is stopped. Stand the MAYDAY down first."))
    if case.is_ended or case.set_aside_at:
        raise Refused("ENDED", _("It is in none of the lists that a snooze would take it out of."))


def _check_time(case: Case, at: datetime, promise: Promise | None, beyond: bool) -> None:
    if promise is not None and (promise.case_id != case.pk or promise.state != State.OPEN):
        raise Refused("ENDED", _("That promise was kept or ended already. Choose another."))
    if at <= now():
        soon = _("It is due within an open hour, so the case stays where you see it.")
        past = _("That time is already past. Choose a later one.")
        raise Refused("NO_TIME", soon if promise else past, 422)
    if at > now() + FARTHEST:
        raise Refused("NO_TIME", _("That is more than a year away. Choose a nearer day."), 422)
    first = next_word(case)
    if first is not None and first.breaks_at < at and not beyond:
        raise PastAPromise(first)


class PastAPromise(Refused):
    """Something is promised for before that time; the member may say that they know."""

    def __init__(self, promise: Promise) -> None:
        from goodword.core.templatetags.goodword import clocktime

        sentence = _("“%(text)s” is due %(due)s, before that. Snooze until then, or say you know.")
        facts = {"text": promise.text, "due": clocktime(promise.due)}
        super().__init__("PAST_A_PROMISE", sentence % facts, 409)
        self.promise = promise
