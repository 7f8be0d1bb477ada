"""One attempt to sign in with a password: limited, journalled, silent about what was wrong."""

import logging
from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext as _

from goodword.journal.recording import record
from goodword.staff.attempts import Tries
from goodword.staff.models import Member
from goodword.staff.session import network

log = logging.getLogger("goodword.sign_in")


def tries(request: HttpRequest, email: str) -> Tries:
    """One try under this address from this place of the network."""
    mail, place = email.lower()[:70], network(request)
    return Tries(f"pair:{mail}|{place}", f"mail:{mail}", f"from:{place}")


def attempt(
    request: HttpRequest, check: Callable[..., Any], email: str, password: str
) -> tuple[Member | None, str]:
    """The member whose password this is, or None and a sentence. `check` hashes either way."""
    trying = tries(request, email)
    if trying.are_too_many():
        note_refused(request, "password", email, is_entry=False)
        return None, _(
            "Too many attempts. Wait a quarter of an hour, or have a code sent to you by mail."
        )
    member = check(request, username=email, password=password)
    if member is None:
        note_refused(request, "password", email)
        return None, _("This address and password do not belong together. Try again.")
    trying.went_well()
    return member, ""


def note_refused(
    request: HttpRequest, way: str, who: Member | str | None = None, *, is_entry: bool = True
) -> None:
    """A way in that led nowhere: an entry, and a line of the log for whoever watches the machine.

    Whose address it is stands there where it is a member's; one that is nobody's is not kept.
    What nothing limits makes no entry, so that nobody fills the journal.
    """
    member = who
    if isinstance(who, str):
        member = Member.objects.filter(email__iexact=who).first()
    facts = {"way": way, **({"member": member.pk} if isinstance(member, Member) else {})}
    if is_entry:
        with transaction.atomic():
            record(None, "sign_in_refused", by="system", facts=facts)
    whose = f"member {facts['member']}" if "member" in facts else "nobody's"
    log.warning("sign-in refused by %s, %s, from %s", way, whose, network(request))
