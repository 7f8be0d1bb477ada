"""Whatever leaves the desk can be answered, and the answer finds its case (R09)."""

from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parseaddr

import pytest

from goodword.cases.acknowledging import Acknowledgement, Next, Parts
from goodword.cases.asking_outside import ask_outside
from goodword.cases.automatic import remind, send_receipt
from goodword.cases.mayday import call_mayday
from goodword.cases.models import Case, CustomerAct, Message, Notice, OutgoingMessage
from goodword.cases.models.message import Purpose
from goodword.cases.noticing import tell
from goodword.channels.mail import taking
from goodword.channels.mail.addresses import is_no_reply
from goodword.channels.mail.outbox import mail_of, mailbox_of
from goodword.worker.intake import drain_intake
from tests.cast import Desk

A_DAY = timedelta(days=1)


def answer(desk: Desk, case: Case) -> Message:
    return case.reply(by=desk.priya, text="It works again.", then="ask")


def first_word(desk: Desk, case: Case) -> Message:
    return case.reply(by=desk.priya, text="I am looking.", then="promise", first_word=True)


def three_parts(desk: Desk, case: Case) -> Message:
    parts = Parts("The server is down", "I am looking at the switch", Next.FIRST_THING)
    return Acknowledgement(case, desk.priya, parts, seen=None).commit()


def receipt(desk: Desk, case: Case) -> Message | None:
    return send_receipt(case, desk.last(case))


def reminder(desk: Desk, case: Case) -> Message | None:
    answer(desk, case)
    desk.later(days=8)
    case.refresh_from_db()
    return remind(case)


def mirrored(desk: Desk, case: Case) -> Message | None:
    said = desk.last(case)
    case.settle(CustomerAct.in_words(said, said.text, marked_by=desk.priya))
    return case.messages.filter(purpose=Purpose.MIRROR).first()


def notice(desk: Desk, case: Case) -> Message:
    made = Notice.prepare([case.pk], "The line is down.", desk.later() + A_DAY, by=desk.priya)
    made.sign(by=desk.jonas, read=made.digest())
    return tell(case, made)


def mayday(desk: Desk, case: Case) -> Message | None:
    call_mayday(case, case.customer, by=case.customer, channel="page")
    return case.messages.filter(purpose=Purpose.MAYDAY).first()


def merged(desk: Desk, case: Case) -> Message | None:
    answer(desk, case)
    other = desk.asked(desk.heard(text="The same once more."))
    other.merge_into(Case.objects.get(pk=case.pk), by=desk.priya)
    return case.messages.filter(purpose=Purpose.MERGED).first()


def outside(desk: Desk, case: Case) -> Message | None:
    # The sweep answers as Ellen does, so it is she who is asked: in a case of somebody else's.
    other = desk.heard(desk.daniel)
    how = {"by": desk.priya, "subject": "Lamp"}
    thread = ask_outside(other, "ellen@whitcombe.example", "When?", **how)
    return thread.said().first()


WRITTEN = {
    Purpose.ANSWER: answer,
    Purpose.FIRST_WORD: first_word,
    Purpose.THREE_PARTS: three_parts,
    Purpose.RECEIPT: receipt,
    Purpose.REMINDER: reminder,
    Purpose.MIRROR: mirrored,
    Purpose.NOTICE: notice,
    Purpose.MERGED: merged,
    Purpose.MAYDAY: mayday,
    Purpose.SIDE: outside,
}


def test_every_purpose_is_tried_here() -> None:
    assert set(WRITTEN) == set(Purpose)


@pytest.mark.parametrize("purpose", Purpose)
def test_an_answer_to_it_joins_its_case(purpose: Purpose, desk: Desk) -> None:
    # Heard after closing, so that a receipt is due.
    desk.at("2026-11-19 18:10")
    case = desk.heard()
    message = WRITTEN[purpose](desk, case)
    assert message is not None
    assert message.purpose == purpose
    mail = sent(message)
    assert not is_no_reply(parseaddr(str(mail["From"]))[1])
    reply_to(mail)
    drain_intake()
    if purpose == Purpose.SIDE:
        # Beside the case, where the customer sees nothing of it.
        heard_there = Message.everything.filter(strand=message.strand, direction="in")
        assert [each.text for each in heard_there] == ["That is not all."]
        return
    assert Case.objects.filter(merged_into=None).count() == 1
    heard = case.messages.filter(direction="in").order_by("id")
    assert heard.filter(text="That is not all.").count() == 1
    newest = heard.last()
    assert newest is not None
    assert (newest.text, newest.is_unconfirmed) == ("That is not all.", False)


def sent(message: Message) -> EmailMessage:
    row = OutgoingMessage.objects.select_related("message__case__team", "point__customer").get(
        message=message
    )
    box = mailbox_of(message)
    assert box is not None
    mail = message_from_bytes(mail_of(row, box), policy=policy.default)
    assert isinstance(mail, EmailMessage)
    return mail


def reply_to(mail: EmailMessage) -> None:
    """As a plain mail program does that keeps no thread: the token alone has to do."""
    where = parseaddr(str(mail["Reply-To"]))[1]
    assert taking.accepts(where)
    assert "+" in where
    raw = (
        f"From: Ellen Whitcombe <ellen@whitcombe.example>\r\nTo: {where}\r\n"
        f"Subject: {mail['Subject']}\r\nMessage-ID: <one@whitcombe.example>\r\n"
        "\r\nThat is not all.\r\n"
    )
    taking.take(
        raw.encode(), envelope_from="ellen@whitcombe.example", recipients=[where], source="smtp"
    )
