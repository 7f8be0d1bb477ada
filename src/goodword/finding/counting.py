"""How many cases each of several questions finds, in one query, and never counted to the end."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection

from goodword.finding.filters import Viewpoint
from goodword.finding.looking import Search
from goodword.finding.parsing import parse

MOST = 100  # a hundred are shown as “99+”


def counted(questions: Mapping[int, str], view: Viewpoint) -> dict[int, int]:
    """For each key how many cases this member finds, a hundred at most."""
    parts: list[str] = []
    values: list[Any] = []
    for key, question in questions.items():
        rows = Search(parse(question), view).countable
        try:
            statement, inside = rows.order_by().values("pk")[:MOST].query.sql_with_params()
        except EmptyResultSet:
            continue
        parts.append(f"SELECT {int(key)}, count(*) FROM ({statement}) AS found_{int(key)}")  # noqa: S608
        values += inside
    if not parts:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts), values)
        return dict(cursor.fetchall())
