"""Mail that people and servers really wrote."""

from __future__ import annotations

import json
from email import message_from_bytes
from pathlib import Path

import pytest

from goodword.channels.mail.reading import Reader, ReadMail, as_json, limits, read
from goodword.channels.mail.reading.kinds import from_plain, to_plain
from goodword.channels.mail.reading.tree import parsed


def test_every_real_mail_is_read_within_the_limits(reader: Reader, real_mails: list[Path]) -> None:
    unread = [path.name for path in real_mails if not reader.read(path.read_bytes()).readable]
    assert unread == []
    assert reader.usage.children_lost == 0
    assert reader.usage.cpu_seconds < limits.CPU_SECONDS
    assert 0 < reader.usage.peak_bytes < limits.MEMORY_BYTES


def test_the_child_and_this_process_read_the_same(reader: Reader, real_mails: list[Path]) -> None:
    for path in real_mails[::10]:
        raw = path.read_bytes()
        assert reader.read(raw) == read(raw), path.name


def test_nothing_read_can_break_a_header_or_a_database(real_mails: list[Path]) -> None:
    for path in real_mails:
        mail = read(path.read_bytes())
        lines = [mail.subject, mail.from_name, mail.from_address, mail.message_id]
        lines += mail.references + [each.name for each in mail.attachments]
        assert not any(set(line) & set("\r\n\0") for line in lines), path.name
        assert "\0" not in mail.text + mail.html
        json.dumps(as_json(mail, path.name)).encode("utf-8")
        (mail.text + mail.subject + mail.html).encode("utf-8")


def test_a_mail_survives_the_way_between_processes(real_mails: list[Path]) -> None:
    for path in real_mails[::7]:
        mail = read(path.read_bytes())
        contents = b"".join(each.content for each in mail.attachments)
        assert from_plain(json.loads(json.dumps(to_plain(mail))), contents) == mail


def _leaves_of_the_standard_library(raw: bytes) -> list[str]:
    leaves, waiting = [], [message_from_bytes(raw)]
    while waiting:
        part = waiting.pop()
        if part.get_content_maintype() == "multipart" and part.is_multipart():
            waiting.extend(reversed(part.get_payload()))
        else:
            leaves.append(part.get_content_type())
    return leaves


def test_our_parser_sees_the_parts_that_the_standard_library_sees(real_mails: list[Path]) -> None:
    same, other = 0, []
    for path in real_mails:
        raw = path.read_bytes()
        ours = [part.content_type for part in parsed(raw, []).walk() if not part.children]
        if ours == _leaves_of_the_standard_library(raw):
            same += 1
        else:
            other.append(path.name)
    # Malformed mail has no right answer: the two guess differently on a handful of it.
    assert len(other) <= len(real_mails) // 50, other
    assert same > 1_000


def test_what_the_command_prints_is_what_the_issue_asks_for() -> None:
    raw = (b"From: Ada <ada@Example.ORG>\nTo: a@b.example, C <c@d.example>\nSubject: Hi\n"
           b"Date: Thu, 5 Nov 2026 16:33:00 +0100\n"
           b"Content-Type: multipart/mixed; boundary=x\n\n--x\n\nHello\n--x\n"
           b"Content-Type: application/pdf; name=a.pdf\n\n12345\n--x--\n")  # fmt: skip
    assert as_json(read(raw), "a.eml") == {
        "file": "a.eml", "from": "ada@example.org", "to": ["a@b.example", "c@d.example"],
        "subject": "Hi", "date": "2026-11-05T15:33:00+00:00", "text": "Hello",
        "reply_text": "Hello", "automatic": None, "bounce": None, "readable": True,
        "attachments": [{"name": "a.pdf", "type": "application/pdf", "size": 5}],
    }  # fmt: skip


@pytest.mark.parametrize("field", ["in_reply_to", "references"])
def test_threads_of_real_lists_can_be_followed(testdata: Path, field: str) -> None:
    mails = [read(path.read_bytes()) for path in (testdata / "notmuch/default").rglob("*")
             if path.is_file()]  # fmt: skip
    known = {mail.message_id for mail in mails}
    named = {each for mail in mails for each in getattr(mail, field)}
    assert len(known) > 40
    assert len(named & known) >= 20


def test_an_unread_mail_is_an_ordinary_value() -> None:
    assert ReadMail(readable=False).attachments == []
