"""What a file says, row by row: CSV in any of the ways that programs write it, and vCards.

Nothing of a row is believed here; whatever cannot be read is a row with a reason.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, field

import vobject
from django.utils.translation import gettext as _

from goodword.core.refusals import Refused
from goodword.core.sheets import as_it_was

MOST_BYTES = 20 * 1024 * 1024
MOST_ROWS = 50_000
LONGEST_LINE = 100_000  # characters of one row, or of one card
DELIMITERS = {",": _("comma"), ";": _("semicolon"), "\t": _("tab"), "|": _("bar")}
ENCODINGS = ("utf-8-sig", "cp1252", "utf-16", "latin-1")
# How files begin that are no text, whatever they are named.
_NO_TEXT = {
    b"PK\x03\x04": "ZIP, XLSX",
    b"\xd0\xcf\x11\xe0": "XLS",
    b"%PDF": "PDF",
    b"\x1f\x8b": "GZIP",
    b"\x89PNG": "PNG",
    b"\xff\xd8\xff": "JPEG",
}


@dataclass(frozen=True)
class Line:
    """One row as it stands in the file; `why` says what could not be read of it."""

    number: int
    cells: list[str] = field(default_factory=list)
    why: str = ""


@dataclass(frozen=True)
class Look:
    """How a file seems to be written."""

    kind: str  # csv or vcard
    encoding: str
    delimiter: str = ""


def look_at(content: bytes) -> Look:
    """How to read it. Refused (422) for what is no text, is empty, or is far too long."""
    if len(content) > MOST_BYTES:
        sentence = _("This file has %(n)s MB; %(most)s MB are taken at once. Cut it into parts.")
        sizes = {"n": len(content) // 1024**2, "most": MOST_BYTES // 1024**2}
        raise Refused("TOO_LONG", sentence % sizes, 422)
    for start, name in _NO_TEXT.items():
        if content.startswith(start):
            sentence = _("This is no list but a file of another kind (%(kind)s). Save it as CSV.")
            raise Refused("NO_TEXT", sentence % {"kind": name}, 422)
    encoding = _encoding(content)
    head = content[:65_536].decode(encoding, "ignore")
    if not head.strip("\ufeff\r\n\t ,;"):
        raise Refused("NO_TEXT", _("This file is empty."), 422)
    if "\0" in head[:4096]:
        raise Refused("NO_TEXT", _("This file is no text. Save it as CSV or vCard."), 422)
    if head.lstrip("\ufeff \r\n").upper().startswith("BEGIN:VCARD"):
        return Look("vcard", encoding)
    return Look("csv", encoding, _delimiter(head))


def _encoding(content: bytes) -> str:
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            content.decode(encoding)
        except UnicodeDecodeError:
            continue
        return encoding
    return "latin-1"


def _delimiter(head: str) -> str:
    first = head.splitlines()[0] if head.splitlines() else ""
    if first.lower().startswith("sep=") and first[4:5] in DELIMITERS:
        return first[4:5]
    plain = "".join(part for at, part in enumerate(first.split('"')) if at % 2 == 0)
    return max(DELIMITERS, key=plain.count) if any(map(plain.count, DELIMITERS)) else ","


def lines_of(content: bytes, look: Look) -> Iterator[Line]:
    """Every row. Refused (422) past fifty thousand of them."""
    text = io.StringIO(content.decode(look.encoding, "replace"), newline="")
    rows = _cards(text) if look.kind == "vcard" else _rows(text, look.delimiter or ",")
    for count, line in enumerate(rows):
        if count > MOST_ROWS:
            sentence = _("This file has more than %(n)s rows. Cut it into parts.")
            raise Refused("TOO_LONG", sentence % {"n": f"{MOST_ROWS:,}"}, 422)
        yield line


def _rows(text: io.StringIO, delimiter: str) -> Iterator[Line]:
    bounded = _Bounded(text)
    reader = csv.reader(bounded, delimiter=delimiter)
    while True:
        number = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield Line(number, why=_("This row cannot be read: %(why)s.") % {"why": error})
            continue
        if bounded.cut.intersection(range(number, reader.line_num + 1)):
            yield Line(number, why=_("This row is longer than any row should be."))
        elif number == 1 and cells and cells[0].lower().lstrip("\ufeff").startswith("sep="):
            continue
        elif any("\0" in cell for cell in cells):
            yield Line(number, why=_("This row holds signs that are no text."))
        elif any(cell.strip() for cell in cells):
            yield Line(number, [as_it_was(cell.lstrip("\ufeff").strip()) for cell in cells])


class _Bounded:
    """Lines of a text, and which of them were too long to be believed."""

    def __init__(self, text: io.StringIO) -> None:
        self._text, self._number = text, 0
        self.cut: set[int] = set()

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._text.readline(LONGEST_LINE + 1)
        if not line:
            raise StopIteration
        self._number += 1
        if len(line) > LONGEST_LINE:
            self.cut.add(self._number)
            while line and not line.endswith("\n"):
                line = self._text.readline(LONGEST_LINE + 1)
            return "\n"
        return line


CARD = ("name", "mail", "phone", "account", "language", "about")


def _cards(text: io.StringIO) -> Iterator[Line]:
    """One row a card, in the order of CARD; several values are divided by a semicolon."""
    card: list[str] = []
    begins, size = 0, 0
    for number, line in enumerate(text, start=1):
        if line.strip().upper() == "BEGIN:VCARD":
            card, begins, size = [], number, 0
        size += len(line)
        if size <= LONGEST_LINE:
            card.append(line)
        if line.strip().upper() == "END:VCARD" and begins:
            yield _card(begins, "".join([*card, "" if size <= LONGEST_LINE else "END:VCARD\r\n"]))
            begins = 0
    if begins:
        yield Line(begins, why=_("This card has no end."))


def _card(number: int, text: str) -> Line:
    try:
        card = vobject.readOne(text, allowQP=True, ignoreUnreadable=True)
    except Exception as error:  # a parser of other people's files raises anything
        return Line(number, why=_("This card cannot be read: %(why)s.") % {"why": str(error)[:120]})
    held = card.contents if card is not None else {}
    names = [str(each.value) for each in held.get("fn", held.get("n", []))]
    abouts = held.get("title", held.get("role", held.get("note", [])))
    organisations = [each.value for each in held.get("org", [])]
    firms = [str(each[0] if isinstance(each, list) and each else each) for each in organisations]
    return Line(
        number,
        [
            " ".join(names[0].split()) if names else "",
            ";".join(str(each.value) for each in held.get("email", [])),
            ";".join(str(each.value).removeprefix("tel:") for each in held.get("tel", [])),
            firms[0] if firms else "",
            str(held["lang"][0].value) if "lang" in held else "",
            " ".join(str(abouts[0].value).split())[:300] if abouts else "",
        ],
    )
