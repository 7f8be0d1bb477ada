"""The board of promises and the list of them: which are asked for, and in which column."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

from django.db.models import Count, Q
from django.http import QueryDict
from django.utils.functional import Promise as LazyText
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from goodword import clock
from goodword.cases.access import visible_promises
from goodword.core.templatetags.goodword import clocktime
from goodword.desk.rows import Row, rows, with_people
from goodword.desk.sentences import begun, in_words
from goodword.desk.times import day_of, end_of_next_business_day
from goodword.desk.typed import page
from goodword.promises.kinds import OUTSTANDING, Kind, State
from goodword.promises.models import PromiseQuerySet
from goodword.staff.models import Member, Schedule

ON_BOARD = 6
PER_PAGE = 50
MOST_NEAR = 300
VIEWS = ("board", "list")
OWNERS = ("all", "me")
STATES: dict[str, LazyText | str] = {
    "": gettext_lazy("Still to be kept"),
    "broken": gettext_lazy("Broken"),
    "near": gettext_lazy("Today and tomorrow"),
    "later": gettext_lazy("Later"),
    "kept_today": gettext_lazy("Kept today"),
    "kept": gettext_lazy("Kept"),
    "moved": gettext_lazy("Moved, agreed"),
    "released": gettext_lazy("Released"),
    "void": gettext_lazy("Fell away"),
}


@dataclass(frozen=True)
class Column:
    """One column of the board; `state` colours it, `more` is the list that shows all of it."""

    title: str
    state: str
    icon: str
    rows: Sequence[Row]
    count: int
    more: str

    @property
    def unseen(self) -> int:
        return self.count - len(self.rows)


@dataclass(frozen=True)
class Asked:
    """What the address asks for. Anything unknown in it falls back to the usual."""

    view: str
    team: str
    owner: str
    kind: str
    state: str
    page: int

    @classmethod
    def read(cls, asked: QueryDict) -> Asked:
        return cls(
            view=_one_of(VIEWS, asked.get("view", "")),
            team=asked.get("team", "")[:60],
            owner=_one_of(OWNERS, asked.get("owner", "")),
            kind=_one_of(("", *Kind.values), asked.get("kind", "")),
            state=_one_of(tuple(STATES), asked.get("state", "")),
            page=page(asked),
        )


def _one_of(known: Sequence[str], asked: str) -> str:
    return asked if asked in known else known[0]


class Board:
    """The promises that a member may see, by how soon they need somebody."""

    def __init__(self, member: Member, schedule: Schedule, at: datetime, asked: Asked) -> None:
        self.member, self.schedule, self.at, self.asked = member, schedule, at, asked
        self.begins, self.ends = day_of(at, ZoneInfo(schedule.zone))
        self.near_ends = end_of_next_business_day(at, schedule)

    def _where(self) -> dict[str, Q]:
        open_ = Q(state=State.OPEN)
        kept = Q(state__in=(State.KEPT, State.KEPT_LATE))
        return {
            "": Q(state__in=OUTSTANDING),
            "broken": Q(state=State.BROKEN),
            "near": open_ & Q(due__lt=self.near_ends),
            "later": open_ & Q(due__gte=self.near_ends),
            "kept_today": kept & Q(kept_at__range=(self.begins, self.ends)),
            "kept": kept,
            "moved": Q(state=State.MOVED),
            "released": Q(state=State.RELEASED),
            "void": Q(state=State.VOID),
        }

    @cached_property
    def _asked_for(self) -> PromiseQuerySet:
        found = visible_promises(self.member)
        if self.asked.team:
            found = found.filter(case__team__slug=self.asked.team)
        if self.asked.owner == "me":
            found = found.filter(owner=self.member)
        if self.asked.kind:
            found = found.filter(kind=self.asked.kind)
        return found

    def _some(self, where: str, most: int, *order: str) -> list[Row]:
        found = with_people(self._asked_for.filter(self._where()[where])).order_by(*order)
        return rows(list(found[:most]), self.at)

    # The board

    @cached_property
    def counts(self) -> dict[str, int]:
        """How many stand in each column; what is kept is counted for today alone."""
        names = ("broken", "near", "later", "kept_today")
        where = self._where()
        whole = where[""] | where["kept_today"]
        counted = {name: Count("pk", filter=where[name]) for name in names}
        counts: dict[str, int] = self._asked_for.filter(whole).aggregate(**counted)
        return counts

    @cached_property
    def _near(self) -> list[Row]:
        return self._some("near", MOST_NEAR, "due", "id")

    @cached_property
    def at_risk(self) -> list[Row]:
        """Whatever is at risk has an hour of open time at most, so it is among the nearest."""
        limit = self._an_open_hour_on()
        return [row for row in self._near if row.promise.due <= limit and row.state == "risk"]

    def _an_open_hour_on(self) -> datetime:
        try:
            return clock.shift(self.at, timedelta(hours=1), self.schedule.hours)
        except clock.ScheduleError:
            return self.at

    @cached_property
    def columns(self) -> list[Column]:
        risky = {row.promise.pk for row in self.at_risk}
        near = [row for row in self._near if row.promise.pk not in risky]
        broken = self._some("broken", ON_BOARD, "-due", "-id")
        later = self._some("later", ON_BOARD, "due", "id")
        kept = self._some("kept_today", ON_BOARD, "-kept_at", "-id")
        counts, n = self.counts, len(risky)
        return [
            Column(_("Broken"), "broken", "octagon-x", broken, counts["broken"], "broken"),
            Column(_("At risk"), "risk", "hourglass", self.at_risk[:12], n, "near"),
            Column(
                _("Today and tomorrow"),
                "open",
                "clock",
                near[:ON_BOARD],
                counts["near"] - n,
                "near",
            ),
            Column(_("Later"), "moved", "calendar", later, counts["later"], "later"),
            Column(
                _("Kept today"),
                "kept",
                "circle-check-big",
                kept,
                counts["kept_today"],
                "kept_today",
            ),
        ]

    @property
    def sentence(self) -> str:
        """“31 open across the desk. Three need putting right, three could still be saved.”"""
        counts = self.counts
        n = counts["near"] + counts["later"]
        said = ngettext("%(n)s open across the desk.", "%(n)s open across the desk.", n)
        if self.asked.owner == "me":
            said = ngettext("%(n)s open with you.", "%(n)s open with you.", n)
        return " ".join([said % {"n": n}, *self._urgent()])

    def _urgent(self) -> list[str]:
        broken, risky = self.counts["broken"], self.at_risk
        parts = []
        if broken:
            said = ngettext("%(n)s needs putting right", "%(n)s need putting right", broken)
            parts.append(said % {"n": in_words(broken)})
        if risky:
            said = ngettext(
                "%(n)s could still be saved before %(when)s",
                "%(n)s could still be saved before %(when)s",
                len(risky),
            )
            when = clocktime(max(row.promise.due for row in risky))
            parts.append(said % {"n": in_words(len(risky)), "when": when})
        return [begun(", ".join(parts)) + "."] if parts else []

    # The list

    @cached_property
    def page(self) -> tuple[list[Row], bool]:
        """The rows of the page that was asked for, and whether there are more after it."""
        start = (self.asked.page - 1) * PER_PAGE
        soonest_first = self.asked.state in ("", "broken", "near", "later")
        order = ("due", "id") if soonest_first else ("-due", "-id")
        wanted = self._asked_for.filter(self._where()[self.asked.state])
        found = list(with_people(wanted).order_by(*order)[start : start + PER_PAGE + 1])
        return rows(found[:PER_PAGE], self.at), len(found) > PER_PAGE

    @property
    def page_before(self) -> int:
        return self.asked.page - 1

    @property
    def page_after(self) -> int:
        return self.asked.page + 1
