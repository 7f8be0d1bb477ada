"""What we have promised in one case, as its rail and its thread show it: read once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from goodword.cases.models import Case
from goodword.core.prepared import prepared
from goodword.core.templatetags.goodword import clocktime, span
from goodword.desk.rows import late
from goodword.desk.silence import Height, height_of, with_height
from goodword.promises.kinds import KEPT_BY, KEPT_BY_AN_ANSWER, Evidence, Kind, State
from goodword.promises.models import Promise

NEVER_NAMED = (*KEPT_BY_AN_ANSWER, Kind.CONSENT_ANSWER)


@dataclass(frozen=True)
class Line:
    """One promise with its state now, the time that counts, and a note beside it."""

    promise: Promise
    state: str
    was: datetime | None
    when: datetime
    note: str
    height: Height | None = None


@prepared
def _of_case(*, case: int) -> QuerySet[Promise]:
    rows = with_height(Promise.objects.filter(case=case))
    people = ("owner", "schedule", "customer")
    return rows.select_related(*people, "recollection").order_by("due", "id")


class Ledger:
    """Every promise of a case, from one query."""

    def __init__(self, case: Case, at: datetime) -> None:
        self.at = at
        self.by_id: dict[int, Promise] = {each.pk: each for each in _of_case(case=case.pk)}
        for promise in self.by_id.values():
            promise.case = case

    def lines(self) -> list[Line]:
        """What is still to do by its due, then what was done, the latest first (R20).

        A moved promise shows as its successor; what fell away is not shown.
        """
        shown = [
            promise
            for promise in self.by_id.values()
            if promise.state not in (State.MOVED, State.VOID)
        ]
        to_do = [promise for promise in shown if promise.is_outstanding]
        done = [promise for promise in reversed(shown) if not promise.is_outstanding]
        return [self.line(promise) for promise in (*to_do, *done)]

    def line(self, promise: Promise) -> Line:
        before = self.by_id.get(promise.moved_from_id or 0)
        return Line(
            promise,
            promise.shown_state(self.at),
            before.due if before else None,
            promise.kept_at or promise.breaks_at,
            self._note(promise),
            height_of(promise),
        )

    def given(self) -> list[Promise]:
        """What a message or a call may say that it keeps: outstanding, and not kept by itself."""
        return [
            promise
            for promise in self.by_id.values()
            if promise.is_outstanding and promise.kind not in NEVER_NAMED
        ]

    def kept_by(self, mode: str) -> list[Promise]:
        """Of those, what this way of speaking with them is evidence of."""
        shown = Evidence.CALL if mode == "call" else Evidence.MESSAGE
        return [promise for promise in self.given() if shown in KEPT_BY[promise.kind]]

    def owed(self) -> list[Promise]:
        """What stands in the way of asking whether it is settled (R75)."""
        return [promise for promise in self.given() if promise.kind != "check_in"]

    def _note(self, promise: Promise) -> str:
        if promise.state == State.BROKEN:
            return _("%(span)s late") % {"span": late(promise, self.at)}
        if promise.state == State.OPEN and promise.paused_at:
            return _("paused since %(when)s") % {"when": clocktime(promise.paused_at)}
        if promise.is_at_risk(self.at):
            return _("%(span)s left") % {"span": span(promise.time_left(self.at))}
        if promise.kept_at and promise.state == State.KEPT:
            return _("%(span)s early") % {"span": span(promise.breaks_at - promise.kept_at)}
        if promise.kept_at:
            facts = {"span": late(promise, promise.kept_at), "due": clocktime(promise.breaks_at)}
            return _("kept %(span)s late, was due %(due)s") % facts
        if promise.state == State.RELEASED:
            return _("%(name)s let us off") % {"name": promise.customer.given}
        if promise.moved_from_id:
            return _("%(name)s agreed") % {"name": promise.customer.given}
        return ""
