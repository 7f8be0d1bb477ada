"""Intake: mail that was taken is read by limited children and finds its place."""

import logging
from collections.abc import Callable
from datetime import timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from goodword.channels.mail.models import IncomingMail
from goodword.channels.mail.placing import Placing
from goodword.channels.mail.reading import ReadMail, read, unreadable
from goodword.core.compare import change
from goodword.core.faults import point
from goodword.core.once import one_piece_of_work
from goodword.core.room import StoreGone, no_room
from goodword.core.time import now
from goodword.core.work import LeaseLost, backoff, claim
from goodword.worker.connections import drop_if_broken

log = logging.getLogger("goodword.intake")

# A mail is read within twenty seconds, so five of them never outlive their lease.
AT_ONCE = 5
LEASE = timedelta(minutes=3)
ATTEMPTS = 5
FIRST_PAUSE = timedelta(seconds=3)
LONGEST_PAUSE = timedelta(minutes=1)
Read = Callable[[bytes], ReadMail]


class Intake:
    """Claims mails that are due, and places each in a transaction of its own. One a thread."""

    def __init__(self, reader: Read, rows: "QuerySet[IncomingMail] | None" = None) -> None:
        self._read = reader
        self._rows = rows if rows is not None else IncomingMail.objects.all()
        self._claimed: list[IncomingMail] = []

    def turn(self) -> int:
        """Place the mails that are due now, a few at once; how many were worked on.

        Raises for a database that is gone; what was claimed is gone on with at the next turn.
        """
        if not self._claimed:
            rows = self._rows.select_related("mailbox__team")
            self._claimed = claim(rows, limit=AT_ONCE, lease=LEASE, now=now())
        done = 0
        while self._claimed:
            self._place(self._claimed[0])
            self._claimed.pop(0)
            done += 1
        return done

    def _place(self, row: IncomingMail) -> None:
        try:
            with one_piece_of_work():
                mail = self._read(row.raw())
                point("intake.after_read")
                Placing(row, mail).commit()
            point("intake.after_commit")
        except LeaseLost:
            log.info("mail %s has another worker by now", row.pk)
        except Exception as error:
            if no_room(error) or isinstance(error, StoreGone):
                # Nothing is wrong with this mail: it must not use up its attempts.
                raise
            log.exception("mail %s could not be placed (attempt %s)", row.pk, row.attempts)
            drop_if_broken()
            self._put_off(row, error)

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


def drain_intake(reader: Read = read, rows: "QuerySet[IncomingMail] | None" = None) -> int:
    """Place everything that is due now, in this thread; how many mails were worked on.

    Reads in this process unless it is given a `Reader`'s: for tests and for mail of our own.
    """
    intake, done = Intake(reader, rows), 0
    while n := intake.turn():
        done += n
    return done
