"""A mail server that does what it is told to, and notes each mail that it said yes to."""

import asyncio
import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email import message_from_bytes
from typing import Any

from aiosmtpd.smtp import SMTP

from tests.faults.ledger import Ledger

logging.getLogger("mail.log").setLevel(logging.WARNING)

Script = Callable[[str, str], str]
"""What is answered: the command (RCPT or DATA) and the recipient in, the answer out.

“drop” takes the mail and hangs up without a word; “slow …” gives an octet at a time.
"""


def says_yes(_command: str, _recipient: str) -> str:
    return "250 OK"


class Sink:
    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self.script: Script = says_yes
        self.delay = 0.0  # seconds before each answer to a mail
        self.mails: list[bytes] = []
        self.port = 0
        self._loop = asyncio.new_event_loop()
        # In a thread of its own: where a browser test ran before, this one has a loop that runs.
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._server: asyncio.Server | None = None

    def come(self) -> None:
        """Listen; after it went, on the port that it had."""
        made = self._loop.create_server(self._session, "127.0.0.1", self.port)
        self._server = asyncio.run_coroutine_threadsafe(made, self._loop).result(10)
        self.port = int(self._server.sockets[0].getsockname()[1])

    def go(self) -> None:
        """Nobody listens there any more."""
        if self._server is not None:
            self._loop.call_soon_threadsafe(self._server.close)

    def end(self) -> None:
        self.go()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)

    def _session(self) -> SMTP:
        return SMTP(self, loop=self._loop, hostname="sink.test")

    async def handle_RCPT(
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        answer = self.script("RCPT", address)
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        await asyncio.sleep(self.delay)
        answer = self.script("DATA", envelope.rcpt_tos[0])
        if answer.startswith(("250", "drop", "slow 250")):
            self.mails.append(envelope.content)
            name = message_from_bytes(envelope.content)["Message-ID"]
            self.ledger.note("delivered", str(name))
        if answer == "drop":
            server.transport.abort()
        if answer.startswith("slow "):
            for octet in answer.removeprefix("slow ")[:-1]:
                server.transport.write(octet.encode())
                await asyncio.sleep(0.2)
            answer = answer[-1]
            server.transport.write(answer.encode() + b"\r\n")
            server.transport.close()
        return answer


@contextmanager
def sink(ledger: Ledger) -> Iterator[Sink]:
    """A sink on a free port of 127.0.0.1."""
    there = Sink(ledger)
    there.come()
    try:
        yield there
    finally:
        there.end()
