"""Whoever writes waits in a line, and nobody goes before those who came first."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pysqlite3
import pytest
from django.db import connections
from django.db.utils import OperationalError, load_backend

from goodword.config.settings import database
from goodword.core import places
from goodword.core.places import Places
from goodword.core.sqlite3.base import DatabaseWrapper
from goodword.core.sqlite3.turns import LineOfProcesses, Turns

Two = tuple[DatabaseWrapper, DatabaseWrapper]


def test_it_is_handed_on_in_the_order_in_which_they_came() -> None:
    turns, came = Turns(), list[int]()
    assert turns.take(0)

    def work(number: int) -> None:
        assert turns.take(60)
        came.append(number)
        turns.give()

    threads = []
    for number in range(5):
        threads.append(threading.Thread(target=work, args=(number,)))
        threads[-1].start()
        while len(turns._waiting) <= number:
            pass
    turns.give()
    for thread in threads:
        thread.join()
    assert came == [0, 1, 2, 3, 4]
    assert turns.take(0)


def test_whoever_gave_up_is_not_waited_for() -> None:
    turns = Turns()
    assert turns.take(0)
    assert not turns.take(0.01)
    turns.give()
    assert turns.take(0)


def test_of_several_processes_who_gives_the_turn_does_not_overtake_who_waits(
    tmp_path: Path,
) -> None:
    one, other = (LineOfProcesses(str(tmp_path / "database")) for _each in range(2))
    assert one.take(0)
    came = threading.Event()
    waits = threading.Thread(target=lambda: other.take(60) and came.set())
    waits.start()
    while one.take(0):  # it is ours and would be again, until the other stands at the gate
        one.give()
        one.take(0)
    one.give()
    assert not one.take(0)
    waits.join()
    assert came.is_set()
    other.give()
    assert one.take(0)


def test_whoever_is_killed_with_the_turn_does_not_keep_it(tmp_path: Path) -> None:
    database = str(tmp_path / "database")
    held = subprocess.Popen(
        [sys.executable, "-c", "import sys, time\n"
         "from goodword.core.sqlite3.turns import LineOfProcesses\n"
         "print(LineOfProcesses(sys.argv[1]).take(0), flush=True)\n"
         "time.sleep(600)", database],
        stdout=subprocess.PIPE,
    )  # fmt: skip
    assert held.stdout is not None
    assert held.stdout.readline() == b"True\n"
    line = LineOfProcesses(database)
    assert not line.take(0.01)
    held.kill()
    held.wait()
    held.stdout.close()
    assert line.take(0)


@pytest.fixture
def two(tmp_path: Path) -> Iterator[Two]:
    """Two connections to one file, as two threads have them, with little patience."""
    settings = {**connections["default"].settings_dict, **database("", tmp_path)}
    options = settings["OPTIONS"]
    assert isinstance(options, dict)
    settings["OPTIONS"] = {**options, "timeout": 0.05}
    make = load_backend(str(settings["ENGINE"])).DatabaseWrapper
    found = make(settings, "default"), make(settings, "default")
    yield found
    for each in found:
        each.close()


def _begin(connection: DatabaseWrapper) -> None:
    connection.set_autocommit(False, force_begin_transaction_with_broken_autocommit=True)


@pytest.mark.django_db
@pytest.mark.parametrize("end", ["commit", "rollback", "close"])
def test_a_transaction_is_a_turn_and_each_end_of_it_gives_it_back(two: Two, end: str) -> None:
    one, other = two
    _begin(one)
    with pytest.raises(OperationalError, match="database is locked"):
        _begin(other)
    getattr(one, end)()
    _begin(other)
    other.rollback()


@pytest.mark.django_db
def test_who_waits_for_the_turn_lets_others_run_meanwhile(
    two: Two, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(places, "AT_MOST", 60)
    one, other = two
    _begin(one)
    place, runs = Places(1), threading.Event()

    def run() -> None:
        with place.within():
            runs.set()

    with place.within():
        with pytest.raises(OperationalError, match="database is locked"):
            _begin(other)
        threading.Thread(target=run).start()
        assert runs.wait(30)


@pytest.mark.django_db
def test_who_cannot_begin_because_of_another_process_gives_the_turn_back(two: Two) -> None:
    one, other = two
    one.ensure_connection()
    outside = pysqlite3.connect(str(one.settings_dict["NAME"]), isolation_level=None)
    outside.execute("BEGIN IMMEDIATE")
    for each in two:
        with pytest.raises(OperationalError, match="database is locked"):
            _begin(each)
    outside.execute("COMMIT")
    outside.close()
    _begin(one)
    one.commit()
    _begin(other)
    other.commit()
