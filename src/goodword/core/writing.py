"""Rows written in statements that are made once, for what is written with every mail.

`save` and `update` make their SQL anew each time, which costs several times what the database
needs. `core.compare.change` goes through here; `put` is for what a mail or a message of ours
becomes, and everywhere else `create` is the simpler way. Reading has `core/prepared.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from django.db import DEFAULT_DB_ALIAS, connections, models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.base import ModelState
from django.db.models.fields.related_descriptors import ForeignKeyDeferredAttribute
from django.db.models.query_utils import DeferredAttribute
from django.db.models.signals import post_init, pre_init

from goodword.core import statements
from goodword.core.statements import instant_of

Row = TypeVar("Row", bound=models.Model)
_WHOLE = (models.AutoField, models.IntegerField)
_tables: WeakKeyDictionary[BaseDatabaseWrapper, dict[type[models.Model], _Table]] = (
    WeakKeyDictionary()
)


class _Column:
    """A field, and how a value of it is passed on."""

    def __init__(self, field: Any, of: BaseDatabaseWrapper) -> None:
        self.field, self.name, self.attname = field, field.column, field.attname
        self._connection = of
        own = field
        while isinstance(own, models.ForeignKey):
            own = own.target_field
        self._is_instant = isinstance(own, models.DateTimeField)
        self._plain: type | None = None
        if isinstance(own, models.BooleanField):
            self._plain = bool
        elif isinstance(own, models.CharField | models.TextField):
            self._plain = str
        elif isinstance(own, _WHOLE):
            self._plain = int

    def value(self, value: Any) -> Any:
        # What the field would pass on unchanged; asking it costs most of what an insert costs.
        if value is None or type(value) is self._plain:
            return value
        if self._plain is str and isinstance(value, str):
            return value
        if self._is_instant and type(value) is datetime and value.tzinfo is not None:
            return instant_of(self._connection, value)
        if isinstance(value, models.Model):
            value = value.prepare_database_save(self.field)
        return self.field.get_db_prep_save(value, connection=self._connection)

    @property
    def is_comparable(self) -> bool:
        return not isinstance(self.field, models.JSONField | models.BinaryField)


class _Table:
    """The statements of one model on one connection."""

    def __init__(self, model: type[models.Model], of: BaseDatabaseWrapper) -> None:
        self.quoted = of.ops.quote_name
        self.name = self.quoted(model._meta.db_table)
        self.columns = {field.name: _Column(field, of) for field in model._meta.concrete_fields}
        pk = model._meta.pk
        self.key = self.columns[pk.name]
        self.has_own_key = isinstance(pk, models.AutoField)
        written = self.columns.values()
        self.written = [each for each in written if not self.has_own_key or each is not self.key]
        self.inserts: dict[tuple[tuple[str, ...], tuple[str, ...]], str] = {}
        self.updates: dict[Any, str | None] = {}

    def insert(self, sets: tuple[str, ...], unique: tuple[str, ...]) -> str:
        if (sets, unique) not in self.inserts:
            quoted = self.quoted
            names = ", ".join(quoted(each.name) for each in self.written)
            marks = ", ".join("%s" for _ in self.written)
            sql = f"INSERT INTO {self.name} ({names}) VALUES ({marks})"  # noqa: S608
            if unique:
                what = ", ".join(quoted(self.columns[each].name) for each in unique)
                to = [quoted(self.columns[each].name) for each in sets]
                new = ", ".join(f"{each} = EXCLUDED.{each}" for each in to)
                sql += f" ON CONFLICT ({what}) DO " + (f"UPDATE SET {new}" if to else "NOTHING")
            if self.has_own_key:
                sql += f" RETURNING {quoted(self.key.name)}"
            self.inserts[sets, unique] = sql
        return self.inserts[sets, unique]

    def update(self, was: dict[str, Any], to: dict[str, Any]) -> str | None:
        """None where only the ORM can say it: other lookups, expressions, JSON compared."""
        key = (tuple(to), tuple((name, value is None) for name, value in was.items()))
        if key not in self.updates:
            self.updates[key] = self._update(was, to)
        return self.updates[key]

    def _update(self, was: dict[str, Any], to: dict[str, Any]) -> str | None:
        known = self.columns
        if not to or any(name not in known for name in (*was, *to)):
            return None
        if any(not known[name].is_comparable for name in was):
            return None
        quoted = self.quoted
        sets = ", ".join(f"{quoted(known[name].name)} = %s" for name in to)
        where = [f"{quoted(self.key.name)} = %s"]
        for name, value in was.items():
            where.append(quoted(known[name].name) + (" IS NULL" if value is None else " = %s"))
        return f"UPDATE {self.name} SET {sets} WHERE {' AND '.join(where)}"  # noqa: S608


def _table(model: type[models.Model], of: BaseDatabaseWrapper) -> _Table:
    known = _tables.setdefault(of, {})
    if model not in known:
        known[model] = _Table(model, of)
    return known[model]


class _writing:
    """What executes a statement, and no half of a transaction where it fails.

    As Django's own `save` and `update`. A class: a generator would cost as much as the rest.
    """

    def __init__(self, database: BaseDatabaseWrapper) -> None:
        self._database = database
        self._cursor: Any = None

    def __enter__(self) -> Callable[[str, Sequence[Any]], Any]:
        return self._execute

    def _execute(self, sql: str, values: Sequence[Any]) -> Any:
        if statements.go_short(self._database):
            values = statements.untyped(self._database, values)
            self._cursor = statements.execute(self._database, sql, values)
        else:
            self._cursor = self._database.cursor()
            self._cursor.execute(sql, values)
        return self._cursor

    def __exit__(self, kind: object, error: object, _trace: object) -> None:
        if self._cursor is not None:
            self._cursor.close()
        if error is not None and self._database.in_atomic_block:
            self._database.needs_rollback = True


class _Making:
    """What a row of one model has where nothing else is said."""

    def __init__(self, model: type[models.Model]) -> None:
        fields = model._meta.concrete_fields
        self.is_plain = (
            model.__init__ is models.Model.__init__
            and not (pre_init.has_listeners(model) or post_init.has_listeners(model))
            and all(type(getattr(model, each.attname)) in _PUT_ALONE for each in fields)
        )
        self.made = [
            (f.attname, f.default) for f in fields if f.has_default() and callable(f.default)
        ]
        made = {name for name, _make in self.made}
        self.given = {f.attname: f.get_default() for f in fields if f.attname not in made}
        self.names = {f.attname for f in fields}
        self.relations = {
            f.name: (f.attname, f.target_field.attname)
            for f in fields
            if isinstance(f, models.ForeignKey) and not f.one_to_one
        }


_PUT_ALONE = (DeferredAttribute, ForeignKeyDeferredAttribute)
_makings: dict[type[models.Model], _Making] = {}


def new(model: type[Row], **values: Any) -> Row:
    """`model(**values)` the short way, where Django would do no more than to put them in place."""
    how = _makings.get(model) or _makings.setdefault(model, _Making(model))
    if not how.is_plain or not all(name in how.names or name in how.relations for name in values):
        return model(**values)
    row = model.__new__(model)
    row._state = state = ModelState()
    there = row.__dict__
    there.update(how.given)
    for name, make in how.made:
        if name not in values:
            there[name] = make()
    for name, value in values.items():
        if name not in how.relations:
            there[name] = value
            continue
        attname, key = how.relations[name]
        there[attname] = None if value is None else getattr(value, key)
        state.fields_cache[name] = value
    return row


def put(row: Row, *, sets: tuple[str, ...] = (), unique: tuple[str, ...] = ()) -> Row:
    """Insert a new row, as `save` does for a model without a `save` of its own.

    Where a row with the same `unique` fields is there, `sets` of it are set instead; without
    any, it stays as it is, and `row` has no key.
    """
    assert type(row).save is models.Model.save, "a save of its own would be passed over"
    database = connections[DEFAULT_DB_ALIAS]
    table = _table(type(row), database)
    if table.has_own_key and row.pk is not None:
        row.save(force_insert=True)
        return row
    values = [each.value(getattr(row, each.attname)) for each in table.written]
    with _writing(database) as execute:
        cursor = execute(table.insert(sets, unique), values)
        if table.has_own_key and (made := cursor.fetchone()) is not None:
            row.pk = made[0]
    row._state.adding, row._state.db = False, database.alias
    return row


def update(row: models.Model, was: dict[str, Any], to: dict[str, Any], using: str) -> int | None:
    """Set `to` where the row still matches `was`: how many rows; None where the ORM has to."""
    if any(hasattr(value, "resolve_expression") for value in (*was.values(), *to.values())):
        return None
    database = connections[using]
    table = _table(type(row), database)
    sql = table.update(was, to)
    if sql is None:
        return None
    values = [table.columns[name].value(value) for name, value in to.items()]
    values.append(table.key.value(row.pk))
    values += [table.columns[name].value(v) for name, v in was.items() if v is not None]
    with _writing(database) as execute:
        return int(execute(sql, values).rowcount)
