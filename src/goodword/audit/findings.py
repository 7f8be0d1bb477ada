"""What the threads say: who was answered how fast, the silences, our word and what followed."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from goodword import clock
from goodword.audit.letters import Letter, Ours
from goodword.promises.in_words import Found, find

# The question of essay three: a mail in the last hour, answered the same day or not?
LATE_IN_THE_DAY = timedelta(hours=1)
FEW_WORDS = 12
THANKS = re.compile(
    r"\b(?:thanks|thank you|thx|cheers|perfect|great|got it|danke|vielen dank|super|merci)\b",
    re.IGNORECASE,
)
STATES = ("in time", "late", "nothing", "still open", "no time named")


@dataclass(frozen=True)
class Answer:
    """A customer's turn and our next word to it; both lengths from the first unanswered letter."""

    asked: Letter
    answered: Letter
    open_time: timedelta
    wall_time: timedelta


@dataclass(frozen=True)
class Silence:
    """A customer's turn that nobody answered, as it stands at the end of what was read."""

    asked: Letter
    letters: int
    wall_time: timedelta
    open_time: timedelta


@dataclass(frozen=True)
class Word:
    """A promise in a letter of ours; `state` is one of STATES, `followed_at` our next word."""

    letter: Letter
    found: Found
    state: str
    followed_at: datetime | None


@dataclass(frozen=True)
class Audit:
    """Everything that was found between two instants, on one schedule."""

    ours: Ours
    schedule: clock.Schedule
    since: datetime
    until: datetime
    letters: int
    left_out: dict[str, int]
    threads: int
    answers: list[Answer]
    silences: list[Silence]
    words: list[Word]
    said: list[Letter]  # what we wrote to people outside
    late_turns: int
    late_answered: int

    def count(self, state: str) -> int:
        return sum(word.state == state for word in self.words)

    @property
    def given(self) -> int:
        """How often we gave our word with a time, named or vague."""
        return sum(word.found.when is not None for word in self.words)

    @property
    def unfollowed(self) -> int:
        """Of those, how often nothing at all followed, and the time is past."""
        return sum(word.state == "nothing" and word.found.when is not None for word in self.words)

    @property
    def median_answer(self) -> timedelta | None:
        if not self.answers:
            return None
        return timedelta(seconds=median(each.open_time.total_seconds() for each in self.answers))

    @property
    def oldest_silence(self) -> Silence | None:
        return self.silences[0] if self.silences else None


class Auditor:
    """One look at the threads of a mailbox. All instants are aware; nothing is changed."""

    def __init__(
        self, ours: Ours, schedule: clock.Schedule, since: datetime, until: datetime
    ) -> None:
        self.ours, self.schedule, self.since, self.until = ours, schedule, since, until
        self.answers: list[Answer] = []
        self.silences: list[Silence] = []
        self.words: list[Word] = []
        self.said: list[Letter] = []
        self._late = self._late_answered = 0
        self._left_out = {
            "written by machines": 0,
            "among ourselves": 0,
            "thanks and no question": 0,
        }

    def audit(self, threads: Iterable[list[Letter]]) -> Audit:
        letters = talks = 0
        for thread in threads:
            letters += sum(self.since <= letter.at for letter in thread)
            talks += self._thread(thread)
        self.silences.sort(key=lambda each: -each.wall_time)
        return Audit(
            self.ours,
            self.schedule,
            self.since,
            self.until,
            letters,
            {why: count for why, count in self._left_out.items() if count},
            talks,
            self.answers,
            self.silences,
            self.words,
            self.said,
            self._late,
            self._late_answered,
        )

    def _thread(self, thread: list[Letter]) -> bool:
        """Walk one thread; whether it was a talk with somebody outside."""
        talk = [letter for letter in thread if self._counts(letter)]
        self.said += [letter for letter in talk if self.ours.has(letter.sender)]
        waiting: Letter | None = None
        unanswered = 0
        for letter in talk:
            if not self.ours.has(letter.sender):
                waiting, unanswered = waiting or letter, unanswered + 1
            elif waiting is not None:
                self._answered(waiting, letter)
                waiting, unanswered = None, 0
        if waiting is not None:
            self._silent(waiting, talk[-1], unanswered)
        for number, letter in enumerate(talk):
            if self.ours.has(letter.sender) and self.since <= letter.at <= self.until:
                self._promises(letter, talk[number + 1 :])
        return bool(talk)

    def _counts(self, letter: Letter) -> bool:
        if self.ours.wrote_by_machine(letter):
            self._left_out["written by machines"] += 1
            return False
        outside = not self.ours.has(letter.sender) or any(
            not self.ours.has(each) for each in letter.recipients
        )
        if not outside:
            self._left_out["among ourselves"] += 1
        return outside

    def _answered(self, asked: Letter, answered: Letter) -> None:
        if not self.since <= asked.at <= self.until:
            return
        open_time = clock.between(asked.at, answered.at, self.schedule)
        self.answers.append(Answer(asked, answered, open_time, answered.at - asked.at))
        self._late_in_the_day(asked, answered.at)

    def _silent(self, asked: Letter, last: Letter, letters: int) -> None:
        if asked.at > self.until or last.at < self.since:
            return
        if letters == 1 and is_thanks(asked.text):
            self._left_out["thanks and no question"] += 1
            return
        open_time = clock.between(asked.at, self.until, self.schedule)
        self.silences.append(Silence(asked, letters, self.until - asked.at, open_time))
        self._late_in_the_day(asked, None)

    def _late_in_the_day(self, asked: Letter, answered: datetime | None) -> None:
        closing = clock.closing(asked.at, self.schedule)
        if closing is None or not closing - LATE_IN_THE_DAY <= asked.at < closing:
            return
        zone = self.schedule.zone_info
        self._late += 1
        if answered and answered.astimezone(zone).date() == asked.at.astimezone(zone).date():
            self._late_answered += 1

    def _promises(self, letter: Letter, later: list[Letter]) -> None:
        own = (each.at for each in later if self.ours.has(each.sender))
        followed = next(own, None)
        for found in find(letter.text, letter.at, self.schedule):
            state = self._state(found, followed)
            self.words.append(Word(letter, found, state, followed))

    def _state(self, found: Found, followed: datetime | None) -> str:
        """What became of a promise, as far as mail can tell: a call leaves no trace in it."""
        if found.due is None:
            return "no time named" if followed else "nothing"
        if followed is None:
            return "still open" if found.due > self.until else "nothing"
        return "in time" if followed <= found.due else "late"


def is_thanks(text: str) -> bool:
    """Whether a letter only thanks: few words, one of thanks, no question."""
    return len(text.split()) <= FEW_WORDS and "?" not in text and bool(THANKS.search(text))
