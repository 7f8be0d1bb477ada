"""The words of the index on SQLite, written by the process that makes the rows.

They go into a file of their own, which the database takes over as it stands: so both cores work.
"""

import os
from pathlib import Path
from typing import Any

from django.db import connection

from bench.bulk import Row
from goodword.finding.index import WORDS

# What FTS5 gathers before it writes; its own megabyte is for those who write a row at a time.
GATHERED = 64 * 1024 * 1024
# https://www.sqlite.org/fts5.html#fts5_data_structures: all but what it is set to.
PARTS = ("data", "idx", "docsize")


class WordsApart:
    """Made before the fork; `open`, `put` and `close` in the child, `take_over` in the parent."""

    def __init__(self) -> None:
        self._file = Path(os.environ["GOODWORD_DATA"]) / "words.sqlite3"
        with connection.cursor() as cursor:
            cursor.execute("SELECT sql FROM sqlite_master WHERE name = %s", [WORDS])
            self._made_by = str(cursor.fetchone()[0])
        self._open: Any = None

    def open(self) -> None:
        import pysqlite3

        self._open = pysqlite3.connect(str(self._file), isolation_level=None)
        for said in ("journal_mode=OFF", "synchronous=OFF", "locking_mode=EXCLUSIVE"):
            self._open.execute(f"PRAGMA {said}")
        self._open.execute(self._made_by)
        self._open.execute(f"INSERT INTO {WORDS} ({WORDS}, rank) VALUES ('hashsize', {GATHERED})")
        self._open.execute("BEGIN")

    def put(self, rows: list[Row]) -> None:
        self._open.executemany(f"INSERT INTO {WORDS} (rowid, said) VALUES (?, ?)", rows)

    def close(self) -> None:
        self._open.execute("COMMIT")
        self._open.close()

    def take_over(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("ATTACH %s AS apart", [str(self._file)])
            for part in PARTS:
                cursor.execute(f"DELETE FROM {WORDS}_{part}")
                cursor.execute(f"INSERT INTO {WORDS}_{part} SELECT * FROM apart.{WORDS}_{part}")
        # It stays attached until the connection goes, as the transaction is still open.
        self._file.unlink()
