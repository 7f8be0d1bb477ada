"""What the fetchers remember, and that a mail which cannot be had still makes a case."""

import threading
from datetime import UTC, datetime

import pytest

from goodword.cases.models import Case
from goodword.channels.mail.imap import Holding, Mark
from goodword.channels.mail.models import IncomingMail, Mailbox
from goodword.core.time import clock
from goodword.worker.fetching import Fetchers, Place, start_of
from goodword.worker.intake import drain_intake
from tests.cast import Desk
from tests.cli.running import a_mail, wait_until
from tests.peers.dovecot import PASSWORD, Dovecot


@pytest.fixture
def place(desk: Desk) -> Place:
    return Place(desk.mailbox, threading.Event())


def test_a_mark_comes_back_as_it_was_saved(place: Place) -> None:
    assert place.load() is None
    mark = Mark(7, 42, datetime(2026, 11, 1, tzinfo=UTC), {40: 2}, (12, 13))
    place.save(mark)
    assert place.load() == mark


def test_a_mail_that_is_too_large_makes_a_case_in_the_name_of_its_sender(place: Place) -> None:
    header = a_mail("Forty scans").partition(b"\n\n")[0] + b"\n\n"
    place.left_on_server(5, 61_000_000, header, "too-big")
    drain_intake()
    case = Case.objects.get()
    assert (case.title, case.customer.name) == ("Forty scans", "Eve Stone")
    assert "61.0 MB" in case.messages.get().text


def test_how_the_mailbox_is_stands_on_it(place: Place, desk: Desk) -> None:
    place.in_trouble("sign-in", "It does not accept our sign-in.")
    desk.mailbox.refresh_from_db()
    assert desk.mailbox.trouble == "It does not accept our sign-in."
    place.read_at(datetime.now(UTC), Holding(12, 40, 0, 0, 0))
    desk.mailbox.refresh_from_db()
    assert (desk.mailbox.trouble, desk.mailbox.server_count) == ("", 12)


def test_when_to_start_from_is_now_all_or_a_day() -> None:
    assert (start_of("now"), start_of("all")) == ("now", "all")
    assert start_of("2026-11-01") == datetime(2026, 11, 1, tzinfo=UTC)


@pytest.mark.django_db(transaction=True)
def test_a_mailbox_that_is_added_while_we_run_is_fetched(dovecot: Dovecot) -> None:
    from tests.cast import gather

    desk = gather()
    clock.follow_the_machine()
    address = dovecot.add_user()
    dovecot.deliver(address, a_mail("Out of Dovecot", to=address))
    woken = threading.Event()
    fetchers = Fetchers(lambda _address, use: PASSWORD, woken)
    fetchers.turn()
    Mailbox.add(
        by="system", address=address, name="Fetched", team=desk.support, imap_host="127.0.0.1",
        imap_port=dovecot.imap_port, imap_security="none", imap_start="all",
    )  # fmt: skip
    fetchers.turn()
    try:
        wait_until(lambda: IncomingMail.objects.filter(source="imap").exists(), 20)
        box = Mailbox.objects.get(address=address)
        wait_until(lambda: Mailbox.objects.get(pk=box.pk).server_count == 1)
    finally:
        fetchers.stop()
    assert woken.is_set()
    drain_intake()
    assert Case.objects.filter(title="Out of Dovecot").exists()
