"""How the desk stands, as figures: for `goodword status` and for who watches it from outside."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings
from django.db.models import Count, Min, Q
from django.utils.translation import gettext_noop

from goodword.backup.scheduling import standing as backups
from goodword.cases.models import Case, OutgoingMessage
from goodword.cases.models.outgoing import Delivery
from goodword.channels.mail.models import IncomingMail
from goodword.core.time import now
from goodword.finding.models import Stale
from goodword.journal.models import Entry
from goodword.promises.models import Promise


@dataclass(frozen=True)
class Figure:
    """One figure: its name as Prometheus has it (the unit last), what it is, and how much."""

    name: str
    about: str
    value: float


def figures() -> Iterator[Figure]:
    """All of them, each by an index; a dozen questions however much is stored."""
    at = now()
    yield from _mail(at)
    yield from _promises(at)
    waiting = Case.objects.unanswered().aggregate(n=Count("pk"), first=Min("unanswered_since"))
    yield Figure("cases_unanswered", gettext_noop("Customers who wait for an answer"), waiting["n"])
    yield _age("silence_oldest_seconds", gettext_noop("The oldest silence"), waiting["first"], at)
    stale = Stale.objects.count()
    yield Figure("index_stale", gettext_noop("Rows that the search index has not read"), stale)
    unsealed = Entry.objects.filter(seal=None).order_by("id").values_list("at", flat=True).first()
    said = gettext_noop("Age of the oldest entry without a seal")
    yield _age("journal_unsealed_seconds", said, unsealed, at)
    yield from _machine()


def _mail(at: datetime) -> Iterator[Figure]:
    waits = IncomingMail.objects.filter(done_at=None, gave_up_at=None)
    incoming = waits.aggregate(n=Count("pk"), first=Min("received_at"))
    yield Figure("mail_waiting", gettext_noop("Mails taken and not placed yet"), incoming["n"])
    said = gettext_noop("Age of the oldest mail that waits to be placed")
    yield _age("mail_oldest_seconds", said, incoming["first"], at)
    stuck = IncomingMail.objects.filter(state=IncomingMail.State.STUCK).count()
    yield Figure("mail_stuck", gettext_noop("Mails that could not be placed"), stuck)
    open_ones = OutgoingMessage.objects.filter(done_at=None, gave_up_at=None)
    outgoing = open_ones.aggregate(
        queued=Count("pk", filter=Q(state=Delivery.QUEUED)),
        deferred=Count("pk", filter=Q(state=Delivery.DEFERRED)),
        first=Min("queued_at"),
    )
    yield Figure("outbox_queued", gettext_noop("Copies that wait to be sent"), outgoing["queued"])
    said = gettext_noop("Copies that are tried again later")
    yield Figure("outbox_deferred", said, outgoing["deferred"])
    said = gettext_noop("Age of the oldest copy in the outbox")
    yield _age("outbox_oldest_seconds", said, outgoing["first"], at)


def _promises(at: datetime) -> Iterator[Figure]:
    open_ones = Promise.objects.open().count()
    yield Figure("promises_open", gettext_noop("Promises that are open"), open_ones)
    broken = Promise.objects.filter(state="broken").count()
    yield Figure("promises_broken", gettext_noop("Broken and not kept late yet"), broken)
    late = Promise.objects.due_before(at).aggregate(first=Min("breaks_at"))
    # What is due and still open waits for nothing but the tick.
    said = gettext_noop("How far the tick lags behind the clock")
    yield _age("tick_lag_seconds", said, late["first"], at)


def _machine() -> Iterator[Figure]:
    free = shutil.disk_usage(Path(settings.DATA)).free
    yield Figure("disk_free_bytes", gettext_noop("Free on the disk of the data folder"), free)
    if settings.BACKUPS is None:
        return
    newest = backups(settings.BACKUPS).at
    said = gettext_noop("Age of the newest backup")
    yield _age("backup_age_seconds", said, newest, datetime.now(UTC))


def _age(name: str, about: str, since: datetime | None, at: datetime) -> Figure:
    return Figure(name, about, max((at - since).total_seconds(), 0.0) if since else 0.0)
