"""Bringing in mail from files: taken, read and placed exactly as mail that arrives."""

import time
from collections.abc import Callable, Iterable
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError, transaction
from django.db.models import QuerySet

from goodword.channels.mail.folders import Found, MailFiles
from goodword.channels.mail.models import IncomingMail, Mailbox
from goodword.channels.mail.obstacles import Obstacle
from goodword.channels.mail.placing import open_history
from goodword.channels.mail.reading import Reader, ReadMail, unreadable
from goodword.channels.mail.taking import fingerprint, mailbox_for, take
from goodword.config.beginning import Trouble
from goodword.config.progress import progress
from goodword.worker.intake import drain_intake

_BATCH, _OCTETS = 50, 8 * 1024 * 1024  # taken together, and held in memory until then
LONGEST_WAIT = 120.0


def mailbox_of(address: str | None) -> Mailbox:
    """The mailbox that is meant, or the only one there is. Raises Trouble."""
    boxes = list(Mailbox.objects.filter(is_active=True))
    if address:
        found = mailbox_for(address)
        if found is None:
            ours = ", ".join(box.address for box in boxes)
            raise Trouble(f"{address} is no mailbox of this desk; it has {ours or 'none'}.")
        return found
    if not boxes:
        raise Trouble("There is no mailbox yet. Run: goodword mailbox add")
    return boxes[0]


class Ingest:
    """One run over some paths. `troubles` names every file that could not be taken.

    `is_ours` tells of a mail, as far as its head shows, whether we wrote it: that is left out.
    `before_clocks` is called once everything is placed and no clock has been opened yet.
    """

    def __init__(
        self,
        box: Mailbox,
        *,
        dates_as_written: bool,
        is_history: bool,
        is_ours: Callable[[ReadMail], bool] | None = None,
        before_clocks: Callable[[], object] | None = None,
    ) -> None:
        self._box, self._as_written, self._is_history = box, dates_as_written, is_history
        self._is_ours = is_ours
        self._before_clocks = before_clocks
        self._first = self._last = 0
        self.taken = self.known = 0
        self._files = MailFiles()
        self._gathered: list[tuple[Found, bytes]] = []
        self.troubles = self._files.troubles

    def run(self, paths: Iterable[Path]) -> None:
        mails = self._files.below(paths)
        with Reader() as reader, progress() as bar:
            task = bar.add_task("Taking", total=len(mails))
            for number, found in enumerate(mails, 1):
                self._gather(found)
                bar.advance(task)
                if number % _BATCH == 0:
                    self._take()
                    self._place(reader)
            self._take()
            self._place(reader, wait=LONGEST_WAIT)
        if self._before_clocks:
            self._before_clocks()
        if self._is_history:
            cases = sorted(set(self._cases()))
            for start in range(0, len(cases), 500):
                open_history(cases[start : start + 500])

    def summary(self) -> list[str]:
        """What came of it, one line a thing."""
        rows = self._mine()
        counts = {
            "taken": self.taken,
            "here already": self.known,
            "cases": len(set(self._cases())),
            "written by machines, in no case": rows.filter(state="automatic").count(),
            "our own mail that came back": rows.filter(state="ours").count(),
            "unreadable, each shown as a case": rows.filter(is_readable=False).count(),
            "not placed yet": rows.filter(state__in=("taken", "stuck")).count(),
            "files that could not be taken": len(self.troubles),
        }
        always = ("taken", "here already", "cases")
        return [f"{n:>7}  {what}" for what, n in counts.items() if n or what in always]

    # Taking and placing

    def _gather(self, found: Found) -> None:
        """Read it, and take several together once they are many octets."""
        try:
            raw = self._files.raw(found)
            if self._is_ours and self._is_ours(unreadable(raw, "")):
                return
            if not raw.strip():
                self.troubles.append(f"{found.name}: the file is empty")
                return
            if len(raw) > settings.MAIL_LIMIT:
                limit = settings.MAIL_LIMIT // (1024 * 1024)
                words = f"larger than {limit} MB (GOODWORD_MAIL_LIMIT_MB)"
                self.troubles.append(f"{found.name}: {words}")
                return
        except OSError as error:
            self._note(found, error)
            return
        self._gathered.append((found, raw))
        if sum(len(raw) for _found, raw in self._gathered) > _OCTETS:
            self._take()

    def _take(self) -> None:
        """By one durable commit; where that fails by one for each, so that each says why."""
        gathered, self._gathered = self._gathered, []
        before = self.taken, self.known, self._first, self._last
        try:
            with transaction.atomic():
                for _found, raw in gathered:
                    self._keep(raw)
        except (OSError, Obstacle, DatabaseError):
            self.taken, self.known, self._first, self._last = before
            for found, raw in gathered:
                try:
                    self._keep(raw)
                except (OSError, Obstacle) as error:
                    self._note(found, error)

    def _note(self, found: Found, error: OSError | Obstacle) -> None:
        reason = getattr(error, "strerror", None) or str(error)
        self.troubles.append(f"{found.name}: {reason}")

    def _keep(self, raw: bytes) -> None:
        known = IncomingMail.objects.filter(mailbox=self._box, fingerprint=fingerprint(raw))
        is_new = not known.exists()
        rows = take(
            raw,
            envelope_from="",
            recipients=[],
            source="ingest",
            mailbox=self._box,
            is_history=self._is_history,
            dates_as_written=self._as_written,
        )
        self.taken += is_new
        self.known += not is_new
        if is_new:
            self._first = self._first or rows[0].pk
            self._last = rows[0].pk

    def _place(self, reader: Reader, wait: float = 0.0) -> None:
        """Place what is due; at the end wait for what is tried again, or a server works on."""
        deadline = time.monotonic() + wait
        while True:
            drain_intake(reader, self._mine())
            is_done = not self._mine().filter(done_at=None, gave_up_at=None).exists()
            if is_done or time.monotonic() >= deadline:
                return
            time.sleep(0.3)

    def _mine(self) -> "QuerySet[IncomingMail]":
        mine = IncomingMail.objects.filter(pk__gte=self._first, pk__lte=self._last)
        return mine.filter(mailbox=self._box, source=IncomingMail.Source.INGEST)

    def _cases(self) -> Iterable[int]:
        mine = self._mine().exclude(message=None)
        return mine.values_list("message__case", flat=True).distinct()
