"""Taking mail for the listener's threads and the fetchers: durable, or the sender keeps it."""

import threading

from goodword.channels.mail import taking
from goodword.channels.mail.listening import Source
from goodword.channels.mail.obstacles import Busy
from goodword.core.room import MAIL_PATIENCE, wait_at_most
from goodword.worker.connections import drop_if_broken


class Receiver:
    """What a listener calls: `take` keeps a mail and wakes the intake, `accepts` knows us."""

    def __init__(self, wake: threading.Event) -> None:
        self._wake = wake

    def take(
        self, raw: bytes, *, envelope_from: str, recipients: list[str], peer: str, source: Source
    ) -> None:
        try:
            wait_at_most(MAIL_PATIENCE)
            rows = taking.take(
                raw, envelope_from=envelope_from, recipients=recipients, peer=peer, source=source
            )
        finally:
            drop_if_broken()
        if not rows:
            # The mailbox was taken away between RCPT and the end of DATA.
            raise Busy("none of the recipients is a mailbox of ours any more")
        self._wake.set()

    def accepts(self, recipient: str) -> bool:
        try:
            wait_at_most(MAIL_PATIENCE)
            return taking.accepts(recipient)
        finally:
            drop_if_broken()
