"""The words of a text that say when, as phrases: “on Friday at 4”, “within two business days”."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from goodword.promises.in_words.packs import Pack
from goodword.promises.in_words.when import When, read


@dataclass(frozen=True)
class Phrase:
    """A stretch of the text that says when."""

    start: int
    end: int
    when: When

    @property
    def is_certain(self) -> bool:
        return not (self.when.vague or self.when.event)


def phrases(text: str, pack: Pack, *, month_first: bool) -> list[Phrase]:
    """Every phrase of a text, in order; none overlaps another."""
    atoms = _longest(_atoms(text, pack, month_first=month_first))
    joined = _joined(text, atoms, pack)
    return [each for atom in joined if (each := _with_lead(text, atom, pack)) is not None]


def _atoms(text: str, pack: Pack, *, month_first: bool) -> Iterable[Phrase]:
    for rule in pack.times:
        for found in rule.pattern.finditer(text):
            when = read(rule, found, pack, month_first=month_first)
            if when is not None and found.end() > found.start():
                yield Phrase(found.start(), found.end(), when)


def _longest(atoms: Iterable[Phrase]) -> list[Phrase]:
    """Of those that overlap the longest; an event gives way to the times inside it."""
    chosen: list[Phrase] = []
    by_weight = sorted(atoms, key=lambda each: (*_rank(each.when), each.start - each.end))
    for atom in by_weight:
        if all(atom.end <= other.start or other.end <= atom.start for other in chosen):
            chosen.append(atom)
    return sorted(chosen, key=lambda each: each.start)


def _rank(when: When) -> tuple[bool, bool]:
    return when.event or when.vague, when.vague


def _joined(text: str, atoms: list[Phrase], pack: Pack) -> list[Phrase]:
    joined: list[Phrase] = []
    for atom in atoms:
        last = joined[-1] if joined else None
        both = last and _both(text, last, atom, pack)
        if last and both:
            joined[-1] = Phrase(last.start, atom.end, both)
        else:
            joined.append(atom)
    return joined


def _both(text: str, first: Phrase, second: Phrase, pack: Pack) -> When | None:
    gap = text[first.end : second.start]
    if len(gap) > 24 or not pack.glue.fullmatch(gap):
        return None
    when = first.when.joined(second.when)
    if when is None:
        return None
    if first.when.spans and second.when.names_a_day:
        return when if _says(pack, "after", text, second.start) else None
    side = "before" if _says(pack, "before", text, second.start) else ""
    return replace(when, side=when.side or side)


def _with_lead(text: str, phrase: Phrase, pack: Pack) -> Phrase | None:
    """The phrase with the preposition that belongs to it; None for a bare length of time."""
    when, start, end = phrase.when, phrase.start, phrase.end
    before = text[max(start - 40, 0) : start]
    shift = max(start - 40, 0)
    for side in ("before", "after"):
        found = pack.lead(side).search(before)
        if found and not when.spans:
            return Phrase(shift + found.start(), end, replace(when, side=when.side or side))
    if when.spans and not when.job and not when.names_a_day:
        return _span(text, phrase, pack)
    found = pack.lead("by").search(before)
    return Phrase(shift + found.start(), end, when) if found else phrase


def _span(text: str, phrase: Phrase, pack: Pack) -> Phrase | None:
    start, end = phrase.start, phrase.end
    before = text[max(start - 40, 0) : start]
    found = pack.lead("span_lead").search(before) or pack.lead("by").search(before)
    if found and pack.lead("lasting").search(before):
        return None
    tail = pack.span_tail.match(text, end)
    if tail:
        end = tail.end()
    if found:
        start = max(start - 40, 0) + found.start()
    business = any(each.unit.startswith("business") for each in phrase.when.spans)
    is_range = re.search(r"\d ?[-–] ?\d", text[phrase.start : phrase.end]) is not None
    if not (found or tail or business or is_range or phrase.when.stands):
        return None
    return Phrase(start, end, phrase.when)


def _says(pack: Pack, side: str, text: str, end: int) -> bool:
    return pack.lead(side).search(text[max(end - 30, 0) : end]) is not None
