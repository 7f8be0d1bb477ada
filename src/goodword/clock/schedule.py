"""Opening hours of a business: its zone, the rules that hold now, and those that follow."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date, timedelta
from functools import cached_property, lru_cache
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from goodword.clock import notation
from goodword.clock.errors import ScheduleError, gettext_noop
from goodword.clock.index import Index
from goodword.clock.notation import Hours
from goodword.clock.rules import Rules, prove_night


@dataclass(frozen=True)
class Schedule:
    """When a business is open, by the clock on its wall.

    `rules` hold until the first date in `later`, each of those from its date on. So a promise
    that is given today for a day after a change is reckoned with the hours of that day.
    ScheduleError, in a sentence, for hours that cannot be.
    """

    zone: str
    rules: Rules
    later: tuple[tuple[date, Rules], ...] = ()

    def __post_init__(self) -> None:
        self._prove_zone()
        for begins, rules in self.later:
            eve = self.rules_on(begins - timedelta(days=1)).before_breaks(
                begins - timedelta(days=1)
            )
            prove_night(begins.isoformat(), eve, rules.before_breaks(begins))
        if not any(rules.ever_opens for rules in self._all_rules):
            raise ScheduleError(
                gettext_noop("This schedule never opens; give at least one day opening hours.")
            )

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> "Schedule":
        """Read the JSON shape of a schedule; ScheduleError says what is wrong with it."""
        zone, first, later = notation.read(data)
        versions: list[tuple[date, Rules]] = []
        rules = before = Rules(**first)
        for begins, each in later:
            after = Rules(**each)
            if after != before:
                versions.append((begins, after))
            before = after
        return cls(zone, rules, tuple(versions))

    def to_data(self) -> dict[str, Any]:
        """The JSON shape, which from_data reads back to an equal schedule."""
        return notation.write(
            self.zone, vars_of(self.rules), [(day, vars_of(rules)) for day, rules in self.later]
        )

    def since(self, day: date) -> "Schedule":
        """The same schedule from a day on, without what holds no more by then."""
        later = tuple(each for each in self.later if each[0] > day)
        return Schedule(self.zone, self.rules_on(day), later)

    def __reduce__(self) -> tuple[type["Schedule"], tuple[object, ...]]:
        """Copies carry the hours only; the index holds a lock and is shared anyway."""
        return Schedule, (self.zone, self.rules, self.later)

    def compiled(self) -> Index:
        """The index of open time, shared by equal schedules."""
        return self._index

    @cached_property
    def zone_info(self) -> ZoneInfo:
        return ZoneInfo(self.zone)

    def rules_on(self, day: date) -> Rules:
        for begins, rules in reversed(self.later):
            if begins <= day:
                return rules
        return self.rules

    def hours_on(self, day: date) -> Hours:
        """The open intervals that begin on a date, in seconds after its midnight."""
        return self.rules_on(day).hours_on(day)

    def closed_because(self, day: date) -> tuple[str, str]:
        """Reason (holiday, weekend or closed) and name of a date that has no opening hours."""
        return self.rules_on(day).closed_because(day)

    @cached_property
    def last_named_year(self) -> int:
        """The last year of which the schedule says something that does not hold every year."""
        return max(self._named_years, default=0)

    @cached_property
    def first_named_year(self) -> int:
        return min(self._named_years, default=9999)

    @cached_property
    def _named_years(self) -> list[int]:
        days = [day for rules in self._all_rules for day, _ in rules.special]
        return [day.year for day in (*days, *(begins for begins, _ in self.later))]

    @property
    def _all_rules(self) -> tuple[Rules, ...]:
        return self.rules, *(rules for _, rules in self.later)

    @cached_property
    def _index(self) -> Index:
        return _index_of(self)

    def _prove_zone(self) -> None:
        try:
            ZoneInfo(self.zone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            sentence = gettext_noop("“%(zone)s” is no time zone; write one like Europe/London.")
            raise ScheduleError(sentence, zone=self.zone) from None


def vars_of(rules: Rules) -> dict[str, Any]:
    return {field.name: getattr(rules, field.name) for field in fields(rules)}


@lru_cache(maxsize=512)
def _index_of(schedule: Schedule) -> Index:
    return Index(schedule)
