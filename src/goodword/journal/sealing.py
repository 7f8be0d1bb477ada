"""Sealing chains together, and finding what was tampered with."""

from collections.abc import Iterator
from datetime import timedelta

from django.db import transaction

from goodword.core.time import now
from goodword.journal.models import Entry, Seal
from goodword.journal.recording import START_OF_CHAIN

# A transaction that took an earlier id may still be open; it is left for the next seal.
GRACE = timedelta(seconds=10)


@transaction.atomic
def seal(limit: int = 5000) -> Seal | None:
    """Bind the entries written since the last seal; None where there are none."""
    last = Seal.objects.select_for_update().order_by("-id").first()
    entries = list(
        Entry.objects.filter(seal=None, at__lt=now() - GRACE).order_by("id").values("id", "hash")[
            :limit
        ]
    )
    if not entries:
        return None
    new = Seal(at=now(), count=len(entries), previous=last.hash if last else START_OF_CHAIN)
    new.hash = new.computed_hash([entry["hash"] for entry in entries])
    new.save()
    Entry.objects.filter(pk__in=[entry["id"] for entry in entries]).update(seal=new)
    return new


def damage() -> Iterator[str]:
    """A sentence for every entry or seal that is not as it was written."""
    yield from _broken_chains()
    yield from _broken_seals()


def _broken_chains() -> Iterator[str]:
    before: Entry | None = None
    for entry in Entry.objects.order_by("chain", "seq").iterator():
        first = before is None or before.chain != entry.chain
        expected = START_OF_CHAIN if first else before.hash if before else ""
        if entry.seq != (1 if first else (before.seq if before else 0) + 1):
            yield f"Entry {entry.pk}: something is missing before it in {entry.chain}."
        elif entry.previous != expected:
            yield f"Entry {entry.pk}: does not follow the entry before it in {entry.chain}."
        if entry.hash != entry.computed_hash():
            yield f"Entry {entry.pk}: was changed after it was written."
        before = entry


def _broken_seals() -> Iterator[str]:
    previous = START_OF_CHAIN
    for each in Seal.objects.order_by("id"):
        hashes = list(each.entries.order_by("id").values_list("hash", flat=True))
        if each.previous != previous or each.hash != each.computed_hash(hashes):
            yield f"Seal {each.pk}: its {each.count} entries are not those that it sealed."
        previous = each.hash
