"""Request bodies are taken on the event loop, so that a slow sender never holds a thread."""

import asyncio
import errno
import io
import time
from tempfile import SpooledTemporaryFile
from typing import IO, cast

from goodword.core.server.asgi import Receive, Scope
from goodword.core.server.limits import MEGABYTE, Limits
from goodword.core.server.refusing import Refusal


class Disconnected(Exception):
    """The client went away before its request was whole."""


class Spool:
    """Takes bodies into memory, the larger ones into temporary files, all within bounds."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.held = 0

    async def take(self, scope: Scope, receive: Receive) -> tuple[IO[bytes], int]:
        """The whole body, rewound, and its length in bytes.

        Raises Refusal (400, 408, 413, 503, 507) and Disconnected. Give the length back with
        `release` when the body is no longer needed.
        """
        headers: dict[bytes, bytes] = dict(scope["headers"])
        declared, chunked = headers.get(b"content-length"), b"transfer-encoding" in headers
        if declared is not None and chunked:
            # RFC 9112 6.1: a proxy may have read the other length; that is how smuggling works.
            raise Refusal(400, close=True)
        if not chunked and int(declared or 0) == 0:
            return io.BytesIO(), 0
        if int(declared or 0) > self.limits.body:
            await self._refuse_large(receive, expects=b"expect" in headers)
        return await self._read(receive)

    def release(self, length: int) -> None:
        self.held -= length

    async def _read(self, receive: Receive) -> tuple[IO[bytes], int]:
        file = cast(IO[bytes], SpooledTemporaryFile(self.limits.body_in_memory))  # noqa: SIM115
        length, started = 0, time.monotonic()
        try:
            while True:
                chunk, more = await self._chunk(receive, started, length)
                self._account(len(chunk))
                length += len(chunk)
                if length > self.limits.body:
                    await self._refuse_large(receive, expects=False)
                file.write(chunk)
                if not more:
                    file.seek(0)
                    return file, length
        except BaseException as error:
            self.release(length)
            file.close()
            if isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EDQUOT}:
                raise Refusal(507, close=True) from error
            raise

    async def _chunk(self, receive: Receive, started: float, length: int) -> tuple[bytes, bool]:
        """One piece of the body; 408 once the sender falls behind the slowest rate allowed."""
        allowed = self.limits.body_grace + length / self.limits.body_bytes_a_second
        try:
            async with asyncio.timeout(started + allowed - time.monotonic()):
                event = await receive()
        except TimeoutError:
            raise Refusal(408, close=True) from None
        if event["type"] == "http.disconnect":
            raise Disconnected
        return event.get("body", b""), event.get("more_body", False)

    def _account(self, size: int) -> None:
        if self.held + size > self.limits.bodies_together:
            raise Refusal(503, close=True, seconds=self.limits.retry_after)
        self.held += size

    async def _refuse_large(self, receive: Receive, *, expects: bool) -> None:
        """Say 413, after letting the rest run past: browsers that are cut off show no answer."""
        if not expects:
            await self._let_pass(receive)
        megabytes = self.limits.body // MEGABYTE
        raise Refusal(413, close=True, megabytes=megabytes)

    async def _let_pass(self, receive: Receive) -> None:
        try:
            async with asyncio.timeout(self.limits.body_grace):
                while (event := await receive()).get("more_body", False):
                    pass
        except TimeoutError:
            return
        if event["type"] == "http.disconnect":
            raise Disconnected
