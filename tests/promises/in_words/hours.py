"""The hours and the instant at which the finder's tests speak."""

from datetime import datetime
from zoneinfo import ZoneInfo

from goodword.clock import Schedule
from goodword.promises.in_words import Found, find

LONDON = ZoneInfo("Europe/London")
HOURS = Schedule.from_data(
    {"zone": "Europe/London", "hours": {"mon-fri": [["09:00", "17:00"]]}, "holidays": "GB-ENG"}
)
WITH_LUNCH = Schedule.from_data(
    {"zone": "Europe/Vienna", "hours": {"mon-fri": [["09:00", "12:30"], ["13:30", "17:00"]]}}
)
WEDNESDAY = datetime(2026, 11, 18, 11, 5, tzinfo=LONDON)


def only(text: str, at: datetime = WEDNESDAY, hours: Schedule = HOURS, **details: object) -> Found:
    """The one promise in a text."""
    found = find(text, at, hours, **details)  # type: ignore[arg-type]
    assert len(found) == 1, (text, found)
    return found[0]


def wall(at: datetime | None, hours: Schedule = HOURS) -> str:
    return at.astimezone(hours.zone_info).strftime("%a %d %b %H:%M") if at else ""
