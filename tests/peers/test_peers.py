"""Every peer is tried once by itself, so that a later failure is known to be ours."""

import smtplib
import time
from collections.abc import Callable

import psycopg
import pytest
from playwright.sync_api import Page

from tests.peers.dovecot import Dovecot
from tests.peers.postfix import Postfix, Sink

MAIL = b"From: ann@example.com\r\nTo: desk@example.net\r\nSubject: A parcel\r\n\r\nWhere is it?\r\n"


def until(true: Callable[[], object], seconds: float = 20) -> bool:
    deadline = time.monotonic() + seconds
    while not true() and time.monotonic() < deadline:
        time.sleep(0.05)
    return bool(true())


def test_a_cluster_of_our_own_answers(postgres_cluster: str) -> None:
    with psycopg.connect(postgres_cluster) as connection:
        row = connection.execute("SELECT current_database(), current_setting('fsync')").fetchone()
    assert row == ("goodword", "off")


def test_mail_by_lmtp_is_read_by_imap(dovecot: Dovecot) -> None:
    ann = dovecot.add_user()
    dovecot.deliver(ann, MAIL)
    (mail,) = dovecot.mails(ann, at_least=1)
    assert mail["Subject"] == "A parcel"
    assert "Where is it?" in mail.get_content()


def test_an_address_with_a_token_reaches_its_mailbox(dovecot: Dovecot) -> None:
    desk = dovecot.add_user()
    dovecot.deliver(desk.replace("@", "+r-abc123@"), MAIL)
    assert len(dovecot.mails(desk, at_least=1)) == 1


def test_dovecot_offers_idle_and_refuses_a_wrong_password(dovecot: Dovecot) -> None:
    desk = dovecot.add_user()
    with dovecot.sign_in(desk) as connection:
        assert "IDLE" in connection.capability()[1][0].decode()
    with pytest.raises(Exception, match="AUTHENTICATIONFAILED"):
        dovecot.sign_in(desk, "wrong")


def test_mail_through_postfix_arrives_in_the_mailbox(
    postfix: Callable[..., Postfix], dovecot: Dovecot
) -> None:
    ann = dovecot.add_user()
    relay = postfix({"mail.example": f"lmtp:inet:127.0.0.1:{dovecot.lmtp_port}"})
    with smtplib.SMTP("127.0.0.1", relay.port) as smtp:
        smtp.sendmail("desk@example.net", [ann], MAIL)
    (mail,) = dovecot.mails(ann, at_least=1)
    assert "relay.example" in str(mail["Received"])


def test_postfix_sends_a_genuine_bounce(
    postfix: Callable[..., Postfix], dovecot: Dovecot, smtp_sink: Callable[..., Sink]
) -> None:
    desk, gone = dovecot.add_user(), smtp_sink(hard="RCPT")
    lmtp = f"lmtp:inet:127.0.0.1:{dovecot.lmtp_port}"
    relay = postfix({"mail.example": lmtp, "gone.example": f"smtp:[127.0.0.1]:{gone.port}"})
    with smtplib.SMTP("127.0.0.1", relay.port) as smtp:
        smtp.sendmail(desk, ["ann@gone.example"], MAIL)
    (bounce,) = dovecot.mails(desk, at_least=1)
    assert bounce.get_content_type() == "multipart/report"
    assert "Action: failed" in bounce.as_string()


def test_postfix_carries_what_smtp_source_sends_to_a_sink(
    postfix: Callable[..., Postfix],
    smtp_source: Callable[..., None],
    smtp_sink: Callable[..., Sink],
) -> None:
    sink = smtp_sink()
    relay = postfix({"example.net": f"smtp:[127.0.0.1]:{sink.port}"})
    smtp_source(relay.port, count=5, sessions=2)
    assert until(lambda: len(sink.mails()) == 5)


def test_a_sink_can_refuse_for_now_and_for_good(smtp_sink: Callable[..., Sink]) -> None:
    for refusal, code in (({"soft": "RCPT"}, 450), ({"hard": "RCPT"}, 500)):
        with smtplib.SMTP("127.0.0.1", smtp_sink(**refusal).port) as smtp:
            with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
                smtp.sendmail("a@example.com", ["b@example.net"], MAIL)
            assert refused.value.recipients["b@example.net"][0] == code


def test_swaks_shows_the_whole_conversation(
    swaks: Callable[..., str], smtp_sink: Callable[..., Sink]
) -> None:
    sink = smtp_sink()
    said = swaks(sink.port, "--from", "ann@example.com", "--to", "desk@example.net")
    assert "250 2.0.0 Ok" in said
    assert "ann@example.com" in sink.mails()[0]


def test_a_page_is_as_wide_as_the_screen(page: Page, phone: Page) -> None:
    for screen, width in ((page, 1440), (phone, 390)):
        screen.set_content("<!doctype html><meta name=viewport content='width=device-width'><h1>x")
        assert screen.evaluate("innerWidth") == width


def test_no_page_reaches_another_machine(page: Page) -> None:
    with pytest.raises(Exception, match="ERR_NAME_NOT_RESOLVED"):
        page.goto("http://example.com/")
