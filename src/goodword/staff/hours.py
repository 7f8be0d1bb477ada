"""Versions of opening hours: added, never edited (clock.md, rule 1).

A change that is planned for a day stands in the version from the start, beside what holds until
then; so a promise for after that day is reckoned with its hours, and nothing has to happen on it.
"""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _

from goodword import clock
from goodword.core.refusals import Refused
from goodword.core.time import now
from goodword.journal.recording import record
from goodword.staff.models import Business, Member, Schedule, Team


def latest(name: str) -> Schedule | None:
    """The newest version, which is in force."""
    return Schedule.objects.filter(name=name).order_by("-version").first()


def checked_hours(content: Mapping[str, Any]) -> dict[str, Any]:
    """The content as it is kept, without what holds no more today.

    Refused, in the clock's own sentence, where it cannot be.
    """
    try:
        schedule = clock.Schedule.from_data(content)
        schedule = schedule.since(now().astimezone(schedule.zone_info).date())
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
def add_version(name: str, content: Mapping[str, Any], *, by: Member | str) -> Schedule:
    """New hours, in force at once. What was promised before stands."""
    before = latest(name)
    new = Schedule.objects.create(
        name=name,
        version=before.version + 1 if before else 1,
        content=checked_hours(content),
        created_at=now(),
    )
    record(None, "schedule_changed", by=by, facts={"schedule": new.pk, "version": new.version})
    _come_in(new)
    return new


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
    Schedule.objects.filter(name=name).update(is_dropped=True)
    record(None, "schedule_changed", by=by, facts={"dropped": True})
