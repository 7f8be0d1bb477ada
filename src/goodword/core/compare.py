"""Compare-and-set: a row changes only if it is still as the caller saw it."""

from typing import Any

from django.db import DEFAULT_DB_ALIAS
from django.db.models import Model

from goodword.core import writing


def change(row: Model, was: dict[str, Any], to: dict[str, Any]) -> bool:
    """Set `to` on the row where it still matches `was`; say whether it did.

    The instance in memory follows only when the row changed.
    """
    using = row._state.db or DEFAULT_DB_ALIAS
    changed = writing.update(row, was, to, using)
    if changed is None:
        rows = type(row)._base_manager.using(using)
        changed = rows.filter(pk=row.pk, **was).update(**to)
    if changed:
        for name, value in to.items():
            setattr(row, name, value)
    return bool(changed)
