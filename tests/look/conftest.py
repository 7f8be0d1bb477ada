"""The demo with its clock running, served once for the tests of the look; its people at screens."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.screens import PASSWORD
from tests.browser.server import DeskServer
from tests.peers import processes

Visitor = Callable[..., BrowserContext]
Open = Callable[..., Page]


@pytest.fixture(scope="session")
def demo() -> Iterator[DeskServer]:
    """Presence goes by the clock, so here it may not stand still."""
    with processes.folder_for(None) as folder:
        server = DeskServer(folder)
        try:
            server.start("demo")
            yield server
        finally:
            server.stop()


@pytest.fixture(scope="session")
def keys() -> dict[str, list[Any]]:
    """The session cookies of those who have signed in, so that each does so once."""
    return {}


@pytest.fixture
def signed_in(demo: DeskServer, person: Visitor, keys: dict[str, list[Any]]) -> Visitor:
    """`signed_in("priya", size=PHONE)` is a browser in which Priya has signed in."""

    def come_in(name: str, **how: object) -> BrowserContext:
        who = person(**how)
        if name not in keys:
            _sign_in(who.new_page(), demo.url, f"{name}@harbourlane.example")
            keys[name] = list(who.cookies())
        who.add_cookies(keys[name])
        return who

    return come_in


@pytest.fixture
def at_desk(demo: DeskServer, signed_in: Visitor) -> Open:
    """`at_desk("/inbox/")` is that page before Priya; `member="marta"` is somebody else."""

    def open_page(path: str, *, member: str = "priya", **how: object) -> Page:
        page = signed_in(member, **how).new_page()
        page.goto(f"{demo.url}{path}")
        return page

    return open_page


def _sign_in(page: Page, url: str, address: str) -> None:
    page.goto(f"{url}/sign-in/")
    page.get_by_label("Your mail address").fill(address)
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url(re.compile("/today/"))
    page.close()


expect.set_options(timeout=30_000)
