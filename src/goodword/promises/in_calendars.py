"""A member's promises as a calendar that others read (RFC 5545). All times are in UTC."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext as _
from icalendar import Calendar, Event

from goodword.core.templatetags.goodword import KINDS
from goodword.promises.kinds import State
from goodword.promises.models import Promise
from goodword.staff.models import Member

BEFORE, AFTER = timedelta(days=14), timedelta(days=90)
MOST = 2_000
# A due is an instant, which calendars draw as nothing; it is drawn as the quarter before it.
_DRAWN = timedelta(minutes=15)
_ASKED_EACH = timedelta(minutes=30)
_CALLED_OFF = (State.RELEASED, State.VOID)


def calendar_of(member: Member, at: datetime, *, with_words: bool) -> bytes:
    """What this member owns from two weeks back to three months ahead, by two questions.

    A promise that was moved stands at its new time, as the same event. `with_words` shows what
    was promised and to whom; without it the reference and the kind have to do.
    """
    window = Promise.objects.filter(owner=member, due__gte=at - BEFORE, due__lt=at + AFTER)
    shown = window.exclude(state=State.MOVED).select_related("case", "customer")
    promises = list(shown.order_by("due", "pk")[:MOST])
    roots = _roots(promises)
    calendar = Calendar()
    calendar.add("prodid", "-//Goodword//Promises//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", _("Promises of %(name)s") % {"name": member.name})
    calendar.add("refresh-interval", _ASKED_EACH, parameters={"value": "DURATION"})
    calendar.add("x-published-ttl", "PT30M")
    for promise in promises:
        calendar.add_component(_event(promise, roots[promise.pk], with_words))
    return bytes(calendar.to_ical())


def _roots(promises: Iterable[Promise]) -> dict[int, int]:
    """For each the key of the promise that was given first, before any move."""
    cases = {promise.case_id for promise in promises if promise.moved_from_id}
    moved = Promise.objects.filter(case__in=cases, state=State.MOVED)
    before = dict(moved.values_list("pk", "moved_from"))
    return {promise.pk: _root(promise, before) for promise in promises}


def _root(promise: Promise, before: dict[int, int | None]) -> int:
    key = promise.pk
    earlier = promise.moved_from_id
    while earlier is not None:
        key, earlier = earlier, before.get(earlier)
    return key


def _event(promise: Promise, root: int, with_words: bool) -> Event:
    changed = _changed_at(promise)
    event = Event()
    event.add("uid", f"promise-{root}@{urlsplit(settings.PUBLIC_URL).hostname or 'goodword'}")
    event.add("dtstamp", changed)
    event.add("last-modified", changed)
    event.add("created", promise.made_at)
    event.add("sequence", promise.moves * 2 + (promise.state != State.OPEN))
    event.add("dtstart", promise.opens or promise.due - _DRAWN)
    event.add("dtend", promise.due)
    event.add("summary", _summary(promise, with_words))
    event.add("url", f"{settings.PUBLIC_URL}/promises/{promise.pk}/")
    event.add("class", "CONFIDENTIAL")
    event.add("status", "CANCELLED" if promise.state in _CALLED_OFF else "CONFIRMED")
    event.add("transp", "OPAQUE" if promise.state == State.OPEN else "TRANSPARENT")
    if with_words:
        event.add("description", promise.text)
    return event


def _changed_at(promise: Promise) -> datetime:
    known = (promise.made_at, promise.kept_at, promise.broken_at, promise.ended_at)
    return max(at for at in known if at is not None)


def _summary(promise: Promise, with_words: bool) -> str:
    """“HL-2041 Callback”, with the words where they may leave, and its state where it has one."""
    kind = str(KINDS[promise.kind][1])
    what = f"{promise.case.reference} {kind}"
    if with_words:
        what = f"{what}: {promise.text} ({promise.customer.name})"
    if promise.state == State.OPEN:
        return what
    return f"{State(promise.state).label}: {what}"
