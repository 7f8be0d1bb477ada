"""Processes on one listening socket take as many connections each."""

import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from goodword.core.server.sharing import LEAVES, SharedSocket, Shares


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as there:
        yield there


@pytest.fixture
def two(stack: ExitStack) -> list[SharedSocket]:
    """As two processes see one socket; each child has a handle of its own."""
    listening = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
    listening.setblocking(False)
    shares = Shares(2)
    return [stack.enter_context(SharedSocket(listening.dup(), shares, n)) for n in range(2)]


def connect(to: socket.socket, stack: ExitStack) -> None:
    stack.enter_context(socket.create_connection(to.getsockname()))


def taken(by: SharedSocket, stack: ExitStack) -> socket.socket:
    return stack.enter_context(by.accept()[0])


def test_whoever_has_more_leaves_the_next_to_the_other(
    two: list[SharedSocket], stack: ExitStack
) -> None:
    first, second = two
    for _connection in range(3):
        connect(first, stack)
    one = taken(first, stack)
    with pytest.raises(BlockingIOError):
        first.accept()
    taken(second, stack)
    taken(first, stack)
    with pytest.raises(BlockingIOError):
        first.accept()
    assert one.fileno() > 0


def test_what_was_closed_counts_no_more_and_once(two: list[SharedSocket], stack: ExitStack) -> None:
    first, second = two
    for _connection in range(3):
        connect(first, stack)
    one = taken(first, stack)
    one.close()
    one.close()
    taken(first, stack)
    with pytest.raises(BlockingIOError):
        first.accept()
    taken(second, stack)


def test_nobody_waits_for_a_process_that_does_not_take_its_own(
    two: list[SharedSocket], stack: ExitStack
) -> None:
    first, _stands_still = two
    connect(first, stack)
    connect(first, stack)
    taken(first, stack)
    with pytest.raises(BlockingIOError):
        first.accept()
    time.sleep(LEAVES)
    taken(first, stack)


def test_whoever_begins_anew_has_none(stack: ExitStack) -> None:
    shares = Shares(2)
    shares.counts[0] = 5
    listening = socket.create_server(("127.0.0.1", 0))
    heir = stack.enter_context(SharedSocket(listening, shares, 0))
    assert list(shares.counts) == [0, 0]
    connect(heir, stack)
    taken(heir, stack)
    assert list(shares.counts) == [1, 0]
