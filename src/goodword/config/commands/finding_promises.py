"""find-promises: the sentences of a text that give our word, for anyone who checks the finder."""

import json
import sys
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from goodword import clock
from goodword.promises.in_words import LANGUAGES, find


@click.command(
    "find-promises",
    epilog="Example: goodword find-promises --at 2026-11-19T16:33 --schedule hours.json < mail.txt",
)
@click.option("--at", "at", required=True, metavar="INSTANT", help="When the text is said.")
@click.option(
    "--schedule",
    "path",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="Opening hours as JSON: zone, hours, closed, special, breaks, holidays.",
)
@click.option(
    "--language",
    multiple=True,
    type=click.Choice(LANGUAGES),
    help="Language of the text; may be given twice.  [default: as the text reads]",
)
@click.option("--jsonl", is_flag=True, help="Read {id, text} a line, and answer each with a line.")
def find_promises(at: str, path: Path, language: tuple[str, ...], jsonl: bool) -> None:
    """Read text from standard input and print the promises in it. Needs no desk, changes nothing.

    Prints {promises: [{start, end, text, when, kind, form, due, vague, confidence, ...}]}; start
    and end count characters. A line of --jsonl may hold its own “at”. What cannot be read is
    answered by {id, error}, and the exit code is 1 at the end.
    """
    try:
        hours = clock.Schedule.from_data(json.loads(path.read_text(encoding="utf-8")))
        said_at = _instant(at, hours)
    except (OSError, ValueError) as error:
        click.echo(f"{error}", err=True)
        raise SystemExit(1) from None
    if jsonl:
        raise SystemExit(_lines(sys.stdin.buffer, said_at, hours, language))
    text = sys.stdin.buffer.read().decode("utf-8", errors="replace")
    click.echo(json.dumps(_found(text, said_at, hours, language), ensure_ascii=False, indent=2))


def _found(
    text: str, at: datetime, hours: clock.Schedule, languages: tuple[str, ...]
) -> dict[str, Any]:
    found = find(text, at, hours, languages=languages)
    return {"promises": [each.as_data(hours) for each in found]}


def _lines(
    lines: Iterable[bytes], at: datetime, hours: clock.Schedule, languages: tuple[str, ...]
) -> int:
    failed = 0
    for number, line in enumerate(lines, 1):
        if line.strip():
            answer = _line(number, line, at, hours, languages)
            failed |= "error" in answer
            click.echo(json.dumps(answer, ensure_ascii=False))
    return int(failed)


def _line(
    number: int, line: bytes, at: datetime, hours: clock.Schedule, languages: tuple[str, ...]
) -> dict[str, Any]:
    name: Any = number
    try:
        asked = json.loads(line)
        name = asked.get("id", number)
        moment = _instant(asked["at"], hours) if "at" in asked else at
        return {"id": name} | _found(str(asked["text"]), moment, hours, languages)
    except KeyError as missing:
        return {"id": name, "error": f"The line has no {missing}."}
    except (ValueError, AttributeError, TypeError) as error:
        return {"id": name, "error": str(error)}


def _instant(text: str, hours: clock.Schedule) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        raise ValueError(f"“{text}” is no time; write one like 2026-11-19T16:33.") from None
    return at if at.tzinfo else at.replace(tzinfo=hours.zone_info)
