"""Asking, the verdict, and the one ending by silence. Only the customer settles."""

from itertools import pairwise

import pytest

from goodword.cases.models import Case, CustomerAct, Message, OutgoingMessage
from goodword.core.refusals import Refused
from goodword.worker.tick import tick
from tests.cast import Desk, london


def life(desk: Desk, case: Case, days: int) -> list[str]:
    """What the clock does by itself in that many days, looked at each morning."""
    seen = []
    for _day in range(days):
        desk.later(days=1)
        done = tick()
        seen += [what for what in ("reminded", "lapsed", "broken") if done[what]]
    case.refresh_from_db()
    return seen


def reminders() -> int:
    return Message.objects.filter(purpose="reminder").count()


def test_an_answered_case_is_asked_once_more_and_lapses(desk: Desk) -> None:
    case = desk.asked()
    assert life(desk, case, 20) == ["reminded", "lapsed"]
    assert (case.state, case.move, reminders()) == ("lapsed", "settled", 1)
    assert not case.verdicts.exists()
    assert not case.promises.outstanding().exists()
    assert not case.promises.filter(broken_at__isnull=False).exists()


def test_where_something_failed_it_lapses_after_three_reminders_over_thirty_days(
    desk: Desk,
) -> None:
    case = desk.heard()
    desk.at("2026-11-20 12:00")
    tick()
    desk.asked(Case.objects.get())
    case.refresh_from_db()
    asked_at = case.asked_at
    assert life(desk, case, 45) == ["reminded"] * 3 + ["lapsed"]
    assert case.ended_at is not None and asked_at is not None
    assert (case.ended_at - asked_at).days >= 30


@pytest.mark.parametrize("days", [21, 400])
def test_any_word_reopens_the_same_case_however_long_after(desk: Desk, days: int) -> None:
    case = desk.asked()
    life(desk, case, 20)
    desk.later(days=days)
    case.hear(desk.ellen, "It is back.")
    case.refresh_from_db()
    assert (case.state, case.move, case.ended_at) == ("in_progress", "ours", None)
    assert case.promises.open().count() == 2
    assert case.entries.filter(kind="reopened").count() == 1


def test_a_settled_case_is_reopened_after_four_hundred_days(desk: Desk) -> None:
    case = desk.asked()
    case.settle(CustomerAct.on_page(desk.link(case)), degree="good")
    desk.later(days=400)
    assert not any(tick().values())
    case.not_yet(CustomerAct.on_page(desk.link(case)), words="It is back.")
    case.refresh_from_db()
    assert (case.state, case.move) == ("in_progress", "ours")


def test_nobody_is_reminded_while_they_wait_for_us(desk: Desk) -> None:
    case = desk.asked()
    desk.later(days=1)
    case.hear(desk.ellen, "One question more.")
    assert set(life(desk, case, 60)) == {"broken"}
    assert (reminders(), case.state, case.move) == (0, "in_progress", "ours")
    assert case.promises.filter(kind="check_in").get().state == "void"


def test_nobody_is_reminded_and_nothing_lapses_while_we_owe_them_something(desk: Desk) -> None:
    case = desk.answered()
    case.reply(by=desk.priya, text="Is it settled so far?", then="ask", reason="She asked me to")
    assert set(life(desk, case, 60)) == {"broken"}
    assert (reminders(), case.state, case.move) == (0, "asked", "ours")
    desk.promise(case, "callback").keep(by=desk.priya, evidence="Rang, at last.")
    assert life(desk, Case.objects.get(), 40) == ["reminded"] * 3 + ["lapsed"]


def test_a_thank_you_that_needs_no_answer_leaves_the_question_standing(desk: Desk) -> None:
    case = desk.asked()
    case.hear(desk.ellen, "Thanks!")
    case.rest(by=desk.priya)
    case.refresh_from_db()
    assert (case.state, case.move) == ("asked", "decide")
    assert life(desk, case, 20) == ["reminded", "lapsed"]


def test_a_call_while_they_decide_leaves_the_question_standing(desk: Desk) -> None:
    case = desk.asked()
    case.log_call("She will look on Monday.", by=desk.priya, answers=True)
    assert life(desk, case, 20) == ["reminded", "lapsed"]


def test_a_first_word_after_asking_is_in_progress_again(desk: Desk) -> None:
    case = desk.asked()
    case.reply(by=desk.priya, text="I look once more.", then="promise", first_word=True)
    case.refresh_from_db()
    assert (case.state, case.asked_at) == ("in_progress", None)
    assert list(case.promises.open().values_list("kind", flat=True)) == ["next_update"]


def test_asking_with_open_promises_names_them_and_takes_a_reason(desk: Desk) -> None:
    case = desk.answered()
    with pytest.raises(Refused, match="“I call you”"):
        case.reply(by=desk.priya, text="Is it settled?", then="ask")
    assert case.messages.filter(direction="out").count() == 1
    case.reply(by=desk.priya, text="Is it settled?", then="ask", reason="The call is moot")
    assert case.messages.get(direction="note").text == "The call is moot"
    assert not any("moot" in str(entry.facts) for entry in case.entries.all())


def test_one_question_a_week_to_one_person_and_none_lapses_unasked(desk: Desk) -> None:
    cases = [desk.asked(desk.heard(text=f"Matter {number}")) for number in range(3)]
    desk.later(days=8)
    tick()
    assert reminders() == 1
    for _day in range(80):
        desk.later(days=1)
        tick()
    for case in cases:
        case.refresh_from_db()
        assert case.state == "lapsed"
        assert case.messages.filter(purpose="reminder").count() == 1
    times = list(
        Message.objects.filter(purpose="reminder").order_by("at").values_list("at", flat=True)
    )
    assert all((after - before).days >= 6 for before, after in pairwise(times))


def test_two_ticks_at_once_remind_once_and_lapse_nothing(desk: Desk) -> None:
    case = desk.asked()
    desk.later(days=8)
    assert case.check_in() == "reminded"
    assert Case.objects.get().check_in() == ""
    assert (reminders(), Case.objects.get().state) == (1, "asked")


@pytest.mark.parametrize("ending", ["settled", "lapsed", "withdrawn"])
def test_an_ended_case_is_not_asked(desk: Desk, ending: str) -> None:
    case = desk.asked()
    act = CustomerAct.on_page(desk.link(case))
    if ending == "lapsed":
        life(desk, case, 20)
    else:
        case.settle(act) if ending == "settled" else case.withdraw(act)
    with pytest.raises(Refused, match=r"SETTLED|ENDED"):
        Case.objects.get().reply(by=desk.priya, text="Settled?", then="ask")
    assert Case.objects.get().state == ending


def test_settling_ends_what_is_moot_and_leaves_what_was_promised(desk: Desk) -> None:
    case = desk.answered()
    case.reply(by=desk.priya, text="I look once more.", then="promise", first_word=True)
    case.settle(CustomerAct.on_page(desk.link(case)), degree="poor", words="Far too slow.")
    assert dict(case.promises.values_list("kind", "state"))["next_update"] == "void"
    assert desk.promise(case, "callback").state == "open"
    case.refresh_from_db()
    assert (case.state, case.move) == ("settled", "settled")
    desk.at("2026-11-23 12:00")
    tick()  # a promise that breaks brings the case back (C12)
    case.refresh_from_db()
    assert (case.state, case.move, case.has_broken) == ("in_progress", "ours", True)


def test_their_own_words_settle_and_they_can_say_that_is_not_what_i_said(desk: Desk) -> None:
    case = desk.asked()
    heard = case.hear(desk.ellen, "All fine now. Yours, Ellen")
    act = CustomerAct.in_words(heard, "All fine now.", marked_by=desk.priya)
    verdict = case.settle(act)
    assert case.state == "settled"
    verdict.undo(CustomerAct.on_page(desk.link(case)))
    case.refresh_from_db()
    assert (case.state, case.move) == ("in_progress", "ours")
    assert case.unanswered_since == london("2026-11-19 16:33")
    assert case.promises.open().count() == 2
    verdict.undo(CustomerAct.on_page(desk.link(case)))
    assert case.entries.filter(kind="verdict_undone").count() == 1


def test_undoing_an_earlier_word_leaves_a_later_one_standing(desk: Desk) -> None:
    case = desk.asked()
    heard = case.hear(desk.ellen, "All fine now.")
    verdict = case.settle(CustomerAct.in_words(heard, "All fine now.", marked_by=desk.priya))
    page = CustomerAct.on_page(desk.link(case))
    case.settle(page, degree="good", words="Yes.")
    verdict.undo(page)
    assert Case.objects.get().state == "settled"


def test_what_was_said_on_the_page_cannot_be_undone_as_a_misreading(desk: Desk) -> None:
    case = desk.asked()
    page = CustomerAct.on_page(desk.link(case))
    verdict = case.settle(page)
    with pytest.raises(Refused, match="NOT_MARKED"):
        verdict.undo(page)
    with pytest.raises(Refused, match="CUSTOMER_ONLY"):
        verdict.undo(desk.priya)  # type: ignore[arg-type]


def test_words_that_the_customer_did_not_write_settle_nothing(desk: Desk) -> None:
    case = desk.asked()
    heard = case.hear(desk.ellen, "It is not fine.")
    stranger = case.hear(desk.daniel, "All fine.", is_confirmed=False)
    ours = case.messages.get(direction="out")
    tried = [(heard, "It is fine"), (stranger, "All fine."), (ours, "It is fixed."), (heard, "")]
    for message, sentence in tried:
        with pytest.raises(Refused, match=r"NOT_THEIR_WORDS|CUSTOMER_ONLY"):
            CustomerAct.in_words(message, sentence, marked_by=desk.priya)


def test_whoever_reads_along_does_not_decide(desk: Desk) -> None:
    case = desk.asked()
    case.hear(desk.daniel, "Fine for me.")
    with pytest.raises(Refused, match="CUSTOMER_ONLY"):
        CustomerAct.on_page(desk.link(case, desk.daniel))


def test_the_same_yes_twice_is_one_verdict_and_another_degree_is_a_new_one(desk: Desk) -> None:
    case = desk.asked()
    page = CustomerAct.on_page(desk.link(case))
    first = case.settle(page, degree="good")
    assert case.settle(page, degree="good") == first
    assert case.settle(page, degree="poor") != first
    assert case.verdicts.count() == 2


# Where a message did not arrive


def copy_of(case: Case) -> OutgoingMessage:
    return OutgoingMessage.objects.filter(message__case=case, role="to").latest("id")


def test_sending_again_asks_again_and_keeps_what_it_kept(desk: Desk) -> None:
    case = desk.asked()
    copy_of(case).note_bounced("550", hard=True)
    assert copy_of(case).send_again(by=desk.priya)
    case.refresh_from_db()
    assert (case.state, case.move, case.unanswered_since) == ("asked", "decide", None)
    assert life(desk, case, 20) == ["reminded", "lapsed"]


def test_sending_again_does_not_answer_what_they_wrote_since(desk: Desk) -> None:
    case = desk.asked()
    copy_of(case).note_bounced("550", hard=True)
    at = desk.later(hours=1)
    case.hear(desk.ellen, "Hello? Anybody?")
    copy_of(case).send_again(by=desk.priya)
    case.refresh_from_db()
    assert (case.move, case.unanswered_since) == ("ours", at)


def test_a_message_that_put_to_rest_and_bounced_is_ours_and_can_be_rested_anew(desk: Desk) -> None:
    case = desk.heard()
    case.reply(by=desk.priya, text="You are welcome.", then="rest")
    copy_of(case).note_bounced("550", hard=True)
    case = Case.objects.get()
    assert (case.move, case.rested_at) == ("ours", None)
    assert case.rest(by=desk.priya)


def test_a_message_that_answered_nothing_and_bounced_leaves_a_next_step(desk: Desk) -> None:
    case = desk.asked()
    desk.later(hours=1)
    case.reply(by=desk.priya, text="One more thing. Settled?", then="ask")
    copy_of(case).note_bounced("550", hard=True)
    case = Case.objects.get()
    assert (case.state, case.move, case.unanswered_since) == ("in_progress", "ours", None)
    assert [promise.kind for promise in case.promises.open()] == ["next_update"]


def test_sending_again_to_another_address_makes_it_theirs(desk: Desk) -> None:
    case = desk.asked()
    copy_of(case).note_bounced("550", hard=True)
    copy_of(case).send_again(by=desk.priya, address="Ellen@Home.example ")
    copy = copy_of(case)
    assert (copy.address, copy.point.customer) == ("ellen@home.example", desk.ellen)  # type: ignore[union-attr]


def test_sending_again_to_the_address_of_somebody_else_is_refused(desk: Desk) -> None:
    case = desk.asked()
    copy_of(case).note_bounced("550", hard=True)
    with pytest.raises(Refused, match="NO_REPLY_PATH"):
        copy_of(case).send_again(by=desk.priya, address="daniel@reyes.example")
    assert copy_of(case).state == "bounced"


# Rest and aside, undone


def test_waking_what_was_answered_breaks_nothing_at_once(desk: Desk) -> None:
    case = desk.heard()
    case.reply(by=desk.priya, text="You are welcome.", then="rest")
    desk.later(days=10)
    assert Case.objects.get().wake(by=desk.priya)
    assert tick()["broken"] == 0
    case.refresh_from_db()
    assert (case.move, case.unanswered_since) == ("ours", None)


def test_waking_runs_the_clocks_of_the_words_that_were_put_to_rest_last(desk: Desk) -> None:
    case = desk.heard(text="Thanks!")
    case.rest(by=desk.priya)
    at = desk.at("2026-11-20 10:00")
    case.hear(desk.ellen, "Great.")
    case.rest(by=desk.priya)
    case.wake(by=desk.priya)
    assert case.unanswered_since == at


def test_waking_does_not_break_the_same_silence_twice(desk: Desk) -> None:
    case = desk.heard()
    desk.at("2026-11-20 12:00")
    tick()
    case = Case.objects.get()
    case.rest(by=desk.priya)
    case.refresh_from_db()
    assert (case.move, case.has_broken) == ("theirs", False)
    case.wake(by=desk.priya)
    tick()
    case.refresh_from_db()
    assert case.entries.filter(kind="promise_broken").count() == 1
    assert (case.move, case.has_broken) == ("ours", True)


def test_bringing_back_what_was_answered_breaks_nothing_at_once(desk: Desk) -> None:
    case = desk.answered()
    desk.later(days=10)
    case.set_aside("wrong", by=desk.priya)
    case.bring_back(by=desk.priya)
    case.refresh_from_db()
    assert (case.move, case.unanswered_since) == ("ours", None)
    assert [promise.kind for promise in case.promises.open()] == ["next_update"]


# Owning


def test_a_contractor_answers_and_does_not_own(desk: Desk) -> None:
    from tests.cast import member

    cara = member("Cara Long", "agent", is_contractor=True)
    case = desk.heard()
    for verb in (lambda: case.take(by=cara), lambda: case.offer_to(cara, by=desk.priya)):
        with pytest.raises(Refused, match="NO_OWNER"):
            verb()
    case.reply(by=cara, text="Done.", then="ask")
    case.refresh_from_db()
    assert (case.owner, case.is_taken) == (desk.priya, False)


def test_a_hand_over_takes_effect_when_it_is_accepted(desk: Desk) -> None:
    case = desk.answered()
    due = desk.promise(case, "callback").due
    case.offer_to(desk.dele, by=desk.priya)
    case.refresh_from_db()
    assert case.owner == desk.priya
    case.accept(by=desk.dele)
    callback = desk.promise(case, "callback")
    assert (case.owner, callback.owner, callback.due) == (desk.dele, desk.dele, due)
    with pytest.raises(Refused, match="NOT_OFFERED"):
        case.accept(by=desk.dele)


def test_taking_ends_an_offer_and_leaves_the_word_of_others_with_them(desk: Desk) -> None:
    case = desk.heard()
    from goodword.promises.models import Promise

    Promise.make(case, "task_done", "I order it", by=desk.ines, owner=desk.ines, form="within:60")
    case.offer_to(desk.marta, by=desk.priya)
    case.take(by=desk.dele)
    with pytest.raises(Refused, match="NOT_OFFERED"):
        Case.objects.get().accept(by=desk.marta)
    with pytest.raises(Refused, match="TAKEN"):
        Case.objects.get().take(by=desk.tom)
    assert desk.promise(case, "task_done").owner == desk.ines
    assert desk.promise(case, "reply").owner == desk.dele


def test_the_first_word_of_an_answer_keeps_the_next_update_that_a_first_word_gave(
    desk: Desk,
) -> None:
    case = desk.heard()
    case.reply(by=desk.priya, text="I have it.", then="promise", first_word=True)
    desk.at("2026-11-20 09:20")
    case.reply(by=desk.priya, text="Here it is.", then="ask")
    assert desk.promise(case, "next_update").state == "kept"


def test_a_next_update_that_was_given_by_hand_is_kept_by_what_it_names(desk: Desk) -> None:
    word = {"kind": "next_update", "text": "Friday's figures", "form": "end_of_nth_business_day:1"}
    case = desk.answered(promises=[word])
    case.hear(desk.ellen, "And the printer?")
    case.reply(by=desk.priya, text="Tomorrow.", then="promise")
    promise = desk.promise(case, "next_update")
    assert promise.state == "open"
    case.reply(by=desk.priya, text="The figures.", then="ask", keeps=[promise.pk])
    assert desk.promise(case, "next_update").state == "kept"


def test_a_refused_reply_leaves_the_case_in_hand_as_it_was(desk: Desk) -> None:
    case = desk.heard()
    before = dict(case.__dict__)
    with pytest.raises(Refused):
        case.reply(by=desk.priya, text="Noted.", then="promise")
    assert {k: v for k, v in case.__dict__.items() if k != "_held_as"} == {
        k: v for k, v in before.items() if k != "_held_as"
    }


def test_whoever_is_answered_is_no_longer_set_aside(desk: Desk) -> None:
    case = desk.heard()
    case.set_aside("wrong", by=desk.dele)
    desk.answered(Case.objects.get())
    case.refresh_from_db()
    assert (case.set_aside_at, case.move) == (None, "ours")
    assert case.entries.filter(kind="brought_back", member=desk.priya).count() == 1


def test_that_is_not_what_i_said_brings_a_case_back_from_aside(desk: Desk) -> None:
    case = desk.asked()
    heard = case.hear(desk.ellen, "All fine now.")
    verdict = case.settle(CustomerAct.in_words(heard, "All fine now.", marked_by=desk.priya))
    case.set_aside("wrong", by=desk.priya)
    verdict.undo(CustomerAct.on_page(desk.link(case)))
    case.refresh_from_db()
    assert (case.set_aside_at, case.move) == (None, "ours")


def test_a_bounce_or_a_wake_does_not_bring_back_what_is_set_aside(desk: Desk) -> None:
    case = desk.heard()
    case.reply(by=desk.priya, text="You are welcome.", then="rest")
    case.set_aside("wrong", by=desk.priya)
    copy_of(case).note_bounced("550", hard=True)
    Case.objects.get().wake(by=desk.priya)
    case.refresh_from_db()
    assert (case.move, case.unanswered_since) == ("aside", None)
    assert not case.promises.open().exists()
