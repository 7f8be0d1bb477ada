"""One guard for all that leaves the desk: sixty ways to write an address inside, none met."""

import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from goodword.channels.mail.oauth import asking
from goodword.core import outward
from goodword.staff.adapters import CompanySignIn

SPELLINGS = [
    "127.0.0.1", "127.1", "127.0.1", "127.255.255.254", "2130706433", "0x7f000001", "0x7f.1",
    "017700000001", "0177.0.0.1", "0177.1", "0x7f.0x0.0x0.0x1", "127.0.0.1.", "0", "0.0.0.0", "0x0",
    "localhost", "LOCALHOST", "localhost.", "10.0.0.1", "10.1", "167772161", "0xa000001",
    "012.0.0.1", "172.16.0.1", "172.31.255.255", "0xac100001", "192.168.0.1", "192.168.1",
    "3232235521", "0xc0a80001", "0300.0250.0.1", "169.254.169.254", "0xa9fea9fe", "2852039166",
    "169.16689662", "100.64.0.1", "100.127.255.254", "192.0.0.1", "192.0.2.1", "198.18.0.1",
    "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255",
    "[::1]", "[0:0:0:0:0:0:0:1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]",
    "[0:0:0:0:0:ffff:10.0.0.1]", "[::127.0.0.1]", "[::ffff:169.254.169.254]", "[64:ff9b::7f00:1]",
    "[64:ff9b:1::a00:1]", "[2002:7f00:1::]", "[2002:a00:1::1]", "[2001:0:7f00:1::]", "[fe80::1]",
    "[fc00::1]", "[fd12:3456::1]", "[ff02::1]", "[2001:db8::1]", "[100::1]",
]  # fmt: skip


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch, settings: Any) -> list[object]:
    """Every address that a socket was opened to; none is in truth."""
    settings.PUSH_PRIVATE = False
    found: list[object] = []

    def note(self: socket.socket, address: object) -> None:
        found.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket.socket, "connect", note)
    return found


@pytest.fixture
def heard() -> Iterator[tuple[int, list[bytes]]]:
    """A port of this machine, and who came to it."""
    came: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        stop = threading.Event()

        def take() -> None:
            while not stop.is_set():
                try:
                    peer, _address = server.accept()
                except OSError:
                    continue
                with peer:
                    came.append(peer.recv(100))

        thread = threading.Thread(target=take)
        thread.start()
        yield server.getsockname()[1], came
        stop.set()
        thread.join()


def test_there_are_sixty() -> None:
    assert len(set(SPELLINGS)) >= 60


@pytest.mark.parametrize("host", SPELLINGS)
def test_no_spelling_of_an_address_inside_is_connected_to(host: str, opened: list[object]) -> None:
    with pytest.raises((requests.RequestException, OSError)), outward.outside():
        requests.get(f"http://{host}:9/", timeout=2)
    with pytest.raises(OSError):
        outward.connect((host, 9), 2)
    assert opened == []


def test_a_public_address_is_connected_to_by_the_one_that_was_looked_at(
    opened: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name that answers otherwise the second time is asked once."""
    answers = iter(["1.1.1.1", "127.0.0.1"])

    def resolve(host: str, port: object, *_: object, **__: object) -> list[Any]:
        said = host if host[0].isdigit() else next(answers)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (said, port))]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    with pytest.raises(OSError):
        outward.connect(("rebinds.example", 443), 2)
    assert opened == [("1.1.1.1", 443)]
    with pytest.raises(outward.Inside):
        outward.connect(("rebinds.example", 443), 2)


def test_one_address_inside_among_public_ones_is_enough(
    opened: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    both = [(2, 1, 6, "", (said, 443)) for said in ("1.1.1.1", "10.0.0.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: both)
    with pytest.raises(outward.Inside):
        outward.connect(("both.example", 443), 2)
    assert opened == []


def test_a_redirect_inside_is_not_followed(
    heard: tuple[int, list[bytes]], settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.PUSH_PRIVATE = False
    port, came = heard
    with outward.outside(), requests.Session() as session:
        answer = requests.Response()
        answer.status_code, answer.url = 302, "http://public.example/"
        answer.headers["Location"] = f"http://127.0.0.1:{port}/"
        answer.raw = None
        request = requests.Request("GET", answer.url).prepare()
        with pytest.raises((requests.RequestException, outward.Inside, AttributeError)):
            next(session.resolve_redirects(answer, request))
    assert came == []


def test_a_provider_of_mail_is_not_asked_inside(
    heard: tuple[int, list[bytes]], settings: Any
) -> None:
    settings.PUSH_PRIVATE = False
    port, came = heard
    with pytest.raises(asking.Failed, match="network of the desk"):
        asking._post(f"http://127.0.0.1:{port}/token", {"a": "b"})
    assert came == []


@pytest.mark.parametrize(("named", "is_met"), [("login.example", False), ("127.0.0.1", True)])
def test_a_company_sign_in_outside_sends_nobody_inside(
    heard: tuple[int, list[bytes]], settings: Any, monkeypatch: pytest.MonkeyPatch,
    named: str, is_met: bool,
) -> None:  # fmt: skip
    """One that the operator named and that stands inside itself is asked there."""
    settings.PUSH_PRIVATE = False
    app = {"settings": {"server_url": f"https://{named}/"}}
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": [app]}}
    monkeypatch.setattr(outward, "stands_inside", lambda host: host == "127.0.0.1")
    port, came = heard
    with pytest.raises(requests.RequestException):
        CompanySignIn().get_requests_session().get(f"http://127.0.0.1:{port}/", timeout=2)
    assert bool(came) is is_met
