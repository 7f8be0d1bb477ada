"""The door: mails that come at the same moment are made durable by one commit.

A commit that is synced to the disk takes as long for eight mails as for one. Whoever finds the
door free keeps what has come by then for all; each is told what became of its own mail.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from ctypes import c_double
from time import monotonic, sleep
from typing import Generic, TypeVar

from django.db import InterfaceError, OperationalError

from goodword.core.processes import shared_number

Mail = TypeVar("Mail")
Kept = TypeVar("Kept")


class _Waiting(Generic[Mail, Kept]):
    """A mail whose sender has no answer yet."""

    def __init__(self, mail: Mail) -> None:
        self.mail = mail
        self.kept: Kept | None = None
        self.error: Exception | None = None

    @property
    def is_over(self) -> bool:
        return self.kept is not None or self.error is not None


class Door(Generic[Mail, Kept]):
    """`keep` writes several in one transaction and has committed when it returns: all or none."""

    def __init__(self, keep: Callable[[Sequence[Mail]], Sequence[Kept]]) -> None:
        self._keep = keep
        self._lock = threading.Lock()
        self._writes = threading.Lock()
        self._waiting: list[_Waiting[Mail, Kept]] = []
        self._came_at = shared_number()
        self._placed_at = shared_number()

    def take(self, mail: Mail) -> Kept:
        """What became of this mail, once it is durable. Raises what `keep` raised for it."""
        mine: _Waiting[Mail, Kept] = _Waiting(mail)
        with self._lock:
            self._waiting.append(mine)
            self._came_at.value = monotonic()
        with self._writes:
            if not mine.is_over:
                self._keep_all()
        if mine.error is not None:
            raise mine.error
        assert mine.kept is not None
        return mine.kept

    def _keep_all(self) -> None:
        with self._lock:
            there, self._waiting = self._waiting, []
        try:
            self._note(there, self._keep([each.mail for each in there]))
        except (OperationalError, InterfaceError, OSError) as error:
            # No room, or no database: trying each would only let them wait for the same.
            for each in there:
                each.error = error
        except Exception:
            self._keep_each(there)

    def _keep_each(self, there: Sequence[_Waiting[Mail, Kept]]) -> None:
        """One of them stood in the way of all: each by itself, so that it falls alone."""
        for each in there:
            try:
                self._note([each], self._keep([each.mail]))
            except Exception as error:
                each.error = error

    def _note(self, there: Sequence[_Waiting[Mail, Kept]], kept: Sequence[Kept]) -> None:
        for each, what in zip(there, kept, strict=True):
            each.kept = what

    # For whoever else writes and can wait, but for the first in any process of this desk

    def someone_waits(self) -> bool:
        """Whether a sender has no answer yet; on SQLite whoever keeps theirs may wait for us."""
        return self._writes.locked()

    def let_pass(self, *, quiet: float, at_most: float) -> None:
        """Return once nobody has come for `quiet` seconds, or after `at_most` seconds."""
        _wait_for(self._came_at, quiet, at_most)

    def note_placing(self) -> None:
        """Several mails are being placed: what was taken is not all seen yet."""
        self._placed_at.value = monotonic()

    def let_place(self, *, quiet: float, at_most: float) -> None:
        """Return once no several were placed for `quiet` seconds, or after `at_most` seconds."""
        _wait_for(self._placed_at, quiet, at_most)


def _wait_for(moment: c_double, quiet: float, at_most: float) -> None:
    until = monotonic() + at_most
    while monotonic() < min(until, moment.value + quiet):
        sleep(min(quiet, 0.01))
