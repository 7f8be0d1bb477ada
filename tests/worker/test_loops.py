"""Loops: they outlive errors, wake early, and end when they are told to."""

import threading
import time

import pytest
from django.db import OperationalError

from goodword.worker.loops import Loop


def _until(happened: threading.Event, seconds: float = 5.0) -> None:
    assert happened.wait(seconds)


@pytest.mark.django_db(transaction=True)
def test_a_loop_outlives_what_goes_wrong() -> None:
    stop, done = threading.Event(), threading.Event()
    errors: list[Exception] = [OperationalError("gone"), RuntimeError("ours")]

    def turn() -> None:
        if errors:
            raise errors.pop(0)
        done.set()

    loop = Loop("test", turn, stop)
    loop.start()
    _until(done)
    stop.set()
    assert loop.join(3.0)


@pytest.mark.django_db(transaction=True)
def test_a_wake_starts_a_turn_at_once() -> None:
    stop, wake, turns = threading.Event(), threading.Event(), []
    second = threading.Event()

    def turn() -> None:
        turns.append(time.monotonic())
        if len(turns) == 2:
            second.set()

    loop = Loop("test", turn, stop, every=60.0, wake=wake)
    loop.start()
    while not turns:
        time.sleep(0.01)
    wake.set()
    _until(second)
    stop.set()
    assert loop.join(3.0)


@pytest.mark.django_db(transaction=True)
def test_a_turn_that_has_more_to_do_is_run_again_without_a_pause() -> None:
    stop, done, left = threading.Event(), threading.Event(), [3]

    def turn() -> bool:
        left[0] -= 1
        if left[0] == 0:
            done.set()
        return left[0] > 0

    loop = Loop("test", turn, stop, every=60.0)
    loop.start()
    _until(done)
    stop.set()
    assert loop.join(3.0)
