"""Options that several commands share. An option on the command line wins over the environment."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])


def into_environment(name: str) -> Callable[[click.Context, click.Parameter, Any], Any]:
    """A callback that hands an option on to settings.py, which reads the environment alone."""

    def keep(_context: click.Context, _parameter: click.Parameter, value: Any) -> Any:
        if value is not None:
            os.environ[name] = str(value)
        return value

    return keep


def data_option(command: F) -> F:
    return click.option(
        "--data",
        type=click.Path(file_okay=False, path_type=Path),
        help="Folder of the database, the files and the secrets.  [default: ./data]",
        expose_value=False,
        is_eager=True,
        callback=into_environment("GOODWORD_DATA"),
    )(command)


def setting_option(flag: str, name: str, help: str, **details: Any) -> Callable[[F], F]:
    return click.option(
        flag, help=help, expose_value=False, callback=into_environment(name), **details
    )


def web_options(command: F) -> F:
    command = setting_option(
        "--port",
        "GOODWORD_HTTP_PORT",
        "Port of the pages; the next free one where it is taken, 0 for any.  [default: 8000]",
        type=click.IntRange(0, 65535),
    )(command)
    return setting_option(
        "--host", "GOODWORD_HTTP_HOST", "Address to listen on.  [default: 127.0.0.1]"
    )(command)


def mail_options(command: F) -> F:
    return click.option(
        "--smtp-port",
        type=click.IntRange(0, 65535),
        help="Port that takes mail; the next free one where it is taken, 0 for any."
        "  [default: 2525]",
        expose_value=False,
        callback=_smtp_port,
    )(command)


def _smtp_port(_context: click.Context, _parameter: click.Parameter, value: int | None) -> None:
    if value is not None:
        os.environ["GOODWORD_SMTP_PORT"] = str(value)
    if value == 0:
        os.environ["GOODWORD_ANY_SMTP_PORT"] = "1"


def now_option(command: F) -> F:
    return click.option(
        "--now",
        metavar="INSTANT",
        help="Let it always be this time, as 2026-11-19T16:33 in the business's zone.",
    )(command)
