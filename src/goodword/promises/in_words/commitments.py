"""Sentences that commit us: a head (“I will”), what follows it, and the time that belongs to it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from goodword.promises.in_words.likelihood import judge
from goodword.promises.in_words.packs import Head, Pack
from goodword.promises.in_words.phrases import Phrase, phrases
from goodword.promises.in_words.sentences import sentences, unquoted

JOB = 0.7
# Nobody promises more in one sentence.
MOST_HEADS = 12
# Between two heads these begin something new; without one the second depends on the first.
NEW_THOUGHT = re.compile(r"[,;:()–—]|\b(?:and|but|or|so|then|und|aber|oder|dann)\b", re.IGNORECASE)
TRAILING = re.compile(r"[\s,;:–—-]+(?:and|but|so|und|aber)?[\s,]*\Z")


@dataclass(frozen=True)
class Commitment:
    """A stretch of the text that gives our word, how likely it does, and its time if any."""

    start: int
    end: int
    who: str
    kind: str
    score: float
    phrase: Phrase | None = None


@dataclass(frozen=True)
class FoundHead:
    """Where a head stands, and the heads of the pack that fit there, the likeliest first."""

    start: int
    end: int
    heads: tuple[Head, ...]


@dataclass(frozen=True)
class Clause:
    """A part of a sentence with a head of its own. All offsets are those of the text."""

    text: str
    sentence: tuple[int, int]
    start: int
    end: int
    head: Head
    head_start: int
    head_end: int
    heads: tuple[Head, ...]

    @property
    def before(self) -> str:
        """The sentence up to the head."""
        return self.text[self.sentence[0] : self.head_start]

    @property
    def subject(self) -> str:
        return self.text[self.head_start : self.head_end]

    @property
    def whole(self) -> str:
        return self.text[self.sentence[0] : self.sentence[1]]


def commitments(text: str, pack: Pack, *, month_first: bool) -> Iterator[Commitment]:
    """Every clause with a head that could commit us, scored, each with its best time."""
    spoken = unquoted(text)
    for start, end in sentences(spoken):
        every = _heads(spoken, start, end, pack)
        if not every and not pack.may_name_a_job(spoken[start:end]):
            continue
        times = _times(spoken, start, end, pack, month_first=month_first)
        own = [each for each in every if not _is_told(each, times)]
        heads = _independent(spoken, own)[:MOST_HEADS]
        for clause in _clauses(spoken, (start, end), heads):
            yield from _given(clause, times, pack)
        if not heads:
            yield from _jobs(start, end, times)


def _times(text: str, start: int, end: int, pack: Pack, *, month_first: bool) -> list[Phrase]:
    found = phrases(text[start:end], pack, month_first=month_first)
    return [replace(each, start=each.start + start, end=each.end + start) for each in found]


def _jobs(start: int, end: int, times: list[Phrase]) -> Iterator[Commitment]:
    """“One day install” commits us without a verb."""
    for phrase in times:
        if phrase.when.job:
            yield Commitment(start, end, "us", "task_done", JOB, phrase)


def _is_told(head: FoundHead, times: list[Phrase]) -> bool:
    """“as soon as the part is here” is an event that we wait for, not our word."""
    return any(each.when.event and each.start < head.start < each.end for each in times)


def _clauses(text: str, sentence: tuple[int, int], heads: list[FoundHead]) -> Iterator[Clause]:
    """The parts of a sentence that begin with a head, each up to the next head."""
    start, end = sentence
    for number, found in enumerate(heads):
        until = heads[number + 1].start if number + 1 < len(heads) else end
        begins = found.start if number else start
        yield Clause(
            text, sentence, begins, until, found.heads[0], found.start, found.end, found.heads
        )


def _heads(text: str, start: int, end: int, pack: Pack) -> list[FoundHead]:
    """The heads of a sentence in order; where several overlap they are one with alternatives."""
    found: list[FoundHead] = []
    for head in pack.heads:
        for match in head.pattern.finditer(text, start, end):
            if head.details.get("at_start") and text[start : match.start()].strip(" -–—•*"):
                continue
            there = [
                each for each in found if match.start() < each.end and each.start < match.end()
            ]
            if not there:
                found.append(FoundHead(match.start(), match.end(), (head,)))
            elif there[0].end == match.end():
                also = replace(there[0], heads=(*there[0].heads, head))
                found = [also if each is there[0] else each for each in found]
    return sorted(found, key=lambda each: each.start)


def _independent(text: str, heads: list[FoundHead]) -> list[FoundHead]:
    """“I'll see to it that the invoice is right by noon” has one head, not two."""
    kept: list[FoundHead] = []
    for head in heads:
        depends = all(
            each.details.get("thing") or each.details["who"] != "us" for each in head.heads
        )
        if kept and depends and not NEW_THOUGHT.search(text, kept[-1].end, head.start):
            continue
        kept.append(head)
    return kept


def _given(clause: Clause, times: list[Phrase], pack: Pack) -> Iterator[Commitment]:
    for start, end in _parts(clause, times, pack):
        phrase = _time_of(start, end, clause, times)
        said = clause.text[max(start, clause.head_end) : end]
        alternatives = [replace(clause, head=head) for head in clause.heads]
        judged = [(judge(each, said, phrase, pack), each.head) for each in alternatives]
        (kind, score), head = max(judged, key=lambda each: each[0][1])
        if score > 0:
            begins = _begin(clause, start, phrase)
            who = str(head.details["who"])
            yield Commitment(begins, _end(clause.text, end), who, kind, score, phrase)


def _parts(clause: Clause, times: list[Phrase], pack: Pack) -> list[tuple[int, int]]:
    """“I'll call you at 4 and send the invoice by Friday” gives our word twice."""
    within = (each for each in times if clause.head_end <= each.start < clause.end)
    inside = [each for each in within if each.is_certain]
    if len(inside) > 1:
        for found in pack.giving("joint").finditer(clause.text, inside[0].end, inside[-1].start):
            follows = clause.text[found.end() : clause.end].lstrip()
            if any(verb.match(follows) for _, verb in pack.kinds("verbs")):
                return [(clause.start, found.start()), (clause.end - len(follows), clause.end)]
    return [(clause.start, clause.end)]


def _time_of(start: int, end: int, clause: Clause, times: list[Phrase]) -> Phrase | None:
    """A certain time before an event, that before a vague one; after the head before the rest."""
    first = start <= clause.head_start
    inside = [each for each in times if max(start, clause.head_start) <= each.start < end]
    ahead = [each for each in times if clause.start <= each.start < clause.head_start]
    candidates = [*inside, *(ahead if first else [])]
    certain = [each for each in candidates if each.is_certain]
    if len(certain) > 1 and _is_refined(certain[0], certain[-1]):
        return certain[-1]
    events = [each for each in candidates if each.when.event]
    return next(iter([*certain, *events, *candidates]), None)


def _is_refined(first: Phrase, last: Phrase) -> bool:
    """“tomorrow after I talk to her, should be by 11”: the later one names the hour."""
    bare = not first.when.names_a_time and not first.when.spans
    return bare and last.when.clock is not None


def _begin(clause: Clause, start: int, phrase: Phrase | None) -> int:
    begins = clause.head_start if start <= clause.head_start else start
    if phrase is not None and clause.start <= phrase.start < begins:
        return phrase.start
    return begins


def _end(text: str, end: int) -> int:
    return len(TRAILING.sub("", text[:end]))
