"""A statement given to SQLite without what Django does around each one.

A cursor of Django's, its checks and its wrappers cost several times what a small question costs.
What they are there for stays: errors are Django's, a transaction that failed takes nothing more,
and where statements are counted, logged or wrapped they go Django's way.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.sqlite3.base import FORMAT_QMARK_REGEX

_marked: dict[str, str] = {}
MOST = 2000  # statements that are known, which is more than there are


def go_short(connection: BaseDatabaseWrapper) -> bool:
    """Whether a statement may go to the driver now."""
    return (
        connection.vendor == "sqlite"
        and not connection.execute_wrappers
        and not connection.queries_logged
    )


def execute(connection: BaseDatabaseWrapper, sql: str, values: Sequence[Any]) -> Any:
    """The driver's own cursor, for a statement whose values are marked as Django marks them."""
    connection.ensure_connection()
    if connection.needs_rollback:
        connection.validate_no_broken_transaction()
    with connection.wrap_database_errors:
        return connection.connection.execute(_marked.get(sql) or _mark(sql), values)


def _mark(sql: str) -> str:
    if len(_marked) >= MOST:
        _marked.clear()
    marked = _marked[sql] = FORMAT_QMARK_REGEX.sub("?", sql).replace("%%", "%")
    return marked


def instant_of(connection: BaseDatabaseWrapper, at: datetime) -> Any:
    """An instant as the database is given it."""
    if at.tzinfo is UTC and connection.vendor == "sqlite" and connection.timezone is UTC:
        return at.isoformat(" ")[:-6]
    return connection.ops.adapt_datetimefield_value(at)


def rows(connection: BaseDatabaseWrapper, sql: str, values: Sequence[Any]) -> list[Any]:
    found = execute(connection, sql, values)
    with connection.wrap_database_errors:
        return list(found.fetchall())
