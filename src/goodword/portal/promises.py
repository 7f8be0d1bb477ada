"""Promises as a customer reads them: plain calendar words, the same facts as ours."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Prefetch, Q, QuerySet, prefetch_related_objects
from django.utils.translation import gettext as _

from goodword.cases.models import CaseLink
from goodword.core.prepared import prepared
from goodword.core.templatetags.goodword import plain_time, span
from goodword.core.time import now
from goodword.promises.disputing import MOST as MOST_DISPUTES
from goodword.promises.falling import UNTOLD, why_it_fell_away
from goodword.promises.kinds import KEPT_BY_AN_ANSWER, Kind, State
from goodword.promises.models import Dispute, MoveRequest, Pause, Promise


@dataclass(frozen=True)
class Vow:
    """One promise on the customer's page."""

    promise: Promise
    shown: str  # open, risk, paused, moved, kept, kept_late, broken, released, void
    when: str
    was: datetime | None
    time: datetime
    more: str
    request: MoveRequest | None
    dispute: Dispute | None
    pause: Pause | None
    may_ask: bool
    may_release: bool
    may_dispute: bool
    may_forgive: bool
    chooses: bool  # they were warned, and nothing is decided yet


SHOWN_AT_FIRST = 6


def vows_for(link: CaseLink) -> tuple[list[Vow], list[Vow]]:
    """What we promised this person in this case, and the older rest that is folded away.

    Open first by due, then what became of the rest, the latest first; broken is never folded.
    A promise that moved is one row; what fell away says why, but for what they never saw as
    one; a check-in is ours to keep.
    """
    rows = _shown_of(case=link.case_id, customer=link.customer_id)
    for row in rows:
        row.case = link.case
    disputed = Prefetch("disputes", Dispute.objects.filter(taken_back_at=None).order_by("-at"))
    prefetch_related_objects(rows, "pauses", disputed)
    requests = _moves_asked(promises=[row.pk for row in rows])
    asked = {request.promise_id: request for request in requests}
    open_ones = [row for row in rows if row.state == State.OPEN]
    rest = [row for row in rows if row.state != State.OPEN]
    ordered = sorted(open_ones, key=lambda row: row.breaks_at)
    ordered += sorted(rest, key=lambda row: row.kept_at or row.ended_at or row.due, reverse=True)
    vows = [_vow(row, asked.get(row.pk)) for row in ordered]
    first = [v for i, v in enumerate(vows) if i < SHOWN_AT_FIRST or v.promise.is_outstanding]
    return first, [vow for vow in vows if vow not in first]


@prepared
def _shown_of(*, case: int, customer: int) -> QuerySet[Promise]:
    promises = Promise.objects.filter(case=case, customer=customer).exclude(state=State.MOVED)
    promises = promises.exclude(state=State.VOID, reason__in=UNTOLD)
    unseen = Q(kind=Kind.CHECK_IN, made_by=None) | Q(kind=Kind.CONSENT_ANSWER)
    return promises.exclude(unseen).select_related("owner", "moved_from", "schedule")


@prepared
def _moves_asked(*, promises: Sequence[int]) -> QuerySet[MoveRequest]:
    asked = MoveRequest.objects.filter(promise__in=promises, state="asked")
    return asked.select_related("by_member", "by_customer")


def _vow(promise: Promise, request: MoveRequest | None) -> Vow:
    shown, when, time = _standing(promise)
    # A first word and an answer are ours to give; nobody has to be let off or asked to wait.
    is_dated = promise.kind not in KEPT_BY_AN_ANSWER
    moved = promise.moved_from.due if promise.moved_from else None
    is_open = promise.state == State.OPEN
    runs = promise.paused_at is not None or now() < promise.breaks_at
    disputes, pauses = list(promise.disputes.all()), list(promise.pauses.all())
    is_kept = promise.state in (State.KEPT, State.KEPT_LATE)
    return Vow(
        promise=promise,
        shown=shown,
        when=when,
        was=moved if shown == "moved" else None,
        time=time,
        more=_more(promise, pauses),
        request=request,
        dispute=disputes[0] if disputes and promise.is_outstanding else None,
        pause=next((each for each in pauses if each.ended_at is None), None),
        may_ask=is_dated and is_open and runs and not request,
        may_release=is_dated and promise.is_outstanding,
        may_dispute=is_dated and is_kept and len(disputes) < MOST_DISPUTES,
        may_forgive=promise.broken_at is not None
        and promise.state in (State.BROKEN, State.KEPT_LATE)
        and promise.forgiven_at is None,
        chooses=is_open and bool(promise.forewarned_at) and not promise.held_to_at and runs,
    )


def _standing(promise: Promise) -> tuple[str, str, datetime]:
    """The state, the words before the time, and the time that they are about."""
    if promise.state == State.OPEN:
        if promise.paused_at:
            return "paused", _("Paused since"), promise.paused_at
        # “Running close” is said only when a person warned of it.
        if promise.forewarned_at:
            return "risk", _("Running close:"), promise.breaks_at
        if promise.moved_from_id:
            return "moved", _("Moved, and you agreed:"), promise.breaks_at
        return "open", "", promise.breaks_at
    if promise.state == State.KEPT:
        return "kept", _("Kept:"), promise.kept_at or promise.due
    if promise.state == State.KEPT_LATE:
        return "kept_late", _("Kept late:"), promise.kept_at or promise.due
    if promise.state == State.RELEASED:
        return "released", _("You let us off:"), promise.ended_at or promise.due
    if promise.state == State.VOID:
        return "void", _("Fell away:"), promise.ended_at or promise.due
    return "broken", _("We broke this:"), promise.breaks_at


def _more(promise: Promise, pauses: list[Pause]) -> str:
    said = _became(promise)
    if promise.forgiven_at:
        said = f"{said} {_('You let the lateness go.')}"
    minutes = sum(each.minutes or 0 for each in pauses)
    if minutes and promise.breaks_at != promise.due:
        facts = {"due": plain_time(promise.due), "span": span(timedelta(minutes=minutes))}
        later = _("It was due %(due)s; we waited for you for %(span)s of our opening hours.")
        said = f"{said} {later % facts}"
    return said.strip()


def _became(promise: Promise) -> str:
    if promise.state == State.KEPT_LATE:
        was = _("It was due %(due)s.") % {"due": plain_time(promise.breaks_at)}
        return f"{was} {promise.evidence}".strip()
    if promise.state == State.BROKEN:
        return _("%(name)s still owes you this.") % {"name": promise.owner.name}
    if promise.state == State.KEPT and promise.evidence:
        return promise.evidence
    if promise.state == State.VOID:
        return why_it_fell_away(promise.reason)
    if promise.state == State.OPEN and promise.held_to_at:
        return _("You hold us to it. %(name)s knows.") % {"name": promise.owner.name}
    return ""
