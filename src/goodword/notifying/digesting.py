"""The mail of what is still unseen: when it is due, and that each thing stands in one at most."""

from datetime import datetime, timedelta

from django.db import transaction

from goodword import clock
from goodword.core.compare import change
from goodword.core.time import now
from goodword.notifying.models import Notification, Preferences
from goodword.notifying.models.notification import NotificationQuerySet
from goodword.staff.models import Business, Letter, Member

HOUR = timedelta(hours=1)


def turn() -> int:
    """Write the mails that are due; how many. Safe in any number of workers."""
    waiting = _waiting().order_by().values_list("member", flat=True).distinct()
    members = Member.objects.active().filter(pk__in=list(waiting))
    return sum(_look_after(member) for member in members)


def next_digest(digest: str, at: datetime, hours: clock.Schedule) -> datetime:
    """The instant of the next one, always while the business is open."""
    if not clock.is_open(at, hours):
        return clock.next_opening(at, hours)
    if digest == Preferences.Digest.HOURLY:
        return clock.next_opening(at + HOUR, hours)
    bounds = clock.day_bounds(at, hours)
    return clock.next_opening(bounds[1] if bounds else at + HOUR, hours)


def _waiting() -> NotificationQuerySet:
    return Notification.objects.unseen().filter(by_mail=True, mailed_at=None)


def _look_after(member: Member) -> bool:
    prefers, _is_new = Preferences.objects.get_or_create(member=member)
    if prefers.digest == Preferences.Digest.NEVER:
        return False
    if prefers.digest_due is None:
        hours = Business.current().schedule.hours
        due = next_digest(prefers.digest, now(), hours)
        change(prefers, {"digest_due": None}, {"digest_due": due})
        return False
    return prefers.digest_due <= now() and _write(prefers, member)


@transaction.atomic
def _write(prefers: Preferences, member: Member) -> bool:
    if not change(prefers, {"digest_due": prefers.digest_due}, {"digest_due": None}):
        return False
    rows = _waiting().filter(member=member)
    ids = list(rows.order_by("-pk").values_list("pk", flat=True))
    Notification.objects.filter(pk__in=ids).update(mailed_at=now())
    if ids:
        Letter.write(Letter.Kind.DIGEST, member, notifications=ids)
    return bool(ids)
