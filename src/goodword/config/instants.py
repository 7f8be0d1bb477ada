"""An instant as a person types it on the command line."""

from datetime import datetime
from zoneinfo import ZoneInfo

from goodword.config.beginning import Trouble
from goodword.core.time import clock


def instant(text: str, zone: str) -> datetime:
    """An ISO date and time; without an offset it is read in `zone`. Raises Trouble."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        sentence = f"“{text}” is no time; write one like 2026-11-19T16:33."
        raise Trouble(sentence) from error
    return at if at.tzinfo else at.replace(tzinfo=ZoneInfo(zone))


def stop_clock_at(text: str | None, zone: str) -> None:
    """Let it always be that time; without a text the clock stays as it is."""
    if text:
        clock.fix(instant(text, zone))
