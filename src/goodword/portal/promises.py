"""Promises as a customer reads them: plain calendar words, the same facts as ours."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from goodword.cases.models import CaseLink
from goodword.core.templatetags.goodword import plain_time
from goodword.core.time import now
from goodword.promises.kinds import KEPT_BY_AN_ANSWER, Kind, State
from goodword.promises.models import MoveRequest, Promise


@dataclass(frozen=True)
class Vow:
    """One promise on the customer's page."""

    promise: Promise
    shown: str  # open, risk, moved, kept, kept_late, broken, released
    when: str
    was: datetime | None
    time: datetime
    more: str
    request: MoveRequest | None
    may_ask: bool
    may_release: bool


SHOWN_AT_FIRST = 6


def vows_for(link: CaseLink) -> tuple[list[Vow], list[Vow]]:
    """What we promised this person in this case, and the older rest that is folded away.

    Open first by due, then what became of the rest, the latest first; broken is never folded.
    A promise that moved is one row; what fell away is not shown; a check-in is ours to keep.
    """
    promises = link.case.promises.filter(customer=link.customer).shown()
    rows = promises.exclude(kind=Kind.CHECK_IN, made_by=None).select_related("owner", "moved_from")
    asked = {
        request.promise_id: request
        for request in MoveRequest.objects.filter(promise__in=rows, state="asked").select_related(
            "by_member", "by_customer"
        )
    }
    open_ones = [row for row in rows if row.state == State.OPEN]
    rest = [row for row in rows if row.state != State.OPEN]
    ordered = sorted(open_ones, key=lambda row: row.due)
    ordered += sorted(rest, key=lambda row: row.kept_at or row.ended_at or row.due, reverse=True)
    vows = [_vow(row, asked.get(row.pk)) for row in ordered]
    first = [v for i, v in enumerate(vows) if i < SHOWN_AT_FIRST or v.promise.is_outstanding]
    return first, [vow for vow in vows if vow not in first]


def _vow(promise: Promise, request: MoveRequest | None) -> Vow:
    shown, when, time = _standing(promise)
    # A first word and an answer are ours to give; nobody has to be let off or asked to wait.
    is_dated = promise.kind not in KEPT_BY_AN_ANSWER
    moved = promise.moved_from.due if promise.moved_from else None
    return Vow(
        promise=promise,
        shown=shown,
        when=when,
        was=moved if shown == "moved" else None,
        time=time,
        more=_more(promise),
        request=request,
        may_ask=is_dated and promise.state == State.OPEN and now() < promise.due and not request,
        may_release=is_dated and promise.is_outstanding,
    )


def _standing(promise: Promise) -> tuple[str, str, datetime]:
    """The state, the words before the time, and the time that they are about."""
    if promise.state == State.OPEN:
        # “Running close” is said only when a person warned of it.
        if promise.forewarned_at:
            return "risk", _("Running close:"), promise.due
        if promise.moved_from_id:
            return "moved", _("Moved, and you agreed:"), promise.due
        return "open", "", promise.due
    if promise.state == State.KEPT:
        return "kept", _("Kept:"), promise.kept_at or promise.due
    if promise.state == State.KEPT_LATE:
        return "kept_late", _("Kept late:"), promise.kept_at or promise.due
    if promise.state == State.RELEASED:
        return "released", _("You let us off:"), promise.ended_at or promise.due
    return "broken", _("We broke this:"), promise.due


def _more(promise: Promise) -> str:
    if promise.state == State.KEPT_LATE:
        return _("It was due %(due)s.") % {"due": plain_time(promise.due)}
    if promise.state == State.BROKEN:
        return _("%(name)s still owes you this.") % {"name": promise.owner.name}
    if promise.state == State.KEPT and promise.evidence:
        return promise.evidence
    return ""
