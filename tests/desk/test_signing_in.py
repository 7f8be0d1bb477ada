"""Signing in: limited, silent about what was wrong, ended at once when access is."""

import json
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from goodword.cases.leaving import revoke
from goodword.core.time import clock
from goodword.desk.demo import FILE, note_sign_ins
from goodword.journal.models import Entry
from goodword.staff.models import SignInAttempt
from tests.cast import PASSWORD, Desk

PAGE = "/sign-in/"
PRIYA = {"email": "priya@harbourlane.example", "password": PASSWORD}


@pytest.fixture
def demo_folder() -> "object":
    path = Path(settings.DATA) / FILE
    yield path
    path.unlink(missing_ok=True)


def test_the_page_names_the_business_and_asks_for_two_things(desk: Desk, client: Client) -> None:
    text = client.get(PAGE).content.decode()
    assert "Harbour Lane" in text
    assert text.count('class="input"') == 2


def test_the_page_answers_before_there_is_a_business(db: None, client: Client) -> None:
    assert client.get(PAGE).status_code == 200


def test_a_member_signs_in_and_comes_back_to_where_they_wanted_to_go(
    desk: Desk, client: Client
) -> None:
    asked = client.get("/inbox/?tab=theirs")
    assert asked.status_code == 302
    page = client.get(asked["Location"]).content.decode()
    assert 'name="next" value="/inbox/?tab=theirs"' in page
    answer = client.post(PAGE, {**PRIYA, "next": "/inbox/?tab=theirs"})
    assert (answer.status_code, answer["Location"]) == (302, "/inbox/?tab=theirs")
    assert client.get("/inbox/").status_code == 200
    desk.priya.refresh_from_db()
    assert desk.priya.last_login == clock.now()
    assert Entry.objects.filter(kind="signed_in", member=desk.priya).count() == 1


def test_an_address_in_capitals_is_the_same_address(desk: Desk, client: Client) -> None:
    assert client.post(PAGE, {**PRIYA, "email": "Priya@HarbourLane.example"}).status_code == 302


@pytest.mark.parametrize(
    "elsewhere",
    ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)",
     "http:///evil.example", "today\nLocation: x", "sign_out", "https:evil.example",
     " //x.example"],
)  # fmt: skip
def test_nobody_is_sent_to_another_site(desk: Desk, client: Client, elsewhere: str) -> None:
    answer = client.post(PAGE, {**PRIYA, "next": elsewhere})
    assert (answer.status_code, answer["Location"]) == (302, "/today/")
    again = client.get(PAGE, {"next": elsewhere})
    assert (again.status_code, again["Location"]) == (302, "/today/")


def test_a_wrong_password_and_an_unknown_address_get_the_same_answer(
    desk: Desk, client: Client
) -> None:
    said = []
    for email in (PRIYA["email"], "nobody@harbourlane.example"):
        answer = client.post(PAGE, {"email": email, "password": "not the right one at all"})
        assert answer.status_code == 422
        text = answer.content.decode()
        assert f'value="{email}"' in text
        assert "not the right one at all" not in text
        said.append(text.replace(email, "").split('id="refusal"')[1].split("</div>")[0])
    assert said[0] == said[1]
    assert "do not belong together" in said[0]


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [({"email": "", "password": ""}, "Write your mail address."),
     ({"email": "priya", "password": "x"}, "This is not a whole mail address"),
     ({"email": "priya@harbourlane.example", "password": ""}, "Write your password.")],
)  # fmt: skip
def test_what_is_missing_is_said_beside_its_field(
    desk: Desk, client: Client, typed: dict[str, str], sentence: str
) -> None:
    answer = client.post(PAGE, typed)
    assert answer.status_code == 422
    text = answer.content.decode()
    assert sentence in text
    assert 'aria-invalid="true"' in text
    assert not SignInAttempt.objects.exists()


def test_eight_wrong_passwords_close_the_door_for_a_quarter_of_an_hour(desk: Desk) -> None:
    for _attempt in range(8):
        # A new browser each time: the count is in the database, whichever process asks.
        assert Client().post(PAGE, {**PRIYA, "password": "wrong"}).status_code == 422
    refused = Client().post(PAGE, PRIYA)
    assert refused.status_code == 422
    assert "Too many attempts" in refused.content.decode()
    assert Client().post(PAGE, {**PRIYA, "email": desk.dele.email}).status_code == 302
    desk.later(minutes=16)
    assert Client().post(PAGE, PRIYA).status_code == 302


def test_one_place_of_the_network_cannot_try_everybody(desk: Desk) -> None:
    for number in range(40):
        Client().post(PAGE, {"email": f"m{number}@harbourlane.example", "password": "wrong"})
    assert "Too many attempts" in Client().post(PAGE, PRIYA).content.decode()
    assert Client(REMOTE_ADDR="192.0.2.7").post(PAGE, PRIYA).status_code == 302


def test_signing_in_gives_a_new_session_and_signing_out_ends_it(desk: Desk, client: Client) -> None:
    client.get("/today/")
    client.session["planted"] = True
    client.post(PAGE, PRIYA)
    key = client.session.session_key
    assert client.get("/sign-out/").status_code == 405
    assert client.get("/today/").status_code == 200
    assert client.post("/sign-out/").status_code == 302
    thief = Client()
    thief.cookies[settings.SESSION_COOKIE_NAME] = key
    assert thief.get("/today/").status_code == 302


def test_a_session_ends_when_access_is_revoked(desk: Desk, client: Client) -> None:
    client.post(PAGE, PRIYA)
    assert client.get("/inbox/").status_code == 200
    revoke(desk.priya, by=desk.jonas)
    assert client.get("/inbox/")["Location"].startswith(PAGE)
    assert client.get("/inbox/", HTTP_HX_REQUEST="true").status_code == 401
    assert "do not belong together" in client.post(PAGE, PRIYA).content.decode()


def test_another_site_cannot_sign_somebody_in(desk: Desk) -> None:
    browser = Client(enforce_csrf_checks=True)
    secret = "a password of more than twenty letters"
    answer = browser.post(PAGE, {"email": PRIYA["email"], "password": secret})
    assert answer.status_code == 403
    assert secret not in answer.content.decode()


def test_the_demo_offers_its_members_and_nobody_else_does(
    desk: Desk, client: Client, demo_folder: Path
) -> None:
    assert PASSWORD not in client.get(PAGE).content.decode()
    note_sign_ins({desk.priya.email: PASSWORD, desk.olu.email: PASSWORD})
    text = client.get(PAGE).content.decode()
    assert text.index("Priya Raman") < text.index("Olu Bello")
    assert PASSWORD in text
    clock.follow_the_machine()
    assert PASSWORD not in client.get(PAGE).content.decode()
    desk.at("2026-11-19 16:33")
    revoke(desk.olu, by=desk.jonas)
    assert "Olu Bello" not in client.get(PAGE).content.decode()
    assert json.loads(demo_folder.read_text()) == {
        desk.priya.email: PASSWORD, desk.olu.email: PASSWORD
    }  # fmt: skip
