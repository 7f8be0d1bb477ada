"""Coming in: every way to sign in ends here, and none leads past the second factor."""

from datetime import datetime, timedelta

from django.contrib.auth import login
from django.db import transaction
from django.http import HttpRequest

from goodword.core.compare import change
from goodword.core.time import now
from goodword.journal.recording import record
from goodword.staff.device import is_new
from goodword.staff.factors import Factors
from goodword.staff.letter import Letter
from goodword.staff.models import Member
from goodword.staff.session import OWES, begin, device, network

ARRIVING, FRESH = "arriving", "fresh_at"
WAITS = timedelta(minutes=10)
STAYS_FRESH = timedelta(minutes=30)
_BACKEND = "goodword.staff.backends.Members"


def arrive(request: HttpRequest, member: Member, how: str, wanted: str = "") -> bool:
    """They proved who they are; True when they are in, False when a second factor is asked."""
    # A passkey was unlocked by a face, a finger or a PIN: it is both factors at once.
    if how != "passkey" and Factors.of(member).is_second:
        said = {"member": member.pk, "how": how, "next": wanted, "at": now().isoformat()}
        request.session.cycle_key()
        request.session[ARRIVING] = said
        return False
    let_in(request, member, how)
    return True


def who_arrives(request: HttpRequest) -> tuple[Member | None, dict[str, str]]:
    """Who has shown the first factor in this browser, and not long ago."""
    said = request.session.get(ARRIVING) or {}
    if not said or now() - datetime.fromisoformat(said["at"]) > WAITS:
        return None, {}
    members = Member.objects.active().select_related("role")
    return members.filter(pk=said["member"]).first(), said


@transaction.atomic
def let_in(request: HttpRequest, member: Member, how: str) -> None:
    """A new session of their own. A browser that they never used before is told by mail."""
    request.session.pop(ARRIVING, None)
    # Whatever else a browser held before it was theirs stays outside.
    if not request.user.is_authenticated:
        request.session.flush()
    login(request, member, backend=_BACKEND)
    begin(request, how)
    request.session[FRESH] = now().isoformat()
    request.session[OWES] = member.owes_second() and not Factors.of(member).is_second
    # Django notes it by the machine's clock; every other time here is the desk's.
    change(member, {}, {"last_login": now()})
    record(None, "signed_in", by=member, facts={"how": how})
    if is_new(request, member):
        agent = device(request.META.get("HTTP_USER_AGENT", ""))
        Letter.write(Letter.Kind.NEW_DEVICE, member, device=agent, network=network(request),
                     at=now().isoformat())  # fmt: skip


def is_fresh(request: HttpRequest) -> bool:
    """Whether they proved who they are a short while ago."""
    at = request.session.get(FRESH)
    return at is not None and now() - datetime.fromisoformat(at) < STAYS_FRESH


def refresh(request: HttpRequest) -> None:
    request.session[FRESH] = now().isoformat()


def no_longer_owes(request: HttpRequest) -> None:
    request.session[OWES] = False
