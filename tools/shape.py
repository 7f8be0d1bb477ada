"""Write down what a desk looks like to SQLite: `python -m tools.shape FOLDER`.

FOLDER is a desk of 100,000 cases (`python -m bench load --cases 100000 --keep FOLDER`), which stays
as it is. Of each index: how many rows there are, and how many of them share its first column, its
first two, and so on. A column that is empty in every row is said to share all of them: else what
asks for empty ones would begin there. Of a table without rows nothing is said.
"""

import csv
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import django
import pysqlite3


def main() -> None:
    [folder] = sys.argv[1:]
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "goodword.config.settings_test")
    django.setup()
    from goodword.core.statistics import SHAPE

    rows = sorted(_looked_at(Path(folder) / "goodword.sqlite3"))
    with SHAPE.open("w", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)
    print(f"{len(rows)} lines in {SHAPE.name}")


def _looked_at(database: Path) -> Iterator[tuple[str, str, str]]:
    from django.apps import apps

    ours = {model._meta.db_table for model in apps.get_models(include_auto_created=True)}
    with pysqlite3.connect(database, isolation_level=None) as connection:
        connection.execute("BEGIN")
        connection.execute("ANALYZE")
        found = connection.execute("SELECT tbl, idx, stat FROM sqlite_stat1").fetchall()
        connection.execute("ROLLBACK")
    connection.close()
    filled = {table for table, _index, counts in found if not counts.startswith("0 ")}
    for table, index, counts in found:
        if table in ours & filled:
            yield table, index or "", counts


if __name__ == "__main__":
    main()
