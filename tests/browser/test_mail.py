"""Real mail at its edges: by IMAP, too large, bounced, and the same mail twice."""

import smtplib
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.browser.composer import answer
from tests.browser.server import until
from tests.browser.town import BY_IMAP, SUPPORT, Town

Person = Callable[..., BrowserContext]
MEGABYTE = 1024 * 1024


def test_a_mail_is_in_the_open_inbox_within_two_seconds(town: Town, person: Person) -> None:
    """Counted from the 250 of our own listener; the best of three, since the cores are shared."""
    ellen = town.customer("ellen")
    page = town.sign_in(person())
    page.goto(f"{town.desk.url}/inbox/")
    expect(page.locator("#inbox-list")).to_be_visible()
    for number in range(3):
        town.send(ellen, "Hello?", subject=f"Quick {number}", port=town.desk.smtp_port)
        row = page.locator(".rowlink", has_text=f"Quick {number}")
        try:
            row.wait_for(timeout=2_000)
            return
        except TimeoutError:
            expect(row).to_be_visible()
    pytest.fail("Three mails took longer than two seconds each to appear")


def test_a_mail_in_an_imap_mailbox_becomes_a_case_and_is_answered(
    town: Town, person: Person
) -> None:
    ellen = town.customer("ellen")
    page = town.sign_in(person())
    page.goto(f"{town.desk.url}/inbox/")
    town.send(ellen, "May I have a desk on Friday?", to=BY_IMAP, subject="A desk on Friday")
    expect(page.locator(".rowlink", has_text="A desk on Friday")).to_be_visible(timeout=20_000)
    case = town.open_case(page, "A desk on Friday")
    answer(page, "Yes, number four is yours.", then="ask")
    first = town.received(ellen, 1)
    assert BY_IMAP in str(first["From"])
    # The answer comes back by the same mailbox, through its plus-address.
    town.send(ellen, "Number four is fine.", answering=first)
    expect(page.locator("#case-thread")).to_contain_text("Number four is fine.", timeout=20_000)
    sources = town.desk.ask(
        "SELECT DISTINCT i.source FROM mail_incomingmail i"
        " JOIN cases_message m ON m.id = i.message_id WHERE m.case_id = ?",
        case,
    )
    assert sources == [("imap",)]


def test_a_mail_that_bounces_unkeeps_what_it_kept(town: Town, person: Person) -> None:
    page = town.sign_in(person())
    town.send("ann@gone.example", "My key does not open.", subject="The key")
    until(lambda: town.desk.ask("SELECT 1 FROM cases_case WHERE title = 'The key'"), "no case came")
    case = town.open_case(page, "The key")
    answer(page, "A new key is at the desk.", then="ask")
    kept = (
        "SELECT COUNT(*) FROM promises_promise WHERE case_id = ? AND kind = 'reply' AND state = ?"
    )
    bounced = page.locator("#case-thread [data-delivery=bounced]")
    expect(bounced).to_be_visible(timeout=30_000)
    assert town.desk.ask(kept, case, "kept") == [(0,)]
    assert town.desk.ask(kept, case, "open") == [(1,)]
    page.goto(f"{town.desk.url}/inbox/")
    expect(page.locator(".rowlink", has_text="The key")).to_be_visible()
    assert town.desk.ask(
        "SELECT COUNT(*) FROM cases_case WHERE customer_id IN (SELECT customer_id"
        " FROM people_contactpoint WHERE value = 'ann@gone.example')"
    ) == [(1,)]


def test_a_mail_of_thirty_megabytes_is_refused_with_a_sentence(town: Town) -> None:
    before = town.desk.ask("SELECT COUNT(*) FROM mail_incomingmail")
    head = b"From: ellen@whitcombe.example\r\nSubject: A film\r\n\r\n"
    line = b"0123456789" * 7 + b"\r\n"
    film = head + line * (30 * MEGABYTE // len(line))
    with smtplib.SMTP("127.0.0.1", town.desk.smtp_port, "localhost") as listener:
        listener.ehlo("localhost")
        assert int(listener.esmtp_features["size"]) == 25 * MEGABYTE
        with pytest.raises(smtplib.SMTPSenderRefused) as refused:
            listener.sendmail("ellen@whitcombe.example", [SUPPORT], film)
    assert refused.value.smtp_code == 552
    assert b"larger than the 25 MB" in refused.value.smtp_error
    # A relay that asks our size first tells the sender by itself.
    ellen = town.customer("ellen")
    town.send(ellen, "A film:\n" + "0123456789\n" * (30 * MEGABYTE // 11), subject="A film")
    (bounce,) = town.mailboxes.mails(ellen, at_least=1, seconds=40)
    assert "exceeds size limit 26214400" in " ".join(bounce.as_string().split())
    assert town.desk.ask("SELECT COUNT(*) FROM mail_incomingmail") == before


def test_the_same_mail_twice_is_one_message(town: Town) -> None:
    ellen = town.customer("ellen")
    mail = town.send(ellen, "Only once, please.", subject="Only once")
    with smtplib.SMTP("127.0.0.1", town.relay.port, "localhost") as relay:
        relay.send_message(mail)
    copies = "SELECT copies FROM mail_incomingmail WHERE recipient = ? ORDER BY id DESC LIMIT 1"
    until(lambda: town.desk.ask(copies, SUPPORT)[0][0] > 0, "the second copy did not come")
    cases = "SELECT COUNT(*) FROM cases_case WHERE title = 'Only once'"
    assert until(lambda: town.desk.ask(cases)[0][0], "no case came") == 1
