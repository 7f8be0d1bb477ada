"""Writing the journal: one entry, in the transaction of the change that it records."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from django.db import connection, models

from goodword.core.live import notify
from goodword.core.prepared import first, prepared
from goodword.core.time import now
from goodword.core.transactions import in_this_transaction
from goodword.core.writing import new, put
from goodword.journal.kinds import KINDS
from goodword.journal.models import Entry

START_OF_CHAIN = "0" * 64


class HasWords(Protocol):
    """A row whose words an entry vouches for."""

    pk: Any

    def digest(self) -> str: ...


def record(
    case: models.Model | None,
    kind: str,
    *,
    by: models.Model | str,
    at: datetime | None = None,
    words: HasWords | Sequence[HasWords] | None = None,
    facts: Mapping[str, Any] | None = None,
) -> Entry:
    """Append one entry to the chain of `case` (or the desk's own chain where it is None).

    `by` is a Member, a Customer, or "clock" or "system". `facts` hold ids, states and
    instants, never words. Must run inside a transaction. KeyError: an unknown kind.
    """
    KINDS[kind]
    assert connection.in_atomic_block, "an entry is written with the change that it records"
    chain = f"case:{case.pk}" if case is not None else "desk"
    last = _last(chain)
    entry = new(
        Entry,
        chain=chain,
        seq=last[0] + 1 if last else 1,
        at=at or now(),
        kind=kind,
        case_id=case.pk if case is not None else None,
        facts=_plain(facts or {}),
        digests=_digests(words),
        previous=last[1] if last else START_OF_CHAIN,
        **_actor(by),
    )
    entry.hash = entry.computed_hash()
    put(entry)
    _ends_here()[chain] = entry.seq, entry.hash
    notify()
    return entry


def _digests(words: HasWords | Sequence[HasWords] | None) -> dict[str, str]:
    if words is None:
        return {}
    rows = words if isinstance(words, Sequence) else [words]
    return {f"{type(row).__name__.lower()}:{row.pk}": row.digest() for row in rows}


def alone(name: str) -> None:
    """Wait until nobody else writes under this name, and hold it until the transaction ends.

    SQLite has one writer at a time anyway.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [name])


def _ends_here() -> dict[str, tuple[int, str]]:
    """How the chains end to which this transaction has added: until it ends, only it can."""
    return in_this_transaction("default", "ends of chains", dict[str, tuple[int, str]])


def _last(chain: str) -> tuple[int, str] | None:
    if (known := _ends_here().get(chain)) is not None:
        return known
    # Two writers of one chain would both take the same place in it.
    alone(chain)
    return first(_newest_of(chain=chain))


@prepared
def _newest_of(*, chain: str) -> models.QuerySet[Entry, tuple[int, str]]:
    return Entry.objects.filter(chain=chain).order_by("-seq").values_list("seq", "hash")[:1]


def _actor(by: models.Model | str) -> dict[str, Any]:
    if isinstance(by, str):
        return {"actor": by}
    name = by._meta.model_name
    assert name in {"member", "customer"}, f"{name} cannot act"
    return {"actor": name, f"{name}_id": by.pk}


def _plain(facts: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in facts.items()
    }
