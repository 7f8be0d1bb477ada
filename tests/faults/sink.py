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
        self.mails: list[bytes] = []
        self.port = 0

    async def handle_RCPT(
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        answer = self.script("RCPT", address)
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
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
    there, loop = Sink(ledger), asyncio.new_event_loop()

    async def bind() -> asyncio.Server:
        return await loop.create_server(
            lambda: SMTP(there, loop=loop, hostname="sink.test"), "127.0.0.1", 0
        )

    # In a thread of its own: where a browser test ran before, this one has a loop that runs.
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    server = asyncio.run_coroutine_threadsafe(bind(), loop).result(10)
    there.port = int(server.sockets[0].getsockname()[1])
    try:
        yield there
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(5)
        server.close()
