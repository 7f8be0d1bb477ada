"""Addresses: which may not be a sender, which belong together, and the signed reply address."""

import base64
import hashlib
import hmac
import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import cache
from importlib import resources

from django.utils.translation import gettext as _

# RFC 5321 § 4.5.3.1.1.
LONGEST_LOCAL_PART = 64
_MAC_OCTETS = 11
_VERSION = "a"
_TOKEN = rf"{_VERSION}[a-z2-7]{{20,50}}"


class NoReplyAddress(ValueError):
    """Nobody would read an answer to this address, so nothing is sent from it (R09)."""

    def __init__(self, address: str) -> None:
        super().__init__(
            _(
                "“%(address)s” says that nobody reads the answers. Give an address whose mail "
                "a person reads, for example support@%(domain)s."
            )
            % {"address": address, "domain": domain_of(address) or "example.com"}
        )
        self.address = address


@cache
def _list(name: str) -> frozenset[str]:
    text = resources.files(__package__).joinpath("lists", f"{name}.txt").read_text("utf-8")
    lines = (line.strip() for line in text.splitlines())
    return frozenset(line for line in lines if line and not line.startswith("#"))


def split(address: str) -> tuple[str, str]:
    """The local part and the domain as they are written; no domain where there is no @."""
    local, at, domain = address.strip().strip("<>").rpartition("@")
    return (local, domain) if at else (domain, "")


def normalise(address: str) -> str:
    """The form in which two spellings of one address are equal. Never raises.

    The local part is lowered too: RFC 5321 leaves its case to the server, and no server in
    use tells two people apart by it.
    """
    local, domain = split(unicodedata.normalize("NFC", address))
    local = unicodedata.normalize("NFC", local.strip().lower())
    return f"{local}@{_ascii_domain(domain)}" if domain else local


def with_ascii_domain(address: str) -> str:
    """The address as a command or a header may carry it: the domain in IDNA form."""
    local, domain = split(address)
    return f"{local}@{_ascii_domain(domain)}" if domain else address


def domain_of(address: str) -> str:
    """The domain in lower case and IDNA form, "" where there is none."""
    return _ascii_domain(split(unicodedata.normalize("NFC", address))[1])


def _ascii_domain(domain: str) -> str:
    plain = domain.strip().rstrip(".").lower()
    try:
        return plain if plain.isascii() else plain.encode("idna").decode("ascii").lower()
    except UnicodeError:
        return plain


def is_free_mail(domain: str) -> bool:
    """Whether anybody may have a mailbox there, so that it says nothing of an employer."""
    name = _ascii_domain(domain)
    known = _list("free_mail")
    ending = r"\.[a-z]{2,3}(\.[a-z]{2})?"
    head = name.partition(".")[0]
    return name in known or (f"{head}.*" in known and bool(re.fullmatch(head + ending, name)))


def is_no_reply(address: str) -> bool:
    """Whether the address tells people not to answer it (R09), in the languages of the list.

    “no-reply”, “No.Reply_42+x”, “orders-noreply” and “noreplyorders” are; “casino-reply” is not.
    """
    local = split(address)[0].partition("+")[0]
    letters = unicodedata.normalize("NFKD", local.casefold())
    words = re.findall(r"[^\W\d_]+", "".join(c for c in letters if not unicodedata.combining(c)))
    phrases = _list("no_reply")
    runs = {
        "".join(words[start:end])
        for start in range(min(len(words), 12))
        for end in range(start + 1, min(len(words), start + 6) + 1)
    }
    long_phrases = tuple(phrase for phrase in phrases if len(phrase) >= 7)
    return bool(runs & phrases) or any(word.startswith(long_phrases) for word in words)


class ReplyTokens:
    """Signed tokens that name a case and a contact point, to stand in a reply address.

    A token is an “a” (the version) and base32 of: the lengths of both numbers, the numbers,
    and 88 bits of an HMAC-SHA256 over them. Case does not matter, since some servers lower it.
    `earlier` keys still read what they once signed.
    """

    def __init__(self, key: bytes, earlier: Sequence[bytes] = ()) -> None:
        if len(key) < 16:
            raise ValueError("a key for reply addresses has 16 octets at least")
        self._key = key
        self._keys = (key, *earlier)

    def make(self, case_id: int, point_id: int) -> str:
        """The token, 21 to 46 characters. Raises ValueError for numbers outside 0 … 2⁶⁴-1."""
        return _signed(self._key, case_id, point_id)

    def read(self, token: str) -> tuple[int, int] | None:
        """(case_id, point_id) where one of our keys signed it, else None. Never raises."""
        named = _numbers(token)
        if named is None:
            return None
        given = token.lower().encode("utf-8", "replace")
        matches = [hmac.compare_digest(_signed(key, *named).encode(), given) for key in self._keys]
        return named if any(matches) else None


def _signed(key: bytes, case_id: int, point_id: int) -> str:
    if not (0 <= case_id < 2**64 and 0 <= point_id < 2**64):
        raise ValueError("a reply token holds numbers from 0 to 2**64 - 1")
    first, second = (
        number.to_bytes((number.bit_length() + 7) // 8, "big") for number in (case_id, point_id)
    )
    payload = bytes([len(first) << 4 | len(second)]) + first + second
    mac = hmac.digest(key, b"goodword reply address v1\0" + payload, hashlib.sha256)
    text = base64.b32encode(payload + mac[:_MAC_OCTETS]).decode("ascii")
    return _VERSION + text.rstrip("=").lower()


def _numbers(token: str) -> tuple[int, int] | None:
    if not re.fullmatch(_TOKEN, token, re.IGNORECASE | re.ASCII):
        return None
    text = token[1:].upper()
    try:
        octets = base64.b32decode(text + "=" * (-len(text) % 8))
    except ValueError:
        return None
    first, second = octets[0] >> 4, octets[0] & 15
    if first > 8 or second > 8 or len(octets) != 1 + first + second + _MAC_OCTETS:
        return None
    numbers = octets[1 : 1 + first], octets[1 + first : 1 + first + second]
    return int.from_bytes(numbers[0], "big"), int.from_bytes(numbers[1], "big")


def reply_address(mailbox_address: str, token: str, separator: str = "+") -> str:
    """The mailbox's address with the token in it.

    Raises NoReplyAddress for a mailbox that nobody reads, ValueError where the local part
    would be longer than the 64 characters that mail servers take.
    """
    if is_no_reply(mailbox_address):
        raise NoReplyAddress(mailbox_address)
    local, domain = split(mailbox_address)
    signed = f"{local}{separator}{token}"
    if len(signed.encode()) > LONGEST_LOCAL_PART:
        raise ValueError(
            _(
                "“%(address)s” is too long to carry the sign of a case. Use a mailbox whose "
                "name has %(most)s characters at most."
            )
            % {
                "address": mailbox_address,
                "most": LONGEST_LOCAL_PART - len(separator) - len(token),
            }
        )
    return f"{signed}@{domain}"


def token_in(addresses: Iterable[str], mailbox_addresses: Iterable[str]) -> str | None:
    """The first thing that looks like a token in an address of one of our mailboxes.

    `addresses` are envelope recipients or whole To/Cc header values, in any case, with names
    or without. What is found is not proved: give it to `ReplyTokens.read`.
    """
    ours = [split(normalise(address)) for address in mailbox_addresses]
    patterns = [
        re.compile(
            rf"(?<![\w.+-]){re.escape(local)}[+\-=]({_TOKEN})@{re.escape(domain)}(?!\.?[\w-])",
            re.ASCII,
        )
        for local, domain in ours
    ]
    for address in addresses:
        text = unicodedata.normalize("NFC", address).lower()
        for pattern in patterns:
            if found := pattern.search(text):
                return found.group(1)
    return None


def belongs_to(recipient: str, mailbox_address: str) -> bool:
    """Whether mail to `recipient` is mail to the mailbox: the same, or with a plus-part."""
    local, domain = split(normalise(recipient))
    own_local, own_domain = split(normalise(mailbox_address))
    return domain == own_domain and (local == own_local or local.startswith(f"{own_local}+"))
