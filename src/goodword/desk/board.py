"""The board of promises: which stand in which column, by how soon they need somebody."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from django.db.models import Count, Q, QuerySet, Value
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from goodword import clock
from goodword.cases.access import visible_promises
from goodword.core.prepared import prepared
from goodword.core.templatetags.goodword import clocktime
from goodword.core.unchanged import while_unchanged
from goodword.desk.asked import Question, states_of, whose_of
from goodword.desk.rows import Row, rows, with_people
from goodword.desk.sentences import begun, in_words
from goodword.promises.models import Promise, PromiseQuerySet
from goodword.staff.models import Member
from goodword.staff.standing_in import Sees, sees, stand_in

ON_BOARD = 6
MOST_NEAR, MOST_RISKY = 300, 12
# What is kept is counted for today alone.
COUNTED = ("broken", "near", "later", "kept_today")


@dataclass(frozen=True)
class Column:
    """One column of the board; `state` colours it, `more` is the address of the list of it."""

    title: str
    state: str
    icon: str
    rows: Sequence[Row]
    count: int
    more: str

    @property
    def unseen(self) -> int:
        return self.count - len(self.rows)


@prepared
def _usual(
    seen: Sees,
    where: str,
    most: int,
    order: tuple[str, ...],
    owner: str,
    *,
    member: int,
    begins: datetime,
    ends: datetime,
    near_ends: datetime,
) -> QuerySet[Promise]:
    """What most members look at: the board with nothing chosen but whose.

    The many of which a few are shown come without the people: those are asked for after.
    """
    whose = stand_in(member, seen)
    there = visible_promises(whose).filter(states_of(begins, ends, near_ends)[where])
    there = there.filter(whose_of(owner, whose))
    there = there.select_related("schedule") if most == MOST_NEAR else with_people(there)
    return there.order_by(*order)[:most]


@prepared
def _in_full(*, promises: Sequence[int]) -> QuerySet[Promise]:
    return with_people(Promise.objects.filter(pk__in=promises))


def _of_each_column(promises: PromiseQuerySet, states: Mapping[str, Q]) -> QuerySet[Any, Any]:
    """Each column by an index of its own: together they would look at every case."""
    first, *others = (
        promises.filter(states[name]).order_by().values(what=Value(name)).annotate(n=Count("pk"))
        for name in COUNTED
    )
    return first.union(*others, all=True)


@prepared
def _usual_counts(
    seen: Sees, owner: str, *, member: int, begins: datetime, ends: datetime, near_ends: datetime
) -> QuerySet[Any, Any]:
    whose = stand_in(member, seen)
    there = visible_promises(whose).filter(whose_of(owner, whose))
    return _of_each_column(there, states_of(begins, ends, near_ends))


def _by_column(counted: Iterable[dict[str, Any]]) -> dict[str, int]:
    return dict.fromkeys(COUNTED, 0) | {row["what"]: row["n"] for row in counted}


class Board:
    """The promises that are asked for, by how soon they need somebody."""

    def __init__(self, question: Question) -> None:
        self.question, self.asked = question, question.asked
        self.at, self.schedule = question.at, question.schedule

    @property
    def _whose(self) -> Member | None:
        """Whose usual board it is; None where anything was chosen besides."""
        return self.question.member if self.asked.is_usual else None

    @property
    def _day(self) -> dict[str, datetime]:
        question = self.question
        return {"begins": question.begins, "ends": question.ends, "near_ends": question.near_ends}

    def _some(self, where: str, most: int, *order: str) -> list[Row]:
        member = self._whose
        if member is None:
            found = self.question.of(where).order_by(*order)
            few = found.select_related("schedule") if most == MOST_NEAR else with_people(found)
            return rows(list(few[:most]), self.at)
        shape = (sees(member), where, most, order, self.asked.owner)
        return rows(_usual(*shape, member=member.pk, **self._day), self.at)

    # The board

    @cached_property
    def counts(self) -> dict[str, int]:
        """How many stand in each column."""
        member = self._whose
        if member is None:
            return _by_column(_of_each_column(self.question.narrowed, self.question.states))
        shape, day = (sees(member), self.asked.owner), self._day
        key = ("board", *shape, member.pk, *day.values())
        return while_unchanged(
            key,
            self.at,
            lambda _at: None,
            lambda: _by_column(_usual_counts(*shape, member=member.pk, **day)),
        )

    @cached_property
    def _near(self) -> list[Row]:
        return self._some("near", MOST_NEAR, "breaks_at", "id")

    @cached_property
    def at_risk(self) -> list[Row]:
        """Whatever is at risk has an hour of open time at most, so it is among the nearest."""
        limit = self._an_open_hour_on()
        return [row for row in self._near if row.promise.breaks_at <= limit and row.state == "risk"]

    def _an_open_hour_on(self) -> datetime:
        try:
            return clock.shift(self.at, timedelta(hours=1), self.schedule.hours)
        except clock.ScheduleError:
            return self.at

    @cached_property
    def columns(self) -> list[Column]:
        risky = {row.promise.pk for row in self.at_risk}
        near = [row for row in self._near if row.promise.pk not in risky][:ON_BOARD]
        at_risk, near = self._with_people(self.at_risk[:MOST_RISKY], near)
        broken = self._some("broken", ON_BOARD, "-due", "-id")
        later = self._some("later", ON_BOARD, "breaks_at", "id")
        kept = self._some("kept_today", ON_BOARD, "-kept_at", "-id")
        counts, n = self.counts, len(risky)
        return [
            self._column(_("Broken"), "broken", "octagon-x", broken, counts["broken"], "broken"),
            self._column(_("At risk"), "risk", "hourglass", at_risk, n, "near"),
            self._column(
                _("Today and tomorrow"),
                "open",
                "clock",
                near,
                counts["near"] - n,
                "near",
            ),
            self._column(_("Later"), "moved", "calendar", later, counts["later"], "later"),
            self._column(
                _("Kept today"),
                "kept",
                "circle-check-big",
                kept,
                counts["kept_today"],
                "kept_today",
            ),
        ]

    def _with_people(self, *shown: list[Row]) -> list[list[Row]]:
        """The same rows with everything that they show."""
        of_all = [row.promise.pk for each in shown for row in each]
        whole = {promise.pk: promise for promise in _in_full(promises=of_all)}
        return [
            rows([whole[row.promise.pk] for row in each if row.promise.pk in whole], self.at)
            for each in shown
        ]

    def _column(
        self, title: str, state: str, icon: str, shown: Sequence[Row], count: int, more: str
    ) -> Column:
        url = self.asked.address(view="list", state=more)
        return Column(title, state, icon, shown, count, url)

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
            when = clocktime(max(row.promise.breaks_at for row in risky))
            parts.append(said % {"n": in_words(len(risky)), "when": when})
        return [begun(", ".join(parts)) + "."] if parts else []
