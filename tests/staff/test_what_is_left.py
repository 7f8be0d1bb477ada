"""What is left in a browser, what a log says of who was not let in, and names in passwords."""

import copy
import logging
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from playwright.sync_api import Page, expect

from goodword.journal.models import Entry
from goodword.staff.passwords import NotOurNames
from tests.cast import Desk
from tests.desk.conftest import signed_in
from tests.staff.ways import sign_in
from tests.worker.test_together_on_postgres import Desk as Processes

_COOKIES = """
from django.test import Client
from tests.cast import PASSWORD
browser = Client(HTTP_X_FORWARDED_PROTO="https")
page = browser.get("/sign-in/", secure=True)
# Not one of those whom the races give a second factor, in the same database.
said = {"email": "priya@harbourlane.example", "password": PASSWORD}
assert browser.post("/sign-in/", said, secure=True).status_code == 302
print(json.dumps([[name, each["secure"], each["path"], each["domain"]]
                  for name, each in browser.cookies.items()]))
"""


def test_over_https_every_cookie_is_ours_alone(racing_on_sqlite: Processes) -> None:
    over_https = copy.copy(racing_on_sqlite)
    over_https._environment = {**racing_on_sqlite._environment, "GOODWORD_HTTPS": "yes"}
    cookies: Any = over_https.run(_COOKIES)
    names = {"__Host-goodword_session", "__Host-goodword_csrf", "__Host-goodword_device"}
    assert {name for name, *_rest in cookies} == names
    assert all(rest == [True, "/", ""] for _name, *rest in cookies)


def test_signing_out_has_the_browser_forget(desk: Desk) -> None:
    answer = signed_in(desk.priya).post("/sign-out/")
    assert answer["Clear-Site-Data"] == '"cache", "storage"'


def test_after_signing_out_nothing_is_left_but_how_the_browser_is_read(
    live_server: Any, desk: Desk, page: Page
) -> None:
    session = signed_in(desk.priya).cookies["goodword_session"].value
    cookie = {"name": "goodword_session", "value": session, "url": live_server.url}
    page.context.add_cookies([cookie])  # type: ignore[list-item]
    page.goto(f"{live_server.url}/today/")
    page.evaluate(
        "for (const [name, value] of Object.entries({theme: 'dark', letters: 'off',"
        " 'draft:1': 'Dear Ellen'})) localStorage.setItem(name, value)"
    )
    page.locator(".me").click()
    page.get_by_role("button", name="Sign out").first.click()
    expect(page.locator("input[name=password]")).to_be_visible(timeout=30_000)
    left = page.evaluate("Object.fromEntries(Object.entries(localStorage))")
    assert left == {"theme": "dark", "letters": "off"}
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")


def test_a_refused_way_in_is_an_entry_and_a_line_without_what_was_typed(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, "goodword.sign_in"):
        for email in (desk.priya.email, "stranger@elsewhere.example"):
            Client().post("/sign-in/", {"email": email, "password": "a guess of mine"})
    said = [f"member {desk.priya.pk}", "nobody's"]
    assert caplog.messages == [
        f"sign-in refused by password, {who}, from 127.0.0.1" for who in said
    ]
    entries = Entry.objects.filter(kind="sign_in_refused").order_by("pk")
    facts = [entry.facts for entry in entries]
    assert facts == [{"way": "password", "member": desk.priya.pk}, {"way": "password"}]


def test_one_try_too_many_is_a_line_and_no_entry(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    said = {"email": desk.priya.email, "password": "a guess of mine"}
    with caplog.at_level(logging.WARNING, "goodword.sign_in"):
        for _try in range(10):
            Client().post("/sign-in/", said)
    assert len(caplog.messages) == 10
    assert Entry.objects.filter(kind="sign_in_refused").count() == 8


def test_who_was_refused_a_page_is_a_line_without_its_address(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "goodword.access"):
        sign_in(desk.priya.email).get("/settings/members/")
        Client().get("/c/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAA/")
    refused, unknown = caplog.messages
    assert refused == f"refused (403): GET members, member {desk.priya.pk}"
    assert unknown.startswith("refused (404): GET ") and unknown.endswith(", a stranger")
    assert "AAAA" not in unknown


@pytest.mark.parametrize(
    ("password", "is_taken"),
    [
        ("HarbourLane2026!", False),
        ("goodword-goodword-1", False),
        ("harbourlane.example", False),
        ("nine plain words", True),
        ("the harbour was calm in May", True),
    ],
)
def test_names_that_everybody_knows_make_no_password(
    desk: Desk, password: str, is_taken: bool
) -> None:
    desk.business.name = "Harbour Lane Offices"
    desk.business.save()
    try:
        NotOurNames().validate(password, desk.priya)
    except ValidationError:
        assert not is_taken
    else:
        assert is_taken
