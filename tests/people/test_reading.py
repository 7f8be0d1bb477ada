"""The customer's language: a choice before a guess, a guess before the browser, then ours."""

import pytest
from django.test import Client

from goodword.core.refusals import Refused
from goodword.people import reading
from goodword.promises.in_words.languages import language_told
from tests.cast import Desk
from tests.mail.letters import case_of, letter

GERMAN = (
    "Guten Tag, der Drucker im Büro ist kaputt und wir haben keine Zeit. Können Sie uns bitte"
    " sagen, wann es für Sie geht? Ich bin bis 17 Uhr im Haus."
)
ENGLISH = "The printer is broken again and we have no time for it. Please tell me what to do."


def test_a_text_tells_its_language_or_nothing() -> None:
    assert language_told(GERMAN) == "de"
    assert language_told(ENGLISH) == "en"
    assert language_told("OK") == ""
    assert language_told("der the die and und you das to") == ""


def test_their_mail_tells_and_a_later_one_corrects(desk: Desk) -> None:
    customer = case_of(letter(GERMAN, sender="Jo <jo@wien.example>")).customer
    assert (customer.language, customer.language_by) == ("de", "mail")
    receipt = customer.cases.get().messages.filter(direction="out").first()
    assert receipt is None or "Guten Tag" in receipt.text or "Nachricht" in receipt.text
    case_of(letter(ENGLISH, sender="Jo <jo@wien.example>"))
    customer.refresh_from_db()
    assert (customer.language, customer.language_by) == ("", "")


def test_the_header_tells_where_the_words_are_few(desk: Desk) -> None:
    short = letter("Drucker?", sender="Jo <jo@wien.example>")
    assert case_of(b"Content-Language: de-AT\n" + short).customer.language == "de"
    unknown = letter("Imprimante?", sender="Al <al@paris.example>")
    assert case_of(b"Content-Language: fr\n" + unknown).customer.language == ""


def test_a_choice_is_never_overruled_by_a_guess(desk: Desk) -> None:
    desk.ellen.rewrite(by=desk.priya, language="en-gb")
    assert not reading.told_by_mail(desk.ellen, "de")
    reading.chosen_on_page(desk.daniel, "de")
    assert not reading.told_by_mail(desk.daniel, "en-gb")
    assert desk.daniel.reads() == "de"
    with pytest.raises(Refused):
        reading.chosen_on_page(desk.daniel, "xx")


def test_a_member_who_changes_it_makes_it_a_choice(desk: Desk) -> None:
    reading.told_by_mail(desk.ellen, "de")
    desk.ellen.rewrite(by=desk.priya, language="en-gb")
    desk.ellen.refresh_from_db()
    assert (desk.ellen.language, desk.ellen.language_by) == ("en-gb", "")


def test_the_page_asks_the_browser_and_the_switch_is_kept_without_a_cookie(desk: Desk) -> None:
    case = desk.heard()
    path = desk.link(case).path
    browser = Client(HTTP_ACCEPT_LANGUAGE="de-AT, en;q=0.5")
    assert browser.get(path)["Content-Language"] == "de"
    assert browser.post(f"{path}language/", {"language": "en-gb"}).status_code == 302
    assert browser.get(path)["Content-Language"] == "en-gb"
    assert "sessionid" not in browser.cookies
    case.customer.refresh_from_db()
    assert case.customer.language_by == "page"
    assert browser.post(f"{path}language/", {"language": "xx"}).status_code == 422


def test_open_pages_are_switched_by_their_address(desk: Desk) -> None:
    assert Client().get("/help/?lang=de")["Content-Language"] == "de"
    assert Client().get("/help/?lang=xx")["Content-Language"] == "en-gb"
