"""Which sentences of a text commit us, to what, and by when."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from goodword.clock import Schedule
from goodword.promises.in_words.commitments import Commitment, commitments
from goodword.promises.in_words.days import Days
from goodword.promises.in_words.languages import language_of
from goodword.promises.in_words.moments import moment_of
from goodword.promises.in_words.packs import LANGUAGES, pack
from goodword.promises.in_words.phrases import Phrase

# Offered from here on; below it too many chips would be wrong.
LIKELY = 0.65
# Beyond that nobody types, and a pasted log must not keep a process busy.
MOST_CHARACTERS = 100_000
# Where 3/4 is the fourth of March.
MONTH_FIRST = re.compile(
    r"US/|Pacific/Honolulu|America/(?:New_York|Chicago|Denver|Los_Angeles|Phoenix|Detroit|Boise"
    r"|Anchorage|Juneau|Indiana/|Kentucky/|North_Dakota/)"
)


@dataclass(frozen=True)
class Found:
    """A sentence that commits us.

    `start` and `end` are offsets in the text; `when` are its words that say when, None without
    any; `form`, `due` and `opens` as the clock's, None where no instant is named; `vague` where
    the time is one that nobody can hold us to; `confidence` from 0 to 1.
    """

    start: int
    end: int
    text: str
    who: str
    kind: str
    when: str | None
    form: str | None
    due: datetime | None
    opens: datetime | None
    vague: bool
    confidence: float
    language: str

    def as_data(self, schedule: Schedule) -> dict[str, Any]:
        """As JSON values; times on the business's own wall."""
        zone = schedule.zone_info
        times = {
            name: value and value.astimezone(zone).isoformat()
            for name, value in (("due", self.due), ("opens", self.opens))
        }
        plain = ("start", "end", "text", "who", "when", "kind", "form")
        shown = {name: getattr(self, name) for name in plain}
        return shown | times | {
            "vague": self.vague, "confidence": self.confidence, "language": self.language,
        }  # fmt: skip


def find(
    text: str, at: datetime, schedule: Schedule, *, languages: Sequence[str] = ()
) -> list[Found]:
    """Every promise in a text that is said at `at` (aware), in order.

    `languages` are tried in that order; without any the text's own is guessed. ValueError for
    a time without a zone.
    """
    days = Days(schedule, at)
    text = text[:MOST_CHARACTERS]
    named = [each for each in languages if each in LANGUAGES] or [language_of(text)]
    found = [each for language in named for each in _in_language(text, days, language)]
    return sorted(_apart(found), key=lambda each: each.start)


def _in_language(text: str, days: Days, language: str) -> Iterator[Found]:
    rules = pack(language)
    month_first = MONTH_FIRST.match(days.schedule.zone) is not None
    for given in commitments(text, rules, month_first=month_first):
        if given.score >= LIKELY:
            yield _found(text, given, days, language)


def _found(text: str, given: Commitment, days: Days, language: str) -> Found:
    moment = given.phrase and moment_of(given.phrase.when, days)
    return Found(
        start=given.start,
        end=given.end,
        text=text[given.start : given.end],
        who=given.who,
        kind=given.kind,
        when=_words(text, given.phrase),
        form=moment.form if moment else None,
        due=moment.due if moment else None,
        opens=moment.opens if moment else None,
        vague=given.phrase is not None and not given.phrase.is_certain,
        confidence=round(min(given.score, 0.99), 2),
        language=language,
    )


def _words(text: str, phrase: Phrase | None) -> str | None:
    return text[phrase.start : phrase.end].strip().rstrip(".,;") if phrase else None


def _apart(found: list[Found]) -> list[Found]:
    """Where two languages saw the same words, the surer one."""
    kept: list[Found] = []
    for each in sorted(found, key=lambda each: -each.confidence):
        if all(each.end <= other.start or other.end <= each.start for other in kept):
            kept.append(each)
    return kept
