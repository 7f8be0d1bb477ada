"""Who is on duty when: a weekly pattern, and covers for days on which somebody is away.

The rota of a team holds ids of members and times on the wall of the team's hours:
`{"otherwise": 3, "week": [{"days": "mon-fri", "from": "09:00", "to": "13:00", "who": 4}],
"covers": [{"from": "2026-12-01", "to": "2026-12-04", "for": 4, "who": 5}]}`. The first line of
the week that holds names the person; a cover stands in for that person, or for whoever it is
where `for` is None. A person's absence is a cover, never a schedule (clock.md). Whoever cannot
answer for a case is passed over.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from goodword import clock
from goodword.staff.models import Member, Team
from goodword.staff.rights import Right

# A rota that names one person for good is looked at again after this long all the same.
FAR = timedelta(days=370)


@dataclass(frozen=True)
class Turn:
    """`who` (an id) is on duty from `start` until `until`; None: nobody whom the rota names."""

    who: int | None
    start: datetime
    until: datetime


class Rota:
    """The rota of one team, with whoever may be on duty now."""

    def __init__(self, content: dict[str, Any], zone: str, fit: set[int]) -> None:
        self._content, self._zone, self._fit = content, zone, fit

    @classmethod
    def of(cls, team: Team) -> "Rota":
        return cls(team.rota, team.schedule_in_force().zone, fit_for_duty())

    def turn(self, at: datetime) -> Turn:
        """Who is on duty at an instant, and until when nothing changes."""
        who = next((each for each in self._named(at) if each in self._fit), None)
        return Turn(who, at, min((each for each in self._edges(at)), default=at + FAR))

    def ahead(self, at: datetime, until: datetime) -> Iterator[Turn]:
        """The turns from `at` to `until`; neighbours of one person as one."""
        held: Turn | None = None
        while at < until:
            turn = self.turn(at)
            if held is None or held.who != turn.who:
                if held is not None:
                    yield held
                held = turn
            else:
                held = Turn(held.who, held.start, turn.until)
            at = turn.until
        if held is not None:
            yield Turn(held.who, held.start, min(held.until, until))

    def _named(self, at: datetime) -> Iterator[int]:
        """Whoever the rota names, the first choice first."""
        for line in self._content.get("week", []):
            if clock.is_open(at, _hours(self._zone, line["days"], line["from"], line["to"])):
                yield from self._covered(line["who"], at)
        otherwise = self._content.get("otherwise")
        if otherwise is not None:
            yield from self._covered(otherwise, at)

    def _covered(self, who: int, at: datetime) -> Iterator[int]:
        for cover in self._content.get("covers", []):
            begins, ends = self._bounds(cover)
            if cover["for"] in (None, who) and begins <= at < ends:
                yield cover["who"]
        if not self._is_away(who, at):
            yield who

    def _is_away(self, who: int, at: datetime) -> bool:
        covers = [each for each in self._content.get("covers", []) if each["for"] == who]
        return any(begins <= at < ends for begins, ends in map(self._bounds, covers))

    def _bounds(self, cover: dict[str, Any]) -> tuple[datetime, datetime]:
        """From the midnight before the first day to the one after the last."""
        zone = ZoneInfo(self._zone)
        first, last = date.fromisoformat(cover["from"]), date.fromisoformat(cover["to"])
        return (
            datetime.combine(first, time(), zone),
            datetime.combine(last + timedelta(days=1), time(), zone),
        )

    def _edges(self, at: datetime) -> Iterator[datetime]:
        for line in self._content.get("week", []):
            hours = _hours(self._zone, line["days"], line["from"], line["to"])
            yield _next_edge(hours, at)
        for cover in self._content.get("covers", []):
            yield from (each for each in self._bounds(cover) if each > at)


def _next_edge(hours: clock.Schedule, at: datetime) -> datetime:
    if not clock.is_open(at, hours):
        return clock.next_opening(at, hours)
    opened = clock.explain(at, at + timedelta(days=9), hours).counted
    return opened[0].end


@lru_cache(maxsize=256)
def _hours(zone: str, days: str, opens: str, closes: str) -> clock.Schedule:
    return clock.Schedule.from_data({"zone": zone, "hours": {days: [[opens, closes]]}})


def fit_for_duty() -> set[int]:
    """The ids of all who can answer for a case."""
    fit = Member.objects.active().filter(is_contractor=False).able(Right.OWN)
    return set(fit.values_list("pk", flat=True))


def on_duty(team: Team, at: datetime) -> Member:
    """Who answers now for a new case of the team: whom the rota names, else who is on duty."""
    if not team.rota:
        return team.duty
    who = Rota.of(team).turn(at).who
    return team.duty if who in (None, team.duty_id) else Member.objects.get(pk=who)
