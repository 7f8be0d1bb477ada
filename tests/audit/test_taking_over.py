"""What an audit found, taken over into a desk."""

import re
import sqlite3
from contextlib import closing
from datetime import timedelta

import pytest

from goodword.audit.findings import Word
from goodword.audit.letters import Letter
from goodword.config.taking_over import take_over
from goodword.core.time import now
from goodword.promises.in_words import find
from goodword.promises.models import Promise
from tests.audit import made
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
