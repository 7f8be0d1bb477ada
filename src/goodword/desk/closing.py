"""The page of the closing sweep: each line as it was typed, what went out, and the day's end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

from django.db.models import OuterRef, Prefetch, Subquery
from django.db.models.functions import Left
from django.http import Http404, QueryDict
from django.utils.translation import ngettext

from goodword import clock
from goodword.cases.access import workable_cases
from goodword.cases.acknowledging import LITTLE_TIME, MODE, Next, due_of
from goodword.cases.models import Case, DayException, Draft, Message, TeamDay
from goodword.cases.models.message import Direction, Purpose
from goodword.cases.sweeping import Sweep, teams_of
from goodword.core.refusals import Refused
from goodword.core.templatetags.goodword import clocktime, hour
from goodword.core.time import now
from goodword.desk.sweeplines import FIELDS, Choice, Line, Sent, flat
from goodword.desk.typed import whole
from goodword.journal.models import Entry
from goodword.promises.kinds import State
from goodword.promises.models import Promise
from goodword.staff.models import Business, Member, Team
from goodword.staff.rights import Right

QUOTED = 400
MOST_LINES = 60
MOST_PAST = 60
A_DAY = timedelta(days=1)


@dataclass
class SweepPage:
    """One team's sweep as one member sees it; `data` is what was posted, if it was."""

    member: Member
    business: Business
    team: Team
    at: datetime
    teams: Sequence[Team] = ()
    data: QueryDict | None = None
    refusal: str = ""
    refused_case: int = 0
    report: str = ""

    @cached_property
    def sweep(self) -> Sweep:
        return Sweep(self.team, self.at, self.business)

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.sweep.schedule.zone)

    @property
    def has_close(self) -> bool:
        return self.sweep.day is not None

    @property
    def may_write(self) -> bool:
        """The sweep is on, or there is none by the clock; a light member only looks."""
        return (self.sweep.is_open or not self.has_close) and not self.member.is_light

    @property
    def minutes_left(self) -> int:
        """Open minutes until the doors close; 0 once they have."""
        day = self.sweep.day
        if day is None or self.at >= day.closes:
            return 0
        left = clock.between(self.at, day.closes, self.sweep.schedule.hours)
        return int(left.total_seconds()) // 60

    # Lines

    @cached_property
    def lines(self) -> list[Line]:
        return [self._line(case) for case in self.sweep.waiting[:MOST_LINES]]

    @cached_property
    def after(self) -> list[Line]:
        return [self._line(case) for case in self.sweep.after[:MOST_LINES]]

    @cached_property
    def gone(self) -> list[Line]:
        """What was posted for somebody who has heard from us meanwhile, or went to others."""
        if self.data is None:
            return []
        there = {line.pk for line in self.everybody}
        wanted = {pk for text in self.data.getlist("line") if (pk := whole(text))} - there
        cases = workable_cases(self.member).filter(pk__in=wanted).with_people()
        return [self._line(case) for case in cases.order_by("pk")[:MOST_LINES]]

    @property
    def excepted(self) -> list[tuple[Case, DayException]]:
        return self.sweep.excepted

    @property
    def everybody(self) -> list[Line]:
        return [*self.lines, *self.after]

    def show(self, stopped: Sequence[Line]) -> None:
        """Put the lines that were refused into their places, with why."""
        known = {line.pk: line for line in stopped}
        self.lines = [known.pop(line.pk, line) for line in self.lines]
        self.after = [known.pop(line.pk, line) for line in self.after]
        self.gone = list(known.values())

    @property
    def too_many(self) -> int:
        """How many more wait than the page shows."""
        return max(len(self.sweep.waiting) - MOST_LINES, 0)

    @property
    def headline(self) -> str:
        """“3 customers have heard nothing from us.”"""
        n = len({case.customer_id for case in self.sweep.waiting})
        return ngettext(
            "%(n)s customer has heard nothing from us.",
            "%(n)s customers have heard nothing from us.",
            n,
        ) % {"n": n}

    @property
    def countdown(self) -> str:
        n = self.minutes_left
        return ngettext("%(n)s minute to closing", "%(n)s minutes to closing", n) % {"n": n}

    def _line(self, case: Case) -> Line:
        said = self._words.get(case.pk, [])
        newest = getattr(case, "newest", None) or 0
        seen = self._posted(case.pk, "seen") if self.data is not None else ""
        return Line(
            case,
            said[0] if said else case.title,
            max(len(said) - 1, 0),
            self._typed(case.pk),
            whole(seen) or newest,
            self._is_late(case),
        )

    def _typed(self, pk: int) -> dict[str, str]:
        if self.data is not None and f"received-{pk}" in self.data:
            return {name: self._posted(pk, name) for name in FIELDS}
        return self._drafts.get(pk, {})

    def _posted(self, pk: int, name: str) -> str:
        assert self.data is not None
        return self.data.get(f"{name}-{pk}", "").replace("\0", "")

    @property
    def _shown(self) -> list[Case]:
        return [*self.sweep.waiting[:MOST_LINES], *self.sweep.after[:MOST_LINES]]

    @cached_property
    def _words(self) -> dict[int, list[str]]:
        """What they said since they last heard from us, by case, the first first."""
        since = {case.pk: case.unanswered_since for case in self._shown}
        said = Message.objects.filter(case__in=since, direction=Direction.IN, automatic="")
        rows = said.order_by("at", "pk").values_list("case_id", "at", Left("text", QUOTED))
        found: dict[int, list[str]] = {}
        for pk, at, text in rows:
            start = since[pk]
            if start is not None and at >= start and text.strip():
                found.setdefault(pk, []).append(" ".join(text.split()))
        return found

    @cached_property
    def _drafts(self) -> dict[int, dict[str, str]]:
        mine = Draft.objects.filter(member=self.member, mode=MODE)
        rows = mine.filter(case__in=[case.pk for case in self._shown])
        return {draft.case_id: flat(draft.fields) for draft in rows}

    def _is_late(self, case: Case) -> bool:
        due: datetime | None = getattr(case, "first_word_due", None)
        return due is not None and self.at <= due <= self.at + LITTLE_TIME

    @cached_property
    def choices(self) -> list[Choice]:
        """When they hear next, each with the time that it means now."""
        return [Choice(value, label, self._when(value)) for value, label in Next.choices]

    def _when(self, value: str) -> str:
        if value == Next.AT:
            return ""
        try:
            due = due_of(value, None, self.at, self.sweep.schedule.hours)
        except Refused:
            return ""
        opens = f"{hour(due.opens)}–" if due.opens else ""
        last = clocktime(due.at)
        return f"{last[: -len(hour(due.at))]}{opens}{hour(due.at)}"

    # What went out, and the days before

    @cached_property
    def sent(self) -> list[Sent]:
        """The first words in three parts of this day, the newest first."""
        since = self.sweep.day.opens if self.sweep.day else self.at - A_DAY
        rows = Message.objects.filter(
            purpose=Purpose.THREE_PARTS, at__gte=since, case__team=self.team,
            direction=Direction.OUT,
        )  # fmt: skip
        vow = Promise.objects.filter(said_in=OuterRef("pk")).exclude(state=State.VOID)
        promised = {
            name: Subquery(vow.order_by("pk").values(name)[:1]) for name in ("opens", "due")
        }
        people = rows.select_related("member", "case__customer__account").annotate(**promised)
        messages = list(people.order_by("-at")[:MOST_LINES])
        told = Entry.objects.filter(
            case__in={message.case_id for message in messages}, kind="acknowledged"
        )
        without = {entry.facts["message"]: len(entry.facts["without"]) for entry in told}
        return [
            Sent(message, without.get(message.pk, 0), self._seconds_left(message))
            for message in messages
        ]

    def _seconds_left(self, message: Message) -> int:
        if message.member_id != self.member.pk:
            return 0
        waits = int(self.business.setting("undo_seconds"))
        return max(waits - int((self.at - message.at).total_seconds()), 0)

    @property
    def went_without(self) -> int:
        return sum(bool(each.went_without) for each in self.sent)

    @cached_property
    def deciders(self) -> list[Member]:
        """Whose name may stand under an exception."""
        everybody = Member.objects.active().select_related("role").order_by("name")
        return [member for member in everybody if member.has(Right.ANSWER)]


def page_for(
    member: Member,
    business: Business,
    asked: str,
    data: QueryDict | None = None,
    *,
    case_of: Team | None = None,
) -> SweepPage | None:
    """The page of the team that is asked for by its slug or number; theirs without a word.

    404 for a team whose cases this member does not see, unless one of them is theirs to act on
    (`case_of`); None for whoever sees none at all.
    """
    teams = teams_of(member)
    named = [team for team in teams if asked in (team.slug, str(team.pk))]
    if case_of is not None and not named:
        named = [case_of]
    if asked and not named:
        raise Http404
    first = next(iter(named), None) or max(teams, key=_presses, default=None)
    return SweepPage(member, business, first, now(), teams, data) if first else None


def _presses(team: Team) -> tuple[bool, int]:
    """Their own team before others, and of those the one in which most wait."""
    return team.is_mine, team.waiting  # type: ignore[attr-defined]


def days_of(team: Team) -> list[TeamDay]:
    """The days of this team that something is written down of, the latest first."""
    standing = DayException.objects.standing().select_related(
        "decided_by", "written_by", "case__customer"
    )
    left = Prefetch("exceptions", standing.order_by("at"), to_attr="left")
    return list(
        team.days.select_related("closed_by").prefetch_related(left).order_by("-date")[:MOST_PAST]
    )
