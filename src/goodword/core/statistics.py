"""What the database knows of its own rows, by which it chooses how to find them.

PostgreSQL looks for itself, again and again. SQLite looks when it is told to, at all rows, while
nobody else may write; with a few of them it was misled, and without any a page of a customer took
fifteen times as long. So it is told what a desk looks like, in the way of
https://www.sqlite.org/lang_analyze.html: a small desk and a large one are asked in the same way,
and no plan changes overnight. `python -m tools.shape` writes shape.csv anew from a loaded desk.
"""

import csv
from pathlib import Path

from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper

SHAPE = Path(__file__).with_name("shape.csv")
Known = set[tuple[str, str | None, str]]  # table, index, and how many rows share its columns


def gather(connection: BaseDatabaseWrapper) -> None:
    """After the tables were changed, or many rows came at once; nothing where all is known."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            _tell(connection, cursor)
        else:
            cursor.execute("ANALYZE")


def shape() -> Known:
    """As it stands in the file."""
    with SHAPE.open(newline="") as file:
        return {(table, index or None, counts) for table, index, counts in csv.reader(file)}


def _tell(connection: BaseDatabaseWrapper, cursor: CursorWrapper) -> None:
    cursor.execute("SELECT name FROM sqlite_master WHERE type IN ('table', 'index')")
    there = {name for (name,) in cursor.fetchall()}
    wanted = {each for each in shape() if each[0] in there and (each[1] or each[0]) in there}
    if "sqlite_stat1" in there:
        cursor.execute("SELECT tbl, idx, stat FROM sqlite_stat1")
        if set(cursor.fetchall()) == wanted:
            return
    with transaction.atomic(using=connection.alias):
        cursor.execute("ANALYZE django_migrations")  # the only way to tables of these names
        cursor.execute("SELECT name FROM sqlite_master WHERE name LIKE 'sqlite_stat%%'")
        for (name,) in cursor.fetchall():
            # Samples too: with them SQLite plans a statement anew for each value that it is given.
            cursor.execute(f"DELETE FROM {name}")  # noqa: S608
        cursor.executemany(
            "INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES (%s, %s, %s)", list(wanted)
        )
    cursor.execute("ANALYZE sqlite_schema")  # which reads it, and nothing else
