"""The parts together: web pages and live streams, the mail listeners, and what runs by itself."""

import errno
import gc
import logging
import os
import signal
import socket
import threading
import warnings
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass

from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.urls import get_resolver

from goodword.channels.mail.listening import Limits as MailLimits
from goodword.channels.mail.listening import MailListener, Source
from goodword.channels.mail.passwords import password_of
from goodword.config import options
from goodword.config.beginning import Trouble
from goodword.core.live import Broadcaster
from goodword.core.server.limits import MEGABYTE, Limits
from goodword.core.server.serving import serve_web
from goodword.core.server.streams import LiveStreams
from goodword.staff.models import Business
from goodword.worker.nudging import Listeners, read_since
from goodword.worker.receiving import Receiver
from goodword.worker.running import Worker

log = logging.getLogger("goodword")
PORTS_TRIED = 20


@dataclass(frozen=True)
class Parts:
    """Which parts this process runs."""

    web: bool = True
    mail: bool = True
    worker: bool = True


@dataclass(frozen=True)
class Ports:
    """Where this process listens; None for what it does not."""

    web: int | None = None
    smtp: int | None = None
    lmtp: int | None = None


def run(parts: Parts, sock: socket.socket | None, on_ready: Callable[[Ports], None]) -> None:
    """Run until SIGTERM or SIGINT; everything has stopped within ten seconds of it.

    `sock` listens already, for the web. `on_ready` is told once everything answers.
    """
    with ExitStack() as stack:
        worker = Worker(
            mail_password,
            intake=options.number("GOODWORD_READERS") if parts.mail else 0,
            clock=parts.worker,
            fetch=parts.mail,
        )
        stack.callback(worker.stop)
        worker.start()
        smtp, lmtp = _listen(worker, stack) if parts.mail else (None, None)
        if parts.web and sock is not None:
            _serve(worker, sock, lambda port: on_ready(Ports(port, smtp, lmtp)))
        else:
            _wait(worker.stop_event, lambda: on_ready(Ports(None, smtp, lmtp)))


def mail_password(address: str, use: str) -> str:
    return password_of(address, use)


def require_business() -> Business:
    """The business of this desk; Trouble where `init` has not been run."""
    business = Business.objects.select_related("schedule").first()
    if business is None:
        raise Trouble("There is no business on this desk yet. Run: goodword init")
    return business


def _serve(worker: Worker, sock: socket.socket, ready: Callable[[int], None]) -> None:
    application = load_pages()
    limits = Limits(
        threads=options.number("GOODWORD_THREADS"),
        body=options.number("GOODWORD_MAIL_LIMIT_MB") * MEGABYTE + 5 * MEGABYTE,
    )
    listeners = Listeners()
    streams = LiveStreams(
        listeners.authenticate,
        sees=listeners.sees,
        is_shut_out=listeners.is_shut_out,
        limits=limits,
    )
    broadcaster = Broadcaster(read_since, streams.publish)
    broadcaster.start()
    _settle_memory()
    try:
        serve_web(
            application,
            streams,
            "",
            0,
            sock=sock,
            limits=limits,
            stop_event=worker.stop_event,
            on_started=lambda _host, port: ready(port),
            trusted_proxies=options.words("GOODWORD_TRUSTED_PROXIES"),
        )
    finally:
        broadcaster.stop()


def load_pages() -> WSGIHandler:
    """What answers requests, with every page's code: the first is then as fast as the others."""
    # Without a build step files are served from the apps; the folder for built ones is absent.
    warnings.filterwarnings("ignore", message="No directory at")
    from goodword.config.wsgi import application

    assert get_resolver().url_patterns
    return application


def _settle_memory() -> None:
    """What was loaded stays for good: the collector need not look at it again."""
    gc.collect()
    gc.freeze()


def _wait(stop: threading.Event, ready: Callable[[], None]) -> None:
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    ready()
    stop.wait()


def _listen(worker: Worker, stack: ExitStack) -> tuple[int | None, int | None]:
    found: list[int | None] = []
    sources: tuple[Source, Source] = ("smtp", "lmtp")
    for source in sources:
        wanted = options.number(f"GOODWORD_{source.upper()}_PORT")
        # On the command line a port of 0 asks for any; in the settings it means none.
        if wanted or os.environ.get(f"GOODWORD_ANY_{source.upper()}_PORT"):
            listener = open_listener(source, wanted, Receiver(worker.mail_came))
            stack.callback(listener.stop)
            found.append(listener.port)
        else:
            found.append(None)
    return found[0], found[1]


def open_listener(source: Source, wanted: int, receiver: Receiver) -> MailListener:
    """A listener on the wanted port, or on the next free one. Trouble where there is none."""
    host = options.text("GOODWORD_SMTP_HOST")
    limits = MailLimits(size=settings.MAIL_LIMIT)
    for port in range(wanted, wanted + PORTS_TRIED) if wanted else (0,):
        listener = MailListener(
            host, port, take=receiver.take, accepts=receiver.accepts, source=source, limits=limits
        )
        try:
            listener.start()
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                continue
            reason = error.strerror or error
            raise Trouble(f"Mail cannot be taken on {host}:{port}: {reason}.") from error
        if wanted and port != wanted:
            log.warning("Port %s is taken; mail is taken on %s instead", wanted, port)
        return listener
    raise Trouble(f"No port from {wanted} to {wanted + PORTS_TRIED - 1} is free for mail.")
