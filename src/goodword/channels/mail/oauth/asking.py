"""Asking a provider's token address: one question, ten seconds, a short answer, no detours."""

import contextlib
import http.client
import json
import logging
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.utils.translation import gettext as _

from goodword.channels.mail.oauth.providers import Ready, is_safe
from goodword.core.outward import Inside, connect, inside_sentence

log = logging.getLogger(__name__)
SECONDS = 10.0
LARGEST = 128 * 1024
_LONGEST_TOKEN = 16_384


class Failed(Exception):
    """The provider gave no token this time; the sentence says why."""


class NeedsPerson(Failed):
    """It will never give one by itself again: somebody has to sign in (`invalid_grant`)."""


class NeedsApp(Failed):
    """It does not know our app any more, or not by this secret."""


@dataclass(frozen=True)
class Tokens:
    access: str = field(repr=False)
    refresh: str = field(repr=False)  # empty: the one that we have goes on
    seconds: int
    id_token: str = field(default="", repr=False)


def tokens_for(there: Ready, sent: dict[str, str]) -> Tokens:
    """What the provider gives for a code or a refresh token. Raises Failed."""
    whole = {**sent, "client_id": there.client_id}
    if there.secret:
        whole["client_secret"] = there.secret
    status, body = _post(there.token_url, whole)
    try:
        said = json.loads(body)
    except ValueError:
        said = None
    if not isinstance(said, dict):
        raise Failed(_("%(name)s gave an answer that cannot be read.") % {"name": there.name})
    if status != 200 or "error" in said:
        raise _refusal(there, status, str(said.get("error", "")))
    return _tokens(there, said)


def revoked(there: Ready, token: str) -> None:
    """Have the provider take the token back, and with a refresh token all that came of it
    (RFC 7009 § 2). Raises Failed where it does not, or publishes no address for it."""
    if not there.revoke_url:
        raise Failed(_("%(name)s takes no access back by itself.") % {"name": there.name})
    sent = {"token": token, "token_type_hint": "refresh_token", "client_id": there.client_id}
    if there.secret:
        sent["client_secret"] = there.secret
    status, _body = _post(there.revoke_url, sent)
    # A token that it does not know any more is answered with 200 (§ 2.2), by Google with 400.
    if status not in (200, 204, 400):
        raise Failed(_("%(name)s did not take it back.") % {"name": there.name})


def _tokens(there: Ready, said: dict[str, Any]) -> Tokens:
    access, refresh = said.get("access_token"), said.get("refresh_token") or ""
    kind = str(said.get("token_type", "")).lower()
    if kind != "bearer" or not _is_token(access) or not (refresh == "" or _is_token(refresh)):
        raise Failed(_("%(name)s gave an answer without a token.") % {"name": there.name})
    try:
        seconds = int(said.get("expires_in", 3600))
    except (TypeError, ValueError):
        seconds = 3600
    id_token = said.get("id_token")
    return Tokens(
        str(access),
        str(refresh),
        min(max(seconds, 0), 86_400),
        id_token if isinstance(id_token, str) else "",
    )


def _is_token(said: object) -> bool:
    return (
        isinstance(said, str)
        and 0 < len(said) <= _LONGEST_TOKEN
        and all(33 <= ord(letter) < 127 for letter in said)
    )


def _refusal(there: Ready, status: int, error: str) -> Failed:
    # Its description may quote what we sent, so only the code is ever told or logged.
    code = error if error.isascii() and error.replace("_", "").isalnum() else str(status)
    log.warning("%s refused a token: %s", there.name, code[:60])
    facts = {"name": there.name, "code": code[:60]}
    if error in ("invalid_grant", "interaction_required", "consent_required", "login_required"):
        return NeedsPerson(_("%(name)s does not accept the sign-in any more.") % facts)
    if error in ("invalid_client", "unauthorized_client"):
        sentence = _(
            "%(name)s does not accept this desk’s app (%(code)s). Its secret may have run out: "
            "write a new one in the settings."
        )
        return NeedsApp(sentence % facts)
    return Failed(_("%(name)s gave no token (%(code)s).") % facts)


def _post(url: str, sent: dict[str, str]) -> tuple[int, bytes]:
    if not is_safe(url):
        raise Failed(_("The provider’s address does not begin with https://."))
    parts = urlsplit(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(str(parts.hostname), parts.port, timeout=SECONDS)
    # http.client opens its sockets by this; there is no public way to name another.
    connection._create_connection = connect  # type: ignore[attr-defined]
    headers = {
        "Content-Type": "application/x-www-form-urlencoded",
        "Accept": "application/json",
        "Connection": "close",
    }
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        with _bounded(connection):
            connection.request("POST", path, urlencode(sent), headers)
            answer = connection.getresponse()
            body = answer.read(LARGEST + 1)
    except Inside:
        raise Failed(inside_sentence()) from None
    except (OSError, http.client.HTTPException, ValueError, AttributeError) as error:
        facts = {"host": parts.hostname, "why": type(error).__name__}
        log.warning("%(host)s could not be asked: %(why)s", facts)
        raise Failed(_("%(host)s does not answer (%(why)s).") % facts) from None
    finally:
        connection.close()
    if len(body) > LARGEST:
        raise Failed(_("%(host)s gave an answer that is too long.") % {"host": parts.hostname})
    return answer.status, body


@contextlib.contextmanager
def _bounded(connection: http.client.HTTPConnection) -> Iterator[None]:
    # A server that sends one octet a second never meets the socket's own timeout.
    clock = threading.Timer(SECONDS, _cut, [connection])
    clock.daemon = True
    clock.start()
    try:
        yield
    finally:
        clock.cancel()


def _cut(connection: http.client.HTTPConnection) -> None:
    sock = connection.sock
    if sock is not None:
        with contextlib.suppress(OSError):
            # Not SSLSocket.shutdown: it takes the TLS layer away under the reading thread.
            socket.socket.shutdown(sock, socket.SHUT_RDWR)
