"""“Try it”: both servers of a mailbox are really asked, at the same time and not for long."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from goodword.channels.mail.imap import ImapAccount
from goodword.channels.mail.imap import probe as probe_imap
from goodword.channels.mail.models import Auth, Mailbox
from goodword.channels.mail.oauth.renewing import token_of
from goodword.channels.mail.sasl import NoToken, Token
from goodword.channels.mail.sending import SMTPServer, takes_plus_parts
from goodword.channels.mail.sending import probe as probe_smtp
from goodword.settings.changing import Values

SECONDS = 6.0
Ask = Callable[[str, Values, dict[str, str], Token | None], "Tried"]


@dataclass(frozen=True)
class Tried:
    """What one server said; `plus` is whether it takes signed reply addresses, where it told."""

    label: str
    is_well: bool
    said: str
    plus: bool | None = None


def tried(
    address: str, to: Values, passwords: dict[str, str], box: Mailbox | None = None
) -> list[Tried]:
    """Sign in at whichever servers are named. Takes some seconds at most; sends nothing."""
    token = None
    if to["auth"] == Auth.OAUTH:
        try:
            token = _token_now(box)
        except NoToken as error:
            return [Tried(_("Sign-in at the provider"), False, str(error))]
    asked = [ask for use, ask in (("imap", _imap), ("smtp", _smtp)) if to[f"{use}_host"]]
    language = get_language()

    def in_language(ask: Ask) -> Tried:
        with override(language):
            return ask(address, to, passwords, token)

    with ThreadPoolExecutor(max_workers=2) as pool:
        return list(pool.map(in_language, asked))


def _token_now(box: Mailbox | None) -> Token:
    """The token is got here: the threads that ask the servers have no database."""
    if box is None:
        raise NoToken(_("Save the mailbox first, then sign in, then try it."))
    token = token_of(box.pk)
    return lambda _refused: token


def _imap(address: str, to: Values, passwords: dict[str, str], token: Token | None) -> Tried:
    account = ImapAccount(
        host=to["imap_host"],
        port=to["imap_port"],
        user=to["imap_user"] or address,
        password=passwords["imap"],
        security=to["imap_security"],
        folder=to["imap_folder"],
        timeout=SECONDS,
        token=token,
    )
    label = _("Mail comes in by %(host)s") % {"host": to["imap_host"]}
    trouble = probe_imap(account)
    well = _("It let us in and opened the folder “%(folder)s”.") % {"folder": to["imap_folder"]}
    return Tried(label, trouble is None, trouble or well)


def _smtp(address: str, to: Values, passwords: dict[str, str], token: Token | None) -> Tried:
    server = SMTPServer(
        host=to["smtp_host"],
        port=to["smtp_port"],
        security=to["smtp_security"],
        user=to["smtp_user"] or (address if token else ""),
        password=passwords["smtp"],
        timeout=SECONDS,
        token=token,
    )
    label = _("Answers leave by %(host)s") % {"host": to["smtp_host"]}
    trouble = probe_smtp(server)
    if trouble:
        return Tried(label, False, trouble)
    plus = takes_plus_parts(server, address)
    return Tried(label, True, _("It let us in. Nothing was sent."), plus)
