"""A question that every page asks is put into SQL once.

Django makes and compiles a query anew each time, and for most of ours that takes ten times as long
as the database needs to answer. `prepared` marks a function that makes a query set; it gives the
rows instead.

    @prepared
    def _of_case(order: str, *, case: int) -> QuerySet[Promise]: ...

What decides how the question looks stands in front, and is part of its name; what is given by
name is only ever a value in it: a number, a text, an instant, a day, or a list of numbers. That
this is so is proven when it is compiled: it is made with two sets of values, and must be the same
but for them. A question that is not (it reckons with a value, say) is asked as Django asks it.
"""

import copy
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import wraps
from itertools import chain
from typing import Any, TypeVar

from django.core.exceptions import EmptyResultSet, FullResultSet
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import QuerySet
from django.db.models.query import FlatValuesListIterable, ModelIterable, ValuesListIterable

from goodword.core import statements
from goodword.core.rows import Columns, Parts

Row = TypeVar("Row")
Given = dict[str, Any]
_MARKS = re.compile("%%|%s")
MOST = 400  # plans that are kept, some 80 kilobytes each

# By name, those that had to be asked as Django asks them. A test sees that there is none.
unprepared: set[str] = set()
# One for all threads: each had four megabytes of its own. What reads a value from a row was
# made for the connection that compiled it, and asks that one for nothing but its time zone.
_plans: dict[Any, "Plan | None"] = {}


def prepared(build: Callable[..., QuerySet[Any, Row]]) -> Callable[..., list[Row]]:
    """Mark a maker of query sets: it gives a list of rows, and its SQL is kept.

    It may look at what is given by position alone, and at nothing that changes: not at the time,
    not at the language. Nothing is prefetched.
    """
    name = f"{build.__module__}.{build.__qualname__}"

    @wraps(build)
    def ask(*shape: Any, **given: Any) -> list[Row]:
        if None in given.values():
            raise TypeError("Nothing at all looks different in SQL: give it by position.")
        given = {word: _evened(value) for word, value in given.items()}
        lengths = tuple(len(value) for value in given.values() if isinstance(value, tuple))
        if 0 in lengths:
            return list(build(*shape, **given))
        plan = _plan(name, build, shape, given, lengths)
        return list(plan.rows(given)) if plan else list(build(*shape, **given))

    return ask


def first(rows: list[Row]) -> Row | None:
    """Of a question that is limited to one row, that row."""
    return rows[0] if rows else None


def _plan(
    name: str, build: Callable[..., Any], shape: Any, given: Given, lengths: tuple[int, ...]
) -> "Plan | None":
    connection = connections["default"]
    key = (connection.vendor, name, shape, lengths)
    with suppress(KeyError):  # another thread may clear them at this moment
        return _plans[key]
    if len(_plans) >= MOST:
        _plans.clear()
    plan = _plans[key] = _compiled(connection, build, shape, given)
    if plan is None:
        unprepared.add(name)
    return plan


def _evened(value: Any) -> Any:
    """A list as long as the next power of two, the last repeated: few lengths, few plans."""
    if not isinstance(value, Sequence) or isinstance(value, str):
        return value
    wanted = 1 << (len(value) - 1).bit_length() if value else 0
    return (*value, *list(value[-1:]) * (wanted - len(value)))


@dataclass(frozen=True)
class Plan:
    """One compiled question."""

    asked: "_Asked"
    compiler: Any
    sql: str
    values: list[Any]
    places: list["Place"]
    parts: "Parts | Columns | None"

    def rows(self, given: Given) -> Iterator[Any]:
        connection = connections["default"]
        values = self._values(given, connection)
        if self.parts is not None and statements.go_short(connection):
            return self.parts.rows(statements.rows(connection, self.sql, values), connection)
        compiler = copy.copy(self.compiler)
        compiler.connection = connection
        compiler.as_sql = lambda: (self.sql, tuple(values))
        if self.parts is None:
            return iter(self.asked.iterable(self.asked.by(compiler)))
        return self.parts.rows(chain.from_iterable(compiler.execute_sql()), connection)

    def _values(self, given: Given, connection: BaseDatabaseWrapper) -> list[Any]:
        values = self.values.copy()
        adapted = {name: _adapted(connection, value) for name, value in given.items()}
        for place, name, number, kind in self.places:
            value = adapted[name][number]
            values[place] = kind(value) if issubclass(kind, int) else value
        return values


class _Asked:
    """What Django's iterables want of a query set, with a compiler that is ready."""

    def __init__(self, made: QuerySet[Any, Any]) -> None:
        self.iterable: Any = made._iterable_class
        self.model, self.db = made.model, made.db
        self._fields = made._fields  # type: ignore[attr-defined]
        # Whom the question was made for is a stand-in; the rows must not be given it.
        self._known_related_objects: dict[Any, Any] = {}
        self.query: Any = made.query
        self.compiler: Any = None

    def by(self, compiler: Any) -> "_Asked":
        ready = copy.copy(self)
        ready.query = copy.copy(self.query)
        ready.query.get_compiler = lambda *_args, **_named: compiler
        return ready


def _compiled(
    connection: BaseDatabaseWrapper, build: Callable[..., Any], shape: Any, given: Given
) -> Plan | None:
    """The plan; None where the question is not the same for all values."""
    first, second = _marks(given, 0), _marks(given, 1)
    try:
        made, compiler, sql, values = _put(connection, build(*shape, **first))
        _again, _other, same_sql, others = _put(connection, build(*shape, **second))
    except (EmptyResultSet, FullResultSet):
        return None
    if sql != same_sql or made._prefetch_related_lookups:
        return None
    marked = {mark: where for where, mark in _each(connection, first)}
    others_marked = {mark: where for where, mark in _each(connection, second)}
    places = []
    for place, (value, other) in enumerate(zip(values, others, strict=True)):
        if type(value) is type(other) and value == other:
            continue
        where = marked.get(value)
        if where is None or where != others_marked.get(other):
            return None
        places.append((place, *where, type(value)))
    sql, values, places = _spelled_out(sql, values, places)
    columns = [each[0] for each in compiler.select[: compiler.col_count]]
    if compiler.has_composite_fields(columns):
        return None
    converters = compiler.get_converters(columns)
    compiler.get_converters = lambda _columns: converters
    compiler.has_composite_fields = lambda _columns: False
    asked = _Asked(made)
    parts = _parts(asked.iterable, compiler, converters)
    return Plan(asked, compiler, sql, list(values), places, parts)


def _parts(iterable: Any, compiler: Any, converters: Any) -> Parts | Columns | None:
    """None where Django makes the rows: as dictionaries, or of several tables."""
    if iterable is ModelIterable:
        return Parts.of(compiler, converters)
    if iterable in (ValuesListIterable, FlatValuesListIterable):
        return Columns.of(compiler, converters, is_flat=iterable is FlatValuesListIterable)
    return None


Place = tuple[int, str, int, type]  # where, which, the how manieth of it, as what


def _spelled_out(
    sql: str, values: Sequence[Any], places: list[Place]
) -> tuple[str, list[Any], list[Place]]:
    """With the texts and numbers that never change in the statement itself.

    SQLite plans a statement anew each time that a value is given to it on which a partial index
    may depend, and that takes longer than to answer. PostgreSQL, which keeps a plan for all
    values, would never use such an index.
    """
    given = {place[0]: place for place in places}
    every, left = iter(range(len(values))), list[int]()

    def spelled(found: re.Match[str]) -> str:
        if found[0] == "%%":
            return "%%"
        place = next(every)
        value = values[place]
        if place in given or not isinstance(value, str | int) or "\0" in str(value):
            left.append(place)
            return "%s"
        return _spelled(value)

    sql = _MARKS.sub(spelled, sql)
    moved = [(new, *given[old][1:]) for new, old in enumerate(left) if old in given]
    return sql, [values[old] for old in left], moved


def _spelled(value: str | int) -> str:
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int):
        return f"({int(value)})" if value < 0 else str(int(value))
    return "'" + value.replace("'", "''").replace("%", "%%") + "'"


def _put(connection: BaseDatabaseWrapper, made: Any) -> tuple[Any, Any, str, Sequence[Any]]:
    compiler = made.query.get_compiler(connection=connection)
    sql, values = compiler.as_sql()
    return made, compiler, sql, values


def _marks(given: Given, which: int) -> Given:
    """Values of the same kinds that occur nowhere else, and differ in every part."""
    number = 0

    def mark(value: Any) -> Any:
        nonlocal number
        number += 1
        if isinstance(value, datetime):
            return datetime(2201 + which, 3 + which, number % 20 + 2 + which, 4 + which, 7 + which,
                            11 + which, 100_003 + 2 * number + which, tzinfo=UTC)  # fmt: skip
        if isinstance(value, date):
            return date(2301 + which, 5 + which, number % 20 + 3 + which)
        if isinstance(value, int) and not isinstance(value, bool):
            return 1_900_000_011 + 2 * number + which
        if isinstance(value, str):
            return f"mark-{number}-{'ab'[which]}"
        raise TypeError(f"{value!r} decides how the question looks: give it by position.")

    return {
        name: tuple(map(mark, value)) if isinstance(value, tuple) else mark(value)
        for name, value in given.items()
    }


def _each(connection: BaseDatabaseWrapper, given: Given) -> Iterator[tuple[tuple[str, int], Any]]:
    for name, value in given.items():
        for number, each in enumerate(_adapted(connection, value)):
            yield (name, number), each


def _adapted(connection: BaseDatabaseWrapper, value: Any) -> tuple[Any, ...]:
    """As the database is given it."""
    if isinstance(value, tuple):
        return value
    if isinstance(value, datetime):
        return (statements.instant_of(connection, value),)
    if isinstance(value, date):
        return (connection.ops.adapt_datefield_value(value),)
    return (value,)
