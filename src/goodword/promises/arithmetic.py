"""The arithmetic of a promise as plain values: what counted, what did not, what came of it."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

from goodword import clock
from goodword.promises.kinds import State
from goodword.promises.models import Promise

# Beyond that the nights are left out, so that a cell stays a cell; days with a name never are.
MOST_PAUSES = 60


@dataclass(frozen=True)
class Arithmetic:
    """What `clock.explain` says of a promise, from when it was given to when it is due."""

    promise: Promise
    at: datetime

    @cached_property
    def _explained(self) -> clock.Explanation | None:
        """None where its time had passed when it was given."""
        promise = self.promise
        if promise.due < promise.made_at:
            return None
        return clock.explain(promise.made_at, promise.due, promise.schedule.hours)

    @property
    def open_minutes(self) -> float:
        found = self._explained
        return minutes(found.open_time) if found else 0

    @property
    def pauses(self) -> list[dict[str, str]]:
        """Every stretch that did not count, with its reason, on the business's own wall."""
        found = self._explained
        if found is None:
            return []
        zone, pauses = ZoneInfo(found.zone), found.pauses
        if len(pauses) > MOST_PAUSES:
            pauses = tuple(each for each in pauses if any(day.name for day in each.days))
        return [
            {"from": on_the_wall(each.start, zone), "to": on_the_wall(each.end, zone),
             "reason": each.reason}
            for each in pauses
        ]  # fmt: skip

    @property
    def holidays(self) -> list[dict[str, str]]:
        found = self._explained
        days = [day for pause in found.pauses for day in pause.days] if found else []
        return [{"date": day.day.isoformat(), "name": day.name} for day in days if day.name]

    @property
    def ended_at(self) -> datetime | None:
        """When nothing ran any more: kept, moved, released or fallen away; None while it runs."""
        return self.promise.kept_at or self.promise.ended_at

    @property
    def overrun_minutes(self) -> float:
        """Open minutes after its due, until it was kept or, while it is owed, until now."""
        promise = self.promise
        if promise.state not in (State.OPEN, State.BROKEN, State.KEPT_LATE):
            return 0
        return minutes(promise.overrun(self.ended_at or self.at))


def minutes(length: timedelta) -> float:
    """Whole minutes as a whole number; parts of one to the second."""
    seconds = round(length.total_seconds())
    return seconds // 60 if seconds % 60 == 0 else round(seconds / 60, 4)


def on_the_wall(at: datetime, zone: ZoneInfo) -> str:
    return at.astimezone(zone).isoformat()


def in_utc(at: datetime | None) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z") if at else ""
