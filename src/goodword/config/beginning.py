"""What every command does before its work: load Django on a data folder, or say why not."""

import os
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

OLDEST_SQLITE = (3, 51, 3)


class Trouble(click.ClickException):
    """Something that a person has to mend; the message says what and how. Exit code 1."""


def data_folder() -> Path:
    return Path(os.environ.get("GOODWORD_DATA", "./data")).expanduser().absolute()


def begin(*, make: bool = False) -> None:
    """Load Django. `make` makes the data folder; without it a missing one is refused."""
    folder = data_folder()
    if not make and not folder.is_dir():
        raise Trouble(f"There is no data folder at {folder}. Run: goodword init")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        reason = error.strerror or error
        raise Trouble(f"The data folder {folder} cannot be made: {reason}.") from error
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "goodword.config.settings")
    with said_plainly():
        import django

        django.setup()
        from goodword.core.time import resume_demo_clock

        resume_demo_clock()


def begin_ready(sock: socket.socket | None = None) -> None:
    """Load Django, and bring the database up to this version; `sock` listens for pages already."""
    begin()
    from goodword.config.migrating import migrate

    with said_plainly():
        require_versions()
        require_sqlite()
        migrate(sock=sock)


def require_versions() -> None:
    """Raises Trouble where something that keeps attackers out is too old (config/versions.py)."""
    from goodword.config.versions import too_old

    sentences = list(too_old())
    if sentences:
        raise Trouble("\n".join(sentences))


def require_sqlite() -> None:
    """Raises Trouble for an SQLite that can lose commits (docs/decisions/0003-sqlite.md)."""
    from django.db import connection

    if connection.vendor != "sqlite":
        return
    import pysqlite3

    if pysqlite3.sqlite_version_info < OLDEST_SQLITE:
        wanted = ".".join(map(str, OLDEST_SQLITE))
        raise Trouble(
            f"SQLite {pysqlite3.sqlite_version} can lose mail that was acknowledged; {wanted} is "
            "the oldest that does not. Run: pip install --force-reinstall --only-binary :all: "
            "pysqlite3"
        )


@contextmanager
def said_plainly() -> Iterator[None]:
    """Turn what a person can mend into a sentence; everything else keeps its traceback."""
    try:
        yield
    except click.ClickException:
        raise
    except Exception as error:
        sentence = sentence_for(error)
        if sentence is None:
            raise
        raise Trouble(sentence) from error


def sentence_for(error: Exception) -> str | None:
    """A sentence that says what is wrong and what to do; None for a mistake of ours."""
    from django.core.exceptions import ImproperlyConfigured
    from django.db import DatabaseError

    from goodword.core.refusals import Refused

    if isinstance(error, Refused):
        return str(error.sentence)
    if isinstance(error, DatabaseError):
        return f"The database says: {' '.join(str(error).split())}. Run: goodword check"
    if isinstance(error, OSError):
        where = f" ({error.filename})" if error.filename else ""
        return f"{error.strerror or error}{where}."
    if isinstance(error, ValueError | ImproperlyConfigured) and "GOODWORD_" in str(error):
        return f"A setting cannot be read: {error}."
    return None


def quiet() -> None:
    """Commands speak for themselves; the log is for servers."""
    os.environ.setdefault("GOODWORD_LOG_LEVEL", "WARNING")


def say(line: str = "") -> None:
    click.echo(line)


def is_terminal() -> bool:
    return sys.stdin.isatty()
