"""Leaving: access ends at once, and somebody has every case and promise in the same moment."""

from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from goodword.cases.duty import hold
from goodword.cases.models import Case
from goodword.core.compare import change
from goodword.core.refusals import Refused
from goodword.journal.recording import record
from goodword.promises.models import Promise
from goodword.staff.appointing import change_role, keep_those_who_run_it
from goodword.staff.feed import Feed
from goodword.staff.models import Member, Role, Session, Team
from goodword.staff.rights import Right


@dataclass(frozen=True)
class Taken:
    """What fell to one member when somebody left."""

    member: Member
    cases: int
    promises: int
    teams: int


@transaction.atomic
def revoke(member: Member, *, by: Member | str) -> list[Taken]:
    """End `member`'s access; their cases, promises and duty fall to a lead, else to a leader.

    Ended cases fall with the others, since any word of the customer reopens them. Refused
    where nobody could take over. An empty list when access had ended already.
    """
    if isinstance(by, Member) and by.pk == member.pk:
        raise Refused("NOT_YOURSELF", _("Somebody else has to revoke your access."), 403)
    if not change(member, {"is_active": True}, {"is_active": False}):
        return []
    keep_those_who_run_it(member.rights)
    hold_what_they_have(member)
    record(None, "member_revoked", by=by, facts={"member": member.pk})
    sign_out(member)
    Feed.end(member, by=by)
    succession = _Succession(member, by)
    succession.pass_on()
    return succession.taken()


def hold_what_they_have(member: Member) -> None:
    """Lock their teams, then every case that will pass on, by number, before the journal.

    Everybody takes locks in this order: a team, cases, the desk's own chain. Whoever sets a
    case aside with a rule holds the case and waits for the chain; the other way round both
    would wait for ever on PostgreSQL.
    """
    list(Team.objects.select_for_update(of=("self",)).filter(duty=member).order_by("pk"))
    promised = Promise.objects.outstanding().filter(owner=member).values("case")
    theirs = Q(owner=member) | Q(handing_to=member) | Q(pk__in=promised)
    hold(Case.objects.filter(theirs))


@transaction.atomic
def appoint(member: Member, role: Role, *, by: Member | str) -> list[Taken]:
    """Another role; whoever may own nothing with it passes on what they had, as on leaving."""
    if Right.OWN not in role.rights:
        hold_what_they_have(member)
    if not change_role(member, role, by=by) or member.has(Right.OWN):
        return []
    succession = _Succession(member, by)
    succession.pass_on()
    return succession.taken()


@transaction.atomic
def restore(member: Member, *, by: Member | str) -> bool:
    """Let `member` in again. What fell to others stays with them."""
    if member.joined_at is None:
        sentence = _("They were invited and have not come in yet. Send the invitation again.")
        raise Refused("NOT_JOINED", sentence)
    if not change(member, {"is_active": False}, {"is_active": True}):
        return False
    record(None, "member_restored", by=by, facts={"member": member.pk})
    return True


def sign_out(member: Member) -> int:
    """End every session of the member; how many there were."""
    return len(Session.end(Session.objects.filter(member=member)))


class _Succession:
    """Who takes over from `member`, team by team, and what."""

    def __init__(self, member: Member, by: Member | str) -> None:
        self._member, self._by = member, by
        self._heirs: dict[int, Member] = {}
        self._counts: dict[int, list[int]] = {}

    def pass_on(self) -> None:
        for team in Team.objects.filter(duty=self._member):
            self._count(self._heir(team), 2)
            team.put_on_duty(self._heir(team), by=self._by)
        for case in Case.objects.filter(handing_to=self._member).exclude(owner=self._member):
            case.decline(by=self._member)
        for case in Case.objects.filter(owner=self._member).select_related("team"):
            heir = self._heir(case.team)
            mine = case.promises.outstanding().filter(owner=self._member).count()
            case.fall_to(heir, by=self._by)
            case.reckon()
            self._count(heir, 0)
            self._count(heir, 1, mine)
        for promise in Promise.objects.outstanding().filter(owner=self._member):
            heir = self._heir(promise.case.team)
            promise.hand_to(heir, by="system" if isinstance(self._by, str) else self._by)
            self._count(heir, 1)

    def taken(self) -> list[Taken]:
        heirs = {heir.pk: heir for heir in self._heirs.values()}
        return [Taken(heirs[pk], *counts) for pk, counts in self._counts.items()]

    def _heir(self, team: Team) -> Member:
        if team.pk not in self._heirs:
            self._heirs[team.pk] = successor(team)
        return self._heirs[team.pk]

    def _count(self, heir: Member, what: int, by: int = 1) -> None:
        self._counts.setdefault(heir.pk, [0, 0, 0])[what] += by


def successor(team: Team) -> Member:
    """The lead of the team, else a leader in it, else any leader. Refused where there is none."""
    fit = Member.objects.active().filter(is_contractor=False).able(Right.OWN).order_by("pk")
    leaders = Role.with_right(Right.SIGN)
    heir = (
        fit.able(Right.LEAD).filter(teams=team).exclude(role__in=leaders).first()
        or fit.filter(role__in=leaders, teams=team).first()
        or fit.filter(role__in=leaders).first()
    )
    if heir is None:
        sentence = _(
            "Nobody could take over in %(team)s: it has no active lead, and there is no leader. "
            "Add one first."
        )
        raise Refused("NO_SUCCESSOR", sentence % {"team": team.name}, 409)
    return heir
