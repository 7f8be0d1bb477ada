"""What is typed is read as it was meant, and nothing that is typed breaks the reading."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from goodword.finding.folding import near, near_codes, tokens
from goodword.finding.parsing import LONGEST, parse
from goodword.finding.values import VALUES

_PIECES = st.sampled_from(
    ["from:", "owner:me", "promise:", "broken", "due<2d", "-", '"', "*", " ", ":", "is:ours", "a b",
     "before:2026-02-30", "silent:>", "2d", "é", "\0", "\u202e", "打", "\ue000", "(", "tag:x", "'"]
)  # fmt: skip
TYPED = st.one_of(st.text(max_size=700), st.lists(_PIECES, max_size=30).map("".join))


@given(TYPED)
@example("--AA:")
def test_it_never_fails_and_reads_its_own_words_again(text: str) -> None:
    asked = parse(text)
    again = parse(str(asked))
    if len(str(asked)) <= LONGEST:
        assert again.terms == asked.terms
    assert not again.doubts


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("printer owner:me", "printer owner:me"),
        ("  two   words ", "two words"),
        ('"down again" -spam pri*', '"down again" -spam pri*'),
        ("von:ellen ist:erledigt versprechen:gebrochen", "from:ellen is:settled promise:broken"),
        ("waiting:2d silent:<4h promise:due<2d", "waiting:>2d silent:<4h promise:due<2d"),
        (
            "before:19.11.2026 after:2026-1-5 on:heute",
            "before:2026-11-19 after:2026-01-05 on:today",
        ),
        ('owner:"Dele Adeyemi" -tag:vip', 'owner:"Dele Adeyemi" -tag:vip'),
        ("http://x.example/a 10:30", "http://x.example/a 10:30"),
        ('"never closed', '"never closed"'),
        ("- * owner:", ""),
    ],
)
def test_what_was_meant(typed: str, read: str) -> None:
    assert str(parse(typed)) == read


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("promise:brokn", "promise:broken"), ("promis:broken", "promise:broken"),
        ("is:", "is:ours"), ("on:2026-02-30", "on:2026-11-19"), ("waiting:long", "waiting:>2d"),
        ("ownr:me", "owner:me"), ("re:invoice", ""), ("has:fil", "has:file"),
    ],
)  # fmt: skip
def test_what_is_not_understood_is_doubted_and_still_looked_for(typed: str, meant: str) -> None:
    asked = parse(typed)
    assert [doubt.meant for doubt in asked.doubts] == [meant]
    assert bool(asked.words) != typed.endswith(":")
    assert not asked.filters


def test_every_filter_reads_its_own_examples() -> None:
    for name, reads in VALUES.items():
        assert reads.examples
        for typed in reads.examples:
            assert not parse(f"{name}:{typed}").doubts, (name, typed)


def test_a_very_long_question_is_cut_and_says_so() -> None:
    assert parse("word " * 2000).is_cut
    assert parse("x" * 10_000).is_cut
    assert not parse("a few words").is_cut


@given(st.text(alphabet="abcdefghijk", min_size=5, max_size=12), st.data())
def test_one_slip_in_a_name_still_meets(word: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(word) - 1))
    other = data.draw(st.sampled_from("abcxyz"))
    for typed in (word[:at] + word[at + 1 :], word[:at] + other + word[at:],
                  word[:at] + other + word[at + 1 :]):  # fmt: skip
        assert set(near(typed)) & {word, *near(word)}


@given(st.from_regex(r"[A-Z]{2}[0-9]{6}", fullmatch=True), st.data())
def test_one_slip_in_a_number_is_among_its_neighbours(right: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(2, len(right) - 1))
    digit = data.draw(st.sampled_from("0123456789"))
    for typed in (right[:at] + digit + right[at + 1 :], right[:at] + right[at + 1 :]):
        assert typed == right or right in near_codes(typed)
    assert len(near_codes(right)) < 400


@given(st.text(max_size=300))
def test_words_of_the_index_are_letters_and_digits(text: str) -> None:
    assert all(word.isalnum() for word in tokens(text))


@pytest.mark.parametrize("text", [
    "The PRINTER_1 stopped; it's no. 12-345/A (again)!", "a_b__c 1_2", "x" * 200 + " Y" * 9, "",
    "Tab\tand\x0bother\x1cspaces\x85 here",
])  # fmt: skip
def test_a_plain_text_has_the_words_that_the_long_way_finds(text: str) -> None:
    plain = text.encode("ascii", "ignore").decode()
    # A sign that is no word of its own makes it a text for the long way.
    assert tokens(plain) == tokens(f"{plain} “”")
    assert tokens(plain, 3) == tokens(f"{plain} “”", 3)
