"""Turns: one at a time, in the order in which they came, across the threads of this process."""

import os
import threading
from collections import deque


class Turns:
    """A lock that is handed on to whoever waits longest, and never taken by a latecomer."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: deque[threading.Event] = deque()
        self._is_taken = False

    def take(self, seconds: float) -> bool:
        """False where it did not come to us in this time."""
        with self._lock:
            if not self._is_taken:
                self._is_taken = True
                return True
            if seconds <= 0:
                return False
            mine = threading.Event()
            self._waiting.append(mine)
        if mine.wait(seconds):
            return True
        with self._lock:
            # It may have come between the end of the wait and this line.
            if mine.is_set():
                return True
            self._waiting.remove(mine)
        return False

    def give(self) -> None:
        with self._lock:
            if self._waiting:
                self._waiting.popleft().set()
            else:
                self._is_taken = False


_turns: dict[str, Turns] = {}


def turns_of(database: str) -> Turns:
    """Those of this database, named by its file."""
    return _turns.setdefault(database, Turns())


# Whoever had the turn at the fork does not live in the child, and would never give it back.
os.register_at_fork(after_in_child=_turns.clear)
