"""Mails that are made to hurt whoever reads them, each with a name that says how."""

from __future__ import annotations

import base64
from collections.abc import Callable

HEAD = b"From: Eve <eve@example.org>\nTo: desk@example.com\nSubject: Hello\n"


def _html(body: bytes) -> bytes:
    return HEAD + b"Content-Type: text/html; charset=utf-8\n\n" + body


def _text(body: bytes) -> bytes:
    return HEAD + b"Content-Type: text/plain; charset=utf-8\n\n" + body


def _subject(value: bytes) -> bytes:
    return b"From: eve@example.org\nSubject: " + value + b"\n\nbody\n"


def _from(value: bytes) -> bytes:
    return b"From: " + value + b"\nSubject: Hello\n\nbody\n"


def _nested(levels: int) -> bytes:
    opened = [
        b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (at, at) for at in range(levels)
    ]
    return HEAD + b"".join(opened) + b"Content-Type: text/plain\n\ndeep\n"


def _many_parts(parts: int) -> bytes:
    return HEAD + b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\n" * parts + b"--b--\n"


def _file(content: bytes) -> bytes:
    return (
        HEAD
        + b"Content-Type: multipart/mixed; boundary=b\n\n--b\n\nSee file.\n--b\n"
        + b"Content-Type: application/zip; name=bomb.zip\nContent-Transfer-Encoding: base64\n\n"
        + content
        + b"\n--b--\n"
    )


HOSTILE: dict[str, Callable[[], bytes]] = {
    "nothing": lambda: b"",
    "blank lines only": lambda: b"\r\n" * 1000,
    "no headers": lambda: b"just some words\nand more\n",
    "a header without a colon": lambda: b"From: a@b.example\nthis is odd\nSubject: Hi\n\nbody\n",
    "only colons": lambda: b":\n" * 50_000,
    "NULs everywhere": lambda: b"From: a\x00@b.example\nSubject: a\x00b\n\n\x00body\x00\n",
    "all NULs": lambda: b"\x00" * 1_000_000,
    "every byte": lambda: bytes(range(256)) * 4000,
    "quotes in From": lambda: _from(b'"' * 65_000),
    "escaped quotes in From": lambda: _from(b'"' + b'\\"' * 32_000),
    "brackets in From": lambda: _from(b"<" * 65_000),
    "parentheses in From": lambda: _from(b"(" * 65_000 + b"a@b.example"),
    "a group that does not end": lambda: HEAD.replace(b"desk@example.com", b"to:o:<") + b"\nx",
    "100,000 addressees": lambda: b"To: " + b"a@b.example,\n " * 100_000 + b"\n\nbody",
    "encoded words in Subject": lambda: _subject(b"=?utf-8?q?=41?= " * 20_000),
    "encoded words of many charsets": lambda: _subject(
        b" ".join(b"=?iso-8859-%d?b?QUJD?=" % (at % 16) for at in range(20_000))
    ),
    "an encoded word that does not end": lambda: _subject(b"=?utf-8?q?" * 30_000),
    "blanks in Subject": lambda: _subject(b" " * 300_000 + b"x"),
    "a header of 5 MB": lambda: b"X-Long: " + b"a" * 5_000_000 + b"\nSubject: Hi\n\nbody\n",
    "a folded header of 200,000 lines": lambda: b"X-L: a\n" + b" b\n" * 200_000 + b"\nbody\n",
    "200,000 headers": lambda: b"X-A: b\n" * 200_000 + b"\nbody\n",
    "references without end": lambda: b"References: " + b"<a@b> " * 100_000 + b"\n\nbody\n",
    "angle brackets in References": lambda: b"References: " + b"<" * 60_000 + b"\n\nbody\n",
    "parameters without end": lambda: (
        HEAD + b"Content-Type: text/plain" + b"; a=b" * 3_000 + b"\n\nx"
    ),
    "blanks in parameters": lambda: HEAD + b"Content-Type: a/b;" + b" " * 16_000 + b"x\n\nx",
    "quotes in parameters": lambda: HEAD + b"Content-Type: a/b;" + b'a="' * 5_000 + b"\n\nx",
    "1,000 levels": lambda: _nested(1_000),
    "30 levels, 200,000 lines": lambda: _nested(30) + b"x\n" * 200_000,
    "mails in mails in mails": lambda: HEAD + b"Content-Type: message/rfc822\n\n" * 20_000,
    "a million parts": lambda: _many_parts(1_000_000),
    "boundary of blanks": lambda: (
        HEAD + b'Content-Type: multipart/mixed; boundary="  "\n\n--  \n\nx'
    ),
    "a boundary everywhere": lambda: HEAD + b"Content-Type: multipart/mixed; boundary=-\n\n"
    + b"---\n" * 300_000,
    "parts without a boundary": lambda: HEAD + b"Content-Type: multipart/mixed\n\n--x\n\nbody\n",
    "20 MB of Base64": lambda: _file(base64.encodebytes(b"\0" * 15_000_000)),
    "Base64 that is none": lambda: _file(b"=" * 5_000_000),
    "broken Base64": lambda: _file(b"A" * 4_000_001),
    "20 MB of line feeds": lambda: _text(b"\n" * 20_000_000),
    "20 MB of text in one line": lambda: _text(b"word " * 4_000_000),
    "20 MB of quoted lines": lambda: _text(b"> word\n" * 3_000_000),
    "2 MB of '>'": lambda: _text(b">" * 2_000_000),
    "attributions without end": lambda: _text(b"On Monday, 1 May 2023, a@b.example\n" * 20_000),
    "'On' without end": lambda: _text(b"On " * 300_000 + b"\n"),
    "header blocks without end": lambda: _text(b"From: a@b.example\nx\n" * 20_000),
    "dashes without end": lambda: _text(b"-" * 1_000_000 + b"\n-- \n" * 10_000),
    "blanks without end": lambda: _text(b" " * 2_000_000 + b"x"),
    "flowed without end": lambda: HEAD
    + b"Content-Type: text/plain; format=flowed\n\n"
    + b"a \n" * 500_000,
    "unknown charset": lambda: HEAD + b"Content-Type: text/plain; charset=klingon\n\n\xff\xfe\xfd",
    "a codec that is no charset": lambda: HEAD
    + b"Content-Type: text/plain; charset=punycode\n\n"
    + b"a-" * 300_000,
    "UTF-7 surrogates": lambda: HEAD + b"Content-Type: text/plain; charset=utf-7\n\n+2AA-+3AA-",
    "8-bit noise without charset": lambda: HEAD + b"\n" + bytes(range(128, 256)) * 50_000,
    "50,000 open links": lambda: _html(b"<a " * 50_000),
    "100,000 nested divs": lambda: _html(b"<div>" * 100_000),
    "20,000 nested divs": lambda: _html(b"<div>" * 20_000),
    "20,000 nested spans": lambda: _html(b"<span>" * 20_000 + b"x"),
    "nested tables": lambda: _html(b"<table><tr><td>" * 10_000),
    "nested lists": lambda: _html(b"<ul><li>" * 20_000),
    "nested td and p": lambda: _html(b"<p><li><dd>" * 20_000),
    "nested quotations": lambda: _html(b"<blockquote>" * 10_000 + b"x"),
    "misnested formatting": lambda: _html(b"<a><b><i><u>" * 5_000 + b"</a></b>" * 5_000),
    "fonts that never end": lambda: _html(b"".join(b"<font size=%d>" % n for n in range(9_000))),
    "30,000 attributes": lambda: (
        _html(b"<p " + b" ".join(b"a%d=1" % n for n in range(30_000)) + b">")
    ),
    "30,000 style properties": lambda: _html(b'<p style="' + b"color:red;" * 24_000 + b'">x'),
    "pictures without end": lambda: _html(b"<img src=https://e.example/x>" * 8_000),
    "a comment that does not end": lambda: _html(b"<!--" * 60_000),
    "'<' without end": lambda: _html(b"<" * 250_000),
    "entities without end": lambda: _html(b"&amp" * 60_000),
    "5 MB of HTML": lambda: _html(b"<p>word</p>" * 500_000),
    "5 MB of '<'": lambda: _html(b"<" * 5_000_000),
    "5 MB of '<script'": lambda: _html(b"<script" * 700_000),
    "5 MB of '<script>'": lambda: _html(b"<script>" * 700_000),
    "a bounce without end": lambda: b"From: MAILER-DAEMON@a.example\nSubject: failure notice\n\n"
    + b"<a@b.example>: user 550 5.1.1 mailbox " * 100_000,
    "a report of blanks": lambda: b"From: MAILER-DAEMON@a.example\nSubject: failure notice\n\n"
    + b" " * 500_000 + b"\n" + b"user " * 50_000,
    "a delivery status without end": lambda: HEAD
    + b"Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\n"
    + b"Content-Type: message/delivery-status\n\n"
    + b"Final-Recipient: rfc822; a@b.example\n\n" * 100_000
    + b"--b--\n",
}  # fmt: skip
