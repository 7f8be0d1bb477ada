"""Rows in bulk, past the ORM: millions in minutes, on either database.

While it lasts no index is kept that can be made afterwards, no trigger fires, and nothing is
durable: it is for a database that is made anew if the machine stops.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import cache, lru_cache
from typing import Any

from django.db import connection, models

Row = Sequence[object]


class Table:
    """The rows of one model: columns that vary, by their attribute, and constants for the rest."""

    def __init__(self, model: type[models.Model], *varying: str, **constant: object) -> None:
        self.name = model._meta.db_table
        usual = model(**constant)
        by_name = {field.attname: field for field in model._meta.concrete_fields}
        given = (*varying, model._meta.pk.attname)  # a key that nobody names counts itself
        rest = [name for name in by_name if name not in given]
        self.columns = [str(by_name[name].column) for name in (*varying, *rest)]
        self.constants = tuple(
            _plain(by_name[name].get_db_prep_save(getattr(usual, name), connection))
            for name in rest
        )


def put(name: str, columns: Sequence[str], rows: Iterable[Row], constants: Row = ()) -> None:
    """Write rows; each value is as `stamp`, a number, a text, a truth or None."""
    listed = ", ".join(f'"{column}"' for column in columns)
    if connection.vendor == "postgresql":
        tail = tuple(constants)
        with connection.cursor() as cursor, cursor.copy(f"COPY {name} ({listed}) FROM STDIN") as to:
            for row in rows:
                to.write_row(tuple(row) + tail)
        return
    connection.ensure_connection()
    raw: Any = connection.connection
    # What is the same in every row stands in the statement, and is not bound each time.
    said = [raw.execute("SELECT quote(?)", (value,)).fetchone()[0] for value in constants]
    values = ", ".join([*["?"] * (len(columns) - len(said)), *said])
    raw.executemany(f"INSERT INTO {name} ({listed}) VALUES ({values})", rows)


@lru_cache(256)
def stamp(at: datetime) -> str:
    """A naive instant in UTC as the database keeps it, without Django's work for each."""
    return at.isoformat(" ") + _zone()


@cache
def _zone() -> str:
    return "+00" if connection.vendor == "postgresql" else ""


def _plain(value: Any) -> object:
    """What a driver's wrapper holds; JSON goes as its text."""
    return value.dumps(value.obj) if hasattr(value, "dumps") else getattr(value, "obj", value)


@contextmanager
def unhindered(tables: Sequence[str]) -> Iterator[None]:
    """Drop what only slows writing, and make it again at the end."""
    hold = _postgresql if connection.vendor == "postgresql" else _sqlite
    with hold(tables):
        yield


@contextmanager
def _sqlite(tables: Sequence[str]) -> Iterator[None]:
    with connection.cursor() as cursor:
        # A generous cache: what is random in a large index must not go to the disk each time.
        for said in ("journal_mode=OFF", "synchronous=OFF", "cache_size=-1000000",
                     "foreign_keys=OFF", "locking_mode=EXCLUSIVE"):  # fmt: skip
            cursor.execute(f"PRAGMA {said}")
        marks = ", ".join(["%s"] * len(tables))
        cursor.execute(
            "SELECT type, name, sql FROM sqlite_master WHERE type IN ('index', 'trigger') "
            f"AND sql IS NOT NULL AND tbl_name IN ({marks})",
            list(tables),
        )
        dropped = cursor.fetchall()
        for kind, name, _sql in dropped:
            cursor.execute(f'DROP {kind} "{name}"')
    with connection.cursor() as cursor:
        cursor.execute("BEGIN")
        yield
        cursor.execute("COMMIT")
        # Indexes before triggers, as the latter are cheap and the former long.
        for _kind, _name, sql in sorted(dropped):
            cursor.execute(sql)
    # The settings of the connection come back with the next one.
    connection.close()
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA journal_mode=WAL")


@contextmanager
def _postgresql(tables: Sequence[str]) -> Iterator[None]:
    with connection.cursor() as cursor:
        # Neither triggers nor foreign keys are looked at; only a superuser may say so.
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("SET synchronous_commit = off")
        cursor.execute("SET maintenance_work_mem = '512MB'")
        cursor.execute(
            "SELECT i.relname, pg_get_indexdef(i.oid) FROM pg_index x "
            "JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class t ON t.oid = x.indrelid "
            "WHERE t.relname = ANY(%s) AND NOT EXISTS "
            "(SELECT 1 FROM pg_constraint c WHERE c.conindid = i.oid)",
            [list(tables)],
        )
        dropped = cursor.fetchall()
        for name, _sql in dropped:
            cursor.execute(f'DROP INDEX "{name}"')
        yield
        for _name, sql in dropped:
            cursor.execute(sql)
        for table in tables:
            cursor.execute("SELECT pg_get_serial_sequence(%s, 'id')", [table])
            [sequence] = cursor.fetchone()
            if sequence:
                cursor.execute(
                    f"SELECT setval('{sequence}', (SELECT coalesce(max(id), 1) FROM {table}))"
                )
    connection.close()
