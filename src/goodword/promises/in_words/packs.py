"""A language's rules, read from its file and compiled once a process."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from importlib.resources import files
from typing import Any

Slots = dict[str, str]

_NUMBER = r"\d{1,4}(?:\.\d{1,2})?"
_PLAIN: Slots = {
    "day": r"0?[1-9](?!\d)|[12]\d(?!\d)|3[01](?!\d)",
    "dd": r"\d{1,2}",
    "mm": r"\d{1,2}",
    "y4": r"(?:19|20)\d\d",
    "year": r"(?:19|20)\d\d|['’]\d\d",
    "yy": r"\d\d",
    "ap": r"[ap]",
    "hour": r"(?:[01]?\d|2[0-4])(?!\d)",
    "minute": r"[0-5]\d",
    "second": r"[0-5]\d",
}


@dataclass(frozen=True)
class Rule:
    """One way to say when: its pattern, the name of what it means, and the pack's details."""

    means: str
    pattern: re.Pattern[str]
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Head:
    """One way to begin a commitment: “I will”, “you'll hear”, “it should be”."""

    pattern: re.Pattern[str]
    score: float
    details: Mapping[str, Any]


class Pack:
    """The words and patterns of one language."""

    def __init__(self, rules: Mapping[str, Any]) -> None:
        self.language: str = rules["language"]
        self._rules = rules
        self._words: Mapping[str, Any] = rules["words"]

    @cached_property
    def times(self) -> tuple[Rule, ...]:
        return tuple(
            Rule(each["means"], self._whole(each["pattern"]), each) for each in self._rules["times"]
        )

    @cached_property
    def heads(self) -> tuple[Head, ...]:
        return tuple(
            Head(re.compile(each["pattern"], _flags(each)), each["score"], each)
            for each in self._rules["giving"]["heads"]
        )

    @cached_property
    def _job(self) -> re.Pattern[str]:
        jobs = [each["pattern"] for each in self._rules["times"] if each["means"] == "job"]
        return self._whole("|".join(jobs)) if jobs else re.compile(r"(?!)")

    def may_name_a_job(self, sentence: str) -> bool:
        """Whether a sentence without a head may still commit us: “one day install”."""
        return self._job.search(sentence) is not None

    def kinds(self, group: str) -> tuple[tuple[str, re.Pattern[str]], ...]:
        """The patterns of a group by the kind of promise that they speak of, in its order."""
        return self._kinds.get(group, ())

    @cached_property
    def _kinds(self) -> dict[str, tuple[tuple[str, re.Pattern[str]], ...]]:
        giving = self._rules["giving"]
        return {
            group: tuple((kind, _word(text)) for kind, text in giving[group].items())
            for group in ("verbs", "receives", "expected", "things", "subjects")
            if group in giving
        }

    @cached_property
    def common(self) -> re.Pattern[str]:
        """To be looked for in small letters: where case is not looked at it takes twice as long."""
        return re.compile(_word(self._rules["common"]).pattern)

    def giving(self, name: str) -> re.Pattern[str]:
        """One of the pack's single patterns under [giving]: adverbs, negation, doubt …"""
        return self._giving[name]

    @cached_property
    def _giving(self) -> dict[str, re.Pattern[str]]:
        giving = self._rules["giving"]
        single = {name: _word(text) for name, text in giving.items() if isinstance(text, str)}
        return single | {"states": _word(giving["not"]["states"])}

    @cached_property
    def glue(self) -> re.Pattern[str]:
        """What may stand between two times that belong together."""
        return _compiled(self._words["glue"])

    def lead(self, name: str) -> re.Pattern[str]:
        """Words that end right before a time: by, before, after, span_lead."""
        return self._leads[name]

    @cached_property
    def _leads(self) -> dict[str, re.Pattern[str]]:
        names = ("by", "before", "after", "span_lead", "lasting")
        return {
            name: _compiled(rf"(?<![\w'’])(?:{self._words[name]})[\s:~]*(?:the )?\Z")
            for name in names
        }

    @cached_property
    def span_tail(self) -> re.Pattern[str]:
        return _compiled(rf"\s*(?:{self._words['span_tail']})(?!\w)")

    # What a word stands for

    def number(self, text: str) -> float:
        """A number in digits or words; ValueError for what is none."""
        bare = text.strip().lower().replace(",", ".")
        if re.fullmatch(_NUMBER, bare):
            return float(bare)
        return float(self._looked_up("numbers", bare))

    def ordinal(self, text: str) -> int:
        return int(self._looked_up("ordinals", text))

    def month(self, text: str) -> int:
        return int(self._looked_up("months", text))

    def weekday(self, text: str) -> int:
        """0 for Monday."""
        return int(self._looked_up("weekdays", text)) - 1

    def unit(self, text: str) -> str:
        return self._looked_up("units", text)

    def part(self, text: str) -> str:
        return self._looked_up("parts", text)

    def half(self, text: str) -> str:
        return self._looked_up("halves", text)

    def _looked_up(self, group: str, text: str) -> str:
        for value, pattern in self._values[group]:
            if pattern.fullmatch(text.strip()):
                return value
        raise ValueError(f"“{text}” is none of the {group} of “{self.language}”.")

    @cached_property
    def _values(self) -> dict[str, tuple[tuple[str, re.Pattern[str]], ...]]:
        groups = ("months", "weekdays", "numbers", "ordinals", "units", "parts", "halves")
        return {
            group: tuple((value, _compiled(text)) for value, text in self._words[group].items())
            for group in groups
        }

    # Slots

    @cached_property
    def _slots(self) -> Slots:
        words = {
            "month": self._any("months"),
            "weekday": self._any("weekdays"),
            "part": self._any("parts"),
            "half": self._any("halves"),
            "dayword": self._any("ordinals"),
            "unit": self._any("units"),
            "n": f"{_NUMBER}|{self._any('numbers')}",
            "past": r"\d{1,2}|" + self._any("numbers"),
            "hournum": r"(?:1[0-2]|0?[1-9])(?!\d)|" + self._hours_in_words(),
        }
        return _PLAIN | words

    def _any(self, group: str) -> str:
        # The later first, so that “thirty-first” is not read as “thirty”.
        return "|".join(reversed(list(self._words[group].values())))

    def _hours_in_words(self) -> str:
        numbers = self._words["numbers"]
        return "|".join(
            text.split("|")[-1] if value == "1" else text.split("|")[0]
            for value, text in numbers.items()
            if value.isdigit() and 1 <= int(value) <= 12
        )

    def _whole(self, pattern: str) -> re.Pattern[str]:
        return _compiled(rf"(?<![\w'’]){'(?:'}{self._filled(pattern)})(?!\w)")

    def _filled(self, pattern: str) -> str:
        return re.sub(r"\{([a-z]\w*)\}", lambda found: self._slot(found[1]), pattern)

    def _slot(self, name: str) -> str:
        if name in self._words and isinstance(self._words[name], str):
            return f"(?:{self._words[name]})"
        bare = name.split("_")[0]
        bare = bare if bare in self._slots else bare.rstrip("2")
        if name.endswith("_skip"):
            return f"(?:{self._slots[bare]})"
        return f"(?P<{name}>{self._slots[bare]})"


def _flags(head: Mapping[str, Any]) -> int:
    """Only its case tells a name from a word."""
    return 0 if head.get("named") else re.IGNORECASE


def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


def _word(pattern: str) -> re.Pattern[str]:
    return _compiled(rf"(?<![\w'’])(?:{pattern})(?!\w)")


def _available() -> tuple[str, ...]:
    folder = files("goodword.promises.in_words") / "rules"
    return tuple(sorted(each.name[:-5] for each in folder.iterdir() if each.name.endswith(".toml")))


LANGUAGES = _available()


@lru_cache(maxsize=16)
def pack(language: str) -> Pack:
    """The pack of a language; KeyError where there is none."""
    if language not in LANGUAGES:
        raise KeyError(language)
    text = (files("goodword.promises.in_words") / "rules" / f"{language}.toml").read_text("utf-8")
    return Pack(tomllib.loads(text))
