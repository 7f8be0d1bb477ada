"""Intake: mail that was taken is read by limited children and finds its place."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from functools import partial
from math import inf
from time import monotonic
from typing import Any

from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from goodword.channels.mail.models import IncomingMail
from goodword.channels.mail.placing import Placing, keep_files
from goodword.channels.mail.reading import Reader, ReadMail, read, unreadable
from goodword.channels.mail.taking import door
from goodword.core.compare import change
from goodword.core.faults import point
from goodword.core.once import one_piece_of_work
from goodword.core.room import StoreGone, no_room
from goodword.core.time import now
from goodword.core.work import LeaseLost, backoff, claim
from goodword.worker.connections import drop_if_broken

log = logging.getLogger("goodword.intake")

AT_ONCE = 32
LEASE = timedelta(minutes=3)
# A mail is read within twenty seconds: what was claimed is held on to before that is too long.
HELD_AFTER = 60.0
# Seconds of reading, and of placing in one transaction: on SQLite nobody else writes meanwhile.
READS_FOR, PLACES_FOR = 1.0, 0.15
READS_OCTETS = 8 * 1024 * 1024  # held in memory at once, but for one mail that is larger
# While mail comes in faster than that, it comes first: its senders wait, what was taken does not.
DOOR_QUIET, DOOR_WAITS, LETS_IN_AFTER = 0.01, 1.0, 0.02
ATTEMPTS = 5
FIRST_PAUSE = timedelta(seconds=3)
LONGEST_PAUSE = timedelta(minutes=1)
Read = Callable[[bytes], ReadMail]
Answer = Callable[[], ReadMail]


class Intake:
    """Claims mails that are due and places them, each whole or not at all. One a thread.

    On SQLite several go into one durable commit, since a commit costs more than a mail. On
    PostgreSQL each has a transaction of its own: a longer one would hold the locks of several
    cases, in no order, against those who work in them.

    While one is placed, a `Reader`'s child reads the next.
    """

    def __init__(self, reader: Reader | Read, rows: "QuerySet[IncomingMail] | None" = None) -> None:
        self._reader = reader
        self._begun: dict[int, Answer] = {}  # of one mail at most: so many a child reads
        self._rows = rows if rows is not None else IncomingMail.objects.all()
        self._claimed: list[IncomingMail] = []
        self._claimed_at = 0.0
        self._mails: dict[int, ReadMail] = {}
        self._known: dict[Any, Any] = {}
        self._known_since = -inf

    def turn(self) -> int:
        """Place the mails that are due now, a few at once; how many were worked on.

        Raises for a database that is gone; what was claimed is gone on with at the next turn.
        """
        self._known = {}
        if not self._claimed:
            at = now()
            self._claimed = claim(self._rows.all(), limit=AT_ONCE, lease=LEASE, now=at)
            self._claimed_at = monotonic()
            self._mails.clear()
        done = 0
        while self._claimed:
            self._hold_on()
            placed = self._several() or self._one()
            for row in self._claimed[:placed]:
                self._mails.pop(row.pk, None)
                point("intake.after_commit")
            del self._claimed[:placed]
            done += placed
        return done

    def _hold_on(self) -> None:
        """Whoever lost a lease all the same is told so when it is to be ended."""
        if monotonic() - self._claimed_at > HELD_AFTER:
            for row in self._claimed:
                with suppress(LeaseLost):
                    row.extend(LEASE)
            self._claimed_at = monotonic()

    def _several(self) -> int:
        """How many of the first were placed in one transaction; 0 where they go one by one."""
        if len(self._claimed) == 1 or connection.vendor != "sqlite":
            return 0
        try:
            rows = self._some_read()
            door.let_pass(quiet=DOOR_QUIET, at_most=DOOR_WAITS)
            placed = self._together(rows)
        except Exception as error:
            if no_room(error):
                raise
            # One of them, or the database, stood in the way of all: nothing of it is written.
            log.info("mails are placed one by one: %s", error)
            drop_if_broken()
            return 0
        return placed

    def _some_read(self) -> list[IncomingMail]:
        rows, began, octets = [], monotonic(), 0
        for row in self._claimed:
            rows.append(row)
            octets += row.size
            keep_files(self._mail_of(row))
            if monotonic() - began > READS_FOR or octets > READS_OCTETS:
                break
        return rows

    def _mail_of(self, row: IncomingMail) -> ReadMail:
        if row.pk not in self._mails:
            answer = self._begun.pop(row.pk, None) or self._begin(row)
            self._mails[row.pk] = answer()
            point("intake.after_read")
            self._begin_next(row)
        return self._mails[row.pk]

    def _begin(self, row: IncomingMail) -> Answer:
        raw, reader = row.raw(), self._reader
        return reader.begin(raw) if isinstance(reader, Reader) else partial(reader, raw)

    def _begin_next(self, row: IncomingMail) -> None:
        following = self._claimed[self._claimed.index(row) + 1 :]
        if following and isinstance(self._reader, Reader) and not self._begun:
            # What is wrong with that mail shows in its own turn, and is no fault of this one.
            with suppress(Exception):
                self._begun[following[0].pk] = self._begin(following[0])

    def _together(self, rows: list[IncomingMail]) -> int:
        placed = 0
        door.note_placing()
        with _as_claimed(rows), transaction.atomic(), one_piece_of_work():
            began = monotonic()
            for row in rows:
                self._commit(row, self._mails[row.pk])
                placed += 1
                lasted = monotonic() - began
                if lasted > PLACES_FOR or (lasted > LETS_IN_AFTER and door.someone_waits()):
                    break
        return placed

    def _commit(self, row: IncomingMail, mail: ReadMail) -> None:
        try:
            Placing(row, mail).commit()
        except LeaseLost:
            log.info("mail %s has another worker by now", row.pk)

    def _one(self) -> int:
        self._place(self._claimed[0])
        return 1

    def _place(self, row: IncomingMail) -> None:
        try:
            with _as_claimed([row]), one_piece_of_work(self._known_a_moment()):
                Placing(row, self._mail_of(row)).commit()
        except LeaseLost:
            log.info("mail %s has another worker by now", row.pk)
        except Exception as error:
            self._known = {}
            if no_room(error) or isinstance(error, StoreGone):
                # Nothing is wrong with this mail: it must not use up its attempts.
                raise
            log.exception("mail %s could not be placed (attempt %s)", row.pk, row.attempts)
            drop_if_broken()
            self._put_off(row, error)

    def _known_a_moment(self) -> dict[Any, Any]:
        """What hardly ever changes, and what all mails ask: no longer than a batch would last."""
        if monotonic() - self._known_since > PLACES_FOR:
            self._known, self._known_since = {}, monotonic()
        return self._known

    def _put_off(self, row: IncomingMail, error: Exception) -> None:
        """Once more later; after five attempts a case that everybody sees, never only a log."""
        why = f"{type(error).__name__}: {error}"[:2000]
        try:
            if row.attempts < ATTEMPTS:
                pause = backoff(row.attempts, FIRST_PAUSE, LONGEST_PAUSE)
                row.retry(why, pause)
            else:
                self._show(row, why)
        except LeaseLost:
            log.info("mail %s has another worker by now", row.pk)

    def _show(self, row: IncomingMail, why: str) -> None:
        sentence = _("Placing it failed %(n)s times on our side.") % {"n": row.attempts}
        try:
            Placing(row, unreadable(row.raw(), sentence)).commit()
        except LeaseLost:
            raise
        except Exception:
            log.exception("mail %s cannot even be shown as unreadable", row.pk)
            drop_if_broken()
            with transaction.atomic():
                row.give_up(why)
                change(row, {}, {"state": IncomingMail.State.STUCK, "is_readable": False})


@contextmanager
def _as_claimed(rows: list[IncomingMail]) -> Iterator[None]:
    """Where the transaction fails, none of them is ended: they are leased to us, as before."""
    held = [(row, row.lease_token, row.lease_until) for row in rows]
    try:
        yield
    except Exception:
        for row, token, until in held:
            row.lease_token, row.lease_until, row.done_at = token, until, None
        raise


def drain_intake(reader: Reader | Read = read, rows: "QuerySet[IncomingMail] | None" = None) -> int:
    """Place everything that is due now, in this thread; how many mails were worked on.

    Reads in this process unless it is given a `Reader`'s: for tests and for mail of our own.
    """
    intake, done = Intake(reader, rows), 0
    while n := intake.turn():
        done += n
    return done
