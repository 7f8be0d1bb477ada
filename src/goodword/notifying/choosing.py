"""What members choose of their own notifications; the journal notes that, and never an address."""

from __future__ import annotations

from datetime import time
from typing import Any

from django.db import transaction
from django.http import Http404
from django.utils.translation import gettext as _

from goodword.core.refusals import Refused
from goodword.core.time import now
from goodword.journal.recording import record
from goodword.notifying import services, webpush
from goodword.notifying.models import Channel, Preferences
from goodword.notifying.subjects import SUBJECTS, Way
from goodword.staff.models import Member

MOST_CHANNELS = 20


@transaction.atomic
def choose(
    member: Member,
    ways: dict[str, list[str]],
    *,
    digest: str,
    quiet_from: time | None,
    quiet_until: time | None,
    shows_more: bool,
) -> Preferences:
    """By which ways they hear of what, when, and how much. Refused where that makes no sense."""
    if digest not in Preferences.Digest.values:
        raise Refused("NO_DIGEST", _("Choose how often the mail comes."), 422)
    if (quiet_from is None) != (quiet_until is None):
        sentence = _("Quiet hours need a beginning and an end. Leave both empty for none.")
        raise Refused("HALF_QUIET", sentence, 422)
    kept = {name: [way for way in Way if way in ways.get(name, ())] for name in SUBJECTS}
    values: dict[str, Any] = {
        "ways": kept, "digest": digest, "digest_due": None, "quiet_from": quiet_from,
        "quiet_until": quiet_until, "shows_more": shows_more, "changed_at": now(),
    }  # fmt: skip
    row, _is_new = Preferences.objects.update_or_create(member=member, defaults=values)
    record(None, "notify_changed", by=member, facts={"member": member.pk, "digest": digest})
    return row


def add_service(member: Member, url: str, name: str = "") -> Channel:
    url = url.strip()
    if not url:
        raise Refused("NO_SERVICE", _("Write the address of the service, as ntfy://topic."), 422)
    found = services.service(url)
    named = " ".join(name.split()) or services.name_of(found)
    return _add(member, Channel.Way.SERVICE, named, {"url": url})


def add_browser(member: Member, typed: dict[str, Any], name: str) -> Channel:
    address = webpush.read_subscription(typed)
    return _add(member, Channel.Way.BROWSER, name or _("A browser"), dict(address))


@transaction.atomic
def _add(member: Member, way: str, name: str, address: dict[str, Any]) -> Channel:
    standing = Channel.objects.standing().filter(member=member)
    if standing.count() >= MOST_CHANNELS:
        raise Refused("TOO_MANY", _("Twenty are enough. Remove one first."), 422)
    before = standing.values_list("pk", flat=True)
    known = set(before)
    made = Channel.add(member, way, name, address)
    if made.pk not in known:
        record(None, "channel_added", by=member, facts={"member": member.pk, "channel": made.pk})
    return made


@transaction.atomic
def remove(channel: Channel) -> bool:
    """Its address is forgotten; it can be added again."""
    if not channel.end():
        return False
    facts = {"member": channel.member_id, "channel": channel.pk}
    record(None, "channel_removed", by=channel.member, facts=facts)
    return True


def channel_of(member: Member, pk: int) -> Channel:
    """One of their own, or 404."""
    found = Channel.objects.standing().filter(member=member, pk=pk).first()
    if found is None:
        raise Http404
    found.member = member
    return found
