"""Telling: what the journal holds becomes notifications, in any number of workers, each once.

A turn reads a batch, writes its rows and notes how far it came in one transaction; killed on
the way, it has done nothing. The note is a compare-and-set, so that of two workers with the
same batch one begins again.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction

from goodword.core.live import notify
from goodword.core.time import now
from goodword.journal.models import Entry
from goodword.journal.recording import alone
from goodword.notifying.audience import TOLD, Around, audience, message_of
from goodword.notifying.models import Channel, Notification, Preferences, Push, Reading
from goodword.notifying.subjects import SUBJECTS, Way
from goodword.staff.models import Business, Member

AT_ONCE = 200
# A desk that was off for long does not wake with a flood.
STALE = timedelta(days=2)


def turn() -> int:
    """Tell one batch of what was written; how many entries it had. 0: all is told."""
    if not Reading.current().has_unread():
        return 0
    with transaction.atomic():
        alone("notifying")
        reading = Reading.current()
        entries = list(reading.unread().select_related("member", "customer")[:AT_ONCE])
        tell(entries)
        reading.note([entry.pk for entry in entries])
    return len(entries)


def catch_up() -> None:
    """Everything there is to tell, in this thread; for commands and tests."""
    while turn():
        pass


def tell(entries: Sequence[Entry]) -> list[Notification]:
    """The notifications of these entries, those of members who want none left out."""
    fresh = [each for each in entries if each.kind in TOLD and _happened(each) > now() - STALE]
    if not fresh:
        return []
    around = Around(fresh)
    chosen = {each.member_id: each for each in Preferences.objects.all()}
    rows = []
    for entry in fresh:
        for member, subject in audience(around, entry):
            prefers = chosen.get(member.pk) or Preferences(member=member)
            if ways := prefers.wants(subject):
                rows.append(_row(around, entry, member, subject, ways))
    Notification.objects.bulk_create(rows)
    _push(rows, chosen)
    if rows:
        notify()
    return rows


def _happened(entry: Entry) -> datetime:
    """A rung of the ladder bears the instant that it has, and was climbed perhaps much later."""
    climbed = entry.facts.get("climbed")
    return datetime.fromisoformat(climbed) if climbed else entry.at


def _push(rows: Sequence[Notification], chosen: dict[int, Preferences]) -> None:
    """Later work is a row: one for each channel by which the member wants to hear of it."""
    standing = Channel.objects.standing().filter(member__in={row.member_id for row in rows})
    channels = list(standing)
    if not channels:
        return
    zone = ZoneInfo(Business.current().schedule.zone)
    pushes = []
    for row in rows:
        prefers = chosen.get(row.member_id) or Preferences(member_id=row.member_id)
        for channel in channels:
            if channel.member_id == row.member_id and channel.way in prefers.wants(row.subject):
                is_page = SUBJECTS[row.subject].is_page
                due = now() if is_page else prefers.not_before(now(), zone)
                pushes.append(Push(notification=row, channel=channel, due_at=due))
    Push.objects.bulk_create(pushes)


def _row(
    around: Around, entry: Entry, member: Member, subject: str, ways: frozenset[Way]
) -> Notification:
    message = message_of(entry)
    return Notification(
        member=member,
        entry=entry,
        case_id=entry.case_id,
        message_id=message if message in around.messages else None,
        subject=subject,
        in_page=Way.PAGE in ways,
        by_mail=Way.MAIL in ways,
    )
