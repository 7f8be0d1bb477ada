"""Django as WSGI behind ASGI, in a bounded pool of threads.

Under Django's own ASGI handler 350 requests opened 350 database connections; here there are
as many as there are threads. A thread is taken only when the whole request is in hand, and is
free again when the answer is made, not when it is read.
"""

import asyncio
import logging
from functools import partial
from typing import IO

from goodword.core.server.asgi import Receive, Scope, Send
from goodword.core.server.environ import TrustedProxies, make_environ
from goodword.core.server.limits import Limits
from goodword.core.server.refusing import Refusal
from goodword.core.server.reply import FileWrapper, Reply, WSGIApplication, answer
from goodword.core.server.spool import Disconnected, Spool
from goodword.core.server.threads import Busy, Threads

logger = logging.getLogger("goodword.server")


class Bridge:
    """An ASGI application around a WSGI one."""

    def __init__(
        self, app: WSGIApplication, threads: Threads, limits: Limits, proxies: TrustedProxies
    ) -> None:
        self.app, self.threads, self.limits, self.proxies = app, threads, limits, proxies
        self.spool = Spool(limits)
        # Files are read by threads of their own: a slow disk or store must not hold Django's.
        self.watch = Threads(1, waiting=16, patience=limits.patience, name="watch")
        self.file_readers = Threads(2, waiting=10_000, patience=60.0, name="files")

    def start(self, loop: asyncio.AbstractEventLoop) -> None:
        self.file_readers.start(loop)
        self.watch.start(loop)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            body, length = await self.spool.take(scope, receive)
            try:
                await self._hand_over(scope, receive, send, body, length)
            finally:
                body.close()
                self.spool.release(length)
        except Disconnected:
            return
        except Busy:
            await Refusal(503, seconds=self.limits.retry_after).send_to(send)
        except Refusal as refusal:
            await refusal.send_to(send)

    async def _hand_over(
        self, scope: Scope, receive: Receive, send: Send, body: IO[bytes], length: int
    ) -> None:
        environ = make_environ(scope, body, length, self.proxies, FileWrapper)
        threads = self.watch if scope["path"] in self.limits.watched else self.threads
        await self._enter(threads, receive)
        reply = Reply(asyncio.get_running_loop(), self.limits)
        threads.begin(partial(answer, self.app, environ, reply))
        await reply.send_to(send, receive, self.file_readers)
        if reply.error is not None and not reply.is_abandoned:
            logger.error("The application raised", exc_info=reply.error)

    async def _enter(self, threads: Threads, receive: Receive) -> None:
        """Wait for a thread, but let none work for a client that has gone away meanwhile."""
        leaving = None
        if threads.is_full:
            leaving = asyncio.create_task(_disconnected(receive))
        try:
            await threads.enter()
            if leaving is not None and leaving.done():
                threads.leave()
                raise Disconnected
        finally:
            if leaving is not None:
                leaving.cancel()


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
