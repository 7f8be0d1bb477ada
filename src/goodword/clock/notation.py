"""The JSON shape of a schedule: what people and files write, and the numbers it means."""

import re
from collections.abc import Iterable, Mapping
from datetime import date
from itertools import groupby
from typing import Any, NoReturn

from goodword.clock.errors import ScheduleError, gettext_noop

Hours = tuple[tuple[int, int], ...]
Dated = tuple[date, Hours]
ClosedDay = tuple[date, str]
Fields = dict[str, Any]

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
RULES = ("hours", "closed", "special", "breaks", "holidays", "worked")
FIELDS = ("zone", *RULES, "versions")
_TIME = re.compile(r"([0-9]{1,2}):([0-5][0-9])(?::([0-5][0-9]))?", re.ASCII)


def read(data: Mapping[str, Any]) -> tuple[str, Fields, list[tuple[date, Fields]]]:
    """Zone, rules, and the rules of later dates out of the JSON shape.

    What a version does not say stays as it was before. ScheduleError for what cannot be read.
    """
    if not isinstance(data, Mapping):
        _refuse(gettext_noop("A schedule is an object with a zone and hours."))
    _prove_fields(
        data, FIELDS, gettext_noop("A schedule has no field “%(field)s”; it has %(fields)s.")
    )
    said = {name: data.get(name) for name in RULES}
    later, zone, first = [], _zone(data.get("zone")), _rules(said)
    for begins, version in sorted(_versions(data.get("versions") or ()).items()):
        said |= {name: value for name, value in version.items() if name != "from"}
        later.append((begins, _rules(said)))
    return zone, first, later


def _versions(value: object) -> dict[date, Mapping[str, Any]]:
    if isinstance(value, (str, Mapping)) or not isinstance(value, Iterable):
        _refuse(gettext_noop("“versions” is a list of objects, each with “from” and what changes."))
    versions: dict[date, Mapping[str, Any]] = {}
    for version in value:
        if not isinstance(version, Mapping):
            _refuse(
                gettext_noop("“versions” is a list of objects, each with “from” and what changes.")
            )
        if "zone" in version:
            _refuse(
                gettext_noop("A version keeps the time zone; change the zone on the day itself.")
            )
        _prove_fields(
            version,
            ("from", *RULES),
            gettext_noop("A version has no field “%(field)s”; it has %(fields)s."),
        )
        begins = _date(version.get("from"))
        if begins in versions:
            _refuse(gettext_noop("Two versions begin on %(date)s."), date=begins.isoformat())
        versions[begins] = version
    return versions


def _prove_fields(said: Mapping[str, Any], known: tuple[str, ...], sentence: str) -> None:
    for field in said:
        if field not in known:
            _refuse(sentence, field=field, fields=", ".join(known))


def _rules(said: Mapping[str, Any]) -> Fields:
    return {
        "hours": _week(said.get("hours") or {}),
        "closed": tuple(sorted(_named_days(said.get("closed") or (), "closed"))),
        "special": read_dated(said.get("special") or {}, "special"),
        "breaks": read_dated(said.get("breaks") or {}, "breaks"),
        "holidays": _region(said.get("holidays")),
        "worked": tuple(sorted(_named_days(said.get("worked") or (), "worked"))),
    }


def write(zone: str, rules: Fields, later: Iterable[tuple[date, Fields]]) -> dict[str, Any]:
    """The JSON shape; fields that say nothing, or nothing new in a version, are left out."""
    before = _rules_text(rules)
    shape: dict[str, Any] = {"zone": zone, "hours": before["hours"]}
    shape |= {name: value for name, value in before.items() if value}
    versions = []
    for begins, each in later:
        after = _rules_text(each)
        new = {name: value for name, value in after.items() if value != before[name]}
        versions.append({"from": begins.isoformat(), **new})
        before = after
    return shape | ({"versions": versions} if versions else {})


def _rules_text(rules: Fields) -> dict[str, Any]:
    return {
        "hours": dict(_week_text(rules["hours"])),
        "closed": _days_text(rules["closed"]),
        "special": {day.isoformat(): hours_text(each) for day, each in rules["special"]},
        "breaks": {day.isoformat(): hours_text(each) for day, each in rules["breaks"]},
        "holidays": rules["holidays"],
        "worked": _days_text(rules["worked"]),
    }


def time_text(seconds: int) -> str:
    """Seconds after midnight as HH:MM, with :SS only where there are any."""
    minutes, rest = divmod(seconds, 60)
    text = f"{minutes // 60:02}:{minutes % 60:02}"
    return f"{text}:{rest:02}" if rest else text


def _zone(value: object) -> str:
    if not isinstance(value, str) or not value:
        _refuse(gettext_noop("A schedule needs a time zone like Europe/London."))
    return value


def _region(value: object) -> str | None:
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        _refuse(gettext_noop("Holidays are named by a country like FR or a region like GB-ENG."))
    return value


def _week(value: object) -> tuple[Hours, ...]:
    if not isinstance(value, Mapping):
        _refuse(gettext_noop("Hours are written by weekday, like “mon-fri”."))
    week: dict[int, Hours] = {}
    for name, intervals in value.items():
        for number in _weekdays(name):
            if number in week:
                _refuse(gettext_noop("%(day)s is given hours twice."), day=WEEKDAYS[number])
            week[number] = _hours(intervals, str(name))
    return tuple(week.get(number, ()) for number in range(7))


def _weekdays(name: object) -> list[int]:
    """Numbers of the days in “mon”, “mon-fri”, “fri-mon” or “sat,sun”."""
    numbers: list[int] = []
    for part in str(name).lower().replace(" ", "").split(","):
        first, _, last = part.partition("-")
        if first not in WEEKDAYS or (last or first) not in WEEKDAYS:
            _refuse(
                gettext_noop("“%(day)s” is no weekday; write %(days)s, or a range like mon-fri."),
                day=name,
                days=", ".join(WEEKDAYS),
            )
        start, end = WEEKDAYS.index(first), WEEKDAYS.index(last or first)
        numbers += [number % 7 for number in range(start, start + (end - start) % 7 + 1)]
    return numbers


def read_dated(value: object, field: str = "breaks") -> tuple[Dated, ...]:
    if not isinstance(value, Mapping):
        _refuse(
            gettext_noop("“%(field)s” gives each date its intervals, as an object."), field=field
        )
    return tuple(sorted((_date(day), _hours(each, str(day))) for day, each in value.items()))


def _days_text(days: tuple[ClosedDay, ...]) -> list[object]:
    return [
        {"date": day.isoformat(), "name": name} if name else day.isoformat() for day, name in days
    ]


def _named_days(value: object, field: str) -> Iterable[ClosedDay]:
    if isinstance(value, (str, Mapping)) or not isinstance(value, Iterable):
        _refuse(gettext_noop("“%(field)s” is a list of dates."), field=field)
    days: dict[date, str] = {}
    for entry in value:
        if isinstance(entry, Mapping):
            days[_date(entry.get("date"))] = str(entry.get("name") or "")
        else:
            days[_date(entry)] = ""
    return days.items()


def _date(value: object) -> date:
    try:
        return date.fromisoformat(value) if isinstance(value, str) else _not_a_date(value)
    except ValueError:
        _not_a_date(value)


def _not_a_date(value: object) -> NoReturn:
    _refuse(gettext_noop("“%(date)s” is no date; write one like 2026-12-25."), date=value)


def _hours(value: object, day: str) -> Hours:
    if not isinstance(value, (list, tuple)):
        _refuse_interval(day)
    return tuple(sorted(_interval(each, day) for each in value))


def _interval(value: object, day: str) -> tuple[int, int]:
    if not isinstance(value, (list, tuple)) or len(value) != 2:
        _refuse_interval(day)
    opens, closes = _seconds(value[0], day), _seconds(value[1], day)
    # 22:00 to 06:00 is a night; the same time twice is a slip, and the schedule refuses it.
    return opens, closes + 86_400 if closes < opens < 86_400 else closes


def _seconds(value: object, day: str) -> int:
    match = _TIME.fullmatch(value) if isinstance(value, str) else None
    if match is None or int(match[1]) > 48:
        sentence = gettext_noop("On %(day)s, “%(time)s” is no time; write one like 09:00.")
        _refuse(sentence, day=day, time=value)
    return int(match[1]) * 3600 + int(match[2]) * 60 + int(match[3] or 0)


def _week_text(hours: tuple[Hours, ...]) -> Iterable[tuple[str, list[list[str]]]]:
    for each, run in groupby(range(7), key=lambda number: hours[number]):
        days = list(run)
        if each:
            first, last = WEEKDAYS[days[0]], WEEKDAYS[days[-1]]
            yield (first if first == last else f"{first}-{last}", hours_text(each))


def hours_text(hours: Hours) -> list[list[str]]:
    return [[time_text(opens), time_text(_closing(opens, closes))] for opens, closes in hours]


def _closing(opens: int, closes: int) -> int:
    return closes - 86_400 if 86_400 < closes < opens + 86_400 else closes


def _refuse_interval(day: str) -> NoReturn:
    sentence = gettext_noop(
        "On %(day)s, write each interval as opening and closing time, like 09:00 and 17:00."
    )
    _refuse(sentence, day=day)


def _refuse(sentence: str, **facts: object) -> NoReturn:
    raise ScheduleError(sentence, **facts)
