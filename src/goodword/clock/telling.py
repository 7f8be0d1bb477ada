"""The arithmetic of a due time as one sentence that a customer understands."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from goodword.clock.errors import gettext_noop
from goodword.clock.explain import ClosedDate, Explanation, Pause

Translate = Callable[[str], str]

# More stretches than that are added up: nobody reads forty days one by one.
MOST_STRETCHES = 4
WEEKDAYS = tuple(map(gettext_noop, ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")))
MONTHS = (
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
)  # fmt: skip


def tell(found: Explanation, translate: Translate = str) -> str:
    """One sentence: the open time that counted, the days that did not by name, and the due.

    Times are on the business's own wall. `translate` turns an English pattern into the reader's
    language; the clock itself knows only English.
    """
    zone = ZoneInfo(found.zone)
    counted = _counted(found, zone, translate)
    closed = _closed(found.pauses, translate)
    pattern = (
        gettext_noop("%(counted)s; not counted: %(closed)s. Due %(due)s.")
        if closed
        else gettext_noop("%(counted)s. Due %(due)s.")
    )
    facts = {"counted": counted, "closed": closed, "due": _moment(found.due, zone, translate)}
    return translate(pattern) % facts


def _counted(found: Explanation, zone: ZoneInfo, translate: Translate) -> str:
    length = _length(found.open_time)
    if not found.counted:
        return translate(gettext_noop("No open time lies between"))
    if len(found.counted) > MOST_STRETCHES:
        facts = {
            "length": length,
            "days": len(found.counted),
            "start": _day(found.counted[0].start, zone, translate),
            "end": _day(found.counted[-1].end, zone, translate),
        }
        pattern = gettext_noop("%(length)s of open time, from %(start)s to %(end)s")
        return translate(pattern) % facts
    stretches = ", ".join(
        f"{_moment(each.start, zone, translate)}–{each.end.astimezone(zone):%H:%M}"
        for each in found.counted
    )
    pattern = gettext_noop("%(length)s of open time (%(stretches)s)")
    return translate(pattern) % {"length": length, "stretches": stretches}


def _closed(pauses: tuple[Pause, ...], translate: Translate) -> str:
    """Nights need no words; holidays are named, weekends and closed days are said once each."""
    days = [day for pause in pauses for day in pause.days]
    return ", ".join(dict.fromkeys(_closed_day(day, translate) for day in days))


def _closed_day(closed: ClosedDate, translate: Translate) -> str:
    if closed.name:
        return f"{closed.name} ({_date(closed.day, translate)})"
    if closed.reason == "weekend":
        return translate(gettext_noop("the weekend"))
    return _date(closed.day, translate)


def _length(length: timedelta) -> str:
    whole, seconds = divmod(int(length.total_seconds()), 3600)
    minutes = seconds // 60
    if whole and minutes:
        return f"{whole} h {minutes} min"
    return f"{whole} h" if whole else f"{minutes} min"


def _moment(at: datetime, zone: ZoneInfo, translate: Translate) -> str:
    return f"{_day(at, zone, translate)} {at.astimezone(zone):%H:%M}"


def _day(at: datetime, zone: ZoneInfo, translate: Translate) -> str:
    return _date(at.astimezone(zone).date(), translate)


def _date(day: date, translate: Translate) -> str:
    return f"{translate(WEEKDAYS[day.weekday()])} {day.day} {translate(MONTHS[day.month - 1])}"
