"""What changed between two texts, line by line, with the words marked that differ."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

# Comparing takes the square of the lines; longer texts are told apart by whole blocks.
MOST_LINES = 3000
MOST_WORDS = 800
AROUND = 2
_WORDS = re.compile(r"\s+|[^\s\w]|\w+")


@dataclass(frozen=True)
class Piece:
    """Some words of a line: `same`, `gone` or `new`."""

    how: str
    words: str


@dataclass(frozen=True)
class Line:
    """One line of the comparison: `same`, `gone`, `new`, or `skipped` for many that are alike."""

    how: str
    pieces: tuple[Piece, ...]
    skipped: int = 0


def compare(old: str, new: str) -> list[Line]:
    """The lines of both, with what is alike far from any change left out."""
    before, after = old.split("\n"), new.split("\n")
    if len(before) + len(after) > MOST_LINES:
        return [_line("gone", each) for each in before] + [_line("new", each) for each in after]
    lines: list[Line] = []
    codes = SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
    for place, (how, a, b, c, d) in enumerate(codes):
        if how == "equal":
            lines += _alike(before[a:b], place == 0, place == len(codes) - 1)
        else:
            lines += _changed(before[a:b], after[c:d])
    return lines


def _line(how: str, words: str) -> Line:
    return Line(how, (Piece("same", words),))


def _alike(lines: list[str], is_first: bool, is_last: bool) -> Iterator[Line]:
    head = 0 if is_first else AROUND
    tail = 0 if is_last else AROUND
    if len(lines) <= head + tail + 1:
        yield from (_line("same", each) for each in lines)
        return
    yield from (_line("same", each) for each in lines[:head])
    yield Line("skipped", (), len(lines) - head - tail)
    yield from (_line("same", each) for each in lines[len(lines) - tail :])


def _changed(gone: list[str], new: list[str]) -> Iterator[Line]:
    """A line that was rewritten stands below the one that it replaces."""
    if len(gone) == len(new):
        for before, after in zip(gone, new, strict=True):
            yield from _rewritten(before, after)
        return
    yield from (_line("gone", each) for each in gone)
    yield from (_line("new", each) for each in new)


def _rewritten(before: str, after: str) -> Iterator[Line]:
    a, b = _WORDS.findall(before), _WORDS.findall(after)
    if not a or not b or len(a) + len(b) > MOST_WORDS:
        yield from (_line("gone", before), _line("new", after))
        return
    codes = SequenceMatcher(None, a, b, autojunk=False).get_opcodes()
    was = tuple(_piece("gone", how, a[i:j]) for how, i, j, _k, _l in codes if j > i)
    is_ = tuple(_piece("new", how, b[k:m]) for how, _i, _j, k, m in codes if m > k)
    yield from (Line("gone", was), Line("new", is_))


def _piece(changed: str, how: str, words: list[str]) -> Piece:
    return Piece("same" if how == "equal" else changed, "".join(words))
