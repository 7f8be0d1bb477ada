"""Outgoing mail that a folder took in place of a server: the demo's, as its readers see it."""

import re
from dataclasses import dataclass
from datetime import datetime
from email.header import decode_header, make_header
from email.message import Message
from email.parser import BytesHeaderParser, BytesParser
from email.policy import compat32
from email.utils import getaddresses, parsedate_to_datetime
from pathlib import Path

# Names that our own transport gives; whatever else lies in the folder is none of ours.
_NAME = re.compile(r"\d{10,25}\.[0-9a-f]{32}\.goodword", re.ASCII)
_CUSTOMERS_PAGE = re.compile(r"https?://[^\s/]*(/c/[A-Za-z0-9_-]{20,80}/)")
_SHOWN = ("From", "Reply-To", "To", "Cc", "Subject", "Date")


@dataclass(frozen=True)
class Head:
    """What the list says of one mail."""

    name: str
    to: list[tuple[str, str]]
    subject: str
    at: datetime | None
    is_automatic: bool


@dataclass(frozen=True)
class Sent:
    """One mail: its words, the customer's page that it leads to, and its other headers."""

    head: Head
    sender: list[tuple[str, str]]
    copies: list[tuple[str, str]]
    text: str
    page: str
    files: list[tuple[str, int]]
    headers: list[tuple[str, str]]


class SentMail:
    """The mails of one maildir, the newest first."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def names(self) -> list[str]:
        found = [each.name for part in ("new", "cur") for each in self._files(part)]
        return sorted((name for name in found if _NAME.fullmatch(name)), reverse=True)

    def head(self, name: str) -> Head | None:
        """None where there is no such mail; no name leads out of the folder."""
        path = self._path(name)
        if path is None:
            return None
        with path.open("rb") as file:
            return _head(name, BytesHeaderParser(policy=compat32).parse(file))

    def read(self, name: str) -> Sent | None:
        path = self._path(name)
        if path is None:
            return None
        mail = BytesParser(policy=compat32).parsebytes(path.read_bytes())
        text = _text(mail)
        page = _CUSTOMERS_PAGE.search(text)
        rest = [(each, _words(value)) for each, value in mail.items() if each not in _SHOWN]
        return Sent(
            head=_head(name, mail),
            sender=_people(mail.get("From")),
            copies=_people(mail.get("Cc")),
            text=text,
            page=page.group(1) if page else "",
            files=_files_of(mail),
            headers=[*rest, ("Reply-To", _words(mail.get("Reply-To")))],
        )

    def _files(self, part: str) -> list[Path]:
        folder = self._folder / part
        return list(folder.iterdir()) if folder.is_dir() else []

    def _path(self, name: str) -> Path | None:
        if not _NAME.fullmatch(name):
            return None
        places = (self._folder / part / name for part in ("new", "cur"))
        return next((path for path in places if path.is_file() and not path.is_symlink()), None)


def _head(name: str, mail: "Message[str, str]") -> Head:
    return Head(
        name,
        _people(mail.get("To")),
        _words(mail.get("Subject")),
        _date(mail.get("Date")),
        mail.get("Auto-Submitted") is not None,
    )


def _words(value: object) -> str:
    """A header as people read it; as it stands where it cannot be decoded."""
    line = " ".join(str(value or "").split())
    try:
        return " ".join(str(make_header(decode_header(line))).split())
    except (LookupError, ValueError):
        return line


def _people(value: object) -> list[tuple[str, str]]:
    """Names and addresses; taken apart before they are decoded, so that no name makes a second."""
    found = getaddresses([" ".join(str(value or "").split())])
    return [(_words(name), address) for name, address in found if address]


def _date(value: object) -> datetime | None:
    try:
        at = parsedate_to_datetime(str(value or ""))
    except ValueError:
        return None
    return at if at.tzinfo else None


def _text(mail: "Message[str, str]") -> str:
    for part in mail.walk():
        if part.get_content_type() == "text/plain" and not part.get_filename():
            content = part.get_payload(decode=True)
            if isinstance(content, bytes):
                return _decoded(content, part.get_content_charset() or "utf-8")
    return ""


def _decoded(content: bytes, charset: str) -> str:
    try:
        return content.decode(charset, "replace").replace("\r\n", "\n")
    except LookupError:
        return content.decode("utf-8", "replace").replace("\r\n", "\n")


def _files_of(mail: "Message[str, str]") -> list[tuple[str, int]]:
    parts = ((part, part.get_filename()) for part in mail.walk())
    return [(name, len(part.get_payload(decode=True) or b"")) for part, name in parts if name]
