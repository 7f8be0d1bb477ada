"""What a customer is told of their MAYDAY: a name and a time, and nothing that is not so (R15)."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import override

from goodword.cases.automatic import send_word
from goodword.cases.models.mayday import Mayday
from goodword.cases.models.message import Message, Purpose
from goodword.core.templatetags.goodword import clocktime
from goodword.core.time import now
from goodword.promises.kinds import State

MAILS_A_DAY = 6


@transaction.atomic
def tell(mayday: Mayday) -> Message | None:
    """Mail them how it stands, in their language; None where there is no way or far too many."""
    day = {"purpose": Purpose.MAYDAY, "at__gt": now() - timedelta(days=1)}
    if mayday.case.messages.filter(**day).count() >= MAILS_A_DAY:
        return None
    with override(mayday.customer.reads()):
        text = "\n\n".join(standing(mayday))
    return send_word(mayday.case, Purpose.MAYDAY, text, mayday.customer)


def standing(mayday: Mayday) -> list[str]:
    """How it stands now, a sentence or two, in the language that is in force."""
    if mayday.ended_at:
        return [_ended(mayday)]
    if mayday.taken_by:
        return [_has_it(mayday)]
    return [_("We know that your business is stopped."), *_nobody_has_it(mayday)]


def _ended(mayday: Mayday) -> str:
    if mayday.ended_by is None:
        return _("Your MAYDAY is over. Call it again whenever you need to.")
    said = _("%(name)s ended your MAYDAY: “%(reason)s” If that is not so, call it again.")
    return said % {"name": mayday.ended_by.name, "reason": mayday.reason}


def _has_it(mayday: Mayday) -> str:
    due, callback = mayday.callback.due, mayday.callback
    facts = {
        "name": mayday.taken_by.name if mayday.taken_by else "",
        "since": clocktime(mayday.taken_at),
        "due": clocktime(due),
    }
    if callback.state == State.OPEN and due > now():
        return _("%(name)s has it since %(since)s, and gets in touch by %(due)s.") % facts
    if callback.state in (State.KEPT, State.KEPT_LATE):
        return _("%(name)s has it since %(since)s, and has been in touch.") % facts
    said = _(
        "%(name)s has it since %(since)s. We said that we get in touch by %(due)s, and did not "
        "keep it."
    )
    return said % facts


def _nobody_has_it(mayday: Mayday) -> list[str]:
    paged = list(mayday.pagings.select_related("member"))
    names = ", ".join(dict.fromkeys(each.member.name for each in paged))
    due = mayday.callback.due
    facts = {"names": names, "due": clocktime(due), "owner": mayday.case.owner.name}
    if mayday.is_quiet:
        said = _(
            "It stands first in our list, and %(owner)s answers for it by %(due)s. So many calls "
            "came from there that nobody was woken for this one; ring us if you can."
        )
        return [said % facts]
    if not paged:
        said = _(
            "Nobody is on call at this hour, and nobody could be alerted. It stands first in our "
            "list, and %(owner)s answers for it."
        )
        return [said % facts]
    first = _("Alerted at once: %(names)s.") % facts
    if mayday.nobody_on_call:
        first = _("Nobody is on call at this hour. Alerted all the same: %(names)s.") % facts
    if due <= now():
        late = _("We said that a person gets in touch by %(due)s, and did not keep it.") % facts
        return [late, _alerted(names)]
    by = _("A person gets in touch with you by %(due)s.") % facts
    return [first, by, _("While nobody has it, one more of us is alerted every 15 minutes.")]


def _alerted(names: str) -> str:
    said = _("Alerted so far: %(names)s. One more of us every 15 minutes, until somebody has it.")
    return said % {"names": names}
