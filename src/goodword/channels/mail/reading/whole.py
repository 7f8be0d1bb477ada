"""One mail from its bytes to a ReadMail, in this process."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Literal, TypeVar, cast

from . import automatic, body, bouncing, headers, limits, quoting, trouble, words
from .kinds import Automatic, Bounce, ReadMail
from .tree import Part, note, parsed

T = TypeVar("T")
_HEADER_ABOUT = rb"(?im)^%s[ \t]{0,9}:[ \t]{0,9}([^\r\n]{0,1000}(?:\r?\n[ \t][^\r\n]{0,1000}){0,5})"
_CHEAP = {name: re.compile(_HEADER_ABOUT % name) for name in (b"Subject", b"From", b"Message-ID")}


def read(raw: bytes) -> ReadMail:
    """Everything a desk needs of one mail. Never raises; what cannot be read says so.

    It is not limited in time and memory: for mail of strangers use `Reader`.
    """
    try:
        return _read(raw)
    except Exception:  # A mail must never be lost to a mistake of ours: it is shown unread.
        return unreadable(raw, trouble.READER_DIED)


def unreadable(raw: bytes, why: str) -> ReadMail:
    """What can be said of a mail that could not be read, by three cheap looks at its start."""
    try:
        head = bytes(raw[:65536]).partition(b"\n\n")[0]
        found = {name: pattern.search(head) for name, pattern in _CHEAP.items()}
        values = {name: match.group(1) if match else b"" for name, match in found.items()}
        author = headers.addresses(values[b"From"][:1000], [])
        ids = re.findall(rb"<[!-;=?-~]{1,990}>", values[b"Message-ID"])
        return ReadMail(
            from_name=author[0].name if author else "",
            from_address=author[0].address if author else "",
            subject=words.one_line(
                words.header_text(values[b"Subject"]), limits.SUBJECT_CHARACTERS
            ),
            message_id=ids[0].decode("ascii") if ids else "",
            readable=False,
            trouble=[why],
        )
    except Exception:  # Even the cheap look must not stop intake.
        return ReadMail(readable=False, trouble=[why])


def _guarded(action: Callable[[], T], otherwise: T, odd: list[str], why: str) -> T:
    """One question about a mail must not cost the answers to all others."""
    try:
        return action()
    except Exception:
        note(odd, why)
        return otherwise


def _read(raw: bytes) -> ReadMail:
    odd: list[str] = []
    root = parsed(raw, odd)
    if not raw.strip():
        note(odd, trouble.EMPTY)
    elif not root.fields:
        note(odd, trouble.NO_HEADERS)
    found = body.collected(root, odd)
    author = headers.author(root, odd)
    if not author.address and raw.strip():
        note(odd, trouble.NO_SENDER)
    said = _guarded(lambda: quoting.split(found.text), quoting.Split(found.text, "", ""), odd,
                    trouble.QUOTE_FAILED)  # fmt: skip
    kind, bounce = _machine(root, found.text, odd)
    return ReadMail(
        from_name=author.name,
        from_address=author.address,
        sender_address=headers.one_address(root, "sender"),
        reply_to=headers.address_lists(root, "reply-to", odd),
        to=headers.address_lists(root, "to", odd),
        cc=headers.address_lists(root, "cc", odd),
        delivered_to=headers.delivered_to(root),
        subject=headers.subject(root),
        language=headers.language(root),
        date=headers.date(root, odd),
        message_id=headers.message_id(root),
        in_reply_to=headers.message_ids(root, "in-reply-to"),
        references=headers.message_ids(root, "references"),
        text=found.text,
        reply_text=said.reply,
        quoted_text=said.quoted,
        signature=said.signature,
        html=found.html,
        has_remote_images=found.has_remote_images,
        attachments=found.attachments,
        automatic=kind,
        list_address=automatic.list_address(root) if kind == "list" else "",
        bounce=bounce,
        dmarc=cast('Literal["pass", "fail"] | None', headers.dmarc(root)),
        spam=headers.is_spam(root),
        spam_marks=_guarded(lambda: headers.spam_marks(root), [], odd, trouble.AUTOMATIC_FAILED),
        trouble=odd,
    )


def _machine(root: Part, text: str, odd: list[str]) -> tuple[Automatic | None, Bounce | None]:
    kind = _guarded(lambda: automatic.kind_of(root, text), None, odd, trouble.AUTOMATIC_FAILED)
    if kind != "bounce":
        return kind, None
    empty = Bounce(recipient="", status="", hard=False)
    return kind, _guarded(lambda: bouncing.bounce_of(root, text), empty, odd,
                          trouble.AUTOMATIC_FAILED)  # fmt: skip
