"""migrate-to: a desk from one database to another."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from goodword.config.beginning import Trouble, begin, data_folder, quiet, said_plainly, say
from goodword.config.commands.options import data_option

_KINDS = click.Choice(["postgres", "sqlite"])


@click.command(
    "migrate-to",
    epilog="Example: goodword migrate-to postgres --to postgres://goodword@db.example/goodword",
)
@data_option
@click.argument("kind", type=_KINDS)
@click.option("--to", metavar="URL", help="An empty PostgreSQL database; ~/.pgpass is read too.")
@click.option(
    "--to-data",
    type=click.Path(file_okay=False, path_type=Path),
    help="The data folder there; files and keys are copied where it is another one.",
)
def migrate_to(kind: str, to: str | None, to_data: Path | None) -> None:
    """Move this desk to PostgreSQL or to SQLite, while nobody works on it.

    Every table is copied, counted and hashed on both sides. Stopped at any point, the same command
    goes on from there. What is here stays as it was; say afterwards which of the two you serve.
    """
    quiet()
    begin()
    if (kind == "postgres") != bool(to):
        raise Trouble(
            "Say where to: --to postgres://user@host/name"
            if kind == "postgres"
            else "SQLite is in a folder: say --to-data FOLDER, and not --to."
        )
    data = to_data.expanduser().absolute() if to_data else data_folder()
    with said_plainly():
        _move(to or "", data)


def _move(url: str, data: Path) -> None:
    from goodword.config.migrating import (
        pending,
        refuse_the_future,
        refuse_the_half_moved,
        steps_taken,
    )
    from goodword.config.settings import database
    from goodword.moving.move import Move
    from goodword.moving.place import Place
    from goodword.moving.tables import NoMove

    refuse_the_future()
    refuse_the_half_moved()
    if pending():
        raise Trouble(
            "This desk has not taken the steps of this version yet. Run goodword serve once, stop "
            "it, and try again."
        )
    with _nobody_at_work(), _bar() as show:
        try:
            data.mkdir(parents=True, exist_ok=True, mode=0o700)
            place = Place(url, data, database(url, data))
            move = Move(place, steps=steps_taken(), say=say, show=show)
            compared = move.run()
        except NoMove as error:
            raise Trouble(str(error)) from error
    for each in compared:
        say(f"{each.name:<40} {each.here.rows:>10}  {each.here.hash[:16]}  equal")
    rows = sum(each.here.rows for each in compared)
    say(f"{len(compared)} tables, {rows} rows: equal on both sides. What is here is untouched.")
    say(_what_next(url, data))


def _what_next(url: str, data: Path) -> str:
    if url:
        settings = f"GOODWORD_DATABASE_URL to the address that you named, GOODWORD_DATA={data}"
    else:
        settings = f"GOODWORD_DATA={data}, and GOODWORD_DATABASE_URL to nothing"
    return (
        f"Now set {settings}, and start the desk; goodword verify looks through it. What is "
        "searched for is read anew by the worker, the newest first; goodword reindex does it at "
        "once. Do not serve the old one again."
    )


@contextmanager
def _nobody_at_work() -> Iterator[None]:
    """Held until the end: whoever is started meanwhile waits."""
    from goodword.worker.leases import FolderLock

    lock = FolderLock(data_folder())
    try:
        if not lock.is_alone:
            raise Trouble(f"The desk of {data_folder()} is running. Stop it first; then try again.")
        yield
    finally:
        lock.close()


@contextmanager
def _bar() -> Iterator[Callable[[str, int, int], None]]:
    from goodword.config.progress import progress

    with progress() as bar:
        task = bar.add_task("", total=None)

        def show(what: str, total: int, done: int) -> None:
            bar.update(task, description=what, total=total or None, completed=done)

        yield show
