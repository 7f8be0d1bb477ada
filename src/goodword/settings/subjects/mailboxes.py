"""A mailbox: an address of ours, where its mail comes from, and how answers leave."""

from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import ProtectedError, RestrictedError
from django.utils.translation import gettext as _

from goodword.channels.mail.addresses import NoReplyAddress, is_no_reply
from goodword.channels.mail.models import Auth, Mailbox, Security
from goodword.channels.mail.taking import forget_mailboxes
from goodword.core.compare import change
from goodword.core.refusals import Refused
from goodword.journal.recording import record
from goodword.settings.changing import Subject, Values
from goodword.staff.models import Member, Team

DEFAULTS: Values = {
    "name": "", "team": "", "is_active": True, "auth": "password",
    "imap_host": "", "imap_port": 993, "imap_security": "tls", "imap_user": "",
    "imap_folder": "INBOX", "imap_after": "nothing", "imap_start": "now",
    "smtp_host": "", "smtp_port": 587, "smtp_security": "starttls", "smtp_user": "",
}  # fmt: skip
LONGEST = {"name": 120, "imap_host": 253, "smtp_host": 253, "imap_user": 200, "smtp_user": 200,
           "imap_folder": 200, "imap_after": 200}  # fmt: skip


class MailboxSubject(Subject):
    """The mailbox of that address, which stays: answers find their case by it."""

    kind = "mailbox"
    defaults = DEFAULTS
    public = frozenset(DEFAULTS) - {"imap_user", "smtp_user", "name"}

    def box(self) -> Mailbox | None:
        return Mailbox.objects.filter(address=self.key).select_related("team").first()

    def values(self) -> Values | None:
        box = self.box()
        if box is None:
            return None
        return {**{name: getattr(box, name) for name in DEFAULTS}, "team": box.team.slug}

    def normal(self, to: Values) -> Values:
        unknown = set(to) - set(DEFAULTS)
        if unknown:
            raise Refused("BAD_SETTING", _("A mailbox has no “%s”.") % sorted(unknown)[0], 422)
        whole = {**DEFAULTS, **to}
        for name, longest in LONGEST.items():
            whole[name] = " ".join(str(whole[name]).split())
            if len(whole[name]) > longest:
                raise Refused("TOO_LONG", _("“%s” is too long.") % whole[name][:40], 422)
        _check(whole)
        return whole

    def put(self, to: Values | None, *, by: Member | str) -> None:
        box = self.box()
        if to is None:
            if box is not None:
                _remove(box, by=by)
        else:
            team = Team.objects.get(slug=to["team"])
            if box is None:
                _must_be_answerable(self.key)
                box = Mailbox.add(by=by, address=self.key, name=to["name"], team=team)
            change(box, {}, {**to, "team": team})
        transaction.on_commit(forget_mailboxes)


def _check(whole: Values) -> None:
    if not Team.objects.filter(slug=whole["team"]).exists():
        raise Refused("NO_TEAM", _("Choose the team that answers."), 422)
    if whole["auth"] not in Auth.values:
        raise Refused("BAD_SETTING", _("Choose how the desk signs in."), 422)
    if not isinstance(whole["is_active"], bool):
        raise Refused("BAD_SETTING", _("“is_active” is true or false."), 422)
    for use in ("imap", "smtp"):
        _check_server(use, whole)
    after = whole["imap_after"]
    if after not in ("nothing", "seen") and not (after.startswith("move:") and after[5:].strip()):
        sentence = _("After taking, a mail is left as it is, marked as read, or moved to a folder.")
        raise Refused("BAD_SETTING", sentence, 422)
    _check_start(whole["imap_start"])


def _check_server(use: str, whole: Values) -> None:
    host, port = whole[f"{use}_host"], whole[f"{use}_port"]
    if host and not all(letter.isalnum() or letter in ".-:[]_" for letter in host):
        sentence = _("“%(host)s” is no name of a server; write one like %(use)s.example.com.")
        raise Refused("BAD_SERVER", sentence % {"host": host, "use": use}, 422)
    if not (isinstance(port, int) and 0 < port < 65_536):
        raise Refused("BAD_SERVER", _("A port is a number from 1 to 65535."), 422)
    if whole[f"{use}_security"] not in Security.values:
        raise Refused("BAD_SERVER", _("Choose TLS, STARTTLS or none."), 422)


def _check_start(start: Any) -> None:
    if start in ("now", "all"):
        return
    try:
        datetime.fromisoformat(str(start))
    except ValueError as error:
        sentence = _("“%(start)s” is not now, all, or a date like 2026-11-01.") % {"start": start}
        raise Refused("BAD_SETTING", sentence, 422) from error


def _must_be_answerable(address: str) -> None:
    try:
        validate_email(address)
    except ValidationError as error:
        sentence = _("“%(address)s” is not a mail address.") % {"address": address}
        raise Refused("BAD_ADDRESS", sentence, 422) from error
    if is_no_reply(address):
        raise Refused("NO_REPLY", str(NoReplyAddress(address)), 422)


def _remove(box: Mailbox, *, by: Member | str) -> None:
    pk = box.pk
    try:
        box.delete()
    except (ProtectedError, RestrictedError) as error:
        sentence = _("Mail came by this mailbox, so it stays with its mail. Pause it instead.")
        raise Refused("IN_USE", sentence) from error
    record(None, "mailbox_removed", by=by, facts={"mailbox": pk})
