"""Turns: one at a time, in the order in which they came, across threads and processes."""

import fcntl
import os
import threading
from collections import deque
from time import monotonic, sleep

# How often a process asks whether the turn is its own, in seconds. Of several at the gate whoever
# asks most often comes next: that is who waits long, and not who has just had the turn.
_AT_FIRST, _AFTER, _LONG = 0.0005, 0.0001, 0.05


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


class LineOfProcesses:
    """Among the processes that write one database, each by one thread at a time.

    Two locks of the kernel, which drops them when a process is killed. Whoever is next holds the
    gate until the turn is theirs; so whoever gives the turn and wants it again waits at the gate,
    and overtakes nobody.
    """

    def __init__(self, database: str) -> None:
        self._gate = os.open(f"{database}-gate", os.O_RDWR | os.O_CREAT, 0o600)
        self._turn = os.open(f"{database}-turn", os.O_RDWR | os.O_CREAT, 0o600)

    def take(self, seconds: float) -> bool:
        """False where it did not come to us in this time."""
        until = monotonic() + seconds
        if not _locked(self._gate, until):
            return False
        try:
            return _locked(self._turn, until)
        finally:
            fcntl.flock(self._gate, fcntl.LOCK_UN)

    def give(self) -> None:
        fcntl.flock(self._turn, fcntl.LOCK_UN)

    def close(self) -> None:
        os.close(self._gate)
        os.close(self._turn)


def _locked(handle: int, until: float) -> bool:
    began = monotonic()
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            asked = monotonic()
            if asked >= until:
                return False
            sleep(_AT_FIRST if asked - began < _LONG else _AFTER)
        else:
            return True


class Line:
    """The turns of one database: first among our threads, then among the processes."""

    def __init__(self, database: str) -> None:
        self._threads = Turns()
        self._processes = LineOfProcesses(database)

    def take(self, seconds: float) -> bool:
        until = monotonic() + seconds
        if not self._threads.take(seconds):
            return False
        try:
            if self._processes.take(max(until - monotonic(), 0)):
                return True
        except BaseException:
            self._threads.give()
            raise
        self._threads.give()
        return False

    def give(self) -> None:
        self._processes.give()
        self._threads.give()

    def close(self) -> None:
        self._processes.close()


_lines: dict[str, Line] = {}
_making = threading.Lock()


def line_of(database: str) -> Line:
    """That of this database, named by its file."""
    with _making:
        if database not in _lines:
            _lines[database] = Line(database)
        return _lines[database]


def _begin_anew() -> None:
    """In a child: whoever had a turn does not live here, and locks are shared by their heirs."""
    global _making
    _making = threading.Lock()
    for line in _lines.values():
        line.close()
    _lines.clear()


os.register_at_fork(after_in_child=_begin_anew)
