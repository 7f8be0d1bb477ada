"""Times that a member types or chooses, in the zone of the business."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from goodword import clock
from goodword.core.dates import full_day
from goodword.core.refusals import Refused
from goodword.staff.models import Schedule

# A promise beyond that is a slip of the finger, and its clock would be reckoned for years.
FARTHEST = timedelta(days=3 * 366)


def read_when(text: str, zone: ZoneInfo, at: datetime) -> datetime:
    """The instant (UTC) that a datetime-local field names on the business's wall.

    A time that comes twice, when clocks go back, is its first pass. Refused (422), in a
    sentence, where nothing or nonsense was typed, where it is past or years away, and where
    clocks skip it.
    """
    if not text.strip():
        raise Refused("NO_TIME", _("Choose a day and a time."), 422)
    wall = _wall(text)
    when = wall.replace(tzinfo=zone).astimezone(UTC)
    if when.astimezone(zone).replace(tzinfo=None) != wall:
        raise Refused("NO_TIME", _skipped(wall, zone), 422)
    if when <= at:
        raise Refused("NO_TIME", _("That time is already past. Choose a later one."), 422)
    if when > at + FARTHEST:
        raise Refused("NO_TIME", _("That is years away. Choose a nearer day."), 422)
    return when


def read_past(text: str, zone: ZoneInfo, at: datetime) -> datetime:
    """The instant (UTC) of something that was done, as a datetime-local field names it.

    Refused (422), in a sentence, for nothing, for nonsense and for what is still to come.
    """
    if not text.strip():
        raise Refused("NO_TIME", _("Choose the day and the time at which it was done."), 422)
    when = _wall(text).replace(tzinfo=zone).astimezone(UTC)
    if when > at:
        raise Refused("NO_TIME", _("That time is still to come. Write when it was done."), 422)
    return when


def _wall(text: str) -> datetime:
    try:
        wall = datetime.fromisoformat(text.strip())
        if wall.tzinfo is None and 1900 < wall.year < 9000 and "T" in text:
            return wall.replace(second=0, microsecond=0)
    except ValueError:
        pass
    shown = text.strip()[:40]
    sentence = _("“%(text)s” is no day and time. Write it like 2026-11-20T10:00.")
    raise Refused("NO_TIME", sentence % {"text": shown}, 422)


def _skipped(wall: datetime, zone: ZoneInfo) -> str:
    after = wall.replace(tzinfo=zone).astimezone(UTC).astimezone(zone)
    facts = {
        "time": date_format(wall, "H:i"),
        "day": full_day(wall),
        "after": date_format(after, "H:i"),
    }
    sentence = _("There is no %(time)s on %(day)s: the clocks skip it. %(after)s is there.")
    return sentence % facts


def typed_local(when: datetime, zone: ZoneInfo) -> str:
    """An instant as a datetime-local field wants it, on the business's wall."""
    return when.astimezone(zone).strftime("%Y-%m-%dT%H:%M")


def day_of(at: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Both midnights (UTC) around an instant, on the business's wall."""
    today = at.astimezone(zone).date()
    return midnight(today, zone), midnight(today + timedelta(days=1), zone)


def midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time.min, zone).astimezone(UTC)


def end_of_next_business_day(at: datetime, schedule: Schedule) -> datetime:
    """Midnight (UTC) after the next business day: what “tomorrow” means on a Friday."""
    zone = ZoneInfo(schedule.zone)
    try:
        following = clock.next_business_day(at, schedule.hours)
    except clock.ScheduleError:
        following = at.astimezone(zone).date() + timedelta(days=1)
    return midnight(following + timedelta(days=1), zone)
