"""A snooze leaves nobody waiting: what it refuses, and everything that ends it."""

from datetime import timedelta

import pytest

from goodword.cases.models import Case
from goodword.cases.states import Move
from goodword.core.refusals import Refused
from goodword.core.time import now
from goodword.people.meeting import customer_of
from goodword.worker.tick import tick
from tests.cast import Desk, london


def again(case: Case) -> Case:
    return Case.objects.get(pk=case.pk)


def sleeping(desk: Desk) -> Case:
    """Answered, a callback due Fri 12:33, asleep until an hour before."""
    case = desk.answered()
    assert case.snooze(desk.promise(case, "callback"), by=desk.priya)
    return again(case)


def test_it_sleeps_until_an_open_hour_before_our_promise(desk: Desk) -> None:
    case = sleeping(desk)
    due = desk.promise(case, "callback").due
    assert due == london("2026-11-20 12:33")
    assert case.snoozed_until == london("2026-11-20 11:33")
    assert case.move == Move.OURS
    assert not Case.objects.awake(now()).exists()
    desk.at("2026-11-20 11:33")
    assert Case.objects.awake(now()).get() == case
    assert tick()["woken"] == 1
    assert again(case).snoozed_until is None
    assert case.entries.filter(kind="snooze_ended", actor="clock").count() == 1
    assert tick()["woken"] == 0


def test_an_unanswered_customer_stays_where_everybody_sees_them(desk: Desk) -> None:
    case = desk.heard()
    with pytest.raises(Refused, match="unanswered_customer") as refused:
        case.snooze(london("2026-11-20 09:00"), by=desk.priya, beyond=True)
    assert refused.value.status == 409
    assert Case.objects.awake(now()).exists()


def test_a_promise_before_that_is_said_and_then_it_may_be(desk: Desk) -> None:
    case = desk.answered()
    later = london("2026-11-24 10:00")
    with pytest.raises(Refused, match=r"PAST_A_PROMISE.*I call you.*Fri 12:33"):
        case.snooze(later, by=desk.priya)
    assert case.snooze(later, by=desk.priya, beyond=True) == later
    desk.at("2026-11-20 12:34")
    tick()
    case = again(case)
    assert (case.snoozed_until, case.has_broken) == (None, True)
    with pytest.raises(Refused, match="promise_broken"):
        case.snooze(later, by=desk.priya, beyond=True)


def test_any_word_or_act_of_the_customer_wakes_it_at_once(desk: Desk) -> None:
    case = sleeping(desk)
    case.hear(desk.ellen, "One more thing.")
    assert again(case).snoozed_until is None
    case = desk.answered(desk.heard(desk.daniel))
    case.snooze(desk.promise(case, "callback"), by=desk.priya)
    desk.promise(case, "callback").ask_to_move(london("2026-11-23 10:00"), by=desk.daniel)
    assert again(case).snoozed_until is None


def test_a_stranger_in_the_thread_wakes_it_too(desk: Desk) -> None:
    case = sleeping(desk)
    case.hear(customer_of("eve@elsewhere.example", "Eve"), "Me too", is_confirmed=False)
    assert again(case).snoozed_until is None


def test_whoever_gets_the_case_sees_it(desk: Desk) -> None:
    case = sleeping(desk)
    case.offer_to(desk.dele, by=desk.priya)
    assert again(case).snoozed_until is not None
    case.accept(by=desk.dele)
    assert again(case).snoozed_until is None


def test_it_wakes_when_the_promise_that_it_waits_for_is_kept(desk: Desk) -> None:
    case = sleeping(desk)
    desk.promise(case, "callback").keep(by=desk.priya, evidence="Rang her.")
    assert again(case).snoozed_until is None


def test_a_note_or_a_tag_of_ours_does_not_wake_it(desk: Desk) -> None:
    case = sleeping(desk)
    case.note("The part is ordered.", by=desk.dele)
    case.tag("Parts", by=desk.dele)
    assert again(case).snoozed_until is not None


def test_only_who_answers_for_it_or_a_lead_snoozes_it(desk: Desk) -> None:
    case = desk.answered()
    with pytest.raises(Refused, match="NOT_YOURS"):
        case.snooze(desk.promise(case, "callback"), by=desk.dele)
    assert case.snooze(desk.promise(case, "callback"), by=desk.marta)


@pytest.mark.parametrize("span", [timedelta(0), timedelta(days=-1), timedelta(days=900)])
def test_times_that_make_no_sense_are_refused(desk: Desk, span: timedelta) -> None:
    case = desk.answered()
    with pytest.raises(Refused, match="NO_TIME"):
        case.snooze(now() + span, by=desk.priya, beyond=True)


def test_a_promise_due_within_the_hour_is_no_reason_to_look_away(desk: Desk) -> None:
    case = desk.answered(promises=[{"kind": "callback", "text": "I call", "form": "within:30"}])
    desk.at("2026-11-20 09:00")
    with pytest.raises(Refused, match="NO_TIME"):
        case.snooze(desk.promise(case, "callback"), by=desk.priya)
    with pytest.raises(Refused, match="ENDED"):
        case.snooze(desk.promise(desk.answered(desk.heard(desk.daniel)), "callback"), by=desk.priya)


def test_snoozing_twice_to_the_same_time_is_one_entry_and_undone_by_one_act(desk: Desk) -> None:
    case = sleeping(desk)
    case.snooze(desk.promise(case, "callback"), by=desk.priya)
    assert case.entries.filter(kind="snoozed").count() == 1
    assert case.unsnooze(by=desk.priya) and not case.unsnooze(by=desk.priya)
    assert case.entries.filter(kind="snooze_ended").count() == 1
    with pytest.raises(Refused, match="ENDED"):
        desk.heard(desk.daniel).set_aside("spam", by=desk.priya)
        aside = Case.objects.get(set_aside_at__isnull=False)
        aside.snooze(london("2026-11-24 10:00"), by=desk.marta)
