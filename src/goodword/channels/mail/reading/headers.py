"""Addresses, ids, dates and the other headers that a desk needs. Linear in their length."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_tz

from . import limits, trouble, words
from .kinds import Address
from .tree import Part, note

# Strings are bounded, or `"\"\"\"…` would be read to its end from every second character.
_TOKEN = re.compile(
    r'"(?P<quoted>(?:[^"\\]|\\.){0,250})"|<(?P<angle>[^<>]{0,2000})>?|(?P<open>\()|(?P<close>\))'
    r"|(?P<end>[,;])|(?P<colon>:)|(?P<atom>[^\",;:<>()\s]+)|(?P<space>\s+)|(?P<other>.)",
    re.DOTALL,
)
_ID = re.compile(r"<([^<>]{1,998})>")
_BARE_ID = re.compile(r"[^\s<>,;\"]{1,400}@[^\s<>,;\"]{1,400}")
_DMARC = re.compile(r"(?i)\bdmarc\s{0,9}=\s{0,9}(\w{1,20})")
_DELIVERED = ("delivered-to", "x-original-to", "envelope-to", "x-envelope-to", "x-delivered-to")
SPAM_HEADERS = (
    "x-spam-flag", "x-spam-status", "x-spam-level", "x-spam-score", "x-spam",
    "x-rspamd-action", "x-rspamd-score", "x-spamd-result", "x-spamd-bar",
    "x-ms-exchange-organization-scl", "x-bogosity",
)  # fmt: skip
_BY = re.compile(r"\bby\s{1,9}([A-Za-z0-9.-]{1,253})")
_DATE_DIGITS = re.compile(
    r"(\d{4})-(\d{1,2})-(\d{1,2})[T ](\d{1,2}):(\d{2})(?::(\d{2}))?(?:\.\d+)?"
    r"\s{0,3}(Z|[+-]\d{2}:?\d{2})?"
)


class _Mailboxes:
    """Puts the tokens of an address header together (RFC 5322 § 3.4, and what mailers write)."""

    def __init__(self) -> None:
        self.found: list[Address] = []
        self._in_group = False
        self._family_name = ""
        self._begin()

    def _begin(self) -> None:
        self._phrase: list[str] = []
        self._comment: list[str] = []
        self._angle: str | None = None

    def add(self, kind: str, text: str) -> None:
        if kind == "angle" and self._angle is None:
            self._angle = text
        elif kind == "comment":
            self._comment.append(text)
        elif kind == "colon" and self._opens_group():
            self._in_group = True
            self._begin()
        elif kind == "end":
            self.finish(ended_by=text)
        elif kind != "angle" and text != '"':
            self._phrase.append(text)

    def _opens_group(self) -> bool:
        return not self._in_group and self._angle is None and "@" not in "".join(self._phrase)

    def finish(self, ended_by: str = "") -> None:
        words_before = "".join(self._phrase).strip()
        if self._angle is not None:
            name = f"{self._family_name}{words_before}" or " ".join(self._comment)
            self._keep(name, self._angle)
        elif "@" in words_before:
            self._keep_bare(words_before)
        # "Doe, Jane <jane@…>" without quotation marks is one mailbox to everybody but RFC 5322.
        is_name = self._angle is None and words_before and "@" not in words_before
        self._family_name = f"{words_before}, " if is_name and ended_by == "," else ""
        self._in_group = self._in_group and ended_by != ";"
        self._begin()

    def _keep_bare(self, text: str) -> None:
        joined = re.sub(r"\s{0,20}([@.])\s{0,20}", r"\1", text)
        address = next(word for word in joined.split() if "@" in word)
        self._keep(joined.replace(address, " ", 1) or "", address, " ".join(self._comment))

    def _keep(self, name: str, address: str, otherwise: str = "") -> None:
        name = words.one_line(words.with_words_decoded(name), limits.NAME_CHARACTERS)
        if len(name) > 1 and name[0] == name[-1] and name[0] in "'\"":
            name = name[1:-1].strip()
        name = name or words.one_line(otherwise, limits.NAME_CHARACTERS)
        address = normal_address(words.with_words_decoded(address))
        if address or name:
            self.found.append(Address(name, address))


def addresses(value: bytes, odd: list[str]) -> list[Address]:
    """The mailboxes of an address header in order; groups are opened. Never raises."""
    boxes, depth, comment = _Mailboxes(), 0, ""
    for match in _TOKEN.finditer(words.unfolded(value)):
        kind = match.lastgroup or "other"
        if kind == "open":
            depth += 1
        elif kind == "close":
            depth = max(0, depth - 1)
            if depth == 0 and comment:
                boxes.add("comment", comment.strip())
                comment = ""
        elif depth:
            comment += match.group() if len(comment) < limits.NAME_CHARACTERS else ""
        else:
            boxes.add(kind, re.sub(r"\\(.)", r"\1", match.group(kind)))
        if len(boxes.found) >= limits.ADDRESSES:
            note(odd, trouble.ADDRESSES_CUT)
            return boxes.found
    boxes.finish()
    return boxes.found


def normal_address(text: str) -> str:
    """An address without blanks, route and "mailto:", its domain in lower case; "" if it is none.

    The local part keeps its case: RFC 5321 § 2.4.
    """
    text = re.sub(r"\s+", "", words.one_line(text, limits.ADDRESS_CHARACTERS * 2))
    text = re.sub(r"\([^()]*\)", "", text)
    if text.startswith("@") and ":" in text:
        text = text.rpartition(":")[2]
    text = re.sub(r"(?i)^mailto:", "", text).strip("'\"<>,;")
    local, at, domain = text.rpartition("@")
    domain = domain.rstrip(".").lower()
    if not (at and local and domain) or len(text) > limits.ADDRESS_CHARACTERS:
        return ""
    return f"{local}@{domain}"


def address_lists(part: Part, name: str, odd: list[str]) -> list[Address]:
    """All mailboxes with an address of all fields of that name."""
    found = [box for value in part.all(name) for box in addresses(value, odd) if box.address]
    return found[: limits.ADDRESSES]


def author(part: Part, odd: list[str]) -> Address:
    """Who wrote it: the first mailbox of From; the name alone when it has no address."""
    boxes = addresses(part.first("from"), odd)
    return next((box for box in boxes if box.address), boxes[0] if boxes else Address("", ""))


def one_address(part: Part, name: str) -> str:
    """The first address of a field, or ""."""
    return next((box.address for box in addresses(part.first(name), []) if box.address), "")


def delivered_to(part: Part) -> list[str]:
    """The addresses that mail servers say it was delivered to, outermost first."""
    found = [box.address for name in _DELIVERED for box in address_lists(part, name, [])]
    return list(dict.fromkeys(found))


def subject(part: Part) -> str:
    """The subject on one line. An encoded line break in it must never become a header."""
    return words.one_line(part.text("subject"), limits.SUBJECT_CHARACTERS)


def language(part: Part) -> str:
    """The first language that the mail says it is for (RFC 3282), in small letters: “de-at”."""
    first = part.text("content-language").split(",")[0].partition(";")[0].strip()
    return first.lower() if re.fullmatch(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*", first) else ""


def message_ids(part: Part, name: str) -> list[str]:
    """The ids of Message-ID, In-Reply-To or References, in order, once each, in <>.

    Exchange writes `<[…]@…>`, some clients leave out the brackets or break an id by folding.
    The oldest and the newest are kept when there are too many (RFC 5322 § 3.6.4).
    """
    text = " ".join(words.unfolded(value) for value in part.all(name))
    found = [re.sub(r"\s+", "", each) for each in _ID.findall(text)]
    found = [f"<{each}>" for each in found if each] or [f"<{e}>" for e in _BARE_ID.findall(text)]
    found = list(dict.fromkeys(found))
    return found if len(found) <= limits.REFERENCES else found[:1] + found[1 - limits.REFERENCES :]


def message_id(part: Part) -> str:
    """The id of this mail in <>, or ""."""
    found = message_ids(part, "message-id")
    return found[0] if found else ""


def date(part: Part, odd: list[str]) -> datetime | None:
    """The Date header in UTC, or None; no zone is taken as UTC (RFC 5322 § 4.3)."""
    value = part.first("date")
    if not value.strip():
        return None
    found = instant(words.unfolded(value[:400]))
    if found is None:
        note(odd, trouble.BAD_DATE)
    return found


def instant(text: str) -> datetime | None:
    """A date as mailers write it, in UTC, or None."""
    for _ in range(3):
        text = re.sub(r"\([^()]{0,400}\)", " ", text[:400])
    try:
        return _numeric_date(text) or _mail_date(text)
    except (ValueError, OverflowError, TypeError, IndexError, AttributeError):
        return None


def _mail_date(text: str) -> datetime | None:
    found = parsedate_tz(text)
    if found is None or not 1900 <= found[0] <= 9998:
        return None
    offset = found[9] or 0
    zone = timezone(timedelta(seconds=offset)) if abs(offset) < 86_400 else UTC
    year, month, day, hour, minute, second = found[:6]
    return datetime(year, month, day, hour, minute, min(second, 59), tzinfo=zone).astimezone(UTC)


def _numeric_date(text: str) -> datetime | None:
    match = _DATE_DIGITS.match(text.strip())
    if match is None:
        return None
    parts = [int(each or 0) for each in match.groups()[:6]]
    zone = (match.group(7) or "Z").replace("Z", "+0000").replace(":", "")
    offset = timedelta(hours=int(zone[1:3]), minutes=int(zone[3:5]))
    at = datetime(*parts, tzinfo=UTC)  # type: ignore[misc,arg-type]
    return at + offset if zone[0] == "-" else at - offset


def dmarc(part: Part) -> str | None:
    """What our own mail server found: only the first Authentication-Results is not forgeable."""
    match = _DMARC.search(words.unfolded(part.first("authentication-results")))
    verdict = match.group(1).lower() if match else ""
    return verdict if verdict in ("pass", "fail") else None


def is_spam(part: Part) -> bool:
    """Whether a filter on the way marked it as spam."""
    flag = words.unfolded(part.first("x-spam-flag")).lower()
    status = words.unfolded(part.first("x-spam-status")).lower()
    return flag.startswith("yes") or re.match(r"yes\b", status) is not None


def spam_marks(part: Part) -> list[list[str]]:
    """Every mark of a filter: name, value, and the server that wrote it.

    A server puts its headers above the Received that it wrote (RFC 5321 § 4.4), so the first
    Received below a mark names it; what stands below all of them came with the mail.
    """
    found: list[list[str]] = []
    waiting: list[list[str]] = []
    for name, value in part.fields:
        if name == "received":
            by = _BY.search(words.unfolded(value[:2000]))
            for mark in waiting:
                mark[2] = by.group(1).lower() if by else ""
            waiting = []
        elif name in SPAM_HEADERS:
            mark = [name, words.one_line(words.unfolded(value[:400]), 200), ""]
            found.append(mark)
            waiting.append(mark)
    return found[:20]
