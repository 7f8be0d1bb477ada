"""Undo send: for some seconds a message is its writer's; then the worker has it. Never both."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from goodword.cases.models import Attachment, Case, Draft, Message, OutgoingMessage, TakeBack
from goodword.cases.states import Move, State
from goodword.core.refusals import Refused
from goodword.journal.sealing import damage
from goodword.people.meeting import customer_of
from tests.cast import Desk, gather
from tests.mail.letters import posted

CALLBACK = {"kind": "callback", "text": "I call you", "form": "within:240"}


def typed(case: Case, desk: Desk, **how: Any) -> Message:
    """A reply as the composer sends it: with the form, so that it can be taken back."""
    how.setdefault("promises", [CALLBACK])
    fields = {"cc": ["boss@whitcombe.example"], "then": ["promise"]}
    details = {"then": "promise", "text": "I am on it.", "typed": fields, **how}
    return case.reply(by=desk.priya, **details)


def test_it_waits_its_seconds_and_then_leaves(desk: Desk) -> None:
    typed(desk.heard(), desk)
    assert posted() == []
    desk.later(seconds=9.9)
    assert posted() == []
    desk.later(seconds=0.1)
    assert len(posted()) == 1


def test_taking_it_back_leaves_the_case_as_it_was_and_the_words_in_the_composer(
    desk: Desk,
) -> None:
    case = desk.heard()
    before = Case.objects.get(pk=case.pk)
    file = Attachment.keep("plan.pdf", b"%PDF", "application/pdf")
    message = typed(case, desk, cc=["boss@whitcombe.example"], attachments=[file])
    case.take_back(message, by=desk.priya)
    after = Case.objects.get(pk=case.pk)
    for name in ("state", "unanswered_since", "asked_at", "rested_at", "move", "next_due",
                 "last_said", "last_side", "waiting_since", "question"):  # fmt: skip
        assert getattr(after, name) == getattr(before, name), name
    assert set(case.promises.values_list("kind", "state")) == {
        ("acknowledge", "open"), ("reply", "open"), ("callback", "void"),
    }  # fmt: skip
    draft = Draft.objects.get()
    assert (draft.text, draft.fields["cc"]) == ("I am on it.", ["boss@whitcombe.example"])
    assert list(draft.attachments.values_list("name", flat=True)) == ["plan.pdf"]
    assert not case.participants.exclude(customer=desk.ellen).exists()
    assert case.entries.filter(kind="send_undone", member=desk.priya).count() == 1
    desk.later(seconds=60)
    assert posted() == []
    assert list(damage()) == []


@pytest.mark.parametrize("then", ["ask", "wait", "rest"])
def test_what_came_after_it_is_taken_back_too(desk: Desk, then: str) -> None:
    case = desk.heard()
    message = typed(case, desk, then=then, question="Which one?", promises=[])
    case.take_back(message, by=desk.priya)
    case.refresh_from_db()
    assert (case.state, case.move) == (State.RECEIVED, Move.OURS)
    assert case.unanswered_since is not None
    assert (case.waiting_since, case.rested_at, case.asked_at) == (None, None, None)
    assert set(case.promises.open().values_list("kind", flat=True)) == {"acknowledge", "reply"}


def test_a_question_that_stood_before_stands_again(desk: Desk) -> None:
    case = desk.heard()
    case.reply(by=desk.priya, text="Which printer?", then="wait", question="Which printer?")
    message = typed(case, desk, text="Never mind.")
    case.take_back(message, by=desk.priya)
    case.refresh_from_db()
    assert (case.question, case.move) == ("Which printer?", Move.THEIRS)
    assert case.waiting_since is not None


def test_words_that_were_begun_meanwhile_stand_beside_those_that_come_back(desk: Desk) -> None:
    case = desk.heard()
    message = typed(case, desk)
    Draft.keep(case, desk.priya, "reply", "The next one", {}, version=0)
    case.take_back(message, by=desk.priya)
    draft = Draft.objects.get()
    assert (draft.text, draft.other) == ("I am on it.", "The next one")


def test_a_customer_who_wrote_meanwhile_stays_unanswered(desk: Desk) -> None:
    case = desk.heard()
    message = typed(case, desk)
    case.hear(desk.ellen, "It smells of smoke.")
    case.take_back(message, by=desk.priya)
    case.refresh_from_db()
    assert case.move == Move.OURS
    assert case.unanswered_since == case.messages.order_by("id")[0].at


def test_nobody_but_its_writer_takes_it_back_and_nobody_twice(desk: Desk) -> None:
    case = desk.heard()
    message = typed(case, desk)
    with pytest.raises(Refused, match="NOT_YOURS"):
        case.take_back(message, by=desk.jonas)
    assert case.take_back(message, by=desk.priya) is not None
    assert case.take_back(Message.objects.get(pk=message.pk), by=desk.priya) is None
    assert case.entries.filter(kind="send_undone").count() == 1


def test_what_has_left_cannot_be_taken_back(desk: Desk) -> None:
    case = desk.heard()
    message = typed(case, desk)
    desk.later(seconds=10)
    posted()
    with pytest.raises(Refused, match="TOO_LATE"):
        case.take_back(message, by=desk.priya)
    assert Message.objects.get(pk=message.pk).direction == "out"
    assert not Draft.objects.exists()


def test_the_customer_never_sees_what_was_taken_back(desk: Desk) -> None:
    from goodword.portal.access import visible_messages

    case = desk.heard()
    message = typed(case, desk)
    case.take_back(message, by=desk.priya)
    assert message not in visible_messages(desk.link(case))
    assert not TakeBack.objects.exists()


def test_who_would_have_joined_by_it_has_not(desk: Desk) -> None:
    case = desk.heard()
    case.participants.create(customer=customer_of("old@whitcombe.example"), role="copy")
    message = typed(case, desk, cc=["old@whitcombe.example", "new@whitcombe.example"])
    case.take_back(message, by=desk.priya)
    along = case.participants.filter(role="copy").values_list("customer__name", flat=True)
    assert list(along) == ["old@whitcombe.example"]


# The race at second 10.0, on the database of this run and, in its own test run, on PostgreSQL.


def together(*acts: Callable[[], Any]) -> list[Any]:
    start, results = threading.Barrier(len(acts)), [None] * len(acts)

    def run(number: int, act: Callable[[], Any]) -> None:
        start.wait()
        try:
            results[number] = act()
        except Exception as error:
            results[number] = error  # type: ignore[call-overload]
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_at_second_ten_either_it_leaves_or_it_comes_back(transactional_db: None) -> None:
    desk = gather()
    outcomes = set()
    for _turn in range(12):
        case = desk.heard()
        message = typed(case, desk)
        desk.later(seconds=10)

        def back(case: Case = case, message: Message = message) -> Any:
            mine = Message.objects.get(pk=message.pk)
            return Case.objects.get(pk=case.pk).take_back(mine, by=desk.priya)

        sent, *clicks = together(posted, back, back)
        assert not isinstance(sent, Exception), sent
        left = OutgoingMessage.objects.get(message=message).state == "sent"
        won = [each for each in clicks if isinstance(each, Draft)]
        assert len(won) == (0 if left else 1)
        assert len(sent) == (1 if left else 0)
        assert Message.objects.get(pk=message.pk).direction == ("out" if left else "back")
        assert case.entries.filter(kind="send_undone").count() == len(won)
        outcomes.add(left)
    assert list(damage()) == []
