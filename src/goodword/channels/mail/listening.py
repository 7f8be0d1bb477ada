"""The SMTP and LMTP listener: a mail is acknowledged only after `take` has returned.

What the other server reads is English and ASCII, as the protocol wants; the sentences end up
in the bounce that its user reads.
"""

import asyncio
import contextlib
import logging
import ssl
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Literal, Protocol

from aiosmtpd.smtp import SMTP, Envelope, Session, syntax

from goodword.channels.mail.obstacles import Busy, NoRoom, TooBig

log = logging.getLogger(__name__)
# aiosmtpd logs every command, and with it addresses and the tokens in them.
logging.getLogger("mail.log").setLevel(logging.WARNING)

Source = Literal["smtp", "lmtp"]
_END = b"\r\n.\r\n"
# aiosmtpd takes this for the longest command line and the size of its buffer; the longest
# line of a mail is not limited, since real mail has lines of megabytes.
_CHUNK = 65_536
_STOP_SECONDS = 5.0

_UNKNOWN = "550 5.1.1 <{}> is no address of ours. We do not pass mail on to others."
_TOO_BIG = (
    "552 5.3.4 This mail is larger than the {:.0f} MB that are taken here. "
    "Send it in smaller parts, or send a link."
)
_NO_ROOM = "452 4.3.1 There is no room for mail at this moment. Please keep it and send it again."
_BUSY = "451 4.3.0 Mail cannot be taken at this moment. Please keep it and send it again."
_NOW_LOADED = "452 4.3.2 Too many large mails at once. Please keep it and send it again."
_CROWDED = "421 4.7.0 Too many connections. Please come again in a minute."
_TOO_MANY = "452 4.5.3 Too many recipients. Send the rest in another mail."
_TAKEN = "250 2.0.0 Taken"


class Take(Protocol):
    """Keep one mail durably; called from several threads. Returning says that it is kept.

    Raises NoRoom, Busy or TooBig; anything else is answered like Busy and logged.
    """

    def __call__(
        self, raw: bytes, *, envelope_from: str, recipients: list[str], peer: str, source: Source
    ) -> None: ...


Accepts = Callable[[str], bool]
"""Whether an address is one of our mailboxes, its plus-parts included. Called in a thread."""


@dataclass(frozen=True)
class Limits:
    """`size` in octets. `idle` seconds without a command, or for 64 KB of a mail, end a
    connection, so that slow ones do not hold places; `whole` is for one mail."""

    size: int = 25 * 1024 * 1024
    idle: float = 120.0
    whole: float = 1800.0
    connections: int = 200
    per_peer: int = 50
    recipients: int = 100
    threads: int = 8
    # All mails that are being received together, so that many large ones do not eat the memory.
    in_flight: int = 100 * 1024 * 1024


class MailListener:
    """Listens on one port in a thread of its own. Port 0 takes a free one; see `port`."""

    def __init__(
        self,
        host: str,
        port: int,
        *,
        take: Take,
        accepts: Accepts,
        source: Source = "smtp",
        limits: Limits | None = None,
        hostname: str = "localhost",
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.host = host
        self.port = port
        self.source = source
        self.limits = limits or Limits()
        self.hostname = hostname
        self.tls = tls
        self.take = take
        self.accepts = accepts
        self.crowd = Crowd(self.limits)
        self.pool = ThreadPoolExecutor(self.limits.threads, thread_name_prefix=f"{source}-take")
        self.talks: set[_Talk] = set()
        self.stopping = False
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name=f"{source}-listener", daemon=True)
        self._ready = threading.Event()
        self._error: Exception | None = None

    def start(self) -> None:
        """Return once the port is open. Raises OSError where it cannot be."""
        self._thread.start()
        self._ready.wait()
        if self._error is not None:
            raise self._error

    def stop(self) -> None:
        """Take no new mail, let those finish that are being kept, and end within seconds."""
        if self._thread.is_alive():
            # The loop may end in between, and then there is nothing left to stop.
            with contextlib.suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._stop_soon)
            self._thread.join(2 * _STOP_SECONDS)
        self.pool.shutdown(wait=False, cancel_futures=True)

    def _run(self) -> None:
        try:
            server = self._loop.run_until_complete(self._open())
        except OSError as error:
            self._error = error
            self._ready.set()
            return
        self._ready.set()
        self._loop.run_forever()
        self._loop.run_until_complete(self._close(server))
        self._loop.close()

    async def _open(self) -> asyncio.Server:
        server = await self._loop.create_server(self._talk, self.host, self.port, backlog=512)
        self.port = server.sockets[0].getsockname()[1]
        return server

    def _talk(self) -> "_Talk":
        return (_LMTPTalk if self.source == "lmtp" else _Talk)(self)

    def _stop_soon(self) -> None:
        self.stopping = True
        self._loop.stop()

    async def _close(self, server: asyncio.Server) -> None:
        server.close()
        deadline = time.monotonic() + _STOP_SECONDS
        while any(talk.is_keeping for talk in self.talks) and time.monotonic() < deadline:
            await asyncio.sleep(0.02)
        # One turn more, so that what was kept is also acknowledged.
        await asyncio.sleep(0.05)
        others = asyncio.all_tasks(self._loop) - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)


class Crowd:
    """How many talk to us, from where, and how much they have sent. Used in the loop only."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._peers: Counter[str] = Counter()
        self._in_flight = 0

    def enter(self, peer: str) -> bool:
        full = self._peers.total() >= self._limits.connections
        if full or self._peers[peer] >= self._limits.per_peer:
            return False
        self._peers[peer] += 1
        return True

    def leave(self, peer: str) -> None:
        self._peers[peer] -= 1
        if self._peers[peer] <= 0:
            del self._peers[peer]

    def hold(self, octets: int) -> bool:
        if self._in_flight + octets > self._limits.in_flight:
            return False
        self._in_flight += octets
        return True

    def let_go(self, octets: int) -> None:
        self._in_flight -= octets


class _Hooks:
    """What aiosmtpd asks of us besides the mail itself."""

    def __init__(self, listener: MailListener) -> None:
        self._listener = listener

    async def handle_EHLO(
        self, server: SMTP, session: Session, envelope: Envelope, name: str, answers: list[str]
    ) -> list[str]:
        session.host_name = name
        return [*answers[:-1], "250-PIPELINING", answers[-1]]

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self._listener.stopping:
            return _BUSY
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 2.1.0 OK"

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if len(envelope.rcpt_tos) >= self._listener.limits.recipients:
            return _TOO_MANY
        listener = self._listener
        loop = asyncio.get_running_loop()
        try:
            ours = await loop.run_in_executor(listener.pool, listener.accepts, _text(address))
        except Exception as error:
            return _answer_to(error, listener.limits)
        if not ours:
            return _UNKNOWN.format(address.encode("ascii", "replace").decode("ascii"))
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_exception(self, error: Exception) -> str:
        log.error("mail listener: %s", error, exc_info=error)
        return _BUSY


class _Talk(SMTP):
    """One connection."""

    line_length_limit = _CHUNK

    def __init__(self, listener: MailListener) -> None:
        super().__init__(
            _Hooks(listener),
            data_size_limit=listener.limits.size,
            enable_SMTPUTF8=True,
            hostname=listener.hostname,
            ident="Goodword",
            tls_context=listener.tls,
            timeout=listener.limits.idle,
            auth_exclude_mechanism=["LOGIN", "PLAIN"],
            loop=asyncio.get_running_loop(),
        )
        self._listener = listener
        self.is_keeping = False

    async def _handle_client(self) -> None:
        peer = self._peer()
        if self._listener.stopping or not self._listener.crowd.enter(peer):
            await self.push(_CROWDED)
            self._hang_up()
            return
        self._listener.talks.add(self)
        try:
            await super()._handle_client()
        finally:
            self._listener.talks.discard(self)
            self._listener.crowd.leave(peer)

    async def push(self, status: str | bytes) -> None:
        """A size that is announced (RFC 1870) gets the same sentence as one that is found out."""
        if isinstance(status, str) and status.startswith("552 Error: message size"):
            status = _TOO_BIG.format(self._listener.limits.size / (1024 * 1024))
        await super().push(status if isinstance(status, str) else status.decode("ascii"))

    # Methods, since aiosmtpd reads every property of a connection before it is set up.
    def _told(self) -> Envelope:
        assert self.envelope is not None
        return self.envelope

    def _peer(self) -> str:
        peer = self.session.peer if self.session else None
        return str(peer[0]) if isinstance(peer, tuple) and peer else str(peer or "")

    def _hang_up(self) -> None:
        if self.transport is not None:
            self.transport.close()

    @syntax("DATA")
    async def smtp_DATA(self, arg: str | None) -> None:
        if await self.check_helo_needed():
            return
        if arg:
            await self.push("501 5.5.4 DATA takes nothing after it")
            return
        if not self._told().rcpt_tos:
            await self.push("503 5.5.1 Name a recipient first")
            return
        await self.push("354 End data with <CR><LF>.<CR><LF>")
        reading = _Reading(self._listener)
        try:
            await self._read(reading)
            answer = reading.refusal or await self._keep(reading.mail())
        finally:
            reading.let_go()
        recipients = len(self._told().rcpt_tos)
        self.envelope = self._create_envelope()
        self._reset_timeout()
        await self._answer(answer, recipients)

    async def _read(self, reading: "_Reading") -> None:
        # The end is CRLF, dot, CRLF and nothing else, which leaves smuggled line ends harmless
        # (CVE-2023-51765). A CRLF put in front lets an empty mail end in the same way.
        self._reader._buffer[:0] = b"\r\n"  # type: ignore[attr-defined]
        began = time.monotonic()
        limits = self._listener.limits
        while True:
            left = limits.whole - (time.monotonic() - began)
            self._reset_timeout(max(0.01, min(limits.idle, left)))
            try:
                reading.add((await self._reader.readuntil(_END))[: -len(_END)])
                return
            except asyncio.LimitOverrunError as more:
                reading.add(await self._reader.read(more.consumed))
            if reading.size > 8 * limits.size:
                # Whoever goes on for so long does not wait for an answer.
                await self.push(reading.refusal or _BUSY)
                self._hang_up()
                raise asyncio.CancelledError

    async def _keep(self, raw: bytes) -> str:
        listener, envelope = self._listener, self._told()
        sender = _text(envelope.mail_from or "").removeprefix("<>")
        recipients, peer = [_text(address) for address in envelope.rcpt_tos], self._peer()

        def take() -> None:
            listener.take(
                raw,
                envelope_from=sender,
                recipients=recipients,
                peer=peer,
                source=listener.source,
            )

        self._reset_timeout(listener.limits.whole)
        self.is_keeping = True
        try:
            await self.loop.run_in_executor(listener.pool, take)
            return _TAKEN
        except Exception as error:
            return _answer_to(error, listener.limits)
        finally:
            self.is_keeping = False

    async def _answer(self, answer: str, recipients: int) -> None:
        await self.push(answer)


class _LMTPTalk(_Talk):
    show_smtp_greeting = False

    @syntax("LHLO hostname")
    async def smtp_LHLO(self, arg: str) -> None:
        await super().smtp_EHLO(arg)

    async def smtp_HELO(self, arg: str) -> None:
        await self.push("500 5.5.1 This is LMTP: say LHLO")

    async def smtp_EHLO(self, arg: str) -> None:
        await self.push("500 5.5.1 This is LMTP: say LHLO")

    async def _answer(self, answer: str, recipients: int) -> None:
        # RFC 2033 § 4.2: one answer for each recipient that was accepted.
        for _each in range(recipients):
            await self.push(answer)


class _Reading:
    """The octets of one mail while it comes in, no more of them than are allowed."""

    def __init__(self, listener: MailListener) -> None:
        self._limits = listener.limits
        self._crowd = listener.crowd
        self._kept = bytearray()
        self._held = 0
        self.size = -2
        self.refusal = ""

    def add(self, chunk: bytes) -> None:
        self.size += len(chunk)
        if self.refusal:
            return
        if self.size > self._limits.size:
            self._refuse(_TOO_BIG.format(self._limits.size / (1024 * 1024)))
        elif not self._crowd.hold(len(chunk)):
            self._refuse(_NOW_LOADED)
        else:
            self._held += len(chunk)
            self._kept += chunk

    def _refuse(self, answer: str) -> None:
        self.refusal = answer
        self._kept = bytearray()
        self.let_go()

    def mail(self) -> bytes:
        # RFC 5321 § 4.5.2: a dot that begins a line was put there for the transport.
        unstuffed = self._kept.replace(b"\r\n.", b"\r\n")
        self._kept = bytearray()
        unstuffed += b"\r\n" if len(unstuffed) > 2 else b""
        return bytes(memoryview(unstuffed)[2:])

    def let_go(self) -> None:
        self._crowd.let_go(self._held)
        self._held = 0


def _answer_to(error: Exception, limits: Limits) -> str:
    if isinstance(error, TooBig):
        return _TOO_BIG.format(limits.size / (1024 * 1024))
    if isinstance(error, NoRoom):
        return _NO_ROOM
    if not isinstance(error, Busy):
        log.error("mail listener: a mail was not taken", exc_info=error)
    return _BUSY


def _text(address: str) -> str:
    # aiosmtpd keeps octets that are no UTF-8 as lone surrogates, which no database takes.
    return address.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
