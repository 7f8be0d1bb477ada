"""Signing in with a token instead of a password: XOAUTH2, and OAUTHBEARER (RFC 7628)."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

# A token that is not the one given, which a server has just refused.
Token = Callable[[str], str]


class NoToken(Exception):
    """There is no token at this moment; the sentence says what to do."""


@dataclass(frozen=True)
class Bearer:
    """What the client says, and what it says to a challenge: the details of a refusal."""

    mechanism: str
    first: str
    to_a_challenge: str


def must_be_closed(security: str, host: str) -> None:
    """A token goes over no line that others can read (RFC 6750 § 5.3)."""
    if security == "none" and host not in ("127.0.0.1", "::1", "localhost"):
        sentence = _("%(host)s is reached without TLS, so no sign-in is sent. Choose TLS.")
        raise NoToken(sentence % {"host": host})


def bearer(user: str, token: str, host: str, port: int, offered: Iterable[str]) -> Bearer:
    """The words in the mechanism that the server offers; XOAUTH2 where it offers none."""
    if re.search(r"[\x00-\x1f\x7f]", user + token):
        raise NoToken(_("The user name of this mailbox has letters that no server takes."))
    known = {each.upper() for each in offered}
    if "OAUTHBEARER" in known and "XOAUTH2" not in known:
        name = user.replace("=", "=3D").replace(",", "=2C")
        head = f"n,a={name},\x01host={host}\x01port={port}\x01"
        return Bearer("OAUTHBEARER", f"{head}auth=Bearer {token}\x01\x01", "\x01")
    return Bearer("XOAUTH2", f"user={user}\x01auth=Bearer {token}\x01\x01", "")


def still_refused(host: str, answer: str) -> str:
    """The provider gives a token and the mail server does not take it."""
    sentence = _(
        "%(host)s does not accept the provider’s sign-in (%(answer)s). See that this account may "
        "use IMAP and SMTP, that the user name is its address, and sign in again."
    )
    return sentence % {"host": host, "answer": answer}
