"""The piece of a text in which the words stand, escaped, with the words marked."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from goodword.finding.folding import BLURRED, WORD, composed, fold
from goodword.finding.matching import Match

WIDE, BEFORE = 34, 8


@dataclass(frozen=True)
class Needles:
    """The words of a match, and the beginnings of words."""

    whole: frozenset[str]
    begins: tuple[str, ...]

    @classmethod
    def of(cls, match: Match) -> Needles:
        whole: set[str] = set()
        begins: set[str] = set()
        for run in (run for group in match.groups for run in group):
            *first, last = (word for word in run.words)
            whole.update(word for word in first if not word.startswith(BLURRED))
            (begins if run.begins else whole).add(last)
        return cls(frozenset(whole), tuple(begins))

    def __bool__(self) -> bool:
        return bool(self.whole or self.begins)

    def hit(self, word: str) -> bool:
        folded = fold(word)
        return folded in self.whole or folded.startswith(self.begins)


def holds(text: str, needles: Needles) -> bool:
    return any(needles.hit(word.group()) for word in WORD.finditer(composed(text)))


def marked(text: str, needles: Needles) -> SafeString:
    """All of a short text, with its words marked."""
    plain = composed(text)
    return _marked(plain, [each for each in WORD.finditer(plain) if needles.hit(each.group())])


def snippet(text: str, needles: Needles) -> SafeString:
    """A line or two around where most of the words stand; the beginning where none does."""
    plain = " ".join(composed(text).split())
    words = list(WORD.finditer(plain))
    hits = [place for place, word in enumerate(words) if needles.hit(word.group())]
    if not words:
        return format_html("{}", plain[:200])
    first = max(_best(words, hits) - BEFORE, 0)
    last = min(first + WIDE, len(words)) - 1
    start = words[first].start() if first else 0
    end = words[last].end() if last + 1 < len(words) else len(plain)
    # A link of five thousand signs is one word to nobody but us.
    end = min(end, start + 400)
    shown = [words[at] for at in hits if first <= at <= last and words[at].end() <= end]
    before, after = "… " if first else "", " …" if end < len(plain) else ""
    return format_html("{}{}{}", before, _marked(plain, shown, start, end), after)


def _best(words: Sequence[re.Match[str]], hits: Sequence[int]) -> int:
    """The hit after which the most different words follow within sight."""

    def different(at: int) -> int:
        near = (each for each in hits[at : at + 12] if each < hits[at] + WIDE - BEFORE)
        return len({fold(words[each].group()) for each in near})

    if not hits:
        return 0
    return hits[max(range(len(hits)), key=different)]


def _marked(
    text: str, hits: Iterable[re.Match[str]], start: int = 0, end: int | None = None
) -> SafeString:
    pieces: list[tuple[str, SafeString]] = []
    at = start
    for hit in hits:
        pieces.append((text[at : hit.start()], format_html("<mark>{}</mark>", hit.group())))
        at = hit.end()
    said = format_html_join("", "{}{}", pieces)
    return format_html("{}{}", said, text[at:end])
