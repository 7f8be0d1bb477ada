"""Never the same text: two customers do not get one text from the sweep (R05, and Notice).

Names, references, addresses, times and numbers are masked before two texts are compared, so
that a text with another name in it is still the same. One text for many is a Notice, which a
leader signs.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import combinations

# Of the words of both, in their order: one word in six may differ.
ALIKE = 0.83
_ADDRESS = re.compile(r"\S+@\S+|https?://\S+")
_REFERENCE = re.compile(r"\b[A-Z0-9]{1,6}-\d+\b")
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_DAYS = frozenset(
    ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", "today",
     "tomorrow")
)  # fmt: skip


@dataclass(frozen=True)
class Text:
    """A text to one customer. `names` are theirs, of whoever wrote it, and of their account."""

    key: int
    words: str
    names: tuple[str, ...] = ()

    @property
    def bare(self) -> list[str]:
        """Its words in order, without whatever is only about whom it is for."""
        text = _REFERENCE.sub(" ", _ADDRESS.sub(" ", self.words))
        masked = {part.casefold() for name in self.names for part in _WORD.findall(name)}
        words = [word.casefold() for word in _WORD.findall(text)]
        return [word for word in words if word not in masked and word not in _DAYS]


def is_alike(one: Text, other: Text) -> bool:
    """Whether two texts say the same in nearly the same words."""
    first, second = one.bare, other.bare
    if not first or not second:
        return not first and not second
    matcher = SequenceMatcher(None, first, second, autojunk=False)
    return matcher.real_quick_ratio() >= ALIKE and matcher.ratio() >= ALIKE


def alike(new: Sequence[Text], sent: Iterable[Text] = ()) -> Mapping[int, Text]:
    """Of the new texts, each that is like another new one or one that was sent, and which."""
    found: dict[int, Text] = {}
    for one, other in combinations(new, 2):
        if is_alike(one, other):
            found.setdefault(one.key, other)
            found.setdefault(other.key, one)
    for there in sent:
        for one in new:
            if one.key != there.key and one.key not in found and is_alike(one, there):
                found[one.key] = there
    return found
