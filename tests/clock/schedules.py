"""The schedules that the clock's tests share, and a short way to write an instant."""

from datetime import UTC, datetime

from goodword.clock import Schedule

NINE_TO_FIVE = [["09:00", "17:00"]]
WITH_LUNCH = [["09:00", "12:30"], ["13:30", "17:00"]]

NEW_YORK = Schedule.from_data(
    {
        "zone": "America/New_York",
        "hours": {"mon-fri": NINE_TO_FIVE},
        "closed": ["2026-11-26", "2026-12-25"],
    }
)
NEW_YORK_FROM_EIGHT = Schedule.from_data(
    {"zone": "America/New_York", "hours": {"mon-fri": [["08:00", "17:00"]]}}
)
NEW_YORK_ALWAYS = Schedule.from_data(
    {"zone": "America/New_York", "hours": {"mon-sun": [["00:00", "24:00"]]}}
)
LONDON = Schedule.from_data(
    {
        "zone": "Europe/London",
        "hours": {"mon-fri": WITH_LUNCH},
        "closed": ["2026-12-25", {"date": "2026-12-28", "name": "Boxing Day (observed)"}],
    }
)
NIGHTS = Schedule.from_data({"zone": "UTC", "hours": {"mon-fri": [["22:00", "06:00"]]}})


def at(text: str) -> datetime:
    """An instant written like 2026-06-10T16:30-04:00, in UTC."""
    return datetime.fromisoformat(text).astimezone(UTC)
