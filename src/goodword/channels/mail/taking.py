"""Taking mail: kept whole and durable before anybody is told that we have it."""

import hashlib
import re
from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from time import monotonic
from typing import Any

from django.db import DatabaseError, OperationalError, connection, transaction
from django.db.models import F

from goodword.channels.mail.addresses import belongs_to, normalise
from goodword.channels.mail.door import Door
from goodword.channels.mail.models import IncomingMail, Mailbox, RawMail
from goodword.channels.mail.obstacles import Busy, NoRoom
from goodword.core.faults import point
from goodword.core.live import notify
from goodword.core.room import no_room
from goodword.core.time import now
from goodword.core.writing import put

# What a mail says, apart from the trace that each road adds to it (RFC 5321, 4.4).
_SAID = (b"from", b"to", b"cc", b"subject", b"date", b"message-id", b"in-reply-to", b"references")
_HEADER_END = re.compile(rb"\n\n")
_HEADERS_LOOKED_AT = 256 * 1024
_Mail = tuple[bytes, list[IncomingMail]]


def fingerprint(raw: bytes) -> str:
    """SHA-256 (hex) of the mail without its trace, line ends made alike.

    The same mail by SMTP and by IMAP has the same one; another body under the same
    Message-ID has another.
    """
    lines = raw.replace(b"\r\n", b"\n")
    found = _HEADER_END.search(lines[:_HEADERS_LOOKED_AT])
    if found is None:
        return hashlib.sha256(lines).hexdigest()
    head, body = lines[: found.start()], lines[found.end() :].rstrip(b"\n")
    said = [line for line in _unfolded(head) if line.split(b":", 1)[0].strip().lower() in _SAID]
    digest = hashlib.sha256(b"\n".join(sorted(said)))
    digest.update(b"\n\n")
    digest.update(body)
    return digest.hexdigest()


def _unfolded(head: bytes) -> list[bytes]:
    """Header lines with folding undone, and white space made alike, since servers refold."""
    whole = re.sub(rb"\n[ \t]+", b" ", head)
    return [b" ".join(line.split()) for line in whole.split(b"\n")]


def mailbox_for(recipient: str) -> Mailbox | None:
    """The mailbox of ours that this recipient is, its plus-parts included."""
    return next((box for box in _mailboxes() if belongs_to(recipient, box.address)), None)


def accepts(recipient: str) -> bool:
    """Whether the listener takes mail for this recipient. Busy when we cannot tell now."""
    try:
        return mailbox_for(recipient) is not None
    except DatabaseError as error:
        raise Busy(str(error)) from error


def _mailboxes() -> list[Mailbox]:
    return _mailboxes_around(int(monotonic() / 5))


@lru_cache(maxsize=1)
def _mailboxes_around(_five_seconds: int) -> list[Mailbox]:
    """Read anew every five seconds, not for every recipient of every mail."""
    return list(Mailbox.objects.filter(is_active=True))


def forget_mailboxes() -> None:
    """A mailbox was just added or changed in this process."""
    _mailboxes_around.cache_clear()


def take(
    raw: bytes,
    *,
    envelope_from: str,
    recipients: list[str],
    peer: str = "",
    source: str = "smtp",
    mailbox: Mailbox | None = None,
    received_at: datetime | None = None,
    is_history: bool = False,
    dates_as_written: bool = False,
) -> list[IncomingMail]:
    """Keep one mail for each of our mailboxes among its recipients; commits before it returns.

    The same mail at the same mailbox is kept once; the row of the first is returned for it.
    NoRoom when the disk is full, Busy when the database cannot be reached now.
    """
    at = received_at or now()
    fields: dict[str, Any] = {
        "fingerprint": fingerprint(raw),
        "envelope_from": normalise(envelope_from)[:320],
        "source": source,
        "received_at": at,
        "size": len(raw),
        "sha256": hashlib.sha256(raw).hexdigest(),
        "due_at": min(at, now()),
        "is_history": is_history,
        "dates_as_written": dates_as_written,
    }
    rows = [
        IncomingMail(mailbox=box, recipient=normalise(recipient)[:400], **fields)
        for box, recipient in _places(recipients, mailbox).items()
    ]
    try:
        # Whoever is in a transaction of their own answers for nobody else's mail.
        kept = _keep([(raw, rows)])[0] if connection.in_atomic_block else door.take((raw, rows))
    except OperationalError as error:
        raise (NoRoom if no_room(error) else Busy)(str(error)) from error
    except OSError as error:
        raise NoRoom(str(error)) from error
    point("intake.after_take")
    return kept


def _keep(mails: Sequence[_Mail]) -> list[list[IncomingMail]]:
    with transaction.atomic():
        kept = [[_kept(row, raw) for row in rows] for raw, rows in mails]
        notify()
    return kept


def _kept(row: IncomingMail, raw: bytes) -> IncomingMail:
    """The row as it is kept now, or the one that was there for the same mail."""
    put(row, unique=("mailbox", "fingerprint"))
    if row.pk is not None:
        put(RawMail(incoming=row, content=raw))
        return row
    known = IncomingMail.objects.get(mailbox=row.mailbox_id, fingerprint=row.fingerprint)
    IncomingMail.objects.filter(pk=known.pk).update(copies=F("copies") + 1)
    return known


door: Door[_Mail, list[IncomingMail]] = Door(_keep)


def _places(recipients: list[str], mailbox: Mailbox | None) -> dict[Mailbox, str]:
    """Each mailbox once, with the recipient that names it; one with a token is preferred."""
    if mailbox is not None:
        return {mailbox: next(iter(recipients), mailbox.address)}
    places: dict[Mailbox, str] = {}
    for recipient in sorted(recipients, key=lambda each: "+" not in each):
        box = mailbox_for(recipient)
        if box is not None:
            places.setdefault(box, recipient)
    return places
