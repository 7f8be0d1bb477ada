"""Several processes on one listening socket have as many connections each.

Whoever is idle takes what comes, so one had twice as many as the other, and browsers keep theirs
for minutes: half of a desk then waited while a core was idle.
"""

import ctypes
import mmap
import socket
from time import monotonic

# Seconds that a process with more connections leaves a new one to the others; they may be gone.
LEAVES = 0.02


class Shares:
    """How many connections each of these processes has; made before they are forked."""

    def __init__(self, processes: int) -> None:
        counts = ctypes.c_int * processes
        self.counts = counts.from_buffer(mmap.mmap(-1, ctypes.sizeof(counts)))


class SharedSocket(socket.socket):
    """The listening socket `of` as the process with this number sees it, which takes it over."""

    def __init__(self, of: socket.socket, shares: Shares, number: int) -> None:
        super().__init__(of.family, of.type, of.proto, fileno=of.detach())
        self._counts, self._number = shares.counts, number
        self._counts[number] = 0  # whoever had this number before has gone with all of theirs
        self._left_at: float | None = None

    def accept(self) -> tuple[socket.socket, object]:
        """BlockingIOError, as where nobody wants to connect, while it is for another process."""
        if self._counts[self._number] > min(self._counts):
            self._left_at = self._left_at or monotonic()
            if monotonic() - self._left_at < LEAVES:
                raise BlockingIOError
        self._left_at = None
        taken, address = super().accept()
        self._counts[self._number] += 1
        return _Counted(taken, self), address

    def closed(self) -> None:
        self._counts[self._number] -= 1


class _Counted(socket.socket):
    def __init__(self, taken: socket.socket, by: SharedSocket) -> None:
        super().__init__(taken.family, taken.type, taken.proto, fileno=taken.detach())
        self._by: SharedSocket | None = by

    def close(self) -> None:
        by, self._by = self._by, None
        if by is not None:
            by.closed()
        super().close()
