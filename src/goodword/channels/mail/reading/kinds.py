"""What reading a mail yields."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import UTC, datetime
from typing import Any, Literal, NamedTuple

Automatic = Literal["bounce", "vacation", "challenge", "feedback", "list", "bulk", "other"]


class Address(NamedTuple):
    """A name (may be empty) and an address with its domain in lower case."""

    name: str
    address: str


@dataclass(frozen=True)
class Attachment:
    """One file. The name is safe to offer for download; the type is what the sender claims."""

    name: str
    content_type: str
    content: bytes
    content_id: str = ""
    inline: bool = False


@dataclass(frozen=True)
class Bounce:
    """A report that a message of ours was not delivered.

    `status` is the enhanced code of RFC 3463 ("5.1.1") or "". `hard` means that the address does
    not work and will not. `still_trying` means that the server has not given up yet.
    """

    recipient: str
    status: str
    hard: bool
    original_message_id: str = ""
    diagnostic: str = ""
    still_trying: bool = False


@dataclass(frozen=True)
class ReadMail:
    """A mail as a desk needs it. All text is free of control characters and lone surrogates."""

    from_name: str = ""
    from_address: str = ""
    sender_address: str = ""
    reply_to: list[Address] = field(default_factory=list)
    to: list[Address] = field(default_factory=list)
    cc: list[Address] = field(default_factory=list)
    delivered_to: list[str] = field(default_factory=list)
    subject: str = ""
    language: str = ""
    date: datetime | None = None
    message_id: str = ""
    in_reply_to: list[str] = field(default_factory=list)
    references: list[str] = field(default_factory=list)
    text: str = ""
    reply_text: str = ""
    quoted_text: str = ""
    signature: str = ""
    html: str = ""
    has_remote_images: bool = False
    attachments: list[Attachment] = field(default_factory=list)
    automatic: Automatic | None = None
    list_address: str = ""
    bounce: Bounce | None = None
    dmarc: Literal["pass", "fail"] | None = None
    spam: bool = False
    # Name in small letters, value, and the server whose filter wrote it, as far as it is told
    spam_marks: list[list[str]] = field(default_factory=list)
    readable: bool = True
    trouble: list[str] = field(default_factory=list)


def as_json(read: ReadMail, file: str) -> dict[str, Any]:
    """The mail as `goodword read` prints it: one object of plain JSON values."""
    bounce = read.bounce
    return {
        "file": file,
        "from": read.from_address,
        "to": [address.address for address in read.to],
        "subject": read.subject,
        "date": read.date.isoformat() if read.date else None,
        "text": read.text,
        "reply_text": read.reply_text,
        "attachments": [
            {"name": each.name, "type": each.content_type, "size": len(each.content)}
            for each in read.attachments
        ],
        "automatic": read.automatic,
        "bounce": bounce
        and {"recipient": bounce.recipient, "status": bounce.status, "hard": bounce.hard},
        "readable": read.readable,
    }


def to_plain(read: ReadMail) -> dict[str, Any]:
    """Everything but the attachments' bytes as plain JSON values, for the way between processes."""
    plain = asdict(replace(read, attachments=[]))
    plain["date"] = read.date.timestamp() if read.date else None
    plain["attachments"] = [
        [each.name, each.content_type, each.content_id, each.inline, len(each.content)]
        for each in read.attachments
    ]
    return plain


def from_plain(plain: Mapping[str, Any], contents: bytes) -> ReadMail:
    """The reverse of `to_plain`, given all attachments' bytes one after the other."""
    values = {each.name: plain[each.name] for each in fields(ReadMail)}
    for name in ("reply_to", "to", "cc"):
        values[name] = [Address(*pair) for pair in values[name]]
    if values["date"] is not None:
        values["date"] = datetime.fromtimestamp(values["date"], UTC)
    if values["bounce"] is not None:
        values["bounce"] = Bounce(**values["bounce"])
    values["attachments"] = _attachments(values["attachments"], contents)
    return ReadMail(**values)


def _attachments(rows: list[list[Any]], contents: bytes) -> list[Attachment]:
    attachments, start = [], 0
    for name, content_type, content_id, inline, size in rows:
        content = contents[start : start + size]
        attachments.append(Attachment(name, content_type, content, content_id, inline))
        start += size
    return attachments
