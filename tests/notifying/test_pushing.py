"""Browsers and services: what arrives there, once, and what never does."""

from collections.abc import Iterator
from datetime import time
from typing import Any

import apprise
import pytest

from goodword.cases.mayday import call_mayday
from goodword.core.outward import is_public
from goodword.core.refusals import Refused
from goodword.core.time import now
from goodword.journal.models import Entry
from goodword.notifying import choosing, pushing, services, webpush
from goodword.notifying.models import Channel, Notification, Preferences, Push
from goodword.notifying.outward import NotSent
from goodword.notifying.telling import catch_up
from tests.cast import Desk, london
from tests.notifying.listening import Browser, Ear, claims_of, listening


@pytest.fixture
def ear(settings: Any) -> Iterator[Ear]:
    settings.PUSH_PRIVATE = True
    with listening() as found:
        yield found


def by_service(desk: Desk, ear: Ear) -> Channel:
    return choosing.add_service(desk.priya, f"json://127.0.0.1:{ear.port}/secret-token")


def by_browser(desk: Desk, ear: Ear) -> tuple[Channel, Browser]:
    browser = Browser(ear)
    return choosing.add_browser(desk.priya, browser.subscription, "Firefox on Linux"), browser


def push() -> None:
    catch_up()
    while pushing.turn():
        pass


def test_a_service_is_told_names_and_times_and_no_word_of_a_customer(desk: Desk, ear: Ear) -> None:
    by_service(desk, ear)
    desk.heard(title="Secret subject", text="Secret words.")
    push()
    push()
    [said] = ear.said
    assert said["title"] == "A new case from Ellen Whitcombe"
    assert "Secret" not in str(said)
    assert "16:33" in said["message"] and "http://desk.test/messages/" in said["message"]
    assert Push.objects.get().done_at is not None


def test_a_member_may_have_more_shown(desk: Desk, ear: Ear) -> None:
    by_service(desk, ear)
    Preferences.objects.create(member=desk.priya, shows_more=True)
    desk.heard(title="Server down", text="It is\n" + "down " * 100)
    push()
    [said] = ear.said
    assert "Server down" in said["message"] and "It is down" in said["message"]
    assert len(said["message"]) < 320


def test_a_browser_reads_what_nobody_on_the_way_can(desk: Desk, ear: Ear) -> None:
    _channel, browser = by_browser(desk, ear)
    case = desk.heard(text="Secret words.")
    push()
    [(headers, body)] = ear.heard
    said = browser.reads(body)
    assert said["title"] == "A new case from Ellen Whitcombe"
    assert said["path"].startswith("/messages/") and case.reference in said["body"]
    assert headers["content-encoding"] == "aes128gcm" and headers["topic"] == said["tag"]
    claims = claims_of(headers["authorization"])
    assert claims["aud"] == f"http://127.0.0.1:{ear.port}"
    assert headers["authorization"].endswith(webpush.public_key())


def test_many_at_once_are_one_word(desk: Desk, ear: Ear) -> None:
    by_service(desk, ear)
    for number in range(7):
        desk.heard(text=f"Matter {number}")
    push()
    [said] = ear.said
    assert said["title"] == "7 notifications"
    assert "and 3 more" in said["message"]


def test_what_was_seen_meanwhile_is_not_pushed(desk: Desk, ear: Ear) -> None:
    by_service(desk, ear)
    desk.heard()
    catch_up()
    Notification.objects.update(seen_at=now())
    push()
    assert not ear.heard


def test_quiet_hours_put_it_off_until_they_end(desk: Desk, ear: Ear) -> None:
    by_service(desk, ear)
    desk.at("2026-11-19 22:15")
    desk.heard()
    push()
    assert not ear.heard
    assert Push.objects.get().due_at == london("2026-11-20 07:00")
    desk.at("2026-11-20 07:01")
    push()
    assert len(ear.heard) == 1


@pytest.mark.parametrize(
    ("begins", "ends", "at", "due"),
    [
        (time(20), time(7), "2026-11-19 03:00", "2026-11-19 07:00"),
        (time(20), time(7), "2026-11-19 19:59", "2026-11-19 19:59"),
        (time(12), time(13), "2026-11-19 12:30", "2026-11-19 13:00"),
        (None, None, "2026-11-19 03:00", "2026-11-19 03:00"),
    ],
)
def test_when_a_push_may_leave(begins: Any, ends: Any, at: str, due: str) -> None:
    from tests.cast import LONDON

    prefers = Preferences(quiet_from=begins, quiet_until=ends)
    assert prefers.not_before(london(at), LONDON) == london(due)


def test_a_refusal_is_tried_again_and_given_up_where_it_can_be_seen(desk: Desk, ear: Ear) -> None:
    channel = by_service(desk, ear)
    ear.status = 500
    desk.heard()
    push()
    assert Push.objects.get().is_open
    for _ in range(pushing.ATTEMPTS):
        desk.later(hours=2)
        Notification.objects.update(made_at=now())
        pushing.turn()
    row = Push.objects.get()
    assert row.gave_up_at and row.attempts == pushing.ATTEMPTS == len(ear.heard)
    channel.refresh_from_db()
    assert "did not answer" in channel.trouble


def test_a_worker_killed_while_it_left_does_not_tell_a_service_twice(
    desk: Desk, ear: Ear, monkeypatch: pytest.MonkeyPatch
) -> None:
    by_service(desk, ear)
    desk.heard()
    catch_up()

    class Killed(BaseException):
        pass

    def die(*_: object, **__: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(Push, "finish", die)
        with pytest.raises(Killed):
            pushing.turn()
    assert len(ear.heard) == 1
    desk.later(minutes=6)
    assert pushing.turn() == 1
    assert len(ear.heard) == 1
    assert "may have arrived" in Push.objects.get().last_error


def test_a_browser_that_took_it_back_is_ended_and_forgotten(desk: Desk, ear: Ear) -> None:
    channel, _browser = by_browser(desk, ear)
    ear.status = 410
    desk.heard()
    push()
    channel.refresh_from_db()
    assert channel.ended_at and not channel.closed
    desk.heard(desk.daniel)
    push()
    assert len(ear.heard) == 1


def test_addresses_are_closed_and_in_no_entry(desk: Desk, ear: Ear) -> None:
    channel = by_service(desk, ear)
    assert "secret-token" not in channel.closed + channel.name + channel.fingerprint
    assert channel.address()["url"].endswith("secret-token")
    assert by_service(desk, ear).pk == channel.pk
    [entry] = Entry.objects.filter(kind="channel_added")
    assert entry.facts == {"member": desk.priya.pk, "channel": channel.pk}


# Into our own network


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]"])
def test_nothing_goes_into_the_desks_own_network(
    desk: Desk, ear: Ear, settings: Any, host: str
) -> None:
    channel = choosing.add_service(desk.priya, f"json://{host}:{ear.port}/x")
    settings.PUSH_PRIVATE = False
    with pytest.raises(NotSent, match="network of the desk"):
        pushing.try_out(channel)
    assert not ear.heard


def test_a_thread_of_apprises_own_is_held_back_too(ear: Ear, settings: Any) -> None:
    settings.PUSH_PRIVATE = False
    sender = apprise.Apprise()
    sender.add(f"json://127.0.0.1:{ear.port}/x")
    assert not sender.notify(body="Hello")
    assert not ear.heard


def test_no_browser_stands_inside_either(desk: Desk, ear: Ear, settings: Any) -> None:
    channel, _browser = by_browser(desk, ear)
    settings.PUSH_PRIVATE = False
    with pytest.raises(NotSent, match="network of the desk"):
        pushing.try_out(channel)
    assert not ear.heard
    with pytest.raises(Refused):
        webpush.read_subscription(Browser(ear).subscription)


@pytest.mark.parametrize(
    "address",
    ["10.0.0.1", "192.168.1.1", "169.254.169.254", "172.16.0.1", "::1", "fe80::1%eth0", "fd00::1",
     "::ffff:10.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "224.0.0.1", "0.0.0.0", "100.64.0.1"],
)  # fmt: skip
def test_what_is_inside(address: str) -> None:
    assert not is_public(address)
    assert is_public("1.1.1.1") and is_public("2606:4700::1111")


@pytest.mark.parametrize(
    "url",
    ["nonsense", "mailto://a:b@x.example", "syslog://", "slack://a/b/c?template=/etc/passwd",
     "json://x.example?TEMPLATE=/etc/passwd", "mqtt://x/t", "",
     "slack://a/b/c#?template=/etc/passwd", "slack://a/b/c?%74emplate=/etc/passwd", "file:///etc/passwd"],
)  # fmt: skip
def test_what_is_no_service_here(url: str) -> None:
    with pytest.raises(Refused):
        services.service(url)


@pytest.mark.parametrize("typed", [{}, {"endpoint": "https://x.example/1"}, [], None, {
    "endpoint": "https://x.example/1", "keys": {"p256dh": "AAAA", "auth": "AAAA"}}])  # fmt: skip
def test_what_is_no_browser(typed: Any) -> None:
    with pytest.raises(Refused):
        webpush.read_subscription(typed)


def test_a_page_can_be_tried(desk: Desk, ear: Ear) -> None:
    pushing.try_out(by_service(desk, ear), as_page=True)
    [said] = ear.said
    assert said["title"] == "A trial: this is how a MAYDAY pages you"
    assert "Nobody’s business is stopped" in said["message"]


def test_a_page_leaves_alone_at_once_and_at_night(desk: Desk, ear: Ear) -> None:
    by_service(desk, ear)
    desk.at("2026-11-20 03:00")
    case = desk.heard()
    call_mayday(case, desk.ellen, by=desk.ellen, channel="page")
    push()
    [said] = ear.said
    assert said["title"] == "MAYDAY: the business of Ellen Whitcombe is stopped"
    assert f"/cases/{case.pk}/#mayday" in said["message"]
