"""The town stands once for all tests of a run; every test brings customers of its own."""

import os
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.browser.town import Town, build
from tests.peers import programs
from tests.peers.dovecot import Dovecot


@pytest.fixture(scope="session")
def town(dovecot: Dovecot) -> Iterator[Town]:
    if os.geteuid() != 0:
        pytest.skip("Postfix runs only as root, so no mail went through a real mail server")
    if not programs.POSTFIX.is_here():
        pytest.skip(programs.POSTFIX.absence())
    with build(dovecot) as built:
        yield built


# A busy machine may take long for what is quick otherwise; what never comes fails all the same.
expect.set_options(timeout=30_000)
