"""The whole way: a mail comes in, and a page that is open hears of it within two seconds."""

import http.client
import re
import time
import urllib.parse
import urllib.request
from http.cookiejar import CookieJar
from pathlib import Path

from tests.cli.conftest import data, made_once
from tests.cli.running import Running, serving

__all__ = ["data", "made_once"]


def _signed_in(desk: Running) -> str:
    """The cookies of Ada's browser after she has signed in."""
    jar = CookieJar()
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
    page = browser.open(f"{desk.url}/sign-in/", timeout=20).read().decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    assert token is not None
    fields = {"email": "ada@harbour.example", "password": "nine plain words"}
    form = urllib.parse.urlencode({**fields, "csrfmiddlewaretoken": token[1]}).encode()
    with browser.open(f"{desk.url}/sign-in/", form, timeout=20) as answer:
        assert "sign-in" not in answer.url
    return "; ".join(f"{cookie.name}={cookie.value}" for cookie in jar)


def _listen(desk: Running, cookies: str) -> http.client.HTTPResponse:
    connection = http.client.HTTPConnection("127.0.0.1", int(desk.url.rpartition(":")[2]))
    connection.request("GET", "/live", headers={"Cookie": cookies})
    connection.sock.settimeout(15)
    return connection.getresponse()


def test_a_new_mail_nudges_an_open_page(data: Path) -> None:
    with serving(data) as desk:
        stream = _listen(desk, _signed_in(desk))
        assert stream.status == 200
        desk.mail("Is anybody there")
        began, heard = time.monotonic(), b""
        while b'"topic":"inbox"' not in heard:
            heard += stream.readline()
            # Two seconds is the promise; a busy machine of tests is given more.
            assert time.monotonic() - began < 10
        stream.close()


def test_a_stranger_hears_nothing(data: Path) -> None:
    with serving(data) as desk:
        assert _listen(desk, "").status == 401
        assert _listen(desk, "goodword_session=made-up").status == 403
