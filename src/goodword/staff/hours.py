"""Versions of opening hours: added, never edited, each in force from an instant (clock.md, 1)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _

from goodword import clock
from goodword.core.compare import change
from goodword.core.refusals import Refused
from goodword.core.time import now
from goodword.journal.recording import record
from goodword.staff.models import Business, Member, Schedule, Team


def latest(name: str) -> Schedule | None:
    """The newest version, in force or planned."""
    return Schedule.objects.filter(name=name).order_by("-version").first()


def checked_hours(content: Mapping[str, Any]) -> dict[str, Any]:
    """The content as it is kept. Refused, in the clock's own sentence, where it cannot be."""
    try:
        schedule = clock.Schedule.from_data(content)
        # Hours that fall to holidays for ever must be told now and not when mail comes.
        clock.next_opening(now(), schedule)
    except clock.ScheduleError as error:
        facts = {**error.facts, "day": _day(error.facts.get("day"))}
        raise Refused("BAD_HOURS", _(error.sentence) % facts, 422) from error
    return schedule.to_data()


def _day(name: object) -> object:
    """“mon” as people call it; a date stays as it is."""
    known = clock.WEEKDAYS
    return WEEKDAYS[known.index(str(name))] if name in known else name


@transaction.atomic
def add_version(
    name: str, content: Mapping[str, Any], *, by: Member | str, starts: datetime | None = None
) -> Schedule:
    """New hours, in force from `starts` (now without). What was promised before stands.

    A version that was planned and had not begun gives way to the newer one.
    """
    at = now()
    if starts is not None and starts < at:
        raise Refused("PAST", _("Hours begin today or later; what was is written down."), 422)
    before = latest(name)
    new = Schedule.objects.create(
        name=name,
        version=before.version + 1 if before else 1,
        content=checked_hours(content),
        created_at=at,
        in_force_from=starts or at,
        is_planned=starts is not None,
    )
    Schedule.objects.filter(name=name, is_planned=True, version__lt=new.version).update(
        is_planned=False
    )
    facts = {"schedule": new.pk, "version": new.version, "from": new.in_force_from}
    record(None, "schedule_changed", by=by, facts=facts)
    if not new.is_planned:
        _come_in(new)
    return new


@transaction.atomic
def bring_in_force() -> int:
    """Let every planned version begin whose time has come; how many did. The tick calls it."""
    due = Schedule.objects.filter(is_planned=True, in_force_from__lte=now()).order_by("version")
    begun = 0
    for schedule in due:
        if change(schedule, {"is_planned": True}, {"is_planned": False}):
            _come_in(schedule)
            facts = {"schedule": schedule.pk, "version": schedule.version}
            record(None, "schedule_began", by="clock", facts=facts)
            begun += 1
    return begun


def _come_in(schedule: Schedule) -> None:
    older = {"schedule__name": schedule.name, "schedule__version__lt": schedule.version}
    Business.objects.filter(**older).update(schedule=schedule)
    Team.objects.filter(**older).update(schedule=schedule)


@transaction.atomic
def drop(name: str, *, by: Member | str) -> None:
    """Nobody keeps these hours any more. Their versions stay, for what was promised under them."""
    used = Business.objects.filter(schedule__name=name).exists()
    if used or Team.objects.filter(schedule__name=name).exists():
        raise Refused("IN_USE", _("A team or the business still keeps these hours."))
    Schedule.objects.filter(name=name).update(is_dropped=True, is_planned=False)
    record(None, "schedule_changed", by=by, facts={"dropped": True})
