"""What a phrase says about when, before anybody asks which instant that is."""

import re
from collections.abc import Callable
from dataclasses import dataclass, fields, replace

from goodword.promises.in_words.packs import Pack, Rule

MONTHS_LONG = 12


@dataclass(frozen=True)
class Clock:
    """A time on the wall. `sure` says whether morning or afternoon was named with it."""

    hour: int
    minute: int = 0
    sure: bool = True


@dataclass(frozen=True)
class Span:
    """A length of time; of a range, its outer end. Units as in the packs."""

    amount: float
    unit: str


@dataclass(frozen=True)
class Period:
    """A week, weekend, month, quarter or year, `ahead` of the present one; edge of it if named."""

    name: str
    ahead: int = 0
    edge: str = ""
    month: int = 0
    year: int = 0


@dataclass(frozen=True)
class When:
    """Everything that a phrase says; what it does not say is None or empty."""

    offset: int | None = None
    weekday: int | None = None
    weeks: int = 0
    after_days: int = 0
    not_today: bool = False
    day: int | None = None
    month: int | None = None
    year: int | None = None
    period: Period | None = None
    clock: Clock | None = None
    until: Clock | None = None
    part: str = ""
    point: str = ""  # lunch, close, open, first_thing
    spans: tuple[Span, ...] = ()
    vague: bool = False
    event: bool = False
    job: bool = False
    stands: bool = False  # says when without a preposition: “the next two days”
    side: str = ""  # before or after

    @property
    def names_a_date(self) -> bool:
        return self.day is not None

    @property
    def names_a_day(self) -> bool:
        named = (self.offset, self.weekday, self.day, self.period)
        return any(each is not None for each in named)

    @property
    def names_a_time(self) -> bool:
        return bool(self.clock or self.part or self.point)

    def joined(self, other: "When") -> "When | None":
        """Both together, as in “Friday” and “at 4”; None where they do not belong together."""
        if self.vague or other.vague or self.event or other.event or self.job or other.job:
            return None
        if self.names_a_day and other.names_a_day:
            return self._of_two_days(other)
        if self.spans and other.spans:
            return replace(self, spans=self.spans + other.spans)
        if self.clock and other.clock:
            return None
        if self.names_a_time and other.names_a_time and not self._completes(other):
            return None
        return self._filled(other)

    def _of_two_days(self, other: "When") -> "When | None":
        if self.weekday is not None and other.names_a_date and not self.names_a_date:
            return self._filled(other)
        if other.weekday is not None and self.names_a_date and not other.names_a_date:
            return self._filled(replace(other, weeks=0))
        if self.period and self.period.name == "week_of" and other.names_a_date:
            return self._filled(other)
        week = next((each.period for each in (self, other) if each.period), None)
        day = next((each for each in (self, other) if each.weekday is not None), None)
        if week and week.name == "week" and day is not None:
            rest = self if day is other else other
            joined = replace(rest, period=None)._filled(day)
            return replace(joined, weeks=week.ahead) if week.ahead else joined
        return None

    def _completes(self, other: "When") -> bool:
        """A part of the day beside a time says which half is meant: “at 3 in the afternoon”."""
        points = [each for each in (self.point, other.point) if each]
        parts = [each for each in (self.part, other.part) if each]
        return len(points) <= 1 and len(parts) <= 1 and not (points and parts == ["night"])

    def _filled(self, other: "When") -> "When":
        said = {
            field.name: getattr(other, field.name)
            for field in fields(other)
            if getattr(other, field.name) not in (None, "", 0, False, ()) or field.name == "weekday"
        }
        if said.get("weekday") is None:
            said.pop("weekday", None)
        if other.offset is not None:
            said["offset"] = other.offset
        return replace(self, **said)


def read(rule: Rule, found: "re.Match[str]", pack: Pack, *, month_first: bool) -> When | None:
    """What one match of a rule says; None where its numbers cannot be (the 32nd, 25:12).

    `month_first` says how 3/4 is read: as in America, or as in most of the world.
    """
    values = _values(found)
    if month_first and rule.details.get("order") == "local" and "mm" in values:
        values["mm"], values["dd"] = values["dd"], values["mm"]
    try:
        return _READERS[rule.means](rule, values, pack)
    except (ValueError, KeyError):
        return None


def _values(found: "re.Match[str]") -> dict[str, str]:
    """The named groups that matched; “hour_b” is another place for the hour."""
    values: dict[str, str] = {}
    for name, text in found.groupdict().items():
        if text is not None:
            values[re.sub(r"_[a-z]$", "", name)] = text
    return values


def _day(rule: Rule, values: dict[str, str], pack: Pack) -> When:
    part = pack.part(values["part"]) if "part" in values else rule.details.get("part", "")
    return When(offset=int(rule.details["offset"]), part=part)


def _weekday(rule: Rule, values: dict[str, str], pack: Pack) -> When:
    details = rule.details
    return When(
        weekday=pack.weekday(values["weekday"]),
        weeks=int(details.get("weeks", 0)),
        after_days=int(details.get("after_days", 0)),
        not_today=bool(details.get("not_today")),
    )


def _date(rule: Rule, values: dict[str, str], pack: Pack) -> When:
    day = int(values.get("day") or values.get("dd") or 0)
    if "dayword" in values:
        day = pack.ordinal(values["dayword"])
    month = pack.month(values["month"]) if "month" in values else None
    if "mm" in values:
        month = int(values["mm"])
        if month > MONTHS_LONG >= day:
            day, month = month, day
    year = _year(values.get("year") or values.get("y4") or values.get("yy"))
    clock = Clock(int(values["hour"]), int(values["minute"])) if "hour" in values else None
    if not 1 <= day <= 31 or not (month is None or 1 <= month <= MONTHS_LONG):
        raise ValueError("There is no such day.")
    weekday = pack.weekday(values["weekday"]) if "weekday" in values else None
    return When(day=day, month=month, year=year, weekday=weekday, clock=clock)


def _year(text: str | None) -> int | None:
    if not text:
        return None
    number = int(text.lstrip("'’"))
    return number if number > 99 else 2000 + number if number < 70 else 1900 + number


def _period(rule: Rule, values: dict[str, str], pack: Pack) -> When:
    details = rule.details
    ahead = int(details.get("weeks") or details.get("months") or details.get("years") or 0)
    month = pack.month(values["month"]) if "month" in values else 0
    year = _year(values.get("year")) or 0
    edge = str(details.get("edge", ""))
    return When(period=Period(rule.means, ahead, edge, month, year))


def _clock(rule: Rule, values: dict[str, str], pack: Pack) -> When:
    return When(clock=_clock_of(rule, values, pack))


def _clock_of(rule: Rule, values: dict[str, str], pack: Pack, suffix: str = "") -> Clock:
    details = rule.details
    if "hour" in details:
        return Clock(int(details["hour"]))
    said = values.get(f"hour{suffix}") or values[f"hournum{suffix}"]
    hour = int(pack.number(said))
    minute = int(values.get(f"minute{suffix}") or 0)
    shift = int(details.get("minutes", 0))
    if "past" in values:
        shift = int(pack.number(values["past"]))
    total = hour * 60 + minute + shift
    half = pack.half(values[f"half{suffix}"]) if f"half{suffix}" in values else ""
    half = {"a": "am", "p": "pm"}.get(values.get("ap", "").lower(), half)
    if half and not 1 <= hour <= 12:
        raise ValueError("There is no such time.")
    if half:
        total = total % 720 + (720 if half == "pm" else 0)
    elif total > 24 * 60:
        raise ValueError("There is no such time.")
    sure = bool(half) or hour > 12 or hour == 0 or (minute == 0 and said.startswith("0"))
    return Clock(total // 60 % 24, total % 60, sure)


def _clock_range(rule: Rule, values: dict[str, str], pack: Pack) -> When:
    ends = _clock_of(rule, values, pack, "2")
    starts = _clock_of(rule, values, pack)
    if ends.sure and not starts.sure:
        # “2 to 4 pm” means both; “11 to 2 pm” begins before noon.
        later = Clock((starts.hour + 12) % 24, starts.minute)
        fits = ends.hour >= 12 and later.hour * 60 + later.minute < ends.hour * 60 + ends.minute
        starts = later if fits and starts.hour < 12 else Clock(starts.hour, starts.minute)
    return When(clock=starts, until=ends)


def _point(rule: Rule, _values: dict[str, str], _pack: Pack) -> When:
    return When(point=rule.means)


def _part(rule: Rule, values: dict[str, str], pack: Pack) -> When:
    return When(part=str(rule.details.get("part") or pack.part(values["part"])))


def _span(rule: Rule, values: dict[str, str], pack: Pack) -> When:
    said = values.get("n2") or values.get("n")
    amount = pack.number(said) if said else float(rule.details.get("amount", 1))
    amount += float(rule.details.get("extra", 0))
    name = values.get("unit") or values.get("unit_hour") or values["unit_short"]
    stands = bool(rule.details.get("stands"))
    return When(spans=(Span(amount, pack.unit(name)),), stands=stands)


def _job(_rule: Rule, values: dict[str, str], pack: Pack) -> When:
    days = pack.number(values["n"]) if "n" in values else 0
    return When(spans=(Span(days, "business_days"),), job=True)


def _vague(_rule: Rule, _values: dict[str, str], _pack: Pack) -> When:
    return When(vague=True)


def _event(_rule: Rule, _values: dict[str, str], _pack: Pack) -> When:
    return When(event=True)


_READERS: dict[str, Callable[[Rule, dict[str, str], Pack], When]] = {
    "day": _day,
    "weekday": _weekday,
    "date": _date,
    "week": _period,
    "week_of": _period,
    "weekend": _period,
    "month": _period,
    "quarter": _period,
    "year": _period,
    "clock": _clock,
    "clock_range": _clock_range,
    "lunch": _point,
    "close": _point,
    "open": _point,
    "first_thing": _point,
    "part": _part,
    "span": _span,
    "job": _job,
    "vague": _vague,
    "event": _event,
}
