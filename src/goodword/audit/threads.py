"""Letters that belong together, by what they answer. Their order in the mailbox plays no part."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from goodword.audit.letters import Letter


def threads(letters: Iterable[Letter]) -> list[list[Letter]]:
    """Every thread, oldest letter first; the same letter twice counts once.

    Message-ID, In-Reply-To and References alone join letters (RFC 5322, 3.6.4): a subject says
    nothing about who is meant.
    """
    known: dict[str, Letter] = {}
    groups = _Groups()
    for letter in letters:
        if letter.message_id in known:
            continue
        known[letter.message_id] = letter
        groups.join((letter.message_id, *letter.parents))
    found: defaultdict[str, list[Letter]] = defaultdict(list)
    for letter in known.values():
        found[groups.root(letter.message_id)].append(letter)
    ordered = [sorted(each, key=_place) for each in found.values()]
    return sorted(ordered, key=lambda each: _place(each[0]))


def _place(letter: Letter) -> tuple[datetime, str]:
    return letter.at, letter.message_id


class _Groups:
    """Disjoint sets of message ids."""

    def __init__(self) -> None:
        self._above: dict[str, str] = {}

    def root(self, name: str) -> str:
        path = []
        while (above := self._above.setdefault(name, name)) != name:
            path.append(name)
            name = above
        for each in path:
            self._above[each] = name
        return name

    def join(self, names: tuple[str, ...]) -> None:
        first = self.root(names[0])
        for name in names[1:]:
            self._above[self.root(name)] = first
