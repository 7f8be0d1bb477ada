"""What ties tables together: taken off while rows come in by table, put back and proved after.

Nothing here needs a superuser; the owner of the tables may do all of it.
"""

from collections.abc import Sequence

from django.db import connections, transaction

from goodword.moving.progress import Progress
from goodword.moving.tables import NoMove, Table

_FOREIGN_KEYS = """
    SELECT c.conrelid::regclass::text, c.conname, pg_get_constraintdef(c.oid)
    FROM pg_constraint c WHERE c.contype = 'f' AND c.connamespace = current_schema()::regnamespace
"""
_TRIGGERS = """
    SELECT tgname, tgrelid::regclass::text FROM pg_trigger
    WHERE NOT tgisinternal AND starts_with(tgname, 'finding_')
"""


def loosen(alias: str, progress: Progress) -> None:
    """No foreign keys, and no triggers that would mark each row for the search."""
    connection = connections[alias]
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA foreign_keys = OFF")  # of this connection alone
    with transaction.atomic(using=alias), connection.cursor() as cursor:
        quote = connection.ops.quote_name
        if connection.vendor == "sqlite":
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
            for (name,) in cursor.fetchall():
                cursor.execute(f"DROP TRIGGER {quote(name)}")
            return
        cursor.execute(_TRIGGERS)
        for name, table in cursor.fetchall():
            cursor.execute(f"DROP TRIGGER {quote(name)} ON {table}")
        cursor.execute(_FOREIGN_KEYS)
        for table, name, definition in cursor.fetchall():
            progress.put("tie", f"{table} {name}", definition)
            cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {quote(name)}")


def tighten(alias: str, progress: Progress) -> None:
    """Every foreign key back, and every row proved by it. NoMove names what hangs on nothing."""
    connection = connections[alias]
    for tie, definition in sorted(progress.all("tie").items()):
        table, _space, name = tie.partition(" ")
        with transaction.atomic(using=alias), connection.cursor() as cursor:
            quoted = connection.ops.quote_name(name)
            cursor.execute(f"ALTER TABLE {table} ADD CONSTRAINT {quoted} {definition}")
            progress.drop("tie", tie)
    refuse_loose_ends(alias)


def refuse_loose_ends(alias: str) -> None:
    """https://www.sqlite.org/pragma.html#pragma_foreign_key_check; PostgreSQL proves by itself."""
    if connections[alias].vendor != "sqlite":
        return
    with connections[alias].cursor() as cursor:
        cursor.execute("PRAGMA foreign_key_check")
        loose = cursor.fetchone()
    if loose is not None:
        table, row, parent, _number = loose
        raise NoMove(f"{table} {row}: what it belongs to in {parent} is gone. Run goodword verify.")


def empty(alias: str, tables: Sequence[str]) -> None:
    """Throw away what is in these; foreign keys are off."""
    connection = connections[alias]
    names = [connection.ops.quote_name(name) for name in tables]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(f"TRUNCATE {', '.join(names)}")
            return
        for name in names:
            cursor.execute(f"DELETE FROM {name}")  # noqa: S608


def go_on_counting(source: str, target: str, tables: Sequence[Table]) -> None:
    """The next key is the one that the source would give: a key of a row that is gone stays so."""
    for table in tables:
        last = _last_key(source, table)
        if last is not None:
            _count_from(target, table, last)


def _last_key(alias: str, table: Table) -> int | None:
    """The last key that was given out; None where none was, or keys are not counted."""
    connection = connections[alias]
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [table.name])
        else:
            sequence = _sequence_of(alias, table)
            if sequence is None:
                return None
            cursor.execute(f"SELECT last_value FROM {sequence} WHERE is_called")  # noqa: S608
        found = cursor.fetchone()
    return int(found[0]) or None if found else None


def _count_from(alias: str, table: Table, last: int) -> None:
    connection = connections[alias]
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("DELETE FROM sqlite_sequence WHERE name = %s", [table.name])
            statement = "INSERT INTO sqlite_sequence (name, seq) VALUES (%s, %s)"
            cursor.execute(statement, [table.name, last])
        else:
            cursor.execute("SELECT setval(%s, %s)", [_sequence_of(alias, table), last])


def _sequence_of(alias: str, table: Table) -> str | None:
    column = table.model._meta.pk.column
    with connections[alias].cursor() as cursor:
        quoted = connections[alias].ops.quote_name(table.name)
        cursor.execute("SELECT pg_get_serial_sequence(%s, %s)", [quoted, column])
        found = cursor.fetchone()
    return str(found[0]) if found and found[0] else None
