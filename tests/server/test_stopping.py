"""Starting on a port and stopping in time."""

import signal
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from goodword.core.server.serving import serve_web
from goodword.core.server.sockets import free_port
from tests.server.conftest import read_all, read_until


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_the_server_in_order_with_streams_open(start_site, number: int) -> None:
    site = start_site()
    listening = [site.listen(f"who=anna-{n}") for n in range(20)]
    for sock in listening:
        read_until(sock, b"retry: 2000\n")
    half = site.dial()
    half.sendall(b"GET / HTTP/1.1\r\n")
    code, seconds, said = site.stop(number)
    assert code == 0 and seconds < 10 and "stopped in order" in said
    for sock in [*listening, half]:
        read_all(sock)
        sock.close()


def test_a_request_under_way_is_answered_before_the_end(start_site) -> None:
    site = start_site()
    with ThreadPoolExecutor(1) as clients:
        answer = clients.submit(site.get, "/pause/1500")
        time.sleep(0.4)
        code, seconds, _ = site.stop()
    assert answer.result()[2] == b"slept" and code == 0 and seconds < 5


def test_a_request_that_hangs_does_not_keep_the_process(start_site) -> None:
    site = start_site()
    with site.dial() as sock, site.dial() as half:
        sock.sendall(b"GET /pause/60000 HTTP/1.1\r\nHost: d\r\n\r\n")
        half.sendall(b"POST /echo HTTP/1.1\r\nHost: d\r\nContent-Length: 9\r\n\r\nhalf")
        time.sleep(0.4)
        code, seconds, said = site.stop()
    assert code == 0 and seconds < 10 and "stopped in order" in said


def test_a_port_that_is_taken_gives_the_next_one() -> None:
    first = free_port("127.0.0.1", 0)
    port = first.getsockname()[1]
    second = free_port("127.0.0.1", port)
    assert port < second.getsockname()[1] <= port + 19
    with pytest.raises(OSError):
        free_port("127.0.0.1", port, tries=1)
    first.close(), second.close()


def test_an_address_that_is_not_ours_is_said_at_once() -> None:
    with pytest.raises(OSError):
        free_port("192.0.2.1", 8000)


def test_the_server_runs_in_a_thread_and_stops_by_its_event() -> None:
    def app(environ, start_response):
        start_response("200 OK", [("Content-Length", "2")])
        return [b"ok"]

    started, stop, where = threading.Event(), threading.Event(), []

    def on_started(host: str, port: int) -> None:
        where.append((host, port))
        started.set()

    def serve() -> None:
        serve_web(app, None, "127.0.0.1", 0, on_started=on_started, stop_event=stop)

    thread = threading.Thread(target=serve)
    thread.start()
    assert started.wait(5)
    with socket.create_connection(where[0]) as sock:
        sock.sendall(b"GET / HTTP/1.1\r\nHost: d\r\n\r\n")
        assert read_until(sock, b"ok")
    stop.set()
    thread.join(10)
    assert not thread.is_alive()
