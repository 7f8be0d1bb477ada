"""A loop in a thread of its own: runs its turn, waits, and outlives what the database does."""

import logging
import threading
import time
from collections.abc import Callable

from django.db import DatabaseError, InterfaceError, connection, connections

from goodword.core.room import StoreGone

log = logging.getLogger("goodword.worker")

LONGEST_PAUSE = 4.0
# What is written within it is done in one turn: a commit for all of it, and not for each.
_SLICE = 0.25


class Loop:
    """Runs `turn` until `stop` is set, at least every `every` seconds.

    A turn that returns true has more to do and is run again at once. With `eager` a commit of
    anybody, or `wake`, starts a turn within a quarter of a second: SQLite's file says that it
    changed (2 µs a question), other databases are asked every `every` seconds.
    """

    def __init__(
        self,
        name: str,
        turn: Callable[[], object],
        stop: threading.Event,
        *,
        every: float = 1.0,
        eager: bool = False,
        wake: threading.Event | None = None,
    ) -> None:
        self._turn, self._stop, self._every = turn, stop, every
        self._eager, self._wake = eager, wake
        self._seen: int | None = None
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def join(self, within: float) -> bool:
        """Wait for its end; False when it is still at work after `within` seconds."""
        self._thread.join(max(0.0, within))
        return not self._thread.is_alive()

    def _run(self) -> None:
        pause = 0.5
        while not self._stop.is_set():
            try:
                self._forget_wakes()
                if not self._turn():
                    self._wait()
                pause = 0.5
            except Exception as error:
                self._tell(error)
                connections.close_all()
                self._stop.wait(pause)
                pause = min(pause * 2, LONGEST_PAUSE)
        connections.close_all()

    def _tell(self, error: Exception) -> None:
        name = self._thread.name
        if isinstance(error, DatabaseError | InterfaceError):
            log.warning("%s waits for the database: %s", name, error)
        elif isinstance(error, StoreGone):
            log.warning("%s waits for the store of files: %s", name, error)
        else:
            log.exception("%s stumbled and goes on", name)

    def _forget_wakes(self) -> None:
        """Before the turn: what is written while it runs is then seen after it."""
        if self._wake is not None:
            self._wake.clear()
        self._seen = _version() if self._eager else None

    def _wait(self) -> None:
        deadline = time.monotonic() + self._every
        while not self._stop.is_set():
            left = deadline - time.monotonic()
            if left <= 0 or (self._wake is not None and self._wake.is_set()):
                return
            if self._eager and _version() != self._seen:
                return
            self._stop.wait(min(left, _SLICE if self._eager or self._wake else left))


def _version() -> int | None:
    """https://www.sqlite.org/pragma.html#pragma_data_version; None where there is no such thing."""
    if connection.vendor != "sqlite":
        return None
    connection.ensure_connection()
    return int(connection.connection.execute("PRAGMA data_version").fetchone()[0])
