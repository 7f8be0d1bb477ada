"""due: when a promise of some form is due, so that anyone can check the clock against a table."""

import json
import sys
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click

from goodword import clock


@click.command(
    epilog="Example: goodword due within:120 --from 2026-03-06T16:00-05:00 --schedule hours.json"
)
@click.argument("form", required=False)
@click.option("--from", "start", metavar="INSTANT", help="When it is promised, with its offset.")
@click.option(
    "--schedule",
    "path",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Opening hours as JSON: zone, hours, closed, special, breaks, holidays.",
)
@click.option("--jsonl", is_flag=True, help="Read {id, form, schedule, start} a line from stdin.")
def due(form: str | None, start: str | None, path: Path | None, jsonl: bool) -> None:
    """Print when a promise is due, and why: {due, explain}. Needs no desk and no data folder.

    Forms: acknowledge, by:INSTANT, within:MINUTES, by_close_today, first_thing:MINUTES,
    arrival_window:START/END, end_of_nth_business_day:N, calendar_days:N, on_event:[NAME/]FORM.

    With --jsonl a line that cannot be reckoned is answered by {id, error}, and the exit code
    is 1 at the end.
    """
    if jsonl:
        raise SystemExit(_lines())
    if not (form and start and path):
        raise click.UsageError("Give a form, --from and --schedule, or --jsonl.")
    try:
        shape = json.loads(path.read_text(encoding="utf-8"))
        answer = reckoned(form, shape, start)
    except (OSError, ValueError) as error:
        click.echo(f"{error}", err=True)
        raise SystemExit(1) from None
    click.echo(json.dumps(answer, ensure_ascii=False, indent=2))


def reckoned(form: str, schedule: Mapping[str, Any], start: str) -> dict[str, Any]:
    """The due time on the business's own wall, and its arithmetic. ValueError says what is wrong.

    `start` is ISO 8601 with its distance from UTC; without one it is read on that wall.
    """
    hours = clock.Schedule.from_data(schedule)
    zone = hours.zone_info
    begun = _instant(start, zone)
    found = clock.due(form, begun, hours)
    answer: dict[str, Any] = {"due": _text(found.at, zone)}
    if found.opens is not None:
        answer["opens"] = _text(found.opens, zone)
    if found.event is not None:
        answer["event"] = found.event
    # A time that was named may lie before the promise; then nothing was counted.
    explained = clock.explain(min(begun, found.at), found.at, hours)
    answer["explain"] = explained.as_data() | {"sentence": clock.tell(explained)}
    return answer


def _lines() -> int:
    failed = 0
    for number, line in enumerate(sys.stdin.buffer, 1):
        if line.strip():
            answer = _line(number, line)
            failed |= "error" in answer
            click.echo(json.dumps(answer, ensure_ascii=False))
    return int(failed)


def _line(number: int, line: bytes) -> dict[str, Any]:
    name: Any = number
    try:
        asked = json.loads(line)
        name = asked.get("id", number)
        return {"id": name} | reckoned(asked["form"], asked["schedule"], asked["start"])
    except KeyError as missing:
        return {"id": name, "error": f"The line has no {missing}."}
    except (ValueError, AttributeError, TypeError) as error:
        return {"id": name, "error": str(error)}


def _instant(text: str, zone: ZoneInfo) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        raise ValueError(f"“{text}” is no time; write one like 2026-06-10T16:30-04:00.") from None
    return at if at.tzinfo else at.replace(tzinfo=zone)


def _text(at: datetime, zone: ZoneInfo) -> str:
    return at.astimezone(zone).isoformat()
