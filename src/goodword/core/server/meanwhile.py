"""Answering before there is anything to answer with: while a new version prepares the database."""

import select
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

_WORDS = b"The desk is being brought up to date. This page comes by itself in a few seconds.\n"
# Refresh has a browser ask again; Retry-After says the same to everything else.
ANSWER = (
    b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 5\r\nRefresh: 5\r\n"
    b"Content-Type: text/plain; charset=utf-8\r\nCache-Control: no-store\r\n"
    b"X-Content-Type-Options: nosniff\r\nReferrer-Policy: same-origin\r\nX-Frame-Options: DENY\r\n"
    b"Content-Security-Policy: default-src 'none'; frame-ancestors 'none'\r\n"
    b"Connection: close\r\nContent-Length: %d\r\n\r\n%s" % (len(_WORDS), _WORDS)
)


@contextmanager
def answering(sock: socket.socket) -> Iterator[None]:
    """503 to whoever connects to this listening socket, until the block ends; then it is free."""
    stop = threading.Event()
    thread = threading.Thread(target=_answer_all, args=(sock, stop), name="meanwhile", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _answer_all(sock: socket.socket, stop: threading.Event) -> None:
    while not stop.is_set():
        ready, _, _ = select.select([sock], [], [], 0.1)
        if ready:
            with suppress(OSError):
                _answer(sock.accept()[0])


def _answer(connection: socket.socket) -> None:
    """Read what was asked first: closing on unread bytes would take the answer back."""
    with connection:
        connection.settimeout(0.5)
        with suppress(TimeoutError):
            connection.recv(65536)
        connection.sendall(ANSWER)
        connection.shutdown(socket.SHUT_WR)
