"""Every verb there is, tried against the rules that no verb may break (R02, R31, R74).

A verb that is added must be classified here, or the first test fails.
"""

import inspect
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import models, transaction

import goodword
from goodword.cases.models import Case, CustomerAct, Message, OutgoingMessage, Verdict
from goodword.cases.models.case import CaseQuerySet
from goodword.cases.states import Move, State
from goodword.core.refusals import Refused
from goodword.core.time import now
from goodword.promises.models import MoveRequest, Promise
from tests.cast import Desk

# What asks and changes nothing that a customer would notice.
READS = {
    Case: {"get_absolute_url", "schedule_in_force", "policy", "locked", "held", "held_together",
           "has_made", "write", "reckon", "seen",
           "newest_message_id", "last_words", "open_clocks", "must_stand", "survivor", "family"},
    Promise: {"digest", "is_at_risk", "risk_from", "time_left", "time_in_all", "overrun",
              "shown_state", "must_be_theirs"},
}  # fmt: skip
OPENS = {"open", "begun", "hear", "make"}
ANSWERS = {"reply", "log_call"}
PUTS_ASIDE = {"rest", "set_aside"}
THE_CUSTOMERS = {"settle", "withdraw", "not_yet"}
Try = Callable[[Desk, Case], Any]


def sent(case: Case) -> Message:
    return case.messages.get(direction="out")


def _merged_into(desk: Desk, case: Case) -> Case:
    other = desk.heard(text="The same once more.")
    other.merge_into(case, by=desk.priya)
    return Case.objects.get(pk=other.pk)


def first(case: Case) -> Promise:
    return case.promises.order_by("id")[0]


# Everything else: tried on an unanswered customer, it leaves the case ours to move.
CASE_VERBS: dict[str, Try] = {
    "take": lambda desk, case: case.take(by=desk.dele),
    "offer_to": lambda desk, case: case.offer_to(desk.dele, by=desk.priya),
    "accept": lambda desk, case: case.accept(by=desk.dele),
    "decline": lambda desk, case: case.decline(by=desk.dele),
    "give_to_team": lambda desk, case: case.give_to_team(desk.offices, by=desk.priya),
    "fall_to": lambda desk, case: case.fall_to(desk.marta, by=desk.jonas),
    "note": lambda desk, case: case.note("Looks like the switch.", by=desk.priya),
    "take_back": lambda desk, case: case.take_back(sent(case), by=desk.priya),
    "wake": lambda desk, case: case.wake(by=desk.priya),
    "bring_back": lambda desk, case: case.bring_back(by=desk.priya),
    "ask": lambda desk, case: case.ask(by=desk.priya, message=sent(case)),
    "open_check_in": lambda desk, case: case.open_check_in(),
    "check_in": lambda desk, case: case.check_in(),
    "reopen": lambda desk, case: case.reopen(by=desk.priya),
    "resume_after_verdict": lambda desk, case: case.resume_after_verdict(),
    "undo_message": lambda desk, case: case.undo_message(sent(case), why="bounced"),
    "redo_message": lambda desk, case: case.redo_message(sent(case), by=desk.priya),
    "let_in": lambda desk, case: case.let_in(desk.daniel, by=desk.priya),
    "part_from": lambda desk, case: case.part_from(desk.daniel, by=desk.priya),
    "shut_out": lambda desk, case: case.shut_out(desk.daniel, by=desk.priya),
    "tag": lambda desk, case: case.tag("Outage", by=desk.priya),
    "untag": lambda desk, case: case.untag(case.tag("Outage", by=desk.priya), by=desk.priya),
    "watch": lambda desk, case: case.watch(desk.ines, by=desk.priya),
    "unwatch": lambda desk, case: case.unwatch(desk.ines, by=desk.priya),
    "snooze": lambda desk, case: case.snooze(
        desk.later() + timedelta(hours=1), by=desk.marta, beyond=True
    ),
    "unsnooze": lambda desk, case: case.unsnooze(by=desk.priya),
    # The other way round nothing is left of it to be looked at: tests/cases/test_merging.py
    "split": lambda desk, case: case.split([desk.last(case).pk], by=desk.priya),
    "unsplit": lambda desk, case: case.unsplit(by=desk.priya),
    "merge_into": lambda desk, case: desk.heard().merge_into(case, by=desk.priya),
    "unmerge": lambda desk, case: _merged_into(desk, case).unmerge(by=desk.priya),
}
PROMISE_VERBS: dict[str, Try] = {
    "keep": lambda desk, case: first(case).keep(by=desk.priya, evidence="I told them."),
    "mark_broken": lambda desk, case: first(case).mark_broken(now()),
    "undo_keeping": lambda desk, case: first(case).undo_keeping(by="system", why="bounced"),
    "move": lambda desk, case: first(case).move(
        desk.at("2026-11-19 16:50"), by=case.customer, agreed_with=desk.priya, reason=""
    ),
    "ask_to_move": lambda desk, case: first(case).ask_to_move(
        desk.at("2026-11-19 16:50"), by=desk.priya, reason="Parts"
    ),
    "release": lambda desk, case: first(case).release(by=case.customer),
    "void": lambda desk, case: first(case).void("duplicate", by="system"),
    "hand_to": lambda desk, case: first(case).hand_to(desk.dele, by=desk.priya),
    "forewarn": lambda desk, case: first(case).forewarn(sent(case), by=desk.priya),
    "forgive": lambda desk, case: first(case).forgive(by=case.customer),
    "hold_to": lambda desk, case: first(case).hold_to(by=case.customer),
    "offer_to": lambda desk, case: first(case).offer_to(desk.dele, by=desk.priya),
    "accept": lambda desk, case: first(case).accept(by=desk.dele),
    "decline_offer": lambda desk, case: first(case).decline_offer(by=desk.dele),
    "stand_again": lambda desk, case: first(case).stand_again(by=desk.priya),
}
VERBS = CASE_VERBS | {f"a promise, {name}": verb for name, verb in PROMISE_VERBS.items()}


def verbs_of(model: type[models.Model]) -> set[str]:
    """The public methods that the class itself defines."""
    return {
        name
        for name, value in vars(model).items()
        if not name.startswith("_")
        and (inspect.isfunction(value) or isinstance(value, classmethod | staticmethod))
        and not getattr(models.Model, name, None)
        and not name.startswith(("get_next_by_", "get_previous_by_"))
        and not re.fullmatch(r"get_\w+_display", name)
    }


def unanswered(desk: Desk) -> Case:
    """Answered once, with a stranger let wait, and unanswered again since."""
    case = desk.answered()
    case.hear(desk.daniel, "Me too", is_confirmed=False)
    case.hear(desk.ellen, "And now?")
    return Case.objects.get(pk=case.pk)


def test_every_verb_is_classified() -> None:
    known = READS[Case] | OPENS | ANSWERS | PUTS_ASIDE | THE_CUSTOMERS | set(CASE_VERBS)
    assert verbs_of(Case) - known == set()
    assert verbs_of(Promise) - READS[Promise] - OPENS - set(PROMISE_VERBS) == set()
    assert verbs_of(CaseQuerySet) <= {
        "ours",
        "unanswered",
        "nobody_has",
        "by_urgency",
        "with_people",
        "snoozed",
        "awake",
        "tagged",
        "watched_by",
    }


@pytest.mark.parametrize("verb", VERBS)
def test_no_other_verb_takes_an_unanswered_customer_out_of_ours(desk: Desk, verb: str) -> None:
    case = unanswered(desk)
    since = case.unanswered_since
    try:
        with transaction.atomic():
            VERBS[verb](desk, case)
    except Refused:
        pass
    case = Case.objects.get(pk=case.pk)
    assert (case.move, case.rested_at, case.set_aside_at) == (Move.OURS, None, None)
    assert case.unanswered_since is not None and since is not None
    assert case.unanswered_since <= since


@pytest.mark.parametrize("verb", ["rest", "set_aside"])
def test_needs_no_answer_and_not_a_customer_do_and_say_so(desk: Desk, verb: str) -> None:
    case = unanswered(desk)
    case.rest(by=desk.priya) if verb == "rest" else case.set_aside("spam", by=desk.priya)
    case.refresh_from_db()
    assert case.unanswered_since is None
    kind, reason = {
        "rest": ("rested", "no_answer_needed"), "set_aside": ("set_aside", "not_a_customer"),
    }[verb]  # fmt: skip
    assert case.entries.filter(kind=kind, member=desk.priya).count() == 1
    assert set(case.promises.filter(state="void").values_list("reason", flat=True)) == {reason}


def test_an_unanswered_customer_cannot_be_asked_whether_it_is_settled(desk: Desk) -> None:
    case = unanswered(desk)
    with pytest.raises(Refused, match="unanswered_customer"):
        case.ask(by=desk.priya, message=sent(case))


def pretenders(desk: Desk, case: Case) -> list[Any]:
    """Whatever might pretend to be an act of the customer."""
    other = desk.heard(desk.daniel)
    return [
        desk.priya, desk.jonas, desk.olu, "system", "clock", None, True, case.customer,
        desk.link(case), CustomerAct(case.customer), CustomerAct(desk.daniel),
        CustomerAct(case.customer, link=desk.link(other)),
        CustomerAct(case.customer, link=desk.link(other, case.customer)),
        CustomerAct(case.customer, message=sent(case), marked_by=desk.priya),
        CustomerAct.on_page(desk.link(other)),
        CustomerAct(desk.daniel, link=desk.link(case, desk.daniel)),
    ]  # fmt: skip


@pytest.mark.parametrize("number", range(16))
@pytest.mark.parametrize("verb", ["settle", "not_yet", "withdraw"])
def test_nobody_but_the_customer_settles_or_withdraws(desk: Desk, verb: str, number: int) -> None:
    case = unanswered(desk)
    pretender = pretenders(desk, case)[number]
    with pytest.raises(Refused, match="CUSTOMER_ONLY") as refused:
        getattr(case, verb)(pretender, words="All is well")
    assert refused.value.status == 403
    assert Case.objects.get(pk=case.pk).state == State.IN_PROGRESS
    assert not Verdict.objects.exists()


@pytest.mark.parametrize("verb", VERBS)
def test_no_verb_of_ours_leads_to_settled(desk: Desk, verb: str) -> None:
    case = desk.asked()
    try:
        with transaction.atomic():
            VERBS[verb](desk, case)
    except Refused:
        pass
    assert Case.objects.get(pk=case.pk).state != State.SETTLED


def test_settled_is_written_in_one_place() -> None:
    source = Path(goodword.__file__).parent
    written = [
        line.strip()
        for path in source.rglob("*.py")
        for line in path.read_text().splitlines()
        if re.search(r"(?:state\"?\s*[:=]\s*|_end\()(?:State\.SETTLED|[\"']settled[\"'])", line)
        and "==" not in line
        and "filter(" not in line
    ]
    assert written == ["case._end(State.SETTLED)"]


def test_a_promise_is_broken_by_the_tick_and_by_nothing_else() -> None:
    source = Path(goodword.__file__).parent
    calls = [p.name for p in source.rglob("*.py") if re.search(r"\.mark_broken\(", p.read_text())]
    assert calls == ["tick.py"]


def _other(desk: Desk) -> Case:
    theirs = Case.objects.filter(title="The same once more.").first()
    return theirs or desk.heard(text="The same once more.")


TWICE: dict[str, tuple[str, Try]] = {
    "take": ("taken", lambda desk, case: case.take(by=desk.dele)),
    "offer_to": ("handing_over", lambda desk, case: case.offer_to(desk.dele, by=desk.priya)),
    "give_to_team": ("team_changed", lambda desk, case: case.give_to_team(
        desk.offices, by=desk.priya)),
    "fall_to": ("handed_over", lambda desk, case: case.fall_to(desk.marta, by=desk.jonas)),
    "rest": ("rested", lambda desk, case: case.rest(by=desk.priya)),
    "set_aside": ("set_aside", lambda desk, case: case.set_aside("spam", by=desk.priya)),
    "let_in": ("sender_let_in", lambda desk, case: case.let_in(desk.daniel, by=desk.priya)),
    "merge_into": ("merged", lambda desk, case: case.merge_into(_other(desk), by=desk.priya)),
    "part_from": ("sender_parted", lambda desk, case: case.part_from(desk.daniel, by=desk.priya)),
    "settle": ("settled", lambda desk, case: case.settle(CustomerAct.on_page(desk.link(case)))),
    "not_yet": ("not_yet", lambda desk, case: case.not_yet(
        CustomerAct.on_page(desk.link(case)), words="The hall is dark.")),
    "withdraw": ("withdrawn", lambda desk, case: case.withdraw(
        CustomerAct.on_page(desk.link(case)))),
    "reply": ("sent", lambda desk, case: case.reply(
        by=desk.priya, text="Done.", then="promise", seen=Message.objects.filter(
            direction="in").order_by("-id")[0].pk)),
    "keep": ("promise_kept", lambda desk, case: case.promises.get(kind="callback").keep(
        by=desk.priya, evidence="Rang at four, she is happy.")),
    "release": ("promise_released", lambda desk, case: first(case).release(by=case.customer)),
    "void": ("promise_voided", lambda desk, case: case.promises.get(kind="callback").void(
        "duplicate", by="system")),
    "hand_to": ("promise_handed", lambda desk, case: first(case).hand_to(desk.dele, by=desk.priya)),
    "forewarn": ("forewarned", lambda desk, case: case.promises.get(
        kind="callback").forewarn(sent(case), by=desk.priya)),
    "tag": ("tagged", lambda desk, case: case.tag("Outage", by=desk.priya)),
    "watch": ("watched", lambda desk, case: case.watch(desk.ines, by=desk.priya)),
    "bounce": ("bounced", lambda desk, case: OutgoingMessage.objects.get().note_bounced(
        "550", hard=True)),
}  # fmt: skip


@pytest.mark.parametrize("verb", [*TWICE])
def test_every_verb_called_twice_leaves_one_entry(desk: Desk, verb: str) -> None:
    case = desk.heard() if verb in ("take", "release") else unanswered(desk)
    kind, act = TWICE[verb]
    before = case.entries.filter(kind=kind).count()
    act(desk, Case.objects.get(pk=case.pk))
    try:
        with transaction.atomic():
            act(desk, Case.objects.get(pk=case.pk))
    except Refused:
        pass
    assert case.entries.filter(kind=kind).count() - before == 1


def test_asking_to_move_twice_leaves_one_request_that_is_open(desk: Desk) -> None:
    promise = desk.promise(desk.answered(), "callback")
    to = desk.business.schedule.hours and now().replace(hour=20)
    MoveRequest.ask(promise, to, by=desk.priya, reason="Parts")
    MoveRequest.ask(promise, to, by=desk.priya, reason="Parts")
    assert MoveRequest.objects.filter(promise=promise, state="asked").count() == 1
