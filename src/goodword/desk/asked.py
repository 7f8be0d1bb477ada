"""What the address of the Promises page asks for, and which promises that is.

Every filter is a parameter, so that what is seen can be linked, kept and taken out as a file.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Q
from django.utils.functional import Promise as LazyText
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from goodword.desk.times import day_of, end_of_next_business_day, midnight
from goodword.desk.typed import whole
from goodword.promises.kinds import OUTSTANDING, Kind, State
from goodword.promises.models import PromiseQuerySet
from goodword.staff.models import Member, Schedule

Words = Mapping[str, "LazyText | str"]
VIEWS = ("board", "list", "week", "month")
CALENDAR = ("week", "month")
STATES: Words = {
    "": _("Still to be kept"),
    "broken": _("Broken"),
    "near": _("Today and tomorrow"),
    "later": _("Later"),
    "kept_today": _("Kept today"),
    "kept": _("Kept"),
    "kept_late": _("Kept late"),
    "moved": _("Moved, agreed"),
    "released": _("Released"),
    "void": _("Fell away"),
    "all": _("Every promise"),
}
OWNERS: Words = {"all": _("Everybody"), "me": _("Mine"), "teams": _("My teams’")}
DUES: Words = {
    "": _("Any time"),
    "overdue": _("Overdue"),
    "today": _("Today"),
    "week": _("This week"),
}
MADE: Words = {
    "": _("However made"),
    "policy": _("Made by a policy"),
    "hand": _("Given by hand"),
    "moved": _("Moved, at least once"),
}
# The years that a calendar can show; what lies beyond was typed by accident.
_YEARS = range(1970, 2200)


@dataclass(frozen=True)
class Place:
    """Where a page of the list begins: right after, or before, one promise in the order of due."""

    due: datetime
    pk: int
    is_before: bool = False

    @classmethod
    def read(cls, text: str, *, is_before: bool) -> Place | None:
        micros, _dash, pk = text.partition("-")
        number, key = whole(micros), whole(pk)
        if number is None or key is None:
            return None
        return cls(datetime.fromtimestamp(0, UTC) + timedelta(microseconds=number), key, is_before)

    def __str__(self) -> str:
        since = self.due - datetime.fromtimestamp(0, UTC)
        return f"{since // timedelta(microseconds=1)}-{self.pk}"


@dataclass(frozen=True)
class Asked:
    """What the address asks for. Anything unknown in it falls back to the usual."""

    view: str = "board"
    owner: str = "all"
    team: str = ""
    kind: str = ""
    state: str = ""
    customer: int = 0
    account: int = 0
    due: str = ""
    first: date | None = None
    last: date | None = None
    made: str = ""
    find: str = ""
    day: date | None = None
    place: Place | None = None

    @classmethod
    def read(cls, asked: Mapping[str, Any]) -> Asked:
        said = {name: str(asked.get(name) or "") for name in (*_NAMES, "after", "before")}
        before = Place.read(said["before"], is_before=True)
        return cls(
            view=_one_of(VIEWS, said["view"]),
            owner=said["owner"] if whole(said["owner"]) else _one_of(OWNERS, said["owner"]),
            team=said["team"][:60],
            kind=_one_of(("", *Kind.values), said["kind"]),
            state=_one_of(STATES, said["state"]),
            customer=whole(said["customer"]) or 0,
            account=whole(said["account"]) or 0,
            due=_one_of(DUES, said["due"]),
            first=_date(said["from"]),
            last=_date(said["to"]),
            made=_one_of(MADE, said["made"]),
            find=" ".join(said["find"].replace("\0", "").split())[:80],
            day=_date(said["day"]),
            place=before or Place.read(said["after"], is_before=False),
        )

    def address(self, **changes: Any) -> str:
        """The address of the same with something changed, from its first page: “?owner=me”."""
        return f"?{urlencode(replace(self, **changes).parameters())}"

    def parameters(self) -> list[tuple[str, str]]:
        """Everything that is not as usual, without the place in the list."""
        usual = Asked()
        return [
            (name, str(getattr(self, field)))
            for name, field in _NAMES.items()
            if getattr(self, field) != getattr(usual, field)
        ]

    def page(self, place: Place) -> str:
        name = "before" if place.is_before else "after"
        return f"{self.address()}&{urlencode({name: str(place)})}".replace("?&", "?")

    @property
    def is_calendar(self) -> bool:
        return self.view in CALENDAR

    @property
    def is_usual(self) -> bool:
        """Whether nothing was chosen but a word for whose."""
        return self.owner in OWNERS and self == Asked(owner=self.owner)

    @property
    def is_narrowed(self) -> bool:
        """Whether anything but the way to show them was chosen; states are tabs of the list."""
        state = self.state if self.view == "list" else ""
        return self.address(find="") != Asked(view=self.view, day=self.day, state=state).address()


# The parameters of the address, and the fields that they fill.
_NAMES = {
    **{name: name for name in ("view", "owner", "team", "kind", "state", "customer", "account")},
    "due": "due",
    "from": "first",
    "to": "last",
    "made": "made",
    "find": "find",
    "day": "day",
}


def _one_of(known: Iterable[str], asked: str) -> str:
    there = list(known)
    return asked if asked in there else there[0]


def _date(text: str) -> date | None:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if found.year in _YEARS else None


def states_of(begins: datetime, ends: datetime, near_ends: datetime) -> dict[str, Q]:
    """What each word of STATES means on the day that begins and ends then."""
    open_ = Q(state=State.OPEN)
    kept = Q(state__in=(State.KEPT, State.KEPT_LATE))
    return {
        "": Q(state__in=OUTSTANDING),
        "broken": Q(state=State.BROKEN),
        "near": open_ & Q(breaks_at__lt=near_ends),
        "later": open_ & Q(breaks_at__gte=near_ends),
        "kept_today": kept & Q(kept_at__range=(begins, ends)),
        "kept": kept,
        "kept_late": Q(state=State.KEPT_LATE),
        "moved": Q(state=State.MOVED),
        "released": Q(state=State.RELEASED),
        "void": Q(state=State.VOID),
        "all": Q(),
    }


def whose_of(owner: str, member: Member | None) -> Q:
    """What each word of OWNERS means for this member; else the number of somebody."""
    if owner == "me":
        return Q(owner=member)
    if owner == "teams":
        return Q(case__team__in=member.teams.values("pk") if member else [])
    return Q() if owner == "all" else Q(owner=int(owner))


class Question:
    """What is asked for, put to the promises that somebody may see."""

    def __init__(
        self,
        seen: PromiseQuerySet,
        asked: Asked,
        schedule: Schedule,
        at: datetime,
        member: Member | None = None,
    ) -> None:
        self.seen, self.asked, self.schedule = seen, asked, schedule
        self.at, self.member, self.zone = at, member, ZoneInfo(schedule.zone)
        self.begins, self.ends = day_of(at, self.zone)
        self.near_ends = end_of_next_business_day(at, schedule)

    @cached_property
    def states(self) -> dict[str, Q]:
        return states_of(self.begins, self.ends, self.near_ends)

    @cached_property
    def narrowed(self) -> PromiseQuerySet:
        """With every filter but that of the state."""
        wanted = Q()
        for each in (self._whose(), self._what(), self._to_whom(), self._when()):
            wanted &= each
        return self.seen.filter(wanted)

    def of(self, state: str) -> PromiseQuerySet:
        return self.narrowed.filter(self.states[state])

    @property
    def found(self) -> PromiseQuerySet:
        """What is asked for; on a calendar every state but what was moved away or fell away."""
        if self.asked.is_calendar and not self.asked.state:
            return self.narrowed.shown()
        return self.of(self.asked.state)

    def _whose(self) -> Q:
        wanted = whose_of(self.asked.owner, self.member)
        if self.asked.team:
            wanted &= Q(case__team__slug=self.asked.team)
        return wanted

    def _what(self) -> Q:
        wanted = Q(kind=self.asked.kind) if self.asked.kind else Q()
        made = {
            "policy": Q(made_by=None),
            "hand": Q(made_by__isnull=False),
            "moved": Q(moves__gt=0) | Q(state=State.MOVED),
        }
        return wanted & made.get(self.asked.made, Q())

    def _to_whom(self) -> Q:
        wanted = Q(customer=self.asked.customer) if self.asked.customer else Q()
        return wanted & Q(customer__account=self.asked.account) if self.asked.account else wanted

    def _when(self) -> Q:
        wanted = Q()
        if self.asked.due == "overdue":
            wanted &= Q(state__in=OUTSTANDING, paused_at=None, breaks_at__lt=self.at)
        elif self.asked.due == "today":
            wanted &= Q(due__gte=self.begins, due__lt=self.ends)
        elif self.asked.due == "week":
            monday = monday_of(self.at.astimezone(self.zone).date())
            wanted &= self.within(monday, monday + timedelta(days=6))
        if self.asked.first:
            wanted &= Q(due__gte=midnight(self.asked.first, self.zone))
        if self.asked.last:
            wanted &= Q(due__lt=midnight(self.asked.last + timedelta(days=1), self.zone))
        return wanted

    def within(self, first: date, last: date) -> Q:
        """Due on one of these days, both of them included, on the business's wall."""
        after = midnight(last + timedelta(days=1), self.zone)
        return Q(due__gte=midnight(first, self.zone), due__lt=after)


def monday_of(day: date) -> date:
    return day - timedelta(days=day.weekday())
