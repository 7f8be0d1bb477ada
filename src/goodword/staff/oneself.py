"""What members change of themselves: their name, their password, where they are signed in."""

from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.password_validation import password_changed
from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from goodword.core.compare import change
from goodword.core.refusals import Refused
from goodword.journal.recording import record
from goodword.staff.joining import check_password
from goodword.staff.letter import Letter
from goodword.staff.models import Member, Session


@transaction.atomic
def rename(member: Member, name: str) -> str:
    """Another name, which customers read from now on; the one before."""
    before, after = member.name, " ".join(name.split())[:120]
    if not after:
        raise Refused("NO_NAME", _("Give the name that customers will read."), 422)
    if before != after and change(member, {"name": before}, {"name": after}):
        record(None, "member_renamed", by=member, facts={"member": member.pk})
    return before


@transaction.atomic
def new_password(request: HttpRequest, member: Member, old: str, new: str) -> None:
    """Another password. Whoever is signed in elsewhere with the old one is signed out.

    The old one is asked for, unless they came in by their mail a short while ago.
    """
    came_by_mail = request.session.get("about_session", {}).get("how") in {"code", "link"}
    if member.has_usable_password() and not came_by_mail and not member.check_password(old):
        raise Refused("WRONG_PASSWORD", _("This is not your present password."), 422)
    check_password(new, member)
    member.set_password(new)
    member.save(update_fields=["password"])
    password_changed(new, member)
    record(None, "password_changed", by=member, facts={"member": member.pk})
    Letter.write(Letter.Kind.FACTOR, member, what="password_changed")
    update_session_auth_hash(request, member)
    sign_out_elsewhere(request, member)


@transaction.atomic
def sign_out_one(member: Member, digest: str) -> bool:
    """End one session of theirs, by what names it; False where it has ended already."""
    theirs = [each for each in member.sessions.all() if each.digest == digest]
    return bool(_end(member, theirs))


@transaction.atomic
def sign_out_elsewhere(request: HttpRequest, member: Member) -> int:
    """End every session of theirs but this one; how many there were."""
    return _end(member, member.sessions.exclude(session_key=request.session.session_key))


def _end(member: Member, rows: object) -> int:
    ended = Session.end(rows)  # type: ignore[arg-type]
    if ended:
        record(None, "signed_out", by=member, facts={"member": member.pk, "sessions": ended})
    return len(ended)
