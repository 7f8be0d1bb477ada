"""The values of filters: what may stand behind the colon, and what it means."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

UNITS = {
    "m": "minutes",
    "min": "minutes",
    "h": "hours",
    "std": "hours",
    "d": "days",
    "t": "days",
    "day": "days",
    "days": "days",
    "tag": "days",
    "tage": "days",
    "w": "weeks",
    "week": "weeks",
    "weeks": "weeks",
}
_SPAN = re.compile(r"(?P<sign>[<>]?)=?(?P<number>\d{1,4})(?P<unit>[a-z]+)")
_DAYS = (
    re.compile(r"(?P<y>\d{4})-(?P<m>\d{1,2})-(?P<d>\d{1,2})"),
    re.compile(r"(?P<d>\d{1,2})[./](?P<m>\d{1,2})[./](?P<y>\d{4})"),
)
# Before and after these no instant can be made of a day in every zone and database.
FIRST_YEAR, LAST_YEAR = 1900, 2900
_RELATIVE = {"today": 0, "heute": 0, "yesterday": 1, "gestern": 1}


@dataclass(frozen=True)
class Text:
    """A name, an address, a slug: looked up when it is searched."""

    text: str

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True)
class Choice:
    """One of the words that the filter knows."""

    word: str

    def __str__(self) -> str:
        return self.word


@dataclass(frozen=True)
class Span:
    """More than (“>”) or less than (“<”) so long. `before` is a word such as due."""

    is_less: bool
    number: int
    unit: str
    before: str = ""

    @property
    def length(self) -> timedelta:
        return timedelta(**{self.unit: self.number})

    def __str__(self) -> str:
        return f"{self.before}{'<' if self.is_less else '>'}{self.number}{self.unit[0]}"


@dataclass(frozen=True)
class Day:
    """A day of the calendar, or so many days before today."""

    day: date | None
    ago: int = 0

    def at(self, today: date) -> date:
        return self.day or today - timedelta(days=self.ago)

    def __str__(self) -> str:
        if self.day is not None:
            return self.day.isoformat()
        return {0: "today", 1: "yesterday"}.get(self.ago, f"{self.ago}d")


Value = Text | Choice | Span | Day


class Reads:
    """Reads one value. None where it says nothing that we know; `examples` are shown."""

    examples: Sequence[str] = ()

    def __call__(self, text: str) -> Value | None:
        raise NotImplementedError


class ReadsText(Reads):
    def __init__(self, *examples: str) -> None:
        self.examples = examples

    def __call__(self, text: str) -> Value | None:
        plain = text.replace('"', "").strip()
        return Text(plain) if any(map(str.isalnum, plain)) else None


class ReadsChoice(Reads):
    def __init__(self, *words: str, **also: str) -> None:
        self.examples = words
        self.words: Mapping[str, str] = {**{word: word for word in words}, **also}

    def __call__(self, text: str) -> Value | None:
        word = self.words.get(text.lower())
        return Choice(word) if word else None


class ReadsSpan(Reads):
    """“>2d” and “2d” are two days and more, “<2h” less than two hours."""

    def __init__(self, *examples: str, before: str = "") -> None:
        self.examples, self.before = examples, before

    def __call__(self, text: str) -> Value | None:
        plain = text.lower().replace(" ", "")
        if not plain.startswith(self.before):
            return None
        found = _SPAN.fullmatch(plain[len(self.before) :])
        if found is None or found["unit"] not in UNITS:
            return None
        is_less = found["sign"] == "<"
        return Span(is_less, int(found["number"]), UNITS[found["unit"]], self.before)


class ReadsDay(Reads):
    examples = ("2026-11-19", "today", "yesterday", "7d")

    def __call__(self, text: str) -> Value | None:
        plain = text.lower()
        if plain in _RELATIVE:
            return Day(None, _RELATIVE[plain])
        if re.fullmatch(r"\d{1,4}[dt]", plain):
            return Day(None, int(plain[:-1]))
        found = next(filter(None, (each.fullmatch(plain) for each in _DAYS)), None)
        try:
            day = found and date(int(found["y"]), int(found["m"]), int(found["d"]))
        except ValueError:
            return None
        return Day(day) if day and FIRST_YEAR <= day.year <= LAST_YEAR else None


class ReadsPromise(Reads):
    """A state, or when it is due: due<2d."""

    _state = ReadsChoice(
        "broken",
        "open",
        "kept",
        "moved",
        "released",
        gebrochen="broken",
        offen="open",
        gehalten="kept",
        verschoben="moved",
        erlassen="released",
    )
    _due = ReadsSpan(before="due")
    examples = (*_state.examples, "due<2d")

    def __call__(self, text: str) -> Value | None:
        return self._state(text) or self._due(text)


VALUES: dict[str, Reads] = {
    "from": ReadsText("ellen", "ellen@whitcombe.example"),
    "to": ReadsText("ellen"),
    "owner": ReadsText("me", "nobody", "dele"),
    "team": ReadsText("support"),
    "tag": ReadsText("billing"),
    "customer": ReadsText("ellen"),
    "account": ReadsText("whitcombe"),
    "promise": ReadsPromise(),
    "waiting": ReadsSpan(">2d", "<4h"),
    "silent": ReadsSpan(">1d", "<4h"),
    "is": ReadsChoice(
        "ours",
        "theirs",
        "decide",
        "settled",
        "ended",
        "unread",
        "snoozed",
        "internal",
        "aside",
        unser="ours",
        unsere="ours",
        ihre="theirs",
        deren="theirs",
        entscheiden="decide",
        erledigt="settled",
        beendet="ended",
        ungelesen="unread",
        intern="internal",
        spam="aside",
        open="open",
        offen="open",
    ),
    "has": ReadsChoice(
        "file", attachment="file", attachments="file", files="file", datei="file", anhang="file"
    ),
    "in": ReadsChoice(
        "message",
        "note",
        "call",
        messages="message",
        notes="note",
        calls="call",
        nachricht="message",
        notiz="note",
        notizen="note",
        anruf="call",
    ),
    "channel": ReadsChoice(
        "mail",
        "page",
        "phone",
        "counter",
        email="mail",
        portal="page",
        telefon="phone",
        theke="counter",
    ),
    "before": ReadsDay(),
    "after": ReadsDay(),
    "on": ReadsDay(),
}
