"""Several cases at once: one act on each, in a transaction of its own, undone as one."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import InterfaceError, OperationalError, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from goodword.cases import undoing
from goodword.cases.access import workable_cases
from goodword.cases.models import BulkAct, BulkStep, Case, Notice, Tag
from goodword.cases.models.several import Doing
from goodword.cases.noticing import tell
from goodword.core.compare import change
from goodword.core.prepared import prepared
from goodword.core.refusals import Refused
from goodword.core.time import now
from goodword.staff.models import Member, Team

log = logging.getLogger(__name__)

AT_MOST = 200
AT_ONCE = 25  # steps of one request; the page asks for the next ones
LEFT_BEHIND = timedelta(seconds=30)
UNDONE_WITHIN = timedelta(days=1)

Facts = dict[str, Any]
State = BulkStep.State


@dataclass(frozen=True)
class Way:
    """How one act is done to a case, which facts that leaves, and the way back from them."""

    do: Callable[[Case, BulkAct], Facts]
    undo: Callable[[Case, BulkAct, Facts], None] | None


def begin(
    member: Member,
    doing: str,
    cases: Iterable[int],
    wanted: Facts | None = None,
    *,
    notice: Notice | None = None,
) -> BulkAct:
    """Write down what is to be done to which cases; `go_on` does it."""
    chosen = list(dict.fromkeys(cases))
    if not chosen:
        raise Refused("NOTHING_CHOSEN", _("Choose the cases first."), 422)
    if len(chosen) > AT_MOST:
        sentence = _("%(there)s are too many at once; choose %(most)s at most.")
        raise Refused("TOO_MANY", sentence % {"there": len(chosen), "most": AT_MOST}, 422)
    # A signed notice reaches every case that it names; all else only what the member works on.
    there = Case.objects.all() if notice else workable_cases(member)
    found = set(there.filter(pk__in=chosen).values_list("pk", flat=True))
    with transaction.atomic():
        act = BulkAct.objects.create(
            member=member, doing=Doing(doing), wanted=wanted or {}, notice=notice
        )
        BulkStep.objects.bulk_create(BulkStep(act=act, case_id=pk) for pk in chosen if pk in found)
        if not found:
            raise Refused("NOTHING_CHOSEN", _("Choose the cases first."), 422)
    return act


@transaction.atomic
def just(member: Member, doing: str, case: Case, wanted: Facts | None = None) -> BulkAct:
    """One act on one case that its doer works on, remembered so that it can be undone.

    Refused goes to the caller, and then nothing was done.
    """
    act = BulkAct.objects.create(
        member=member, doing=Doing(doing), wanted=wanted or {}, done_at=now()
    )
    before = WAYS[act.doing].do(case, act)
    BulkStep.objects.create(act=act, case=case, state=State.DONE, before=before)
    return act


def go_on(act: BulkAct, *, limit: int = AT_ONCE) -> bool:
    """Do the next steps; whether all are done now. Safe in two pages and the tick at once."""
    change(act, {}, {"went_on_at": now()})
    waiting = act.steps.filter(state=State.WAITING).select_related("case").order_by("pk")
    for step in waiting[:limit]:
        _do(step, act)
    if act.steps.filter(state=State.WAITING).exists():
        return False
    change(act, {"done_at": None}, {"done_at": now()})
    return True


def go_on_with_what_is_left(at: datetime) -> int:
    """Acts whose page was closed, or whose server went down. For the tick."""
    acts = _left(before=at - LEFT_BEHIND)
    for act in acts:
        go_on(act)
    return len(acts)


@prepared
def _left(*, before: datetime) -> QuerySet[BulkAct]:
    left = BulkAct.objects.filter(done_at=None, went_on_at__lt=before)
    return left.select_related("member", "notice__signed_by").order_by("went_on_at")[:5]


def may_be_undone(act: BulkAct) -> bool:
    """Every act but the notice can be, within a day; words that went out cannot be called back."""
    has_way = WAYS[act.doing].undo is not None
    return has_way and act.undone_at is None and now() - act.at < UNDONE_WITHIN


def undo(act: BulkAct, *, by: Member) -> int:
    """Undo every step that nobody went on from; how many were. Steps not done yet fall away."""
    if by.pk != act.member_id:
        raise Refused("NOT_YOURS", _("Only whoever did it undoes it."), 403)
    if act.undone_at is not None:
        return 0
    if not may_be_undone(act):
        sentence = _("This can no longer be undone at once. Change each case by itself.")
        raise Refused("TOO_OLD", sentence)
    if not change(act, {"undone_at": None}, {"undone_at": now(), "done_at": act.done_at or now()}):
        return 0
    act.steps.filter(state=State.WAITING).update(state=State.UNDONE)
    done = act.steps.filter(state=State.DONE).select_related("case").order_by("-pk")
    return sum(_undo(step, act) for step in list(done))


def _do(step: BulkStep, act: BulkAct) -> None:
    way = WAYS[act.doing]
    try:
        with transaction.atomic():
            # Whoever claims the step first does it; a refusal gives it back with the reason.
            if not change(step, {"state": State.WAITING}, {"state": State.DONE}):
                return
            _must_still_be_theirs(step.case, act)
            change(step, {}, {"before": way.do(step.case, act)})
    except Refused as error:
        _refuse(step, State.WAITING, State.REFUSED, error.code, str(error.sentence))
    except (OperationalError, InterfaceError):
        raise
    except Exception:
        # One case that breaks something must not keep the others from it.
        log.exception("step %s of act %s failed", step.pk, act.pk)
        said = str(_("Something failed on our side. Try this one by itself."))
        _refuse(step, State.WAITING, State.REFUSED, "FAILED", said)


def _must_still_be_theirs(case: Case, act: BulkAct) -> None:
    if act.notice_id is None and not (
        act.member.is_active and workable_cases(act.member).filter(pk=case.pk).exists()
    ):
        raise Refused("NOT_YOURS", _("You no longer work on this case."), 403)


def _undo(step: BulkStep, act: BulkAct) -> int:
    back = WAYS[act.doing].undo
    assert back is not None
    try:
        with transaction.atomic():
            if not change(step, {"state": State.DONE}, {"state": State.UNDONE}):
                return 0
            if step.before:
                back(step.case, act, step.before)
    except Refused as error:
        _refuse(step, State.DONE, State.STAYS, error.code, str(error.sentence))
        return 0
    return 1


def _refuse(step: BulkStep, was: str, state: str, code: str, sentence: str) -> None:
    change(step, {"state": was}, {"state": state, "code": code, "sentence": sentence[:500]})
    # The transaction that claimed it was rolled back; the instance has to follow.
    step.refresh_from_db(fields=["state"])


# The acts


def _promises_of(case: Case, owner: int) -> list[int]:
    mine = case.promises.outstanding().filter(owner=owner)
    return list(mine.values_list("pk", flat=True))


def _take(case: Case, act: BulkAct) -> Facts:
    owner, promises = case.owner_id, _promises_of(case, case.owner_id)
    if not case.take(by=act.member):
        return {}
    assert case.taken_at is not None
    return {"owner": owner, "promises": promises, "taken_at": case.taken_at.isoformat()}


def _untake(case: Case, act: BulkAct, before: Facts) -> None:
    undoing.give_back(
        case,
        by=act.member,
        taken_at=datetime.fromisoformat(before["taken_at"]),
        owner=Member.objects.get(pk=before["owner"]),
        promises=before["promises"],
    )


def _hand(case: Case, act: BulkAct) -> Facts:
    to, was = Member.objects.get(pk=act.wanted["member"]), case.handing_to_id
    case.offer_to(to, by=act.member)
    return {"to": to.pk} if was != to.pk else {}


def _unhand(case: Case, act: BulkAct, before: Facts) -> None:
    undoing.withdraw_offer(case, Member.objects.get(pk=before["to"]), by=act.member)


def _team(case: Case, act: BulkAct) -> Facts:
    to = Team.objects.select_related("duty").get(pk=act.wanted["team"])
    before = {
        "team": case.team_id,
        "owner": case.owner_id,
        "taken_at": case.taken_at.isoformat() if case.taken_at else "",
        "promises": _promises_of(case, case.owner_id),
    }
    if case.team_id == to.pk:
        raise Refused("SAME_TEAM", _("%(team)s has it already.") % {"team": to.name})
    case.give_to_team(to, by=act.member)
    return before


def _unteam(case: Case, act: BulkAct, before: Facts) -> None:
    taken_at = before["taken_at"]
    undoing.take_back_to_team(
        case,
        by=act.member,
        given_to=Team.objects.get(pk=act.wanted["team"]),
        team=Team.objects.select_related("duty").get(pk=before["team"]),
        owner=Member.objects.get(pk=before["owner"]),
        taken_at=datetime.fromisoformat(taken_at) if taken_at else None,
        promises=before["promises"],
    )


def _tag(case: Case, act: BulkAct) -> Facts:
    tag = Tag.objects.select_related("root").get(pk=act.wanted["tag"])
    had = case.taggings.filter(tag=tag.root or tag).exists()
    put = case.tag(tag.name, by=act.member) if tag.root is None else tag.root
    return {} if had else {"tag": put.pk}


def _untag(case: Case, act: BulkAct, before: Facts) -> None:
    case.untag(Tag.objects.get(pk=before["tag"]), by=act.member)


def _snooze(case: Case, act: BulkAct) -> Facts:
    until = datetime.fromisoformat(act.wanted["until"])
    beyond = bool(act.wanted.get("beyond"))
    return {"until": case.snooze(until, by=act.member, beyond=beyond).isoformat()}


def _unsnooze(case: Case, act: BulkAct, before: Facts) -> None:
    case.unsnooze(by=act.member)


def _watch(case: Case, act: BulkAct) -> Facts:
    return {"member": act.member_id} if case.watch(act.member, by=act.member) else {}


def _unwatch(case: Case, act: BulkAct, before: Facts) -> None:
    case.unwatch(act.member, by=act.member)


def _rest(case: Case, act: BulkAct) -> Facts:
    if not case.rest(by=act.member):
        raise Refused("RESTED", _("It rests already, or has ended."))
    return {"rested": True}


def _unrest(case: Case, act: BulkAct, before: Facts) -> None:
    if not case.wake(by=act.member):
        raise undoing.WentOn


def _notice(case: Case, act: BulkAct) -> Facts:
    assert act.notice is not None
    return {"message": tell(case, act.notice).pk}


WAYS: dict[str, Way] = {
    Doing.TAKE: Way(_take, _untake),
    Doing.HAND: Way(_hand, _unhand),
    Doing.TEAM: Way(_team, _unteam),
    Doing.TAG: Way(_tag, _untag),
    Doing.SNOOZE: Way(_snooze, _unsnooze),
    Doing.WATCH: Way(_watch, _unwatch),
    Doing.REST: Way(_rest, _unrest),
    Doing.NOTICE: Way(_notice, None),
}
