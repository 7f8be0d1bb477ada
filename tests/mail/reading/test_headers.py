"""Addresses, dates, ids and words of headers; expectations of another parser's authors."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from goodword.channels.mail.reading import headers, limits, read, words


def _known(testdata: Path, name: str) -> list[dict]:
    return json.loads((testdata / f"stalwart-mail-parser/{name}.json").read_text("utf-8"))


def _mailboxes(expected: dict) -> list[str]:
    boxes = expected.get("List") or [
        box for group in expected.get("Group", []) for box in group["addresses"]
    ]
    return [headers.normal_address(box["address"] or "") for box in boxes]


def test_known_address_headers(testdata: Path) -> None:
    rows = _known(testdata, "address")
    wrong = []
    for row in rows:
        got = [box.address for box in headers.addresses(row["header"].encode(), []) if box.address]
        if got != [each for each in _mailboxes(row["expected"]) if each]:
            wrong.append((row["header"], got))
    # What is left is a header with a line break that no mail can contain.
    assert len(wrong) <= 1, wrong


def test_known_dates(testdata: Path) -> None:
    rows = _known(testdata, "date")
    wrong = []
    for row in rows:
        want = row["expected"]
        if not want:
            continue
        sign = -1 if want["tz_before_gmt"] else 1
        offset = timedelta(hours=want["tz_hour"], minutes=want["tz_minute"])
        try:
            due = datetime(*(want[k] for k in ("year", "month", "day", "hour", "minute", "second")),
                           tzinfo=timezone(sign * offset)).astimezone(UTC)  # fmt: skip
        except (ValueError, OverflowError):
            continue
        if headers.instant(row["header"]) != due:
            wrong.append((row["header"], str(headers.instant(row["header"]))))
    # No mailer writes these: a Received header, "EST5EDT", numbers at random.
    assert len(wrong) <= 4, wrong


def test_known_ids(testdata: Path) -> None:
    for row in _known(testdata, "id"):
        raw = b"References: " + row["header"].lstrip().encode() + b"\n\n"
        got = read(raw).references
        assert all(each.startswith("<") and each.endswith(">") for each in got)
        if isinstance(row["expected"], list) and "(" not in row["header"]:
            assert set(got) <= {f"<{each}>" for each in row["expected"]} or not got


def test_known_words(testdata: Path) -> None:
    for row in _known(testdata, "unstructured"):
        subject = read(b"Subject:" + row["header"].encode() + b"\n\nx").subject
        # Theirs puts a blank between words and an encoded word where the sender put none.
        expected = words.one_line(row["expected"] or "", limits.SUBJECT_CHARACTERS)
        assert "".join(subject.split()) == "".join(expected.split())


@pytest.mark.parametrize(
    ("value", "name", "address"),
    [
        ("Ada <ada@Example.ORG>", "Ada", "ada@example.org"),
        ("Doe, Jane <jane@b.example>", "Doe, Jane", "jane@b.example"),
        ('"Doe, \\"J\\"" <j@b.example>', 'Doe, "J"', "j@b.example"),
        ("jane@b.example (Jane Doe)", "Jane Doe", "jane@b.example"),
        ("Jane jane@b.example", "Jane", "jane@b.example"),
        ("=?iso-8859-1?q?Andr=E9?= <a@b.example>", "André", "a@b.example"),
        ('"=?utf-8?b?QWRh?=" <a@b.example>', "Ada", "a@b.example"),
        ("friends: a@b.example, c@d.example;", "", "a@b.example"),
        ("undisclosed-recipients:;", "", ""),
        ('"broken <a@b.example>', "broken", "a@b.example"),
        ("MAILER-DAEMON", "", ""),
        ("<@relay.example:a@b.example>", "", "a@b.example"),
        ("<mailto:a@b.example>", "", "a@b.example"),
    ],
)
def test_who_wrote(value: str, name: str, address: str) -> None:
    mail = read(f"From: {value}\n\nx".encode())
    assert (mail.from_name, mail.from_address) == (name, address)


def test_exchange_writes_ids_that_the_standard_library_refuses() -> None:
    mail = read(b"Message-ID: <[1234abcd]@EX.local>\nIn-Reply-To: plain@id.example\n\nx")
    assert mail.message_id == "<[1234abcd]@EX.local>"
    assert mail.in_reply_to == ["<plain@id.example>"]


def test_only_the_first_authentication_result_counts() -> None:
    field = b"Authentication-Results: "
    forged = field + b"mx.example; dmarc=fail\n" + field + b"evil; dmarc=pass\n\nx"
    assert read(forged).dmarc == "fail"
    assert read(b"Subject: x\n\ny").dmarc is None


@pytest.mark.parametrize(
    ("line", "spam"),
    [("X-Spam-Flag: YES", True), ("X-Spam-Status: Yes, score=9", True),
     ("X-Spam-Status: No, score=1", False), ("X-Spam-Flag: NO", False)],
)  # fmt: skip
def test_a_filters_mark_is_seen(line: str, spam: bool) -> None:
    assert read(f"{line}\n\nx".encode()).spam is spam


@pytest.mark.parametrize(
    ("charset", "content", "text"),
    [
        ("iso-8859-1", b"\x93Hi\x94 caf\xe9", "“Hi” café"),
        ("us-ascii", "café".encode(), "café"),
        ("gb2312", "镕".encode("gb18030"), "镕"),
        ("ks_c_5601-1987", "안녕".encode("cp949"), "안녕"),
        ("klingon", b"caf\xe9", "café"),
        ("unicode_escape", b"\\u0041", "\\u0041"),
        ("iso-8859-1", "naïve".encode(), "naïve"),
        ("iso-2022-jp", "日本".encode("iso2022_jp"), "日本"),
    ],
)
def test_charsets_are_read_as_they_are_meant(charset: str, content: bytes, text: str) -> None:
    raw = f"Content-Type: text/plain; charset={charset}\n\n".encode() + content
    assert read(raw).text == text


def test_a_long_text_without_charset_is_guessed() -> None:
    text = "Добрый день, у меня сломался холодильник, помогите пожалуйста. " * 20
    assert read(b"Subject: x\n\n" + text.encode("koi8-r")).text.strip() == text.strip()


def test_a_character_that_is_split_between_two_encoded_words_is_whole() -> None:
    assert read(b"Subject: =?utf-8?q?caf=C3?=\n =?utf-8?q?=A9?=\n\nx").subject == "café"


def test_flowed_lines_are_put_together() -> None:
    raw = (b"Content-Type: text/plain; format=flowed\n\nThis is \none line.\n"
           b"> quoted \n> too\n-- \nAda\n")  # fmt: skip
    assert read(raw).text == "This is one line.\n> quoted too\n-- \nAda"
