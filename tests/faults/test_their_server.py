"""A scripted mail server behind the real outbox: whatever it does, a copy waits or leaves once."""

import contextlib
import socket
import threading
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from goodword.cases.models import Case, OutgoingMessage
from goodword.channels.mail.models import Mailbox
from goodword.channels.mail.outbox import Outbox
from goodword.core.time import clock, now
from tests.cast import Desk
from tests.faults.ledger import Ledger
from tests.faults.sink import Sink, sink
from tests.mail.letters import case_of, letter


@pytest.fixture
def there(desk: Desk, tmp_path: Path) -> Iterator[Sink]:
    """The sink by which the desk's mail leaves."""
    ledger = Ledger(tmp_path / "ledger")
    with sink(ledger) as server:
        Mailbox.objects.update(smtp_host="127.0.0.1", smtp_port=server.port, smtp_security="none")
        yield server
    ledger.close()


def tried(copy: OutgoingMessage) -> tuple[OutgoingMessage, timedelta]:
    """The copy after its next attempt, and how long it then waits."""
    clock.fix(max(copy.due_at, now()) + timedelta(seconds=1))
    assert Outbox(lambda _address, _use: "").send_due() == 1
    found = OutgoingMessage.objects.get(pk=copy.pk)
    return found, found.due_at - now()


def one(desk: Desk) -> OutgoingMessage:
    desk.asked(case_of(letter()))
    return OutgoingMessage.objects.get()


def test_greylisted_dropped_and_slow_it_arrives_under_one_message_id(
    desk: Desk, there: Sink
) -> None:
    copy = one(desk)
    answers = iter(["451 4.7.1 Greylisted", "421 4.3.2 Closing", "drop", "250 OK"])
    there.script = lambda command, _to: "250 OK" if command == "RCPT" else next(answers)
    waits = []
    while copy.is_open:
        copy, wait = tried(copy)
        if copy.is_open:
            assert copy.state == "deferred" and copy.answer
            waits.append(wait)
    assert copy.state == "sent"
    minutes = [wait.total_seconds() / 60 for wait in waits]
    assert len(minutes) >= 3
    assert all(0.8 <= wait / 2**n <= 1.0 for n, wait in enumerate(minutes))
    # Dropped after they had it whole: the second copy is known by its Message-ID.
    assert there.ledger.noted("delivered") == Counter({copy.header_id: 2})


def test_an_octet_at_a_time_is_a_yes_all_the_same(desk: Desk, there: Sink) -> None:
    there.script = lambda command, _to: "250 OK" if command == "RCPT" else "slow 250 OK"
    copy, _wait = tried(one(desk))
    assert copy.state == "sent"
    assert there.ledger.noted("delivered") == Counter({copy.header_id: 1})


def test_down_for_five_days_it_is_given_up_in_sight(desk: Desk, there: Sink) -> None:
    copy, waits = one(desk), []
    there.script = lambda _command, _to: "450 4.2.0 Come again later"
    while copy.is_open:
        copy, wait = tried(copy)
        waits.append(wait)
        assert len(waits) < 300
    assert max(waits) <= timedelta(hours=1)
    assert timedelta(days=5) < now() - copy.queued_at < timedelta(days=5, hours=2)
    assert (copy.state, "Come again later" in copy.answer) == ("failed", True)
    case = Case.objects.get()
    assert case.move == "ours" and case.entries.filter(kind="given_up").count() == 1
    assert not there.mails


def test_a_server_that_nobody_answers_at_is_waited_for_once_a_batch(
    desk: Desk, there: Sink
) -> None:
    """Or fifty copies wait for half an hour, and other mailboxes with them."""
    for name in ("ann", "bob", "cyd"):
        desk.asked(case_of(letter(sender=f"{name} <{name}@reyes.example>")))
    calls = []

    def hangs_up(line: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                calls.append(line.accept()[0].close())

    with socket.create_server(("127.0.0.1", 0)) as line:
        Mailbox.objects.update(smtp_port=line.getsockname()[1])
        threading.Thread(target=hangs_up, args=(line,), daemon=True).start()
        clock.fix(now() + timedelta(seconds=1))
        assert Outbox(lambda _address, _use: "").send_due() == 3
        line.shutdown(socket.SHUT_RDWR)
    assert len(calls) == 1
    copies = OutgoingMessage.objects.all()
    assert {copy.state for copy in copies} == {"deferred"} and all(copy.answer for copy in copies)
    Mailbox.objects.update(smtp_port=there.port)
    clock.fix(now() + timedelta(minutes=2))
    assert Outbox(lambda _address, _use: "").send_due() == 3
    assert set(copies.values_list("state", flat=True)) == {"sent"}


def test_a_no_for_one_does_not_keep_the_others(desk: Desk, there: Sink) -> None:
    for name in ("ann", "bob", "cyd"):
        desk.asked(case_of(letter(sender=f"{name} <{name}@reyes.example>")))
    there.script = lambda _command, to: "550 5.1.1 No such user" if "bob" in to else "250 OK"
    clock.fix(now() + timedelta(seconds=1))
    Outbox(lambda _address, _use: "").send_due()
    states = dict(OutgoingMessage.objects.values_list("address", "state"))
    assert states == {
        "ann@reyes.example": "sent",
        "bob@reyes.example": "failed",
        "cyd@reyes.example": "sent",
    }
