"""due: when a promise of some form is due, so that anyone can check the clock against a table."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click

from goodword import clock
from goodword.config.beginning import Trouble
from goodword.config.instants import hours_in, instant
from goodword.config.lines import answer_lines


@click.command(
    epilog="Example: goodword due within:120 --from 2026-03-06T16:00-05:00 --schedule hours.json"
)
@click.argument("form", required=False)
@click.option("--from", "start", metavar="INSTANT", help="When it is promised, with its offset.")
@click.option(
    "--schedule",
    "path",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Opening hours as JSON: zone, hours, closed, special, breaks, holidays, versions, ical.",
)
@click.option(
    "--ical",
    "calendars",
    multiple=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="An iCalendar file whose events close us; may be given several times.",
)
@click.option("--jsonl", is_flag=True, help="Read {id, form, schedule, start} a line from stdin.")
def due(
    form: str | None,
    start: str | None,
    path: Path | None,
    calendars: tuple[Path, ...],
    jsonl: bool,
) -> None:
    """Print when a promise is due, and why: {due, explain}. Needs no desk and no data folder.

    Forms: acknowledge, by:INSTANT, within:MINUTES, by_close_today, first_thing:MINUTES,
    arrival_window:START/END, end_of_nth_business_day:N, calendar_days:N, on_event:[NAME/]FORM.

    With --jsonl a line that cannot be reckoned is answered by {id, error}, and the exit code
    is 1 at the end.
    """
    if jsonl:
        answer_lines(_line)
        return
    if not (form and start and path):
        raise click.UsageError("Give a form, --from and --schedule, or --jsonl.")
    try:
        answer = reckoned(form, hours_in(path, calendars), start)
    except ValueError as error:
        raise Trouble(str(error)) from error
    click.echo(json.dumps(answer, ensure_ascii=False, indent=2))


def reckoned(form: str, hours: clock.Schedule, start: str) -> dict[str, Any]:
    """The due time on the business's own wall, and its arithmetic.

    `start` is ISO 8601 with its distance from UTC; without one it is read on that wall. Trouble
    for a start, ValueError for a form that cannot be read.
    """
    zone = hours.zone_info
    begun = instant(start, hours.zone)
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


def _line(asked: dict[str, Any]) -> dict[str, Any]:
    hours = clock.Schedule.from_data(asked["schedule"])
    return reckoned(asked["form"], hours, asked["start"])


def _text(at: datetime, zone: ZoneInfo) -> str:
    return at.astimezone(zone).isoformat()
