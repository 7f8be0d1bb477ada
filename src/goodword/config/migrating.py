"""Bringing the database up to the code: by one process at a time, and never backwards."""

import fcntl
import socket
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import DEFAULT_DB_ALIAS, connection
from django.db.migrations.loader import MigrationLoader

from goodword.config.beginning import Trouble
from goodword.core.server.meanwhile import answering
from goodword.core.statistics import gather
from goodword.moving.progress import Progress

_LOCK = 0x600D_3012


def pending() -> list[str]:
    """Names of the steps that this code has and the database has not taken."""
    loader = MigrationLoader(connection)
    taken = set(loader.applied_migrations or {})
    return [f"{app}.{name}" for app, name in sorted(loader.graph.nodes) if (app, name) not in taken]


def from_the_future() -> list[str]:
    """Names of the steps of ours that the database has taken and this code does not know."""
    loader = MigrationLoader(connection)
    known = set(loader.disk_migrations or {})
    taken = sorted(loader.applied_migrations or {})
    ours = loader.migrated_apps or set()
    return [f"{app}.{name}" for app, name in taken if app in ours and (app, name) not in known]


def steps_taken() -> list[str]:
    """Names of the steps that the database has taken."""
    taken = MigrationLoader(connection).applied_migrations or {}
    return [f"{app}.{name}" for app, name in sorted(taken)]


def migrate(*, sock: socket.socket | None = None, is_moving: bool = False) -> int:
    """Take the steps that are missing; how many. Trouble for a database that is newer than us.

    Whoever asks for a page on `sock` meanwhile is told to come back.
    """
    refuse_the_future()
    if not is_moving:
        refuse_the_half_moved()
    taken = _take_steps(sock) if pending() else 0
    if connection.vendor == "sqlite":
        gather(connection)  # PostgreSQL looks for itself
    return taken


def _take_steps(sock: socket.socket | None) -> int:
    with answering(sock) if sock else nullcontext(), _alone():
        refuse_the_future()
        steps = pending()
        if steps:
            call_command("migrate", interactive=False, verbosity=0)
        return len(steps)


def refuse_the_future() -> None:
    newer = from_the_future()
    if newer:
        raise Trouble(
            f"This data was written by a newer Goodword (it knows {newer[-1]}, this version does "
            "not). Install that version again, or restore the copy from before the upgrade."
        )


def refuse_the_half_moved() -> None:
    if Progress(DEFAULT_DB_ALIAS).is_there:
        raise Trouble(
            "This database is half of a desk: goodword migrate-to was stopped on the way. Run it "
            "again, from the desk that it came from; it goes on where it was."
        )


@contextmanager
def _alone() -> Iterator[None]:
    """Several parts may start at once; one of them migrates and the others wait for it."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [_LOCK])
            try:
                yield
            finally:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [_LOCK])
        return
    with (Path(settings.DATA) / "migrating.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
