"""Rows of a compiled question as models, each that several of them name made but once.

Fifty cases of a list have five owners and one team. Django makes each of those fifty times, with
every time and every JSON text in it read anew.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

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
    set_here: Any = None
    set_there: Any = None
    known: dict[Any, Any] = field(default_factory=dict)

    def made(self, row: Sequence[Any], connection: Any) -> Any:
        values = list(row[self.start : self.start + len(self.names)])
        for place, convert, expression in self.converters:
            for each in convert:
                values[place] = each(values[place], expression, connection)
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
                    self.set_here, self.set_there)  # fmt: skip


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

    def rows(self, compiler: Any) -> Iterator[Any]:
        first, connection = self.first.afresh(), compiler.connection
        for block in compiler.execute_sql():
            for row in block:
                model = first.made(row, connection)
                for name, column, convert, expression in self.more:
                    value = row[column]
                    for each in convert:
                        value = each(value, expression, connection)
                    setattr(model, name, value)
                yield model


def _part(about: dict[str, Any], select: Any, converters: Converters) -> Part | None:
    columns = list(about["select_fields"])
    below = [_part(each, select, converters) for each in about.get("related_klass_infos", ())]
    in_order = columns == list(range(columns[0], columns[-1] + 1))
    if about.get("from_parent") or not in_order or any(part is None for part in below):
        return None
    names = [select[place][0].target.attname for place in columns]
    read = [(place - columns[0], *converters[place]) for place in columns if place in converters]
    key = names.index(about["model"]._meta.pk.attname)
    parts = [part for part in below if part is not None]
    return Part(about["model"], columns[0], names, key, read, parts,
                about.get("local_setter"), about.get("remote_setter"))  # fmt: skip
