"""Tokens that go on: renewed in time and once, kept closed, and a person told when they end."""

import logging
import threading
from typing import Any

import pytest
from django.db import connection

from goodword.channels.mail.models import Mailbox, SignIn
from goodword.channels.mail.oauth import asking
from goodword.channels.mail.oauth.providers import PROVIDERS, keep_app
from goodword.channels.mail.oauth.renewing import token_of, token_source
from goodword.channels.mail.oauth.signing import TOKEN, sign_out
from goodword.channels.mail.sasl import NoToken
from goodword.core.compare import change
from goodword.core.secrecy import reopen
from goodword.journal.models import Entry
from tests.cast import Desk, gather
from tests.mail.oauth.conftest import sign_in
from tests.peers.oauth import CLIENT, SECRET, Authority


def test_a_token_is_kept_closed_and_used_until_it_is_nearly_over(
    desk: Desk, provider: Authority, box: Mailbox, kept: SignIn
) -> None:
    (access,), (refresh,) = provider.good, provider.lasting
    row = SignIn.objects.filter(pk=kept.pk).values().get()
    assert access not in str(row) and refresh not in str(row)
    assert token_of(box.pk) == access and provider.refreshes() == 0
    desk.later(minutes=56)
    newer = token_of(box.pk)
    assert newer != access and newer in provider.good and provider.refreshes() == 1
    assert reopen(SignIn.objects.get(mailbox=box).refresh_closed, TOKEN) in provider.lasting
    desk.later(hours=2)
    assert token_of(box.pk) not in (access, newer) and provider.refreshes() == 2


def test_a_provider_that_does_not_rotate_keeps_the_one_we_have(
    desk: Desk, provider: Authority, box: Mailbox, kept: SignIn
) -> None:
    provider.rotates = False
    for _hour in range(3):
        desk.later(hours=1)
        token_of(box.pk)
    assert len(provider.lasting) == 1 and provider.refreshes() == 3


def test_a_refused_token_is_renewed_before_its_time_but_not_over_and_over(
    desk: Desk, provider: Authority, box: Mailbox, kept: SignIn
) -> None:
    source = token_source(box)
    assert source is not None
    access = source("")
    assert source(access) == access and provider.refreshes() == 0
    desk.later(minutes=2)
    newer = source(access)
    assert newer != access and provider.refreshes() == 1
    assert source(access) == newer and source(newer) == newer
    assert provider.refreshes() == 1


def test_a_sign_in_that_was_taken_back_asks_for_a_person_and_nobody_asks_again(
    desk: Desk, provider: Authority, box: Mailbox, kept: SignIn, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    (refresh,) = provider.lasting
    provider.revoke()
    desk.later(hours=2)
    for _time in range(3):
        with pytest.raises(NoToken, match="Sign in again on the page of this mailbox"):
            token_of(box.pk)
    assert provider.refreshes() == 1
    box.refresh_from_db()
    assert "does not accept the sign-in any more" in box.trouble
    assert Entry.objects.filter(kind="mailbox_sign_in_refused").count() == 1
    assert refresh not in caplog.text and SECRET not in caplog.text
    sign_in(desk, provider, box)
    box.refresh_from_db()
    assert token_of(box.pk) in provider.good and box.trouble == ""


@pytest.mark.parametrize(
    "answer",
    [
        (503, b"{}"),
        (200, b"<html>"),
        (200, b"[]"),
        (200, b'{"access_token": "a b", "token_type": "Bearer"}'),
        (200, b'{"access_token": "abc", "token_type": "mac"}'),
        (200, b'{"access_token": "a\\u0001b", "token_type": "bearer"}'),
        (429, b'{"error": "slow_down"}'),
        (200, b" " * (asking.LARGEST + 1)),
    ],
    ids=["down", "html", "list", "blank", "mac", "control", "slow", "long"],
)
def test_a_failure_waits_longer_each_time_and_a_good_token_is_used_meanwhile(
    desk: Desk, provider: Authority, box: Mailbox, kept: SignIn, answer: tuple[int, bytes]
) -> None:
    (access,) = provider.good
    provider.answer = answer
    desk.later(minutes=56)
    assert token_of(box.pk) == access == token_of(box.pk)
    assert provider.refreshes() == 1
    desk.later(minutes=10)
    with pytest.raises(NoToken, match="We keep trying"):
        token_of(box.pk)
    desk.later(seconds=45)
    with pytest.raises(NoToken, match="We keep trying"):
        token_of(box.pk)
    assert provider.refreshes() == 2
    row = SignIn.objects.get(mailbox=box)
    assert row.failures == 2 and row.refused_at is None and row.lease is None
    provider.answer = None
    desk.later(seconds=30)
    assert token_of(box.pk) in provider.good
    assert SignIn.objects.get(mailbox=box).failures == 0


def test_an_app_that_is_not_known_any_more_is_said_as_that(
    desk: Desk, provider: Authority, box: Mailbox, kept: SignIn
) -> None:
    keep_app(PROVIDERS["another"], {**provider.app(), "secret": "another"}, by=desk.olu)
    desk.later(hours=2)
    with pytest.raises(NoToken, match="write a new one in the settings"):
        token_of(box.pk)
    keep_app(PROVIDERS["another"], provider.app(), by=desk.olu)
    desk.later(minutes=1)
    assert token_of(box.pk) in provider.good


def test_nobody_answers_and_nobody_is_signed_in(
    desk: Desk, provider: Authority, box: Mailbox
) -> None:
    with pytest.raises(NoToken, match="Nobody has signed in"):
        token_of(box.pk)
    change(box, {}, {"auth": "password"})
    assert token_source(box) is None


def test_another_key_opens_no_token(desk: Desk, box: Mailbox, kept: SignIn, settings: Any) -> None:
    settings.SECRET_KEY = "another key"
    with pytest.raises(NoToken, match="key has changed"):
        token_of(box.pk)


@pytest.fixture
def shared(transactional_db: None, provider: Authority) -> Desk:
    """The cast in a database that other connections see, signed in."""
    desk = gather()
    keep_app(PROVIDERS["another"], provider.app(), by=desk.olu)
    change(desk.mailbox, {}, {"auth": "oauth"})
    sign_in(desk, provider, desk.mailbox)
    return desk


def _ask(box: Mailbox, found: list[str]) -> threading.Thread:
    def run() -> None:
        try:
            found.append(token_of(box.pk))
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


@pytest.mark.parametrize("minutes", [57, 120], ids=["nearly over", "over"])
def test_two_who_renew_at_once_ask_once(shared: Desk, provider: Authority, minutes: int) -> None:
    (old,) = provider.good
    shared.later(minutes=minutes)
    provider.gate, found = threading.Event(), []
    provider.arrived.clear()
    first = _ask(shared.mailbox, found)
    assert provider.arrived.wait(5)
    second = _ask(shared.mailbox, found)
    if minutes < 60:
        second.join(5)
        assert found == [old]
    provider.gate.set()
    first.join(5)
    second.join(5)
    assert provider.refreshes() == 1 and len(found) == 2
    newest = [each for each in provider.good if each != old]
    assert set(found) == ({old, *newest} if minutes < 60 else set(newest))


def test_who_signs_out_while_it_is_renewed_has_the_last_word(
    shared: Desk, provider: Authority
) -> None:
    shared.later(hours=2)
    provider.gate = threading.Event()
    provider.arrived.clear()
    caught: list[Exception] = []

    def run() -> None:
        try:
            token_of(shared.mailbox.pk)
        except NoToken as error:
            caught.append(error)
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    assert provider.arrived.wait(5)
    assert sign_out(shared.mailbox, by=shared.olu)
    provider.gate.set()
    thread.join(5)
    assert "Nobody has signed in" in str(caught[0]) and not SignIn.objects.exists()
    assert CLIENT not in str(caught[0])


def test_a_lease_that_a_dead_process_holds_runs_out(
    desk: Desk, provider: Authority, box: Mailbox, kept: SignIn
) -> None:
    desk.later(hours=2)
    change(kept, {}, {"lease": "0" * 32, "lease_until": desk.later(seconds=30)})
    desk.later(seconds=-1)
    with pytest.raises(NoToken, match="takes long"):
        token_of(box.pk, wait=0)
    desk.later(seconds=1)
    assert token_of(box.pk) in provider.good
