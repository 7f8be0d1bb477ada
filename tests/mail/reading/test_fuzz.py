"""Whatever the bytes are, reading answers."""

from __future__ import annotations

import json
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from goodword.channels.mail.reading import read, unreadable

from .fuzz import check
from .test_html_of_mail import problems_in

HEADERS = st.sampled_from([
    b"From", b"To", b"Subject", b"Date", b"Message-ID", b"References", b"Content-Type",
    b"Content-Transfer-Encoding", b"Content-Disposition", b"Auto-Submitted", b"List-Post",
    b"Authentication-Results", b"Return-Path",
])  # fmt: skip
VALUES = st.lists(st.sampled_from([
    b"a@b.example", b"<", b">", b'"', b"(", b")", b",", b";", b":", b"=?utf-8?q?=0A?=", b"=?x?b?",
    b"multipart/mixed", b"text/html", b"multipart/report", b"message/delivery-status",
    b"boundary=b",
    b"charset=utf-7", b"filename*0*=utf-8''%0a", b"base64", b"quoted-printable", b"\xff", b"\x00",
    b"\r\n ", b"Mon, 99 Feb 0000 25:61:61 +9999", b"2026-02-30T99:99:99+99:99", b"format=flowed",
]), max_size=8).map(b" ".join)  # fmt: skip
BODIES = st.lists(st.sampled_from([
    b"--b\n", b"--b--\n", b"Content-Type: text/html\n\n", b"\n", b"> quoted\n",
    b"On 1 May, a wrote:\n",
    b"From: a@b.example\n", b"-- \n", b"<a href='", b"<svg><style>", b"<img src=//x ",
    b"</td>", b"=0",
    b"Final-Recipient: rfc822; a@b\n", b"Action: failed\n", b"\xe2\x80", b"&#x1;",
    b"<table><td><p>",
])).map(b"".join)  # fmt: skip
MAILS = st.builds(
    lambda fields, body: b"".join(n + b": " + v + b"\n" for n, v in fields) + b"\n" + body,
    st.lists(st.tuples(HEADERS, VALUES), max_size=8),
    BODIES,
)


@given(st.binary(max_size=4_000))
def test_any_bytes_are_read(raw: bytes) -> None:
    check(raw)


@settings(max_examples=400)
@given(MAILS)
def test_any_pile_of_pieces_of_mail_is_read(raw: bytes) -> None:
    check(raw)
    assert problems_in(read(raw).html) == []


@settings(max_examples=150)
@given(data=st.data())
def test_real_mail_with_bytes_changed_is_read(real_mails: list[Path], data: st.DataObject) -> None:
    raw = bytearray(data.draw(st.sampled_from(real_mails)).read_bytes()[:20_000])
    edits = st.tuples(st.integers(0, max(0, len(raw) - 1)), st.binary(max_size=5))
    for at, piece in data.draw(st.lists(edits, max_size=20)):
        raw[at : at + data.draw(st.integers(0, 50))] = piece
    check(bytes(raw))


@given(st.binary(max_size=2_000))
def test_what_is_said_of_an_unread_mail_can_be_shown(raw: bytes) -> None:
    mail = unreadable(raw, "why")
    assert mail.trouble == ["why"]
    json.dumps([mail.subject, mail.from_name]).encode("utf-8")
