"""A fixed number of threads, a bounded queue before them, and a refusal behind that."""

import asyncio
import logging
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from heapq import heappop, heappush
from queue import Empty, SimpleQueue
from typing import TypeVar

from django.conf import settings
from django.db import connections

from goodword.core.places import Places

T = TypeVar("T")
Jobs = SimpleQueue[Callable[[], None] | None]
ALWAYS = 2  # threads that keep their connection
REST = 20.0  # seconds
logger = logging.getLogger("goodword.server")


class Busy(Exception):
    """All threads are taken and as many as may wait are waiting already."""


class Threads:
    """Runs work for the event loop that `start` is called on.

    The threads are daemons: a request that hangs must not keep the process from stopping.
    They live as long as the server, so that each keeps its one database connection. Of them
    `at_once` run, the others wait: for their turn to write, or for one of those.

    The first that is free works next. Where one is enough, its connection has what was counted,
    parsed and read at hand; in turns each of six had a sixth of that, and all six filled up.
    Those that only help out give theirs up when they have rested for `REST`.
    """

    def __init__(
        self,
        size: int,
        *,
        waiting: int,
        patience: float,
        name: str = "web",
        at_once: int | None = None,
    ) -> None:
        self.size, self.queue, self.patience, self.name = size, waiting, patience, name
        self.waiting = self.running = self.shed = 0
        self._jobs: list[Jobs] = [SimpleQueue() for _ in range(size)]  # of each thread
        self._idle = list(range(size))  # a heap, changed on the loop only
        self._free = asyncio.Semaphore(size)
        self._places = Places(at_once or size)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._threads: list[threading.Thread] = []

    def start(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        for number in range(self.size):
            thread = threading.Thread(
                target=self._work, args=(number,), name=f"{self.name}-{number}", daemon=True
            )
            thread.start()
            self._threads.append(thread)

    async def stop(self, within: float) -> bool:
        """Let the threads end after the work that they have; False if some are still at it."""
        for jobs in self._jobs:
            jobs.put(None)
        deadline = asyncio.get_running_loop().time() + within
        while any(thread.is_alive() for thread in self._threads):
            if asyncio.get_running_loop().time() > deadline:
                return False
            await asyncio.sleep(0.02)
        return True

    @property
    def is_full(self) -> bool:
        return self._free.locked()

    async def enter(self) -> None:
        """Wait for a free thread. Raises Busy when the queue is full or the wait too long."""
        if not self.is_full:
            await self._free.acquire()
        else:
            await self._queue()
        self.running += 1

    async def _queue(self) -> None:
        if self.waiting >= self.queue:
            self.shed += 1
            raise Busy
        self.waiting += 1
        try:
            async with asyncio.timeout(self.patience):
                await self._free.acquire()
        except TimeoutError:
            self.shed += 1
            raise Busy from None
        finally:
            self.waiting -= 1

    def leave(self) -> None:
        self.running -= 1
        self._free.release()

    def begin(self, work: Callable[[], None]) -> None:
        """Hand work to the thread that `enter` waited for; it leaves by itself when done."""
        self._jobs[heappop(self._idle)].put(work)

    async def run(self, work: Callable[[], T]) -> T:
        """The result of `work`, run in one of the threads. Raises Busy, or what it raises."""
        await self.enter()
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()

        def job() -> None:
            try:
                result = work()
            except Exception as error:
                loop.call_soon_threadsafe(_fail, future, error)
            else:
                loop.call_soon_threadsafe(_settle, future, result)

        self.begin(job)
        return await future

    def _free_again(self, number: int) -> None:
        heappush(self._idle, number)
        self.leave()

    def _work(self, number: int) -> None:
        while (job := self._next(number)) is not None:
            try:
                with self._places.within():
                    job()
            except BaseException:
                logger.exception("Work in a thread of the web server raised")
            finally:
                del job
                self._tell(partial(self._free_again, number))
        _give_up_connections()

    def _next(self, number: int) -> Callable[[], None] | None:
        """What there is to do for this thread, when there is; None when it is to end."""
        if number >= ALWAYS:
            with suppress(Empty):
                return self._jobs[number].get(timeout=REST)
            _give_up_connections()
        return self._jobs[number].get()

    def _tell(self, what: Callable[[], None]) -> None:
        assert self._loop is not None
        # The loop may be closed by now: the server did not wait for a request that hung.
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(what)


def _give_up_connections() -> None:
    if settings.configured:
        connections.close_all()


def _fail(future: asyncio.Future[T], error: Exception) -> None:
    if not future.done():
        future.set_exception(error)


def _settle(future: asyncio.Future[T], result: T) -> None:
    if not future.done():
        future.set_result(result)
