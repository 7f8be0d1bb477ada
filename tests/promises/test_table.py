"""The table of domain.md, “Promise”, tried out: every state, every transition, every actor.

A cell is what the table allows, or a refusal with a stable code that changes nothing.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction

import goodword
from goodword.cases.models import Case, CustomerAct
from goodword.cases.waiting import dont_wait
from goodword.core.refusals import Refused
from goodword.promises.disputing import dispute
from goodword.promises.models import MoveRequest, Promise
from goodword.promises.pausing import pause
from goodword.worker.tick import tick
from tests.cast import Desk, london

US = frozenset({"owner", "agent", "lead", "leader"})
THEM = frozenset({"customer"})
MACHINES = frozenset({"clock", "system"})
RUNS = frozenset({"open", "forewarned", "paused"})
OWED = RUNS | {"broken"}
LATER = "2026-11-25 10:00"


def people(desk: Desk) -> dict[str, Any]:
    return {
        "owner": desk.priya, "agent": desk.dele, "lead": desk.marta, "leader": desk.jonas,
        "light": desk.luz, "customer": desk.ellen, "other_customer": desk.daniel,
        "clock": "clock", "system": "system",
    }  # fmt: skip


# States


def an_open_one(desk: Desk) -> Promise:
    desk.at("2026-11-19 10:00")
    word = {"kind": "task_done", "text": "The disk is new", "form": "within:240"}
    case = desk.heard()
    case.reply(by=desk.priya, text="Which?", then="wait", question="Which?", promises=[word])
    return desk.promise(case, "task_done")


def forewarned(desk: Desk) -> Promise:
    promise = an_open_one(desk)
    promise.forewarn(promise.case.messages.get(direction="out"), by=desk.priya)
    return promise


def paused(desk: Desk) -> Promise:
    promise = an_open_one(desk)
    pause(promise, by=desk.priya)
    return promise


def kept(desk: Desk) -> Promise:
    promise = an_open_one(desk)
    promise.keep(by=desk.priya, evidence="Swapped it.")
    return promise


def broken(desk: Desk) -> Promise:
    promise = an_open_one(desk)
    desk.at("2026-11-19 15:00")
    tick()
    return promise


def kept_late(desk: Desk) -> Promise:
    promise = broken(desk)
    promise.keep(by=desk.priya, evidence="Swapped it.")
    return promise


def moved(desk: Desk) -> Promise:
    promise = an_open_one(desk)
    promise.move(london(LATER), by=desk.ellen, agreed_with=desk.priya, reason="Parts")
    return promise


def released(desk: Desk) -> Promise:
    promise = an_open_one(desk)
    promise.release(by=desk.ellen)
    return promise


def void(desk: Desk) -> Promise:
    promise = an_open_one(desk)
    promise.void("duplicate", by="system")
    return promise


STATES: dict[str, Callable[[Desk], Promise]] = {
    "open": an_open_one, "forewarned": forewarned, "paused": paused, "kept": kept,
    "broken": broken, "kept_late": kept_late, "moved": moved, "released": released, "void": void,
}  # fmt: skip


# Transitions


@dataclass(frozen=True)
class Way:
    """Who may, from where, what it leads to, and with which codes everything else is refused."""

    act: Callable[[Promise, Any, Desk], Any]
    who: frozenset[str]
    states: frozenset[str]
    codes: frozenset[str]
    leads_to: dict[str, str]


def way(
    act: Callable[[Promise, Any, Desk], Any], who: frozenset[str], states: frozenset[str],
    *codes: str, to: str | dict[str, str] = "",
) -> Way:  # fmt: skip
    leads = dict.fromkeys(states, to) if isinstance(to, str) else to
    return Way(act, who, states, frozenset(codes), leads)


def said(promise: Promise) -> Any:
    return Case.objects.get(pk=promise.case_id).messages.filter(direction="out").first()


def _dont_wait(promise: Promise, by: Any, desk: Desk) -> Any:
    if by not in (desk.ellen, desk.daniel):
        return dont_wait(promise.case, by)
    return dont_wait(promise.case, CustomerAct(by, link=desk.link(promise.case, by)))


KEPT = {"open": "kept", "forewarned": "kept", "paused": "kept", "broken": "kept_late"}
WAYS: dict[str, Way] = {
    "keep (P2, P4)": way(
        lambda p, by, desk: p.keep(by=by, evidence="Swapped it."),
        US, OWED, "NOT_YOUR_RIGHT", "MEMBERS_ONLY", to=KEPT,
    ),
    "break (P3)": way(
        lambda p, by, desk: p.mark_broken(london("2026-11-19 09:00")), frozenset(), frozenset(),
    ),
    "ask to move": way(
        lambda p, by, desk: MoveRequest.ask(p, london(LATER), by=by, reason="Parts"),
        US | THEM, RUNS, "NOT_YOUR_RIGHT", "CUSTOMER_ONLY", "ALREADY_DUE", to="open",
    ),
    "move (P5)": way(
        lambda p, by, desk: p.move(london(LATER), by=by, agreed_with=desk.priya, reason="Parts"),
        THEM, RUNS, "NOT_CONSENTED", "ALREADY_DUE", to="moved",
    ),
    "agree for them (P5)": way(
        lambda p, by, desk: p.move(london(LATER), by=desk.ellen, agreed_with=by, reason="Parts")
        if by == desk.luz
        else MoveRequest.ask(p, london(LATER), by=desk.priya, reason="Parts").agree(by=by),
        THEM, RUNS, "NOT_CONSENTED", "NOT_YOUR_RIGHT", "ALREADY_DUE", to="moved",
    ),
    "forewarn (P6)": way(
        lambda p, by, desk: p.forewarn(said(p), by=by),
        US, RUNS - {"forewarned"}, "NOT_YOUR_RIGHT", "NO_TEXT", to="open",
    ),
    "hold us to it (P6)": way(
        lambda p, by, desk: p.hold_to(by=by),
        THEM, frozenset({"forewarned"}), "CUSTOMER_ONLY", to="open",
    ),
    "release (P7)": way(
        lambda p, by, desk: p.release(by=by), THEM, OWED, "CUSTOMER_ONLY", to="released",
    ),
    "forgive (P8)": way(
        lambda p, by, desk: p.forgive(by=by), THEM, frozenset({"broken", "kept_late"}),
        "CUSTOMER_ONLY", to={"broken": "broken", "kept_late": "kept_late"},
    ),
    "pause (P9)": way(
        lambda p, by, desk: pause(p, by=by), US, frozenset({"open", "forewarned"}),
        "MEMBERS_ONLY", "NOT_YOUR_RIGHT", "ALREADY_DUE", to="open",
    ),
    "don’t wait (P9)": way(
        _dont_wait, THEM, frozenset(STATES), "CUSTOMER_ONLY",
        to={"open": "open", "forewarned": "open", "paused": "open", "kept": "kept",
            "broken": "broken", "kept_late": "kept_late", "moved": "moved",
            "released": "released", "void": "void"},
    ),
    "ask a colleague (P10)": way(
        lambda p, by, desk: p.offer_to(desk.tom, by=by),
        US, OWED, "NOT_YOUR_RIGHT", "MEMBERS_ONLY", "ENDED",
        to={"open": "open", "forewarned": "open", "paused": "open", "broken": "broken"},
    ),
    "accept, unasked (P10)": way(
        lambda p, by, desk: p.accept(by=by), frozenset(), frozenset(), "NOT_OFFERED",
    ),
    "undo what kept it (P11)": way(
        lambda p, by, desk: p.undo_keeping(by=by, why="bounced"),
        MACHINES | THEM, frozenset({"kept", "kept_late"}), "CUSTOMER_ONLY",
        to={"kept": "open", "kept_late": "broken"},
    ),
    "it has not happened (P11)": way(
        lambda p, by, desk: dispute(p, by=by), THEM, frozenset({"kept", "kept_late"}),
        "CUSTOMER_ONLY", "NOT_KEPT", to={"kept": "open", "kept_late": "broken"},
    ),
}  # fmt: skip


def rows(promise: Promise) -> tuple[Any, int]:
    found = Promise.objects.filter(pk=promise.pk).values().get()
    return found, Case.objects.get(pk=promise.case_id).entries.count()


def cells(desk: Desk) -> Iterator[tuple[str, str, Any]]:
    return ((name, actor, by) for name in WAYS for actor, by in people(desk).items())


@pytest.mark.parametrize("state", STATES)
def test_every_act_of_everybody_is_allowed_or_refused_and_nothing_between(
    desk: Desk, state: str
) -> None:
    made = STATES[state](desk)
    before = rows(made)
    wrong: list[str] = []
    for name, actor, by in cells(desk):
        sid = transaction.savepoint()
        wrong += _tried(desk, Promise.objects.get(pk=made.pk), state, name, actor, by, before)
        transaction.savepoint_rollback(sid)
    assert wrong == []


def _tried(
    desk: Desk, promise: Promise, state: str, name: str, actor: str, by: Any, before: Any
) -> list[str]:
    tried, cell = WAYS[name], f"{state}, {name}, {actor}"
    may = actor in tried.who and state in tried.states
    try:
        with transaction.atomic():
            done = tried.act(promise, by, desk)
    except Refused as refused:
        if may:
            return [f"{cell}: refused, {refused.code}"]
        if refused.code not in tried.codes or not 400 <= refused.status < 500:
            return [f"{cell}: refused with {refused.code} ({refused.status})"]
        return [] if rows(promise) == before else [f"{cell}: refused, and something changed"]
    if not may:
        return [] if not done and rows(promise) == before else [f"{cell}: done"]
    after = Promise.objects.get(pk=promise.pk)
    if (after.state, after.due) != (tried.leads_to[state], before[0]["due"]):
        return [f"{cell}: leads to {after.state}"]
    return [] if rows(promise)[1] > before[1] else [f"{cell}: leaves no entry"]


NO_SCREEN_DOES = ("mark_broken", "undo_keeping", "void", "hand_to", "stand_again")


@pytest.mark.parametrize("verb", NO_SCREEN_DOES)
def test_no_screen_reaches_what_only_time_or_another_act_does(verb: str) -> None:
    source = Path(goodword.__file__).parent
    views = [*source.glob("desk/**/*.py"), *source.glob("portal/**/*.py")]
    assert not [path.name for path in views if re.search(rf"\.{verb}\(", path.read_text())]
