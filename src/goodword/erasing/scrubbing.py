"""What was erased is still legible in the free room of a database, until that is written anew."""

from __future__ import annotations

from django.db import connection, transaction

from goodword.finding.index import TABLES
from goodword.journal.models import Entry
from goodword.journal.recording import record


def is_scrubbing_due() -> bool:
    """Whether somebody was erased since the last time."""
    desk = Entry.objects.filter(chain="desk").order_by("-seq")
    last = desk.filter(kind__in=("person_erased", "scrubbed")).values_list("kind", flat=True)
    return last.first() == "person_erased"


def scrub() -> None:
    """Write the whole database anew, without free room. Nobody can write meanwhile.

    An index of words keeps what was taken out of it until it is merged into one. The journal of
    changes of PostgreSQL (WAL) and copies made before are not ours to rewrite.
    """
    if connection.vendor == "sqlite":
        _scrub_sqlite()
    else:
        _run("VACUUM (FULL, ANALYZE)")
    with transaction.atomic():
        record(None, "scrubbed", by="system")


def _scrub_sqlite() -> None:
    _run("PRAGMA secure_delete=ON")
    for table in TABLES:
        # https://www.sqlite.org/fts5.html#the_optimize_command
        _run(f"INSERT INTO {table}({table}) VALUES('optimize')")
    _run("VACUUM")
    _run("PRAGMA wal_checkpoint(TRUNCATE)")


def _run(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)
