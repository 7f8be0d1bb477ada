"""Watching: a member hears of a case that is not theirs, and one of another team sees it so."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from goodword.cases.models.watch import MemberMention, Watch
from goodword.core.compare import change
from goodword.core.refusals import Refused
from goodword.core.time import now
from goodword.journal.recording import record
from goodword.staff.models import Member, Team
from goodword.staff.rights import Right

if TYPE_CHECKING:
    from goodword.cases.models.case import Case


def works_on(member: Member, case: Case) -> bool:
    """Whether the case is theirs to act on: their team's, their own, offered, or a leader's."""
    if member.has(Right.SEE_ALL) or member.pk in (case.owner_id, case.handing_to_id):
        return True
    return _is_in(member, case.team)


def sees(member: Member, case: Case) -> bool:
    return works_on(member, case) or case.watches.filter(member=member).exists()


@transaction.atomic
def watch(case: Case, member: Member, *, by: Member) -> bool:
    """Let `member` hear of it. From outside the team, only the team or a lead may let them."""
    case.must_stand()
    if not member.is_active:
        raise Refused("REVOKED", _("Their access is revoked. Choose somebody else."), 422)
    if not _is_of_the_team(member, case) and not _may_let_in(by, case):
        sentence = _("Only somebody of %(team)s, or a lead who works on it, lets others see it.")
        raise Refused("NOT_YOURS", sentence % {"team": case.team.name}, 403)
    _row, is_new = Watch.objects.get_or_create(case=case, member=member, defaults={"by": by})
    if is_new:
        record(case, "watched", by=by, facts={"member": member.pk})
        _tell_what_waited(case, member)
    return is_new


@transaction.atomic
def unwatch(case: Case, member: Member, *, by: Member) -> bool:
    """No longer. One's own watch, or anybody's for those who work on the case."""
    if member.pk != by.pk and not works_on(by, case):
        raise Refused("NOT_YOURS", _("Only those who work on this case end another’s watch."), 403)
    if not Watch.objects.filter(case=case, member=member).delete()[0]:
        return False
    record(case, "unwatched", by=by, facts={"member": member.pk})
    return True


def _is_of_the_team(member: Member, case: Case) -> bool:
    mine = member.has(Right.SEE_ALL) or member.pk == case.owner_id
    return mine or _is_in(member, case.team)


def _may_let_in(by: Member, case: Case) -> bool:
    return _is_in(by, case.team) or (by.has(Right.LEAD) and works_on(by, case))


def _is_in(member: Member, team: Team) -> bool:
    return member.has(Right.SEE_TEAM) and team.members.filter(pk=member.pk).exists()


def _tell_what_waited(case: Case, member: Member) -> None:
    """They were named here before they could see it; now they are told."""
    for named in MemberMention.objects.filter(case=case, member=member, told_at=None):
        if change(named, {"told_at": None}, {"told_at": now()}):
            facts = {"member": member.pk, "message": named.message_id}
            record(case, "mentioned", by=named.by, facts=facts)
