"""How far the journal was read."""

from __future__ import annotations

from django.db import models

from goodword.core.compare import change
from goodword.core.prepared import first, prepared
from goodword.journal.models import Entry

# On PostgreSQL a transaction that took a lower id may commit after one with a higher.
LATE = 100


class ReadElsewhere(Exception):
    """Another worker read on meanwhile; what was begun here must not count."""


class Reading(models.Model):
    """How far the journal was read: up to an entry, and which of the last hundred were."""

    upto = models.BigIntegerField(default=0)
    read = models.JSONField(default=list)
    turns = models.BigIntegerField(default=0)

    @classmethod
    def current(cls) -> Reading:
        return first(_reading(pk=1)) or cls.objects.get_or_create(pk=1)[0]

    def unread(self) -> models.QuerySet[Entry]:
        later = Entry.objects.filter(pk__gt=self.upto - LATE)
        return later.exclude(pk__in=self.read).order_by("pk")

    def has_unread(self) -> bool:
        """Whether there is any, at the price of a look."""
        return bool(_any_unread(since=self.upto - LATE, read=self.read))

    def note(self, entries: list[int]) -> None:
        """These were read. Raises ReadElsewhere."""
        ids = {*self.read, *entries}
        upto = max(ids, default=self.upto)
        kept = sorted(pk for pk in ids if pk > upto - LATE)
        to = {"upto": upto, "read": kept, "turns": self.turns + 1}
        if not change(self, {"turns": self.turns}, to):
            raise ReadElsewhere


@prepared
def _reading(*, pk: int) -> models.QuerySet[Reading]:
    return Reading.objects.filter(pk=pk)[:1]


@prepared
def _any_unread(*, since: int, read: list[int]) -> models.QuerySet[Entry, int]:
    later = Entry.objects.filter(pk__gt=since).exclude(pk__in=read)
    return later.values_list("pk", flat=True)[:1]
