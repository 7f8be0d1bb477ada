"""One answer keeps both clocks; a first word keeps the first; nothing else keeps either."""

import pytest

from goodword.cases.models import Case
from goodword.cases.states import Move
from goodword.core.refusals import Refused
from goodword.promises.kinds import State
from tests.cast import Desk, london


def states(case: Case) -> dict[str, str]:
    return dict(case.promises.values_list("kind", "state"))


def test_a_message_opens_acknowledge_today_and_reply_tomorrow(desk: Desk) -> None:
    case = desk.heard()
    assert desk.promise(case, "acknowledge").due == london("2026-11-19 17:00")
    assert desk.promise(case, "reply").due == london("2026-11-20 17:00")
    assert (case.move, case.owner) == (Move.OURS, desk.priya)
    assert not case.is_taken


def test_a_second_message_opens_nothing_that_is_open(desk: Desk) -> None:
    case = desk.heard()
    case.hear(desk.ellen, "And the printer too.")
    assert case.promises.count() == 2


def test_an_answer_keeps_both_clocks(desk: Desk) -> None:
    case = desk.answered()
    assert states(case) == {"acknowledge": "kept", "reply": "kept", "callback": "open"}
    assert case.unanswered_since is None
    assert (case.owner, case.is_taken, case.state) == (desk.priya, True, "in_progress")


def test_a_first_word_keeps_the_first_and_adds_a_next_update(desk: Desk) -> None:
    case = desk.heard()
    case.reply(by=desk.priya, text="I have it.", then="promise", first_word=True)
    assert states(case) == {"acknowledge": "kept", "reply": "open", "next_update": "open"}
    assert desk.promise(case, "next_update").due == london("2026-11-20 10:00")
    assert Case.objects.get().state == "acknowledged"
    assert Case.objects.get().move == Move.OURS


def test_a_send_that_leaves_nothing_behind_is_refused_and_changes_nothing(desk: Desk) -> None:
    case = desk.heard()
    with pytest.raises(Refused, match="NO_NEXT_STEP"):
        case.reply(by=desk.priya, text="Noted.", then="promise")
    assert case.messages.count() == 1
    assert states(case) == {"acknowledge": "open", "reply": "open"}


def test_waiting_needs_a_question_and_runs_a_next_update(desk: Desk) -> None:
    case = desk.heard()
    with pytest.raises(Refused, match="NO_QUESTION"):
        case.reply(by=desk.priya, text="Hm.", then="wait")
    case.reply(by=desk.priya, text="Which printer?", then="wait", question="Which printer?")
    case.refresh_from_db()
    assert case.move == Move.THEIRS
    assert desk.promise(case, "next_update").due == london("2026-11-26 17:00")
    case.hear(desk.ellen, "The one in the hall.")
    case.refresh_from_db()
    assert case.move == Move.OURS
    assert desk.promise(case, "next_update").state == State.VOID


def test_needs_no_answer_rests_until_any_new_word(desk: Desk) -> None:
    case = desk.heard(text="Thanks!")
    assert case.rest(by=desk.priya)
    assert not case.rest(by=desk.priya)
    case.refresh_from_db()
    assert case.move == Move.THEIRS
    assert set(states(case).values()) == {"void"}
    case.hear(desk.ellen, "Sorry, one more thing.")
    case.refresh_from_db()
    assert (case.move, case.rested_at) == (Move.OURS, None)
    assert case.promises.open().count() == 2


def test_waking_counts_from_when_the_customer_wrote(desk: Desk) -> None:
    case = desk.heard(text="Thanks!")
    case.rest(by=desk.priya)
    desk.at("2026-11-20 11:00")
    case = Case.objects.get()
    assert case.wake(by=desk.priya)
    assert case.unanswered_since == london("2026-11-19 16:33")
    assert desk.promise(case, "acknowledge").due == london("2026-11-19 17:00")


def test_not_a_customer_leaves_the_queue_and_comes_back_within_thirty_days(desk: Desk) -> None:
    case = desk.heard(text="Buy our leads")
    case.set_aside("pitch", by=desk.priya)
    assert Case.objects.get().move == Move.ASIDE
    assert not case.messages.filter(direction="out").exists()
    Case.objects.get().bring_back(by=desk.priya)
    assert Case.objects.get().move == Move.OURS
    case = Case.objects.get()
    case.set_aside("pitch", by=desk.priya)
    desk.later(days=31)
    with pytest.raises(Refused, match="TOO_OLD"):
        Case.objects.get().bring_back(by=desk.priya)


def test_a_call_that_answers_keeps_both_clocks_and_what_it_names(desk: Desk) -> None:
    case = desk.answered(desk.heard())
    case.hear(desk.ellen, "And now?")
    callback = desk.promise(case, "callback")
    Case.objects.get().log_call("Told her.", by=desk.priya, answers=True, keeps=[callback.pk])
    kept = dict.fromkeys(("acknowledge", "reply", "callback"), "kept")
    assert states(case) == {**kept, "next_update": "open"}


def test_a_note_and_a_machine_answer_nobody(desk: Desk) -> None:
    case = desk.heard()
    case.note("Looks like the switch.", by=desk.priya)
    case.refresh_from_db()
    assert case.unanswered_since is not None
    assert set(states(case).values()) == {"open"}


def test_somebody_who_answered_meanwhile_stops_the_send_with_both_texts(desk: Desk) -> None:
    case = desk.heard()
    seen = case.newest_message_id()
    desk.answered(case)
    with pytest.raises(Refused, match="COLLISION") as stopped:
        case.reply(by=desk.dele, text="I am on it too.", then="ask", seen=seen)
    assert [each.text for each in stopped.value.newer] == ["I am on it."]
    assert case.messages.filter(direction="out").count() == 1


def test_a_bounce_un_keeps_and_the_silence_goes_on(desk: Desk) -> None:
    case = desk.asked()
    copy = case.messages.get(direction="out").copies.get()
    assert copy.note_bounced("550 no such user", hard=True)
    assert not copy.note_bounced("550 no such user", hard=True)
    case.refresh_from_db()
    assert (case.state, case.move) == ("in_progress", Move.OURS)
    assert case.unanswered_since == london("2026-11-19 16:33")
    assert states(case) == {"acknowledge": "open", "reply": "open", "check_in": "void"}


def test_a_bounce_past_the_due_is_broken_by_the_next_tick(desk: Desk) -> None:
    from goodword.worker.tick import tick

    case = desk.asked()
    desk.at("2026-11-23 10:00")
    case.messages.get(direction="out").copies.get().note_bounced("550", hard=True)
    tick()
    assert states(case)["acknowledge"] == "broken"
    assert Case.objects.get().has_broken
