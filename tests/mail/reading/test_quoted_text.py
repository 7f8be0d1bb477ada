"""The new words of a reply. The files of talon and crisp have the reply that their authors want."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from goodword.channels.mail.reading import quoting, read

# Their tests of parts of the extractor that we do not have, and of its line limit.
NOT_REPLIES = {"test_mark_message_lines", "test_process_marked_lines", "test_preprocess",
               "test_preprocess_postprocess_2_links", "test_standard_replies", "test_split_email",
               "test_too_many_lines"}  # fmt: skip


def bare(text: str) -> str:
    return re.sub(r"\s+", "", text)


def reply(text: str) -> str:
    return quoting.split(text).reply


class _Extractor:
    MAX_LINES_COUNT = 1000
    extract_from_plain = staticmethod(reply)


def talon_tests(testdata: Path) -> Iterator[tuple[str, bool]]:
    """Runs their tests against our extractor: the name, and whether all of it came out right."""
    source = (testdata / "talon/text_quotations_test.py.txt").read_text("utf-8")
    results: list[bool] = []

    class six:
        text_type = str

    names = {"quotations": _Extractor, "six": six,
             "eq_": lambda a, b, *_: results.append(bare(a) == bare(b))}  # fmt: skip
    for piece in re.split(r"\n(?=def |@patch)", source)[1:]:
        found = re.match(r"def (\w+)", piece)
        if found and found.group(1) not in NOT_REPLIES:
            exec(piece, names)
            if found.group(1).startswith("test_"):
                results.clear()
                names[found.group(1)]()
                yield found.group(1), all(results)


def test_talons_replies_in_plain_text(testdata: Path) -> None:
    outcomes = dict(talon_tests(testdata))
    missed = [name for name, right in outcomes.items() if not right]
    assert len(outcomes) == 45
    assert len(missed) <= 2, missed


def test_talons_replies_of_mail_programs(testdata: Path) -> None:
    for path in (testdata / "talon/standard_replies").glob("*.eml"):
        wanted = path.with_name(f"{path.stem}_reply_text")
        expected = wanted.read_text("utf-8") if wanted.exists() else "Hello"
        mail = read(path.read_bytes())
        # They keep signatures; we fold them apart.
        assert bare(mail.reply_text + mail.signature) == bare(expected), path.name


def test_talons_replies_in_html(testdata: Path) -> None:
    pages = list((testdata / "talon/html_replies").glob("*.html"))
    assert len(pages) == 9
    for path in pages:
        mail = read(b"Content-Type: text/html; charset=utf-8\n\n" + path.read_bytes())
        assert bare(mail.reply_text) == bare("Hi. I am fine. Thanks, Alex"), path.name


def test_crisps_replies_in_fifteen_languages(testdata: Path) -> None:
    script = (testdata / "crisp-reply/test.js.txt").read_text("utf-8")
    found = re.search(r"COMMON_FIRST_FRAGMENT = '(.*?)';", script, re.DOTALL)
    assert found
    common = found.group(1).replace("\\n\\\n", "\n")
    names = re.findall(r'get_email\("(\w+)"\);(?:(?!export).)*?COMMON_FIRST_FRAGMENT', script,
                       re.DOTALL)  # fmt: skip
    paths = [testdata / f"crisp-reply/fixtures/{name}.txt" for name in names]
    texts = {path.stem: path.read_text("utf-8") for path in paths if path.exists()}
    missed = [name for name, text in texts.items() if bare(reply(text)) != bare(common)]
    assert len(texts) >= 28
    # What follows "Sent from my phone" without a word between may be new or quoted: it is shown.
    assert len(missed) <= 2, missed


@pytest.mark.parametrize(
    ("text", "new"),
    [
        ("> Is it broken?\nYes.\n\n> Since when?\nMonday.", "Yes.\n\nMonday."),
        ("On Mon, 2 Nov 2026, Ada <a@b.example> wrote:\n> Well?\n\nYes, fixed.", "Yes, fixed."),
        ("On Friday we close.\nCan you come before?", "On Friday we close.\nCan you come before?"),
        ("He wrote: it works.\nIt does not.", "He wrote: it works.\nIt does not."),
        ("From: where do I get it?\nThanks", "From: where do I get it?\nThanks"),
        ("Thanks\n-- \nAda\n+44 1", "Thanks"),
        ("- one\n- two\n--no, three", "- one\n- two\n--no, three"),
        ("> all quoted", ""),
        ("", ""),
    ],
)
def test_new_words_stay_and_quotations_go(text: str, new: str) -> None:
    assert bare(reply(text)) == bare(new)


def test_what_is_forwarded_is_what_the_sender_wants_read() -> None:
    text = (
        "Please see below\n\n---------- Forwarded message ----------\nFrom: Bob <b@c.example>\n"
        "Date: Mon, 2 Nov 2026\nSubject: Broken\nTo: a@b.example\n\nThe lift is stuck."
    )
    assert reply(text) == text


def test_nothing_is_lost_by_folding(real_mails: list[Path]) -> None:
    for path in real_mails:
        mail = read(path.read_bytes())
        whole, folded = bare(mail.text), bare(mail.reply_text + mail.quoted_text + mail.signature)
        assert sorted(whole) == sorted(folded), path.name
