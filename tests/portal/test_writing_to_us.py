"""The open door: a stranger writes or asks for a call, and it is a case with promises."""

import re

import pytest
from django.test import Client

from goodword.cases.models import Case, Message
from goodword.people.models import Customer, SenderRule
from tests.cast import Desk

SENT = {
    "name": "Rosa Lind",
    "mail": "rosa@elsewhere.example",
    "words": "Do you repair lamps?\nMine",
}
CALL = {"name": "Rosa Lind", "number": "020 7946 0777", "when": "after five"}


def test_what_a_stranger_writes_is_a_case_with_clocks(desk: Desk) -> None:
    answer = Client().post("/write/", SENT, follow=True)
    case = Case.objects.get()
    assert (case.title, case.channel, case.owner) == ("Do you repair lamps?", "web", desk.priya)
    assert {each.kind for each in case.promises.open()} == {"acknowledge", "reply"}
    assert [each.kind for each in case.entries.order_by("id")][:2] == ["case_opened", "received"]
    page = answer.content.decode()
    assert case.reference in page and "Today by 17:00" in page and "Priya Raman" in page
    assert "Rosa" not in page and "/c/" not in page


def test_a_call_that_is_asked_for_is_promised(desk: Desk) -> None:
    answer = Client().post("/write/call/", {**CALL, "about": "The lamp"}, follow=True)
    case = Case.objects.get()
    callback = case.promises.get(kind="callback")
    assert "+442079460777" in callback.text and case.title == "The lamp"
    assert "answers for your call" in answer.content.decode()
    assert "after five" in Message.objects.order_by("-id")[0].text


def test_nobody_is_told_whether_we_know_the_address_and_nothing_known_changes(desk: Desk) -> None:
    known = desk.heard(desk.ellen)
    sent = {**SENT, "mail": "Ellen@Whitcombe.example", "name": "Not Ellen"}
    pages = []
    for each in (sent, {**SENT, "mail": "rosa@elsewhere.example"}):
        page = Client().post("/write/", each, follow=True).content.decode()
        pages.append(re.sub(r"HL-\d+|\d\d:\d\d", "", page))
    assert pages[0] == pages[1]
    mine = Case.objects.exclude(pk=known.pk).get(customer=desk.ellen)
    assert mine.pk != known.pk and known.messages.count() == 1
    assert Customer.objects.get(pk=desk.ellen.pk).name == "Ellen Whitcombe"


def test_the_same_form_sent_twice_is_one_case(desk: Desk) -> None:
    form = {**SENT, "form_id": "5ba0a2b5-46f1-4b8a-8f0c-0d7c3b8f3a11"}
    places = {Client().post("/write/", form)["Location"].split(":")[0] for _twice in range(2)}
    assert Case.objects.count() == 1 and len(places) == 1


@pytest.mark.parametrize(
    ("path", "sent", "sentence"),
    [("/write/", {**SENT, "words": " "}, "Write a line first"),
     ("/write/", {**SENT, "mail": "rosa"}, "is no mail address"),
     ("/write/", {**SENT, "mail": ""}, "Write your mail address"),
     ("/write/", {**SENT, "mail": "no-reply@elsewhere.example"}, "Nobody reads that address"),
     ("/write/", {**SENT, "mail": "support+x@harbourlane.example"}, "our own address"),
     ("/write/", {**SENT, "name": "Win https://evil.example"}, "no web address"),
     ("/write/", {**SENT, "website": "https://x.example"}, "trap for machines"),
     ("/write/", {**SENT, "words": "x" * 100_001}, "100,000 characters"),
     ("/write/call/", {**CALL, "number": "lamp"}, "no telephone number"),
     ("/write/call/", {**CALL, "name": ""}, "Write your name")],
)  # fmt: skip
def test_what_is_refused_says_why_and_keeps_every_word(
    desk: Desk, path: str, sent: dict[str, str], sentence: str
) -> None:
    answer = Client().post(path, sent)
    page = answer.content.decode()
    assert answer.status_code == 422 and sentence in page and not Case.objects.exists()
    assert "Rosa Lind" in page or "name" in {k for k in sent if sent[k] != "Rosa Lind"}
    assert "020 7946 0140" in page


def test_a_flood_waits_and_is_shown_another_way(desk: Desk) -> None:
    for number in range(5):
        assert Client().post("/write/", {**SENT, "words": f"{number}"}).status_code == 302
    answer = Client().post("/write/", {**SENT, "words": "My sixth within the hour"})
    page = answer.content.decode()
    assert answer.status_code == 429 and "My sixth within the hour" in page
    assert Case.objects.count() == 5
    other = {**SENT, "mail": "sam@elsewhere.example"}
    assert Client().post("/write/", other).status_code == 302


def test_a_sender_with_a_rule_is_set_aside_and_not_told(desk: Desk) -> None:
    SenderRule.make("rosa@elsewhere.example", "spam", by=desk.priya)
    answer = Client().post("/write/", SENT, follow=True)
    assert Case.objects.get().set_aside_at and answer.status_code == 200
    assert not Case.objects.get().promises.exists()


def test_outside_hours_a_receipt_says_when(desk: Desk) -> None:
    desk.at("2026-11-20 20:00")
    Client().post("/write/", SENT, HTTP_ACCEPT_LANGUAGE="de")
    case = Case.objects.get()
    assert case.customer.language == "de"
    assert case.messages.filter(purpose="receipt").count() == 1


def test_a_receipt_is_no_way_in_and_cannot_be_guessed(desk: Desk) -> None:
    place = Client().post("/write/", SENT)["Location"]
    assert Client().get(place).status_code == 200
    assert Client().get(place[:-3] + "xy/").status_code == 404
