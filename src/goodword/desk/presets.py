"""Times that an agent can promise with one choice, reckoned by the business's clock."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from goodword import clock
from goodword.cases.models import Case
from goodword.core.templatetags.goodword import plain_time
from goodword.staff.models import Business, Schedule

FORMS = (
    "within:30",
    "by_close_today",
    "first_thing:60",
    "end_of_nth_business_day:1",
    "end_of_nth_business_day:2",
    "end_of_nth_business_day:5",
)
FIRST_THING = "first_thing:60"


@dataclass(frozen=True)
class Preset:
    """A form of a due time (clock.md, rule 3) and the time that it names now."""

    form: str
    label: str


def presets(schedule: Schedule, at: datetime) -> list[Preset]:
    """Every preset whose time differs from those before it, in order of time."""
    found: dict[datetime, str] = {}
    for form in FORMS:
        try:
            due = clock.due(form, at, schedule.hours).at
        except clock.ScheduleError:
            continue
        found.setdefault(due, form)
    return [
        Preset(form, _("by %(when)s") % {"when": plain_time(due)})
        for due, form in sorted(found.items())
    ]


def schedule_of(case: Case, business: Business) -> Schedule:
    """The schedule in force for a case, without asking for the business again."""
    account = case.customer.account
    agreed = account.schedule_in_force() if account else None
    return agreed or case.team.schedule or business.schedule


def read_local(text: str, zone: ZoneInfo) -> datetime | None:
    """What a datetime-local field says, in the business's zone; None where it says nothing.

    ValueError where it is no time at all.
    """
    if not text.strip():
        return None
    return datetime.fromisoformat(text.strip()).replace(tzinfo=zone)
