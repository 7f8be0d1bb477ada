"""Fixtures for the real servers: each starts once per test process, or skips by its name."""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack
from typing import TypeVar

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.peers import chromium as chromium_peer
from tests.peers import dovecot as dovecot_peer
from tests.peers import postfix as postfix_peer
from tests.peers import postgres, processes, programs

Started = TypeVar("Started")


def _demand(peer: programs.Peer) -> None:
    if not peer.is_here():
        pytest.skip(peer.absence())


def _start(open_peer: Callable[[], AbstractContextManager[Started]]) -> Iterator[Started]:
    # Another process may take a free port before the server does, so it gets a second one.
    with ExitStack() as stack:
        try:
            started = stack.enter_context(open_peer())
        except processes.NotStarted:
            started = stack.enter_context(open_peer())
        yield started


@pytest.fixture(scope="session")
def postgres_cluster() -> Iterator[str]:
    """The URL of an empty database in a PostgreSQL cluster of our own."""
    _demand(programs.POSTGRESQL)
    yield from _start(postgres.cluster)


@pytest.fixture(scope="session")
def dovecot() -> Iterator[dovecot_peer.Dovecot]:
    """A Dovecot with IMAP and LMTP; `add_user()` gives every test a mailbox of its own."""
    _demand(programs.DOVECOT)
    version = dovecot_peer.version()
    if not version:
        pytest.skip(f"Dovecot is unpacked but may not run here, so {programs.DOVECOT.proves}")
    if not version.startswith("2.3"):
        pytest.skip(f"Dovecot {version} has another set-up than 2.3, so {programs.DOVECOT.proves}")
    yield from _start(dovecot_peer.dovecot)


@pytest.fixture
def postfix() -> Iterator[Callable[[Mapping[str, str]], postfix_peer.Postfix]]:
    """Call it with routes: `postfix({"mail.example": "lmtp:inet:127.0.0.1:24"})`."""
    if os.geteuid() != 0:
        pytest.skip("Postfix runs only as root, so no mail went through a real mail server")
    _demand(programs.POSTFIX)
    with ExitStack() as stack:
        yield lambda routes: stack.enter_context(postfix_peer.postfix(routes))


@pytest.fixture(scope="session")
def smtp_source() -> Callable[..., None]:
    _demand(programs.SMTP_TOOLS)
    return postfix_peer.smtp_source


@pytest.fixture
def smtp_sink() -> Iterator[Callable[..., postfix_peer.Sink]]:
    """Call it for a sink: `smtp_sink(soft="RCPT")` refuses every recipient for now."""
    _demand(programs.SMTP_TOOLS)
    with ExitStack() as stack:
        yield lambda **refused: stack.enter_context(postfix_peer.smtp_sink(**refused))


@pytest.fixture(scope="session")
def swaks() -> Callable[..., str]:
    _demand(programs.SWAKS)
    return postfix_peer.swaks


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    _demand(programs.CHROMIUM)
    yield from _start(chromium_peer.chromium)


@pytest.fixture
def person(chromium: Browser) -> Iterator[Callable[..., BrowserContext]]:
    """Call it once for each person at a screen: `person(size=PHONE, dark=True)`."""
    with ExitStack() as stack:
        yield lambda **how: stack.enter_context(chromium_peer.visitor(chromium, **how))


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """A page on a desk's screen, 1440 wide."""
    with chromium_peer.page_of(chromium) as page:
        yield page


@pytest.fixture
def phone(chromium: Browser) -> Iterator[Page]:
    """A page on a phone, 390 wide."""
    with chromium_peer.page_of(chromium, size=chromium_peer.PHONE) as page:
        yield page
