"""A desk moved by the real command: killed half way, gone on with, and back again."""

import signal
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import psycopg
import pysqlite3
import pytest

from goodword.moving.tables import MADE_ANEW, canonical, tables
from tests.cli.running import GOODWORD, INIT, a_mail, environment, goodword, serving, wait_until
from tests.peers import postgres

KEYS = "SELECT count(*) FROM pg_constraint WHERE contype = 'f'"
UNFINISHED = "SELECT to_regclass('goodword_move')"


@pytest.fixture(scope="module")
def cluster() -> Iterator[str]:
    with postgres.cluster() as url:
        yield url


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A desk with a case, and a file below its hash."""
    data = tmp_path_factory.mktemp("made") / "data"
    assert goodword(data, *INIT).returncode == 0
    bring_in(data, 4)
    name = "9834876dcfb05cb167a5c24953eba58c4ac89b1adf57f28f2f9d09af107ee8f0"  # of b"aaa"
    kept = data / "files" / name[:2] / name[2:4] / name
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.write_bytes(b"aaa")
    return data


def bring_in(data: Path, *numbers: int) -> None:
    for n in numbers:
        mail = data.parent / f"{n}.eml"
        mail.write_bytes(a_mail(f"Matter {n}"))
        done = goodword(data, "ingest", str(mail))
        assert done.returncode == 0, done.stderr


def told(database: str, question: str) -> object:
    with psycopg.connect(database) as connection:
        found = connection.execute(question).fetchone()
        return found[0] if found else None


def lines(said: str) -> list[str]:
    return [line for line in said.splitlines() if line.endswith("equal")]


def counters(data: Path) -> dict[str, int]:
    with pysqlite3.connect(data / "goodword.sqlite3") as database:
        rows = database.execute("SELECT name, seq FROM sqlite_sequence WHERE seq > 0")
        return {name: seq for name, seq in rows if name not in (*MADE_ANEW, "django_migrations")}


def half_way(data: Path, url: str) -> None:
    """Begin to move, and be killed when a few tables are there."""
    command = [*GOODWORD, "migrate-to", "postgres", "--to", url]
    process = subprocess.Popen(command, env=environment(data), stdout=subprocess.PIPE)
    question = "SELECT count(*) FROM goodword_move WHERE kind = 'table'"

    def has_begun() -> bool:
        assert process.poll() is None
        return bool(told(url, UNFINISHED)) and int(str(told(url, question))) > 3

    try:
        wait_until(has_begun, within=40)
    finally:
        process.send_signal(signal.SIGKILL)
        process.communicate()


@pytest.mark.peers
def test_killed_half_way_and_gone_on_with_and_back_everything_is_equal(
    made: Path, cluster: str, tmp_path: Path
) -> None:
    there = {"GOODWORD_DATABASE_URL": cluster}
    half_way(made, cluster)
    assert told(cluster, UNFINISHED) == "goodword_move"
    refused = goodword(made, "worker", env=there)
    assert refused.returncode == 1
    assert "half of a desk" in refused.stderr
    ties = told(cluster, "SELECT count(*) FROM goodword_move WHERE kind = 'tie'")

    bring_in(made, 5)  # the old desk was worked on since
    gone_on = goodword(made, "migrate-to", "postgres", "--to", cluster)
    assert gone_on.returncode == 0, gone_on.stderr
    assert "Going on where it was stopped" in gone_on.stdout
    assert told(cluster, UNFINISHED) is None
    assert told(cluster, KEYS) == ties
    assert told(cluster, "SELECT count(*) FROM cases_case") == 2
    again = goodword(made, "migrate-to", "postgres", "--to", cluster)
    assert again.returncode == 1
    assert "The other database is not empty" in again.stderr

    found = goodword(made, "verify", env=there)
    assert found.returncode == 0, found.stdout
    back = tmp_path / "back"
    returned = goodword(made, "migrate-to", "sqlite", "--to-data", str(back), env=there)
    assert returned.returncode == 0, returned.stderr
    assert lines(returned.stdout) == lines(gone_on.stdout)
    assert counters(back) == counters(made)
    assert len([path for path in (back / "files").rglob("*") if path.is_file()]) == 1
    assert (back / "secrets.json").read_text() == (made / "secrets.json").read_text()
    found = goodword(back, "verify")
    assert found.returncode == 0, found.stdout


@pytest.mark.peers
def test_a_desk_that_is_running_is_not_moved(made: Path, tmp_path: Path) -> None:
    with serving(made):
        done = goodword(made, "migrate-to", "sqlite", "--to-data", str(tmp_path / "new"))
    assert done.returncode == 1
    assert "is running. Stop it first" in done.stderr
    assert not (tmp_path / "new").exists()


@pytest.mark.peers
def test_a_wrong_password_is_said_in_a_sentence(made: Path, cluster: str) -> None:
    with psycopg.connect(cluster, autocommit=True) as connection:
        connection.execute("CREATE ROLE walled LOGIN PASSWORD 'right'")
        [rules] = connection.execute("SHOW hba_file").fetchone() or [""]
        path = Path(rules)
        path.write_text(f"host all walled 127.0.0.1/32 scram-sha-256\n{path.read_text()}")
        connection.execute("SELECT pg_reload_conf()")
    url = cluster.replace("goodword@", "walled:wrong@")
    done = goodword(made, "migrate-to", "postgres", "--to", url)
    assert done.returncode == 1
    assert "does not let us in" in done.stderr
    assert "password authentication failed" in done.stderr
    assert "Traceback" not in done.stderr
    assert "wrong" not in done.stderr


def test_a_target_has_to_be_named(tmp_path: Path) -> None:
    done = goodword(tmp_path, "migrate-to", "postgres")
    assert done.returncode == 1
    assert "--to postgres://user@host/name" in done.stderr


def test_the_same_value_is_the_same_text_from_either_database() -> None:
    at = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
    assert canonical(at) == canonical(at.astimezone(timezone(timedelta(hours=2))))
    assert canonical(b"\x00\xff") == canonical(memoryview(b"\x00\xff"))
    assert canonical({"a": 1, "b": [2]}) == canonical({"b": [2], "a": 1})
    told_apart = [None, "None", "", 0, False, "0", b"", {}, [], "1", 1, True]
    assert len({canonical(value) for value in told_apart}) == len(told_apart)


def test_every_table_is_moved_or_said_to_be_made_anew(db: None) -> None:
    from django.db import connection

    there = set(connection.introspection.table_names())
    moved = {table.name for table in tables()}
    rest = {name for name in there - moved - MADE_ANEW if not name.startswith("finding_words")}
    assert {name for name in rest if not name.startswith("finding_people")} == {"django_migrations"}
