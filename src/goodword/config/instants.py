"""Instants and opening hours as a person gives them to a command."""

import json
from collections.abc import Iterable
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from goodword.clock import Schedule, closed_on, read_calendar
from goodword.config.beginning import Trouble
from goodword.core.time import clock

# Wide enough for any table that somebody checks, bounded for events that repeat for ever.
CALENDAR_YEARS = date(2000, 1, 1), date(2060, 12, 31)


def instant(text: str, zone: str) -> datetime:
    """An ISO date and time; without an offset it is read in `zone`. Raises Trouble."""
    try:
        at = datetime.fromisoformat(text)
    except (TypeError, ValueError) as error:
        sentence = f"“{text}” is no time; write one like 2026-11-19T16:33."
        raise Trouble(sentence) from error
    return at if at.tzinfo else at.replace(tzinfo=ZoneInfo(zone))


def hours_in(path: Path, calendars: Iterable[Path] = ()) -> Schedule:
    """The opening hours in a JSON file, in the shape of Schedule.from_data. Raises Trouble.

    “ical” in it names iCalendar files whose events close us; `calendars` are more of them.
    """
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
        named = said.pop("ical", []) if isinstance(said, dict) else []
        files = [path.parent / each for each in ([named] if isinstance(named, str) else named)]
        for file in (*files, *calendars):
            zone = Schedule.from_data(said).zone_info
            said = closed_on(said, read_calendar(file.read_bytes(), zone, *CALENDAR_YEARS).days)
        return Schedule.from_data(said)
    except (OSError, TypeError, ValueError) as error:
        raise Trouble(f"The opening hours cannot be read: {error}") from error


def stop_clock_at(text: str | None, zone: str) -> None:
    """Let it always be that time; without a text the clock stays as it is."""
    if text:
        clock.fix(instant(text, zone))
