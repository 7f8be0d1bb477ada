"""A new case: on the phone, at the counter, or by writing first."""

from typing import Any

import pytest
from django.test import Client

from goodword.cases.models import Case, Message
from goodword.cases.opening import meet
from goodword.core.refusals import Refused
from goodword.people.models import ContactPoint, Customer
from tests.cast import Desk, london

LONG = "x" * 100_001
CALLED = {
    "how": "phone",
    "name": "Grace Okafor",
    "mail": "Grace@Okafor.example",
    "number": "020 7946 0190",
    "words": "You charged me twice, and nobody rings back.",
    "takes": "yes",
}
WRITTEN = {
    "how": "write",
    "mail": "ellen@whitcombe.example",
    "title": "Your server moves on Friday",
    "words": "We move your server on Friday evening.",
    "then": "promise",
    "promise": "I ring you when it runs again",
    "kind": "callback",
    "due": "2026-11-20T18:00",
}


def send(client: Client, typed: dict[str, str], headers: dict[str, Any] | None = None) -> Any:
    return client.post("/cases/new/", typed, **(headers or {}))


def test_the_form_is_there_for_somebody_new_and_for_somebody_known(
    desk: Desk, priya: Client
) -> None:
    assert "They called" in priya.get("/cases/new/").content.decode()
    known = priya.get(f"/cases/new/?customer={desk.ellen.pk}").content.decode()
    assert "For Ellen Whitcombe." in known
    assert 'name="mail"' not in known


def test_a_call_becomes_a_case_in_their_own_words(
    desk: Desk, priya: Client, headers: dict[str, Any]
) -> None:
    answer = send(priya, CALLED, headers)
    case = Case.objects.get()
    assert answer.status_code == (204 if headers else 302)
    assert answer.headers.get("HX-Redirect", answer.headers.get("Location")) == f"/cases/{case.pk}/"
    assert (case.title, case.channel) == (CALLED["words"], "phone")
    assert (case.owner, case.is_taken) == (desk.priya, True)
    assert case.customer.name == "Grace Okafor"
    assert set(case.customer.points.values_list("value", flat=True)) == {
        "grace@okafor.example",
        "+442079460190",
    }
    assert set(case.promises.values_list("kind", "state")) == {
        ("acknowledge", "open"),
        ("reply", "open"),
    }
    message = case.messages.get()
    assert (message.direction, message.channel, message.member) == ("in", "phone", desk.priya)


def test_what_was_said_is_a_first_word_with_its_promise(desk: Desk, priya: Client) -> None:
    typed = {
        **CALLED,
        "how": "counter",
        "said": "I look into it today.",
        "promise": "I ring you with the bank’s answer",
        "kind": "callback",
        "due": "2026-11-20T12:00",
    }
    assert send(priya, typed).status_code == 302
    case = Case.objects.get()
    assert dict(case.promises.values_list("kind", "state")) == {
        "acknowledge": "kept",
        "reply": "open",
        "callback": "open",
    }
    promise = desk.promise(case, "callback")
    assert (promise.due, promise.owner) == (london("2026-11-20 12:00"), desk.priya)
    call = case.messages.get(direction="call")
    assert (call.channel, promise.said_in) == ("counter", call)
    assert (case.state, case.unanswered_since) == ("acknowledged", None)


def test_a_call_that_answered_keeps_both_clocks(desk: Desk, priya: Client) -> None:
    send(priya, {**CALLED, "said": "It was booked back.", "answers": "yes"})
    assert dict(Case.objects.get().promises.values_list("kind", "state"))["reply"] == "kept"


def test_not_taken_the_duty_person_answers_for_it(desk: Desk, priya: Client) -> None:
    send(priya, {**CALLED, "takes": "", "team": str(desk.offices.pk)})
    case = Case.objects.get()
    assert (case.team, case.owner, case.is_taken) == (desk.offices, desk.ines, False)


def test_writing_first_sends_and_leaves_a_promise(
    desk: Desk, priya: Client, headers: dict[str, Any]
) -> None:
    assert send(priya, WRITTEN, headers).status_code == (204 if headers else 302)
    case = Case.objects.get()
    assert (case.customer, case.title) == (desk.ellen, WRITTEN["title"])
    assert case.messages.get().copies.get().address == "ellen@whitcombe.example"
    assert desk.promise(case, "callback").due == london("2026-11-20 18:00")
    assert case.state == "in_progress"


def test_writing_first_may_wait_for_their_answer(desk: Desk, priya: Client) -> None:
    typed = {**WRITTEN, "then": "wait", "question": "Does Friday suit you?"}
    typed |= {"promise": "", "due": ""}
    send(priya, typed)
    assert Case.objects.get().question == "Does Friday suit you?"


def test_somebody_known_is_found_by_address_or_number_and_never_made_twice(
    desk: Desk, priya: Client
) -> None:
    send(priya, {**CALLED, "mail": "", "number": "020 7946 0142", "name": ""})
    assert Case.objects.get().customer == desk.ellen
    before = Customer.objects.count()
    send(priya, {**CALLED, "mail": "Daniel@Reyes.example", "number": "07700 900123", "name": ""})
    assert Customer.objects.count() == before
    assert ContactPoint.objects.get(value="+447700900123").customer == desk.daniel


def test_an_address_and_a_number_of_two_people_are_refused(desk: Desk) -> None:
    with pytest.raises(Refused, match="TWO_CUSTOMERS"):
        meet(name="", mail="daniel@reyes.example", number="+44 20 7946 0142", by=desk.priya)


def test_the_same_form_sent_twice_opens_one_case(desk: Desk, priya: Client) -> None:
    token = "0f1e7a1c-6a0e-4f3a-8f3e-0d9d6b4f4c11"
    first, second = (send(priya, {**CALLED, "form_id": token}) for _time in range(2))
    assert first["Location"] == second["Location"]
    assert Case.objects.count() == 1
    assert Message.objects.count() == 1


def test_a_refused_form_can_be_sent_again_with_the_same_token(desk: Desk, priya: Client) -> None:
    token = "0f1e7a1c-6a0e-4f3a-8f3e-0d9d6b4f4c12"
    assert send(priya, {**CALLED, "words": "", "form_id": token}).status_code == 422
    assert send(priya, {**CALLED, "form_id": token}).status_code == 302


@pytest.mark.parametrize(
    ("base", "changed", "sentence"),
    [
        (CALLED, {"words": ""}, "Write what they said"),
        (CALLED, {"words": LONG}, "100,000 fit here"),
        (CALLED, {"title": LONG}, "300 fit here"),
        (CALLED, {"name": ""}, "Write their name"),
        (CALLED, {"name": LONG}, "200 fit here"),
        (CALLED, {"mail": "", "number": ""}, "Write a mail address or a number"),
        (CALLED, {"mail": "grace at okafor"}, "is no mail address"),
        (CALLED, {"number": "12"}, "is no telephone number"),
        (CALLED, {"how": "carrier pigeon"}, "Say whether they called"),
        (
            CALLED,
            {"promise": "I ring", "kind": "callback", "due": "2026-11-20T12:00"},
            "the promise belongs to it",
        ),
        (
            CALLED,
            {"said": "Yes.", "promise": "I ring", "kind": "callback", "due": "2026-11-18T12:00"},
            "already past",
        ),
        (CALLED, {"said": "Yes.", "promise": "I ring", "kind": "reply"}, "Choose what kind"),
        (
            CALLED,
            {"said": "Yes.", "promise": "", "kind": "callback", "due": "2026-11-20T12:00"},
            "Say what they will have",
        ),
        (WRITTEN, {"title": ""}, "Write what it is about"),
        (WRITTEN, {"words": ""}, "Write your message first"),
        (WRITTEN, {"promise": "", "due": ""}, "Say what happens next"),
        (WRITTEN, {"then": "wait", "question": ""}, "Write the question"),
        (WRITTEN, {"mail": "", "number": "020 7946 0199", "name": "New One"}, "no mail address of"),
        (WRITTEN, {"due": "2027-03-28T01:30"}, "There is no 01:30"),
    ],
)
def test_what_is_missing_is_said_and_everything_typed_is_kept(
    desk: Desk, priya: Client, base: dict[str, str], changed: dict[str, str], sentence: str
) -> None:
    before = Customer.objects.count()
    typed = {**base, **changed}
    answer = send(priya, typed)
    assert answer.status_code == 422
    shown = answer.content.decode()
    assert sentence in shown
    for name in ("words", "title", "name", "mail", "number", "promise", "due"):
        assert typed.get(name, "") in shown
    assert (Case.objects.count(), Customer.objects.count()) == (0, before)


def test_members_alone_open_cases(db: None) -> None:
    assert send(Client(), CALLED).status_code == 302
    assert Case.objects.count() == 0
