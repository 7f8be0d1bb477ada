"""Whose turn it is among the threads that answer."""

import asyncio
import threading
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TypeVar

import pytest

from goodword.core.server import threads as threads_room
from goodword.core.server.threads import Threads

T = TypeVar("T")


def test_one_thread_answers_whatever_comes_one_by_one() -> None:
    assert len(set(_on(4, _one_by_one))) == 1


def test_others_help_when_several_come_at_once() -> None:
    async def ask(threads: Threads) -> tuple[list[str], list[str]]:
        together = threading.Barrier(3)
        at_once = await asyncio.gather(
            *(threads.run(partial(_together, together)) for _ in range(3))
        )
        return at_once, await _one_by_one(threads)

    at_once, after = _on(4, ask)
    assert len(set(at_once)) == 3
    assert set(after) == {"web-0"}


def test_who_only_helps_out_gives_its_connection_up_after_a_rest(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(threads_room, "ALWAYS", 1)
    monkeypatch.setattr(threads_room, "REST", 0.05)
    closed, one_closed = list[str](), threading.Event()

    def close() -> None:
        closed.append(_who())
        one_closed.set()

    monkeypatch.setattr(threads_room, "_give_up_connections", close)

    async def ask(threads: Threads) -> str:
        assert await asyncio.to_thread(one_closed.wait, 10)
        before = list(closed)
        together = threading.Barrier(2)
        both = [threads.run(partial(_together, together)) for _ in range(2)]
        assert sorted(await asyncio.gather(*both)) == ["web-0", "web-1"]
        return " ".join(before)

    # It works again after, and what keeps its connection kept it.
    assert _on(2, ask) == "web-1"


def _together(barrier: threading.Barrier) -> str:
    barrier.wait(10)
    return _who()


async def _one_by_one(threads: Threads) -> list[str]:
    found = []
    for _ in range(8):
        # Whoever answers is free a moment after the answer is there.
        while threads.running:
            await asyncio.sleep(0.001)
        found.append(await threads.run(_who))
    return found


def _who() -> str:
    return threading.current_thread().name


def _on(size: int, ask: Callable[[Threads], Awaitable[T]]) -> T:
    async def main() -> T:
        threads = Threads(size, waiting=16, patience=5)
        threads.start(asyncio.get_running_loop())
        try:
            return await ask(threads)
        finally:
            assert await threads.stop(within=5)

    return asyncio.run(main())
