"""One answer on its way from a thread of Django's to the event loop."""

import asyncio
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from types import TracebackType
from typing import Any, Protocol

from goodword.core.places import stand_aside
from goodword.core.server.asgi import Receive, Send
from goodword.core.server.limits import Limits
from goodword.core.server.refusing import Refusal
from goodword.core.server.threads import Threads

ExcInfo = tuple[type[BaseException], BaseException, TracebackType]
WSGIApplication = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
_BLOCK = 64 * 1024
_HOP_BY_HOP = {b"connection", b"keep-alive", b"transfer-encoding", b"upgrade", b"trailer", b"te"}


class Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


class FileWrapper:
    """`wsgi.file_wrapper`: a file that the event loop sends when the thread is long gone."""

    def __init__(self, file: Readable, block_size: int = _BLOCK) -> None:
        self.file = file

    def read(self) -> bytes:
        return self.file.read(_BLOCK)

    def __iter__(self) -> Iterator[bytes]:
        return iter(self.read, b"")

    def close(self) -> None:
        close = getattr(self.file, "close", None)
        if close is not None:
            close()


class ClientGone(Exception):
    """Raised in the thread, so that a long answer nobody reads is not made to its end."""


class Reply:
    """Filled by one thread, emptied by the event loop; `_lock` guards what both touch."""

    def __init__(self, loop: asyncio.AbstractEventLoop, limits: Limits) -> None:
        self._loop, self._limits = loop, limits
        self._lock = threading.Condition()
        self._ready = asyncio.Event()
        self._woken = False
        self._chunks: deque[bytes] = deque()
        self._unsent = 0
        self._ended = self._gone = False
        self._head: tuple[int, list[tuple[bytes, bytes]]] | None = None
        self._head_sent = False
        self.file: FileWrapper | None = None
        self.error: BaseException | None = None

    # The thread's side.

    def start_response(
        self, status: str, headers: list[tuple[str, str]], exc_info: ExcInfo | None = None
    ) -> Callable[[bytes], None]:
        if exc_info is not None and self._head_sent:
            raise exc_info[1].with_traceback(exc_info[2])
        if exc_info is None and self._head is not None:
            raise AssertionError("start_response was called twice")
        # Django puts a space before the value of Set-Cookie, which h11 rightly refuses.
        encoded = [
            (name.lower().encode("latin-1"), value.strip().encode("latin-1"))
            for name, value in headers
        ]
        kept = [(name, value) for name, value in encoded if name not in _HOP_BY_HOP]
        self._head = int(status[:3]), kept
        return self.put

    def put(self, chunk: bytes) -> None:
        """Queue a piece; waits while too much is unsent. Raises ClientGone."""
        if not chunk:
            return
        if self._head is None:
            raise AssertionError("The body began before start_response")
        with self._lock:
            if not self._has_room():
                stand_aside()
            room = self._lock.wait_for(self._has_room, self._limits.stalled_write)
            if self._gone or not room:
                raise ClientGone
            self._chunks.append(chunk)
            self._unsent += len(chunk)
            self._wake()

    def _has_room(self) -> bool:
        return self._gone or self._unsent < self._limits.unsent

    def end(self, error: BaseException | None = None, file: FileWrapper | None = None) -> None:
        """Nothing more comes from the thread; `file` is what the event loop sends after it."""
        if error is None and self._head is None:
            error = AssertionError("The application never called start_response")
        with self._lock:
            self._ended, self.error, self.file = True, error, file
            self._wake()

    def _wake(self) -> None:
        if not self._woken and not self._loop.is_closed():
            self._woken = True
            self._loop.call_soon_threadsafe(self._ready.set)

    # The event loop's side.

    async def send_to(self, send: Send, receive: Receive, file_readers: Threads) -> None:
        """Send what the thread puts, then its file. Raises what broke off a begun answer."""
        watcher: asyncio.Task[None] | None = None
        try:
            while not await self._send_batch(send):
                # Only a long answer is worth a watcher for a client that goes away.
                watcher = watcher or asyncio.create_task(self._watch(receive))
            if self.file is not None:
                watcher = watcher or asyncio.create_task(self._watch(receive))
                await self._send_file(self.file, send, file_readers)
        finally:
            self.forget()
            if watcher is not None:
                watcher.cancel()

    async def _send_batch(self, send: Send) -> bool:
        """Send what there is; True when the thread has ended and nothing of it is left."""
        await self._ready.wait()
        with self._lock:
            body, ended = b"".join(self._chunks), self._ended
            self._chunks.clear()
            self._woken = False
            self._ready.clear()
        if ended and self.error is not None:
            await self._fail(send)
            return True
        await self._send_head(send)
        last = ended and self.file is None
        await send({"type": "http.response.body", "body": body, "more_body": not last})
        with self._lock:
            self._unsent -= len(body)
            self._lock.notify()
        return ended

    async def _send_head(self, send: Send) -> None:
        if not self._head_sent:
            assert self._head is not None
            self._head_sent = True
            status, headers = self._head
            await send({"type": "http.response.start", "status": status, "headers": headers})

    async def _fail(self, send: Send) -> None:
        assert self.error is not None
        if self.is_abandoned:
            return
        if not self._head_sent:
            await Refusal(500).send_to(send)
        else:
            # Raising ends the connection, so that a half answer cannot be taken for a whole one.
            raise self.error

    async def _send_file(self, file: FileWrapper, send: Send, readers: Threads) -> None:
        try:
            chunk = b"-"
            while chunk and not self._gone:
                chunk = await readers.run(file.read)
                await send({"type": "http.response.body", "body": chunk, "more_body": bool(chunk)})
        finally:
            await readers.run(file.close)

    async def _watch(self, receive: Receive) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        self.forget()

    def forget(self) -> None:
        """The client is gone: let the thread stop at the next piece."""
        with self._lock:
            self._gone = True
            self._lock.notify()

    @property
    def is_abandoned(self) -> bool:
        return isinstance(self.error, ClientGone)


def answer(app: WSGIApplication, environ: dict[str, Any], reply: Reply) -> None:
    """Run the application in this thread and put what it says into `reply`. Never raises."""
    error: BaseException | None = None
    file: FileWrapper | None = None
    try:
        result = app(environ, reply.start_response)
        try:
            file = _pour(result, reply, head_only=environ["REQUEST_METHOD"] == "HEAD")
        finally:
            if file is None:
                _close(result)
    except BaseException as raised:
        error = raised
    reply.end(error, file)


def _pour(result: Iterable[bytes], reply: Reply, *, head_only: bool) -> FileWrapper | None:
    """Put the pieces; a file longer than two blocks is given back for the event loop to send."""
    for number, chunk in enumerate(result):
        reply.put(chunk)
        if head_only:
            break
        if number and isinstance(result, FileWrapper):
            return result
    return None


def _close(result: Iterable[bytes]) -> None:
    close = getattr(result, "close", None)
    if close is not None:
        close()
