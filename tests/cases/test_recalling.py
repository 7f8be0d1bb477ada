"""“You told me…” and “this has not happened”: the customer’s pen, and that nobody dismisses it."""

import pytest

from goodword.cases.models import Case, CustomerAct, Recollection
from goodword.cases.recalling import (
    MOST_WAITING,
    confirm,
    decline,
    offer,
    recall,
    refuse_time,
    take_time,
    withdraw,
)
from goodword.core.refusals import Refused
from goodword.core.time import now
from goodword.promises.disputing import Dispute, dispute, take_back
from goodword.promises.kinds import CONTACT, Kind, State
from goodword.promises.models import MoveRequest, Promise
from goodword.worker.tick import tick
from tests.cast import Desk, london

WHY = "Nobody of ours can be there before the part is."


def theirs(desk: Desk, case: Case) -> CustomerAct:
    return CustomerAct.on_page(desk.link(case))


def told(desk: Desk, by_when: str | None = "2026-11-23 12:00") -> Recollection:
    case = desk.answered()
    when = london(by_when) if by_when else None
    row = recall(case, theirs(desk, case), "A spare battery by Monday", by_when=when)
    return again(row)


def again(row: Recollection) -> Recollection:
    return Recollection.objects.get(pk=row.pk)


def test_what_they_remember_is_before_us_with_a_clock(desk: Desk) -> None:
    row = told(desk)
    case = Case.objects.get(pk=row.case.pk)
    assert (case.move, row.standing) == ("ours", "waiting")
    assert (row.owed.kind, row.owed.due) == ("consent_answer", london("2026-11-20 17:00"))
    assert row.owed.kind in CONTACT
    assert "A spare battery by Monday" in desk.last(case).text
    assert case.entries.filter(kind="recalled", customer=desk.ellen).count() == 1


def test_no_other_word_of_ours_makes_it_go_away(desk: Desk) -> None:
    row = told(desk)
    case = Case.objects.get(pk=row.case.pk)
    with pytest.raises(Refused, match="NO_EVIDENCE"):
        case.reply(by=desk.priya, text="On it.", then="promise", keeps=[row.owed_id])
    case.reply(by=desk.priya, text="On it.", then="promise")
    case.log_call("Talked.", by=desk.priya, answers=True)
    Case.objects.get(pk=case.pk).rest(by=desk.priya)
    with pytest.raises(Refused, match="NO_EVIDENCE"):
        row.owed.keep(by=desk.priya, evidence="Told her no.")
    with pytest.raises(Refused, match="NO_EVIDENCE"):
        row.owed.keep(by=desk.priya, message=desk.last(case))
    assert again(row).is_waiting
    desk.at("2026-11-23 09:00")
    tick()
    assert again(row).owed.state == State.BROKEN and again(row).is_waiting
    assert Case.objects.get(pk=case.pk).has_broken


def test_our_yes_or_no_may_be_moved_and_is_waited_for_all_the_same(desk: Desk) -> None:
    row = told(desk)
    later = london("2026-11-23 11:00")
    moved = MoveRequest.ask(row.owed, later, by=desk.priya, reason="Asking").agree(by=desk.ellen)
    row = again(row)
    assert (row.owed, row.owed.due, row.is_waiting) == (moved, later, True)
    confirm(row, by=desk.dele)
    assert again(row).owed.state == State.KEPT


def test_confirmed_it_is_a_promise_by_their_time_and_a_mail_says_so(desk: Desk) -> None:
    row = told(desk)
    promise = confirm(row, by=desk.dele)
    assert (promise.due, promise.text) == (london("2026-11-23 12:00"), "A spare battery by Monday")
    assert (promise.owner, promise.state) == (desk.dele, "open")
    row = again(row)
    assert (row.state, row.promise, row.owed.state) == ("confirmed", promise, "kept")
    assert row.owed.kept_how == "answer"
    said = desk.last(row.case)
    assert said == row.answer and "You have my word" in said.text and said.copies.exists()
    with pytest.raises(Refused, match="ANSWERED"):
        confirm(row, by=desk.dele)
    assert row.case.promises.filter(text="A spare battery by Monday").count() == 1


def test_a_time_that_is_past_is_confirmed_as_broken(desk: Desk) -> None:
    row = told(desk, "2026-11-18 12:00")
    promise = confirm(row, by=desk.priya)
    assert "We missed that" in desk.last(row.case).text
    tick()
    promise.refresh_from_db()
    assert (promise.state, promise.due) == (State.BROKEN, london("2026-11-18 12:00"))


def test_where_no_time_was_said_we_name_one(desk: Desk) -> None:
    row = told(desk, None)
    with pytest.raises(Refused, match="NO_TIME"):
        confirm(row, by=desk.priya)
    with pytest.raises(Refused, match="NO_TIME"):
        confirm(row, by=desk.priya, due=london("2026-11-19 10:00"))
    assert confirm(row, by=desk.priya, due=london("2026-11-24 10:00")).due.day == 24


def test_another_time_is_theirs_to_take(desk: Desk) -> None:
    row = told(desk)
    offer(row, london("2026-11-25 10:00"), by=desk.dele, words=WHY)
    row = again(row)
    assert (row.state, row.promise, row.owed.state) == ("offered", None, "kept")
    assert WHY in desk.last(row.case).text
    promise = take_time(row, theirs(desk, row.case))
    assert (promise.due, promise.owner) == (london("2026-11-25 10:00"), desk.dele)
    with pytest.raises(Refused, match="ANSWERED"):
        take_time(again(row), theirs(desk, row.case))


def test_a_time_that_does_not_suit_waits_for_our_word_again(desk: Desk) -> None:
    row = told(desk)
    for _n in range(2):
        offer(row, london("2026-11-25 10:00"), by=desk.dele, words=WHY)
        before = again(row).owed_id
        refuse_time(again(row), theirs(desk, row.case))
        row = again(row)
        assert row.is_waiting and row.owed_id != before
    with pytest.raises(Refused, match="OFFERED_TWICE"):
        offer(row, london("2026-11-26 10:00"), by=desk.dele, words=WHY)


def test_a_time_that_passed_meanwhile_is_not_taken(desk: Desk) -> None:
    row = told(desk)
    offer(row, london("2026-11-20 10:00"), by=desk.dele, words=WHY)
    desk.at("2026-11-20 11:00")
    with pytest.raises(Refused, match="NO_TIME"):
        take_time(again(row), theirs(desk, row.case))
    refuse_time(again(row), theirs(desk, row.case))
    assert again(row).is_waiting


@pytest.mark.parametrize("words", ["", "No.", "We cannot.", "not possible at all"])
def test_a_no_says_why(desk: Desk, words: str) -> None:
    row = told(desk)
    with pytest.raises(Refused, match="NO_REASON"):
        decline(row, by=desk.priya, words=words)
    with pytest.raises(Refused, match="NO_REASON"):
        offer(row, london("2026-11-25 10:00"), by=desk.priya, words=words)
    assert again(row).is_waiting


def test_a_no_is_mailed_and_stays_on_the_page(desk: Desk) -> None:
    row = told(desk)
    message = decline(row, by=desk.priya, words=WHY)
    row = again(row)
    assert (row.standing, row.answer, row.owed.state) == ("declined", message, "kept")
    assert row.case.entries.filter(kind="recollection_declined", member=desk.priya).exists()
    message.copies.get().note_bounced("550", hard=True)
    assert again(row).standing == "waiting"
    decline(again(row), by=desk.priya, words=WHY)
    assert again(row).standing == "declined"


def test_only_they_take_it_back_and_only_people_of_ours_answer(desk: Desk) -> None:
    row = told(desk)
    for somebody in (desk.ellen, desk.luz):
        with pytest.raises(Refused, match=r"MEMBERS_ONLY|NOT_YOUR_RIGHT"):
            confirm(row, by=somebody)  # type: ignore[arg-type]
    for act in (desk.priya, "system", theirs(desk, desk.heard(desk.daniel))):
        with pytest.raises(Refused, match="CUSTOMER_ONLY"):
            withdraw(row, act)  # type: ignore[arg-type]
        with pytest.raises(Refused, match="CUSTOMER_ONLY"):
            recall(row.case, act, "A pony")  # type: ignore[arg-type]
    assert withdraw(row, theirs(desk, row.case)) and not withdraw(row, theirs(desk, row.case))
    assert (again(row).standing, again(row).owed.state) == ("withdrawn", "released")


def test_a_merge_and_the_way_back_take_it_along(desk: Desk) -> None:
    row = told(desk)
    here = row.case
    other = desk.heard(desk.ellen, "The same once more.")
    here.merge_into(other, by=desk.priya)
    assert again(row).case == other and again(row).is_waiting
    Case.objects.get(pk=here.pk).unmerge(by=desk.priya)
    assert again(row).case == here


def test_twice_sent_it_is_one_and_there_is_an_end(desk: Desk) -> None:
    row = told(desk)
    case = row.case
    assert recall(case, theirs(desk, case), "A spare  battery by Monday") == row
    for number in range(MOST_WAITING - 1):
        recall(case, theirs(desk, case), f"Thing {number}")
    with pytest.raises(Refused, match="TOO_MANY"):
        recall(case, theirs(desk, case), "One too many")


# “This has not happened”


def called(desk: Desk) -> Promise:
    promise = desk.promise(desk.answered(), "callback")
    promise.keep(by=desk.priya, evidence="Rang at 16:40.")
    return Promise.objects.get(pk=promise.pk)


def test_what_has_not_happened_is_open_again_and_they_wait_for_us(desk: Desk) -> None:
    promise = called(desk)
    row = dispute(promise, by=desk.ellen, words="Nobody rang.")
    promise.refresh_from_db()
    case = Case.objects.get(pk=promise.case_id)
    assert (promise.state, promise.evidence, row.evidence) == ("open", "", "Rang at 16:40.")
    assert case.unanswered_since == now() and case.move == "ours"
    assert case.promises.open().filter(kind="reply").count() == 1
    desk.at("2026-11-24 09:00")
    tick()
    promise.refresh_from_db()
    assert promise.state == State.BROKEN


def test_evidence_is_shown_again_and_they_decide_again_three_times_at_most(desk: Desk) -> None:
    promise = called(desk)
    for number in range(3):
        dispute(Promise.objects.get(pk=promise.pk), by=desk.ellen)
        Promise.objects.get(pk=promise.pk).keep(by=desk.priya, evidence=f"Rang again, {number}.")
    with pytest.raises(Refused, match="DISPUTED_OFTEN") as refused:
        dispute(Promise.objects.get(pk=promise.pk), by=desk.ellen)
    assert refused.value.status == 429


def test_it_had_happened_after_all(desk: Desk) -> None:
    promise = called(desk)
    kept_at = promise.kept_at
    row = dispute(promise, by=desk.ellen)
    desk.at("2026-11-24 09:00")
    tick()
    row = Dispute.objects.get(pk=row.pk)
    assert take_back(row, by=desk.ellen) and not take_back(row, by=desk.ellen)
    promise.refresh_from_db()
    assert (promise.state, promise.kept_at, promise.broken_at) == ("kept", kept_at, None)
    assert promise.evidence == "Rang at 16:40."


def test_nobody_else_disputes_and_only_what_we_call_kept(desk: Desk) -> None:
    promise = called(desk)
    for somebody in (desk.daniel, desk.priya, "system"):
        with pytest.raises(Refused, match="CUSTOMER_ONLY"):
            dispute(promise, by=somebody)  # type: ignore[arg-type]
    dispute(promise, by=desk.ellen)
    with pytest.raises(Refused, match="NOT_KEPT"):
        dispute(Promise.objects.get(pk=promise.pk), by=desk.ellen)
    reply = promise.case.promises.get(kind=Kind.REPLY, state="kept")
    with pytest.raises(Refused, match="NOT_KEPT"):
        dispute(reply, by=desk.ellen)


def test_a_promise_in_a_settled_case_opens_it_again(desk: Desk) -> None:
    promise = called(desk)
    case = Case.objects.get(pk=promise.case_id)
    case.settle(theirs(desk, case))
    dispute(Promise.objects.get(pk=promise.pk), by=desk.ellen)
    case.refresh_from_db()
    assert (case.state, case.move) == ("in_progress", "ours")
