"""The three-part acknowledgement (R05): what we received, who does what now, and when next.

A person writes the first two; the third is chosen, and becomes a promise with its window. The
three are a guardrail: whoever leaves one out goes on with a reason, or without where little
time is left, since a guard never makes a first word late.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import models
from django.utils.formats import date_format
from django.utils.functional import Promise as LazyText
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from goodword import clock
from goodword.cases.models import Case, Message
from goodword.cases.models.message import Direction
from goodword.cases.replying import FIRST_THING, Reply, SomebodyAnswered, Then
from goodword.core.dates import full_day
from goodword.core.refusals import Refused
from goodword.core.time import now
from goodword.journal.recording import record
from goodword.promises.kinds import Kind
from goodword.staff.models import Business, Member

MODE = "sweep"  # of the drafts that hold the parts
LITTLE_TIME = timedelta(minutes=5)
LONGEST_PART = 500


class Next(models.TextChoices):
    """When they hear from us next."""

    FIRST_THING = "first_thing", _("First thing in the morning")
    NOON = "noon", _("By noon")
    TOMORROW = "tomorrow", _("By the end of the next day")
    AT = "at", _("At a time that I choose")


SLOTS: dict[str, LazyText] = {
    "ACK_RECEIVED": _("say what we received, in their words"),
    "ACK_WORKING": _("say what is being done now, and by whom"),
    "ACK_NEXT": _("choose when they hear from us next"),
}


class PartsMissing(Refused):
    """Refused (422) with the code of the first part that is missing; `codes` has all."""

    def __init__(self, codes: Sequence[str]) -> None:
        asked = "; ".join(str(SLOTS[code]) for code in codes)
        sentence = _("A first word has three parts. Please %(asked)s. Or say why it goes without.")
        super().__init__(codes[0], sentence % {"asked": asked}, 422)
        self.codes = list(codes)


@dataclass(frozen=True)
class Parts:
    """What was typed and chosen for one customer. `at` is the time of `Next.AT`."""

    received: str = ""
    working: str = ""
    next: str = ""
    at: datetime | None = None

    @property
    def missing(self) -> list[str]:
        there = {
            "ACK_RECEIVED": self.received.strip(),
            "ACK_WORKING": self.working.strip(),
            "ACK_NEXT": self.next in Next.values and (self.next != Next.AT or self.at),
        }
        return [code for code, has in there.items() if not has]

    @property
    def words(self) -> str:
        """What a person wrote, which no other customer may get."""
        return "\n\n".join(filter(None, (_sentence(self.received), _sentence(self.working))))


class Acknowledgement:
    """One first word in three parts, sent as any reply is, with a callback promised in it.

    `seen` is the newest message that the writer saw; `reason` lets it go without a part.
    """

    def __init__(
        self, case: Case, by: Member, parts: Parts, *, seen: int | None, reason: str = "",
        typed: dict[str, Any] | None = None,
    ) -> None:  # fmt: skip
        self.case, self.by, self.parts = case, by, parts
        self.seen, self.reason, self.typed = seen, reason.strip(), typed

    def commit(self) -> Message:
        """Send it. Refused (nothing changes): a part is missing, or somebody answered meanwhile."""
        with self.case.held() as case:
            is_late = self._has_little_time(case)
            missing = self.parts.missing
            if missing and not (self.reason or is_late):
                raise PartsMissing(missing)
            if not self.parts.words:
                raise Refused("NO_TEXT", _("Write a line of your own to them first."), 422)
            due = None if "ACK_NEXT" in missing else self._due(case)
            reply = self._reply(case, due, self.reason if missing else "")
            if (sent := reply.sent_already(case)) is not None:
                return sent
            self._must_wait_for_us(case)
            message = reply.commit()
            self._end_drafts(case)
            facts = {"message": message.pk, "without": missing, "little_time": is_late}
            record(case, "acknowledged", by=self.by, facts=facts)
        return message

    def _has_little_time(self, case: Case) -> bool:
        at = now()
        first = case.promises.open().filter(kind=Kind.ACKNOWLEDGE, customer=case.customer_id)
        return first.filter(due__gte=at, due__lte=at + LITTLE_TIME).exists()

    def _due(self, case: Case) -> clock.Due:
        return due_of(self.parts.next, self.parts.at, now(), case.schedule_in_force().hours)

    def _reply(self, case: Case, due: clock.Due | None, reason: str) -> Reply:
        with override(case.customer.reads()):
            said = said_of(self.by, due) if due else ""
            word = _callback(self.by, due) if due else _next_step(self.by)
        text = "\n\n".join(filter(None, (self.parts.words, said)))
        return Reply(
            case, self.by, text, Then.PROMISE, says_when=True, promises=[word], seen=self.seen,
            reason=reason, typed=self.typed, ends_draft=False,
        )  # fmt: skip

    def _must_wait_for_us(self, case: Case) -> None:
        """Whoever has their answer gets no second first word from a page that was left open."""
        if case.unanswered_since is not None:
            return
        said = case.messages.filter(pk__gt=self.seen or 0)
        said = said.filter(direction__in=(Direction.OUT, Direction.CALL))
        newer = [each for each in said.order_by("at") if each.is_from_a_person]
        if newer:
            raise SomebodyAnswered(newer)
        sentence = _("%(name)s waits for nothing any more, so nothing was sent.")
        raise Refused("ANSWERED", sentence % {"name": case.customer.name})

    def _end_drafts(self, case: Case) -> None:
        mine = case.drafts.filter(member=self.by)
        mine.filter(mode=MODE).delete()
        # What a take-back put into the composer is sent now, in this shape or another.
        back = case.messages.filter(direction=Direction.BACK, member=self.by).values("text")
        mine.filter(mode="reply", other="", text__in=back).delete()


def due_of(chosen: str, typed: datetime | None, at: datetime, hours: clock.Schedule) -> clock.Due:
    """What was chosen as a due time (UTC) on these hours. Refused (422) for one that is past."""
    try:
        if chosen == Next.FIRST_THING:
            return clock.due(FIRST_THING, at, hours)
        if chosen == Next.TOMORROW:
            return clock.due("end_of_nth_business_day:1", at, hours)
        due = typed if chosen == Next.AT else next_noon(at, hours)
    except (clock.FormError, clock.ScheduleError) as error:
        raise Refused("NO_TIME", str(_(error.sentence) % error.facts), 422) from error
    if due is None or due <= at:
        raise Refused("NO_TIME", _("That time is already past. Choose a later one."), 422)
    return clock.due(f"by:{due.isoformat()}", at, hours)


def next_noon(at: datetime, hours: clock.Schedule) -> datetime:
    """Noon on the wall of the next business day that has one to come, or its close before that."""
    zone = ZoneInfo(hours.zone)
    day = at.astimezone(zone).date()
    noon = datetime.combine(day, time(12), zone).astimezone(UTC)
    if noon <= at or clock.day_bounds(noon, hours) is None:
        day = clock.next_business_day(at, hours)
        noon = datetime.combine(day, time(12), zone).astimezone(UTC)
    bounds = clock.day_bounds(noon, hours)
    return min(noon, bounds[1]) if bounds and bounds[0] < noon else noon


def said_of(by: Member, due: clock.Due) -> str:
    """The third part as they read it: the promise, its day, its times on the business's wall."""
    zone = ZoneInfo(Business.current().schedule.zone)
    last = due.at.astimezone(zone)
    facts = {"name": by.given, "day": full_day(last), "due": date_format(last, "H:i")}
    if due.opens is None:
        return str(_("You hear from me, %(name)s, by %(due)s on %(day)s.") % facts)
    facts["opens"] = date_format(due.opens.astimezone(zone), "H:i")
    sentence = _(
        "You hear from me, %(name)s, first thing in the morning: %(day)s, between %(opens)s "
        "and %(due)s."
    )
    return str(sentence % facts)


def promised_of(by: Member, due: clock.Due) -> str:
    """The promise itself, in the language that is active; its times stand beside it."""
    if due.opens is None:
        return str(_("You hear from me, %(name)s") % {"name": by.given})
    return str(_("You hear from me, %(name)s, first thing in the morning") % {"name": by.given})


def _callback(by: Member, due: clock.Due) -> dict[str, Any]:
    times = {"form": due.form, "due": due.at, "opens": due.opens}
    return {"kind": Kind.CALLBACK, "text": promised_of(by, due), **times}


def _next_step(by: Member) -> dict[str, Any]:
    """Where they were not told when: the next step of any first word, so that none is dark."""
    words = str(_("You hear from %(name)s again") % {"name": by.given})
    return {"kind": Kind.NEXT_UPDATE, "text": words, "form": FIRST_THING}


def _sentence(text: str) -> str:
    """One line that ends as a sentence does."""
    line = " ".join(text.split())[:LONGEST_PART]
    return line if not line or line[-1] in ".!?…:”\"')" else f"{line}."
