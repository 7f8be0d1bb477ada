"""Backups of a real desk by the real command: killed, damaged, put back.

While it works: `tests/faults/test_backup_under_load.py`.
"""

import json
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pysqlite3
import pytest

from goodword.backup import folder
from tests.cli.running import GOODWORD, INIT, a_mail, environment, goodword, wait_until
from tests.peers import postgres


@pytest.fixture
def desk(made_once: Path, tmp_path: Path) -> Path:
    """A desk with a few cases and a file, each test's own."""
    return Path(shutil.copytree(made_once, tmp_path / "data"))


@pytest.fixture(scope="module")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("made")
    data = place / "data"
    assert goodword(data, *INIT).returncode == 0
    (place / "mails").mkdir()
    for n in range(5):
        (place / "mails" / f"{n}.eml").write_bytes(a_mail(f"Matter {n}"))
    assert goodword(data, "ingest", str(place / "mails")).returncode == 0
    kept = data / "files/ab/cd/abcd"
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.write_bytes(b"a file that a row may name")
    return data


def backed_up(data: Path, to: Path, *more: str) -> Path:
    done = goodword(data, "backup", str(to), *more)
    assert done.returncode == 0, done.stderr
    return next(to / name for name in [Path(done.stdout.split(":")[0]).name])


def counted(data: Path) -> dict[str, int]:
    with pysqlite3.connect(data / "goodword.sqlite3") as database:
        names = [row[0] for row in database.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '%finding%'"
        )]  # fmt: skip
        return {
            name: database.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in names
        }


def test_a_backup_is_put_back_equal_and_nothing_is_overwritten(desk: Path, tmp_path: Path) -> None:
    made = backed_up(desk, tmp_path / "backups")
    new = tmp_path / "new"
    done = goodword(new, "restore", str(made))
    assert done.returncode == 0, done.stderr
    assert counted(new) == counted(desk)
    assert (new / "files/ab/cd/abcd").read_bytes() == b"a file that a row may name"
    assert json.loads((new / "secrets.json").read_text()) == json.loads(
        (desk / "secrets.json").read_text()
    )
    assert (new / "secrets.json").stat().st_mode & 0o077 == 0
    again = goodword(new, "restore", str(made))
    assert again.returncode == 1
    assert "is not empty" in again.stderr
    assert counted(new) == counted(desk)


def test_one_that_was_killed_never_looks_whole_and_is_swept_by_the_next(
    desk: Path, tmp_path: Path
) -> None:
    to = tmp_path / "backups"
    for part in (b"Copying the database", b"Copying files", b"Restoring"):
        process = subprocess.Popen(
            [*GOODWORD, "backup", str(to)], env=environment(desk), stderr=subprocess.PIPE
        )
        assert process.stderr is not None
        while part not in process.stderr.readline():
            assert process.poll() is None
        process.send_signal(signal.SIGKILL)
        process.wait(10)
        process.stderr.close()
        assert folder.all_in(to) == []
    made = backed_up(desk, to)
    assert [each.name for each in to.iterdir() if each.name != ".lock"] == [made.name]


def test_what_was_changed_afterwards_is_not_restored(desk: Path, tmp_path: Path) -> None:
    made = backed_up(desk, tmp_path / "backups")
    database = made / "database.sqlite3"
    content = bytearray(database.read_bytes())
    content[len(content) // 2] ^= 1
    database.write_bytes(content)
    done = goodword(tmp_path / "new", "restore", str(made))
    assert done.returncode == 1
    assert "database.sqlite3 is gone or was changed" in done.stderr
    (made / "manifest.json").unlink()
    assert "no manifest" in goodword(tmp_path / "new", "restore", str(made)).stderr


def test_a_desk_that_is_damaged_is_told_and_no_backup_is_made_of_it(
    desk: Path, tmp_path: Path
) -> None:
    with pysqlite3.connect(desk / "goodword.sqlite3") as database:
        database.execute("UPDATE cases_message SET text = 'other words' WHERE id = 1")
    said = goodword(desk, "verify")
    assert said.returncode == 1
    assert "Message 1: its words are not those" in said.stdout
    done = goodword(desk, "backup", str(tmp_path / "backups"))
    assert done.returncode == 1
    assert "Message 1: its words are not those" in done.stderr
    assert folder.all_in(tmp_path / "backups") == []


def test_the_newest_stay_and_files_are_not_copied_twice(desk: Path, tmp_path: Path) -> None:
    to = tmp_path / "backups"
    first = backed_up(desk, to)
    time.sleep(1.1)  # a backup is named by its second
    second = backed_up(desk, to)
    one, other = (each / "files/ab/cd/abcd" for each in (first, second))
    assert one.stat().st_ino == other.stat().st_ino
    time.sleep(1.1)
    third = backed_up(desk, to, "--keep", "2")
    assert [each.path for each in folder.all_in(to)] == [third, second]


def test_the_worker_makes_one_a_day_by_itself(desk: Path, tmp_path: Path) -> None:
    to = tmp_path / "backups"
    environ = {**environment(desk), "GOODWORD_BACKUP_FOLDER": str(to)}
    process = subprocess.Popen([*GOODWORD, "worker"], env=environ)
    try:
        wait_until(lambda: folder.all_in(to), within=40)
    finally:
        process.terminate()
        process.wait(15)
    assert len(folder.all_in(to)) == 1


@contextmanager
def on_postgresql() -> Iterator[str]:
    with postgres.cluster() as url:
        yield url


@pytest.mark.peers
def test_on_postgresql_it_is_dumped_restored_into_a_scratch_database_and_put_back(
    tmp_path: Path,
) -> None:
    if shutil.which("pg_dump") is None:
        pytest.skip("pg_dump is not installed")
    with on_postgresql() as url, on_postgresql() as other:
        here = {"GOODWORD_DATABASE_URL": url}
        data = tmp_path / "data"
        assert goodword(data, *INIT, env=here).returncode == 0
        (tmp_path / "one.eml").write_bytes(a_mail("Matter"))
        assert goodword(data, "ingest", str(tmp_path / "one.eml"), env=here).returncode == 0
        done = goodword(data, "backup", str(tmp_path / "backups"), env=here)
        assert done.returncode == 0, done.stderr
        [made] = folder.all_in(tmp_path / "backups")
        assert made.is_postgresql
        there = {"GOODWORD_DATABASE_URL": other}
        put = goodword(tmp_path / "new", "restore", str(made.path), env=there)
        assert put.returncode == 0, put.stderr
        again = goodword(tmp_path / "third", "restore", str(made.path), env=there)
        assert "The database is not empty" in again.stderr
