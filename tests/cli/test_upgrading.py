"""Steps of a new version: taken by one of many, gone on with after a kill, and pages meanwhile."""

import fcntl
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
import pysqlite3
import pytest
from django.apps import apps

from goodword.core.server.meanwhile import answering
from goodword.core.server.sockets import free_port
from tests.cli.running import GOODWORD, environment, wait_until
from tests.peers import postgres

MIGRATE = (
    "from goodword.config.beginning import begin; begin(make=True); "
    "from goodword.config.migrating import migrate; print(migrate())"
)


def begun(data: Path, url: str) -> "subprocess.Popen[str]":
    environ = {**environment(data), "GOODWORD_DATABASE_URL": url}
    command = [sys.executable, "-c", MIGRATE]
    return subprocess.Popen(
        command, env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def rows(data: Path, url: str, sql: str) -> list[tuple[Any, ...]]:
    """What is in the database; nothing while there is none, or not yet that table."""
    try:
        if url:
            with psycopg.connect(url) as connection:
                return connection.execute(sql).fetchall()  # type: ignore[arg-type]
        file = f"file:{data / 'goodword.sqlite3'}?mode=ro"
        with closing(pysqlite3.connect(file, uri=True, timeout=60)) as database:
            found: list[tuple[Any, ...]] = database.execute(sql).fetchall()
            return found
    except (psycopg.errors.UndefinedTable, pysqlite3.OperationalError):
        return []


STEPS = "SELECT app, name FROM django_migrations"
COLUMNS = "SELECT table_name, column_name FROM information_schema.columns"
ON_SQLITE = (
    "SELECT t.name, c.name FROM sqlite_master t, pragma_table_info(t.name) c WHERE t.type = 'table'"
)


@pytest.mark.peers
def test_killed_half_way_three_at_once_go_on_and_each_step_is_taken_once(tmp_path: Path) -> None:
    with postgres.cluster() as url:
        _go_on(tmp_path / "data", url)


def test_and_on_sqlite(tmp_path: Path) -> None:
    _go_on(tmp_path / "data", "")


def _go_on(data: Path, url: str) -> None:
    first = begun(data, url)
    wait_until(lambda: len(rows(data, url, STEPS)) > 20, within=300)
    first.send_signal(signal.SIGKILL)
    first.communicate()
    half = len(rows(data, url, STEPS))

    three = [begun(data, url) for _ in range(3)]
    said = [process.communicate(timeout=300) for process in three]
    assert [process.returncode for process in three] == [0, 0, 0], said
    counts = sorted(int(out) for out, _error in said)
    assert counts[:2] == [0, 0]
    assert counts[2] > 0
    names = rows(data, url, STEPS)
    columns = set(rows(data, url, COLUMNS if url else ON_SQLITE))
    assert len(names) == len(set(names)) == half + counts[2]
    for model in apps.get_models(include_auto_created=True):
        wanted = {(model._meta.db_table, field.column) for field in model._meta.concrete_fields}
        assert wanted <= columns, model


def asked(port: int) -> urllib.error.HTTPError:
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5)
    return refused.value


def test_who_asks_for_a_page_while_steps_are_taken_is_told_to_come_back(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    with (data / "migrating.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # as another process that takes them
        port = free_port("127.0.0.1", 0).getsockname()[1]
        command = [*GOODWORD, "web", "--port", str(port)]
        process = subprocess.Popen(command, env=environment(data), stdout=subprocess.PIPE)
        try:
            wait_until(lambda: _is_refused(port), within=30)
            answer = asked(port)
        finally:
            process.kill()
            process.communicate()
    assert answer.code == 503
    assert answer.headers["Retry-After"] == "5"
    assert "brought up to date" in answer.read().decode()


def _is_refused(port: int) -> bool:
    try:
        urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=1)
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
    return True


def test_then_the_socket_belongs_to_the_pages_again() -> None:
    with free_port("127.0.0.1", 0) as sock:
        port = sock.getsockname()[1]
        with answering(sock):
            asked(port)
            with socket.create_connection(("127.0.0.1", port)):  # says nothing
                assert b"comes by itself" in asked(port).read()
        with socket.create_connection(("127.0.0.1", port)) as caller:
            sock.setblocking(True)
            taken_up, _peer = sock.accept()
            with taken_up:
                taken_up.sendall(b"here")
            assert caller.recv(10) == b"here"
