"""The demo, served once for all tests that look at screens; and its people at their screens."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tools import shots

Visitor = Callable[..., BrowserContext]
Open = Callable[..., Page]


@pytest.fixture(scope="session")
def demo() -> Iterator[shots.Demo]:
    with shots.demo(now=None) as served:
        yield served


@pytest.fixture(scope="session")
def keys() -> dict[str, list[Any]]:
    """The session cookies of those who have signed in, so that each does so once."""
    return {}


@pytest.fixture
def signed_in(demo: shots.Demo, person: Visitor, keys: dict[str, list[Any]]) -> Visitor:
    """`signed_in("priya@harbourlane.example", size=PHONE)`; nobody where the address is empty."""

    def come_in(address: str, **how: object) -> BrowserContext:
        who = person(**how)
        if address and address not in keys:
            shots.sign_in(who, demo.url, address)
            keys[address] = list(who.cookies())
        who.add_cookies(keys.get(address, []))
        return who

    return come_in


@pytest.fixture
def at_desk(demo: shots.Demo, signed_in: Visitor) -> Open:
    """`at_desk("/inbox/")` is that page before Priya; `member="marta"` is somebody else."""

    def open_page(path: str, *, member: str = "priya", **how: object) -> Page:
        page = signed_in(f"{member}@harbourlane.example", **how).new_page()
        page.goto(f"{demo.url}{path}")
        return page

    return open_page


expect.set_options(timeout=10_000)
