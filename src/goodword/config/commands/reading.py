"""read: how mail is understood, without a desk."""

import json
import mailbox
import sys
from collections.abc import Iterator
from pathlib import Path

import click

from goodword.channels.mail.folders import is_mbox


@click.command(epilog="Example: goodword read message.eml | python -m json.tool")
@click.argument("files", nargs=-1, required=True, type=click.Path(allow_dash=True))
def read(files: tuple[str, ...]) -> None:
    """Print how mails are understood: one JSON object a line. “-” is standard input.

    A file in mbox format gives a line for each mail. Needs no desk and no data folder.
    """
    from goodword.channels.mail.reading import Reader, as_json

    unopened: list[str] = []
    with Reader() as reader:
        for name in files:
            for label, raw in _mails(name, unopened):
                line = json.dumps(as_json(reader.read(raw), label), ensure_ascii=False)
                click.echo(line)
    if unopened:
        raise SystemExit(1)


def _mails(name: str, unopened: list[str]) -> Iterator[tuple[str, bytes]]:
    """Each mail with its name; files that cannot be opened are told and noted."""
    if name == "-":
        yield "-", sys.stdin.buffer.read()
        return
    try:
        if is_mbox(Path(name)):
            yield from _in_mbox(name)
        else:
            yield name, Path(name).read_bytes()
    except OSError as error:
        click.echo(f"{name}: {error.strerror or error}", err=True)
        unopened.append(name)


def _in_mbox(name: str) -> Iterator[tuple[str, bytes]]:
    box = mailbox.mbox(name, create=False)
    keys = box.keys()
    for number, key in enumerate(keys, 1):
        yield f"{name}:{number}" if len(keys) > 1 else name, box.get_bytes(key)
