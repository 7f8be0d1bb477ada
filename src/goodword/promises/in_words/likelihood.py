"""How likely a clause gives our word, and what kind of promise it is.

Each sign adds to the score of the head or takes from it; the sum is the confidence. The weights
are the product's own, chosen on sentences of real agents.
"""

import re
from typing import Protocol

from goodword.promises.in_words.packs import Head, Pack
from goodword.promises.in_words.phrases import Phrase

WORK, CONTACT = 0.3, 0.35
TO_YOU, TO_YOURS, WITH_A_TIME, WITH_A_VAGUE_TIME = 0.1, 0.04, 0.2, 0.1
NEGATED, DOUBTED, CONDITIONAL, QUESTION, REPORTED = -0.7, -0.3, -0.3, -0.4, -0.5
ASKED_FIRST, NO_PROMISE, NEVER = -0.1, -1.0, -9.0
CONTACT_KINDS = ("callback", "next_update")
REACHING_KINDS = (*CONTACT_KINDS, "arrival_window")
# The groups of a pack that say what follows a head which has no verb of ours.
GROUPS = {"receives": "receives", "expects": "expected", "thing": "things"}
ING = re.compile(r"\s*(?:\w+\s+){0,2}?[\w-]+ing\b")
STEM = re.compile(r"([A-Za-z-]+?)ing\b")


class Spoken(Protocol):
    """What is asked of a clause."""

    @property
    def head(self) -> Head: ...
    @property
    def before(self) -> str: ...
    @property
    def subject(self) -> str: ...
    @property
    def whole(self) -> str: ...


def judge(clause: Spoken, said: str, phrase: Phrase | None, pack: Pack) -> tuple[str, float]:
    """Kind of promise and score; `said` are the words after the head."""
    details = clause.head.details
    certain = phrase is not None and phrase.is_certain
    if phrase is not None and phrase.when.job:
        return "task_done", clause.head.score + WORK + WITH_A_TIME
    to_you = pack.giving("reader").search(said) is not None
    if details.get("needs_time") and not certain:
        return "", NEVER
    if details.get("needs_you_or_time") and not (to_you or phrase):
        return "", NEVER
    if details.get("inverted"):
        said = f"{clause.subject} {said.lstrip()}"
    # “I'll be in touch” and “I'll be in Houston” differ after the “be”.
    if clause.subject.endswith(" be") and not ING.match(said):
        said = f"be{said}"
    kind, weight = _what(clause, said.lstrip(" ,–—-"), pack)
    score = clause.head.score + weight + _reader(said, pack, to_you=to_you)
    if phrase is not None:
        score += WITH_A_TIME if certain else WITH_A_VAGUE_TIME
    if details.get("contact_only") and not (certain or kind in REACHING_KINDS):
        return "", NEVER
    about = _kind_of(clause.subject, pack, "subjects", anywhere=True)
    return about or kind or "task_done", round(score + _doubts(clause, said, pack), 3)


def _reader(said: str, pack: Pack, *, to_you: bool) -> float:
    if to_you:
        return TO_YOU
    return TO_YOURS if pack.giving("readers_own").search(said) else 0


def _what(clause: Spoken, said: str, pack: Pack) -> tuple[str, float]:
    """The kind that the words speak of, and what that adds to the score."""
    details = clause.head.details
    bare = _without_adverbs(said, pack)
    for name, group in GROUPS.items():
        if details.get(name):
            kind = _kind_of(bare, pack, group)
            return (kind, WORK) if kind else ("", NO_PROMISE)
    known = _verb(bare, pack)
    if pack.giving("states").match(bare) and not (known and bare.startswith("be ")):
        second = _second_verb(bare, pack, "joint")
        return (second, WORK) if second else ("", NO_PROMISE)
    if known:
        return _weighed(known, bare, pack)
    if details.get("progressive"):
        return "", NO_PROMISE
    second = _second_verb(bare, pack, "joint_or_aim")
    return (second, WORK) if second else ("", 0.0)


def _weighed(kind: str, bare: str, pack: Pack) -> tuple[str, float]:
    """“I'll look at it and get back to you” is about getting back."""
    if kind == "task_done" and (second := _second_verb(bare, pack, "joint")) in CONTACT_KINDS:
        kind = second
    return kind, CONTACT if kind in CONTACT_KINDS else WORK


def _verb(bare: str, pack: Pack) -> str:
    forms = (_kind_of(form, pack, "verbs") for form in (bare, *_base_forms(bare)))
    return next((kind for kind in forms if kind), "")


def _kind_of(said: str, pack: Pack, group: str, *, anywhere: bool = False) -> str:
    for kind, pattern in pack.kinds(group):
        if pattern.search(said) if anywhere else pattern.match(said):
            return kind
    return ""


def _base_forms(bare: str) -> tuple[str, ...]:
    """“sending a mail” as “send a mail”: the verbs that an -ing form may come from."""
    found = STEM.match(bare)
    if not found:
        return ()
    stem, rest = found[1], bare[found.end() :]
    doubled = (stem[:-1],) if len(stem) > 2 and stem[-1] == stem[-2] else ()
    return tuple(each + rest for each in (stem, stem + "e", *doubled))


def _second_verb(bare: str, pack: Pack, joint: str) -> str:
    for found in pack.giving(joint).finditer(bare):
        follows = _without_adverbs(bare[found.end() :], pack)
        if kind := _kind_of(follows, pack, "verbs"):
            return kind
    return ""


def _without_adverbs(said: str, pack: Pack) -> str:
    bare = said.lstrip(" ,–—-")
    while found := pack.giving("adverbs").match(bare):
        bare = bare[found.end() :].lstrip(" ,–—-")
    return bare


def _doubts(clause: Spoken, said: str, pack: Pack) -> float:
    """What makes it less likely: not, maybe, if, she said, a question, please first."""
    before = clause.before
    elsewhere = pack.giving("elsewhere")
    signs = (
        (NEGATED, pack.giving("negation").match(said.lstrip())),
        (DOUBTED, pack.giving("doubt").search(before[-25:])),
        (CONDITIONAL, pack.giving("condition").match(before.lstrip())),
        (REPORTED, elsewhere.search(before) or elsewhere.search(said)),
        (QUESTION, clause.whole.rstrip().endswith("?")),
        (ASKED_FIRST, pack.giving("asked_first").search(before)),
    )
    return sum(weight for weight, is_there in signs if is_there)
