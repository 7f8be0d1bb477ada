"""Instants and opening hours as a person gives them to a command."""

import json
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from goodword.clock import Schedule
from goodword.config.beginning import Trouble
from goodword.core.time import clock


def instant(text: str, zone: str) -> datetime:
    """An ISO date and time; without an offset it is read in `zone`. Raises Trouble."""
    try:
        at = datetime.fromisoformat(text)
    except (TypeError, ValueError) as error:
        sentence = f"“{text}” is no time; write one like 2026-11-19T16:33."
        raise Trouble(sentence) from error
    return at if at.tzinfo else at.replace(tzinfo=ZoneInfo(zone))


def hours_in(path: Path) -> Schedule:
    """The opening hours in a JSON file, in the shape of Schedule.from_data. Raises Trouble."""
    try:
        return Schedule.from_data(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError) as error:
        raise Trouble(f"The opening hours cannot be read: {error}") from error


def stop_clock_at(text: str | None, zone: str) -> None:
    """Let it always be that time; without a text the clock stays as it is."""
    if text:
        clock.fix(instant(text, zone))
