"""What machines write: no promise, no answer, never a loop; bounces find their message."""

import pytest

from goodword.cases.models import Case, Message, OutgoingMessage
from goodword.channels.mail.models import Mailbox
from goodword.people.models import Account, SenderRule
from goodword.promises.models import Promise
from tests.cast import Desk
from tests.mail.letters import (
    ELLEN,
    SUPPORT,
    Post,
    Sent,
    case_of,
    delivered,
    heard,
    letter,
    posted,
    tomorrow,
)

AUTOMATIC = {
    "vacation": {"Auto_Submitted": "auto-replied", "Subject": "Out of office"},
    "bulk": {"Precedence": "bulk"},
    "list": {"List_Id": "<news.else.example>", "List_Unsubscribe": "<mailto:u@else.example>"},
    "other": {"Auto_Submitted": "auto-generated"},
}


def receipts() -> int:
    return Message.objects.filter(purpose="receipt").count()


def states(case: Case) -> dict[str, str]:
    return dict(case.promises.order_by("id").values_list("kind", "state"))


@pytest.mark.parametrize("kind", AUTOMATIC)
def test_automatic_mail_makes_no_promise_and_gets_no_answer(desk: Desk, kind: str) -> None:
    desk.at("2026-11-19 20:00")
    headers = {**AUTOMATIC[kind]}
    subject = headers.pop("Subject", "News")
    row = delivered(letter(subject=subject, **headers))
    assert (row.state, bool(row.automatic)) == ("automatic", True)
    assert not Promise.objects.exists() and not OutgoingMessage.objects.exists()


def test_an_out_of_office_in_a_case_stands_there_and_moves_nothing(desk: Desk) -> None:
    case = desk.asked(case_of(letter()))
    (sent,) = posted()
    raw = sent.answered("I am away until Monday.", Auto_Submitted="auto-replied")
    message = heard(raw, sent.reply_to)
    assert (message.case, message.automatic) == (case, "vacation")
    case.refresh_from_db()
    assert (case.move, case.state, case.unanswered_since) == ("decide", "asked", None)


# Bounces


def bounce(
    sent: Sent, *, to: str, about: str | None = None, action: str = "failed", status: str = "5.1.1"
) -> bytes:
    """A delivery report as RFC 3464 has it."""
    original = str(sent.mail["Message-ID"]) if about is None else about
    named = f"Message-ID: {original}\r\n" if original else ""
    text = (
        f"From: MAILER-DAEMON@mx.whitcombe.example\r\nTo: {to}\r\nSubject: Undelivered Mail\r\n"
        "Message-ID: <report@mx.whitcombe.example>\r\nAuto-Submitted: auto-replied\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n'
        "MIME-Version: 1.0\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nIt failed.\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\n"
        "Reporting-MTA: dns; mx.whitcombe.example\r\n\r\n"
        f"Final-Recipient: rfc822; {sent.recipient}\r\nAction: {action}\r\nStatus: {status}\r\n"
        f"Diagnostic-Code: smtp; {status} no\r\n\r\n--b\r\nContent-Type: message/rfc822\r\n\r\n"
        f"From: {SUPPORT}\r\n{named}Subject: Re: Server\r\n\r\nIt is fixed.\r\n--b--\r\n"
    )
    return text.encode()


def answered_and_sent(desk: Desk) -> tuple[Case, Sent]:
    case = desk.answered(case_of(letter()))
    (sent,) = posted()
    return case, sent


def test_a_bounce_to_the_return_path_finds_its_copy_and_un_keeps(desk: Desk) -> None:
    case, sent = answered_and_sent(desk)
    row = delivered(bounce(sent, to=sent.envelope_from), sent.envelope_from, envelope_from="")
    assert row.automatic == "bounce"
    assert OutgoingMessage.objects.get().state == "bounced"
    assert states(case) == {"acknowledge": "open", "reply": "open", "callback": "open"}
    case.refresh_from_db()
    assert case.move == "ours" and case.unanswered_since is not None


def test_without_plus_parts_a_bounce_is_known_by_the_message_id(desk: Desk) -> None:
    Mailbox.objects.update(plus_parts_work=False)
    case, sent = answered_and_sent(desk)
    delivered(bounce(sent, to=SUPPORT), SUPPORT, envelope_from="")
    assert OutgoingMessage.objects.get().state == "bounced"
    assert states(case)["reply"] == "open"


def test_a_bounce_that_knows_only_the_message_id_is_shown_and_un_keeps_nothing(
    desk: Desk,
) -> None:
    case, sent = answered_and_sent(desk)
    delivered(bounce(sent, to=SUPPORT), SUPPORT, envelope_from="")
    assert OutgoingMessage.objects.get().state == "sent"
    assert states(case)["reply"] == "kept"
    assert case.messages.filter(automatic="bounce").count() == 1


def test_a_bounce_by_token_without_a_message_id_finds_the_newest_copy(desk: Desk) -> None:
    case, sent = answered_and_sent(desk)
    delivered(bounce(sent, to=sent.envelope_from, about=""), sent.envelope_from, envelope_from="")
    assert states(case)["reply"] == "open"


@pytest.mark.parametrize(
    ("action", "status"), [("delayed", "4.4.1"), ("delayed", "4.2.2"), ("delayed", "5.1.1")]
)
def test_a_server_that_still_tries_un_keeps_nothing(desk: Desk, action: str, status: str) -> None:
    case, sent = answered_and_sent(desk)
    raw = bounce(sent, to=sent.envelope_from, action=action, status=status)
    delivered(raw, sent.envelope_from, envelope_from="")
    copy = OutgoingMessage.objects.get()
    assert (copy.state, states(case)["reply"]) == ("sent", "kept")
    assert status in copy.answer  # told on the message, no more


@pytest.mark.parametrize("status", ["4.2.2", "5.2.2", "5.1.1"])
def test_a_server_that_has_given_up_un_keeps_whatever_the_reason(desk: Desk, status: str) -> None:
    case, sent = answered_and_sent(desk)
    delivered(bounce(sent, to=sent.envelope_from, status=status), sent.envelope_from)
    assert (OutgoingMessage.objects.get().state, states(case)["reply"]) == ("bounced", "open")


def test_a_forged_bounce_of_a_mail_that_we_never_sent_does_nothing(desk: Desk) -> None:
    case, sent = answered_and_sent(desk)
    row = delivered(bounce(sent, to=SUPPORT, about="<never@sent.example>"), envelope_from="")
    assert (row.state, row.message) == ("automatic", None)
    assert OutgoingMessage.objects.get().state == "sent"
    assert set(states(case).values()) == {"kept", "open"}


def test_the_same_bounce_twice_un_keeps_once(desk: Desk) -> None:
    case, sent = answered_and_sent(desk)
    for text in ("Server one", "Server two"):
        raw = bounce(sent, to=sent.envelope_from).replace(b"It failed.", text.encode())
        delivered(raw, sent.envelope_from, envelope_from="")
    assert case.entries.filter(kind="bounced").count() == 1


def test_a_bounce_of_a_receipt_un_keeps_nothing(desk: Desk) -> None:
    desk.at("2026-11-19 20:00")
    case = case_of(letter())
    (sent,) = posted()
    delivered(bounce(sent, to=sent.envelope_from), sent.envelope_from, envelope_from="")
    assert states(case) == {"acknowledge": "open", "reply": "open"}
    assert not OutgoingMessage.objects.filter(state="queued").exists()


# Receipts


def test_no_receipt_goes_out_where_a_first_word_is_due_the_same_day(desk: Desk) -> None:
    case_of(letter())
    assert receipts() == 0


def test_a_receipt_goes_out_at_night_once_a_case_and_says_what_is_so(desk: Desk) -> None:
    desk.at("2026-11-19 20:00")
    case = case_of(letter())
    (sent,) = posted()
    assert sent.recipient == "ellen@whitcombe.example"
    assert "Priya Raman answers for it" in sent.text and "Friday 20 November, 09:30" in sent.text
    assert sent.mail["Auto-Submitted"] == "auto-replied"
    delivered(sent.answered("And one more"), sent.reply_to)
    assert (receipts(), case.messages.filter(direction="in").count()) == (1, 2)
    assert states(case) == {"acknowledge": "open", "reply": "open"}


def test_a_receipt_goes_to_whoever_wrote_by_their_own_name(desk: Desk) -> None:
    case = case_of(letter(Cc="Ruth Low <ruth@whitcombe.example>"))
    desk.answered(case)
    desk.at("2026-11-19 20:00")
    (first, second) = posted()
    raw = first.answered("Still down", sender="Ruth Low <ruth@whitcombe.example>")
    delivered(raw, second.reply_to)
    (sent,) = posted()
    assert sent.recipient == "ruth@whitcombe.example"
    assert "We have your message, Ruth" in sent.text


@pytest.mark.parametrize(
    "headers",
    [
        {"Authentication_Results": "mx; dmarc=fail header.from=whitcombe.example"},
        {"X_Spam_Flag": "YES"},
    ],
)
def test_no_receipt_goes_to_mail_that_failed_dmarc_or_is_spam(
    desk: Desk, headers: dict[str, str]
) -> None:
    desk.at("2026-11-19 20:00")
    case = case_of(letter(**headers))
    assert (receipts(), case.move) == (0, "ours")


@pytest.mark.parametrize("how", [{"source": "ingest"}, {"is_history": True}])
def test_no_receipt_goes_to_mail_that_was_brought_in(desk: Desk, how: dict[str, object]) -> None:
    desk.at("2026-11-19 20:00")
    delivered(letter(), **how)
    assert receipts() == 0


def test_at_most_two_automatic_mails_a_day_go_to_one_sender(desk: Desk) -> None:
    desk.at("2026-11-19 20:00")
    for number in range(6):
        case_of(letter(subject=f"New matter {number}"))
    assert receipts() == 2
    tomorrow()
    case_of(letter(subject="The next evening"))
    assert receipts() == 3


# Two machines that answer each other


def polite(sent: Sent) -> bytes:
    return sent.answered("We have your mail.", Auto_Submitted="auto-replied")


def rude(sent: Sent) -> bytes:
    return sent.answered("Ticket 4711 was opened. We come back to you.")


def rude_and_forgetful(sent: Sent) -> bytes:
    return letter("Ticket was opened.", sender=ELLEN, subject=f"Ticket {len(sent.raw)}")


@pytest.mark.parametrize("other_desk", [polite, rude, rude_and_forgetful])
def test_two_desks_that_answer_each_other_fall_silent(desk: Desk, other_desk: object) -> None:
    desk.at("2026-11-19 20:00")
    delivered(letter("A person at the other desk writes to ours."))
    ours, post = 0, Post()
    for _round in range(20):
        mails = posted(post)
        ours += len(mails)
        for mail in mails:
            delivered(other_desk(mail), mail.reply_to)  # type: ignore[operator]
    assert 1 <= ours <= 2
    assert not OutgoingMessage.objects.filter(state="queued").exists()


# Odd senders


def test_free_mail_makes_no_account_and_a_company_does(desk: Desk) -> None:
    assert case_of(letter(sender="Ann <ann@gmail.com>")).account is None
    case = case_of(letter(sender="Bo <bo@fabrikam.example>"))
    assert case.account == Account.objects.get(domain="fabrikam.example")


def test_a_web_form_that_writes_from_our_own_address_is_its_visitor(desk: Desk) -> None:
    raw = letter(sender=f"Web form <{SUPPORT}>", Reply_To="Ann Lee <ann@lee.example>")
    case = case_of(raw)
    assert (case.customer.name, case.customer.mail_address()) == ("Ann Lee", "ann@lee.example")


def test_a_rule_for_a_sender_keeps_the_case_out_of_the_queue(desk: Desk) -> None:
    SenderRule.make("@pitches.example", "pitch", by=desk.marta)
    desk.at("2026-11-19 20:00")
    case = case_of(letter(sender="Zoe <Zoe@Pitches.example>"))
    assert (case.move, case.promises.count(), receipts()) == ("aside", 0, 0)
    case.bring_back(by=desk.priya)
    assert (case.move, case.promises.open().count()) == ("ours", 2)
    assert SenderRule.for_sender("zoe@pitches.example") is None


def test_a_rule_with_a_reason_of_its_own_still_sets_aside(desk: Desk) -> None:
    SenderRule.make("zoe@pitches.example", "told us to", by=desk.marta)
    assert case_of(letter(sender="zoe@pitches.example")).set_aside_as == "spam"


@pytest.mark.parametrize(
    "sender", ["", "<>", "nobody", "Just A Name", "a@b@c", '"', "=?utf-8?q?=00?="]
)
def test_a_mail_without_a_usable_sender_is_a_case_that_says_so(desk: Desk, sender: str) -> None:
    raw = b"From: " + sender.encode() + b"\nSubject: Help\n\nPlease help\n"
    one = case_of(raw, envelope_from="")
    two = case_of(raw.replace(b"Please", b"Do"), envelope_from="")
    assert (one.move, one.promises.open().count()) == ("ours", 2)
    if not one.customer.points.exists():
        # Nobody is known by having no address.
        assert one.customer != two.customer


def test_an_unreadable_mail_is_a_case_with_the_raw_mail_beside_it(desk: Desk) -> None:
    from datetime import timedelta

    from goodword.channels.mail.models import IncomingMail
    from goodword.channels.mail.placing import Placing
    from goodword.channels.mail.reading import unreadable
    from goodword.channels.mail.taking import take
    from goodword.core.time import now
    from goodword.core.work import claim

    raw = letter()
    take(raw, envelope_from="", recipients=[SUPPORT])
    (row,) = claim(IncomingMail.objects.all(), limit=1, lease=timedelta(minutes=1), now=now())
    message = Placing(row, unreadable(raw, "It asked for 3 GB.")).commit()
    assert message is not None and message.is_unreadable and "3 GB" in message.text
    assert (row.is_readable, row.raw()) == (False, raw)
    assert message.case.promises.open().count() == 2


def test_a_worker_whose_lease_is_lost_writes_nothing(desk: Desk) -> None:
    from datetime import timedelta

    from goodword.channels.mail.models import IncomingMail
    from goodword.channels.mail.placing import Placing
    from goodword.channels.mail.reading import read
    from goodword.channels.mail.taking import take
    from goodword.core.time import now
    from goodword.core.work import LeaseLost, claim

    raw = letter()
    take(raw, envelope_from="", recipients=[SUPPORT])
    (slow,) = claim(IncomingMail.objects.all(), limit=1, lease=timedelta(minutes=1), now=now())
    desk.later(minutes=2)
    (quick,) = claim(IncomingMail.objects.all(), limit=1, lease=timedelta(minutes=1), now=now())
    Placing(quick, read(raw)).commit()
    with pytest.raises(LeaseLost):
        Placing(slow, read(raw)).commit()
    assert Message.objects.count() == Case.objects.count() == 1
