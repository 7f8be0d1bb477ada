import pytest
from hypothesis import given
from hypothesis import strategies as st

from goodword.channels.mail.addresses import (
    NoReplyAddress,
    ReplyTokens,
    belongs_to,
    domain_of,
    is_free_mail,
    is_no_reply,
    normalise,
    reply_address,
    token_in,
)

TOKENS = ReplyTokens(b"a key that is only for tests")
NUMBERS = st.integers(0, 2**64 - 1)


@given(NUMBERS, NUMBERS)
def test_a_token_tells_case_and_person_in_either_case_of_letters(case, point):
    token = TOKENS.make(case, point)
    assert TOKENS.read(token) == TOKENS.read(token.upper()) == (case, point)
    assert len(token) <= 46


@given(NUMBERS, NUMBERS, st.data())
def test_a_token_with_any_letter_changed_is_not_ours(case, point, data):
    token = TOKENS.make(case, point)
    at = data.draw(st.integers(0, len(token) - 1))
    letter = data.draw(st.sampled_from("abcdefghijklmnopqrstuvwxyz234567189é\0"))
    forged = token[:at] + letter + token[at + 1 :]
    assert TOKENS.read(forged) == ((case, point) if forged == token else None)


@given(st.text(max_size=80))
def test_whatever_stands_where_a_token_should_is_read_without_an_error(text):
    assert TOKENS.read(text) is None
    assert token_in([text], ["support@example.com"]) is None
    normalise(text)
    is_no_reply(text)
    domain_of(text)


def test_a_token_of_another_key_is_not_ours_unless_it_was_ours_once():
    old = ReplyTokens(b"the key of last year").make(7, 8)
    assert TOKENS.read(old) is None
    rotated = ReplyTokens(b"the key of this year", earlier=[b"the key of last year"])
    assert rotated.read(old) == (7, 8)


def test_a_short_key_is_refused():
    with pytest.raises(ValueError, match="16"):
        ReplyTokens(b"short")


@pytest.mark.parametrize(
    "written",
    [
        "{}",
        '"Harbour Lane" <{}>',
        "a@example.org, Harbour <{}>, b@example.org",
        "<{}>",
    ],
)
@pytest.mark.parametrize("spelled", [str, str.upper, str.lower])
def test_a_token_is_found_wherever_the_client_put_the_address(written, spelled):
    token = TOKENS.make(123_456, 789)
    address = spelled(reply_address("Support@Harbour.example", token))
    found = token_in(["x@y.z", written.format(address)], ["support@harbour.example"])
    assert found == token


@pytest.mark.parametrize(
    "address", ["other+{}@h.example", "xsupport+{}@h.example", "support+{}@h.example.evil.org"]
)
def test_a_token_at_an_address_that_is_not_ours_is_not_found(address):
    assert token_in([address.format(TOKENS.make(1, 2))], ["support@h.example"]) is None


def test_a_mailbox_name_that_leaves_no_room_for_a_token_is_refused_with_what_to_do():
    token = TOKENS.make(123_456, 789)
    assert len(reply_address("s" * 30 + "@h.example", token).split("@")[0]) <= 64
    with pytest.raises(ValueError, match="at most"):
        reply_address("s" * 40 + "@h.example", token)


UNREAD = """no-reply noreply NoReply no_reply no.reply do-not-reply donotreply DoNotReply
    no-reply+abc
    noreply42 no-reply-2 orders-noreply noreplyorders shop.do.not.reply nao-responda não-responda
    keine-antwort keineantwort nicht-antworten ne-pas-repondre ne-pas-répondre nepasrepondre
    no-responder noresponder non-rispondere niet-antwoorden svara-ej unmonitored mailer-daemon
    please-do-not-reply dont-reply"""
READ = """support hello reply casino-reply priya.raman noah.replyson norbert nora.epley answers
    donota reply-to info pedro.nobre nobile antwort service+noreply"""


@pytest.mark.parametrize("local", UNREAD.split())
def test_addresses_that_nobody_reads_are_known_in_many_languages(local):
    assert is_no_reply(f"{local}@example.com")
    with pytest.raises(NoReplyAddress, match=r"support@example\.com"):
        reply_address(f"{local}@example.com", TOKENS.make(1, 2))


@pytest.mark.parametrize("local", READ.split())
def test_addresses_that_a_person_reads_are_not_taken_for_others(local):
    assert not is_no_reply(f"{local}@example.com")


def test_two_spellings_of_one_address_are_one():
    assert normalise(" <Jan@MÜNCHEN.example.> ".strip()) == "jan@xn--mnchen-3ya.example"
    assert normalise("re\u0301my@a.example") == normalise("r\u00e9my@A.example")
    assert domain_of("x@Bücher.example") == "xn--bcher-kva.example"
    assert domain_of("nobody") == ""


def test_free_mail_is_known_with_the_endings_of_countries():
    for domain in ("gmail.com", "Yahoo.co.uk", "gmx.de", "outlook.com.br", "hotmail.fr", "qq.com"):
        assert is_free_mail(domain), domain
    for domain in ("live.harbour.example", "mygmail.com", "gmail.com.evil.org", "yahoo.com.evil"):
        assert not is_free_mail(domain), domain


def test_a_plus_part_belongs_to_the_mailbox_and_another_name_does_not():
    assert belongs_to("Support+Token@Harbour.example", "support@harbour.example")
    assert not belongs_to("supporter@harbour.example", "support@harbour.example")
    assert not belongs_to("support@harbour.example.org", "support@harbour.example")
