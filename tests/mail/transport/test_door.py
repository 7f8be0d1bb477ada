"""Mails that come at the same moment share one commit, and none of them its neighbour's fate."""

import os
import threading
from collections.abc import Callable, Sequence
from time import monotonic

import pytest
from django.db import OperationalError

from goodword.channels.mail.door import Door

Kept = list[Sequence[str]]


class Crowd:
    """Threads that come to a door while somebody is held up in it."""

    def __init__(self, keep: Callable[[Sequence[str]], Sequence[str]]) -> None:
        self.batches: Kept = []
        self.goes_on, self.is_in = threading.Event(), threading.Event()
        self.keep, self.told = keep, dict[str, object]()
        self.door: Door[str, str] = Door(self._keep)

    def _keep(self, mails: Sequence[str]) -> Sequence[str]:
        if "first" in mails:
            self.is_in.set()
            assert self.goes_on.wait(20)
        self.batches.append(sorted(mails))
        return self.keep(mails)

    def _come(self, mail: str) -> None:
        try:
            self.told[mail] = self.door.take(mail)
        except Exception as error:
            self.told[mail] = error

    def comes(self, *mails: str) -> None:
        threads = [threading.Thread(target=self._come, args=(each,)) for each in ("first", *mails)]
        threads[0].start()
        assert self.is_in.wait(20)
        for each in threads[1:]:
            each.start()
        while len(self.door._waiting) < len(mails):
            threading.Event().wait(0.001)
        self.goes_on.set()
        for each in threads:
            each.join(20)


def as_they_are(mails: Sequence[str]) -> Sequence[str]:
    return [f"kept {each}" for each in mails]


def test_those_who_came_meanwhile_are_kept_together_and_each_is_told_of_its_own() -> None:
    crowd = Crowd(as_they_are)
    crowd.comes("a", "b", "c")
    assert crowd.batches == [["first"], ["a", "b", "c"]]
    assert crowd.told == {each: f"kept {each}" for each in ("first", "a", "b", "c")}
    assert not crowd.door.someone_waits()


def test_one_that_cannot_be_kept_falls_alone() -> None:
    def all_but_b(mails: Sequence[str]) -> Sequence[str]:
        if "b" in mails:
            raise ValueError("b")
        return as_they_are(mails)

    crowd = Crowd(all_but_b)
    crowd.comes("a", "b", "c")
    assert isinstance(crowd.told["b"], ValueError)
    assert (crowd.told["a"], crowd.told["c"]) == ("kept a", "kept c")
    assert len(crowd.batches) == 5


def test_without_a_database_all_are_told_at_once_and_none_is_tried_again() -> None:
    def gone(mails: Sequence[str]) -> Sequence[str]:
        if "first" not in mails:
            raise OperationalError("gone")
        return as_they_are(mails)

    crowd = Crowd(gone)
    crowd.comes("a", "b")
    assert [type(crowd.told[each]) for each in ("a", "b")] == [OperationalError] * 2
    assert crowd.batches == [["first"], ["a", "b"]]
    assert crowd.door.take("first") == "kept first"


def test_who_writes_beside_it_sees_that_a_sender_waits() -> None:
    is_in, goes_on = threading.Event(), threading.Event()

    def slowly(mails: Sequence[str]) -> Sequence[str]:
        is_in.set()
        assert goes_on.wait(20)
        return as_they_are(mails)

    door: Door[str, str] = Door(slowly)
    assert not door.someone_waits()
    sender = threading.Thread(target=door.take, args=("a",))
    sender.start()
    assert is_in.wait(20)
    assert door.someone_waits()
    goes_on.set()
    sender.join(20)
    assert not door.someone_waits()
    door.let_pass(quiet=0.0, at_most=1.0)


def test_an_error_of_the_first_is_the_first_ones_own() -> None:
    door: Door[str, str] = Door(lambda _mails: (_ for _ in ()).throw(OSError("full")))
    with pytest.raises(OSError, match="full"):
        door.take("a")


def test_who_is_told_of_mail_and_of_placing_may_be_another_process() -> None:
    door: Door[str, str] = Door(list)
    waits, told = os.pipe()
    child = os.fork()
    if not child:
        door.take("mail")
        door.note_placing()
        os.write(told, b"!")
        os._exit(0)
    os.read(waits, 1)
    os.waitpid(child, 0)
    os.close(waits)
    os.close(told)
    for wait in (door.let_pass, door.let_place):
        began = monotonic()
        wait(quiet=3600, at_most=0.05)
        assert monotonic() - began >= 0.05, "it did not hear of it"
