"""The week as a form of plain fields, and the next days on a ruler."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.utils.dates import WEEKDAYS, WEEKDAYS_ABBR
from django.utils.translation import gettext as _

from goodword import clock
from goodword.core.dates import short_day
from goodword.core.refusals import Refused

FEWEST = 2
DAYS_SHOWN = 14
MIDNIGHT = 86_400
# What one button writes into the whole week; nothing is saved by it.
FILLS: dict[str, dict[str, list[list[str]]]] = {
    "office": {"mon-fri": [["09:00", "17:00"]]},
    "lunch": {"mon-fri": [["09:00", "12:30"], ["13:30", "17:00"]]},
    "shop": {"mon-fri": [["09:00", "18:00"]], "sat": [["10:00", "16:00"]]},
    "always": {"mon-sun": [["00:00", "24:00"]]},
}


@dataclass(frozen=True)
class Pair:
    """One opening and closing time of a day, as two fields."""

    name: str
    opens: str
    closes: str
    label: str


@dataclass(frozen=True)
class Weekday:
    key: str
    label: str
    pairs: list[Pair]


def week(hours: Mapping[str, Any]) -> list[Weekday]:
    """The seven days with their intervals, and room for more."""
    return week_of(clock.Schedule.from_data({"zone": "UTC", "hours": hours}).rules)


def week_of(rules: clock.Rules) -> list[Weekday]:
    return _weekdays(
        [[(clock.time_text(o), _closing(c)) for o, c in spans] for spans in rules.hours]
    )


def week_as_typed(posted: Mapping[str, str]) -> list[Weekday]:
    return _weekdays([list(_typed(posted, key)) for key in clock.WEEKDAYS])


def _weekdays(rows: list[list[tuple[str, str]]]) -> list[Weekday]:
    days = []
    for number, (key, spans) in enumerate(zip(clock.WEEKDAYS, rows, strict=True)):
        label = str(WEEKDAYS[number])
        # Always one more than there are, so that a break can be added without any script.
        there = [*spans, *[("", "")] * max(FEWEST - len(spans), 1)]
        pairs = [Pair(f"{key}-{n}", o, c, label) for n, (o, c) in enumerate(there)]
        days.append(Weekday(key, label, pairs))
    return days


def _closing(seconds: int) -> str:
    """A night ends at its hour of the next day; midnight is 00:00 in a browser's field."""
    return clock.time_text(seconds % MIDNIGHT)


def _typed(posted: Mapping[str, str], key: str) -> Iterator[tuple[str, str]]:
    for number in range(12):
        if f"{key}-{number}-from" not in posted:
            return
        opens = posted.get(f"{key}-{number}-from", "").strip()
        closes = posted.get(f"{key}-{number}-to", "").strip()
        if opens or closes:
            yield opens, closes


def read_week(posted: Mapping[str, str]) -> dict[str, list[list[str]]]:
    """The hours that were typed. Refused where an interval has one end only."""
    hours: dict[str, list[list[str]]] = {}
    for number, key in enumerate(clock.WEEKDAYS):
        for opens, closes in _typed(posted, key):
            if not (opens and closes):
                sentence = _("On %(day)s, write when you open and when you close, or neither.")
                raise Refused("BAD_HOURS", sentence % {"day": WEEKDAYS[number]}, 422)
            # A browser's field knows no 24:00: closing at midnight is the end of that day.
            ends = "24:00" if closes in ("00:00", "00:00:00") else closes[:5]
            hours.setdefault(key, []).append([opens[:5], ends])
    return hours


@dataclass(frozen=True)
class Bar:
    """Open time on the ruler of one day; places in per cent of 24 hours."""

    x: float
    width: float
    text: str


@dataclass(frozen=True)
class DayShown:
    label: str
    bars: list[Bar]
    closed: str
    is_holiday: bool
    said: str


def ahead(hours: clock.Schedule, first: date) -> list[DayShown]:
    """Fourteen days from the first one, on the wall of the business."""
    return [_day_shown(hours, first + timedelta(days=n)) for n in range(DAYS_SHOWN)]


def _day_shown(hours: clock.Schedule, day: date) -> DayShown:
    eve = [(0, closes - MIDNIGHT) for _o, closes in hours.hours_on(day - timedelta(days=1))
           if closes > MIDNIGHT]  # fmt: skip
    own = hours.hours_on(day)
    spans = [*eve, *((opens, min(closes, MIDNIGHT)) for opens, closes in own)]
    reason, name = ("", "") if own else hours.closed_because(day)
    texts = [f"{clock.time_text(opens)}–{_closing(closes)}" for opens, closes in own]
    return DayShown(
        label=short_day(datetime.combine(day, datetime.min.time())),
        bars=[_bar(opens, closes) for opens, closes in spans],
        closed="" if own else (name or _("Closed")),
        is_holiday=reason == "holiday",
        said=", ".join(texts) or name or _("Closed"),
    )


def _bar(opens: int, closes: int) -> Bar:
    text = f"{clock.time_text(opens)} – {clock.time_text(closes)}"
    return Bar(round(opens / 864, 2), round((closes - opens) / 864, 2), text)


def in_a_line(hours: clock.Schedule, day: date) -> str:
    """“Mon–Fri 09:00–17:00, Sat 10:00–16:00”, as it holds on a day."""
    said = []
    for days, spans in hours.since(day).to_data()["hours"].items():
        names = [str(WEEKDAYS_ABBR[clock.WEEKDAYS.index(day)]) for day in days.split("-")]
        times = " ".join(f"{opens}–{closes}" for opens, closes in spans)
        said.append(f"{'–'.join(names)} {times}")
    return ", ".join(said) or _("Closed")
