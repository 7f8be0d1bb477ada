"""Work that must not be lost: a row with a due time, attempts and a lease.

A worker claims rows, works outside of any transaction, and ends each row by a compare-and-set
on the lease's token. One that was paused, and whose row another worker took meanwhile, is
told so by `LeaseLost` and must not have its way: end the row in the transaction that writes
the result, so that the exception rolls that back too.
"""

import random
import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, TypeVar

from django.core.exceptions import ImproperlyConfigured
from django.db import DEFAULT_DB_ALIAS, connections, models, transaction
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from goodword.core.compare import change
from goodword.core.prepared import prepared
from goodword.core.time import now as present

_OPEN = Q(done_at=None, gave_up_at=None)
_NEVER_SO_LONG = timedelta(hours=2)
LONGEST_LEASE = timedelta(minutes=15)
_FRESH = timedelta(minutes=1)


class LeaseLost(Exception):
    """Another worker has the row now, or it has ended."""


class Work(models.Model):
    """Base of every row that is worked on. A child's Meta must inherit `Work.Meta`."""

    due_at = models.DateTimeField(_("due"), default=present)
    attempts = models.PositiveIntegerField(_("attempts"), default=0, editable=False)
    lease_until = models.DateTimeField(_("leased until"), null=True, editable=False)
    lease_token = models.UUIDField(_("lease"), null=True, editable=False)
    last_error = models.TextField(_("last error"), blank=True, default="")
    done_at = models.DateTimeField(_("done"), null=True, editable=False)
    gave_up_at = models.DateTimeField(_("given up"), null=True, editable=False)

    class Meta:
        abstract = True
        # Only open rows are in it, so that it stays small however many are done.
        indexes = [models.Index(fields=["due_at"], condition=_OPEN, name="%(class)s_due")]

    @property
    def is_open(self) -> bool:
        return self.done_at is None and self.gave_up_at is None

    def finish(self, *, at: datetime | None = None, **changes: Any) -> None:
        """Done; `changes` are other fields to set with it. Raises LeaseLost."""
        self._end(done_at=at or present(), last_error="", **changes)

    def retry(
        self, error: str, after: timedelta | None = None, *, at: datetime | None = None
    ) -> None:
        """To be tried again `after` this, or after the usual back-off. Raises LeaseLost."""
        wait = backoff(self.attempts) if after is None else after
        self._end(due_at=(at or present()) + wait, last_error=error)

    def give_up(self, error: str, *, at: datetime | None = None, **changes: Any) -> None:
        """Never to be tried again; the row and the reason stay to be seen. Raises LeaseLost."""
        self._end(gave_up_at=at or present(), last_error=error, **changes)

    def extend(self, lease: timedelta, *, at: datetime | None = None) -> None:
        """The heartbeat of long work: hold the row for `lease` from now. Raises LeaseLost."""
        self._set(lease_until=(at or present()) + lease)

    def stay_ours(self, lease: timedelta) -> None:
        """Just before what cannot be taken back. Raises LeaseLost where another has the row now.

        A batch may last longer than its lease, so that it is renewed on the way.
        """
        at = present()
        if self.lease_until is None or self.lease_until < at + lease - _FRESH:
            self.extend(lease, at=at)
        elif not self._ours().exists():
            raise LeaseLost(f"{self._meta.label} {self.pk}")

    def _end(self, **changes: Any) -> None:
        self._set(lease_token=None, lease_until=None, **changes)

    def _set(self, **changes: Any) -> None:
        """Compare-and-set: takes effect only while the lease is ours."""
        ours = {"done_at": None, "gave_up_at": None, "lease_token": self.lease_token}
        if self.lease_token is None or not change(self, ours, changes):
            raise LeaseLost(f"{self._meta.label} {self.pk}")

    def _ours(self) -> "models.QuerySet[Work]":
        rows = type(self)._base_manager.using(self._state.db)
        return rows.filter(_OPEN, pk=self.pk, lease_token=self.lease_token)


Row = TypeVar("Row", bound=Work)


def due(now: datetime) -> Q:
    """Rows to be worked on: open, due, and not leased to a worker that may still be alive."""
    return _OPEN & Q(due_at__lte=now) & (Q(lease_until=None) | Q(lease_until__lte=now))


def claim(
    queryset: models.QuerySet[Row], *, limit: int, lease: timedelta, now: datetime
) -> list[Row]:
    """Lease up to `limit` due rows of `queryset`, the longest due first.

    No two workers get the same row before its lease ends. Each claim counts as an attempt, so
    that a row that kills its worker is seen to. `queryset` may filter, but not order or slice.
    """
    connection = connections[queryset.db]
    if connection.vendor == "sqlite":
        _require_immediate(connection)
    # Most find nothing due at all, which a question that is ready says ten times cheaper.
    if queryset.db == DEFAULT_DB_ALIAS and not _any_due(queryset.model, now=now):
        return []
    rows = queryset.filter(due(now)).order_by("due_at", "pk")
    # A look costs no lock; an idle worker must not stand in the way of those that write.
    if connection.vendor == "sqlite" and not rows.exists():
        return []
    with transaction.atomic(using=queryset.db):
        if connection.features.has_select_for_update_skip_locked:
            rows = rows.select_for_update(skip_locked=True, of=("self",))
        return _lease(list(rows[:limit]), queryset.db, now + lease)


@prepared
def _any_due(model: type[Work], *, now: datetime) -> models.QuerySet[Work, int]:
    return model._base_manager.filter(due(now)).values_list("pk", flat=True)[:1]


def _lease(rows: list[Row], using: str, until: datetime) -> list[Row]:
    if not rows:
        return rows
    token = uuid.uuid4()
    of_model = type(rows[0])._base_manager.using(using).filter(pk__in=[row.pk for row in rows])
    of_model.update(lease_token=token, lease_until=until, attempts=F("attempts") + 1)
    for row in rows:
        row.lease_token, row.lease_until = token, until
        row.attempts += 1
    return rows


def bring_back(models_of_work: Iterable[type[Work]], at: datetime) -> int:
    """Make due what a clock that ran ahead, and was set back, put off by more than we ever do.

    For models that never wait longer than an hour by themselves; how many rows.
    """
    found = 0
    for model in models_of_work:
        far = model._base_manager.filter(_OPEN, due_at__gt=at + _NEVER_SO_LONG)
        found += far.update(due_at=at)
        held = model._base_manager.filter(_OPEN, lease_until__gt=at + _NEVER_SO_LONG)
        found += held.update(lease_until=at + LONGEST_LEASE)
    return found


def _require_immediate(connection: Any) -> None:
    """Without BEGIN IMMEDIATE two workers may read the same rows before either writes."""
    if connection.settings_dict["OPTIONS"].get("transaction_mode") != "IMMEDIATE":
        raise ImproperlyConfigured("SQLite needs the option transaction_mode=IMMEDIATE")


def backoff(
    attempts: int,
    first: timedelta = timedelta(minutes=1),
    cap: timedelta = timedelta(hours=1),
) -> timedelta:
    """How long to wait after that many attempts: doubling from `first`, never above `cap`.

    A fifth of it is left to chance, so that what failed together does not come back together.
    """
    doubled = first * (1 << min(max(attempts, 1) - 1, 30))
    return min(doubled, cap) * random.uniform(0.8, 1.0)  # noqa: S311
