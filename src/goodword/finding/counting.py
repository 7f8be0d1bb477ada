"""How many cases each of several questions finds, in one query, and never counted to the end."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet

from goodword.finding.filters import Viewpoint
from goodword.finding.looking import Search
from goodword.finding.parsing import parse

Key = TypeVar("Key")
MOST = 100  # a hundred are shown as “99+”


def counted(questions: Mapping[int, str], view: Viewpoint) -> dict[int, int]:
    """For each key how many cases this member finds, a hundred at most."""
    rows = {key: Search(parse(asked), view).countable for key, asked in questions.items()}
    return counted_rows(rows, MOST)


def counted_rows(questions: Mapping[Key, QuerySet[Any]], most: int) -> dict[Key, int]:
    """For each key how many rows its question finds, `most` at most; one query for all."""
    counts = dict.fromkeys(questions, 0)
    parts: list[str] = []
    values: list[Any] = []
    for number, rows in enumerate(questions.values()):
        try:
            statement, inside = rows.order_by().values("pk")[:most].query.sql_with_params()
        except EmptyResultSet:
            continue
        parts.append(f"SELECT {number}, count(*) FROM ({statement}) AS found_{number}")  # noqa: S608
        values += inside
    if parts:
        with connection.cursor() as cursor:
            cursor.execute(" UNION ALL ".join(parts), values)
            keys = list(questions)
            counts |= {keys[number]: count for number, count in cursor.fetchall()}
    return counts
