"""Leases of a worker that was killed: ended at once where nobody else can hold them."""

import fcntl
import os
from collections.abc import Iterable
from pathlib import Path

from django.db import connection

from goodword.core.work import Work


class FolderLock:
    """Held for as long as this process works on a data folder; the kernel drops it at its end.

    Leases end by themselves after minutes. On SQLite, which is one machine with one folder, we need
    not wait: whoever gets the lock alone knows that every lease is one of the dead. On PostgreSQL
    another host may have a folder of its own, or a shared path that shares no locks.
    """

    def __init__(self, folder: Path) -> None:
        self._handle = os.open(folder / "worker.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self.is_alone = True
        except BlockingIOError:
            self.is_alone = False

    def free(self, models: Iterable[type[Work]]) -> int:
        """End the leases of the dead, then let others in; how many rows are due again."""
        freed = 0
        if self.is_alone and connection.vendor == "sqlite":
            for model in models:
                leased = model._base_manager.exclude(lease_token=None)
                freed += leased.update(lease_token=None, lease_until=None)
        fcntl.flock(self._handle, fcntl.LOCK_SH)
        return freed

    def close(self) -> None:
        os.close(self._handle)
