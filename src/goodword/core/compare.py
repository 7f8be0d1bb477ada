"""Compare-and-set: a row changes only if it is still as the caller saw it."""

from typing import Any

from django.db.models import Model


def change(row: Model, was: dict[str, Any], to: dict[str, Any]) -> bool:
    """Set `to` on the row where it still matches `was`; say whether it did.

    The instance in memory follows only when the row changed.
    """
    changed = type(row)._base_manager.filter(pk=row.pk, **was).update(**to)
    if changed:
        for name, value in to.items():
            setattr(row, name, value)
    return bool(changed)
