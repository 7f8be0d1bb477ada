"""Handing one mail to the next server, or to a folder, and saying what became of it."""

import contextlib
import os
import re
import smtplib
import socket
import ssl
import threading
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol

from django.utils.translation import gettext as _

from goodword.channels.mail.addresses import with_ascii_domain
from goodword.channels.mail.sasl import NoToken, Token, bearer, must_be_closed, still_refused

Security = Literal["none", "starttls", "tls"]
Trouble = Literal["connection", "certificate", "starttls", "sign-in", "refused-us"]

# RFC 4954 § 6: these answers speak of the account and not of the mail.
_ABOUT_SIGN_IN = frozenset({432, 454, 530, 534, 535, 538})
# A server may be silent between two mails of a batch; after this long we ask first.
_FRESH_SECONDS = 20.0
_SLOWEST_OCTETS_A_SECOND = 50_000


@dataclass(frozen=True)
class Delivery:
    """What became of one mail to one recipient.

    `trouble` says that the configuration or the server is at fault and every other mail will
    meet the same. `maybe_sent`: the server may have taken it and not said so; the next attempt
    carries the same Message-ID.
    """

    outcome: Literal["sent", "deferred", "failed"]
    code: int | None
    text: str
    trouble: Trouble | None = None
    maybe_sent: bool = False


class Transport(Protocol):
    is_away: bool  # nobody answered at all, the last time

    def send(self, envelope_from: str, recipient: str, raw: bytes) -> Delivery: ...

    def close(self) -> None: ...


class _Answered(Exception):
    def __init__(self, delivery: Delivery) -> None:
        self.delivery = delivery


@dataclass(frozen=True)
class SMTPServer:
    """`timeout` is seconds for each answer, `final_timeout` for the one after the mail:
    RFC 5321 § 4.5.3.2.6 grants ten minutes there, and giving up early makes doubles."""

    host: str
    port: int
    security: Security = "starttls"
    user: str = ""
    password: str = field(default="", repr=False)
    timeout: float = 30.0
    final_timeout: float = 300.0
    verify: bool = True
    ca_file: str | None = None
    local_name: str | None = None
    token: Token | None = field(default=None, repr=False)  # in place of the password


class SMTPTransport:
    """One server, one connection, kept between the mails of a batch. Not for several threads."""

    def __init__(self, server: SMTPServer) -> None:
        self._server = server
        self._connection: smtplib.SMTP | None = None
        self._used_at = 0.0
        # Nobody answered when it was last tried; whoever tries again may wait as long again.
        self.is_away = False

    def __enter__(self) -> "SMTPTransport":
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with contextlib.suppress(OSError, smtplib.SMTPException):
                connection.quit()
            connection.close()

    def send(self, envelope_from: str, recipient: str, raw: bytes) -> Delivery:
        """Hand the mail over. Never raises for anything that a server or a line may do.

        Whatever happens it ends: two timeouts, the final one, and a second for 50,000 octets.
        """
        server = self._server
        allowed = 2 * server.timeout + server.final_timeout + len(raw) / _SLOWEST_OCTETS_A_SECOND
        for address in filter(None, (envelope_from, recipient)):
            if re.search(r"[\s\x00-\x1f\x7f<>]", address):
                return Delivery("failed", 553, _not_an_address(address))
        with self._bounded(allowed):
            return self._attempt(
                with_ascii_domain(envelope_from), with_ascii_domain(recipient), raw
            )

    def _attempt(self, envelope_from: str, recipient: str, raw: bytes) -> Delivery:
        was_open = self._connection is not None and self._still_there()
        delivery = self._once(envelope_from, recipient, raw)
        gone = delivery.trouble == "connection" or delivery.code == 421
        # A session ends with its token on some servers; a new one begins with a new token.
        gone = gone or (delivery.trouble == "sign-in" and self._server.token is not None)
        if was_open and gone and not delivery.maybe_sent:
            # Servers end a session after some mails or minutes; that is nobody's fault.
            return self._once(envelope_from, recipient, raw)
        return delivery

    def _once(self, envelope_from: str, recipient: str, raw: bytes) -> Delivery:
        stage = _Stage()
        self.is_away = self._connection is None
        try:
            connection = self._connected()
            self.is_away = False
            text = _hand_over(connection, envelope_from, recipient, raw, stage, self._server)
            self._used_at = time.monotonic()
            return Delivery("sent", 250, text)
        except _Answered as answered:
            self.is_away = False
            self._after_refusal(answered.delivery)
            return answered.delivery
        except (OSError, smtplib.SMTPException, ValueError) as error:
            self._drop()
            return _cut_off(error, stage)

    def _after_refusal(self, delivery: Delivery) -> None:
        if delivery.trouble or delivery.code == 421 or self._connection is None:
            self._drop()
            return
        self._used_at = time.monotonic()
        try:
            self._connection.rset()
        except (OSError, smtplib.SMTPException):
            self._drop()

    def _still_there(self) -> bool:
        if self._connection is None:
            return False
        if time.monotonic() - self._used_at < _FRESH_SECONDS:
            return True
        try:
            answers = self._connection.noop()[0] == 250
        except (OSError, smtplib.SMTPException):
            answers = False
        if not answers:
            self._drop()
        return answers

    def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def _connected(self) -> smtplib.SMTP:
        if self._connection is None:
            self._connection = _client(self._server)
            _open(self._connection, self._server)
        return self._connection

    @contextlib.contextmanager
    def _bounded(self, seconds: float) -> Iterator[None]:
        # A server that sends one octet a second never meets the socket's own timeout.
        clock = threading.Timer(seconds, self._cut)
        clock.daemon = True
        clock.start()
        try:
            yield
        finally:
            clock.cancel()

    def _cut(self) -> None:
        connection = self._connection
        sock = getattr(connection, "sock", None)
        if sock is not None:
            with contextlib.suppress(OSError):
                # Not SSLSocket.shutdown: it takes the TLS layer away under the reading thread.
                socket.socket.shutdown(sock, socket.SHUT_RDWR)


class _Stage:
    body_sent = False


def _client(server: SMTPServer) -> smtplib.SMTP:
    # Without a name smtplib asks the DNS for one, which takes seconds where there is no DNS.
    name = server.local_name or socket.gethostname()
    if "." not in name:
        name = "[127.0.0.1]"
    if server.security == "tls":
        context = _context(server)
        return smtplib.SMTP_SSL(timeout=server.timeout, context=context, local_hostname=name)
    return smtplib.SMTP(timeout=server.timeout, local_hostname=name)


def _context(server: SMTPServer) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=server.ca_file)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if not server.verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _open(connection: smtplib.SMTP, server: SMTPServer) -> None:
    # SMTP_SSL and starttls() check the certificate against this name.
    connection._host = server.host  # type: ignore[attr-defined]
    try:
        _reach(connection, server)
        if server.token is not None:
            _show_token(connection, server, server.token)
        elif server.user:
            connection.login(server.user, server.password)
    except NoToken as error:
        raise _Answered(Delivery("deferred", None, str(error), trouble="sign-in")) from error
    except ssl.SSLCertVerificationError as error:
        raise _Answered(_certificate_trouble(server, error)) from error
    except smtplib.SMTPAuthenticationError as error:
        trouble = _sign_in_trouble(error.smtp_code, error.smtp_error, server)
        raise _Answered(trouble) from error
    except smtplib.SMTPNotSupportedError as error:
        raise _Answered(_sign_in_trouble(None, str(error), server)) from error
    except smtplib.SMTPHeloError as error:
        raise _Answered(_refused_us(error.smtp_code, error.smtp_error)) from error


def _reach(connection: smtplib.SMTP, server: SMTPServer) -> None:
    code, text = connection.connect(server.host, server.port)
    if code != 220:
        raise _Answered(_refused_us(code, text))
    assert connection.sock is not None
    # The last dot would wait until they had told, 40 ms late, that the mail before it arrived.
    connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    connection.ehlo_or_helo_if_needed()
    if server.security == "starttls":
        _start_tls(connection, server)


def _show_token(connection: smtplib.SMTP, server: SMTPServer, token: Token) -> None:
    must_be_closed(server.security, server.host)
    shown = token("")
    try:
        _authenticate(connection, server, shown)
    except smtplib.SMTPAuthenticationError:
        # It may have run out or been taken back before its time: one new one, one try more.
        newer = token(shown)
        connection.close()
        # smtplib would believe that this line was greeted already.
        connection.ehlo_resp = connection.helo_resp = None
        _reach(connection, server)
        _authenticate(connection, server, newer)


def _authenticate(connection: smtplib.SMTP, server: SMTPServer, token: str) -> None:
    offered = connection.esmtp_features.get("auth", "").split()
    said = bearer(server.user, token, server.host, server.port, offered)

    def answer(challenge: bytes | None = None) -> str:
        return said.first if challenge is None else said.to_a_challenge

    code, text = connection.auth(said.mechanism, answer)
    if code != 235:
        raise smtplib.SMTPAuthenticationError(code, text)


def _start_tls(connection: smtplib.SMTP, server: SMTPServer) -> None:
    code = 0
    if connection.has_extn("starttls"):
        code = connection.starttls(context=_context(server))[0]
    if code != 220:
        sentence = _(
            "%(host)s does not offer STARTTLS, which this mailbox asks for. Nothing was sent in "
            "the clear. Correct the port or the security of the outgoing server."
        ) % {"host": server.host}
        raise _Answered(Delivery("deferred", code or None, sentence, trouble="starttls"))
    connection.ehlo_or_helo_if_needed()


def _hand_over(
    connection: smtplib.SMTP,
    envelope_from: str,
    recipient: str,
    raw: bytes,
    stage: _Stage,
    server: SMTPServer,
) -> str:
    options = _mail_options(connection, envelope_from, recipient, raw)
    _expect(250, *connection.mail(envelope_from, options), server)
    code, text = connection.rcpt(recipient)
    _expect(250 if code != 251 else 251, code, text, server)
    connection.putcmd("data")
    _expect(354, *connection.getreply(), server)
    assert connection.sock is not None
    connection.sock.settimeout(server.final_timeout)
    connection.send(_stuffed(raw))
    # From here on a line that breaks may hide a yes.
    stage.body_sent = True
    connection.send(b".\r\n")
    code, text = connection.getreply()
    connection.sock.settimeout(server.timeout)
    _expect(250, code, text, server)
    return _readable(text)


def _stuffed(raw: bytes) -> bytes:
    stuffed = re.sub(rb"(?m)^\.", b"..", raw)
    return stuffed if stuffed.endswith(b"\r\n") else stuffed + b"\r\n"


def _mail_options(
    connection: smtplib.SMTP, envelope_from: str, recipient: str, raw: bytes
) -> list[str]:
    if not connection.does_esmtp:
        return []
    options = []
    if connection.has_extn("size"):
        most = connection.esmtp_features["size"].strip()
        if most.isdigit() and 0 < int(most) < len(raw):
            raise _Answered(Delivery("failed", 552, _too_big(len(raw), int(most))))
        options.append(f"size={len(raw)}")
    if not raw.isascii() and connection.has_extn("8bitmime"):
        options.append("body=8bitmime")
    if not (envelope_from + recipient).isascii():
        if not connection.has_extn("smtputf8"):
            raise _Answered(Delivery("failed", 553, _no_utf8(recipient)))
        options.append("smtputf8")
    return options


def _too_big(size: int, most: int) -> str:
    return _("This mail has %(size).1f MB; the server takes %(most).1f MB at most.") % {
        "size": size / 1_000_000,
        "most": most / 1_000_000,
    }


def _no_utf8(recipient: str) -> str:
    return _(
        "The server cannot send to “%(address)s”: the part before the @ has letters beyond ASCII."
    ) % {"address": recipient}


def _not_an_address(address: str) -> str:
    return _("“%(address)s” is not an e-mail address.") % {"address": _readable(address)}


def _expect(wanted: int, code: int, text: bytes, server: SMTPServer) -> None:
    if code == wanted:
        return
    words = _readable(text)
    if code in _ABOUT_SIGN_IN:
        raise _Answered(_sign_in_trouble(code, text, server))
    if not 200 <= code < 600:
        # A line that was cut in the middle of the answer.
        raise smtplib.SMTPServerDisconnected(words)
    raise _Answered(Delivery("failed" if 500 <= code < 600 else "deferred", code, words))


def _sign_in_trouble(code: int | None, text: bytes | str, server: SMTPServer) -> Delivery:
    answer = f"{code or ''} {_readable(text)}".strip()
    if server.token is not None:
        said = still_refused(server.host, answer)
        return Delivery("deferred", code, said, trouble="sign-in")
    sentence = _(
        "The outgoing server does not accept our sign-in (%(answer)s). Correct the user name and "
        "password; the mails wait until then."
    ) % {"answer": answer}
    return Delivery("deferred", code, sentence, trouble="sign-in")


def _certificate_trouble(server: SMTPServer, error: ssl.SSLCertVerificationError) -> Delivery:
    sentence = _(
        "The certificate of %(host)s could not be verified (%(reason)s). Nothing was sent. "
        "Correct the host name, or give the file with the authority that signed it."
    ) % {"host": server.host, "reason": _readable(error.verify_message)}
    return Delivery("deferred", None, sentence, trouble="certificate")


def _refused_us(code: int, text: bytes | str) -> Delivery:
    answer = f"{code} {_readable(text)}".strip()
    sentence = _("The outgoing server turned us away before any mail (%(answer)s).")
    trouble: Trouble = "refused-us" if 400 <= code < 600 else "connection"
    return Delivery("deferred", code, sentence % {"answer": answer}, trouble=trouble)


def _cut_off(error: Exception, stage: _Stage) -> Delivery:
    if stage.body_sent:
        sentence = _(
            "The connection ended after the mail and before the server's answer (%(reason)s). "
            "It goes again with the same Message-ID, so it may arrive twice."
        )
    else:
        sentence = _("The outgoing server could not be reached (%(reason)s).")
    reason = _readable(str(error)) or type(error).__name__
    return Delivery(
        "deferred",
        None,
        sentence % {"reason": reason},
        trouble="connection",
        maybe_sent=stage.body_sent,
    )


def _readable(text: bytes | str) -> str:
    words = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    return " ".join("".join(c if c.isprintable() else " " for c in words).split())[:500]


class MaildirTransport:
    """A folder in maildir format in place of a server: for the demo and for trying out."""

    is_away = False

    def __init__(self, path: Path) -> None:
        self._path = path
        for part in ("tmp", "new", "cur"):
            (path / part).mkdir(parents=True, exist_ok=True)

    def send(self, envelope_from: str, recipient: str, raw: bytes) -> Delivery:
        """Write the mail durably; it is in `new` whole or not at all."""
        name = f"{time.time_ns()}.{uuid.uuid4().hex}.goodword"
        head = f"Return-Path: <{_readable(envelope_from)}>\r\nDelivered-To: {_readable(recipient)}"
        try:
            self._write(name, head.encode("utf-8") + b"\r\n" + raw)
        except OSError as error:
            sentence = _("The folder for outgoing mail cannot be written (%(reason)s).")
            words = sentence % {"reason": error.strerror or str(error)}
            return Delivery("deferred", None, words, trouble="connection")
        return Delivery("sent", 250, _("written to the folder"))

    def _write(self, name: str, octets: bytes) -> None:
        new, temporary = self._path / "new" / name, self._path / "tmp" / name
        try:
            with temporary.open("xb") as file:
                file.write(octets)
                file.flush()
                os.fsync(file.fileno())
            temporary.rename(new)
        except OSError:
            temporary.unlink(missing_ok=True)
            raise
        folder = os.open(new.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def close(self) -> None:
        """Nothing is held open between two mails."""


def probe(server: SMTPServer) -> str | None:
    """Connect and sign in; what is wrong and what to do, or None where all is well."""
    transport = SMTPTransport(server)
    try:
        transport._connected()
    except _Answered as answered:
        return answered.delivery.text
    except (OSError, smtplib.SMTPException, ValueError) as error:
        return _cut_off(error, _Stage()).text
    finally:
        transport.close()
    return None


def takes_plus_parts(server: SMTPServer, address: str) -> bool | None:
    """Whether the server takes mail for the address with a plus-part; None where it cannot tell.

    Names the recipient and breaks off, so nothing is sent.
    """
    local, _at, domain = address.rpartition("@")
    transport = SMTPTransport(server)
    try:
        connection = transport._connected()
        connection.mail(address)
        plain = connection.rcpt(address)[0]
        with_plus = connection.rcpt(f"{local}+goodword@{domain}")[0]
        connection.rset()
    except (_Answered, OSError, smtplib.SMTPException, ValueError):
        return None
    finally:
        transport.close()
    return with_plus < 500 if plain < 400 else None
