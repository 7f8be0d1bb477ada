"""The same mail is kept once at each address; what differs is kept on its own."""

import pytest

from goodword.cases.models import Case, Message
from goodword.channels.mail.models import IncomingMail, Mailbox
from goodword.channels.mail.taking import fingerprint, forget_mailboxes, take
from goodword.worker.intake import drain_intake
from tests.cast import Desk
from tests.mail.letters import SUPPORT, case_of, delivered, heard, letter

TRACE = (
    b"Return-Path: <ellen@whitcombe.example>\r\nDelivered-To: support@harbourlane.example\r\n"
    b"Received: from mx.example by imap.example; Thu, 19 Nov 2026 16:31:00 +0000\r\n"
)


def test_the_same_mail_by_smtp_and_by_imap_is_heard_once(desk: Desk) -> None:
    raw = letter()
    first = delivered(raw, source="smtp")
    second = delivered(TRACE + raw.replace(b"\n", b"\r\n"), source="imap")
    assert first.pk == second.pk
    assert (second.copies, Message.objects.count(), Case.objects.count()) == (1, 1, 1)


def test_refolded_headers_are_the_same_mail() -> None:
    raw = b"From: a@b.example\nReferences: <one@x> <two@x>\nSubject: Hi\n\nText\n"
    folded = (
        b"Subject: Hi\r\nReferences: <one@x>\r\n\t<two@x>\r\nFrom: a@b.example\r\n\r\nText\r\n\r\n"
    )
    assert fingerprint(raw) == fingerprint(folded)


@pytest.mark.parametrize("other", [{"text": "Other words"}, {"subject": "Other subject"}])
def test_a_message_id_used_again_with_other_content_is_kept_on_its_own(
    desk: Desk, other: dict[str, str]
) -> None:
    same = {"Message_ID": "<used.twice@whitcombe.example>"}
    one, two = heard(letter(**same)), heard(letter(**{**other, **same}))
    assert one.pk != two.pk
    assert IncomingMail.objects.count() == 2


def test_a_mail_to_two_addresses_is_kept_once_at_each(desk: Desk) -> None:
    Mailbox.add(by="system", address="sales@harbourlane.example", name="Sales", team=desk.offices)
    forget_mailboxes()
    raw = letter(to=f"{SUPPORT}, sales@harbourlane.example")
    for _again in range(2):
        take(raw, envelope_from="ellen@whitcombe.example",
             recipients=[SUPPORT, "sales@harbourlane.example"])  # fmt: skip
        drain_intake()
    assert IncomingMail.objects.count() == 2
    assert set(Case.objects.values_list("team__name", flat=True)) == {
        "IT support", "Virtual offices",
    }  # fmt: skip


def test_an_answer_that_reaches_one_case_by_two_addresses_is_heard_once(desk: Desk) -> None:
    Mailbox.add(by="system", address="sales@harbourlane.example", name="Sales", team=desk.support)
    forget_mailboxes()
    first = letter()
    case = case_of(first)
    token = f"support+{token_for(case)}@harbourlane.example"
    answer = letter("Any news?", to=f"{token}, sales@harbourlane.example")
    take(answer, envelope_from="", recipients=[token, "sales@harbourlane.example"])
    drain_intake()
    assert list(case.messages.values_list("text", flat=True)).count("Any news?") == 1
    rows = IncomingMail.objects.all()
    assert {row.state for row in rows} == {"placed"}
    assert rows.filter(message=None).count() == 1


def token_for(case: Case) -> str:
    from goodword.channels.mail.placing import reply_tokens

    point = case.customer.points.get(kind="mail")
    return reply_tokens().make(case.pk, point.pk)


def test_a_mail_whose_message_id_is_ours_but_not_its_words_is_heard(desk: Desk) -> None:
    case = desk.answered(case_of(letter()))
    ours = case.messages.get(direction="out").message_id
    message = heard(letter("My program uses your Message-ID.", Message_ID=ours))
    assert message.text.startswith("My program")


def test_our_own_mail_that_comes_back_is_counted_and_makes_nothing(desk: Desk) -> None:
    case = desk.answered(case_of(letter()))
    ours = case.messages.get(direction="out").message_id
    row = delivered(letter(sender=f"Priya <{SUPPORT}>", Message_ID=ours))
    assert (row.state, row.message) == ("ours", None)
    assert case.messages.count() == 2
