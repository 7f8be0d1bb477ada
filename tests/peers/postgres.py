"""A PostgreSQL cluster of our own that lives as long as one test run."""

import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from tests.peers import processes, programs

# A test's cluster is thrown away, so nothing needs to survive a power cut.
HASTE = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=100")


@contextmanager
def cluster() -> Iterator[str]:
    """Yield the URL of an empty database in a fresh cluster on 127.0.0.1."""
    initdb = programs.find("initdb")
    if not initdb:
        raise processes.NotStarted(programs.POSTGRESQL.absence())
    # Of several versions on one machine, only the neighbour fits.
    postgres = initdb.with_name("postgres")
    user = processes.first_user("postgres", "nobody")
    with processes.folder_for(user) as folder:
        _create(initdb, folder, user)
        port = processes.free_port()
        settings = [part for item in HASTE for part in ("-c", item)]
        command = [postgres, "-D", folder / "data", "-p", str(port), "-k", folder]
        with processes.running(
            [*command, "-c", "listen_addresses=127.0.0.1", *settings],
            ports=[port],
            log=folder / "log",
            user=user,
            end=signal.SIGINT,
        ):
            _create_database(port)
            yield f"postgres://goodword@127.0.0.1:{port}/goodword"


def _create(initdb: Path, folder: Path, user: str | None) -> None:
    options = ["-A", "trust", "-U", "goodword", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"]
    done = subprocess.run(
        [str(initdb), "-D", str(folder / "data"), *options],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        cwd=folder,
        user=user,
        extra_groups=[] if user else None,
    )
    if done.returncode:
        raise processes.NotStarted(f"initdb failed:\n{done.stderr[-3000:]}")


def _create_database(port: int) -> None:
    deadline = time.monotonic() + 20
    while True:
        try:
            with psycopg.connect(
                f"postgres://goodword@127.0.0.1:{port}/postgres", autocommit=True
            ) as connection:
                connection.execute("CREATE DATABASE goodword")
                return
        except psycopg.OperationalError:
            # The port answers a moment before the server is ready to let anybody in.
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
