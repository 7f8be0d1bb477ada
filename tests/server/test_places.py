"""Of the threads that answer a few run at a time, and nobody waits for one that waits."""

import threading
from collections.abc import Callable

import pytest

from goodword.core import places
from goodword.core.places import Places, stand_aside


def within(place: Places, work: Callable[[], object] = lambda: None) -> threading.Event:
    """Set as soon as a thread of its own is within; it does `work` there, and leaves."""
    entered = threading.Event()

    def enter() -> None:
        with place.within():
            entered.set()
            work()

    threading.Thread(target=enter, daemon=True).start()
    return entered


def test_the_next_runs_when_one_has_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "AT_MOST", 60)
    place = Places(1)
    with place.within():
        waits = within(place)
        assert not waits.wait(0.05)
    assert waits.wait(60)


def test_the_next_runs_when_one_stands_aside_and_only_one_more(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(places, "AT_MOST", 60)
    place, goes_on = Places(1), threading.Event()
    with place.within():
        first = within(place, lambda: goes_on.wait(60))
        stand_aside()
        stand_aside()
        assert first.wait(60)
        second = within(place)
    assert not second.wait(0.05), "leaving gave away a place for the second time"
    goes_on.set()
    assert second.wait(60)


def test_nobody_waits_for_long_and_who_had_no_place_gives_none_away(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(places, "AT_MOST", 0.01)
    place = Places(1)
    with place.within():
        assert within(place).wait(60)
        monkeypatch.setattr(places, "AT_MOST", 60)
        assert not within(place).wait(0.05)
