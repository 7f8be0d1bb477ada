"""Joining: a member gets an account, a password, and a place in teams."""

from collections.abc import Iterable

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from goodword.core.refusals import Refused
from goodword.journal.recording import record
from goodword.staff.models import Member, Role, Team, must_be_fit_for_duty

HUES = 6


@transaction.atomic
def add_member(
    name: str,
    email: str,
    role: str,
    password: str,
    *,
    by: Member | str,
    teams: Iterable[Team] = (),
    is_trainee: bool = False,
) -> Member:
    """A new member who can sign in at once. Refused where the address is known or bad."""
    address = email.strip().lower()
    check_newcomer(name, address, role)
    member = new_member(name, address, role)
    member.is_trainee = is_trainee
    check_password(password, member)
    member.set_password(password)
    member.save()
    for team in teams:
        team.members.add(member)
    record(None, "member_added", by=by, facts={"member": member.pk, "role": role})
    return member


def new_member(name: str, address: str, role: str) -> Member:
    hue = Member.objects.count() % HUES + 1
    return Member(email=address, name=name.strip(), role_id=role, hue=hue)


@transaction.atomic
def set_password(member: Member, password: str, *, by: Member | str) -> None:
    """A new password; whoever is signed in with the old one is signed out."""
    check_password(password, member)
    member.set_password(password)
    member.save(update_fields=["password"])
    record(None, "password_changed", by=by, facts={"member": member.pk})


@transaction.atomic
def add_team(name: str, duty: Member, *, by: Member | str) -> Team:
    """A new team; `duty` answers for its cases until somebody takes them, and belongs to it."""
    slug = slugify(name)[:50]
    if not slug or Team.objects.filter(slug=slug).exists():
        sentence = _("There is a team of that name already, or the name has no letters.")
        raise Refused("TEAM_NAME", sentence, 422)
    must_be_fit_for_duty(duty)
    team = Team.objects.create(name=name.strip(), slug=slug, duty=duty)
    team.members.add(duty)
    record(None, "team_added", by=by, facts={"team": team.pk, "duty": duty.pk})
    return team


def check_newcomer(name: str, address: str, role: str) -> None:
    if not name.strip():
        raise Refused("NO_NAME", _("Give the name that customers will read."), 422)
    try:
        validate_email(address)
    except ValidationError as error:
        not_one = _("“%(address)s” is not a mail address.") % {"address": address}
        raise Refused("BAD_ADDRESS", not_one, 422) from error
    Role.ensure_built_in()
    if not Role.objects.filter(pk=role).exists():
        no_role = _("“%(role)s” is no role; choose one of %(roles)s.")
        roles = Role.objects.values_list("slug", flat=True)
        facts = {"role": role, "roles": ", ".join(roles)}
        raise Refused("NO_ROLE", no_role % facts, 422)
    if Member.objects.filter(email__iexact=address).exists():
        sentence = _("There is a member with the address %(address)s already.")
        raise Refused("MEMBER_KNOWN", sentence % {"address": address}, 409)


def check_password(password: str, member: Member) -> None:
    try:
        validate_password(password, member)
    except ValidationError as error:
        raise Refused("WEAK_PASSWORD", " ".join(error.messages), 422) from error
