"""A PostgreSQL cluster of our own that lives as long as one test run."""

import signal
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psycopg

from tests.peers import processes, programs

# A test's cluster is thrown away, so nothing needs to survive a power cut.
HASTE = (
    "fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=100",
    "autovacuum=off",
)  # fmt: skip


@contextmanager
def cluster() -> Iterator[str]:
    """Yield the URL of an empty database in a fresh cluster on 127.0.0.1."""
    with processes.folder_for(owner()) as folder:
        create(folder)
        with served(folder) as url:
            create_database(url)
            yield url


def owner() -> str | None:
    """Who PostgreSQL runs as; None where that is us."""
    return processes.first_user("postgres", "nobody")


def create(folder: Path) -> None:
    """A cluster without a database, in a folder of its owner."""
    user = owner()
    options = ["-A", "trust", "-U", "goodword", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"]
    done = subprocess.run(
        [str(_initdb()), "-D", str(folder / "data"), *options],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        cwd=folder,
        user=user,
        extra_groups=[] if user else None,
    )
    if done.returncode:
        raise processes.NotStarted(f"initdb failed:\n{done.stderr[-3000:]}")


@contextmanager
def served(folder: Path, settings: Sequence[str] = HASTE) -> Iterator[str]:
    """The URL of a database in a cluster that was created, as long as the block lasts."""
    # Of several versions on one machine, only the neighbour fits.
    postgres = _initdb().with_name("postgres")
    port = processes.free_port()
    chosen = [part for item in settings for part in ("-c", item)]
    command = [postgres, "-D", folder / "data", "-p", str(port), "-k", folder]
    with processes.running(
        [*command, "-c", "listen_addresses=127.0.0.1", *chosen],
        ports=[port],
        log=folder / "log",
        user=owner(),
        end=signal.SIGINT,
    ):
        _wait_until_it_lets_in(port)
        yield f"postgres://goodword@127.0.0.1:{port}/goodword"


def create_database(url: str) -> None:
    with psycopg.connect(_postgres(urlsplit(url).port), autocommit=True) as connection:
        connection.execute("CREATE DATABASE goodword")


def _initdb() -> Path:
    found = programs.find("initdb")
    if not found:
        raise processes.NotStarted(programs.POSTGRESQL.absence())
    return found


def _wait_until_it_lets_in(port: int) -> None:
    """The port answers before the server has read its journal and lets anybody in."""
    deadline = time.monotonic() + 60
    while True:
        try:
            psycopg.connect(_postgres(port)).close()
            return
        except psycopg.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


def _postgres(port: int | None) -> str:
    return f"postgres://goodword@127.0.0.1:{port}/postgres"
