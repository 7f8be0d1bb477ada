"""Requests and answers through the real server, over real sockets."""

import hashlib
import http.client
import json
import os
import re
from pathlib import Path

import pytest

from tests.server.conftest import Site, read_until


def test_a_page_comes_back_and_the_connection_is_kept(site: Site) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", site.port)
    for _ in range(3):
        connection.request("GET", "/")
        answer = connection.getresponse()
        assert (answer.status, answer.read()) == (200, b"hello")
        assert answer.getheader("server") is None
    connection.close()


@pytest.mark.parametrize("size", [0, 1, 65_536, 3_000_000])
def test_a_body_arrives_whole(site: Site, size: int) -> None:
    body = os.urandom(size)
    _, _, answer = site.ask("POST", "/echo", body)
    assert json.loads(answer) == {"size": size, "sha": hashlib.sha256(body).hexdigest()}


def test_a_chunked_body_arrives_whole_with_its_length(site: Site) -> None:
    pieces = [b"a" * 70_000, b"b", b"c" * 10]
    _, _, answer = site.ask("POST", "/echo", iter(pieces))
    assert json.loads(answer)["sha"] == hashlib.sha256(b"".join(pieces)).hexdigest()
    _, _, seen = site.ask("POST", "/meta", iter(pieces))
    assert json.loads(seen)["CONTENT_LENGTH"] == "70011"
    assert "HTTP_TRANSFER_ENCODING" not in json.loads(seen)


def test_a_client_that_asks_first_is_told_to_go_on(site: Site) -> None:
    with site.dial() as sock:
        sock.sendall(
            b"POST /echo HTTP/1.1\r\nHost: d\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n"
        )
        assert read_until(sock, b"\r\n\r\n").startswith(b"HTTP/1.1 100 ")
        sock.sendall(b"abc")
        assert b'"size": 3' in read_until(sock, b"}")


def test_head_has_the_length_and_no_body(site: Site, tmp_path: Path) -> None:
    name = tmp_path / "big"
    name.write_bytes(b"z" * 500_000)
    for path, length in ("/bare", "2"), (f"/file?name={name}", "500000"):
        answer = site.raw(f"HEAD {path} HTTP/1.1\r\nHost: d\r\nConnection: close\r\n\r\n".encode())
        head, _, body = answer.partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200 ") and body == b""
        assert f"content-length: {length}".encode() in head.lower()


@pytest.mark.parametrize("size", [0, 10, 65_536, 131_072, 131_073, 5_000_000])
def test_a_file_comes_back_whole(site: Site, tmp_path: Path, size: int) -> None:
    name = tmp_path / "file"
    name.write_bytes(os.urandom(size))
    _, headers, body = site.get(f"/file?name={name}")
    assert headers["content-length"] == str(size)
    assert hashlib.sha256(body).digest() == hashlib.sha256(name.read_bytes()).digest()


def test_the_environ_is_as_pep_3333_says(site: Site) -> None:
    seen = json.loads(site.get("/meta/%C3%A9%2Fx?q=%C3%A9&b", **{"X-One": "1"})[2])
    assert seen["path"] == "/meta/é/x"
    assert (seen["SCRIPT_NAME"], seen["QUERY_STRING"]) == ("", "q=%C3%A9&b")
    assert (seen["HTTP_X_ONE"], seen["REMOTE_ADDR"]) == ("1", "127.0.0.1")
    assert (seen["SERVER_PORT"], seen["SERVER_PROTOCOL"]) == (str(site.port), "HTTP/1.1")
    assert "CONTENT_LENGTH" not in seen or seen["CONTENT_LENGTH"] == ""


def test_a_whole_url_as_target_is_read_as_its_path(site: Site) -> None:
    answer = site.raw(
        b"GET http://desk.example/meta?x=1 HTTP/1.1\r\nHost: desk.example\r\n"
        b"Connection: close\r\n\r\n"
    )
    assert b'"PATH_INFO": "/meta"' in answer and b'"QUERY_STRING": "x=1"' in answer


def test_repeated_headers_are_joined_and_underscores_dropped(site: Site) -> None:
    answer = site.raw(
        b"GET /meta HTTP/1.1\r\nHost: d\r\nCookie: a=1\r\nCookie: b=2\r\nAccept: x\r\nAccept: y\r\n"
        b"X_Forwarded_For: 6.6.6.6\r\nX-Forwarded-For: 7.7.7.7\r\nX-Forwarded-Proto: https\r\n"
        b"Connection: close\r\n\r\n"
    )
    seen = json.loads(answer.partition(b"\r\n\r\n")[2])
    assert (seen["HTTP_COOKIE"], seen["HTTP_ACCEPT"]) == ("a=1; b=2", "x,y")
    assert seen["REMOTE_ADDR"] == "127.0.0.1" and seen["secure"] is False
    assert "HTTP_X_FORWARDED_FOR" not in seen and "HTTP_X_FORWARDED_PROTO" not in seen


def test_a_trusted_proxy_is_believed_to_its_left_hand_neighbour_only(start_site) -> None:
    site = start_site(proxies=["127.0.0.1", "10.0.0.0/8"])
    chain = {"X-Forwarded-For": "1.1.1.1, 203.0.113.9, 10.2.3.4", "X-Forwarded-Proto": "https"}
    seen = json.loads(site.get("/meta", **chain)[2])
    assert (seen["REMOTE_ADDR"], seen["secure"]) == ("203.0.113.9", True)
    rubbish = {"X-Forwarded-For": "<script>", "X-Forwarded-Proto": "gopher"}
    seen = json.loads(site.get("/meta", **rubbish)[2])
    assert (seen["REMOTE_ADDR"], seen["secure"]) == ("127.0.0.1", False)


def test_an_exception_shows_no_internals(site: Site) -> None:
    status, _, body = site.get("/raises")
    assert status == 500 and b"secret" not in body and b"Traceback" not in body
    assert site.get("/")[0] == 200


def test_an_answer_that_breaks_off_is_not_taken_for_a_whole_one(site: Site) -> None:
    with pytest.raises((http.client.IncompleteRead, ConnectionError)):
        site.get("/breaks-off")


def test_two_lengths_in_one_request_are_refused(site: Site) -> None:
    answer = site.raw(
        b"POST /echo HTTP/1.1\r\nHost: d\r\nContent-Length: 5\r\n"
        b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
    )
    assert answer.startswith(b"HTTP/1.1 400 ")


def test_what_is_no_http_gets_a_plain_sentence(site: Site) -> None:
    answer = site.raw(b"\x16\x03\x01 hello\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 400 ") and b"could not be understood" in answer


@pytest.mark.parametrize("target", ["*", "http://[", "http://[/", "example.com:443", "/%00%ff"])
def test_an_odd_target_gets_an_answer(site: Site, target: str) -> None:
    answer = site.raw(f"OPTIONS {target} HTTP/1.1\r\nHost: d\r\nConnection: close\r\n\r\n".encode())
    assert re.match(rb"HTTP/1.1 4\d\d ", answer) and b"Internal Server Error" not in answer


def test_pipelined_requests_are_answered_in_order(site: Site) -> None:
    first = b"GET /pause/50 HTTP/1.1\r\nHost: d\r\n\r\n"
    last = b"GET / HTTP/1.1\r\nHost: d\r\nConnection: close\r\n\r\n"
    answer = site.raw(first + last)
    assert answer.index(b"slept") < answer.index(b"hello")
