"""What fails outside of us: the disk is full, the database is gone or locked, or the store is."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from django.db import DatabaseError, InterfaceError, OperationalError, connection

# How long whoever waits for a page waits for SQLite's lock, in milliseconds.
WEB_PATIENCE = 3000
_FOR_A_NOTE = 200
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})


class StoreGone(Exception):
    """The store of files elsewhere does not answer. No OSError: no file is wrong or missing."""


def no_room(error: BaseException | None) -> bool:
    """Whether it failed because the disk is full: ours, or that of the database."""
    if isinstance(error, DatabaseError):
        return "is full" in str(error) or "No space left" in str(error)
    return isinstance(error, OSError) and error.errno in _FULL


def no_database(error: BaseException | None) -> bool:
    """Whether it failed because the database is gone, locked or restarting, or the store is."""
    return isinstance(error, OperationalError | InterfaceError | StoreGone)


def wait_at_most(milliseconds: int) -> None:
    """For SQLite's lock, on this thread's connection; other databases have their own ways."""
    if connection.vendor == "sqlite":
        connection.ensure_connection()
        connection.connection.execute(f"PRAGMA busy_timeout={milliseconds}")


@contextmanager
def noted_if_it_can_be() -> Iterator[None]:
    """For what reading a page writes besides, as that it was seen: the page is shown anyhow."""
    wait_at_most(_FOR_A_NOTE)
    with suppress(OperationalError):
        yield
    wait_at_most(WEB_PATIENCE)
