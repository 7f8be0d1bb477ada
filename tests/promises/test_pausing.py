"""P9: work rests while we wait for the customer, with a question that they read; nothing else."""

from datetime import timedelta
from typing import Any

import pytest

from goodword import clock as business
from goodword.cases.models import Case, CustomerAct
from goodword.cases.waiting import ask_and_pause, dont_wait
from goodword.core.refusals import Refused
from goodword.core.time import clock, now
from goodword.promises.kinds import GIVEN_BY_HAND, MAY_PAUSE, State
from goodword.promises.models import Promise
from goodword.promises.pausing import lift, pause
from goodword.worker.tick import tick
from tests.cast import Desk, london


def work(desk: Desk, form: str = "within:240", kind: str = "task_done") -> Promise:
    desk.at("2026-11-19 10:00")
    case = desk.answered(promises=[{"kind": kind, "text": "The disk is new", "form": form}])
    return desk.promise(case, kind)


def fresh(promise: Promise) -> Promise:
    return Promise.objects.get(pk=promise.pk)


def paused(desk: Desk) -> Promise:
    promise = work(desk)
    ask_and_pause(promise, "Which disk do you want?", by=desk.priya)
    return fresh(promise)


def test_a_pause_stops_the_clock_and_the_due_stands(desk: Desk) -> None:
    promise = paused(desk)
    due = promise.due
    case = promise.case
    assert (case.question, case.move) == ("Which disk do you want?", "theirs")
    assert promise.shown_state(now()) == "paused"
    desk.at("2026-11-20 12:00")
    tick()
    assert fresh(promise).state == State.OPEN
    case.hear(desk.ellen, "The big one.")
    promise = fresh(promise)
    # Thursday 10:00 to 17:00 and Friday 09:00 to 12:00: ten open hours.
    (row,) = promise.pauses.all()
    assert (row.minutes, row.ended_by) == (600, "customer")
    assert promise.due == due == london("2026-11-19 14:00")
    assert promise.breaks_at == london("2026-11-20 16:00")
    assert case.entries.filter(kind="promise_resumed").get().facts["minutes"] == 600


def test_after_the_pause_the_tick_goes_by_the_later_instant(desk: Desk) -> None:
    promise = paused(desk)
    desk.at("2026-11-20 12:00")
    promise.case.hear(desk.ellen, "The big one.")
    clock.fix(london("2026-11-20 16:00"))
    tick()
    assert fresh(promise).state == State.OPEN
    desk.later(seconds=1)
    tick()
    assert fresh(promise).state == State.BROKEN


@pytest.mark.parametrize("kind", [kind for kind in GIVEN_BY_HAND if kind not in MAY_PAUSE])
def test_only_work_pauses(desk: Desk, kind: str) -> None:
    promise = work(desk, kind=kind)
    with pytest.raises(Refused, match="NEVER_PAUSES"):
        ask_and_pause(promise, "Which one?", by=desk.priya)
    assert fresh(promise).paused_at is None


def test_no_pause_without_a_question_or_by_anybody_but_us(desk: Desk) -> None:
    promise = work(desk)
    with pytest.raises(Refused, match="NO_QUESTION"):
        pause(promise, by=desk.priya)
    with pytest.raises(Refused, match="NO_QUESTION"):
        ask_and_pause(promise, "  ", by=desk.priya)
    for somebody in (desk.ellen, "system", None):
        with pytest.raises(Refused, match="MEMBERS_ONLY"):
            pause(promise, by=somebody)  # type: ignore[arg-type]
    with pytest.raises(Refused, match="NOT_YOUR_RIGHT"):
        pause(promise, by=desk.luz)


def test_no_pause_without_a_next_update_within_five_days(desk: Desk) -> None:
    promise = work(desk)
    promise.case.reply(by=desk.priya, text="Which?", then="wait", question="Which?")
    update = desk.promise(promise.case, "next_update")
    update.void("duplicate", by="system")
    Promise.objects.filter(case=promise.case, kind="next_update").exclude(pk=update.pk).update(
        due=now() + timedelta(days=30)
    )
    with pytest.raises(Refused, match="NO_NEXT_STEP"):
        pause(promise, by=desk.priya)


def test_what_is_past_its_time_is_broken_and_not_paused(desk: Desk) -> None:
    promise = work(desk)
    desk.at("2026-11-19 15:00")
    with pytest.raises(Refused, match="ALREADY_DUE"):
        ask_and_pause(promise, "Which one?", by=desk.priya)


def test_dont_wait_lifts_it_in_one_click_and_only_theirs_does(desk: Desk) -> None:
    promise = paused(desk)
    case = promise.case
    with pytest.raises(Refused, match="CUSTOMER_ONLY"):
        dont_wait(case, desk.priya)  # type: ignore[arg-type]
    other = desk.heard(desk.daniel)
    with pytest.raises(Refused, match="CUSTOMER_ONLY"):
        dont_wait(case, CustomerAct.on_page(desk.link(other)))
    desk.at("2026-11-19 11:00")
    act = CustomerAct.on_page(desk.link(case))
    assert dont_wait(case, act) and not dont_wait(Case.objects.get(pk=case.pk), act)
    promise, case = fresh(promise), Case.objects.get(pk=case.pk)
    assert (promise.paused_at, promise.breaks_at) == (None, london("2026-11-19 15:00"))
    assert (case.waiting_since, case.move) == (None, "ours")


def test_a_broken_update_ends_the_pause_and_so_does_our_next_word(desk: Desk) -> None:
    promise = paused(desk)
    desk.at("2026-11-30 09:00")
    tick()
    assert fresh(promise).paused_at is None
    assert promise.pauses.get().ended_by == "system"
    again = work(desk)
    ask_and_pause(again, "Which one?", by=desk.priya)
    desk.at("2026-11-19 12:00")
    Case.objects.get(pk=again.case_id).reply(by=desk.dele, text="Never mind.", then="promise")
    assert fresh(again).breaks_at == london("2026-11-19 16:00")


def test_a_call_that_keeps_the_update_gives_the_next_one(desk: Desk) -> None:
    promise = paused(desk)
    desk.at("2026-11-23 12:00")
    case = Case.objects.get(pk=promise.case_id)
    case.log_call("Still waiting for the disk.", by=desk.priya, answers=True)
    assert fresh(promise).paused_at is not None
    assert case.promises.open().filter(kind="next_update").count() == 1


@pytest.mark.parametrize("ends", ["keep", "release", "void", "move"])
def test_whatever_ends_it_ends_the_pause(desk: Desk, ends: str) -> None:
    promise = paused(desk)
    desk.at("2026-11-20 12:00")
    verbs: dict[str, Any] = {
        "keep": lambda: promise.keep(by=desk.priya, evidence="Swapped it."),
        "release": lambda: promise.release(by=desk.ellen),
        "void": lambda: promise.void("duplicate", by="system"),
        "move": lambda: promise.move(
            london("2026-11-24 10:00"), by=desk.ellen, agreed_with=desk.priya, reason="Later"
        ),
    }
    verbs[ends]()
    ended = fresh(promise)
    assert (ended.paused_at, ended.pauses.filter(ended_at=None).count()) == (None, 0)
    assert ended.state in ("kept", "released", "void", "moved")


def test_what_was_broken_before_cannot_be_lifted_twice(desk: Desk) -> None:
    promise = paused(desk)
    assert pause(promise, by=desk.priya) is False
    assert lift(promise, by=desk.priya) and not lift(promise, by=desk.priya)


def test_pauses_add_up_in_open_time_alone(desk: Desk) -> None:
    promise = work(desk, "within:480")
    for day in ("19", "20"):
        desk.at(f"2026-11-{day} 12:00")
        ask_and_pause(fresh(promise), f"Which on the {day}th?", by=desk.priya)
        desk.at(f"2026-11-{day} 14:00")
        Case.objects.get(pk=promise.case_id).hear(desk.ellen, "This one.")
    promise = fresh(promise)
    hours = promise.schedule.hours
    assert business.between(promise.due, promise.breaks_at, hours) == timedelta(hours=4)
    assert [row.minutes for row in promise.pauses.all()] == [120, 120]
