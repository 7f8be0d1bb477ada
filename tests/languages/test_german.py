"""A business that speaks German: its mail, its customers' pages, its days."""

import html
import re

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.translation import override

from goodword.cases.models import Case, CustomerAct
from goodword.channels.mail.models import IncomingMail
from goodword.core.server.refusing import Refusal
from goodword.desk.shell import shell_for
from goodword.staff.models import Business
from tests.cast import Desk, london
from tests.mail.letters import case_of, letter, posted
from tools.messages import SOURCE, Message, messages_in

PLACE = re.compile(r"%\(\w+\)[\d.]*[a-z]|<[^>]+>")
# The same in both languages, and too short to tell a language by.
SHORTEST = 6


@pytest.fixture
def german(desk: Desk) -> Desk:
    Business.objects.update(language="de")
    desk.business.refresh_from_db()
    return desk


def english_of_the_page() -> list[str]:
    """What the customer's page says in English, each the longest stretch without a place."""
    files = [*(SOURCE / "portal").rglob("*.html"), SOURCE / "core/templates/core/portal.html"]
    every: set[Message] = set().union(*(messages_in(file) for file in files))
    words = [text for _context, one, many in every for text in (one, many) if text]
    stretches = [max(PLACE.split(text), key=len).strip() for text in words]
    return [stretch for stretch in stretches if len(stretch) >= SHORTEST]


def words_of(page: str) -> str:
    bare = re.sub(r"<(script|style).*?</\1>|<[^>]+>", " ", page, flags=re.S)
    return " ".join(html.unescape(bare).split())


def look(client: Client, case: Case, query: str = "") -> str:
    from goodword.cases.models import CaseLink

    answer = client.get(CaseLink.for_customer(case, case.customer).path + query)
    assert answer["Content-Language"] == "de"
    assert '<html lang="de"' in answer.content.decode()
    return words_of(answer.content.decode())


def test_the_receipt_of_a_german_business_is_german(german: Desk) -> None:
    german.at("2026-11-19 20:00")
    case = case_of(letter())
    (sent,) = posted()
    assert sent.mail["Content-Language"] == "de"
    assert sent.mail["Auto-Submitted"] == "auto-replied"
    assert case.title in sent.mail["Subject"]
    assert sent.text.startswith(
        f"Wir haben Ihre Nachricht, {case.customer.given}. Sie kam am Donnerstag, 19. November, "
        "20:00 an, außerhalb unserer Zeiten."
    )
    assert "Sie hören von einem Menschen bis Freitag, 20. November, " in sent.text
    assert "Sie können auf diese Mail antworten. Ein Mensch liest jede Antwort." in sent.text
    link = german.link(case).url
    assert f"Was wir Ihnen zugesagt haben und was daraus wurde: {link}" in sent.text
    for english in ("We have your message", "Thursday", "You can answer", "What we promised"):
        assert english not in sent.text


def test_a_customer_is_written_to_in_their_own_language(desk: Desk) -> None:
    desk.ellen.language = "de"
    desk.ellen.save()
    case = desk.asked()
    (sent,) = posted()
    assert sent.mail["Content-Language"] == "de"
    assert "Ist es erledigt? Sie entscheiden" in sent.text
    assert case.promises.get(kind="check_in").text == "Wir fragen, ob es erledigt ist"


def test_what_a_policy_promises_is_kept_in_the_language_of_its_reader(german: Desk) -> None:
    """Intake and tick speak no language of their own."""
    with override("en-gb"):
        case = german.heard()
        german.answered(case)
    texts = set(case.promises.exclude(made_by=german.priya).values_list("text", flat=True))
    assert texts == {"Ein erstes Wort von einem Menschen", "Eine Antwort"}


def test_what_intake_writes_for_want_of_words_is_german(german: Desk) -> None:
    case = case_of(b"From: ellen@whitcombe.example\r\nTo: support@harbourlane.example\r\n\r\n\r\n")
    assert IncomingMail.objects.exists()
    assert case.title == "(kein Betreff)"


@pytest.mark.parametrize("state", ["new", "answered", "asked", "settled", "withdrawn", "broken"])
def test_the_page_of_a_german_business_has_no_english_left(
    german: Desk, client: Client, state: str
) -> None:
    case = german.heard(text="Der Server steht.")
    if state == "answered":
        word = {"kind": "callback", "text": "Ich rufe an", "form": "within:240"}
        case.reply(by=german.priya, text="Bin dran.", then="promise", promises=[word])
    if state in ("asked", "settled"):
        case.reply(by=german.priya, text="Läuft wieder.", then="ask")
    if state == "settled":
        case.settle(CustomerAct.on_page(german.link(case)), degree="good", words="Danke")
    if state == "withdrawn":
        case.withdraw(CustomerAct.on_page(german.link(case)))
    if state == "broken":
        german.later(days=3)
        for promise in case.promises.open():
            promise.mark_broken(promise.due)
    said = look(client, case)
    assert "Was wir Ihnen zugesagt haben" in said
    assert "Mit einem Menschen sprechen" in said
    assert [english for english in english_of_the_page() if english in said] == []


def test_the_search_for_english_finds_it(desk: Desk, client: Client) -> None:
    page = client.get(desk.link(desk.asked()).path).content.decode()
    found = [english for english in english_of_the_page() if english in words_of(page)]
    assert len(found) > 15


ASKED_FOR = ("said", "call", "settled", "not-yet", "withdrawn", "undone")
AGREED = ("move-asked", "agreed", "declined", "released")


@pytest.mark.parametrize("done", ASKED_FOR + AGREED)
def test_what_was_done_is_said_in_german(german: Desk, client: Client, done: str) -> None:
    said = look(client, german.heard(text="Der Server steht."), f"?done={done}")
    assert [english for english in english_of_the_page() if english in said] == []


def test_a_refusal_on_the_page_is_german_and_keeps_the_words(german: Desk, client: Client) -> None:
    case = german.heard()
    answer = client.post(f"{german.link(case).path}call/", {"number": "bald", "when": "abends"})
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "Schreiben Sie die Nummer, unter der wir Sie erreichen." in page
    assert 'value="abends"' in page


def test_the_page_speaks_the_language_of_its_reader(desk: Desk, client: Client) -> None:
    desk.ellen.language = "de"
    desk.ellen.save()
    assert "Ist es erledigt? Sie entscheiden." in look(client, desk.heard())


def test_a_page_that_is_not_there_says_so_in_german(german: Desk, client: Client) -> None:
    page = client.get("/c/nichts/").content.decode()
    assert "Hier ist nichts, oder es ist nicht für Sie bestimmt." in html.unescape(page)


def test_the_server_refuses_in_german(settings: object) -> None:
    settings.LANGUAGE_CODE = "de"  # type: ignore[attr-defined]
    body = Refusal(503, seconds=7).body().decode()
    assert "in 7 Sekunden noch einmal" in body
    assert '<html lang="de">' in body


def test_days_follow_the_language(german: Desk) -> None:
    with override("de"):
        shop = shell_for(german.priya).shop
    assert shop.sub == "Offen bis 17:00, wieder Fr 09:00"
    with override("de"):
        german.at("2026-11-20 18:00")
        assert shell_for(german.priya).shop.sub == "Wieder offen Mo 09:00"


def test_a_due_time_of_another_day_is_written_as_germans_do(german: Desk) -> None:
    from goodword.core.templatetags.goodword import by_when, day, plain_time

    at = london("2026-11-24 10:00")
    with override("de"):
        assert by_when(at) == "Di, 24. Nov bis 10:00"
        assert plain_time(at) == "Di, 24. Nov, 10:00"
        assert day(london("2027-03-01 10:00")) == "Montag, 1. März 2027"
        assert by_when(london("2026-11-20 10:00")) == "Morgen bis 10:00"


@pytest.mark.parametrize("room", ["today", "inbox", "promises", "customers", "operating"])
def test_the_rooms_of_the_desk_open_in_german(german: Desk, client: Client, room: str) -> None:
    german.answered(german.heard(text="Der Server steht."))
    client.force_login(german.olu if room == "operating" else german.priya)
    answer = client.get(reverse(room))
    assert answer.status_code == 200
    said = words_of(answer.content.decode())
    assert "Zum Inhalt springen" in said
    for english in ("Skip to the page", "Sign out", "Inbox", "Promises", "heard nothing"):
        assert english not in said
