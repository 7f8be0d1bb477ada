"""The day on a ruler: the open hours of today, and where the promises of one member stand."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from goodword import clock
from goodword.cases.sweeping import business_day
from goodword.core.templatetags.goodword import STATES, hour

# Marks nearer than that touch: 24 px on a ruler of 800, the narrowest that is shown.
TOUCHING = 3.0
MOST_IN_A_STACK = 3
WORST_FIRST = ("broken", "risk", "open", "moved", "paused", "kept_late", "kept", "released", "void")


@dataclass(frozen=True)
class Point:
    """What the ruler is told of one promise."""

    at: datetime
    state: str
    text: str
    anchor: str


@dataclass(frozen=True)
class Mark:
    """One sign on the ruler. `x` in per cent of its length, `lift` in signs above the line."""

    x: float
    lift: int
    state: str
    text: str
    anchor: str
    count: int = 1


@dataclass(frozen=True)
class Tick:
    x: float
    text: str


@dataclass(frozen=True)
class Gap:
    """Closed time on the ruler: a break, or before and after the day."""

    x: float
    width: float
    text: str


@dataclass(frozen=True)
class Ruler:
    ticks: list[Tick]
    gaps: list[Gap]
    marks: list[Mark]
    now: float
    now_text: str
    hours: str
    sweep: Gap | None = None  # the last half hour, in which nobody is left without a word


def ruler(points: Iterable[Point], at: datetime, hours: clock.Schedule) -> Ruler | None:
    """The ruler of the business day of `at`; None on a day without opening hours."""
    bounds = clock.day_bounds(at, hours)
    if bounds is None:
        return None
    zone = ZoneInfo(hours.zone)
    placed = sorted(points, key=lambda point: point.at)
    low = _whole_hour(min([bounds[0], *(point.at for point in placed)]), zone, up=False)
    high = _whole_hour(max([bounds[1], *(point.at for point in placed)]), zone, up=True)
    scale = _Scale(low, high)
    return Ruler(
        ticks=list(_ticks(scale, zone)),
        gaps=list(_gaps(scale, hours)),
        marks=list(_marks(placed, scale)),
        now=scale.place(at),
        now_text=hour(at),
        sweep=_sweep(scale, at, hours),
        hours=_open_hours(bounds, hours),
    )


@dataclass(frozen=True)
class _Scale:
    low: datetime
    high: datetime

    def place(self, at: datetime) -> float:
        """Per cent of the ruler's length, from 0 to 100."""
        share = (at - self.low) / (self.high - self.low)
        return round(min(max(share, 0.0), 1.0) * 100, 2)


def _whole_hour(at: datetime, zone: ZoneInfo, *, up: bool) -> datetime:
    local = at.astimezone(zone)
    past = timedelta(minutes=local.minute, seconds=local.second, microseconds=local.microsecond)
    return at - past + (timedelta(hours=1) if up and past else timedelta(0))


def _sweep(scale: _Scale, at: datetime, hours: clock.Schedule) -> Gap | None:
    day = business_day(at, hours)
    if day is None or not scale.low <= day.sweep_from < scale.high:
        return None
    start = scale.place(day.sweep_from)
    times = {"start": hour(day.sweep_from), "end": hour(day.closes)}
    said = _("Before closing, %(start)s to %(end)s: nobody is left without a word") % times
    return Gap(start, round(scale.place(day.closes) - start, 2), said)


def _ticks(scale: _Scale, zone: ZoneInfo) -> Iterator[Tick]:
    """Every hour; every second or third one on a long day."""
    whole = (scale.high - scale.low) // timedelta(hours=1)
    step = 1 + max(whole - 1, 0) // 12
    for number in range(0, whole + 1, step):
        instant = scale.low + timedelta(hours=number)
        yield Tick(scale.place(instant), hour(instant))


def _open_hours(bounds: tuple[datetime, datetime], hours: clock.Schedule) -> str:
    """“09:00–12:30, 13:30–17:00”, for whoever does not see the ruler."""
    counted = clock.explain(*bounds, hours).counted
    return ", ".join(f"{hour(each.start)}–{hour(each.end)}" for each in counted)


def _gaps(scale: _Scale, hours: clock.Schedule) -> Iterator[Gap]:
    """Breaks, and what is shown of the time before opening and after closing."""
    for pause in clock.explain(scale.low, scale.high, hours).pauses:
        start, end = scale.place(pause.start), scale.place(pause.end)
        times = {"start": hour(pause.start), "end": hour(pause.end)}
        yield Gap(start, round(end - start, 2), _("Closed %(start)s to %(end)s") % times)


def _marks(points: list[Point], scale: _Scale) -> Iterator[Mark]:
    """Neighbours that would touch stack; more than three become one mark with their number."""
    for crowd in _crowds(points, scale):
        if len(crowd) > MOST_IN_A_STACK:
            yield _together(crowd, scale)
            continue
        for lift, point in enumerate(crowd):
            yield Mark(scale.place(point.at), lift, point.state, _said(point), point.anchor)


def _crowds(points: list[Point], scale: _Scale) -> Iterator[list[Point]]:
    crowd: list[Point] = []
    for point in points:
        if crowd and scale.place(point.at) - scale.place(crowd[0].at) >= TOUCHING:
            yield crowd
            crowd = []
        crowd.append(point)
    if crowd:
        yield crowd


def _together(crowd: list[Point], scale: _Scale) -> Mark:
    worst = min(crowd, key=lambda point: WORST_FIRST.index(point.state))
    n = len(crowd)
    text = ngettext("%(n)s promise around %(when)s", "%(n)s promises around %(when)s", n)
    text = text % {"n": n, "when": hour(crowd[0].at)}
    middle = crowd[n // 2].at
    return Mark(scale.place(middle), 0, worst.state, text, worst.anchor, n)


def _said(point: Point) -> str:
    word = STATES[point.state][1]
    return f"{hour(point.at)} {point.text}: {word}"
