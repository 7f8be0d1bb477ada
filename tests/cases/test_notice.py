"""One text for everybody affected, signed by a leader; and many cases at once."""

from datetime import timedelta

import pytest

from goodword.cases import several
from goodword.cases.models import BulkAct, BulkStep, Case, Notice, OutgoingMessage, Tag
from goodword.cases.models.message import Purpose
from goodword.cases.noticing import tell
from goodword.cases.states import Move, State
from goodword.core.refusals import Refused
from goodword.core.time import now
from goodword.people.meeting import customer_of
from goodword.worker.tick import tick
from tests.cast import Desk, london

TEXT = "The line in Harbour Lane is down since 16:10. The carrier works on it."
TIME = london("2026-11-20 10:00")


def prepared(desk: Desk, *cases: Case) -> Notice:
    return Notice.prepare([case.pk for case in cases], TEXT, TIME, by=desk.priya)


def signed(desk: Desk, *cases: Case) -> Notice:
    notice = prepared(desk, *cases)
    assert notice.sign(by=desk.jonas, read=notice.digest())
    return notice


def test_each_gets_it_in_their_own_case_from_the_leader_with_the_next_word(desk: Desk) -> None:
    one, two = desk.heard(), desk.heard(desk.daniel)
    notice = signed(desk, one, two)
    act = several.begin(desk.jonas, "notice", [one.pk, two.pk], notice=notice)
    assert several.go_on(act)
    for case, customer in ((one, desk.ellen), (two, desk.daniel)):
        case.refresh_from_db()
        message = case.messages.get(direction="out")
        assert (message.purpose, message.member, message.text) == ("notice", desk.jonas, TEXT)
        copy = OutgoingMessage.objects.get(message=message)
        assert copy.address == customer.mail_address()
        assert desk.promise(case, "acknowledge").state == "kept"
        assert desk.promise(case, "reply").state == "open"
        update = desk.promise(case, "next_update")
        assert (update.due, update.said_in, update.owner) == (TIME, message, case.owner)
        assert (case.move, case.state, case.is_taken) == (Move.OURS, State.ACKNOWLEDGED, False)
        assert case.unanswered_since is None


def test_nobody_but_a_leader_signs_and_only_what_they_read(desk: Desk) -> None:
    notice = prepared(desk, desk.heard())
    for member in (desk.priya, desk.marta, desk.olu):
        with pytest.raises(Refused, match="LEADER_ONLY") as refused:
            notice.sign(by=member, read=notice.digest())
        assert refused.value.status == 403
    read = notice.digest()
    Notice.objects.get().reword("The line is up.", TIME, by=desk.priya)
    with pytest.raises(Refused, match="CHANGED"):
        Notice.objects.get().sign(by=desk.jonas, read=read)
    assert not Notice.objects.get().signed_at
    with pytest.raises(Refused, match="NOT_SIGNED"):
        tell(Case.objects.get(), Notice.objects.get())
    assert not OutgoingMessage.objects.exists()


def test_what_is_signed_or_discarded_does_not_change(desk: Desk) -> None:
    notice = signed(desk, desk.heard())
    assert not notice.sign(by=desk.jonas, read=notice.digest())
    assert not notice.discard(by=desk.priya)
    with pytest.raises(Refused, match="SIGNED"):
        notice.reword("Other words", TIME, by=desk.jonas)
    other = prepared(desk, desk.heard(desk.daniel))
    assert other.discard(by=desk.priya) and other.take_up(by=desk.priya)
    desk.at("2026-11-20 10:00")
    with pytest.raises(Refused, match="NO_TIME"):
        other.sign(by=desk.jonas, read=other.digest())


def test_a_case_is_told_once_however_often_it_is_tried(desk: Desk) -> None:
    case = desk.heard()
    notice = signed(desk, case)
    assert tell(case, notice) == tell(Case.objects.get(), notice)
    assert OutgoingMessage.objects.count() == 1


def test_the_next_message_keeps_what_the_notice_promised(desk: Desk) -> None:
    case = desk.heard()
    tell(case, signed(desk, case))
    case.reply(by=desk.priya, text="It is up again.", then="ask")
    assert desk.promise(case, "next_update").state == "kept"
    assert case.state == State.ASKED


def test_a_question_that_stands_goes_on_standing(desk: Desk) -> None:
    case = desk.asked()
    tell(case, signed(desk, case))
    case.refresh_from_db()
    assert (case.state, case.move) == (State.ASKED, Move.OURS)
    assert desk.promise(case, "check_in").state == "open"


def test_a_notice_that_comes_back_undoes_the_first_word(desk: Desk) -> None:
    case = desk.heard()
    message = tell(case, signed(desk, case))
    OutgoingMessage.objects.get(message=message).note_bounced("550", hard=True)
    case.refresh_from_db()
    assert case.unanswered_since is not None
    assert desk.promise(case, "acknowledge").state == "open"
    OutgoingMessage.objects.get(message=message).send_again(by=desk.priya)
    assert desk.promise(case, "acknowledge").state == "kept"
    assert desk.promise(case, "reply").state == "open"


def test_each_case_has_its_own_result_and_one_refusal_stops_no_other(desk: Desk) -> None:
    one, taken, other = desk.heard(), desk.heard(desk.daniel), desk.heard(desk.internal)
    taken.take(by=desk.dele)
    act = several.begin(desk.priya, "take", [one.pk, taken.pk, other.pk, 999_999])
    assert several.go_on(act)
    states = list(act.steps.order_by("pk").values_list("case", "state", "code"))
    assert states == [(one.pk, "done", ""), (taken.pk, "refused", "TAKEN"), (other.pk, "done", "")]
    assert "took this case" in act.steps.get(case=taken).sentence


@pytest.mark.parametrize("doing", ["take", "hand", "team", "tag", "snooze", "watch", "rest"])
def test_every_act_on_many_is_undone_as_one(desk: Desk, doing: str) -> None:
    heard = desk.heard if doing != "snooze" else lambda who: desk.answered(desk.heard(who))
    cases = [heard(who) for who in (desk.ellen, desk.daniel)]
    wanted = {"member": desk.dele.pk, "team": desk.offices.pk, "until": "2026-11-20T11:00:00+00:00"}
    wanted["tag"] = Tag.make("Outage", by=desk.priya).pk
    columns = ("owner", "team", "taken_at", "handing_to", "move", "rested_at", "snoozed_until",
               "unanswered_since")  # fmt: skip
    picture = lambda: list(Case.objects.order_by("pk").values_list(*columns))  # noqa: E731
    promises = lambda: set(  # noqa: E731
        Case.objects.get(pk=cases[0].pk).promises.open().values_list("kind", "due", "owner")
    )
    before, owed = picture(), promises()
    act = several.begin(desk.priya, doing, [case.pk for case in cases], wanted)
    assert several.go_on(act)
    assert act.steps.filter(state="done").count() == 2, list(act.steps.values())
    assert picture() != before or doing in ("tag", "watch")
    assert several.may_be_undone(act)
    assert several.undo(act, by=desk.priya) == 2
    assert several.undo(act, by=desk.priya) == 0
    assert (picture(), promises()) == (before, owed)
    assert not cases[0].taggings.exists() and not cases[0].watches.exists()


def test_undo_takes_nothing_from_whoever_went_on(desk: Desk) -> None:
    one, two = desk.heard(), desk.heard(desk.daniel)
    act = several.begin(desk.priya, "hand", [one.pk, two.pk], {"member": desk.dele.pk})
    several.go_on(act)
    Case.objects.get(pk=one.pk).accept(by=desk.dele)
    assert several.undo(act, by=desk.priya) == 1
    assert Case.objects.get(pk=one.pk).owner == desk.dele
    assert act.steps.get(case=one).state == "stays"
    with pytest.raises(Refused, match="NOT_YOURS"):
        several.undo(act, by=desk.dele)


def test_two_hundred_at_most_and_never_those_of_another_team(desk: Desk) -> None:
    with pytest.raises(Refused, match="TOO_MANY"):
        several.begin(desk.priya, "take", range(1, 202))
    with pytest.raises(Refused, match="NOTHING_CHOSEN"):
        several.begin(desk.ines, "take", [desk.heard().pk])
    assert not BulkAct.objects.exists()


def test_what_a_closed_page_left_is_done_by_the_tick(desk: Desk) -> None:
    cases = [desk.heard(customer_of(f"c{n}@c.example", f"C {n}")) for n in range(3)]
    act = several.begin(desk.priya, "take", [case.pk for case in cases])
    assert not several.go_on(act, limit=1)
    desk.later(seconds=20)
    tick()
    assert act.steps.filter(state="waiting").count() == 2
    desk.later(seconds=20)
    tick()
    act.refresh_from_db()
    assert act.done_at is not None
    assert not BulkStep.objects.exclude(state="done").exists()


def test_who_lost_access_meanwhile_does_nothing_more(desk: Desk) -> None:
    case = desk.heard(desk.ellen, team=desk.offices)
    desk.offices.members.add(desk.dele)
    act = several.begin(desk.dele, "take", [case.pk])
    desk.offices.members.remove(desk.dele)
    several.go_on(act)
    assert act.steps.get().code == "NOT_YOURS"
    assert not Case.objects.get().is_taken


def test_a_notice_cannot_be_called_back_nor_an_old_act_undone(desk: Desk) -> None:
    case = desk.heard()
    act = several.begin(desk.jonas, "notice", [case.pk], notice=signed(desk, case))
    several.go_on(act)
    assert not several.may_be_undone(act)
    with pytest.raises(Refused, match="TOO_OLD"):
        several.undo(act, by=desk.jonas)
    take = several.begin(desk.priya, "take", [case.pk])
    several.go_on(take)
    desk.later(days=1, minutes=1)
    assert not several.may_be_undone(take)


def test_the_purpose_of_a_notice_is_no_machines(desk: Desk) -> None:
    case = desk.heard()
    message = tell(case, signed(desk, case))
    assert message.is_from_a_person and message.side == "us"
    assert message.purpose == Purpose.NOTICE
    assert now() - message.at < timedelta(seconds=1)
