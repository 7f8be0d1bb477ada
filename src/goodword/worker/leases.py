"""Leases of a worker that was killed: ended at once where nobody else can hold them."""

import fcntl
import os
import time
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path

from django.db import connection

from goodword.core.work import Work

Models = Iterable[type[Work]]
# One number for each kind of work, that nothing else on this database locks.
_NUMBERS = {"intake": 0x676F6F64_0001, "clock": 0x676F6F64_0002}
_TRIES, _BETWEEN = 5, 0.1


class FolderLock:
    """Held for as long as this process works on a data folder; the kernel drops it at its end.

    Leases end by themselves after minutes. Whoever gets the lock alone knows that every lease is
    one of the dead, and need not wait. On PostgreSQL another host may have a folder of its own,
    or a shared path that shares no locks: there the database is asked who is at work.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._handles = [_opened(folder / "worker.lock")]
        self.is_alone = _is_alone(self._handles[0])
        self._session: SessionLock | None = None

    def free(self, works: Mapping[str, Models], ours: Collection[str]) -> int:
        """End the leases of the dead, then let others in; how many rows are due again.

        `works` are the models of each kind of work, `ours` the kinds that this process does.
        """
        freed = 0
        fcntl.flock(self._handles[0], fcntl.LOCK_SH)
        if connection.vendor == "postgresql":
            self._session = SessionLock()
            for name in ours:
                freed += _end(works[name]) if self._session.is_alone(name) else 0
                self._session.share(name)
        else:
            freed = sum(self._free_one(name, works[name]) for name in ours)
        return freed

    def _free_one(self, name: str, models: Models) -> int:
        """A lock for each kind, so that one part can be started again while others work."""
        handle = _opened(self._folder / f"{name}.lock")
        self._handles.append(handle)
        freed = _end(models) if _is_alone(handle) else 0
        fcntl.flock(handle, fcntl.LOCK_SH)
        return freed

    def keep(self) -> None:
        """Take it again where PostgreSQL was away meanwhile."""
        if self._session is not None:
            self._session.keep()

    def close(self) -> None:
        if self._session is not None:
            self._session.close()
        for handle in self._handles:
            os.close(handle)


def _opened(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT, 0o600)


def _is_alone(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


class SessionLock:
    """Among all workers on one PostgreSQL: it ends with the connection that holds it.

    https://www.postgresql.org/docs/current/explicit-locking.html#ADVISORY-LOCKS
    """

    def __init__(self) -> None:
        self._line = connection.copy()
        self._line.inc_thread_sharing()
        self._exclusive: set[str] = set()
        self._shared: set[str] = set()

    def is_alone(self, name: str) -> bool:
        """Whether nobody else does this; one that was just killed may be there for a moment."""
        for _try in range(_TRIES):
            if self._said("SELECT pg_try_advisory_lock(%s)", name):
                self._exclusive.add(name)
                return True
            time.sleep(_BETWEEN)
        return False

    def share(self, name: str) -> None:
        """Beside others, from now on."""
        self._said("SELECT pg_advisory_lock_shared(%s) IS NULL", name)
        self._shared.add(name)
        if name in self._exclusive:
            self._said("SELECT pg_advisory_unlock(%s)", name)
            self._exclusive.remove(name)

    def keep(self) -> None:
        if not self._line.is_usable():
            self._line.close()
            self._exclusive.clear()
            for name in tuple(self._shared):
                self.share(name)

    def close(self) -> None:
        self._line.close()

    def _said(self, sql: str, name: str) -> bool:
        with self._line.cursor() as cursor:
            cursor.execute(sql, [_NUMBERS[name]])
            return bool(cursor.fetchone()[0])


def _end(models: Models) -> int:
    freed = 0
    for model in models:
        leased = model._base_manager.exclude(lease_token=None)
        freed += leased.update(lease_token=None, lease_until=None)
    return freed
