"""Pushing: what was told goes to browsers and services, a channel at a time.

What may have left when a worker died is not sent to a service again: it stands in the page
anyway. A browser shows the second of two with one tag in place of the first.
"""

import logging
from collections import defaultdict
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import InterfaceError, OperationalError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import override

from goodword.cases.access import visible_cases
from goodword.core.compare import change
from goodword.core.secrecy import CannotOpen
from goodword.core.time import now
from goodword.core.work import LeaseLost, claim
from goodword.notifying import services, webpush
from goodword.notifying.models import Channel, Preferences, Push
from goodword.notifying.outward import Gone, NotSent
from goodword.notifying.wording import Word, trial, trial_page, word_of
from goodword.staff.models import Business

log = logging.getLogger(__name__)
AT_ONCE = 50
LEASE = timedelta(minutes=5)
ATTEMPTS = 6
SENDERS: dict[str, Callable[[dict[str, Any], Word], None]] = {
    Channel.Way.BROWSER: webpush.send,
    Channel.Way.SERVICE: services.send,
}


def turn() -> int:
    """Push what is due; how many were looked at. Safe in any number of workers."""
    at = now()
    around = ("channel__member__role", "notification__case__customer", "notification__message",
              "notification__entry__member", "notification__entry__customer")  # fmt: skip
    rows = claim(Push.objects.select_related(*around), limit=AT_ONCE, lease=LEASE, now=at)
    by_channel: dict[tuple[int, int], list[Push]] = defaultdict(list)
    for row in rows:
        # A page stands by itself: nobody finds it among “7 notifications”.
        alone = row.pk if row.notification.is_page else 0
        by_channel[row.channel_id, alone].append(row)
    for each in by_channel.values():
        try:
            _push(each)
        except (OperationalError, InterfaceError):
            raise
        except LeaseLost:
            log.info("a push has another worker by now")
        except Exception:
            log.exception("a push stumbled")
            _fail(each, _("It failed on our side."))
    return len(rows)


def try_out(channel: Channel, *, as_page: bool = False) -> None:
    """Really send a trial. Raises NotSent; the channel remembers how it went."""
    try:
        _send(channel, trial_page() if as_page else trial())
    except NotSent as error:
        _remember(channel, error)
        raise
    change(channel, {}, {"used_at": now(), "trouble": ""})


def _push(rows: list[Push]) -> None:
    """All that is due at one channel, as one word."""
    channel, business = rows[0].channel, Business.current()
    rows = [row for row in rows if _is_to_go(row)]
    if not rows:
        return
    with override(business.language):
        prefers = Preferences.of(channel.member)
        told = [row.notification for row in rows]
        zone = ZoneInfo(business.schedule.zone)
        word = word_of(told, zone, shows_more=prefers.shows_more)
        _begin(rows)
        try:
            _send(channel, word)
        except NotSent as error:
            _remember(channel, error)
            _fail(rows, str(error), for_good=isinstance(error, Gone))
            return
    with transaction.atomic():
        change(channel, {}, {"used_at": now(), "trouble": ""})
        for row in rows:
            row.finish()


def _is_to_go(row: Push) -> bool:
    """What was seen meanwhile, or may not be seen any more, ends here."""
    told, channel = row.notification, row.channel
    member = channel.member
    is_theirs = member.is_active and (
        told.case_id is None or visible_cases(member).filter(pk=told.case_id).exists()
    )
    if told.seen_at or channel.ended_at or not is_theirs:
        row.finish()
        return False
    if row.begun_at and channel.way == Channel.Way.SERVICE:
        row.give_up(_("The desk stopped while it left; it may have arrived."))
        return False
    return True


def _begin(rows: list[Push]) -> None:
    ours = Push.objects.filter(
        pk__in=[row.pk for row in rows], lease_token=rows[0].lease_token, done_at=None
    )
    if ours.update(begun_at=now()) != len(rows):
        raise LeaseLost


def _send(channel: Channel, word: Word) -> None:
    try:
        address = channel.address()
    except CannotOpen as error:
        sentence = _("The installation’s key has changed since. Add it again.")
        raise Gone(sentence) from error
    SENDERS[channel.way](address, word)


def _remember(channel: Channel, error: NotSent) -> None:
    if isinstance(error, Gone):
        channel.end(str(error))
    else:
        change(channel, {}, {"trouble": str(error)[:300]})


def _fail(rows: list[Push], why: str, *, for_good: bool = False) -> None:
    """Known not to have arrived: tried again later, and given up in the end."""
    for row in rows:
        if for_good or row.attempts >= ATTEMPTS:
            row.give_up(why)
        else:
            with transaction.atomic():
                change(row, {"lease_token": row.lease_token}, {"begun_at": None})
                row.retry(why)
