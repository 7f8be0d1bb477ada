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


def without_waiting_for_the_disk() -> None:
    """The present transaction commits, on PostgreSQL, before the disk has it: atomic as ever.

    Only for one that ends a row of work with what came of it: after a crash that lost it the row
    is there, undone, and is worked on again. Any later commit that waits makes this one durable,
    so nothing that was told to anybody since is lost.
    https://www.postgresql.org/docs/current/wal-async-commit.html
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL synchronous_commit TO OFF")


@contextmanager
def noted_if_it_can_be() -> Iterator[None]:
    """For what reading a page writes besides, as that it was seen: the page is shown anyhow."""
    wait_at_most(_FOR_A_NOTE)
    with suppress(OperationalError):
        yield
    wait_at_most(WEB_PATIENCE)
