"""What an audit found, taken over into a desk."""

import dataclasses
import re
import sqlite3
from contextlib import closing
from datetime import timedelta

import pytest

from goodword.audit.findings import Word
from goodword.audit.letters import Letter, Ours
from goodword.cases.models import Case, Message, OutgoingMessage
from goodword.channels.mail.taking import take
from goodword.config.taking_over import TakenIn, take_in_answers, take_over
from goodword.core.time import now
from goodword.promises.in_words import find
from goodword.promises.models import Promise
from goodword.worker.intake import drain_intake
from tests.audit import made
from tests.cast import Desk
from tests.cli.running import INIT, goodword


def test_the_cases_and_what_is_still_promised_are_taken_over(tmp_path):
    data, source = tmp_path / "data", made.maildir(tmp_path / "mail")
    init = ["priya@desk.example" if each == "help@harbour.example" else each for each in INIT]
    assert goodword(data, *init).returncode == 0
    fixed = ("--until", made.UNTIL, "--report", str(tmp_path / "r.html"))
    done = goodword(data, "audit", str(source), *fixed, "--into-desk")
    assert done.returncode == 0, done.stderr
    assert _count(done, "cases") == 6
    assert _count(done, "promises taken over") == 1
    assert _waiting(data) == {"d1@made.example", "e1@made.example", "f1@made.example"}


def _waiting(data):
    """Whom the desk owes an answer: the threads in which they spoke last, and no other."""
    with closing(sqlite3.connect(data / "goodword.sqlite3")) as database:
        rows = database.execute(
            "SELECT min(m.message_id) FROM promises_promise p"
            " JOIN cases_message m ON m.case_id = p.case_id AND m.direction = 'in'"
            " WHERE p.kind = 'reply' GROUP BY p.case_id"
        ).fetchall()
    return {each.strip("<>") for (each,) in rows}


def _count(done, what):
    return int(re.search(rf"(\d+)  {what}", done.stdout)[1])


@pytest.fixture
def word(desk):
    def of(state, parents=()):
        letter = Letter(
            "made", "<given@made.example>", parents, now(), "priya@desk.example", "Priya",
            ("gus@mill.example",), "Your quote", "I'll send the quote in two days.",
        )  # fmt: skip
        hours = desk.business.schedule.hours
        (found,) = find(letter.text, letter.at, hours)
        return Word(letter, found, state, None)

    return of


@pytest.mark.django_db
def test_a_promise_is_taken_over_once(word):
    assert [take_over([word("still open")]) for _ in range(2)] == [1, 0]
    promise = Promise.objects.get(text="I'll send the quote in two days.")
    assert promise.case.title == "Your quote"
    assert promise.customer.mail_address() == "gus@mill.example"
    assert promise.due - promise.made_at == timedelta(days=2)


@pytest.mark.django_db
def test_what_is_past_its_time_is_taken_over_on_request_alone(word):
    assert take_over([word("nothing")]) == 0
    assert take_over([word("nothing")], with_broken=True) == 1


OURS = Ours.of(["support@harbourlane.example", "priya@harbourlane.example"])


def letter(number: int, text: str, *to: str, answers: int = 0, hours: int = 0) -> Letter:
    return Letter(
        name="made",
        message_id=f"<{number}@made.example>",
        parents=(f"<{answers}@made.example>",) if answers else (),
        at=now() - timedelta(days=9, hours=-hours),
        sender="priya@harbourlane.example",
        sender_name="Priya",
        recipients=to or ("gus@mill.example",),
        subject="Your lease",
        text=text,
        names=(("gus@mill.example", "Gus Mill"),),
    )


def their_answer(desk: Desk, to: int) -> Message:
    raw = (
        "From: Gus <gus@mill.example>\r\nTo: support@harbourlane.example\r\n"
        f"Message-ID: <his{to}@mill.example>\r\nIn-Reply-To: <{to}@made.example>\r\n"
        "Subject: Re: Your lease\r\n\r\nYes please."
    )
    [row] = take(raw.encode(), envelope_from="gus@mill.example", recipients=[desk.mailbox.address])
    drain_intake()
    row.refresh_from_db()
    return row.message


@pytest.mark.django_db
def test_what_we_wrote_first_is_a_case_that_waits_for_them_without_a_clock(desk: Desk) -> None:
    to = ("gus@mill.example", "ada@free.example", "support@harbourlane.example",
          "no-reply@mill.example")  # fmt: skip
    said = [letter(1, "Shall we renew it?", *to), letter(2, "Still there?", answers=1, hours=5)]
    done = take_in_answers(said, desk.mailbox, OURS)
    assert (done.begun, done.answers) == (1, 1)
    case = Case.objects.get(title="Your lease")
    assert (case.customer.name, case.opened_at) == ("Gus Mill", said[0].at)
    assert case.customer.account.domain == "mill.example"
    readers = case.participants.exclude(customer=case.customer)
    assert [each.customer.mail_address() for each in readers] == ["ada@free.example"]
    assert [each.text for each in case.messages.order_by("at")] == [each.text for each in said]
    assert (case.move, case.next_due, case.unanswered_since) == ("theirs", None, None)
    assert case.last_said == "Still there?" and not case.promises.exists()
    assert not OutgoingMessage.objects.filter(message__case=case).exists()
    assert take_in_answers(said, desk.mailbox, OURS) == TakenIn(0, 0)


@pytest.mark.django_db
def test_their_answer_goes_on_in_the_case_that_we_began_and_its_clocks_run(desk: Desk) -> None:
    take_in_answers([letter(1, "Shall we renew it?")], desk.mailbox, OURS)
    message = their_answer(desk, to=1)
    case = Case.objects.get(title="Your lease")
    assert message.case == case and case.move == "ours" and case.rested_at is None
    assert {each.kind for each in case.promises.all()} == {"acknowledge", "reply"}


@pytest.mark.django_db
def test_what_they_answered_before_ours_was_brought_in_begins_with_ours(desk: Desk) -> None:
    theirs = their_answer(desk, to=1)
    said = [letter(2, "And the key?", answers=1, hours=5), letter(1, "Shall we renew it?")]
    assert take_in_answers(said, desk.mailbox, OURS) == TakenIn(2, 0)
    case = Case.objects.get(pk=theirs.case_id)
    assert [each.direction for each in case.messages.order_by("at")] == ["out", "out", "in"]
    assert case.opened_at == said[1].at and case.move == "ours"


@pytest.mark.django_db
@pytest.mark.parametrize("to", ["priya@harbourlane.example", "noreply@mill.example"])
def test_what_went_to_nobody_outside_makes_no_case(desk: Desk, to: str) -> None:
    before = Case.objects.count()
    assert take_in_answers([letter(1, "Lunch?", to)], desk.mailbox, OURS) == TakenIn(0, 0)
    assert Case.objects.count() == before


@pytest.mark.django_db
def test_what_this_desk_sent_itself_is_not_taken_in_again(desk: Desk) -> None:
    case = desk.answered(desk.heard())
    copy = OutgoingMessage.objects.filter(message__case=case).latest("pk")
    ours = dataclasses.replace(letter(1, "Again"), message_id=copy.header_id)
    assert take_in_answers([ours], desk.mailbox, OURS) == TakenIn(0, 0)
