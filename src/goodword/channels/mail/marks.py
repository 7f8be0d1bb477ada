"""What a mail says of itself on its way: marks of spam that are honoured, and named sources."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from goodword.channels.mail.reading import ReadMail
from goodword.channels.mail.reading.headers import SPAM_HEADERS
from goodword.staff.models import Business

# In small letters, and as it is written.
KNOWN_MARKS = {name: "-".join(part.capitalize() for part in name.split("-"))
               for name in SPAM_HEADERS}  # fmt: skip
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")


def is_marked(read: ReadMail, business: Business) -> bool:
    """Whether a mark that the business honours says that this is spam."""
    marks: Iterable[Mapping[str, str]] = business.chosen.get("spam", [])
    return any(_says(read, mark) for mark in marks)


def _says(read: ReadMail, mark: Mapping[str, str]) -> bool:
    for name, value, hop in read.spam_marks:
        if name != mark["header"].lower() or not _is_of(hop, mark["hop"]):
            continue
        if mark["says"] and mark["says"].casefold() in value.casefold():
            return True
        if mark["least"] and _number(name, value) >= float(mark["least"]):
            return True
    return False


def _is_of(hop: str, wanted: str) -> bool:
    """The server that added it, or any server where none is named."""
    return not wanted or hop == wanted or hop.endswith(f".{wanted}")


def _number(name: str, value: str) -> float:
    """The score in a header: a number, or as many as there are stars."""
    if name == "x-spam-level":
        return float(value.count("*"))
    named = re.search(r"score=(-?\d+(?:\.\d+)?)", value)
    found = named[1] if named else next(iter(_NUMBER.findall(value)), None)
    return float(found) if found is not None else float("-inf")


def source_of(read: ReadMail, sender: str, business: Business) -> dict[str, Any] | None:
    """The named source that this mail comes from, unless it failed its sender's own policy."""
    if read.dmarc == "fail":
        return None
    address = sender.strip().lower()
    domain = "@" + address.rpartition("@")[2]
    for source in business.chosen.get("sources", []):
        is_theirs = source["sender"] in (address, domain)
        if is_theirs and source["subject"].casefold() in read.subject.casefold():
            return dict(source)
    return None
