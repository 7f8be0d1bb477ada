"""“Send later”: the times that a composer offers, and the one that was chosen."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from django.http import QueryDict
from django.utils.translation import gettext as _

from goodword import clock
from goodword.core.refusals import Refused
from goodword.core.templatetags.goodword import plain_time
from goodword.desk.times import read_when
from goodword.staff.models import Schedule

OPENING, AT = "opening", "at"


class OutsideHours(Refused):
    """The time is a good one, but nobody is there then: asked once more, then taken."""

    def __init__(self, when: datetime) -> None:
        sentence = _("We are closed %(when)s. Send it then all the same, or choose another time.")
        super().__init__("OUTSIDE_HOURS", sentence % {"when": plain_time(when)}, 422)


def opening_after(at: datetime, schedule: Schedule) -> datetime | None:
    """The next opening: after this closing, where the doors are open. None: never again."""
    hours = schedule.hours
    try:
        closes = clock.closing(at, hours) if clock.is_open(at, hours) else at
        return clock.next_opening(closes or at, hours)
    except clock.ScheduleError:
        return None


def later_in(data: QueryDict, schedule: Schedule, at: datetime) -> datetime | None:
    """When the form says that it goes out; None for now."""
    chosen = data.get("later", "")
    if chosen == OPENING:
        opening = opening_after(at, schedule)
        if opening is None:
            raise Refused("NO_TIME", _("The hours name no next opening. Choose a time."), 422)
        return opening
    if chosen != AT:
        return None
    typed = data.get("later_at", "")
    when = read_when(typed, ZoneInfo(schedule.zone), at)
    if not clock.is_open(when, schedule.hours) and data.get("later_sure") != typed:
        raise OutsideHours(when)
    return when
