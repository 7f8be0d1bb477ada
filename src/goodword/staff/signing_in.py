"""One attempt to sign in: limited, journalled, and silent about what was wrong."""

from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext as _

from goodword.journal.recording import record
from goodword.staff.models import Member, SignInAttempt


def attempt(
    request: HttpRequest, check: Callable[..., Any], email: str, password: str
) -> tuple[Member | None, str]:
    """The member whose password this is, or None and a sentence. `check` hashes either way."""
    keys = (f"mail:{email.lower()[:70]}", f"from:{request.META.get('REMOTE_ADDR', '')}")
    if SignInAttempt.is_limited(*keys):
        return None, _("Too many attempts. Wait a quarter of an hour, or ask your operator.")
    member = check(request, username=email, password=password)
    with transaction.atomic():
        if member is None:
            SignInAttempt.note(*keys)
            record(None, "sign_in_refused", by="system")
            return None, _("This address and password do not belong together. Try again.")
        SignInAttempt.forget(keys[0])
        record(None, "signed_in", by=member)
    return member, ""
