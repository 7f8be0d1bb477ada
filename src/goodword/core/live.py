"""Nudges: what changed, told within a second to whoever listens.

The rows are the truth and are read by a cursor; being woken is only a hint that there are
new ones. So a wake that is lost costs at most `fallback` seconds and never a nudge.
"""

import contextlib
import logging
import re
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.utils import DatabaseError, InterfaceError

from goodword.core.transactions import in_this_transaction

CHANNEL = "goodword"
_NAME = re.compile(r"[a-z][a-z0-9_.-]*")
logger = logging.getLogger("goodword.live")
Cursor = TypeVar("Cursor")


@dataclass(frozen=True, slots=True)
class Nudge:
    """`name` is the event that a page listens for, `topic` what it is about, as "case:12"."""

    name: str
    topic: str
    payload: Mapping[str, object] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise ValueError(f"{self.name!r} is no name of an event: use a-z, 0-9, _ . -")


ReadSince = Callable[[Cursor | None], tuple[Cursor, Sequence[Nudge]]]
Publish = Callable[[Sequence[Nudge]], None]


def notify(using: str = "default") -> None:
    """Wake the broadcasters of all processes when the present transaction commits.

    To be called in the transaction that writes the rows. PostgreSQL sends it at the commit and
    folds repeats into one; SQLite needs nothing, because its file says that it changed.
    """
    connection = connections[using]
    if connection.vendor == "postgresql":
        told = in_this_transaction(using, "told", set[str])
        if CHANNEL not in told:
            with connection.cursor() as cursor:
                cursor.execute(f"NOTIFY {CHANNEL}")
            told.add(CHANNEL)


class Broadcaster:
    """A thread that reads new rows as soon as there are any, and publishes their nudges.

    `read_since(None)` gives the present end and no nudges; `read_since(cursor)` what came after.
    It runs on this thread's own database connection, outside of a transaction. The first commit
    after a quiet time is told at once, and what follows within `poll` seconds in one read.
    """

    def __init__(
        self,
        read_since: ReadSince[Cursor],
        publish: Publish,
        *,
        using: str = "default",
        poll: float = 0.25,
        fallback: float = 20.0,
    ) -> None:
        self._read_since: ReadSince[Cursor] = read_since
        self._publish, self._using = publish, using
        self._poll, self._fallback = poll, fallback
        self._cursor: Cursor | None = None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="broadcaster", daemon=True)
        self.is_following = threading.Event()

    def start(self) -> None:
        self._thread.start()

    def stop(self, within: float = 3.0) -> None:
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(within)

    def _run(self) -> None:
        pause = 0.5
        while not self._stop.is_set():
            try:
                for _ in self._wakes(connections[self._using]):
                    self._read()
                    pause = 0.5
            except (DatabaseError, InterfaceError, OSError) as error:
                logger.warning("Live updates wait for the database: %s", error)
            except Exception:
                logger.exception("Live updates stopped and start again")
            self.is_following.clear()
            with contextlib.suppress(Exception):
                connections[self._using].close()
            self._stop.wait(pause)
            pause = min(pause * 2, 5.0)

    def _read(self) -> None:
        first = self._cursor is None
        self._cursor, nudges = self._read_since(self._cursor)
        if nudges and not first:
            self._publish(nudges)
        self.is_following.set()

    def _wakes(self, connection: BaseDatabaseWrapper) -> Iterator[None]:
        """Once at once, then whenever rows may have come; ends when the thread is to stop."""
        connection.ensure_connection()
        if connection.vendor == "postgresql":
            return self._notifications(connection)
        return self._file_changes(connection)

    def _file_changes(self, connection: BaseDatabaseWrapper) -> Iterator[None]:
        """https://www.sqlite.org/pragma.html#pragma_data_version: 2 µs, and no lock taken."""
        seen, waited = None, 0.0
        while not self._stop.is_set():
            # The raw connection, because Django's cursor costs twenty times the question.
            version = connection.connection.execute("PRAGMA data_version").fetchone()[0]
            if version != seen or waited >= self._fallback:
                # Noted before the read: a commit in between is then read twice, never missed.
                seen, waited = version, 0.0
                yield
            self._stop.wait(self._poll)
            waited += self._poll

    def _notifications(self, connection: BaseDatabaseWrapper) -> Iterator[None]:
        with connection.cursor() as cursor:
            cursor.execute(f"LISTEN {CHANNEL}")
        waited = self._fallback
        while not self._stop.is_set():
            if waited >= self._fallback:
                waited = 0.0
                yield
                # Of eighty commits a second each woke us, and was a read of its own.
                self._stop.wait(self._poll)
            heard = connection.connection.notifies(timeout=self._poll, stop_after=1)
            waited = self._fallback if list(heard) else waited + self._poll
