"""What the form of a snooze offers: times of the clock, and promises of ours."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.http import QueryDict
from django.utils.translation import gettext as _

from goodword import clock
from goodword.cases.models import Case
from goodword.cases.snoozing import wakes_for
from goodword.core.refusals import Refused
from goodword.core.templatetags.goodword import clocktime, plain_time
from goodword.core.time import now
from goodword.desk.times import midnight, read_when
from goodword.desk.typed import key
from goodword.promises.models import Promise
from goodword.staff.models import Schedule

AT_A_TIME = "at"
FOR_A_PROMISE = "promise"


@dataclass(frozen=True)
class Choice:
    value: str
    label: str
    at: datetime


def times(schedule: Schedule, at: datetime) -> list[Choice]:
    """Openings to come: the next ones, next week's, the one in four weeks."""
    hours, zone = schedule.hours, ZoneInfo(schedule.zone)
    found: dict[datetime, Choice] = {}
    try:
        following = clock.next_business_day(at, hours)
        today = at.astimezone(zone).date()
        monday = today + timedelta(days=7 - today.weekday())
        for day in (following, following + timedelta(days=1), monday, today + timedelta(days=28)):
            opens = clock.next_opening(midnight(day, zone), hours)
            said = _("Until %(when)s") % {"when": plain_time(opens)}
            found.setdefault(opens, Choice(opens.isoformat(), said, opens))
    except clock.ScheduleError:
        pass
    return [found[opens] for opens in sorted(found)]


def promised(case: Case, at: datetime) -> list[Choice]:
    """Our own words in this case that leave time to sleep before they are due."""
    rows = case.promises.open().filter(made_by__isnull=False).select_related("schedule")
    choices = []
    for promise in rows.order_by("due"):
        wakes = wakes_for(promise)
        if wakes > at:
            facts = {"text": promise.text, "due": clocktime(promise.due), "at": clocktime(wakes)}
            said = _("“%(text)s”, due %(due)s. Back at %(at)s") % facts
            choices.append(Choice(f"{FOR_A_PROMISE}:{promise.pk}", said, wakes))
    return choices


def read_until(asked: QueryDict, zone: ZoneInfo, case: Case | None = None) -> datetime | Promise:
    """The time or the promise that a form names. Refused (422) where it names none."""
    chosen = asked.get("until", "")
    if case is not None and chosen.startswith(f"{FOR_A_PROMISE}:"):
        pk = key(QueryDict(f"p={chosen.partition(':')[2]}"), "p")
        promise = case.promises.filter(pk=pk).select_related("schedule").first()
        if promise is None:
            raise Refused("NOT_CHOSEN", _("That promise is not there. Choose another."), 422)
        return promise
    if chosen in ("", AT_A_TIME):
        return read_when(asked.get("due", ""), zone, now())
    try:
        when = datetime.fromisoformat(chosen)
    except ValueError:
        when = None
    if when is None or when.tzinfo is None:
        raise Refused("NO_TIME", _("Choose a day and a time."), 422)
    return when
