"""What the server does when too much is asked of it, or too slowly."""

import asyncio
import json
import socket
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from goodword.core.server.limits import Limits
from goodword.core.server.refusing import Refusal
from goodword.core.server.spool import Spool
from tests.server.conftest import Site, read_all, read_until


def _until(condition, seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come about in time"
        time.sleep(0.02)


def test_three_hundred_and_fifty_requests_use_no_more_connections_than_threads(start_site) -> None:
    site = start_site(limits={"threads": 4, "waiting": 400})
    with ThreadPoolExecutor(40) as clients:
        statuses = Counter(clients.map(lambda _: site.get("/query")[0], range(350)))
    assert statuses == {200: 350}
    counts = site.counts()
    assert 1 <= counts["connections"] <= 4 and counts["threads"] <= 4


def test_ten_half_sent_posts_do_not_stall_anybody(start_site) -> None:
    site = start_site(limits={"threads": 2})
    half = [site.dial() for _ in range(10)]
    for sock in half:
        sock.sendall(b"POST /echo HTTP/1.1\r\nHost: d\r\nContent-Length: 100\r\n\r\nhalf")
    began = time.monotonic()
    assert all(site.get("/query")[0] == 200 for _ in range(20))
    assert time.monotonic() - began < 5
    half[0].sendall(b"x" * 96)
    assert b'"size": 100' in read_until(half[0], b"}")
    for sock in half:
        sock.close()


def test_a_body_that_comes_too_slowly_is_answered_408(start_site) -> None:
    site = start_site(limits={"body_grace": 0.5})
    with site.dial() as sock:
        sock.sendall(b"POST /echo HTTP/1.1\r\nHost: d\r\nContent-Length: 100\r\n\r\nhalf")
        answer = read_all(sock)
    assert answer.startswith(b"HTTP/1.1 408 ") and b"did not arrive in full" in answer


def test_a_head_that_comes_too_slowly_is_answered_408(start_site) -> None:
    site = start_site(limits={"header_time": 0.7})
    slow = [site.dial() for _ in range(200)]
    for sock in slow:
        sock.sendall(b"GET / HTTP/1.1\r\nHost: d\r\n")
    assert site.get("/")[0] == 200
    time.sleep(0.4)
    # A header now and then does not buy more time.
    slow[0].sendall(b"X-One: 1\r\n")
    assert read_all(slow[0]).startswith(b"HTTP/1.1 408 ")
    silent = site.dial()
    assert read_all(silent) == b""
    for sock in [*slow, silent]:
        sock.close()


def test_a_second_slow_head_on_a_kept_connection_has_no_more_time(start_site) -> None:
    site = start_site(limits={"header_time": 0.5})
    with site.dial() as sock:
        sock.sendall(b"GET / HTTP/1.1\r\nHost: d\r\n\r\n")
        read_until(sock, b"hello")
        sock.sendall(b"GET / HTTP/1.1\r\n")
        assert read_all(sock).startswith(b"HTTP/1.1 408 ")


@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_above_the_limit_is_answered_413_in_plain_words(start_site, chunked: bool) -> None:
    site = start_site(limits={"body": 1024 * 1024})
    body = b"x" * 3_000_000
    pieces = (body[i : i + 50_000] for i in range(0, len(body), 50_000))
    status, _, words = site.ask("POST", "/echo", pieces if chunked else body)
    assert status == 413 and b"larger than 1 MB" in words


def test_a_client_that_asks_first_is_refused_before_it_sends(start_site) -> None:
    site = start_site(limits={"body": 1024 * 1024})
    answer = site.raw(
        b"POST /echo HTTP/1.1\r\nHost: d\r\nContent-Length: 9999999\r\nExpect: 100-continue\r\n\r\n"
    )
    assert answer.startswith(b"HTTP/1.1 413 ")


def test_bodies_together_are_bounded(start_site) -> None:
    site = start_site(limits={"bodies_together": 1_000_000})
    with site.dial() as sock:
        sock.sendall(b"POST /echo HTTP/1.1\r\nHost: d\r\nContent-Length: 900000\r\n\r\n")
        sock.sendall(b"x" * 800_000)
        time.sleep(0.3)
        assert site.ask("POST", "/echo", b"y" * 500_000)[0] == 503
    _until(lambda: site.ask("POST", "/echo", b"y" * 500_000)[0] == 200)


def test_a_full_disk_is_said_in_plain_words(monkeypatch) -> None:
    spool = Spool(Limits())
    # The kernel says ENOSPC to every write to this device.
    monkeypatch.setattr(
        "goodword.core.server.spool.SpooledTemporaryFile",
        lambda _size: Path("/dev/full").open("wb", buffering=0),  # noqa: SIM115
    )

    async def receive():
        return {"type": "http.request", "body": b"half of it", "more_body": True}

    with pytest.raises(Refusal) as refused:
        asyncio.run(spool.take({"headers": [(b"content-length", b"20")]}, receive))
    assert refused.value.status == 507 and b"no room left" in refused.value.body()
    assert spool.held == 0


def test_a_head_above_the_limit_is_refused(site: Site) -> None:
    answer = site.raw(b"GET / HTTP/1.1\r\nHost: d\r\nX-Big: " + b"x" * 100_000 + b"\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 431 ") and b"Delete this site" in answer


def test_overload_is_shed_with_503_and_is_over_at_once(start_site) -> None:
    site = start_site(limits={"threads": 2, "waiting": 4, "retry_after": 7})
    with ThreadPoolExecutor(30) as clients:
        answers = list(clients.map(lambda _: site.get("/pause/400"), range(30)))
    statuses = Counter(status for status, _, _ in answers)
    assert statuses[200] == 6 and statuses[503] == 24
    refused = next(answer for answer in answers if answer[0] == 503)
    assert refused[1]["retry-after"] == "7" and b"try again in 7 seconds" in refused[2]
    assert site.get("/")[0] == 200


def test_who_watches_is_answered_while_others_are_shed(start_site) -> None:
    site = start_site(limits={"threads": 1, "waiting": 0})
    with ThreadPoolExecutor(1) as clients:
        first = clients.submit(site.get, "/pause/1500")
        time.sleep(0.2)
        assert site.get("/")[0] == 503
        assert site.get("/healthz")[0] == 200
        assert not first.done() and first.result()[0] == 200


def test_who_waits_too_long_for_a_thread_is_told_so(start_site) -> None:
    site = start_site(limits={"threads": 1, "patience": 0.3})
    with ThreadPoolExecutor(2) as clients:
        first = clients.submit(site.get, "/pause/1000")
        time.sleep(0.2)
        assert site.get("/")[0] == 503
        assert first.result()[0] == 200


def test_no_thread_works_for_a_client_that_left_the_queue(start_site) -> None:
    site = start_site(limits={"threads": 1})
    with ThreadPoolExecutor(1) as clients:
        first = clients.submit(site.get, "/pause/600")
        time.sleep(0.2)
        for _ in range(20):
            with site.dial() as sock:
                sock.sendall(b"GET /pause/5000 HTTP/1.1\r\nHost: d\r\n\r\n")
        assert first.result()[0] == 200
    began = time.monotonic()
    assert site.get("/")[0] == 200 and time.monotonic() - began < 3


def test_an_answer_is_not_made_to_its_end_for_a_client_that_left(start_site) -> None:
    site = start_site(limits={"threads": 1})
    with site.dial() as sock:
        sock.sendall(b"GET /endless HTTP/1.1\r\nHost: d\r\n\r\n")
        read_until(sock, b"xxx")
    _until(lambda: site.counts()["closed"] == 1)


def test_a_client_that_does_not_read_is_cut_off(start_site) -> None:
    site = start_site(limits={"threads": 2, "stalled_write": 0.6})
    with site.dial() as sock:
        sock.sendall(b"GET /endless HTTP/1.1\r\nHost: d\r\n\r\n")
        _until(lambda: site.counts()["closed"] == 1)
    assert site.counts()["pieces"] < 1000


def test_a_slow_reader_of_a_file_holds_no_thread(start_site, tmp_path) -> None:
    site = start_site(limits={"threads": 1})
    name = tmp_path / "large"
    name.write_bytes(b"f" * 30_000_000)
    slow = [site.dial() for _ in range(5)]
    for sock in slow:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        sock.sendall(f"GET /file?name={name} HTTP/1.1\r\nHost: d\r\n\r\n".encode())
    began = time.monotonic()
    assert all(site.get("/query")[0] == 200 for _ in range(10))
    assert time.monotonic() - began < 3
    for sock in slow:
        sock.close()


def test_more_connections_than_allowed_are_told_so(start_site) -> None:
    site = start_site(limits={"connections": 5})
    idle = [site.dial() for _ in range(5)]
    time.sleep(0.2)
    assert site.get("/")[0] == 503
    for sock in idle:
        sock.close()
    _until(lambda: site.get("/")[0] == 200)


def test_threads_that_answered_errors_go_on_answering(start_site) -> None:
    site = start_site(limits={"threads": 2})
    assert {site.get("/raises")[0] for _ in range(20)} == {500}
    assert json.loads(site.get("/query")[2]) == {"answer": 42}
