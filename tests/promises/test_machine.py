"""The promise machine, P1 to P12 of domain.md, and that nobody stands outside the clock."""

from datetime import timedelta
from typing import Any

import pytest

from goodword.cases.models import Case
from goodword.core.refusals import Refused
from goodword.core.time import clock, now
from goodword.promises.kinds import State
from goodword.promises.models import MoveRequest, Promise
from goodword.staff.models import Member, Role
from goodword.staff.rights import BUILT_IN, Right
from goodword.worker.tick import tick
from tests.cast import Desk, london, member


def callback(desk: Desk, form: str = "within:240") -> Promise:
    case = desk.answered(promises=[{"kind": "callback", "text": "I call you", "form": form}])
    return desk.promise(case, "callback")


def state(promise: Promise) -> str:
    promise.refresh_from_db()
    return promise.state


# P1


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"text": " ", "form": "within:60"}, "NO_TEXT"),
        ({"text": "I call", "form": "soon"}, "NO_TIME"),
        ({"text": "I call", "form": ""}, "NO_TIME"),
        ({"text": "I call", "due": london("2026-11-19 16:00")}, "NO_TIME"),
        ({"text": "I call", "kind": "acknowledge", "form": "within:60"}, "NO_KIND"),
        ({"text": "I call", "kind": "reply", "form": "within:60"}, "NO_KIND"),
    ],
)
def test_a_promise_without_words_a_time_or_a_kind_is_refused(
    desk: Desk, given: dict[str, Any], code: str
) -> None:
    case = desk.heard()
    before = case.promises.count()
    with pytest.raises(Refused, match=code):
        Promise.make(case, by=desk.priya, **{"kind": "callback", **given})
    assert case.promises.count() == before


@pytest.mark.parametrize("role", [role for role in BUILT_IN if Right.OWN in BUILT_IN[role].rights])
def test_the_same_message_is_due_at_the_same_time_whatever_the_role(desk: Desk, role: str) -> None:
    person = member(f"Any {role.title()}", role)
    desk.support.members.add(person)
    desk.support.put_on_duty(person, by=desk.marta)
    case = desk.heard()
    assert case.owner == person
    assert desk.promise(case, "acknowledge").due == london("2026-11-19 17:00")
    assert desk.promise(case, "reply").due == london("2026-11-20 17:00")
    desk.at("2026-11-23 09:00")
    tick()
    assert set(case.promises.values_list("state", flat=True)) == {"broken"}


def test_nothing_in_the_schema_exempts_anybody() -> None:
    words = ("exempt", "excus", "ignore", "skip", "mute", "unclocked", "no_clock", "vip")
    for model in (Member, Promise, Case):
        names = [field.name for field in model._meta.get_fields()]
        assert not [name for name in names if any(word in name for word in words)]


# P2, P3, P4


def test_kept_on_time_late_or_late_before_the_tick_saw_it(desk: Desk) -> None:
    on_time = callback(desk)
    assert on_time.keep(by=desk.priya, evidence="Rang at 16:40, she is happy.")
    assert (state(on_time), on_time.broken_at) == (State.KEPT, None)
    late, unseen = callback(desk), callback(desk)
    desk.at("2026-11-23 10:00")
    tick()
    assert state(late) == State.BROKEN
    late.keep(by=desk.priya, evidence="Rang on Monday.")
    assert (state(late), late.kept_at) == (State.KEPT_LATE, now())
    unseen = callback(desk, "within:30")
    desk.later(hours=2)
    unseen.keep(by=desk.priya, evidence="Rang an hour late.")
    assert (state(unseen), unseen.broken_at) == (State.KEPT_LATE, unseen.due)


def test_keeping_by_hand_asks_for_the_evidence(desk: Desk) -> None:
    promise = callback(desk)
    with pytest.raises(Refused, match="NO_EVIDENCE"):
        promise.keep(by=desk.priya, evidence="  ")
    assert state(promise) == State.OPEN


@pytest.mark.parametrize("kind", ["acknowledge", "reply"])
def test_only_an_answer_keeps_the_clocks_of_a_message(desk: Desk, kind: str) -> None:
    case = desk.heard()
    with pytest.raises(Refused, match="NO_EVIDENCE"):
        desk.promise(case, kind).keep(by=desk.priya, evidence="I waved at her.")
    case.note("I waved at her.", by=desk.priya)
    assert desk.promise(case, kind).state == State.OPEN


def test_a_promise_is_not_broken_at_its_due_and_is_a_moment_later(desk: Desk) -> None:
    promise = callback(desk, "within:30")
    clock.fix(promise.due)
    assert tick()["broken"] == 0 and state(promise) == State.OPEN
    desk.later(seconds=1)
    assert tick()["broken"] == 1 and state(promise) == State.BROKEN
    assert tick()["broken"] == 0
    assert promise.case.entries.filter(kind="promise_broken", actor="clock").count() == 1


def test_keeping_the_last_promise_leaves_the_next_step_and_never_the_dark(desk: Desk) -> None:
    promise = callback(desk)
    promise.keep(by=desk.priya, evidence="Rang at 16:40, she is happy.")
    case = Case.objects.get(pk=promise.case_id)
    (left,) = case.promises.open()
    assert (left.kind, left.due) == ("next_update", london("2026-11-20 17:00"))
    assert (case.move, case.next_due) == ("ours", left.due)


# P5


def test_a_move_ends_the_promise_and_opens_its_successor(desk: Desk) -> None:
    promise = callback(desk)
    to = london("2026-11-24 11:00")
    new = MoveRequest.ask(promise, to, by=desk.priya, reason="The part is late").agree(
        by=desk.ellen
    )
    assert (state(promise), promise.due) == (State.MOVED, new.original_due)
    assert (new.due, new.moves, new.moved_from, new.made_by) == (to, 1, promise, desk.priya)
    assert Case.objects.get().next_due == to
    with pytest.raises(Refused, match="ALREADY_DUE"):
        promise.move(to, by=desk.ellen, agreed_with=desk.priya, reason="Again")


def test_a_move_needs_the_yes_of_the_customer_to_whom_it_was_promised(desk: Desk) -> None:
    promise = callback(desk)
    to = london("2026-11-24 11:00")
    request = MoveRequest.ask(promise, to, by=desk.priya, reason="Parts")
    for somebody in (desk.priya, desk.jonas, desk.daniel):
        with pytest.raises(Refused, match="NOT_CONSENTED") as refused:
            request.agree(by=somebody)
        assert refused.value.status == 403
    with pytest.raises(Refused, match="NOT_CONSENTED"):
        promise.move(to, by=desk.priya, agreed_with=desk.jonas, reason="")  # type: ignore[arg-type]
    with pytest.raises(Refused, match="CUSTOMER_ONLY"):
        MoveRequest.ask(promise, to, by=desk.daniel)
    with pytest.raises(Refused, match="CUSTOMER_ONLY"):
        request.decline(by=desk.daniel)
    assert state(promise) == State.OPEN


def test_a_third_move_needs_a_leader_and_the_customer_may_still_ask(desk: Desk) -> None:
    promise = callback(desk)
    for day in ("23", "24"):
        promise = promise.move(
            london(f"2026-11-{day} 11:00"), by=desk.ellen, agreed_with=desk.priya, reason=""
        )
    to = london("2026-11-26 11:00")
    with pytest.raises(Refused, match="MOVED_TWICE"):
        MoveRequest.ask(promise, to, by=desk.priya, reason="Parts")
    request = MoveRequest.ask(promise, to, by=desk.ellen, reason="I am away")
    with pytest.raises(Refused, match="MOVED_TWICE"):
        request.agree(by=desk.marta)
    assert request.agree(by=desk.jonas).moves == 3


def test_a_move_after_its_due_is_refused_and_an_old_request_is_too_late(desk: Desk) -> None:
    promise = callback(desk, "within:30")
    request = MoveRequest.ask(promise, london("2026-11-24 11:00"), by=desk.priya, reason="Parts")
    desk.at("2026-11-20 12:00")
    with pytest.raises(Refused, match="ALREADY_DUE"):
        request.agree(by=desk.ellen)
    tick()
    request.refresh_from_db()
    assert (request.state, state(promise)) == ("too_late", State.BROKEN)
    with pytest.raises(Refused, match="ALREADY_DUE"):
        MoveRequest.ask(promise, london("2026-11-24 11:00"), by=desk.ellen)


def test_a_moved_next_update_is_still_the_word_of_whoever_gave_it(desk: Desk) -> None:
    case = desk.heard()
    case.reply(by=desk.priya, text="I have it.", then="promise", first_word=True)
    promise = desk.promise(case, "next_update")
    promise.move(london("2026-11-24 11:00"), by=desk.ellen, agreed_with=desk.priya, reason="")
    assert desk.promise(case, "next_update").made_by == desk.priya


# P6, P7, P10, P11, P12


def test_a_forewarned_promise_still_breaks(desk: Desk) -> None:
    promise = callback(desk, "within:30")
    told = promise.case.log_call("It gets late.", by=desk.priya, answers=False)
    assert promise.forewarn(told, by=desk.priya) and not promise.forewarn(told, by=desk.priya)
    desk.at("2026-11-20 12:00")
    tick()
    assert state(promise) == State.BROKEN
    assert not promise.forewarn(told, by=desk.priya)


def test_only_the_customer_to_whom_it_was_promised_releases(desk: Desk) -> None:
    promise = callback(desk)
    for somebody in (desk.priya, desk.marta, desk.jonas, desk.daniel, "system", None):
        with pytest.raises(Refused, match="CUSTOMER_ONLY") as refused:
            promise.release(by=somebody)  # type: ignore[arg-type]
        assert refused.value.status == 403
    assert state(promise) == State.OPEN
    assert promise.release(by=desk.ellen, words="Never mind the call")
    assert not promise.release(by=desk.ellen)
    assert (state(promise), promise.reason) == (State.RELEASED, "Never mind the call")


def test_a_broken_promise_can_be_released_but_does_not_fall_away(desk: Desk) -> None:
    promise = callback(desk, "within:30")
    desk.at("2026-11-20 12:00")
    tick()
    assert not promise.void("duplicate", by="system")
    assert state(promise) == State.BROKEN and promise.broken_at is not None
    assert promise.release(by=desk.ellen)
    assert promise.broken_at is not None


def test_another_owner_keeps_the_due_and_nobody_who_left_can_have_it(desk: Desk) -> None:
    promise = callback(desk)
    due = promise.due
    assert promise.hand_to(desk.dele, by=desk.priya)
    assert not promise.hand_to(desk.dele, by=desk.priya)
    gone = member("Gone Girl", Role.AGENT, is_active=False)
    with pytest.raises(Refused, match="NO_OWNER"):
        promise.hand_to(gone, by=desk.priya)
    state(promise)
    assert (promise.due, promise.owner) == (due, desk.dele)


def test_what_was_kept_late_is_broken_again_and_what_was_on_time_is_open(desk: Desk) -> None:
    case = desk.heard()
    reply = desk.promise(case, "reply")
    desk.at("2026-11-20 12:00")
    tick()  # the acknowledge is past its due, the reply is not
    desk.asked(Case.objects.get())
    assert dict(case.promises.values_list("kind", "state")) == {
        "acknowledge": "kept_late", "reply": "kept", "check_in": "open",
    }  # fmt: skip
    case.messages.get(direction="out").copies.get().note_bounced("550", hard=True)
    assert dict(case.promises.values_list("kind", "state")) == {
        "acknowledge": "broken", "reply": "open", "check_in": "void",
    }  # fmt: skip
    assert state(reply) == State.OPEN
    tick()
    assert case.entries.filter(kind="promise_broken").count() == 1


def test_kept_late_unseen_by_the_tick_is_open_again_until_the_tick_breaks_it(desk: Desk) -> None:
    case = desk.heard()
    desk.at("2026-11-20 12:00")
    desk.asked(Case.objects.get())
    case.messages.get(direction="out").copies.get().note_bounced("550", hard=True)
    acknowledge = desk.promise(case, "acknowledge")
    assert (acknowledge.state, acknowledge.broken_at) == (State.OPEN, None)
    tick()
    assert state(acknowledge) == State.BROKEN
    assert case.entries.filter(kind="promise_broken").count() == 1


def test_a_bounce_after_a_new_message_brings_the_earlier_clock_back(desk: Desk) -> None:
    case = desk.asked()
    earlier = desk.promise(case, "reply").due
    desk.at("2026-11-20 10:00")
    case.hear(desk.ellen, "And the printer?")
    case.messages.get(direction="out").copies.get().note_bounced("550", hard=True)
    case = Case.objects.get()
    (reply,) = case.promises.open().filter(kind="reply")
    assert reply.due == earlier
    assert case.unanswered_since == london("2026-11-19 16:33")
    assert case.promises.filter(reason="earlier_open_again").count() == 2


# What the screens ask


def test_risk_is_computed_and_never_stored(desk: Desk) -> None:
    promise = callback(desk, "within:240")
    assert not promise.is_at_risk(now())
    assert promise.is_at_risk(promise.due - timedelta(minutes=20))
    assert not promise.is_at_risk(promise.due + timedelta(minutes=1))
    assert promise.shown_state(promise.due - timedelta(minutes=5)) == "risk"
    assert "risk" not in State.values
