"""How many queries one ordinary mail asks, of what is asked for it and not for its batch.

A mail costs processor time for every query, and intake has the time of a few milliseconds
(docs/operating/measured.md). Whoever adds one sees it here, and decides.
"""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from goodword.cases.models import Case
from goodword.channels.mail.models import IncomingMail
from goodword.channels.mail.taking import take
from goodword.core.time import clock, now
from goodword.core.work import claim
from goodword.worker import intake
from goodword.worker.intake import drain_intake
from tests.cast import Desk, london
from tests.mail.letters import SUPPORT, Sent, letter, posted

FEW, MANY = 2, 7
Write = Callable[[int], bytes]

# Savepoints are counted apart: they cost a tenth of the others.
MOST_TO_TAKE = 2
MOST = {
    "known": (18, 2),
    "new": (23, 4),
    "reply": (28, 4),
    "in the evening": (28, 4),
}


def a_known_customer(_n: int) -> bytes:
    return letter()


def a_new_customer(n: int) -> bytes:
    return letter(sender=f"New {n} <new{n}@somewhere{n}.example>")


def queries_of(write: Write, number: int, *, takes: bool = False) -> Counter[str]:
    """By whether they are savepoints, of so many mails in one batch."""
    mails = [write(n) for n in range(number)]
    counted: Counter[str] = Counter()
    with CaptureQueriesContext(connection) as taken:
        for raw in mails:
            take(raw, envelope_from="ellen@whitcombe.example", recipients=[SUPPORT])
    with CaptureQueriesContext(connection) as placed:
        drain_intake()
    assert not IncomingMail.objects.filter(done_at=None).exists()
    for each in (taken if takes else placed).captured_queries:
        word = str(each["sql"]).split()[0]
        counted["savepoint" if word in ("SAVEPOINT", "RELEASE") else "query"] += 1
    return counted


def of_one(write: Write, **how: bool) -> tuple[float, float]:
    """What one more mail in a batch asks besides what the batch asks."""
    queries_of(write, FEW)
    few = queries_of(lambda n: write(n + 100), FEW, **how)
    many = queries_of(lambda n: write(n + 200), MANY, **how)
    more = MANY - FEW
    return (many["query"] - few["query"]) / more, (many["savepoint"] - few["savepoint"]) / more


@pytest.fixture
def at_noon(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Desk:
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL has locks and notes of its own, and a transaction for each mail")
    # However slow the machine is, a batch is one batch.
    for limit in ("READS_FOR", "PLACES_FOR", "LETS_IN_AFTER"):
        monkeypatch.setattr(intake, limit, 1e9)
    clock.fix(london("2026-11-19 12:00"))
    return desk


def assert_at_most(kind: str, asked: tuple[float, float]) -> None:
    most = MOST[kind]
    is_so = asked[0] <= most[0] and asked[1] <= most[1]
    assert is_so, f"a mail of this kind ({kind}) asks {asked}, and may ask {most}"
    assert asked[0] > 5


def test_a_mail_of_a_known_customer(at_noon: Desk) -> None:
    assert_at_most("known", of_one(a_known_customer))


def test_a_mail_of_a_new_customer(at_noon: Desk) -> None:
    assert_at_most("new", of_one(a_new_customer))


def test_an_answer_in_a_known_case(at_noon: Desk) -> None:
    cases = [at_noon.answered() for _ in range(3 * MANY)]
    sent: list[Sent] = posted()
    answers = iter(sent)
    assert len(sent) == len(cases)
    before = Case.objects.count()
    assert_at_most("reply", of_one(lambda _n: next(answers).answered()))
    assert Case.objects.count() == before


def test_a_mail_in_the_evening_that_gets_a_receipt(at_noon: Desk) -> None:
    clock.fix(london("2026-11-19 21:00"))
    assert_at_most("in the evening", of_one(a_new_customer))


def test_a_mail_that_is_taken(at_noon: Desk) -> None:
    assert of_one(a_known_customer, takes=True)[0] <= MOST_TO_TAKE + 2


def test_where_nothing_is_due_a_worker_asks_once_and_begins_nothing(
    at_noon: Desk,
) -> None:
    with CaptureQueriesContext(connection) as asked:
        assert not claim(IncomingMail.objects.all(), limit=1, lease=timedelta(minutes=1), now=now())
    assert len(asked) == 1
