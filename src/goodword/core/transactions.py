"""What is known for as long as a transaction stands, and nothing of it was taken back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

Kept = TypeVar("Kept")
# Of each connection the list of what is to be done at its commit, and what was kept beside it.
_kept: WeakKeyDictionary[BaseDatabaseWrapper, tuple[list[Any], dict[Any, Any]]] = (
    WeakKeyDictionary()
)


def in_this_transaction(using: str, name: str, make: Callable[[], Kept]) -> Kept:
    """What was made under this name since the transaction began, or anew; outside of one, anew.

    Django begins another list of what is to be done at the commit whenever a transaction ends and
    whenever a savepoint is taken back. So where the list is the same, all that was written stands.
    """
    connection = connections[using]
    if not connection.in_atomic_block:
        return make()
    there = _kept.get(connection)
    if there is None or there[0] is not connection.run_on_commit:
        there = _kept[connection] = (connection.run_on_commit, {})
    if name not in there[1]:
        there[1][name] = make()
    kept: Kept = there[1][name]
    return kept
