"""Invitations: members come in by a link in their own mail, and never sign up by themselves."""

from collections.abc import Iterable

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from goodword.core.compare import change
from goodword.core.refusals import Refused
from goodword.core.time import now
from goodword.journal.recording import record
from goodword.staff.appointing import must_be_theirs_to_give
from goodword.staff.joining import check_newcomer, check_password, new_member
from goodword.staff.key import Key
from goodword.staff.letter import Letter
from goodword.staff.models import Member, Role, Team


@transaction.atomic
def invite(
    name: str, email: str, role: str, *, by: Member | str, teams: Iterable[Team] = ()
) -> Key:
    """A member who may come in once they opened the link in their mail."""
    address = email.strip().lower()
    check_newcomer(name, address, role)
    must_be_theirs_to_give(Role.objects.get(pk=role), by)
    member = new_member(name, address, role)
    member.is_active, member.joined_at = False, None
    member.set_unusable_password()
    member.save()
    member.teams.add(*teams)
    record(None, "member_invited", by=by, facts={"member": member.pk, "role": role})
    return _sent(member, Key.Purpose.INVITE)


@transaction.atomic
def invite_again(member: Member, *, by: Member | str) -> Key:
    """Another link; the one before it stops working."""
    if member.joined_at is not None:
        raise Refused("JOINED", _("They have joined already."))
    record(None, "member_invited", by=by, facts={"member": member.pk, "role": member.role_id})
    return _sent(member, Key.Purpose.INVITE)


@transaction.atomic
def withdraw(member: Member, *, by: Member | str) -> None:
    """Take an invitation back that nobody has accepted; the member was never one."""
    if member.joined_at is not None:
        raise Refused("JOINED", _("They have joined already. End their access instead."))
    record(None, "invitation_withdrawn", by=by, facts={"member": member.pk})
    member.delete()


@transaction.atomic
def reset(member: Member, *, by: Member | str) -> Key:
    """A link to a new password. The old one goes on until it is used."""
    if not member.is_active:
        raise Refused("REVOKED", _("Their access has ended. Restore it first."))
    record(None, "reset_sent", by=by, facts={"member": member.pk})
    return _sent(member, Key.Purpose.RESET)


def _sent(member: Member, purpose: str) -> Key:
    key = Key.make(member, purpose)
    Letter.write(purpose, member, key=key)
    return key


@transaction.atomic
def accept(key: Key, *, name: str, password: str) -> Member:
    """Come in by an invitation, or take a new password by a reset; the link is used up."""
    member = key.member
    assert member is not None
    if password or key.purpose == Key.Purpose.RESET:
        check_password(password, member)
    if key.purpose == Key.Purpose.INVITE and not name.strip():
        raise Refused("NO_NAME", _("Give the name that customers will read."), 422)
    if not key.use():
        raise Refused("USED", _("This link was used already. Ask for another one."))
    if key.purpose == Key.Purpose.INVITE:
        change(member, {}, {"is_active": True, "joined_at": now(), "name": name.strip()[:120]})
        record(None, "member_joined", by=member, facts={"member": member.pk})
        # A rota may have waited for them: the tick looks who is on duty now.
        Team.objects.exclude(rota={}).update(duty_until=now())
    if password:
        member.set_password(password)
        member.save(update_fields=["password"])
        record(None, "password_changed", by=member, facts={"member": member.pk})
        for session in member.sessions.all():
            session.delete()
    return member
