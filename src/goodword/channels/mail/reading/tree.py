"""A mail as a tree of parts.

The standard library's parser is not used: it copies every line, recurses once per level and takes
25 s for 25 MB of line feeds. This one looks only for the boundaries that are declared, never
copies a body, and stops at the limits. tests/mail/reading compares the two on real mail.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import unquote_to_bytes

from . import limits, trouble, words

_FIELD = re.compile(rb"([!-9;-~]+)[ \t]*:[ \t]*")
_FIELD_AFTER_A_SLIP = re.compile(
    rb"(?i)(?:x-[!-9;-~]+|content-[a-z-]+|received|from|to|cc|subject|date|message-id|mime-version"
    rb"|reply-to|references|in-reply-to|return-path|sender|list-[a-z-]+|dkim-signature)[ \t]*:"
)
_PARAMETER = re.compile(r"([^\s=;\"()]{1,100}) ?= ?(?:\"((?:[^\"\\]|\\.)*)\"?|([^;]*))", re.DOTALL)
_COMMENT_AT_END = re.compile(r"\s+\([^()]*\)\s*$")
_LIKELY_BOUNDARY = re.compile(rb"(?m)^--([!-~]{6,70})[ \t]*\r?\n(?=[A-Za-z-]+:)")
_ADDRESS_FIELDS = frozenset({b"to", b"cc", b"from", b"reply-to", b"references"})


@dataclass
class Part:
    """One part of a mail; `start` and `end` bound its body in `raw`."""

    raw: bytes
    fields: list[tuple[str, bytes]] = field(default_factory=list)
    start: int = 0
    end: int = 0
    content_type: str = "text/plain"
    parameters: dict[str, str] = field(default_factory=dict)
    children: list[Part] = field(default_factory=list)
    depth: int = 0

    def all(self, name: str) -> list[bytes]:
        """Every value of a field, in order, raw and folded as it came."""
        return [value for key, value in self.fields if key == name]

    def first(self, name: str) -> bytes:
        """The first value of a field, or nothing."""
        return next((value for key, value in self.fields if key == name), b"")

    def text(self, name: str) -> str:
        """The first value of a field as decoded text."""
        return words.header_text(self.first(name))

    @property
    def body(self) -> bytes:
        """The body as it came."""
        return self.raw[self.start : self.end]

    @property
    def is_multipart(self) -> bool:
        return self.content_type.startswith("multipart/") and bool(self.children)

    def content(self) -> tuple[bytes, bool]:
        """The body with its transfer encoding undone, and whether it was whole."""
        coding = words.unfolded(self.first("content-transfer-encoding")).lower()
        coding = coding.strip(" ;\"'").replace("_", "-")
        if coding.startswith("base64"):
            return words.from_base64(self.body)
        if coding.startswith("quoted-printable"):
            return binascii.a2b_qp(self.body), True
        return self.body, True

    def walk(self) -> Iterator[Part]:
        """This part and all under it, in the order of the mail."""
        waiting = [self]
        while waiting:
            part = waiting.pop()
            yield part
            waiting.extend(reversed(part.children))


def parsed(raw: bytes, odd: list[str]) -> Part:
    """The tree of a mail. What was odd is added to `odd`; nothing is raised for any input."""
    raw = _with_line_feeds(raw)
    root = _part(raw, _after_envelope(raw), len(raw), 0, "text/plain", odd)
    waiting, count = [root], 1
    while waiting:
        part = waiting.pop()
        for start, end in _spans(part, limits.PARTS - count, odd):
            default = "message/rfc822" if part.content_type == "multipart/digest" else "text/plain"
            child = _part(raw, start, end, part.depth + 1, default, odd)
            part.children.append(child)
            count += 1
        waiting.extend(part.children)
    return root


def headers_at_start(raw: bytes) -> Part:
    """Only the headers of a mail that lies inside another one."""
    raw = raw[: limits.HEADER_BLOCK_BYTES]
    return _part(raw, _after_envelope(raw), len(raw), limits.DEPTH, "text/plain", [])


def _with_line_feeds(raw: bytes) -> bytes:
    head = raw[:65536]
    return raw.replace(b"\r", b"\n") if b"\n" not in head and b"\r" in head else raw


def _after_envelope(raw: bytes) -> int:
    """Past blank lines and an mbox's "From " line, which belongs to the mailbox, not the mail."""
    start = re.match(rb"(?:[ \t]*\r?\n){0,50}", raw).end()  # type: ignore[union-attr]
    if raw.startswith((b"From ", b">From "), start):
        return raw.find(b"\n", start) + 1 or len(raw)
    return start


def _part(raw: bytes, start: int, end: int, depth: int, default: str, odd: list[str]) -> Part:
    part = Part(raw, depth=depth, end=end)
    part.start = _read_fields(part, start, odd)
    kind, part.parameters = content_type(words.unfolded(part.first("content-type")))
    part.content_type = kind or default
    return part


def _read_fields(part: Part, position: int, odd: list[str]) -> int:
    """Fill the part's fields; answer where its body begins."""
    raw, end = part.raw, part.end
    last = min(end, position + limits.HEADER_BLOCK_BYTES)
    while position < end:
        if position >= last or len(part.fields) >= limits.HEADER_FIELDS:
            note(odd, trouble.HEADERS_CUT)
            return _after_blank_line(raw, position, end)
        stop = _line_end(raw, position, end)
        line_is_blank = not raw[position:stop].strip(b"\r\n")
        if line_is_blank:
            return stop
        match = _FIELD.match(raw, position, stop)
        if match is None:
            if not part.fields or not _FIELD_AFTER_A_SLIP.match(raw, stop, end):
                return position
            position = stop
            continue
        while stop < end and raw[stop : stop + 1] in (b" ", b"\t"):
            following = _line_end(raw, stop, end)
            if not raw[stop:following].strip():
                break
            stop = following
        _add_field(part, match.group(1).lower(), match.end(), stop, odd)
        position = stop
    return position


def _add_field(part: Part, name: bytes, start: int, stop: int, odd: list[str]) -> None:
    most = limits.ADDRESS_HEADER_BYTES if name in _ADDRESS_FIELDS else limits.HEADER_BYTES
    if stop - start > most:
        note(odd, trouble.HEADER_CUT)
        stop = start + most
    part.fields.append((name.decode("ascii"), part.raw[start:stop].rstrip()))


def _line_end(raw: bytes, position: int, end: int) -> int:
    found = raw.find(b"\n", position, end)
    return end if found < 0 else found + 1


def _after_blank_line(raw: bytes, position: int, end: int) -> int:
    found = [at for at in (raw.find(b"\n\n", position, end), raw.find(b"\r\n\r\n", position, end))
             if at >= 0]  # fmt: skip
    return min(found) + 2 if found else end


def _spans(part: Part, room: int, odd: list[str]) -> list[tuple[int, int]]:
    """Where the parts of a multipart begin and end; none when it is to be taken as one piece."""
    if not part.content_type.startswith("multipart/"):
        return []
    if part.depth >= limits.DEPTH:
        note(odd, trouble.TOO_DEEP)
        return []
    boundary = part.parameters.get("boundary", "").strip().encode("utf-8", "replace")
    spans = _between(part, boundary, room, odd) if boundary else []
    if not spans and (likely := _LIKELY_BOUNDARY.search(part.raw, part.start, part.end)):
        spans = _between(part, likely.group(1), room, odd)
    if not spans:
        note(odd, trouble.NO_BOUNDARY)
    return spans


def _between(part: Part, boundary: bytes, room: int, odd: list[str]) -> list[tuple[int, int]]:
    line = re.compile(rb"(?m)^--" + re.escape(boundary) + rb"(--)?[ \t]*(?:\r?\n|\Z)")
    spans: list[tuple[int, int]] = []
    begun: int | None = None
    for match in line.finditer(part.raw, part.start, part.end):
        if begun is not None:
            spans.append((begun, _before_line_break(part.raw, begun, match.start())))
        begun = match.end()
        if match.group(1):
            return spans
        if len(spans) >= room:
            note(odd, trouble.TOO_MANY_PARTS)
            return spans
    if begun is not None and begun < part.end:
        spans.append((begun, part.end))
    return spans


def _before_line_break(raw: bytes, start: int, end: int) -> int:
    """RFC 2046 § 5.1.1: the line break before a boundary belongs to the boundary."""
    if end > start and raw[end - 1 : end] == b"\n":
        end -= 1
    if end > start and raw[end - 1 : end] == b"\r":
        end -= 1
    return end


def content_type(value: str) -> tuple[str, dict[str, str]]:
    """A Content-Type or Content-Disposition as its first word and its parameters."""
    kind, _, rest = value.partition(";")
    kind = _COMMENT_AT_END.sub("", re.sub(r"\s+", " ", kind))
    kind = kind.replace(" ", "").lower()[:100]
    if not re.fullmatch(r"[a-z0-9!#$&^_.+\-]+(/[a-z0-9!#$&^_.+\-]+)?", kind):
        kind = ""
    return kind, parameters(rest)


def parameters(text: str) -> dict[str, str]:
    """MIME parameters, RFC 2231 continuations and charsets put together."""
    found: dict[str, str] = {}
    pieces: dict[str, list[tuple[int, bool, str]]] = {}
    # Runs of blanks would make the pattern above cubic.
    for match in _PARAMETER.finditer(re.sub(r"\s+", " ", text)):
        name, quoted, bare = match.group(1).lower(), match.group(2), match.group(3)
        value = re.sub(r"\\(.)", r"\1", quoted) if quoted is not None else _bare(bare)
        _, star, rest = name.partition("*")
        if not star:
            found.setdefault(name, value)
        else:
            number = rest.rstrip("*")
            index = int(number) if number.isdecimal() and len(number) < 4 else 0
            pieces.setdefault(name[: name.index("*")], []).append(
                (index, rest.endswith("*") or not number, value)
            )
        if len(found) + len(pieces) >= limits.PARAMETERS:
            break
    found.update({name: _joined(each) for name, each in pieces.items()})
    return found


def _bare(value: str) -> str:
    return _COMMENT_AT_END.sub("", value).strip().strip("'\"")


def _joined(pieces: list[tuple[int, bool, str]]) -> str:
    charset, content = "", b""
    for number, (_, is_encoded, value) in enumerate(sorted(pieces, key=lambda piece: piece[0])):
        if is_encoded and number == 0 and value.count("'") >= 2:
            charset, _, value = value.split("'", 2)
        raw = value.encode("utf-8", "replace")
        content += unquote_to_bytes(raw) if is_encoded else raw
    return words.decoded(content, charset)


def note(odd: list[str], sentence: str) -> None:
    """Say what was odd, once."""
    if sentence not in odd:
        odd.append(sentence)
