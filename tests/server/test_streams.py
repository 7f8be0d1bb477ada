"""Live streams over real sockets."""

import json
import re
import socket
import time

from tests.server.conftest import Site, read_all, read_until


def test_a_nudge_reaches_everybody_who_listens(site: Site) -> None:
    listening = [site.listen(f"who=anna-{number}") for number in range(3)]
    for sock in listening:
        opening = read_until(sock, b"retry: 2000\n")
        assert b"200 OK" in opening and b"text/event-stream" in opening
    began = time.monotonic()
    site.get("/nudge")
    for sock in listening:
        event = read_until(sock, b'X"}\n\n').decode()
        assert re.search(r"id: \w+-\d+\nevent: case\ndata: ", event)
        content = json.loads(event.partition("data: ")[2].partition("\n")[0])
        assert content == {"topic": "case:0", "by": "Özil\nX"}
        sock.close()
    assert time.monotonic() - began < 2


def test_strangers_do_not_listen(site: Site) -> None:
    assert site.get("/live")[0] == 401
    assert site.get("/live", Cookie="who=eve")[0] == 403
    assert site.ask("POST", "/live", b"x", {"Cookie": "who=anna"})[0] == 405


def test_a_member_who_is_dismissed_is_cut_off(start_site) -> None:
    site = start_site(limits={"recheck": 0.5})
    anna, ben = site.listen("who=anna"), site.listen("who=ben")
    for sock in (anna, ben):
        read_until(sock, b"retry: 2000\n")
    site.get("/dismiss/ben")
    read_all(ben)
    site.get("/nudge")
    read_until(anna, b"event: case\n")
    assert site.get("/live", Cookie="who=ben")[0] == 403
    anna.close(), ben.close()


def test_a_short_outage_of_the_database_ends_no_stream_and_a_long_one_does(start_site) -> None:
    site = start_site(limits={"recheck": 0.3, "retry_after": 1})
    with site.listen() as sock:
        read_until(sock, b"retry: 2000\n")
        site.get("/lose-database")
        assert site.get("/live", Cookie="who=ben")[0] == 503
        time.sleep(1)
        site.get("/lose-database")
        site.get("/nudge")
        read_until(sock, b"event: case\n")
        site.get("/lose-database")
        read_all(sock)


def test_who_comes_back_gets_what_was_missed(start_site) -> None:
    site = start_site(limits={"nudges_kept": 10})
    with site.listen() as sock:
        opening = read_until(sock, b"retry: 2000\n")
    last = re.findall(rb"id: (\w+-\d+)", opening)[-1].decode()
    site.get("/nudge?times=3")
    with site.listen(Last_Event_ID=last) as sock:
        missed = read_until(sock, b'"case:2"')
    assert missed.count(b"event: case\n") == 3 and b"event: reset" not in missed
    site.get("/nudge?times=20")
    for unknown in last, "another-3", "rubbish":
        with site.listen(Last_Event_ID=unknown) as sock:
            read_until(sock, b"event: reset\n")


def test_a_heartbeat_keeps_the_stream_open(start_site) -> None:
    site = start_site(limits={"heartbeat": 0.1})
    with site.listen() as sock:
        got = read_until(sock, b"retry: 2000\n")
        while got.count(b":\n\n") < 3:
            got += sock.recv(1000)


def test_streams_are_bounded_by_viewer_and_altogether(start_site) -> None:
    site = start_site(limits={"streams": 4, "streams_a_viewer": 3})
    open_ones = [site.listen("who=anna") for _ in range(3)]
    for sock in open_ones:
        read_until(sock, b"retry: 2000\n")
    assert site.get("/live", Cookie="who=anna")[0] == 429
    open_ones.append(site.listen("who=ben"))
    read_until(open_ones[-1], b"retry: 2000\n")
    status, headers, _ = site.get("/live", Cookie="who=ben-2")
    assert status == 503 and "retry-after" in headers
    open_ones.pop().close()
    deadline = time.monotonic() + 5
    while site.counts()["streams"] == 4:
        assert time.monotonic() < deadline
    again = site.listen("who=ben")
    read_until(again, b"retry: 2000\n")
    for sock in [*open_ones, again]:
        sock.close()


def test_a_hundred_streams_hold_no_threads_and_slow_nobody(start_site) -> None:
    site = start_site(limits={"threads": 4})
    before = site.counts()["alive"]
    listening = [site.listen(f"who=anna-{number}") for number in range(100)]
    for sock in listening:
        read_until(sock, b"retry: 2000\n")
    began = time.monotonic()
    assert all(site.get("/query")[0] == 200 for _ in range(50))
    assert time.monotonic() - began < 5
    counts = site.counts()
    assert counts["streams"] == 100 and counts["alive"] == before
    assert counts["connections"] <= 4
    for sock in listening:
        sock.close()


def test_a_burst_that_does_not_fit_the_queue_becomes_one_reset(start_site) -> None:
    site = start_site(limits={"nudges_queued": 50})
    with site.listen() as sock:
        read_until(sock, b"retry: 2000\n")
        site.get("/nudge?times=500")
        got = read_until(sock, b"event: reset\n")
        assert got.count(b"event: case\n") < 500


def test_a_listener_that_does_not_read_is_dropped(start_site) -> None:
    site = start_site(limits={"stalled_write": 0.5, "nudges_queued": 5000})
    sock = site.dial()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
    sock.sendall(b"GET /live HTTP/1.1\r\nHost: d\r\nCookie: who=anna\r\n\r\n")
    deadline = time.monotonic() + 15
    while site.counts()["streams"] == 0:
        assert time.monotonic() < deadline
    while site.counts()["streams"]:
        assert time.monotonic() < deadline
        site.get("/nudge?times=2000")
    sock.close()
