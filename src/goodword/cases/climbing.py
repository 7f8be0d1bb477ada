"""Climbing the ladder of a broken contact promise: who is told at each rung, once (R02, R06)."""

import logging
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import InterfaceError, OperationalError
from django.db.models import QuerySet

from goodword.cases.models import Case
from goodword.core.compare import change
from goodword.core.prepared import prepared
from goodword.journal.recording import record
from goodword.promises.kinds import CONTACT, State
from goodword.promises.models import Promise, Rung
from goodword.staff.models import Member
from goodword.staff.rights import Right

log = logging.getLogger(__name__)

AT_ONCE = 500
Step = Rung.Step


def climb_due(at: datetime) -> int:
    """Climb every rung whose instant has come; how many. The tick calls it."""
    climbed = 0
    for pk, case in _come(at=at):
        try:
            with Case.objects.get(pk=case).held(merged=True) as held:
                climbed += _climb(held, pk, at)
        except (OperationalError, InterfaceError):
            raise
        except Exception:
            # One rung that cannot be climbed must not keep the others from it.
            log.exception("rung %s could not be climbed", pk)
    return climbed


@prepared
def _come(*, at: datetime) -> QuerySet[Any, tuple[int, int]]:
    come = Rung.objects.ahead().filter(at__lte=at).order_by("at", "step")
    return come.values_list("pk", "promise__case")[:AT_ONCE]


def climb(case: Case, promise: Promise, at: datetime) -> int:
    """Climb what is due of one promise, in the transaction that its case is held in."""
    if promise.kind not in CONTACT:
        return 0
    due = Rung.objects.ahead().filter(promise=promise, at__lte=at).order_by("step")
    return sum(_climb(case, pk, at) for pk in due.values_list("pk", flat=True))


def _climb(case: Case, pk: int, at: datetime) -> bool:
    rung = Rung.objects.select_related("promise__owner__role").get(pk=pk)
    ahead = {"climbed_at": None, "ended_at": None}
    if rung.promise.state != State.BROKEN:
        change(rung, ahead, {"ended_at": at})
        return False
    told, is_last_resort = _told(rung, case)
    ids, names = [member.pk for member in told], ", ".join(each.given for each in told)
    to = {"climbed_at": at, "told": ids, "names": names[:300], "is_last_resort": is_last_resort}
    if not change(rung, ahead, to):
        return False
    facts = {"promise": rung.promise_id, "kind": rung.promise.kind, "step": rung.step}
    # The instant that it has; where the machine was off, `climbed` says when it was done.
    facts |= {"told": ids, "last_resort": is_last_resort, "climbed": at}
    record(case, "escalated", by="clock", at=rung.at, facts=facts)
    return True


def _told(rung: Rung, case: Case) -> tuple[list[Member], bool]:
    """Whom this rung tells, and whether nobody above whoever gave our word was there."""
    owner = rung.promise.owner
    if rung.step == Step.OWNER:
        return [owner], False
    if rung.step == Step.EVERYBODY:
        return [], False  # a row on everybody's board, and no flood
    leaders = _but(owner, _able(Right.SIGN))
    leads = _but(owner, _able(Right.LEAD).filter(teams=case.team_id))
    # A lead stands below a leader, so a leader's breach goes to another leader at once.
    above = leads if rung.step == Step.LEAD and not owner.is_leader else leaders
    if found := above or leaders:
        return found, False
    return _but(owner, _able(Right.MEMBERS)) or [owner], True


def _able(right: Right) -> QuerySet[Member]:
    return Member.objects.active().able(right).order_by("pk")


def _but(owner: Member, members: Iterable[Member]) -> list[Member]:
    return [member for member in members if member.pk != owner.pk]
