"""What no file of settings holds, and what it names cannot work without: passwords and secrets."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from goodword.channels.mail.models import Auth, MailApp, Mailbox
from goodword.channels.mail.oauth.providers import PROVIDERS, keep_secret
from goodword.channels.mail.passwords import USES, has_password, keep_password
from goodword.settings.changing import Subject
from goodword.settings.subjects.apps import AppSubject
from goodword.settings.subjects.mailboxes import MailboxSubject
from goodword.staff.models import Member

Keep = Callable[[str, Member | str], None]


@dataclass(frozen=True)
class Owed:
    """One secret that is missing: what it is, the page that takes it, and what keeps it."""

    what: str
    url: str
    keep: Keep


def owed(subjects: Iterable[Subject]) -> Iterator[Owed]:
    """Of these subjects; nothing for what has its secret already, or is not there."""
    for subject in subjects:
        if isinstance(subject, AppSubject):
            yield from _of_app(subject.key)
        elif isinstance(subject, MailboxSubject):
            yield from _of_mailbox(subject.box())


def _of_app(provider: str) -> Iterator[Owed]:
    app = MailApp.objects.filter(provider=provider, secret_closed="").first()
    if app is not None:
        what = _("The secret of the app for %(name)s") % {"name": PROVIDERS[provider].name}
        yield Owed(what, reverse("settings_mail_app", args=[provider]), _keeper_of(app))


def _keeper_of(app: MailApp) -> Keep:
    return lambda secret, by: keep_secret(app, secret, by=by)


def _of_mailbox(box: Mailbox | None) -> Iterator[Owed]:
    if box is None or box.auth != Auth.PASSWORD:
        return
    # A server of ours may take mail from this machine without any password, but not hand it out.
    uses = {"imap": bool(box.imap_host), "smtp": bool(box.smtp_host and box.smtp_user)}
    for use in USES:
        if uses[use] and not has_password(box, use):
            facts = {"address": box.address, "use": use.upper()}
            what = _("The %(use)s password of %(address)s") % facts
            yield Owed(what, reverse("settings_mailbox", args=[box.pk]), _keeper(box, use))


def _keeper(box: Mailbox, use: str) -> Keep:
    return lambda secret, by: keep_password(box, use, secret, by=by)
