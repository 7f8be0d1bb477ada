"""MAYDAY on every channel that a customer has, over HTTP and by mail, and by staff for them."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from goodword.cases.models import Case, Mayday
from goodword.channels.mail.helpwords import calls_mayday
from goodword.people.models import Customer
from tests.cast import Desk
from tests.desk.conftest import signed_in
from tests.mail.letters import case_of, delivered, header_id, letter, posted


def text(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


def pressed(path: str, **fields: str) -> str:
    answer = Client().post(path, fields, follow=True)
    assert answer.status_code == 200
    return text(answer)


def test_one_press_on_their_page_shows_a_name_and_a_time(desk: Desk) -> None:
    case = desk.answered()
    link = desk.link(case)
    assert "My business is stopped" in text(Client().get(link.path))
    said = pressed(f"{link.path}mayday/")
    assert "Alerted at once: Priya Raman." in said and "by 16:48" in said
    again = pressed(f"{link.path}mayday/")
    assert "Alerted at once: Priya Raman." in again
    assert Mayday.objects.count() == 1
    call = Mayday.objects.get()
    signed_in(desk.dele).post(reverse("case_mayday_take", args=[case.pk]))
    said = text(Client().get(link.path))
    assert "Dele Adeyemi has it since" in said
    call.refresh_from_db()
    assert call.taken_by == desk.dele


def test_the_link_in_a_mail_opens_a_page_and_opening_it_does_nothing(desk: Desk) -> None:
    link = desk.link(desk.heard())
    page = text(Client().get(f"{link.path}mayday/"))
    assert "Is your business stopped?" in page and 'method="post"' in page
    assert Mayday.objects.count() == 0
    assert Client().get("/c/nonsense/mayday/").status_code == 404


def test_every_mail_of_ours_has_the_link(desk: Desk) -> None:
    case = desk.answered()
    desk.later(minutes=1)
    [mail] = posted()
    assert f"http://desk.test{desk.link(case).path}mayday/" in mail.text


def test_a_stranger_with_a_link_wakes_us_in_a_case_of_their_own(desk: Desk) -> None:
    case = desk.heard()
    case.hear(desk.daniel, "Me too.", is_confirmed=False)
    said = pressed(f"{desk.link(case, desk.daniel).path}mayday/")
    call = Mayday.objects.get()
    assert call.case_id != case.pk and call.customer == desk.daniel
    assert "Alerted at once" in said
    assert not Case.objects.get(pk=case.pk).is_mayday


@pytest.mark.parametrize("reach", ["020 7946 0777", "rosa@elsewhere.example"])
def test_at_the_open_door_a_way_to_reach_them_is_enough(desk: Desk, reach: str) -> None:
    assert "My business is stopped" in text(Client().get("/help/"))
    said = pressed("/write/stopped/", reach=reach)
    case = Case.objects.get()
    assert case.is_mayday and case.title == "My business is stopped."
    assert "Alerted at once: Priya Raman." in said and case.reference in said
    assert "rosa" not in said and "0777" not in said


def test_whoever_leaves_no_way_is_told_what_is_missing(desk: Desk) -> None:
    answer = Client().post("/write/stopped/", {"reach": " "})
    assert answer.status_code == 422
    assert "Write a number or a mail address" in text(answer)
    answer = Client().post("/write/stopped/", {"reach": "soon"})
    assert answer.status_code == 422 and 'value="soon"' in text(answer)


def test_the_same_form_twice_is_one_and_a_flood_loses_none(desk: Desk) -> None:
    form = {"reach": "020 7946 0777", "form_id": "5ba0a2b5-46f1-4b8a-8f0c-0d7c3b8f3a11"}
    for _twice in range(2):
        Client().post("/write/stopped/", form)
    assert Mayday.objects.count() == 1
    for number in range(8):
        Client().post("/write/stopped/", {"reach": f"020 7946 01{number:02}"})
    calls = list(Mayday.objects.order_by("id"))
    assert len(calls) == 9 and all(call.case.is_mayday for call in calls)
    assert [call.is_quiet for call in calls] == [False] * 6 + [True] * 3
    assert Customer.objects.filter(points__value="+442079460107").exists()


@pytest.mark.parametrize(
    ("subject", "calls"),
    [
        ("MAYDAY", True),
        ("Mayday! Tills are down", True),
        ("SOS", True),
        ("Re: Our printer SOS!!", True),
        ("S.O.S.", True),
        ("The sos for the pasta", False),
        ("May day holiday", False),
        ("Maydays and holidays", False),
        ("SOSTENUTO", False),
        ("", False),
    ],
)
def test_the_words_that_call(subject: str, calls: bool) -> None:
    assert calls_mayday(subject) is calls


def test_by_the_subject_of_a_mail_and_not_again_by_its_answers(desk: Desk) -> None:
    first = letter(subject="MAYDAY", text="")
    delivered(first)
    case = Case.objects.get()
    assert case.is_mayday
    told = case.messages.get(purpose="mayday")
    assert "Alerted at once: Priya Raman." in told.text
    assert not case.messages.filter(purpose="receipt").exists()
    call = Mayday.objects.get()
    client = signed_in(desk.priya)
    client.post(reverse("case_mayday_down", args=[case.pk]), {"reason": "It runs."})
    delivered(letter(subject="Re: MAYDAY", References=header_id(first), text="Thanks."))
    assert case_of(first).pk == case.pk
    assert Mayday.objects.get() == call and not Case.objects.get(pk=case.pk).is_mayday


def test_staff_call_it_for_somebody_and_undo_standing_it_down(desk: Desk) -> None:
    case = desk.heard()
    client = signed_in(desk.dele)
    client.post(reverse("case_mayday", args=[case.pk]))
    page = text(client.get(case.get_absolute_url()))
    assert "nobody has it yet" in page and "I have it" in page
    assert client.post(reverse("case_mayday_down", args=[case.pk])).status_code == 422
    answer = client.post(
        reverse("case_mayday_down", args=[case.pk]), {"reason": "False alarm."}, follow=True
    )
    assert reverse("case_mayday_again", args=[case.pk]) in text(answer)
    client.post(reverse("case_mayday_again", args=[case.pk]))
    assert Case.objects.get(pk=case.pk).is_mayday
    assert case.messages.filter(text="My business is stopped.").count() == 1


def test_with_htmx_it_is_a_toast_and_twice_says_who_has_it(desk: Desk) -> None:
    case = desk.heard()
    signed_in(desk.dele).post(reverse("case_mayday", args=[case.pk]))
    take = reverse("case_mayday_take", args=[case.pk])
    first = signed_in(desk.dele).post(take, headers={"HX-Request": "true"})
    assert first.status_code == 200 and "You have it" in text(first)
    second = signed_in(desk.marta).post(take, headers={"HX-Request": "true"})
    assert second.status_code == 409 and "Dele Adeyemi has it already." in text(second)


def test_a_new_case_at_the_counter_can_be_a_mayday_without_words(desk: Desk) -> None:
    sent = {"how": "counter", "name": "Rosa Lind", "number": "020 7946 0777", "mayday": "yes"}
    signed_in(desk.dele).post("/cases/new/", {**sent, "words": ""})
    case = Case.objects.get()
    assert case.is_mayday and case.channel == "counter"


def test_it_is_on_today_and_first_in_the_inbox_with_its_chip(desk: Desk) -> None:
    desk.heard(desk.daniel, "Another matter.")
    case = desk.heard()
    pressed(f"{desk.link(case).path}mayday/")
    client = signed_in(desk.dele)
    assert "MAYDAY: the business of Ellen Whitcombe is stopped" in text(client.get("/today/"))
    inbox = text(client.get("/inbox/"))
    assert inbox.index(f'id="row-{case.pk}"') < inbox.index("Another matter")
    assert "i-siren" in inbox and "MAYDAY" in inbox
