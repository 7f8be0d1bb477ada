"""What is looked for, as both back ends understand it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from goodword.finding.folding import WORD, composed, near, tokens, variants

MOST_ALTERNATIVES = 200


@dataclass(frozen=True)
class Run:
    """Words that stand together in this order; with `begins` the last of them may go on."""

    words: tuple[str, ...]
    begins: bool = False


@dataclass(frozen=True)
class Match:
    """Every group must be there, by any of its runs; none of the runs in `without` may."""

    groups: tuple[tuple[Run, ...], ...] = ()
    without: tuple[Run, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.groups)


@dataclass
class Matching:
    """Gathers a Match word by word."""

    groups: list[tuple[Run, ...]] = field(default_factory=list)
    without: list[Run] = field(default_factory=list)

    def add(self, text: str, *, begins: bool = False, not_there: bool = False) -> None:
        """A word or a phrase; nothing where it holds neither letter nor digit."""
        runs = tuple(runs_of(text, begins))
        if not_there:
            self.without.extend(runs)
        elif runs:
            self.groups.append(runs)

    def add_near(self, text: str) -> None:
        """Each word of the text, or one a slip away from it."""
        for word in tokens(text):
            self.groups.append(tuple(Run((each,)) for each in near(word)[:MOST_ALTERNATIVES]))

    def match(self) -> Match:
        return Match(tuple(self.groups), tuple(self.without))


def runs_of(text: str, begins: bool) -> Iterable[Run]:
    """One word however it is written, or several as they stand."""
    words = tuple(tokens(text))
    if len(words) != 1:
        return [Run(words, begins)] if words else []
    written = WORD.findall(composed(text))[0]
    return [Run((each,), begins) for each in sorted({words[0], *variants(written)})]
