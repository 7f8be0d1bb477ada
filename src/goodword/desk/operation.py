"""What an operator must know: whether mail comes and goes, and what stands in its way."""

from __future__ import annotations

import platform
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

import django
from django.conf import settings
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import Count, Max, Min, Q, Sum, Value
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

import goodword
from goodword.backup.scheduling import Standing, standing
from goodword.cases.models import OutgoingMessage
from goodword.cases.models.message import AUTOMATIC
from goodword.cases.models.outgoing import Delivery
from goodword.channels.mail.models import Auth, IncomingMail, Mailbox
from goodword.core.templatetags.goodword import clocktime, span
from goodword.core.time import clock, now
from goodword.core.work import due
from goodword.journal.models import Entry, Seal

# A turn of the worker takes seconds: what is due this long has nobody who works on it.
OVERDUE = timedelta(minutes=2)
UNSEALED_FOR = timedelta(minutes=5)
LITTLE_SPACE = 0.05
SHOWN_FOR = timedelta(days=30)


@dataclass(frozen=True)
class Incoming:
    """Mail that was taken and has no place yet."""

    waiting: int
    oldest: datetime | None
    stuck: int
    is_overdue: bool


@dataclass(frozen=True)
class Outgoing:
    """The outbox. `not_delivered` failed or came back in thirty days, `came_back` today."""

    queued: int
    deferred: int
    next_try: datetime | None
    not_delivered: int
    came_back: int
    held_back: int
    is_overdue: bool


@dataclass(frozen=True)
class Journal:
    entries: int
    unsealed: int
    oldest_unsealed: datetime | None
    sealed_at: datetime | None

    @property
    def is_behind(self) -> bool:
        return self.oldest_unsealed is not None and now() - self.oldest_unsealed > UNSEALED_FOR


@dataclass(frozen=True)
class Disk:
    """The disk of the data folder, in octets."""

    free: int
    total: int
    database: int | None

    @property
    def used_share(self) -> float:
        return 1 - self.free / self.total if self.total else 0.0

    @property
    def is_short(self) -> bool:
        return self.total > 0 and self.free / self.total < LITTLE_SPACE


@dataclass(frozen=True)
class Versions:
    goodword: str
    python: str
    django: str
    database: str
    pending: list[str]


@dataclass(frozen=True)
class Trouble:
    """One thing that is wrong: what it means, and what to do."""

    icon: str
    sentence: str
    do: str
    url: str = ""
    state: str = "risk"
    act: str = ""  # what the button to that address says


@dataclass(frozen=True)
class Operation:
    incoming: Incoming
    outgoing: Outgoing
    mailboxes: list[Mailbox]
    journal: Journal
    disk: Disk
    versions: Versions
    backups: Standing | None  # None where none are asked for
    at: datetime
    is_demo: bool

    @classmethod
    def look(cls, zone: ZoneInfo) -> Operation:
        """Everything as it is now; today begins at midnight in `zone`."""
        boxes = mailboxes()
        is_silent = any(box.is_silent() for box in boxes)
        return cls(
            incoming=_incoming(),
            outgoing=_outgoing(zone, is_silent),
            mailboxes=boxes,
            journal=_journal(),
            disk=_disk(),
            versions=_versions(),
            backups=standing(settings.BACKUPS) if settings.BACKUPS else None,
            at=now(),
            is_demo=clock.is_demo,
        )

    @property
    def troubles(self) -> list[Trouble]:
        """The gravest first; empty where all is well."""
        found = [*self._of_mailboxes(), *self._of_queues(), *self._of_machine()]
        return sorted(found, key=lambda each: each.state != "broken")

    def _of_mailboxes(self) -> Iterator[Trouble]:
        for box in self.mailboxes:
            url = reverse("mailbox", args=[box.pk])
            sign_in = getattr(box, "sign_in", None)
            if box.auth == Auth.OAUTH and sign_in is not None and sign_in.refused_at:
                # One trouble and not two or three: reading and sending wait for the same.
                there = reverse("settings_mailbox", args=[box.pk]) + "#sign-in"
                sentence = _("%(address)s has to be signed in again.") % {"address": box.address}
                yield Trouble(
                    "key-round", sentence, sign_in.trouble, there, "broken", _("Sign in again")
                )
                continue
            if box.is_silent():
                yield Trouble("plug", _silence(box), self._held_back(box), url, "broken")
            elif box.trouble:
                yield Trouble("plug", f"{box.address}: {box.trouble}", _try_check(), url)
            if box.sending_trouble:
                sentence = _("%(address)s cannot send.") % {"address": box.address}
                yield Trouble("mail-x", sentence, box.sending_trouble, url, "broken")

    def _held_back(self, box: Mailbox) -> str:
        """R09: what machines would send waits; nothing of a person's does."""
        rest = _("What the desk would send by itself waits; people’s words go out.")
        if not self.outgoing.held_back:
            return f"{box.trouble} {rest}".strip()
        held = ngettext(
            "%(n)s mail that the desk would send by itself waits; people’s words go out.",
            "%(n)s mails that the desk would send by itself wait; people’s words go out.",
            self.outgoing.held_back,
        ) % {"n": self.outgoing.held_back}
        return f"{box.trouble} {held}".strip()

    def _of_queues(self) -> Iterator[Trouble]:
        if self.incoming.stuck:
            sentence = ngettext(
                "%(n)s mail could not be placed.",
                "%(n)s mails could not be placed.",
                self.incoming.stuck,
            ) % {"n": self.incoming.stuck}
            do = _("It is kept whole. Try again after an upgrade, or read it as it came.")
            yield Trouble("file-warning", sentence, do, "?list=incoming#lists", "broken")
        if self.incoming.is_overdue:
            sentence = _("Mail waits to be read since %(at)s.")
            said = sentence % {"at": clocktime(self.incoming.oldest)}
            do = _("Nothing seems to read it. Is “goodword mail” running?")
            yield Trouble("inbox", said, do, "?list=incoming#lists", "broken")
        if self.outgoing.is_overdue:
            do = _("Nothing seems to send. Is “goodword worker” running?")
            sentence = _("Mail waits to be sent and nobody sends it.")
            yield Trouble("send", sentence, do, "?list=outgoing#lists", "broken")

    def _of_machine(self) -> Iterator[Trouble]:
        if self.versions.pending:
            sentence = _("The database is older than this Goodword.")
            yield Trouble("database", sentence, _("Restart it: it takes the missing steps then."))
        if self.journal.is_behind:
            sentence = _("The journal was not sealed for a while.")
            do = _("Nothing is lost. Is “goodword worker” running?")
            yield Trouble("lock", sentence, do)
        if self.backups is not None and (self.backups.is_late or self.backups.trouble):
            sentence = _("There is no backup of today.")
            do = _("“goodword backup” makes one, and says what stands in its way.")
            yield Trouble("database", sentence, self.backups.trouble or do, state="broken")
        if self.disk.is_short:
            sentence = _("The disk of the data folder is nearly full.")
            do = _("Make room: with a full disk no mail can be taken.")
            yield Trouble("hard-drive", sentence, do, state="broken")


def _silence(box: Mailbox) -> str:
    if box.well_at is None:
        return _("%(address)s was never read.") % {"address": box.address}
    length = span(now() - box.well_at)
    return _("%(address)s was not read for %(span)s.") % {"address": box.address, "span": length}


def _try_check() -> str:
    return _("It is tried again by itself. “goodword check” says what to correct.")


def mailboxes() -> list[Mailbox]:
    """Every mailbox, with how many mails of it are `held` here and how many were `unreadable`."""
    held = Count("incoming")
    unreadable = Count("incoming", filter=Q(incoming__is_readable=False))
    rows = Mailbox.objects.annotate(held=held, unreadable=unreadable)
    return list(rows.select_related("team", "sign_in"))


def _incoming() -> Incoming:
    states = IncomingMail.State
    waits = Q(state=states.TAKEN)
    found = IncomingMail.objects.filter(state__in=(states.TAKEN, states.STUCK)).aggregate(
        waiting=Count("pk", filter=waits),
        oldest=Min("received_at", filter=waits),
        stuck=Count("pk", filter=Q(state=states.STUCK)),
        overdue=Count("pk", filter=waits & due(now() - OVERDUE)),
    )
    return Incoming(found["waiting"], found["oldest"], found["stuck"], found["overdue"] > 0)


def _outgoing(zone: ZoneInfo, is_silent: bool) -> Outgoing:
    waits = Q(state__in=(Delivery.QUEUED, Delivery.DEFERRED))
    gone = Q(state__in=(Delivery.FAILED, Delivery.BOUNCED), due_at__gte=now() - SHOWN_FOR)
    machines = Q(message__purpose__in=AUTOMATIC)
    overdue = waits & due(now() - OVERDUE)
    if is_silent:
        overdue &= ~machines
    found = OutgoingMessage.objects.filter(waits | gone).aggregate(
        queued=Count("pk", filter=Q(state=Delivery.QUEUED)),
        deferred=Count("pk", filter=Q(state=Delivery.DEFERRED)),
        next_try=Min("due_at", filter=Q(state=Delivery.DEFERRED)),
        automatic=Count("pk", filter=waits & machines),
        overdue=Count("pk", filter=overdue),
        gone=Count("pk", filter=gone),
    )
    return Outgoing(
        queued=found["queued"],
        deferred=found["deferred"],
        next_try=found["next_try"],
        not_delivered=found["gone"],
        came_back=_came_back_today(zone),
        held_back=found["automatic"] if is_silent else 0,
        is_overdue=found["overdue"] > 0,
    )


def _came_back_today(zone: ZoneInfo) -> int:
    """Copies whose bounce came today; the copy itself only knows when it was sent."""
    midnight = now().astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    gone = OutgoingMessage.objects.filter(state=Delivery.BOUNCED, due_at__gte=now() - SHOWN_FOR)
    cases = gone.values("message__case")
    told = Entry.objects.filter(case__in=cases, kind="bounced", at__gte=midnight)
    return len({facts.get("copy") for facts in told.values_list("facts", flat=True)})


def _journal() -> Journal:
    """Counted by the seals, since counting a million entries takes a second."""
    sealed = Seal.objects.values(what=Value("sealed")).annotate(n=Sum("count"), at=Max("at"))
    left = Entry.objects.filter(seal=None).order_by().values(what=Value("left"))
    both = sealed.union(left.annotate(n=Count("pk"), at=Min("at")), all=True)
    found = {row["what"]: row for row in both}
    done, open_ = found["sealed"], found["left"]
    return Journal((done["n"] or 0) + open_["n"], open_["n"], open_["at"], done["at"])


def _disk() -> Disk:
    folder = Path(settings.DATA)
    try:
        usage = shutil.disk_usage(folder)
    except OSError:
        return Disk(0, 0, None)
    database = None
    if connection.vendor == "sqlite":
        name = str(connection.settings_dict["NAME"])
        kept = [Path(name + suffix) for suffix in ("", "-wal")]
        database = sum(each.stat().st_size for each in kept if each.is_file())
    return Disk(usage.free, usage.total, database)


def _versions() -> Versions:
    return Versions(
        goodword=goodword.__version__,
        python=platform.python_version(),
        django=django.get_version(),
        database=_database_version(),
        pending=_pending(),
    )


def _database_version() -> str:
    if connection.vendor == "sqlite":
        major, minor, patch = connection.get_database_version()
        return f"SQLite {major}.{minor}.{patch}"
    number = ".".join(str(each) for each in connection.get_database_version())
    return f"PostgreSQL {number}"


def _pending() -> list[str]:
    """Every page of the desk stands on the table of the steps, so it is not asked for first."""
    taken = set(MigrationRecorder.Migration.objects.values_list("app", "name"))
    return [f"{app}.{name}" for app, name in _steps() if (app, name) not in taken]


@cache
def _steps() -> list[tuple[str, str]]:
    """What this program knows; it does not change while it runs."""
    return sorted(MigrationLoader(None).graph.nodes)
