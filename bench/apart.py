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
# What is merged is merged word by word, and a word that is in all messages takes a second. On a
# desk that grew message by message the old ones lie on a level that is reached once in years; what
# was written at once lies on the third, which is reached within a minute. So it is put this much
# higher, as the structure record of FTS5 has it.
STRUCTURE, HIGHER = 10, 6
_SECOND_VERSION = b"\xff\x00\x00\x01"


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
        read = f"SELECT block FROM {WORDS}_data WHERE id = {STRUCTURE}"
        [block] = self._open.execute(read).fetchone()
        write = f"UPDATE {WORDS}_data SET block = ? WHERE id = {STRUCTURE}"
        self._open.execute(write, [as_if_grown(block)])
        self._open.close()

    def take_over(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("ATTACH %s AS apart", [str(self._file)])
            for part in PARTS:
                cursor.execute(f"DELETE FROM {WORDS}_{part}")
                cursor.execute(f"INSERT INTO {WORDS}_{part} SELECT * FROM apart.{WORDS}_{part}")
        # It stays attached until the connection goes, as the transaction is still open.
        self._file.unlink()


def as_if_grown(block: bytes) -> bytes:
    """The record with empty levels below what there is: a cookie, the version, then numbers of
    one octet each as long as they are below 128: how many levels, and of each how many are being
    merged and how many segments it has."""
    head = 4 + len(_SECOND_VERSION)
    if block[4:head] != _SECOND_VERSION or block[head] + HIGHER > 127:
        raise ValueError("FTS5 writes its structure in another way by now: see as_if_grown")
    rest = block[head + 1 :]
    lengths = [_length(rest, 0)]
    lengths.append(_length(rest, lengths[0]))
    before = sum(lengths)  # the number of segments, and what was written so far
    levels = bytes(2 * HIGHER)
    return block[:head] + bytes([block[head] + HIGHER]) + rest[:before] + levels + rest[before:]


def _length(numbers: bytes, start: int) -> int:
    """Octets of the number that begins there: all but its last have their highest bit set."""
    end = start
    while numbers[end] & 0x80:
        end += 1
    return end - start + 1
