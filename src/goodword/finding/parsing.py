"""What somebody typed into the search box, read: words, phrases and filters. Never fails.

Pure, and it round-trips: a term knows the text that reads as the same term again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from difflib import get_close_matches

from goodword.finding.folding import tokens
from goodword.finding.values import VALUES, Value

LONGEST, MOST_TERMS = 500, 24
# How else a filter may be called; the German words stand here because they are typed, not shown.
SYNONYMS = {
    "von": "from", "an": "to", "besitzer": "owner", "inhaber": "owner", "bei": "owner",
    "gruppe": "team", "schlagwort": "tag", "versprechen": "promise", "zusage": "promise",
    "wartet": "waiting", "still": "silent", "stille": "silent", "ist": "is", "hat": "has",
    "vor": "before", "nach": "after", "seit": "after", "since": "after", "am": "on",
    "kunde": "customer", "kundin": "customer", "firma": "account", "konto": "account",
    "company": "account", "kanal": "channel", "via": "channel", "label": "tag",
}  # fmt: skip
_TERM = re.compile(
    r"""(?P<minus>-*)
        (?:(?P<name>[^\W\d_]{2,20}):(?!//)(?P<value>"[^"]*"?|[^\s"]*)
         |"(?P<phrase>[^"]*)"?
         |(?P<word>[^\s"]+))""",
    re.VERBOSE,
)


@dataclass(frozen=True)
class Word:
    """A word, or words between quotes; `begins` where it was typed with a star behind it."""

    text: str
    is_phrase: bool = False
    begins: bool = False
    is_not: bool = False

    def __str__(self) -> str:
        said = f'"{self.text}"' if self.is_phrase else self.text + ("*" if self.begins else "")
        return f"-{said}" if self.is_not else said


@dataclass(frozen=True)
class Filter:
    name: str
    value: Value
    is_not: bool = False

    def __str__(self) -> str:
        said = str(self.value)
        said = f'"{said}"' if not said or re.search(r"\s", said) else said
        return f"{'-' if self.is_not else ''}{self.name}:{said}"


Term = Word | Filter


@dataclass(frozen=True)
class Doubt:
    """A filter that was not understood, and the nearest that would be; empty where none is."""

    typed: str
    meant: str = ""


@dataclass(frozen=True)
class Asked:
    """Everything that was typed: terms in their order, and what was not understood."""

    terms: tuple[Term, ...] = ()
    doubts: tuple[Doubt, ...] = ()
    is_cut: bool = False

    def __str__(self) -> str:
        return " ".join(map(str, self.terms))

    def __bool__(self) -> bool:
        return bool(self.terms)

    @property
    def words(self) -> list[Word]:
        return [term for term in self.terms if isinstance(term, Word)]

    @property
    def filters(self) -> list[Filter]:
        return [term for term in self.terms if isinstance(term, Filter)]

    def without(self, term: Term) -> Asked:
        return Asked(tuple(each for each in self.terms if each is not term))


@dataclass
class _Reading:
    terms: list[Term] = field(default_factory=list)
    doubts: list[Doubt] = field(default_factory=list)

    def take(self, match: re.Match[str]) -> None:
        is_not = bool(match["minus"])
        if match["name"] is not None:
            self._filter(match["name"].lower(), match["value"].strip('"'), is_not, match.group())
        elif match["phrase"] is not None:
            self._word(match["phrase"], is_not, is_phrase=True)
        else:
            self._word(match["word"], is_not, is_phrase=False)

    def _filter(self, typed: str, text: str, is_not: bool, whole: str) -> None:
        name = SYNONYMS.get(typed, typed)
        text = " ".join(text.split())
        value = VALUES[name](text) if name in VALUES and text else None
        if value is not None:
            self.terms.append(Filter(name, value, is_not))
            return
        if text or name in VALUES:
            self.doubts.append(Doubt(whole.lstrip("-"), meant(typed, text)))
        # A filter that is only begun says nothing yet; anything else may be words.
        if text:
            self._word(f"{typed} {text}", is_not, is_phrase=True)

    def _word(self, text: str, is_not: bool, *, is_phrase: bool) -> None:
        plain = " ".join(text.split())
        bare = plain.rstrip("*")
        if not tokens(bare):
            return
        if is_phrase:
            self.terms.append(Word(plain, True, False, is_not))
        else:
            bare = bare.lstrip("-")
            self.terms.append(Word(bare, False, plain.endswith("*"), is_not))


def parse(text: str) -> Asked:
    """Read what was typed. What cannot be understood is looked for as words, and doubted."""
    plain = "".join(sign if sign.isprintable() else " " for sign in text[: LONGEST + 1])
    reading = _Reading()
    matches = list(_matches(plain[:LONGEST]))
    for match in matches[:MOST_TERMS]:
        reading.take(match)
    is_cut = len(text) > LONGEST or len(matches) > MOST_TERMS
    return Asked(tuple(reading.terms), tuple(reading.doubts), is_cut)


def _matches(text: str) -> Iterator[re.Match[str]]:
    return (match for match in _TERM.finditer(text) if match.group().strip('-"'))


def meant(name: str, text: str) -> str:
    """The nearest filter that would be understood: promise:brokn → promise:broken."""
    known = SYNONYMS.get(name, name)
    if known not in VALUES:
        near = get_close_matches(name, [*VALUES, *SYNONYMS], 1, 0.7)
        if not near:
            return ""
        known = SYNONYMS.get(near[0], near[0])
    reads = VALUES[known]
    if text and reads(text) is not None:
        return f"{known}:{text}"
    nearest = get_close_matches(text.lower(), reads.examples, 1, 0.5) or reads.examples[:1]
    return f"{known}:{nearest[0]}" if nearest else ""
