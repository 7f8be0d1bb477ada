"""find-promises: the sentences of a text that give our word, for anyone who checks the finder."""

import json
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from goodword import clock
from goodword.config.instants import hours_in, instant
from goodword.config.lines import answer_lines
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
    hours = hours_in(path)
    said_at = instant(at, hours.zone)
    if jsonl:
        answer_lines(lambda asked: _line(asked, said_at, hours, language))
        return
    text = sys.stdin.buffer.read().decode("utf-8", errors="replace")
    click.echo(json.dumps(_found(text, said_at, hours, language), ensure_ascii=False, indent=2))


def _found(
    text: str, at: datetime, hours: clock.Schedule, languages: tuple[str, ...]
) -> dict[str, Any]:
    found = find(text, at, hours, languages=languages)
    return {"promises": [each.as_data(hours) for each in found]}


def _line(
    asked: dict[str, Any], at: datetime, hours: clock.Schedule, languages: tuple[str, ...]
) -> dict[str, Any]:
    moment = instant(asked["at"], hours.zone) if "at" in asked else at
    return _found(str(asked["text"]), moment, hours, languages)
