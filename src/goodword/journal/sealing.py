"""Sealing chains together, and finding what was tampered with."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta
from itertools import islice
from typing import Any

from django.apps import apps
from django.db import transaction
from django.db.models import Model

from goodword.core.time import now
from goodword.journal.models import Entry, Seal
from goodword.journal.recording import START_OF_CHAIN, alone

# A transaction that took an earlier id may still be open; it is left for the next seal.
GRACE = timedelta(seconds=10)
AT_ONCE = 500
ERASING = ("words_erased", "person_erased")
# Entries of one seal. While they are bound nobody else writes: for about 5 ms.
OF_ONE_SEAL = 500
Vouched = tuple[str, int, str]  # the row, the entry that vouches for its words, the digest


def seal_due() -> bool:
    """Bind what was written since the last seal; true where there is more than one can hold.

    What is written meanwhile waits for the next time: a seal for each few entries would be a
    commit for each.
    """
    new = seal()
    return new is not None and new.count == OF_ONE_SEAL


@transaction.atomic
def seal() -> Seal | None:
    """Bind the entries written since the last seal; None where there are none."""
    alone("seal")
    last = Seal.objects.select_for_update().order_by("-id").first()
    entries = list(
        Entry.objects.filter(seal=None, at__lt=now() - GRACE)
        .order_by("id")
        .values("id", "hash")[:OF_ONE_SEAL]
    )
    if not entries:
        return None
    new = next_seal(last, [entry["hash"] for entry in entries])
    for ids in _in_few_sizes([entry["id"] for entry in entries]):
        Entry.objects.filter(pk__in=ids).update(seal=new)
    return new


def _in_few_sizes(ids: list[int]) -> Iterator[list[int]]:
    """Pieces of 256, 128, 64 …: each size is a statement of up to 50 KB that the driver keeps."""
    while ids:
        size = 1 << (len(ids).bit_length() - 1)
        yield ids[:size]
        ids = ids[size:]


def next_seal(last: Seal | None, hashes: list[str]) -> Seal:
    """The seal over these after the last; whoever makes it binds their entries to it."""
    new = Seal(at=now(), count=len(hashes), previous=last.hash if last else START_OF_CHAIN)
    new.hash = new.computed_hash(hashes)
    new.save()
    return new


def damage() -> Iterator[str]:
    """A sentence for every entry, seal or vouched-for word that is not as it was written.

    Words that were erased at somebody's wish are not damage: a later entry vouches for what
    stands there since. A row that only says so of itself is.
    """
    yield from _broken_chains()
    yield from _broken_seals()
    yield from _changed_words()


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


def _changed_words() -> Iterator[str]:
    """In the order of the entries, a few hundred at once, however many there are."""
    models, erased = _models_with_words(), _erased()
    vouching = Entry.objects.exclude(digests={}).order_by("id").values_list("id", "digests")
    rows = vouching.iterator(chunk_size=AT_ONCE)
    while some := list(islice(rows, AT_ONCE)):
        by_name: dict[str, list[Vouched]] = defaultdict(list)
        for entry, digests in some:
            for key, digest in digests.items():
                name, _colon, pk = key.partition(":")
                by_name[name].append((pk, entry, digest))
        for name, vouched in by_name.items():
            if name in models:
                yield from _changed_among(models[name], vouched, erased)
            else:
                yield f"Entry {vouched[0][1]}: vouches for words of an unknown kind, {name}."


def _erased() -> dict[str, str]:
    """By row, the digest of what stands there since its words were erased."""
    entries = Entry.objects.filter(kind__in=ERASING).order_by("id")
    said = entries.values_list("digests", flat=True).iterator()
    return {key: digest for digests in said for key, digest in digests.items()}


def _changed_among(
    model: type[Model], entries: list[Vouched], erased: dict[str, str]
) -> Iterator[str]:
    rows: dict[str, Any] = {
        str(row.pk): row for row in model._base_manager.filter(pk__in=[pk for pk, *_ in entries])
    }
    for pk, entry, digest in entries:
        row = rows.get(pk)
        if row is None:
            yield f"{model.__name__} {pk}: is gone, and entry {entry} vouches for its words."
        elif row.digest() not in (digest, erased.get(f"{model.__name__.lower()}:{pk}")):
            yield f"{model.__name__} {pk}: its words are not those that entry {entry} vouches for."


def _models_with_words() -> dict[str, type[Model]]:
    return {
        model.__name__.lower(): model for model in apps.get_models() if hasattr(model, "digest")
    }
