"""Tries to sign in: counted in the database, so that every process counts the same."""

from datetime import timedelta

from django.db import models
from django.db.models import Q

from goodword.core.time import now

# What is counted: how many in how long. A pair is one address of mail from one place of the
# network, so that a stranger elsewhere locks nobody out; a whole office shares one place.
LIMITS = {
    "pair": (8, timedelta(minutes=15)),
    "from": (40, timedelta(minutes=15)),
    "mail": (40, timedelta(hours=6)),
    "code": (5, timedelta(hours=1)),
    "second": (8, timedelta(minutes=15)),
    "feed": (60, timedelta(minutes=15)),
    "nofeed": (30, timedelta(minutes=15)),
}
LONGEST = max(span for _most, span in LIMITS.values())


class SignInAttempt(models.Model):
    """A try, noted before it is answered; forgotten where it went well."""

    key = models.CharField(max_length=140)
    at = models.DateTimeField(default=now)

    class Meta:
        indexes = [models.Index(fields=["key", "at"], name="attempt_key_at")]


class Tries:
    """One try under several keys. It is noted first and counted then, so that of any number
    at the same moment no more get through than the limit says."""

    def __init__(self, *keys: str) -> None:
        self.keys = [key[:140] for key in keys]
        rows = [SignInAttempt(key=key, at=now()) for key in self.keys]
        self._mine = [row.pk for row in SignInAttempt.objects.bulk_create(rows)]

    def are_too_many(self) -> bool:
        """Whether it must not be answered. Then it does not count either."""
        at, of = now(), Q()
        for key in self.keys:
            of |= Q(key=key, at__gt=at - LIMITS[_kind(key)][1])
        counts = SignInAttempt.objects.filter(of).values("key")
        found = {row["key"]: row["n"] for row in counts.annotate(n=models.Count("id")).order_by()}
        if not any(found.get(key, 0) > LIMITS[_kind(key)][0] for key in self.keys):
            return False
        self._forget(Q(pk__in=self._mine))
        return True

    def went_well(self) -> None:
        """Forget it, and what went wrong before it under its own keys; not that of a place."""
        own = [key for key in self.keys if _kind(key) != "from"]
        self._forget(Q(pk__in=self._mine) | Q(key__in=own))

    def _forget(self, which: Q) -> None:
        SignInAttempt.objects.filter(which).delete()


def sweep() -> None:
    SignInAttempt.objects.filter(at__lt=now() - LONGEST).delete()


def _kind(key: str) -> str:
    return key.split(":")[0]
