"""A provider of our own, and a mailbox that signs in there."""

from collections.abc import Iterator
from typing import Any

import pytest

from goodword.channels.mail.models import Mailbox, SignIn
from goodword.channels.mail.oauth.providers import PROVIDERS, keep_app
from goodword.channels.mail.oauth.signing import arrive, begin, begun
from goodword.core.compare import change
from tests.cast import Desk
from tests.peers.oauth import Authority, authority

BACK = "http://desk.test/settings/mailboxes/oauth/"


@pytest.fixture(autouse=True)
def on_this_machine(settings: Any) -> None:
    """Where the provider of these tests stands."""
    settings.PUSH_PRIVATE = True


@pytest.fixture
def provider() -> Iterator[Authority]:
    with authority() as found:
        yield found


@pytest.fixture
def box(desk: Desk, provider: Authority) -> Mailbox:
    """The desk's mailbox, set to the provider's sign-in, with its app; nobody is signed in."""
    keep_app(PROVIDERS["another"], provider.app(), by=desk.olu)
    change(desk.mailbox, {}, {"auth": "oauth"})
    return desk.mailbox


@pytest.fixture
def kept(desk: Desk, provider: Authority, box: Mailbox) -> SignIn:
    return sign_in(desk, provider, box)


def sign_in(desk: Desk, provider: Authority, box: Mailbox) -> SignIn:
    """There and back, as the two views do it."""
    there = begin(box, "another", session="nonce", back=BACK, by=desk.olu)
    back = dict(each.split("=", 1) for each in provider.consent(there).split("?")[1].split("&"))
    row = begun(back["state"], session="nonce", by=desk.olu)
    return arrive(row, back["code"], back=BACK, by=desk.olu)
