"""What was erased is still legible in the free room of a database, until that is written anew."""

from __future__ import annotations

import shutil
from datetime import datetime
from pathlib import Path

from django.db import connection, transaction

from goodword import clock
from goodword.core.time import now
from goodword.finding.index import TABLES
from goodword.journal.models import Entry
from goodword.journal.recording import record
from goodword.staff.models import Business

# Nobody can write while it runs. Of this size it is over in less than a minute on a plain disk.
LARGEST = 2 * 1024**3
NIGHT = range(1, 5)
QUIETEST = 3


def is_scrubbing_due() -> bool:
    """Whether somebody was erased since the last time."""
    desk = Entry.objects.filter(chain="desk").order_by("-seq")
    last = desk.filter(kind__in=("person_erased", "scrubbed")).values_list("kind", flat=True)
    return last.first() == "person_erased"


def scrub_by_night() -> bool:
    """Scrub where it is due, nobody waits for us, and it takes no long; whether it did."""
    if not is_scrubbing_due() or not is_night(now()) or is_too_large():
        return False
    scrub()
    return True


def is_night(at: datetime) -> bool:
    """Between one and five where the business is closed; between three and four in any case."""
    hours = Business.current().schedule.hours
    hour = at.astimezone(hours.zone_info).hour
    return hour in NIGHT and (hour == QUIETEST or not clock.is_open(at, hours))


def is_too_large() -> bool:
    """To be done by itself: it takes too long, or the disk has no room for a second one."""
    if connection.vendor != "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_database_size(current_database())")
            return int(cursor.fetchone()[0]) > LARGEST
    file = Path(str(connection.settings_dict["NAME"]))
    size = file.stat().st_size
    return size > LARGEST or shutil.disk_usage(file.parent).free < 2 * size + LARGEST // 8


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
