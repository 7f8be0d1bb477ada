"""Send later: it goes out at its time, or is held and said so; meanwhile it keeps nothing."""

from typing import Any

import pytest

from goodword.cases.leaving import revoke
from goodword.cases.models import Attachment, Case, Draft, Message, Scheduled
from goodword.cases.models.scheduled import Stand
from goodword.cases.states import Move
from goodword.core.refusals import Refused
from goodword.journal.sealing import damage
from goodword.worker.later import go_out
from tests.cast import Desk, london
from tests.mail.letters import posted

WORD = {"kind": "callback", "text": "I call you", "form": "within:60"}


def later(case: Case, desk: Desk, **how: Any) -> Scheduled:
    details = {"at": london("2026-11-20 09:00"), "text": "Good morning.", "then": "promise",
               "promises": [WORD], "seen": case.newest_message_id(), **how}  # fmt: skip
    return Scheduled.write(case, by=desk.priya, **details)


def test_it_keeps_nothing_before_it_goes_out_and_what_it_says_then(desk: Desk) -> None:
    case = desk.heard()
    scheduled = later(case, desk)
    case.refresh_from_db()
    assert (case.move, case.unanswered_since is not None) == (Move.OURS, True)
    assert set(case.promises.open().values_list("kind", flat=True)) == {"acknowledge", "reply"}
    assert go_out() == 0
    desk.at("2026-11-20 09:00")
    assert go_out() == 1
    scheduled.refresh_from_db()
    assert (scheduled.stand, scheduled.message) == (Stand.SENT, desk.last(case))
    assert desk.promise(case, "reply").state == "kept"
    # A time that was given in minutes counts from when they read it.
    assert desk.promise(case, "callback").due == london("2026-11-20 10:00")
    assert len(posted()) == 1
    assert go_out() == 0
    assert list(damage()) == []


def test_a_customer_who_writes_holds_it_at_once(desk: Desk) -> None:
    case = desk.heard()
    scheduled = later(case, desk)
    case.hear(desk.ellen, "It is on fire!")
    scheduled.refresh_from_db()
    assert (scheduled.stand, case.entries.filter(kind="schedule_held").count()) == ("held", 1)
    desk.at("2026-11-20 09:00")
    assert go_out() == 0
    assert not Message.objects.filter(direction="out").exists()
    assert Case.objects.get(pk=case.pk).move == Move.OURS


def test_a_colleague_who_answers_or_calls_holds_it(desk: Desk) -> None:
    for act in ("reply", "call"):
        case = desk.heard()
        scheduled = later(case, desk)
        if act == "reply":
            case.reply(by=desk.dele, text="Fixed.", then="rest")
        else:
            case.log_call("She is happy.", by=desk.dele, answers=True)
        scheduled.refresh_from_db()
        assert scheduled.is_held, act


def test_somebody_who_joined_behind_its_back_holds_it_when_its_time_comes(desk: Desk) -> None:
    case = desk.heard()
    scheduled = later(case, desk)
    Message.objects.create(
        case=case, direction="in", customer=desk.ellen, at=scheduled.made_at, text="By a merge"
    )
    desk.at("2026-11-20 09:00")
    go_out()
    scheduled.refresh_from_db()
    assert scheduled.is_held
    assert "Something was said here" in scheduled.why


def test_whoever_left_sends_nothing_any_more(desk: Desk) -> None:
    scheduled = later(desk.heard(), desk)
    revoke(desk.priya, by=desk.jonas)
    desk.at("2026-11-20 09:00")
    go_out()
    scheduled.refresh_from_db()
    assert (scheduled.stand, Message.objects.filter(direction="out").count()) == ("held", 0)
    assert "no longer has access" in scheduled.why


def test_what_the_reply_would_be_refused_for_is_refused_when_it_is_written(desk: Desk) -> None:
    case = desk.answered()
    with pytest.raises(Refused, match="PROMISES_OPEN"):
        later(case, desk, then="ask", promises=[])
    with pytest.raises(Refused, match="NO_TIME"):
        later(case, desk, at=london("2026-11-19 16:00"))
    early = {"kind": "callback", "text": "I call", "due": london("2026-11-19 17:00")}
    with pytest.raises(Refused, match="NO_TIME"):
        later(case, desk, promises=[early])
    assert not Scheduled.objects.exists()
    assert case.messages.filter(direction="out").count() == 1


def test_it_can_be_cancelled_go_on_be_edited_and_be_sent_at_once(desk: Desk) -> None:
    case = desk.heard()
    file = Attachment.keep("a.txt", b"a", "text/plain")
    scheduled = later(case, desk, attachments=[file], fields={"then": ["promise"]})
    assert scheduled.cancel(by=desk.priya) and not scheduled.cancel(by=desk.priya)
    desk.later(minutes=1)
    assert scheduled.resume(by=desk.priya, seen=case.newest_message_id())
    draft = scheduled.edit(by=desk.priya)
    assert (draft.text, draft.attachments.get().name) == ("Good morning.", "a.txt")
    again = later(case, desk, attachments=list(draft.attachments.all()))
    message = again.send_now(by=desk.priya, seen=case.newest_message_id())
    assert message is not None and message.attachments.get().name == "a.txt"
    assert again.send_now(by=desk.priya, seen=case.newest_message_id()) is None
    assert not Draft.objects.filter(text="").exists()


def test_a_held_one_is_sent_only_by_whoever_has_read_what_is_new(desk: Desk) -> None:
    case = desk.heard()
    seen = case.newest_message_id()
    scheduled = later(case, desk)
    case.hear(desk.ellen, "Wait!")
    scheduled.refresh_from_db()
    with pytest.raises(Refused, match="COLLISION"):
        scheduled.send_now(by=desk.priya, seen=seen)
    with pytest.raises(Refused, match="NOT_YOURS"):
        scheduled.send_now(by=desk.tom, seen=case.newest_message_id())
    assert scheduled.send_now(by=desk.marta, seen=case.newest_message_id()) is not None


def test_an_open_case_is_never_dark_meanwhile(desk: Desk) -> None:
    case = desk.answered()
    callback = desk.promise(case, "callback")
    later(case, desk, at=london("2026-11-24 10:00"), promises=[WORD])
    callback.keep(by=desk.priya, evidence="Rang her.")
    case.refresh_from_db()
    assert case.next_due is not None
    assert case.promises.open().filter(kind="next_update").exists()
