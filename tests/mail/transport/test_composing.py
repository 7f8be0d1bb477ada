"""What is composed is read back by the standard library's strict reader."""

from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goodword.channels.mail.addresses import NoReplyAddress, ReplyTokens, reply_address
from goodword.channels.mail.composing import (
    Attachment,
    BadAddress,
    Outgoing,
    compose,
    trimmed_references,
)

MAILBOX = "support@harbour.example"
SIGNED = reply_address(MAILBOX, ReplyTokens(b"only for these tests").make(4711, 12))
MAIL = Outgoing(
    from_name="Priya Raman (Harbour Lane)",
    mailbox_address=MAILBOX,
    recipient=("Ann Lee", "ann@example.com"),
    subject="Your laptop",
    text="It is on the van.\nPriya",
    reply_to=SIGNED,
    message_id="<a1@harbour.example>",
    sent_at=datetime(2026, 11, 19, 16, 33, tzinfo=UTC),
    language="en-gb",
    case_link="https://desk.example/c/AbCdEf",
)


def read(outgoing: Outgoing) -> EmailMessage:
    return message_from_bytes(compose(outgoing), policy=policy.default)


def names(raw: bytes) -> list[str]:
    head = raw.split(b"\r\n\r\n")[0].decode()
    return [line.split(":")[0] for line in head.split("\r\n") if line[0] not in " \t"]


def test_a_person_writes_from_the_mailbox_and_the_answer_comes_to_the_case():
    mail = read(MAIL)
    assert mail["From"] == '"Priya Raman (Harbour Lane)" <support@harbour.example>'
    assert mail["Reply-To"].addresses[0].addr_spec == SIGNED
    assert mail["To"] == "Ann Lee <ann@example.com>"
    assert mail["Message-ID"] == "<a1@harbour.example>"
    assert mail["Date"].datetime == MAIL.sent_at
    assert mail["Auto-Submitted"] is None


def test_both_parts_say_the_same_and_carry_the_link_and_that_it_can_be_answered():
    mail = read(MAIL)
    plain = mail.get_body(("plain",)).get_content()
    html = mail.get_body(("html",)).get_content()
    for part in (plain, html):
        assert "It is on the van." in part
        assert "https://desk.example/c/AbCdEf" in part
        assert "You can answer this mail. A person reads every answer." in part
    assert 'href="https://desk.example/c/AbCdEf"' in html
    assert '<meta name="color-scheme" content="light dark">' in html


def test_a_threads_headers_are_always_there():
    mail = read(replace(MAIL, in_reply_to="<q2@c>", references=["<q1@c>", "<q2@c>"]))
    assert mail["In-Reply-To"] == "<q2@c>"
    assert mail["References"].split() == ["<q1@c>", "<q2@c>"]


@given(st.lists(st.integers(0, 60), max_size=80), st.none() | st.integers(0, 60))
def test_references_keep_the_first_and_the_latest_once_each(numbers, answered):
    given_ids = [f"<{number}@x>" for number in numbers]
    parent = None if answered is None else f"<{answered}@x>"
    chain = trimmed_references(given_ids, parent)
    assert len(chain) == len(set(chain)) <= 20
    every = [*given_ids, *([parent] if parent else [])]
    if every:
        assert chain[0] == every[0]
        assert every[-1] in (chain[0], chain[-1])


def test_a_message_id_longer_than_a_line_stays_whole():
    long = f"<{'x' * 300}@example.com>"
    raw = compose(replace(MAIL, message_id=long, in_reply_to=long, references=[long]))
    assert raw.count(long.encode()) == 3


def test_what_a_machine_wrote_says_so():
    mail = read(replace(MAIL, automatic="auto-replied"))
    assert mail["Auto-Submitted"] == "auto-replied"
    assert mail["X-Auto-Response-Suppress"] == "All"


HOSTILE = st.text(st.characters(), max_size=200) | st.sampled_from(
    ["=?utf-8?q?a=0D=0ABcc:_evil@x?=", "a\r\nBcc: evil@x", "a\n b", "\u2028Bcc: x", '"\\"', "=?"]
)


@given(HOSTILE, HOSTILE, HOSTILE, HOSTILE)
def test_no_input_makes_a_header_of_its_own(subject, from_name, name, text):
    outgoing = replace(
        MAIL,
        subject=subject,
        from_name=from_name,
        recipient=(name, "ann@example.com"),
        cc=[(name, "bob@example.com")],
        text=text,
        in_reply_to=subject,
        references=[name],
        language=name,
        attachments=[Attachment(name, b"x", subject)],
    )
    raw = compose(outgoing)
    expected = {"From", "Reply-To", "To", "Cc", "Subject", "Date", "Message-ID"}
    optional = {"In-Reply-To", "References", "Content-Language", "MIME-Version", "Content-Type"}
    assert expected <= set(names(raw)) <= expected | optional
    assert raw.isascii()
    assert raw.count(b"\n") == raw.count(b"\r") == raw.count(b"\r\n")
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    mail = message_from_bytes(raw, policy=policy.default)
    assert [a.addr_spec for a in mail["To"].addresses] == ["ann@example.com"]
    assert [a.addr_spec for a in mail["From"].addresses] == [MAILBOX]


@pytest.mark.parametrize(
    "subject", ["Grüße aus Köln", "日本語の件名 " * 12, "a =?utf-8?q?b?= c", "x" * 90]
)
def test_a_subject_comes_out_as_it_was_given(subject):
    assert read(replace(MAIL, subject=subject))["Subject"] == subject.strip()


@pytest.mark.parametrize(
    "name", ["Łukasz Żółć", 'Ann "the boss" Lee', "Lee, Ann", "a\\b", "王小明"]
)
def test_a_name_comes_out_as_it_was_given(name):
    mail = read(replace(MAIL, recipient=(name, "ann@example.com")))
    assert mail["To"].addresses[0].display_name == name


@pytest.mark.parametrize("field", ["mailbox_address", "reply_to"])
def test_a_sender_that_nobody_reads_is_refused(field):
    with pytest.raises(NoReplyAddress, match=r"support@harbour\.example"):
        compose(replace(MAIL, **{field: "no-reply@harbour.example"}))


@pytest.mark.parametrize(
    "address", ["ann", "a@b\r\nBcc: c@d", "a b@c.d", "a@b,c@d", "", "<a@b>x>@c", "a@" + "x" * 70]
)
def test_what_is_no_address_is_refused(address):
    with pytest.raises(BadAddress, match="not an e-mail address"):
        compose(replace(MAIL, recipient=("Ann", address)))


@pytest.mark.parametrize(
    "text",
    ["x" * 5000, "From the start\nFrom again", "..\n.\n", "ä" * 3000, "tab\there ", "a\x00b"],
)
def test_text_survives_whatever_its_lines_are(text):
    raw = compose(replace(MAIL, text=text))
    got = message_from_bytes(raw, policy=policy.default).get_body(("plain",)).get_content()
    assert got.replace("\r\n", "\n").startswith(text.replace("\x00", ""))
    assert max(map(len, raw.split(b"\r\n"))) <= 998


def test_a_link_in_the_text_is_a_link_and_everything_else_is_only_text():
    html = read(replace(MAIL, text="see https://a.example/?x=1&y=<b> <script>x</script>"))
    part = html.get_body(("html",)).get_content()
    assert 'href="https://a.example/?x=1&amp;y="' in part
    assert "<script" not in part


@pytest.mark.parametrize(
    "name", ["Rechnung März.pdf", "日本語.pdf", "a" * 300 + ".pdf", 'q"uote.pdf']
)
def test_an_attachment_arrives_with_its_name_and_octets(name):
    content = bytes(range(256)) * 50
    mail = read(replace(MAIL, attachments=[Attachment(name, content, "application/pdf")]))
    (attachment,) = mail.iter_attachments()
    assert attachment.get_content() == content
    assert attachment.get_content_type() == "application/pdf"
    expected = name if len(name) < 100 else "a" * 100 + ".pdf"
    assert attachment.get_filename() == expected


def test_an_attachments_name_has_no_folders_and_a_false_type_is_only_a_file():
    files = [
        Attachment("../../etc/passwd", b"x", "message/rfc822"),
        Attachment("", b"y", "a\r\nb/c"),
    ]
    kept = list(read(replace(MAIL, attachments=files)).iter_attachments())
    assert [one.get_filename() for one in kept] == ["passwd", "file"]
    assert {one.get_content_type() for one in kept} == {"application/octet-stream"}


def test_letters_beyond_ascii_are_in_the_mail_only_where_an_address_has_them():
    assert compose(replace(MAIL, recipient=("", "ann@bücher.example"))).isascii()
    raw = compose(replace(MAIL, recipient=("", "jürgen@bücher.example")))
    assert "jürgen@xn--bcher-kva.example".encode() in raw
