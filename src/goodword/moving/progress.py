"""How far a move has come, kept in the other database until it is done.

One table, `goodword_move`, of (kind, name, value): the source, the last key of each table, and
the foreign keys that were taken off. As long as it is there the database is nobody's desk.
"""

import json
from typing import Any

from django.db import connections, transaction

TABLE = "goodword_move"


class Progress:
    def __init__(self, alias: str) -> None:
        self._alias = alias

    @property
    def is_there(self) -> bool:
        return TABLE in connections[self._alias].introspection.table_names()

    def begin(self, source: str) -> None:
        """Before anything else is made, so that whatever is there is known to be ours."""
        with transaction.atomic(using=self._alias):
            self._run(
                f"CREATE TABLE {TABLE} (kind varchar(20) NOT NULL, name varchar(200) NOT NULL,"
                " value text NOT NULL, PRIMARY KEY (kind, name))"
            )
            self.put("move", "source", source)

    def end(self) -> None:
        self._run(f"DROP TABLE {TABLE}")

    def get(self, kind: str, name: str) -> Any:
        return self.all(kind).get(name)

    def all(self, kind: str) -> dict[str, Any]:
        with connections[self._alias].cursor() as cursor:
            cursor.execute(f"SELECT name, value FROM {TABLE} WHERE kind = %s", [kind])  # noqa: S608
            return {name: json.loads(value) for name, value in cursor.fetchall()}

    def put(self, kind: str, name: str, value: object) -> None:
        self._run(
            f"INSERT INTO {TABLE} (kind, name, value) VALUES (%s, %s, %s)"  # noqa: S608
            " ON CONFLICT (kind, name) DO UPDATE SET value = excluded.value",
            [kind, name, json.dumps(value)],
        )

    def drop(self, kind: str, name: str) -> None:
        self._run(f"DELETE FROM {TABLE} WHERE kind = %s AND name = %s", [kind, name])  # noqa: S608

    def _run(self, statement: str, values: list[str] | None = None) -> None:
        with connections[self._alias].cursor() as cursor:
            cursor.execute(statement, values)
