"""Every address of the desk: behind a door, closed to strangers, and no form without its token."""

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, reverse
from django.urls.converters import IntConverter

from tests.cast import Desk
from tests.sweeps.pages import addresses

ALL = list(addresses())
DOORS = {"all", "members", "operators", "right"}
# A stranger sees nothing here but these.
OPEN = re.compile(
    r"logo|health|ready|metrics|sign_in.*|sso.*|join|portal.*|help.*|robots|writ.*|ring|feed"
)


def named(pattern: URLPattern) -> str:
    return str(pattern.name)


def door(pattern: URLPattern) -> str:
    return getattr(pattern.callback, "door", "")


def each(*doors: str) -> pytest.MarkDecorator:
    chosen = [pattern for pattern in ALL if not doors or door(pattern) in doors]
    return pytest.mark.parametrize("pattern", chosen, ids=named)


def url(pattern: URLPattern) -> str:
    fitting: dict[str, Any] = {
        name: 1 if isinstance(converter, IntConverter) else "nothing-that-is-here"
        for name, converter in pattern.pattern.converters.items()
    }
    return reverse(str(pattern.name), kwargs=fitting)


@each()
def test_every_address_has_a_name_and_a_door(pattern: URLPattern) -> None:
    assert pattern.name
    assert door(pattern) in DOORS


def test_only_named_addresses_are_open_to_all() -> None:
    unlocked = {named(pattern) for pattern in ALL if door(pattern) == "all"}
    assert not [name for name in unlocked if not OPEN.fullmatch(name)]
    assert "sign_in" in unlocked


@pytest.mark.django_db
@each("members", "operators")
def test_a_stranger_is_asked_to_sign_in(pattern: URLPattern, client: Client) -> None:
    for ask in (client.get, client.post):
        answer = ask(url(pattern))
        sent_on = answer.status_code == 302 and answer["Location"].startswith(reverse("sign_in"))
        assert sent_on or answer.status_code == 405
        part = ask(url(pattern), headers={"HX-Request": "true"})
        assert part.status_code in (401, 405)


@each("operators")
def test_an_agent_does_not_run_the_desk(pattern: URLPattern, desk: Desk, client: Client) -> None:
    client.force_login(desk.priya)
    assert {client.get(url(pattern)).status_code, client.post(url(pattern)).status_code} <= {
        403,
        405,
    }


@each()
def test_no_form_is_taken_without_its_token(pattern: URLPattern, desk: Desk) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(desk.jonas)
    answer = client.post(url(pattern), {"text": "These words were typed for a long time."})
    assert answer.status_code == 403
    # Whoever typed for an hour gets the words back.
    assert "These words were typed for a long time." in answer.content.decode()
