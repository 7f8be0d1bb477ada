"""What runs by itself, each in a loop of its own: intake, outbox, tick, index, seals, the broom."""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone

from goodword.backup.scheduling import Daily
from goodword.cases.importing import Importing
from goodword.cases.models import OutgoingMessage, Scheduled, TakeBack
from goodword.channels.mail import letters
from goodword.channels.mail.letters import Letters
from goodword.channels.mail.models import IncomingMail
from goodword.channels.mail.outbox import Outbox, demo_maildir
from goodword.channels.mail.reading import Reader
from goodword.channels.mail.taking import door
from goodword.core.processes import give_back
from goodword.core.time import clock, keep_demo_clock, now
from goodword.core.work import Work, bring_back
from goodword.erasing import scrub_by_night
from goodword.finding import keeping
from goodword.journal.sealing import seal_due
from goodword.notifying import digesting, pushing, telling
from goodword.notifying.models import Push
from goodword.people.models import PeopleImport
from goodword.people.models.dates import roll
from goodword.staff.attempts import sweep
from goodword.staff.models import Business, Letter, Presence, Session
from goodword.worker.fetching import Fetchers
from goodword.worker.intake import Intake
from goodword.worker.later import go_out
from goodword.worker.leases import FolderLock
from goodword.worker.loops import Loop
from goodword.worker.tick import tick

log = logging.getLogger("goodword.worker")
Passwords = Callable[[str, str], str]
WORKS: dict[str, tuple[type[Work], ...]] = {
    "intake": (IncomingMail,),
    "clock": (Push, OutgoingMessage, Scheduled, Letter, PeopleImport),
}


class Worker:
    """The loops of one process. `password(address, use)` gives a mailbox's password.

    `intake` is how many mails are read at once, 0 for none; `clock` stands for the outbox, the
    tick and the seals; `fetch` for IMAP. A process that only answers has the one for its memory.
    """

    def __init__(
        self, password: Passwords, *, intake: int = 1, clock: bool = True, fetch: bool = True
    ) -> None:
        self.stop_event = threading.Event()
        self.mail_came = threading.Event()
        self._lock = FolderLock(Path(settings.DATA))
        self._lock.free(WORKS, [*(["intake"] if intake else []), *(["clock"] if clock else [])])
        self._reader = Reader(intake) if intake else None
        self._outbox = Outbox(password, demo_maildir()) if clock else None
        self._letters = Letters(password, demo_maildir())
        self._fetchers = Fetchers(password, self.mail_came) if fetch else None
        memory = Loop("memory", give_back, self.stop_event, every=60.0)
        self._loops = [memory, *self._intake(intake), *self._clock(), *self._fetching()]

    def start(self) -> None:
        for loop in self._loops:
            loop.start()

    def stop(self, within: float = 6.0) -> None:
        """End every loop after the row that it works on; returns after `within` seconds at most."""
        self.stop_event.set()
        if self._fetchers is not None:
            self._fetchers.stop()
        deadline = time.monotonic() + within
        ended = [loop.join(deadline - time.monotonic()) for loop in self._loops]
        if not all(ended):
            log.warning("Something was still at work; it is gone on with after the next start")
        if self._reader is not None:
            self._reader.close()
        if clock.is_demo:
            keep_demo_clock()
        self._lock.close()

    def _intake(self, count: int) -> list[Loop]:
        if self._reader is None:
            return []
        turns = [Intake(self._reader).turn for _ in range(count)]
        return [
            Loop(f"intake-{n}", turn, self.stop_event, eager=True, wake=self.mail_came)
            for n, turn in enumerate(turns)
        ]

    def _clock(self) -> Sequence[Loop]:
        if self._outbox is None:
            return []
        return [
            Loop("outbox", self._outbox.send_due, self.stop_event, eager=True),
            Loop("later", go_out, self.stop_event),
            Loop("letters", self._letters.send_due, self.stop_event, eager=True),
            Loop("tick", lambda: any(tick().values()), self.stop_event),
            Loop("index", _after_the_door(keeping.turn), self.stop_event, every=0.5, eager=True),
            Loop("telling", _after_the_door(telling.turn), self.stop_event, eager=True),
            Loop("pushing", pushing.turn, self.stop_event, eager=True),
            Loop("digests", digesting.turn, self.stop_event, every=20.0),
            Loop("seals", seal_due, self.stop_event, every=30.0),
            Loop("imports", Importing().turn, self.stop_event, every=2.0),
            Loop("broom", Broom(self._lock.keep).turn, self.stop_event, every=5.0),
            Loop("scrub", scrub_by_night, self.stop_event, every=600.0),
            *self._backups(),
        ]

    def _backups(self) -> list[Loop]:
        if settings.BACKUPS is None:
            return []
        turn = Daily(settings.BACKUPS, self.stop_event).turn
        return [Loop("backups", turn, self.stop_event, every=300.0)]

    def _fetching(self) -> list[Loop]:
        if self._fetchers is None:
            return []
        return [Loop("fetchers", self._fetchers.turn, self.stop_event, every=5.0)]


def _after_the_door(turn: Callable[[], object]) -> Callable[[], object]:
    """While mail pours in, what was taken can wait for half a second; its senders cannot."""

    def later() -> object:
        door.let_pass(quiet=0.01, at_most=0.5)
        return turn()

    return later


class Broom:
    """Sweeps out what means nothing any more, and notes where the demo's clock stands."""

    def __init__(self, keep: Callable[[], object] = lambda: None) -> None:
        self._keep, self._swept_at = keep, 0.0

    def turn(self) -> None:
        self._keep()
        if clock.is_demo:
            keep_demo_clock()
        if time.monotonic() - self._swept_at > 60.0:
            Presence.objects.filter(seen_at__lt=now() - timedelta(hours=1)).delete()
            # Django's sessions live by the machine's clock, whatever the demo's says.
            Session.objects.filter(expire_date__lt=timezone.now()).delete()
            TakeBack.objects.filter(at__lt=now() - timedelta(hours=1)).delete()
            business = Business.objects.select_related("schedule").first()
            if business is not None:
                roll(now().astimezone(ZoneInfo(business.schedule.zone)).date())
            bring_back((IncomingMail, OutgoingMessage, Letter), now())
            sweep()
            letters.sweep()
            self._swept_at = time.monotonic()


def send_due(password: Passwords = lambda _address, _use: "") -> int:
    """Send everything that is due now, in this thread; how many copies were tried."""
    outbox, sent = Outbox(password, demo_maildir()), 0
    while n := outbox.send_due():
        sent += n
    return sent
