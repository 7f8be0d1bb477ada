"""Passwords of mailboxes: in the environment, or under the installation's key; never shown."""

import json
import logging
import os
from pathlib import Path

from django.conf import settings
from django.db import transaction

from goodword.channels.mail.models import Mailbox
from goodword.core.compare import change
from goodword.core.secrecy import CannotOpen, close, reopen
from goodword.journal.recording import record
from goodword.staff.models import Member

log = logging.getLogger(__name__)
USES = ("imap", "smtp")
_PURPOSE = "mailbox-password"


def variable_of(address: str, use: str) -> str:
    """The name of the environment variable that holds this password, and wins."""
    name = f"GOODWORD_{use}_PASSWORD_{address}".upper()
    return "".join(letter if letter.isalnum() else "_" for letter in name)


def password_of(address: str, use: str) -> str:
    """The password for `use` ("imap" or "smtp"); an empty string where there is none."""
    in_environment = os.environ.get(variable_of(address, use))
    if in_environment is not None:
        return in_environment
    rows = Mailbox.objects.filter(address__iexact=address)
    closed = rows.values_list(f"{use}_closed", flat=True).first()
    if not closed:
        return _in_the_file(address, use)
    try:
        return reopen(closed, _PURPOSE)
    except CannotOpen:
        log.error("the %s password of %s was closed with another key; write it again", use, address)
        return ""


def _in_the_file(address: str, use: str) -> str:
    """Where earlier versions kept them."""
    file = Path(settings.DATA) / "secrets.json"
    kept = json.loads(file.read_text()) if file.exists() else {}
    return str(kept.get("mailboxes", {}).get(address, {}).get(use, ""))


@transaction.atomic
def keep_password(box: Mailbox, use: str, password: str, *, by: Member | str) -> None:
    """Keep a password, or forget it where it is empty. Nobody is shown it again."""
    change(box, {}, {f"{use}_closed": close(password, _PURPOSE) if password else ""})
    record(None, "mailbox_password", by=by, facts={"mailbox": box.pk, "use": use})


def has_password(box: Mailbox, use: str) -> bool:
    return bool(password_of(box.address, use))
