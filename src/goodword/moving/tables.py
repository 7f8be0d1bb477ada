"""The tables of a desk, read the same way from both databases: in batches by key, and as a sum."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from json import dumps
from typing import Any

from django.apps import apps
from django.db import DatabaseError, IntegrityError, connections
from django.db.models import BinaryField, Field, ForeignKey, JSONField, Model, TextField

AT_ONCE, FEW_AT_ONCE = 2000, 20
FETCHED = 200
OCTETS_AT_ONCE = 8_000_000
# What searching makes anew from the rest; the worker does, at the other end.
MADE_ANEW = {"finding_stale", "finding_filling", "finding_name", "finding_code"}
_ALL = 1 << 256
_PLAIN: dict[type, str] = {
    kind: kind.__name__ for kind in (str, int, bool, type(None))
}  # most of all values

Row = tuple[Any, ...]


class NoMove(Exception):
    """A sentence for a person: why nothing can be moved, or no further."""


@dataclass(frozen=True)
class Sum:
    """What two databases must agree on: how many rows, and one hash of all, in whatever order."""

    rows: int
    hash: str


class Table:
    """One table, by its model; `alias` says of which database."""

    def __init__(self, model: type[Model]) -> None:
        self.model = model
        self.name = model._meta.db_table
        self.fields: Sequence[Field[Any, Any]] = [
            field for field in model._meta.concrete_fields if not field.generated
        ]
        self.key = self.fields.index(model._meta.pk)
        heavy = any(isinstance(field, BinaryField) for field in self.fields)
        self._at_once, self._fetched = (FEW_AT_ONCE, 1) if heavy else (AT_ONCE, FETCHED)
        self._long = [
            place
            for place, field in enumerate(self.fields)
            if isinstance(field, TextField | BinaryField)
        ]

    def count(self, alias: str) -> int:
        return self.model._base_manager.using(alias).count()

    def batches(self, alias: str, after: Any = None) -> Iterator[list[Row]]:
        """Every row behind the key `after`, by the key; no batch holds more than a few megabytes.

        Each batch is a question of its own, so that nothing stays open between them.
        """
        last = None if after is None else self._key_field.to_python(after)
        while batch := self._batch(alias, last):
            yield batch
            last = batch[-1][self.key]

    def write(self, alias: str, rows: Sequence[Row]) -> None:
        """Put these rows in, as they are. NoMove names the one that does not fit."""
        connection = connections[alias]
        quote = connection.ops.quote_name
        columns = ", ".join(quote(str(field.column)) for field in self.fields)
        places = ", ".join(["%s"] * len(self.fields))
        statement = f"INSERT INTO {quote(self.name)} ({columns}) VALUES ({places})"  # noqa: S608
        values = [self._for_database(row, connection) for row in rows]
        try:
            with connection.cursor() as cursor:
                cursor.executemany(statement, values)
        except (IntegrityError, DatabaseError) as error:
            said = " ".join(str(error).split())
            first, last = rows[0][self.key], rows[-1][self.key]
            raise NoMove(f"{self.name}, of the rows {first} to {last}: {said}") from error

    def sum(self, alias: str) -> Sum:
        """Read through once; rows are hashed one by one, so that their order does not matter."""
        count = total = 0
        for batch in self.batches(alias):
            count += len(batch)
            for row in batch:
                total = (total + self._hash(row)) % _ALL
        return Sum(count, f"{total:064x}")

    def told(self, row: Row) -> str:
        """The key of a row, as a text that `batches` understands."""
        return str(row[self.key])

    @property
    def _key_field(self) -> Any:
        field: Any = self.fields[self.key]
        while isinstance(field, ForeignKey):
            field = field.target_field
        return field

    def _batch(self, alias: str, last: object) -> list[Row]:
        rows = self.model._base_manager.using(alias).order_by("pk")
        if last is not None:
            rows = rows.filter(pk__gt=last)
        batch: list[Row] = []
        octets = 0
        told = rows.values_list(*(field.attname for field in self.fields))[: self._at_once]
        for row in told.iterator(chunk_size=self._fetched):
            batch.append(row)
            octets += sum(len(row[place] or b"") for place in self._long)
            if octets > OCTETS_AT_ONCE:
                break
        return batch

    def _for_database(self, row: Row, connection: Any) -> list[Any]:
        said = []
        for field, value in zip(self.fields, row, strict=True):
            if value is None and isinstance(field, JSONField) and not field.null:
                said.append(connection.ops.adapt_json_value(None, None))
            else:
                said.append(field.get_db_prep_save(value, connection=connection))
        return said

    def _hash(self, row: Row) -> int:
        said = "".join(f"{len(text)}:{text}" for text in map(canonical, row))
        return int.from_bytes(hashlib.sha256(said.encode("utf-8", "surrogatepass")).digest())


def canonical(value: object) -> str:
    """The same text for the same value, whichever database it was read from."""
    plain = _PLAIN.get(type(value))
    if plain is not None:
        return f"{plain} {value}"
    if isinstance(value, datetime):
        return "at " + value.astimezone(UTC).isoformat(timespec="microseconds")
    if isinstance(value, bytes | memoryview):
        return "octets " + hashlib.sha256(value).hexdigest()
    if isinstance(value, dict | list):
        return "data " + dumps(value, sort_keys=True)
    return f"{type(value).__name__} {value}"


def tables() -> list[Table]:
    """All that a desk has, each once; not what is made anew from the rest."""
    found: dict[str, type[Model]] = {}
    for model in apps.get_models(include_auto_created=True):
        about = model._meta
        if about.managed and not about.proxy and about.db_table not in MADE_ANEW:
            found[about.db_table] = model
    return [Table(found[name]) for name in sorted(found)]
