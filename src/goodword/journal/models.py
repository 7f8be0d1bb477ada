"""The journal: what happened, in order, for good.

Entries hold ids, instants, states and salted digests of words; the words themselves live in
rows that can be erased, so that a person can be forgotten and the chain stays whole.
"""

import hashlib
import json
from datetime import UTC, datetime
from typing import Any

from django.db import models


class Entry(models.Model):
    """One thing that happened. Never changed, never deleted; a correction is a new entry."""

    chain = models.CharField(max_length=40)
    seq = models.PositiveIntegerField()
    at = models.DateTimeField()
    kind = models.CharField(max_length=40)
    case = models.ForeignKey("cases.Case", models.PROTECT, null=True, related_name="entries")
    member = models.ForeignKey("staff.Member", models.PROTECT, null=True, related_name="+")
    customer = models.ForeignKey("people.Customer", models.PROTECT, null=True, related_name="+")
    actor = models.CharField(max_length=12)  # member, customer, clock or system
    facts = models.JSONField(default=dict)
    digests = models.JSONField(default=dict)
    previous = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)
    seal = models.ForeignKey("journal.Seal", models.PROTECT, null=True, related_name="entries")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["chain", "seq"], name="entry_chain_seq")]
        indexes = [
            models.Index(fields=["case", "id"], name="entry_case_id"),
            models.Index(
                fields=["id"], condition=models.Q(seal__isnull=True), name="entry_unsealed"
            ),
        ]

    def computed_hash(self) -> str:
        """SHA-256 (hex) over everything that the entry says and the hash before it."""
        said = {
            "chain": self.chain,
            "seq": self.seq,
            "at": _instant(self.at),
            "kind": self.kind,
            "case": self.case_id,
            "member": self.member_id,
            "customer": self.customer_id,
            "actor": self.actor,
            "facts": self.facts,
            "digests": self.digests,
            "previous": self.previous,
        }
        return digest_of(said)


class Seal(models.Model):
    """Binds the entries of many chains together, so that no chain can be quietly rewritten."""

    at = models.DateTimeField()
    count = models.PositiveIntegerField()
    previous = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    def computed_hash(self, hashes: list[str]) -> str:
        said = {"at": _instant(self.at), "count": self.count, "previous": self.previous}
        return digest_of({**said, "entries": hashes})


def _instant(at: datetime) -> str:
    """In UTC, since that is how it comes back from the database, whatever zone wrote it."""
    return at.astimezone(UTC).isoformat()


def digest_of(said: dict[str, Any]) -> str:
    """SHA-256 (hex) of canonical JSON: sorted keys, no spaces, UTF-8."""
    text = json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def digest_of_words(salt: str, words: str) -> str:
    """SHA-256 (hex) of words under the salt of their row; without the salt it says nothing."""
    return hashlib.sha256(f"{salt}\0{words}".encode()).hexdigest()
