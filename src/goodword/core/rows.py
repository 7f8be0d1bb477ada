"""Rows of a compiled question as models, each that several of them name made but once.

Fifty cases of a list have five owners and one team. Django makes each of those fifty times, with
every time and every JSON text in it read anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from django.db.models import Model
from django.db.models.base import ModelState
from django.db.models.fields.related_descriptors import ForeignKeyDeferredAttribute
from django.db.models.query_utils import DeferredAttribute
from django.db.models.signals import post_init, pre_init

Converters = dict[int, tuple[Sequence[Any], Any]]


@dataclass
class Part:
    """The columns of one model in a row, and the models that hang on it."""

    model: Any
    start: int
    names: list[str]
    key: int
    converters: list[tuple[int, Sequence[Any], Any]]
    below: list[Part]
    is_plain: bool
    set_here: Any = None
    set_there: Any = None
    known: dict[Any, Any] = field(default_factory=dict)

    def made(self, row: Sequence[Any], connection: Any) -> Any:
        values = list(row[self.start : self.start + len(self.names)])
        for place, convert, expression in self.converters:
            for each in convert:
                values[place] = each(values[place], expression, connection)
        if self.is_plain:
            model = _filled(self.model, self.names, values, connection.alias)
        else:
            model = self.model.from_db(connection.alias, self.names, values)
        for part in self.below:
            part.hang_on(model, row, connection)
        return model

    def hang_on(self, model: Any, row: Sequence[Any], connection: Any) -> None:
        key = row[self.start + self.key]
        there = None if key is None else self.known.get(key)
        if there is None and key is not None:
            there = self.known[key] = self.made(row, connection)
        self.set_here(model, there)
        if there is not None:
            self.set_there(there, model)

    def afresh(self) -> Part:
        """Without what earlier answers named: that may have changed."""
        below = [part.afresh() for part in self.below]
        return Part(self.model, self.start, self.names, self.key, self.converters, below,
                    self.is_plain, self.set_here, self.set_there)  # fmt: skip


@dataclass(frozen=True)
class Parts:
    """How the rows of one question become models."""

    first: Part
    more: list[tuple[str, int, Sequence[Any], Any]]  # annotations: name, column, how it is read

    @classmethod
    def of(cls, compiler: Any, converters: Converters) -> Parts | None:
        """None where Django has to make them: a model of several tables."""
        first = _part(compiler.klass_info, compiler.select, converters)
        if first is None:
            return None
        more = [
            (name, column, *converters.get(column, ((), None)))
            for name, column in (compiler.annotation_col_map or {}).items()
        ]
        return cls(first, more)

    def rows(self, found: Iterable[Sequence[Any]], connection: Any) -> Iterator[Any]:
        first = self.first.afresh()
        for row in found:
            model = first.made(row, connection)
            for name, column, convert, expression in self.more:
                value = row[column]
                for each in convert:
                    value = each(value, expression, connection)
                setattr(model, name, value)
            yield model


@dataclass(frozen=True)
class Columns:
    """The rows of one question as they are: tuples, or of each the first column alone."""

    number: int
    converters: list[tuple[int, Sequence[Any], Any]]
    is_flat: bool

    @classmethod
    def of(cls, compiler: Any, converters: Converters, *, is_flat: bool) -> Columns:
        read = [(place, _hurried(how), what) for place, (how, what) in converters.items()]
        return cls(compiler.col_count, read, is_flat)

    def rows(self, found: Iterable[Sequence[Any]], connection: Any) -> Iterator[Any]:
        for row in found:
            values = list(row[: self.number])
            for place, convert, expression in self.converters:
                for each in convert:
                    values[place] = each(values[place], expression, connection)
            yield values[0] if self.is_flat else tuple(values)


def _part(about: dict[str, Any], select: Any, converters: Converters) -> Part | None:
    columns = list(about["select_fields"])
    below = [_part(each, select, converters) for each in about.get("related_klass_infos", ())]
    in_order = columns == list(range(columns[0], columns[-1] + 1))
    if about.get("from_parent") or not in_order or any(part is None for part in below):
        return None
    names = [select[place][0].target.attname for place in columns]
    read = [
        (place - columns[0], _hurried(converters[place][0]), converters[place][1])
        for place in columns
        if place in converters
    ]
    key = names.index(about["model"]._meta.pk.attname)
    parts = [part for part in below if part is not None]
    return Part(about["model"], columns[0], names, key, read, parts,
                _is_plain(about["model"], names),
                about.get("local_setter"), about.get("remote_setter"))  # fmt: skip


def _is_plain(model: type[Model], names: list[str]) -> bool:
    """Whether Django would do no more with a row of it than to put each value in its place."""
    fields = model._meta.concrete_fields
    return (
        model.__init__ is Model.__init__
        and model.from_db.__func__ is Model.from_db.__func__  # type: ignore[attr-defined]
        and [field.attname for field in fields] == names
        and all(type(getattr(model, name)) in _PUT_ALONE for name in names)
        and not (pre_init.has_listeners(model) or post_init.has_listeners(model))
    )


_PUT_ALONE = (DeferredAttribute, ForeignKeyDeferredAttribute)


def _filled(kind: type[Model], names: list[str], values: list[Any], alias: str) -> Model:
    model = kind.__new__(kind)
    model._state = state = ModelState()
    state.adding, state.db = False, alias
    model.__dict__.update(zip(names, values, strict=True))
    return model


def _hurried(converters: Sequence[Any]) -> Sequence[Any]:
    """SQLite's instants and yes-or-no the short way: they are most of what is read."""
    return [_SHORTER.get(getattr(each, "__name__", ""), each) for each in converters]


def _instant(value: Any, expression: Any, connection: Any) -> Any:
    if value is None:
        return None
    if type(value) is datetime and value.tzinfo is None and connection.timezone is UTC:
        return value.replace(tzinfo=UTC)
    return connection.ops.convert_datetimefield_value(value, expression, connection)


def _yes_or_no(value: Any, expression: Any, connection: Any) -> Any:
    if value is True or value is False or value is None:
        return value
    return connection.ops.convert_booleanfield_value(value, expression, connection)


_SHORTER: dict[str, Any] = {
    "convert_datetimefield_value": _instant,
    "convert_booleanfield_value": _yes_or_no,
}
