"""What was counted is known until anything at all is written.

A count of what is open takes as long as there is open work, and every page shows some. The database
itself says whether anything was committed since; nobody has to think of what a count depends on.
What goes by the clock is known until the next instant that changes it.
"""

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

Found = TypeVar("Found")
MOST = 500


@dataclass
class _Count:
    since: datetime
    until: datetime | None
    found: Any


@dataclass
class _Known:
    """Of one connection, as long as the database stands as it does."""

    stand: Hashable
    counts: dict[Hashable, _Count]


_known: WeakKeyDictionary[BaseDatabaseWrapper, _Known] = WeakKeyDictionary()


def while_unchanged(
    key: Hashable,
    at: datetime,
    changes_after: Callable[[datetime], datetime | None],
    ask: Callable[[], Found],
) -> Found:
    """What `ask` gives, asked once until something is written, or the clock changes it.

    `changes_after` tells the next instant at which what is found could differ without a write.
    """
    connection = connections["default"]
    stand = _stand(connection)
    if stand is None:
        return ask()
    known = _known.get(connection)
    if known is None or known.stand != stand or len(known.counts) >= MOST:
        known = _known[connection] = _Known(stand, {})
    count = known.counts.get(key)
    if count is None or not (count.since <= at and (count.until is None or at < count.until)):
        count = known.counts[key] = _Count(at, changes_after(at), ask())
    found: Found = count.found
    return found


def can_be_told() -> bool:
    """Whether the database says now what has changed: not within a transaction."""
    return _stand(connections["default"]) is not None


def _stand(connection: BaseDatabaseWrapper) -> Hashable:
    """Differs from before where anything was committed since; None where that is not known.

    Within a transaction we see what may yet be taken back.
    """
    connection.ensure_connection()
    if connection.in_atomic_block or not connection.get_autocommit():
        return None
    if connection.vendor == "sqlite":
        # Of this very connection, which is held so that no other one can be taken for it.
        ours = connection.connection
        with connection.wrap_database_errors:
            [others] = ours.execute("PRAGMA data_version").fetchone()
        return (ours, others, ours.total_changes)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_snapshot()::text")
        return str(cursor.fetchone()[0])
