"""Opening hours with their holidays: each change is a version, in force from a day."""

from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from goodword.core.refusals import Refused
from goodword.core.time import now
from goodword.settings.changing import Subject, Values
from goodword.staff.hours import add_version, checked_hours, drop, latest
from goodword.staff.models import Member, Schedule

EMPTY: Values = {
    "zone": "", "hours": {}, "holidays": "", "closed": [], "special": {}, "breaks": {},
    "worked": [], "from": "",
}  # fmt: skip


class Hours(Subject):
    """The hours of that name. “from” is the day on which the newest version begins; "": it has."""

    kind = "hours"
    public = frozenset(EMPTY)
    defaults = EMPTY

    def newest(self) -> Schedule | None:
        found = latest(self.key)
        return None if found is None or found.is_dropped else found

    def values(self) -> Values | None:
        newest = self.newest()
        if newest is None:
            return None
        begins = newest.in_force_from.astimezone(ZoneInfo(newest.zone)).date()
        day = begins.isoformat() if newest.is_planned else ""
        return {**EMPTY, **checked_hours(newest.content), "from": day}

    def normal(self, to: Values) -> Values:
        content = {name: value for name, value in to.items() if name != "from" and value}
        return {**EMPTY, **checked_hours(content), "from": _day(to)}

    def put(self, to: Values | None, *, by: Member | str) -> None:
        if to is None:
            drop(self.key, by=by)
            return
        if not self.key.strip() or len(self.key) > 80:
            raise Refused("NO_NAME", _("Give these hours a name of at most 80 letters."), 422)
        content = {name: value for name, value in to.items() if name != "from" and value}
        add_version(self.key, content, by=by, starts=_starts(to))


def _day(to: Values) -> str:
    """The day from which, "" for one that is not after today."""
    said = str(to.get("from") or "")
    if not said:
        return ""
    try:
        day = date.fromisoformat(said)
    except ValueError as error:
        sentence = _("“%(day)s” is no date; write one like 2026-12-25.") % {"day": said}
        raise Refused("BAD_HOURS", sentence, 422) from error
    return said if day > now().astimezone(ZoneInfo(to["zone"])).date() else ""


def _starts(to: Values) -> datetime | None:
    day: Any = _day(to)
    if not day:
        return None
    return datetime.combine(date.fromisoformat(day), time(), ZoneInfo(to["zone"]))
