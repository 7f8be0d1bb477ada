"""Live streams: Server-Sent Events on the event loop, without a thread while they are idle.

https://html.spec.whatwg.org/multipage/server-sent-events.html. A stream only nudges: it says
what changed, and the page fetches it through Django, which decides who may see it.
"""

import asyncio
import json
import logging
import random
import re
import secrets
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress

from django.conf import settings
from django.db import close_old_connections
from django.http.cookie import parse_cookie

from goodword.core.live import Nudge
from goodword.core.server.asgi import Receive, Scope, Send
from goodword.core.server.limits import Limits
from goodword.core.server.refusing import Refusal
from goodword.core.server.threads import Busy, Threads

Authenticate = Callable[[Mapping[str, str]], str | None]
Sees = Callable[[str, Nudge], bool]

logger = logging.getLogger("goodword.server")

_HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
    (b"x-content-type-options", b"nosniff"),
    (b"connection", b"close"),
]
_HEARTBEAT = b":\n\n"
_NUMBER = re.compile(r"[0-9]{1,18}")


class Stream:
    """One browser that listens; touched by the event loop only."""

    def __init__(self, viewer: str, limit: int) -> None:
        self.viewer, self.limit = viewer, limit
        self.wake = asyncio.Event()
        self.ended = False
        self.unanswered = 0
        self._waiting: list[bytes] = []

    def put(self, event: bytes, instead: bytes) -> None:
        """Queue an event; a queue that is full is replaced by `instead`, "fetch everything"."""
        if len(self._waiting) < self.limit:
            self._waiting.append(event)
        else:
            self._waiting = [instead]
        self.wake.set()

    def take(self) -> bytes:
        events, self._waiting = self._waiting, []
        self.wake.clear()
        return b"".join(events)

    def end(self) -> None:
        self.ended = True
        self.wake.set()


class LiveStreams:
    """The ASGI application at `path`.

    `authenticate(cookies)` runs in the thread pool and says who listens, as any key, or None;
    it is asked again every `limits.recheck` seconds. `sees(viewer, nudge)` runs on the event
    loop and must not touch the database; nor may `is_shut_out(viewer)`, which is asked after
    every nudge and ends the streams of whose session has ended.
    """

    def __init__(
        self,
        authenticate: Authenticate,
        *,
        path: str = "/live",
        sees: Sees | None = None,
        is_shut_out: Callable[[str], bool] | None = None,
        limits: Limits | None = None,
    ) -> None:
        self.authenticate, self.path, self.sees = authenticate, path, sees
        self.is_shut_out = is_shut_out
        self.limits = limits or Limits()
        # Numbers start again with the process; its name tells a number of an earlier one apart.
        self._process = secrets.token_hex(4)
        self._number = 0
        self._kept: deque[tuple[int, Nudge, bytes]] = deque(maxlen=self.limits.nudges_kept)
        self._open: set[Stream] = set()
        self._joining = 0
        self._stopping = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._threads: Threads | None = None

    def __len__(self) -> int:
        return len(self._open)

    def start(self, loop: asyncio.AbstractEventLoop, threads: Threads) -> None:
        self._loop, self._threads = loop, threads
        # After a restart every browser comes back at once: they wait here, not in the queue of
        # the threads, where they would have pages refused.
        self._asking = asyncio.Semaphore(max(1, threads.size // 4))

    def publish(self, nudges: Iterable[Nudge]) -> None:
        """Tell every stream; may be called from any thread, and before or after serving."""
        if self._loop is not None:
            with suppress(RuntimeError):  # the loop may be closed by now
                self._loop.call_soon_threadsafe(self._deliver, list(nudges))

    def stop(self) -> None:
        """End every stream; on the event loop only."""
        self._stopping = True
        for stream in self._open:
            stream.end()

    def _deliver(self, nudges: list[Nudge]) -> None:
        for nudge in nudges:
            self._number += 1
            event = self._encode(nudge.name, {"topic": nudge.topic, **nudge.payload})
            self._kept.append((self._number, nudge, event))
            for stream in self._open:
                if self._may_see(stream.viewer, nudge):
                    stream.put(event, self._reset())
        self._end_those_shut_out()

    def _may_see(self, viewer: str, nudge: Nudge) -> bool:
        return self.sees is None or self.sees(viewer, nudge)

    def _end_those_shut_out(self) -> None:
        for stream in self._open:
            if self.is_shut_out is not None and self.is_shut_out(stream.viewer):
                stream.end()

    def _encode(self, name: str, content: Mapping[str, object]) -> bytes:
        text = json.dumps(content, separators=(",", ":"))
        return f"{self._id_line()}event: {name}\ndata: {text}\n\n".encode()

    def _id_line(self) -> str:
        return f"id: {self._process}-{self._number}\n"

    def _reset(self) -> bytes:
        """What was missed is not known any more: the page is to fetch all that it shows."""
        return self._encode("reset", {})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = {name: value.decode("latin-1") for name, value in scope["headers"]}
        cookies = parse_cookie(headers.get(b"cookie", ""))
        try:
            stream = await self._admit(scope["method"], cookies)
        except Refusal as refusal:
            return await refusal.send_to(send)
        watcher = asyncio.create_task(_watch(receive, stream))
        try:
            await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
            await _write(send, self._opening(stream, headers.get(b"last-event-id", "")))
            await self._feed(stream, cookies, send)
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        finally:
            self._open.discard(stream)
            watcher.cancel()

    async def _admit(self, method: str, cookies: Mapping[str, str]) -> Stream:
        """A stream for this browser. Raises Refusal (401, 403, 405, 429, 503)."""
        if method != "GET":
            raise Refusal(405)
        self._refuse_crowd()
        self._joining += 1
        try:
            viewer = await self._who(cookies)
        finally:
            self._joining -= 1
        if viewer is None:
            raise Refusal(403 if cookies else 401)
        self._refuse_crowd()
        if sum(stream.viewer == viewer for stream in self._open) >= self.limits.streams_a_viewer:
            raise Refusal(429, seconds=60)
        stream = Stream(viewer, self.limits.nudges_queued)
        self._open.add(stream)
        return stream

    def _refuse_crowd(self) -> None:
        if self._stopping or len(self._open) + self._joining >= self.limits.streams:
            raise Refusal(503, close=True, seconds=self.limits.retry_after)

    async def _who(self, cookies: Mapping[str, str]) -> str | None:
        assert self._threads is not None
        try:
            async with self._asking:
                return await self._threads.run(lambda: self._ask(cookies))
        except Exception as error:
            if not isinstance(error, Busy):
                logger.exception("It could not be found out who listens")
            raise Refusal(503, seconds=self.limits.retry_after) from error

    def _ask(self, cookies: Mapping[str, str]) -> str | None:
        """`authenticate` with the care for connections that Django takes around a request."""
        if not settings.configured:
            return self.authenticate(cookies)
        close_old_connections()
        try:
            return self.authenticate(cookies)
        finally:
            close_old_connections()

    def _opening(self, stream: Stream, last_id: str) -> bytes:
        # The id is sent before any event, so that one missed right after this is asked for.
        opening = f"retry: {self.limits.retry_milliseconds}\n{self._id_line()}\n".encode()
        return opening + self._missed(stream, last_id)

    def _missed(self, stream: Stream, last_id: str) -> bytes:
        """The events after `last_id` that are kept, or a reset where they are not."""
        if not last_id:
            return b""
        process, _, digits = last_id.partition("-")
        oldest = self._kept[0][0] if self._kept else self._number + 1
        if process != self._process or not _NUMBER.fullmatch(digits) or int(digits) < oldest - 1:
            return self._reset()
        later = (kept for kept in self._kept if kept[0] > int(digits))
        return b"".join(e for _, nudge, e in later if self._may_see(stream.viewer, nudge))

    async def _feed(self, stream: Stream, cookies: Mapping[str, str], send: Send) -> None:
        loop = asyncio.get_running_loop()
        check_at = loop.time() + self._until_check(stream)
        while not stream.ended:
            with suppress(TimeoutError):
                async with asyncio.timeout(min(self.limits.heartbeat, check_at - loop.time())):
                    await stream.wake.wait()
            if loop.time() >= check_at:
                if not await self._is_still_welcome(stream, cookies):
                    return
                check_at = loop.time() + self._until_check(stream)
            if not stream.ended:
                await _write(send, stream.take() or _HEARTBEAT)

    async def _is_still_welcome(self, stream: Stream, cookies: Mapping[str, str]) -> bool:
        """Ask again who listens; an answer that cannot be had now may stay away three times."""
        try:
            welcome = await self._who(cookies) == stream.viewer
        except Refusal:
            stream.unanswered += 1
            return stream.unanswered <= 3
        stream.unanswered = 0
        return welcome

    def _until_check(self, stream: Stream) -> float:
        """Spread, so that streams that came together after a restart are not checked together."""
        if stream.unanswered:
            return self.limits.retry_after
        return self.limits.recheck * random.uniform(0.8, 1.0)  # noqa: S311


async def _write(send: Send, body: bytes) -> None:
    await send({"type": "http.response.body", "body": body, "more_body": True})


async def _watch(receive: Receive, stream: Stream) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    stream.end()
