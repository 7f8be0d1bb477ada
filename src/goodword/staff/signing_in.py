"""One attempt to sign in with a password: limited, journalled, silent about what was wrong."""

from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext as _

from goodword.journal.recording import record
from goodword.staff.attempts import Tries
from goodword.staff.models import Member
from goodword.staff.session import network


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
        return None, _(
            "Too many attempts. Wait a quarter of an hour, or have a code sent to you by mail."
        )
    member = check(request, username=email, password=password)
    if member is None:
        note_refused()
        return None, _("This address and password do not belong together. Try again.")
    trying.went_well()
    return member, ""


@transaction.atomic
def note_refused() -> None:
    record(None, "sign_in_refused", by="system")
