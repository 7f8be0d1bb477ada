"""In which language and from which zone a member reads: as they chose, else as their browser says.

The business's zone stays the one in which every time is shown; theirs stands beside it.
"""

from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.http import HttpRequest
from django.utils import translation
from django.utils.translation import gettext as _

from goodword.core.compare import change
from goodword.core.languages import of_browser, offered
from goodword.core.refusals import Refused
from goodword.core.zone import set_readers_zone, zone_named
from goodword.journal.recording import record
from goodword.staff.models import Member

SEEN = "zone"


def as_theirs(request: HttpRequest, member: Member | AnonymousUser) -> None:
    """Show the rest of this request in their language; the middleware puts the business's back."""
    if not isinstance(member, Member):
        return
    if language := member.language or of_browser(request):
        translation.activate(language)
    set_readers_zone(zone_named(member.zone or request.session.get(SEEN, "")))


@transaction.atomic
def choose(member: Member, *, language: str, zone: str) -> None:
    """Their own language and zone; empty is as their browser says."""
    if language and language not in offered():
        raise Refused("NO_LANGUAGE", _("Choose one of the languages."), 422)
    if zone and zone_named(zone) is None:
        raise Refused("NO_ZONE", _("Choose one of the zones, such as Europe/London."), 422)
    before = {"language": member.language, "zone": member.zone}
    after = {"language": language, "zone": zone}
    if before != after and change(member, before, after):
        record(None, "member_reads", by=member, facts={"member": member.pk, **after})


def seen_in(request: HttpRequest, zone: str) -> None:
    """Their browser says where it is: kept as long as they are signed in there."""
    if zone_named(zone) is not None:
        request.session[SEEN] = zone
