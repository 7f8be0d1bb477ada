"""A statement given to the database's driver without what Django does around each one.

A cursor of Django's, its checks and its wrappers cost several times what a small question costs.
What they are there for stays: errors are Django's, a transaction that failed takes nothing more,
and where statements are counted, logged or wrapped they go Django's way.

PostgreSQL parses and plans such a statement once for each connection, where with Django it does
so each time. That was half of what it did for a page.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import count
from typing import Any
from uuid import UUID

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.sqlite3.base import FORMAT_QMARK_REGEX

_marked: dict[tuple[str, str], str] = {}
MOST = 2000  # statements that are known, which is more than there are
# As many as SQLite's driver keeps for us; psycopg's own hundred would be thrown out in turns.
PREPARED = 200


def go_short(connection: BaseDatabaseWrapper) -> bool:
    """Whether a statement may go to the driver now."""
    return not connection.execute_wrappers and not connection.queries_logged


def execute(connection: BaseDatabaseWrapper, sql: str, values: Sequence[Any]) -> Any:
    """The driver's own cursor, for a statement whose values are marked as Django marks them."""
    connection.ensure_connection()
    if connection.needs_rollback:
        connection.validate_no_broken_transaction()
    marked = _marked.get((connection.vendor, sql)) or _mark(connection.vendor, sql)
    with connection.wrap_database_errors:
        return _cursor(connection).execute(marked, values)


def _cursor(connection: BaseDatabaseWrapper) -> Any:
    driver: Any = connection.connection
    if connection.vendor == "sqlite":
        return driver
    from psycopg import RawCursor

    driver.prepared_max = PREPARED
    return RawCursor(driver)


def _mark(vendor: str, sql: str) -> str:
    if len(_marked) >= MOST:
        _marked.clear()
    number = count(1)
    mark = (lambda _found: "?") if vendor == "sqlite" else (lambda _found: f"${next(number)}")
    marked = FORMAT_QMARK_REGEX.sub(mark, sql).replace("%%", "%")
    _marked[vendor, sql] = marked
    return marked


def untyped(connection: BaseDatabaseWrapper, values: Sequence[Any]) -> Sequence[Any]:
    """Values to be written, so that each is of whatever type its column is.

    psycopg calls 7 a smallint and 70,000 an integer, and nothing at all has no type: for
    PostgreSQL a statement whose values have other types is another statement, planned anew.
    """
    if connection.vendor == "sqlite":
        return values
    typed = (int, bool, datetime, UUID)
    return [str(value) if type(value) in typed else value for value in values]


def instant_of(connection: BaseDatabaseWrapper, at: datetime) -> Any:
    """An instant as the database is given it."""
    if at.tzinfo is UTC and connection.vendor == "sqlite" and connection.timezone is UTC:
        return at.isoformat(" ")[:-6]
    return connection.ops.adapt_datetimefield_value(at)


def rows(connection: BaseDatabaseWrapper, sql: str, values: Sequence[Any]) -> list[Any]:
    found = execute(connection, sql, values)
    with connection.wrap_database_errors:
        return list(found.fetchall())
