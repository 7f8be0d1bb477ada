"""Mail that is made to hurt: it costs little, and never anything but itself."""

from __future__ import annotations

from email.message import EmailMessage

import pytest

from goodword.channels.mail.reading import Reader, limits, read, trouble

from .hostile import HOSTILE


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_mail_is_read_within_the_limits(reader: Reader, name: str) -> None:
    reader.usage.cpu_seconds = 0.0
    mail = reader.read(HOSTILE[name]())
    assert mail.readable, mail.trouble
    assert reader.usage.cpu_seconds < limits.CPU_SECONDS
    assert reader.usage.peak_bytes < limits.MEMORY_BYTES
    assert reader.usage.children_lost == 0


def test_an_encoded_line_break_in_a_subject_never_becomes_a_header() -> None:
    mail = read(b"Subject: =?utf-8?q?Hello=0D=0ABcc:_all@example.com?=\n\nx")
    assert mail.subject == "Hello Bcc: all@example.com"
    answer = EmailMessage()
    answer["Subject"] = f"Re: {mail.subject}"
    assert answer["Bcc"] is None


@pytest.mark.parametrize(
    "value", ["=?utf-8?q?A=0AB?= <a@b.example>", '"A\r\n B" <a@b.example>', "A\x00B <a@b.example>"]
)
def test_a_name_is_one_line(value: str) -> None:
    mail = read(f"From: {value}\n\nx".encode())
    assert mail.from_address == "a@b.example"
    assert not set(mail.from_name) & set("\r\n\0")


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\\\Windows\\\\a.exe", "a.exe"),
        ("invoice\u202efdp.exe", "invoicefdp.exe"),
        ("...", "attachment-1.pdf"),
        ("a" * 400 + ".pdf", "a" * 139 + ".pdf"),
        ("=?utf-8?q?caf=C3=A9=0A.pdf?=", "café .pdf"),
    ],
)
def test_a_file_name_is_safe_to_offer(given: str, kept: str) -> None:
    raw = (f'Content-Type: multipart/mixed; boundary=x\n\n--x\nContent-Disposition: attachment; '
           f'filename="{given}"\nContent-Type: application/pdf\n\nx\n--x--\n').encode()  # fmt: skip
    assert [each.name for each in read(raw).attachments] == [kept]


def test_a_part_beyond_the_limit_of_parts_is_said() -> None:
    mail = read(HOSTILE["a million parts"]())
    assert trouble.TOO_MANY_PARTS in mail.trouble


def test_html_that_cannot_be_shown_is_a_file_and_its_words_are_read() -> None:
    mail = read(b"Content-Type: text/html\n\n<script>x()</script>" + b"<div>" * 1000 + b"Help me")
    assert (mail.html, mail.text) == ("", "Help me")
    assert [each.content_type for each in mail.attachments] == ["text/html"]
    assert trouble.HTML_TOO_LARGE in mail.trouble


def test_a_text_that_is_cut_is_whole_as_a_file() -> None:
    words = b"word " * 200_000
    mail = read(b"From: a@b.example\n\n" + words)
    assert len(mail.text) == limits.TEXT_CHARACTERS
    assert mail.attachments[0].content == words
