"""One promise as a row of the desk: its state now, its time, and what is said beside it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.functional import Promise as LazyText
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from goodword.core.templatetags.goodword import clocktime, span
from goodword.promises.kinds import BY_A_LINE, KEPT_BY_AN_ANSWER, MAY_PAUSE, Evidence, Kind, State
from goodword.promises.models import Promise, PromiseQuerySet

LINES: dict[str, str | LazyText] = {
    "": gettext_lazy("In a line: what was done, and how we know"),
    Evidence.CALL: gettext_lazy("In a line: when you spoke with them, and what was said"),
    Evidence.ARRIVAL: gettext_lazy("In a line: who was there, and when"),
    Evidence.PAYMENT: gettext_lazy("The reference of the payment, and when it was settled"),
    Evidence.RETURN: gettext_lazy("Who signed for it, and when"),
}
BY_WRITING = (*KEPT_BY_AN_ANSWER, Kind.NEXT_UPDATE)


def with_people(promises: PromiseQuerySet) -> PromiseQuerySet:
    """Everything that a row shows, in one query."""
    return promises.select_related(
        "case", "customer__account", "owner", "schedule", "moved_from", "kept_by"
    )


@dataclass(frozen=True)
class Row:
    """A promise at an instant; what the templates show of it and which acts they offer."""

    promise: Promise
    at: datetime
    told: bool = True
    moved_today: bool = False

    @cached_property
    def state(self) -> str:
        return self.promise.shown_state(self.at)

    @cached_property
    def left(self) -> timedelta:
        return self.promise.time_left(self.at)

    @property
    def shown_time(self) -> datetime:
        """When it was kept, for what is kept; when it is or was due, for all else."""
        kept = self.promise.state == State.KEPT and self.promise.kept_at
        return kept or self.promise.breaks_at

    @property
    def was(self) -> datetime | None:
        """The time that it was moved from, to be struck."""
        before = self.promise.moved_from
        return before.due if before is not None else None

    @property
    def share(self) -> float | None:
        """The share of its own working time that is left; None where nothing runs."""
        if self.promise.state != State.OPEN or self.at >= self.promise.breaks_at:
            return None
        whole = self.promise.time_in_all()
        return min(self.left / whole, 1.0) if whole else None

    @cached_property
    def beside(self) -> str:
        """The line under the time: what is left, how late, by when, who agreed."""
        promise = self.promise
        if promise.state == State.OPEN:
            if self.moved_today:
                return _("%(name)s agreed") % {"name": promise.customer.given}
            return self._running()
        if promise.state == State.BROKEN:
            return _("%(span)s late") % {"span": late(promise, self.at)}
        if promise.state in (State.KEPT, State.KEPT_LATE) and promise.kept_at:
            return self._kept(promise.kept_at)
        return ""

    def _running(self) -> str:
        breaks_at = self.promise.breaks_at
        if self.promise.paused_at:
            return _("paused since %(when)s") % {"when": clocktime(self.promise.paused_at)}
        if self.at >= breaks_at:
            return _("due now")
        if breaks_at - self.at < timedelta(hours=12):
            return _("%(span)s left") % {"span": span(breaks_at - self.at)}
        return _working(self.left)

    def _kept(self, kept_at: datetime) -> str:
        if self.promise.state == State.KEPT_LATE:
            return _("kept %(span)s late") % {"span": late(self.promise, kept_at)}
        early = self.promise.breaks_at - kept_at
        if early < timedelta(minutes=1):
            return _("on time")
        if early < timedelta(hours=1):
            return _("%(span)s early") % {"span": span(early)}
        return _("by %(when)s") % {"when": clocktime(self.promise.breaks_at)}

    @cached_property
    def state_text(self) -> str:
        """The word beside the icon where it says more than the state's own."""
        promise = self.promise
        if promise.state == State.BROKEN and not self.told:
            return _("Broken, not told yet")
        if promise.state == State.RELEASED:
            return _("%(name)s released us") % {"name": promise.customer.given}
        if promise.forgiven_at and promise.state == State.BROKEN:
            return _("Broken, and %(name)s let it go") % {"name": promise.customer.given}
        if promise.forewarned_at and promise.state == State.OPEN:
            return _("Held to it") if promise.held_to_at else _("Forewarned")
        return ""

    @property
    def card_text(self) -> str:
        """On a card the word beside the icon is the time that is left or lost, where it matters."""
        if self.state in ("broken", "risk") or self.promise.state in (State.KEPT, State.KEPT_LATE):
            return self.beside
        if self.state == "moved":
            return _("Moved")
        return self.state_text

    @property
    def is_kept_by_writing(self) -> bool:
        return self.promise.kind in BY_WRITING

    @property
    def is_a_call(self) -> bool:
        return self.promise.kind == Kind.CALLBACK

    @property
    def can_be_kept_by_hand(self) -> bool:
        return self.promise.is_outstanding and self.promise.kind in BY_A_LINE

    @property
    def can_be_moved(self) -> bool:
        promise = self.promise
        runs = promise.paused_at is not None or self.at <= promise.breaks_at
        return promise.state == State.OPEN and promise.kind != Kind.CONSENT_ANSWER and runs

    @property
    def can_be_paused(self) -> bool:
        return self.can_be_moved and self.promise.kind in MAY_PAUSE and not self.promise.paused_at

    @property
    def evidence_asked(self) -> str:
        """What the line has to say, by what keeps this kind of promise."""
        return str(LINES.get(BY_A_LINE.get(self.promise.kind, ""), LINES[""]))


def _working(left: timedelta) -> str:
    """“57 working min”, “27 working hours”: never in days, which a reader would take for whole."""
    minutes = int(left.total_seconds() // 60)
    if minutes < 60:
        return _("%(n)s working min") % {"n": minutes}
    hours = minutes // 60
    return ngettext("%(n)s working hour", "%(n)s working hours", hours) % {"n": hours}


def late(promise: Promise, at: datetime) -> str:
    """How late, as a customer feels it: calendar time since it was due."""
    return span(max(at - promise.breaks_at, timedelta(0)))


def rows(promises: list[Promise], at: datetime) -> list[Row]:
    return [Row(promise, at) for promise in promises]
