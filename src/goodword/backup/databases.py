"""Copying a whole database while others write to it, and putting it back."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from secrets import token_hex
from urllib.parse import quote

import pysqlite3
from django.db import connection

from goodword.backup.folder import NoBackup, sync

SQLITE, DUMP = "database.sqlite3", "database.dump"


def copy_into(folder: Path) -> str:
    """The database as it is at this instant, into the folder; the name of the file."""
    if connection.vendor == "postgresql":
        _run("pg_dump", "--format=custom", "--no-owner", "--no-privileges",
             f"--file={folder / DUMP}", _name())  # fmt: skip
        sync(folder / DUMP)
        return DUMP
    copy_sqlite(Path(str(connection.settings_dict["NAME"])), folder / SQLITE)
    return SQLITE


def copy_sqlite(source: Path, target: Path) -> None:
    """In one step, so that it is of one instant; who writes meanwhile is not kept waiting (WAL).

    https://www.sqlite.org/backup.html
    """
    reading = pysqlite3.connect(f"file:{source}?mode=ro", uri=True)
    writing = pysqlite3.connect(target)
    try:
        reading.backup(writing, pages=-1)
    finally:
        writing.close()
        reading.close()
    target.chmod(0o600)
    sync(target)


def restore_dump(dump: Path) -> None:
    """Into the database that is configured. NoBackup where there is something in it."""
    if connection.introspection.table_names():
        raise NoBackup("The database is not empty. Name an empty one in GOODWORD_DATABASE_URL.")
    connection.close()
    _restore(dump, _name())


@contextmanager
def scratch(dump: Path) -> Iterator[str]:
    """The URL of a database that holds this dump, for as long as the block lasts."""
    name = f"goodword_scratch_{token_hex(6)}"
    _run("createdb", name)
    try:
        _restore(dump, name)
        yield _url(name)
    finally:
        _run("dropdb", "--force", name)


def _restore(dump: Path, name: str) -> None:
    _run("pg_restore", "--exit-on-error", "--no-owner", "--no-privileges", f"--dbname={name}",
         str(dump))  # fmt: skip


def _name() -> str:
    return str(connection.settings_dict["NAME"])


def _url(name: str) -> str:
    said = connection.settings_dict
    user, password = quote(said["USER"] or "", safe=""), quote(said["PASSWORD"] or "", safe="")
    host = quote(said["HOST"] or "", safe="")
    return f"postgres://{user}:{password}@{host}:{said['PORT'] or 5432}/{name}"


def _run(program: str, *arguments: str) -> None:
    if shutil.which(program) is None:
        raise NoBackup(f"{program} is not installed. It comes with PostgreSQL's client programs.")
    said = connection.settings_dict
    there = {"PGHOST": said["HOST"], "PGPORT": str(said["PORT"] or ""), "PGUSER": said["USER"],
             "PGPASSWORD": said["PASSWORD"]}  # fmt: skip
    done = subprocess.run(  # noqa: S603 - our own programs, and no shell
        [program, *arguments],
        env={**os.environ, **{name: value for name, value in there.items() if value}},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise NoBackup(f"{program} failed: {done.stderr.strip()[-500:]}")
