"""A browser without JavaScript, one with HTMX, and how many questions a page asks."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from goodword.staff.models import Member
from tests.cast import Desk


def signed_in(member: Member) -> Client:
    client = Client()
    client.force_login(member)
    return client


@pytest.fixture
def priya(desk: Desk) -> Client:
    return signed_in(desk.priya)


@pytest.fixture(params=[{}, {"HTTP_HX_REQUEST": "true"}], ids=["page", "htmx"])
def headers(request: pytest.FixtureRequest) -> dict[str, Any]:
    """As a plain form, and as HTMX sends it."""
    return dict(request.param)


@pytest.fixture
def questions() -> Callable[[Client, str], int]:
    """How many queries a page asks; the second time, when schedules are compiled."""

    def ask(client: Client, url: str) -> int:
        assert client.get(url).status_code == 200
        with CaptureQueriesContext(connection) as asked:
            client.get(url)
        return len(asked)

    return ask
