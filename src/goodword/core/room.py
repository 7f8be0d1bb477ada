"""What fails outside of us: the disk is full, the database is gone or locked, or the store is."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any
from weakref import WeakKeyDictionary

from django.db import DatabaseError, InterfaceError, OperationalError, connection

# How long whoever waits for a page waits for a lock of the database, in milliseconds.
WEB_PATIENCE = 3000
# A server that sends us mail waits for minutes, but not for ever.
MAIL_PATIENCE = 20_000
_FOR_A_NOTE = 200
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
_said: WeakKeyDictionary[Any, int] = WeakKeyDictionary()


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
    """For the locks of the database, on this thread's connection."""
    connection.ensure_connection()
    if connection.vendor == "sqlite":
        connection.connection.execute(f"PRAGMA busy_timeout={milliseconds}")
    elif connection.vendor == "postgresql":
        _wait_on_postgresql(milliseconds)


def _wait_on_postgresql(milliseconds: int) -> None:
    """By itself it waits for ever. What was said holds as long as the connection."""
    line = connection.connection
    if _said.get(line) != milliseconds:
        line.execute(f"SET lock_timeout = {milliseconds}")
        # Said in a transaction it is taken back with that.
        _said[line] = -1 if connection.in_atomic_block else milliseconds


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
