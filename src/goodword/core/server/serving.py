"""Start the web server, and stop it in time."""

import asyncio
import contextlib
import resource
import signal
import socket
import threading
from collections.abc import Callable, Iterable, Iterator

import uvicorn
from django.conf import settings
from django.db import connections

from goodword.core.server.asgi import Receive, Scope, Send
from goodword.core.server.bridge import Bridge
from goodword.core.server.environ import TrustedProxies
from goodword.core.server.limits import Limits
from goodword.core.server.protocol import guarded_by
from goodword.core.server.refusing import Refusal
from goodword.core.server.reply import WSGIApplication
from goodword.core.server.sockets import free_port
from goodword.core.server.streams import LiveStreams
from goodword.core.server.threads import Threads

WAITING_TO_CONNECT = 1024


class Site:
    """The ASGI application: live streams on the event loop, everything else through threads."""

    def __init__(self, bridge: Bridge, streams: LiveStreams | None) -> None:
        self.bridge, self.streams = bridge, streams

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        # h11 checks its bound only while a head is incomplete, so that one that comes in a
        # single piece would be let through.
        if sum(len(n) + len(v) for n, v in scope["headers"]) > self.bridge.limits.header_bytes:
            await Refusal(431, close=True).send_to(send)
        elif self.streams is not None and scope["path"] == self.streams.path:
            await self.streams(scope, receive, send)
        else:
            await self.bridge(scope, receive, send)


class _Server(uvicorn.Server):
    def __init__(
        self,
        config: uvicorn.Config,
        site: Site,
        stop_event: threading.Event,
        started: Callable[[], None],
    ) -> None:
        super().__init__(config)
        self.site, self.stop_event, self.tell_started = site, stop_event, started

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        for sock in sockets or ():
            sock.listen(WAITING_TO_CONNECT)
        self.tell_started()

    async def on_tick(self, counter: int) -> bool:
        return await super().on_tick(counter) or self.stop_event.is_set()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self.stop_event.set()
        if self.site.streams is not None:
            self.site.streams.stop()
        await super().shutdown(sockets=sockets)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """As uvicorn's, but the signal is not raised again: what comes after us must run."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        wanted = (signal.SIGINT, signal.SIGTERM)
        before = {number: signal.signal(number, self.handle_exit) for number in wanted}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def serve_web(
    app: WSGIApplication,
    streams: LiveStreams | None,
    host: str,
    port: int,
    *,
    on_started: Callable[[str, int], None] | None = None,
    stop_event: threading.Event | None = None,
    sock: socket.socket | None = None,
    limits: Limits | None = None,
    trusted_proxies: Iterable[str] = (),
) -> None:
    """Serve until SIGTERM, SIGINT or `stop_event`; returns within ten seconds of it.

    `sock` is a socket from `free_port`; without one the next free port from `port` on is
    taken. `on_started` is told the address and the port when requests are answered. A signal
    sets `stop_event` too, so that what runs beside the server stops with it. Raises OSError
    when no port is free, ValueError when a trusted proxy is no address.
    """
    limits = limits or Limits()
    proxies = TrustedProxies(trusted_proxies)
    sock = sock or free_port(host, port)
    _allow_files(limits)
    address, number = sock.getsockname()[:2]
    told = on_started or (lambda address, number: None)
    asyncio.run(
        _serve(
            (app, streams, limits, proxies),
            sock,
            stop_event or threading.Event(),
            lambda: told(address, number),
        )
    )


async def _serve(
    parts: tuple[WSGIApplication, LiveStreams | None, Limits, TrustedProxies],
    sock: socket.socket,
    stop_event: threading.Event,
    started: Callable[[], None],
) -> None:
    app, streams, limits, proxies = parts
    loop = asyncio.get_running_loop()
    threads = Threads(
        limits.threads,
        waiting=limits.waiting,
        patience=limits.patience,
        at_once=limits.at_once if _is_a_file() else limits.threads,
    )
    bridge = Bridge(app, threads, limits, proxies)
    threads.start(loop)
    bridge.start(loop)
    if streams is not None:
        streams.start(loop, threads)
    site = Site(bridge, streams)
    await _Server(_configuration(site, limits), site, stop_event, started).serve(sockets=[sock])
    await threads.stop(within=1.0)


def _is_a_file() -> bool:
    """Whoever asks a server of a database waits for it, and leaves the processor to others."""
    return settings.configured and connections["default"].vendor == "sqlite"


def _configuration(site: Site, limits: Limits) -> uvicorn.Config:
    return uvicorn.Config(
        site,
        http=guarded_by(limits),
        loop="asyncio",
        ws="none",
        lifespan="off",
        log_config=None,
        log_level="error",  # any stranger can make a warning, as often as they like
        access_log=False,  # paths hold customers' links, which no log may show
        proxy_headers=False,
        server_header=False,
        # asyncio takes as many at once as may wait. One at a time, so that several processes on
        # one socket share them; how many may wait is said once it listens.
        backlog=1,
        timeout_keep_alive=limits.keep_alive,
        timeout_graceful_shutdown=limits.stop_within,
        h11_max_incomplete_event_size=limits.header_bytes,
    )


def _allow_files(limits: Limits) -> None:
    """Let this process open as many files as it may have connections, with room for others."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = limits.connections * 2 + 512
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return
    allowed = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(allowed, soft), hard))
