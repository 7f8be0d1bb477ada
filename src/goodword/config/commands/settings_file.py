"""settings: all of them as one file, and a file applied."""

import sys
from pathlib import Path
from typing import Any

import click

from goodword.config.beginning import Trouble, begin_ready, is_terminal, quiet, said_plainly, say
from goodword.config.commands.options import data_option


@click.group(epilog="Example: goodword settings export > settings.toml")
def settings() -> None:
    """Take all settings as one file, or apply one. Passwords and secrets are never in it."""


@settings.command("export", epilog="Example: goodword settings export > settings.toml")
@data_option
@click.argument("file", required=False, type=click.Path(dir_okay=False, path_type=Path))
def settings_export(file: Path | None) -> None:
    """Write the settings to FILE, or to the screen."""
    quiet()
    begin_ready()
    with said_plainly():
        from goodword.settings.exporting import export

        text = export()
        if file is None:
            click.echo(text, nl=False)
        else:
            file.write_text(text, encoding="utf-8")


@settings.command("apply", epilog="Example: goodword settings apply settings.toml --dry-run")
@data_option
@click.argument("file", type=click.Path(allow_dash=True))
@click.option("--dry-run", is_flag=True, help="Only say what would change. Exit code 0.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def settings_apply(file: str, dry_run: bool, yes: bool) -> None:
    """Change the settings to those of FILE: all of them, or none. “-” is standard input.

    What the file does not name stays as it is; `removed = true` in a table takes it away.
    Members whom this desk does not know are invited by mail. Passwords and the secrets of apps
    are in no file: they are asked for at the end, or named where nobody is there to ask.
    """
    quiet()
    begin_ready()
    with said_plainly():
        from goodword.settings.exporting import Plan

        plan = Plan(_read(file))
        steps = plan.tried(by="system")
        _say(steps)
        if dry_run:
            return
        if steps:
            if not yes and not (is_terminal() and click.confirm("Change all of it?")):
                raise Trouble("Nothing is changed. Say --yes to go on.")
            say(f"{len(plan.apply(by='system'))} changed")
        _ask_for_secrets(plan, asks=is_terminal() and not yes)


def _ask_for_secrets(plan: Any, *, asks: bool) -> None:
    from django.conf import settings as options

    from goodword.settings.owing import owed

    for each in owed(plan.subjects):
        if not asks:
            say(f"{each.what} is still missing. Write it on {options.PUBLIC_URL}{each.url}")
        elif secret := click.prompt(each.what, default="", hide_input=True, show_default=False):
            each.keep(secret, "system")


def _read(file: str) -> str:
    raw = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    try:
        return raw.decode()
    except UnicodeDecodeError as error:
        raise Trouble(f"{file} is no text in UTF-8.") from error


_MARKS = {"new": " (new)", "gone": " (removed)", "changed": ""}


def _say(steps: list[Any]) -> None:
    if not steps:
        say("Everything stands like that already")
    for step in steps:
        say(f"{step.subject}{_MARKS[step.change]}")
        for field in step.fields:
            say(f"  {field.label}: {field.theirs} → {field.mine}")
