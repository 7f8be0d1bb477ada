"""Answering a stream of questions, one JSON object a line, so that anyone can check a table."""

import json
import sys
from collections.abc import Callable, Iterator
from typing import Any

import click

from goodword.config.beginning import Trouble


def answer_lines(answer: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    """Print {id, …} for each line of standard input, in its order; a blank line is passed over.

    What cannot be answered is {id, error}, and then the command ends with exit code 1. A line
    without an id is known by its number.
    """
    failed = False
    for line in _answers(answer):
        failed |= "error" in line
        click.echo(json.dumps(line, ensure_ascii=False))
    if failed:
        raise SystemExit(1)


def _answers(answer: Callable[[dict[str, Any]], dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for number, line in enumerate(sys.stdin.buffer, 1):
        if not line.strip():
            continue
        name: Any = number
        try:
            asked = json.loads(line)
            name = asked.get("id", number)
            yield {"id": name} | answer(asked)
        except KeyError as missing:
            yield {"id": name, "error": f"The line has no {missing}."}
        except (Trouble, ValueError, AttributeError, TypeError) as error:
            yield {"id": name, "error": str(error)}
