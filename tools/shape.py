"""Write down what a desk looks like to SQLite: `python -m tools.shape FOLDER`.

FOLDER is a desk of 100,000 cases (`python -m bench load --cases 100000 --keep FOLDER`), which stays
as it is. Of each index: how many rows there are, and how many of them share its first column, its
first two, and so on. A column that is empty in every row is said to share all of them: else what
asks for empty ones would begin there.
"""

import csv
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import django
import pysqlite3

# Nearly all rows of a desk are over: settled, kept, sent. Nobody asks for those by their state,
# so that a state leads to as many rows as are going on: which figure, and at most how many.
ASKED = {
    "case_by_urgency": (1, 1500),
    "case_move_last": (1, 1500),
    "case_owner_move": (2, 75),
    "case_team_move": (2, 400),
    "promise_state_due": (1, 1500),
    "promise_owner_due": (2, 75),
    "outgoing_state": (1, 50),
    # Of what was kept or ended, a day or two.
    "promise_kept_at": (0, 3000),
    "promise_ended_at": (0, 3000),
}


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
    for table, index, counts in found:
        if table in ours:
            yield table, index or "", _as_asked(index, counts)


def _as_asked(index: str | None, counts: str) -> str:
    place, most = ASKED.get(index or "", (9, 0))
    figures = [int(each) for each in counts.split()]
    return " ".join(str(min(each, most) if place <= n else each) for n, each in enumerate(figures))


if __name__ == "__main__":
    main()
