"""Of the threads that answer, only a few run at a time.

Python lets one thread run. Each question to SQLite gives the others theirs, and to have it back
takes up to five milliseconds for each of them that reckons. With six at it a reply of 15 ms kept
everybody else from writing for 300. Whoever waits for something else stands aside.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

# Seconds. Who runs may have to wait for a server far away; nobody waits for them any longer.
AT_MOST = 0.5
_here = threading.local()


class Places:
    """So many threads are within at once, and one more for each that stood aside since."""

    def __init__(self, number: int) -> None:
        self._free = threading.Semaphore(number)

    @contextmanager
    def within(self) -> Iterator[None]:
        if self._free.acquire(timeout=AT_MOST):
            _here.place = self._free
        try:
            yield
        finally:
            stand_aside()


def stand_aside() -> None:
    """Give this thread's place to another, if it has one; what was waited for it does without."""
    with suppress(AttributeError):
        place = _here.place
        del _here.place
        place.release()
