"""Who has which role, and what the roles that operators made may do.

Nobody raises their own rights: they change neither their own role nor what it may do, and give
no right that they do not have themselves.
"""

from collections.abc import Iterable

from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from goodword.core.compare import change
from goodword.core.refusals import Refused
from goodword.core.time import now
from goodword.journal.recording import record
from goodword.staff.models import Member, Role, Team
from goodword.staff.rights import Right, known, must


@transaction.atomic
def change_role(member: Member, role: Role, *, by: Member | str) -> str:
    """Give `member` another role; the slug of the one before. "" where it was theirs already."""
    before, lost = str(member.role_id), member.rights - role.rights
    must_be_theirs_to_give(role, by)
    must_be_theirs_to_give(member.role, by)
    if isinstance(by, Member) and by.pk == member.pk:
        raise Refused("NOT_YOURSELF", _("Somebody else has to change your role."), 403)
    if not change(member, {"role": before}, {"role": role}) or before == role.slug:
        return ""
    keep_those_who_run_it(lost)
    facts = {"member": member.pk, "from_": before, "to": role.slug}
    record(None, "role_changed", by=by, facts=facts)
    return before


@transaction.atomic
def change_teams(member: Member, teams: Iterable[Team], *, by: Member | str) -> list[int]:
    """Let `member` belong to exactly these; the teams before."""
    before = sorted(member.teams.values_list("pk", flat=True))
    after = sorted(team.pk for team in teams)
    if before == after:
        return before
    on_duty = Team.objects.filter(duty=member).exclude(pk__in=after).first()
    if on_duty is not None:
        sentence = _("%(name)s is on duty in %(team)s. Put somebody else on duty first.")
        raise Refused("ON_DUTY", sentence % {"name": member.name, "team": on_duty.name})
    member.teams.set(after)
    facts = {"member": member.pk, "from_": before, "to": after}
    record(None, "teams_changed", by=by, facts=facts)
    return before


@transaction.atomic
def make_role(name: str, rights: Iterable[str], *, by: Member | str, slug: str = "") -> Role:
    """A further role; its slug is made of its name where none is given."""
    slug = slugify(slug or name)[:40]
    if not (slug and name.strip()) or Role.objects.filter(pk=slug).exists():
        sentence = _("There is a role of that name already, or the name has no letters.")
        raise Refused("ROLE_NAME", sentence, 422)
    must_have(known(rights), by)
    role = Role.objects.create(slug=slug, name=name.strip()[:60], own_rights=sorted(known(rights)))
    record(None, "role_made", by=by, facts={"role": slug, "rights": role.own_rights})
    return role


@transaction.atomic
def change_rights(role: Role, name: str, rights: Iterable[str], *, by: Member | str) -> list[str]:
    """What a role that was made may do from the next page on; the rights before."""
    if role.is_built_in:
        sentence = _("This role is built in. Make a role of your own beside it.")
        raise Refused("BUILT_IN", sentence, 422)
    if isinstance(by, Member) and by.role_id == role.slug:
        raise Refused("NOT_YOURSELF", _("Nobody changes what their own role may do."), 403)
    before, after = sorted(role.rights), sorted(known(rights))
    must_have(set(before) ^ set(after), by)
    if Right.OWN in set(before) - set(after) and role.members.filter(is_active=True).exists():
        sentence = _("Members with this role own cases. Give them another role first.")
        raise Refused("ROLE_OWNS", sentence)
    to = {"name": name.strip()[:60] or role.name, "own_rights": after}
    change(role, {"own_rights": role.own_rights}, to)
    keep_those_who_run_it(set(before) - set(after))
    if before != after:
        facts = {"role": role.slug, "from_": before, "to": after}
        record(None, "role_rights_changed", by=by, facts=facts)
    return [str(each) for each in before]


@transaction.atomic
def remove_role(role: Role, *, by: Member | str) -> None:
    if role.is_built_in:
        raise Refused("BUILT_IN", _("A built-in role stays."), 422)
    if role.members.exists():
        sentence = _("Somebody has this role. Give them another one first.")
        raise Refused("ROLE_IN_USE", sentence)
    must_have(role.rights, by)
    record(None, "role_removed", by=by, facts={"role": role.slug, "rights": role.own_rights})
    role.delete()


@transaction.atomic
def ask_second_factor(roles: Iterable[Role], days: int | None, *, by: Member | str) -> None:
    """Ask a second factor of whoever has these roles, `days` from now; None: of nobody."""
    if not isinstance(by, str):
        must(by, Right.MEMBERS)
    for role in roles:
        was = {"second_factor_after": role.second_factor_after}
        if role.second_factor_after == days:
            continue
        to = {"second_factor_after": days, "second_factor_since": now()}
        if change(role, was, to):
            facts = {"role": role.slug, "days": days}
            record(None, "second_factor_asked", by=by, facts=facts)


def must_be_theirs_to_give(role: Role, by: Member | str) -> None:
    """Refused where the role has a right that `by` has not."""
    must_have(role.rights, by)


def must_have(rights: Iterable[str], by: Member | str) -> None:
    if isinstance(by, str):
        return
    must(by, Right.MEMBERS)
    more = sorted(right for right in known(rights) if not by.has(right))
    if more:
        sentence = _("Nobody gives or takes a right that they do not have: “%(right)s”")
        raise Refused("NOT_YOURS_TO_GIVE", sentence % {"right": more[0].label}, 403)


def keep_those_who_run_it(lost: Iterable[Right]) -> None:
    """After somebody lost these rights: others must have them, or nobody could run the desk."""
    active = Member.objects.active()
    gone = {right for right in lost if not active.able(right).exists()}
    if gone & {Right.OPERATE, Right.MEMBERS}:
        sentence = _("Nobody could run this desk any more. Make somebody else an operator first.")
        raise Refused("LAST_OPERATOR", sentence)
    if Right.SIGN in gone:
        sentence = _("Nobody could sign for the business any more. Make somebody a leader first.")
        raise Refused("LAST_LEADER", sentence)
