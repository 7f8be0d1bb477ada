"""The tick in four processes that are killed and paused: each thing happens once all the same.

On SQLite here, and on PostgreSQL where the suite runs the database's tests again: some kills in
`make test`, fifty in `make faults`.
"""

import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.db import OperationalError, connection, transaction

from goodword.core.time import now
from goodword.journal.models import Entry
from goodword.journal.sealing import damage
from goodword.people.models import new_salt
from goodword.promises.kinds import Kind, State
from goodword.promises.models import Promise, Rung
from goodword.worker.tick import tick
from tests.cast import Desk, gather

ROOT = Path(__file__).resolve().parents[2]
WORKERS = 4
PROMISES = 1000
CASES = 40
SECONDS = 300  # the machine may be busy; alone it is a tenth of that


@pytest.fixture
def shared(transactional_db: None) -> Desk:
    """The cast in a database that other processes see."""
    return gather()


def fill(desk: Desk) -> None:
    """A thousand promises that fall due together, in so many cases."""
    with transaction.atomic():
        for number in range(CASES):
            desk.answered(desk.heard(title=f"Matter {number}"))
    given = list(Promise.objects.filter(kind=Kind.CALLBACK, state=State.OPEN))
    missing = PROMISES - Promise.objects.filter(state=State.OPEN).count()
    Promise.objects.bulk_create(_copy(given[number % len(given)]) for number in range(missing))
    assert Promise.objects.filter(state=State.OPEN).count() == PROMISES


def _copy(of: Promise) -> Promise:
    columns = {each.attname: getattr(of, each.attname) for each in Promise._meta.concrete_fields}
    return Promise(**{**columns, "id": None, "salt": new_salt()})


class Crowd:
    """Four workers, some of which are killed or stopped while they work; none is missed."""

    def __init__(self, at: str, together: int) -> None:
        self._at, self._chance, self._together = at, random.Random(4), together
        self.workers: list[subprocess.Popen[str]] = []
        self.kills = self.pauses = 0

    def begin(self) -> None:
        names = ("NAME", "ENGINE", "USER", "PASSWORD", "HOST", "PORT")
        there = {name: str(connection.settings_dict[name] or "") for name in names}
        together = str(self._together or "")
        environment = {
            **os.environ, "TICKING_DATABASE": json.dumps(there), "TICKING_TOGETHER": together
        }  # fmt: skip
        command = [sys.executable, "-m", "tests.worker.ticking", self._at]
        worker = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True
        )
        self.workers.append(worker)

    def hurt(self, *, paused: float) -> None:
        """Kill one in the middle of its work and begin another, and let one stand still."""
        working = [worker for worker in self.workers if worker.poll() is None]
        if len(working) < 2:
            return
        victim, sleeper = self._chance.sample(working, 2)
        sleeper.send_signal(signal.SIGSTOP)
        victim.kill()
        victim.wait()
        time.sleep(paused)
        sleeper.send_signal(signal.SIGCONT)
        self.begin()
        self.kills, self.pauses = self.kills + 1, self.pauses + 1

    def end(self) -> None:
        for worker in self.workers:
            with contextlib.suppress(ProcessLookupError):
                worker.send_signal(signal.SIGCONT)
                worker.kill()
            worker.wait()
            assert worker.stdout is not None
            worker.stdout.close()


@pytest.fixture
def crowd() -> Iterator[Callable[[str, int], Crowd]]:
    crowds: list[Crowd] = []

    def gathered(at: str, together: int) -> Crowd:
        crowds.append(Crowd(at, together))
        for _worker in range(WORKERS):
            crowds[-1].begin()
        return crowds[-1]

    yield gathered
    for each in crowds:
        each.end()


def broken() -> int:
    return Entry.objects.filter(kind="promise_broken").count()


def _to_its_end() -> None:
    """Tick until nothing is due; on SQLite the others may keep us waiting for long."""
    while True:
        try:
            if not any(tick().values()):
                return
        except OperationalError:
            connection.close()


@pytest.mark.parametrize(
    ("every", "together", "least"),
    [(200, 0, 3), pytest.param(8, 2, 50, marks=pytest.mark.long)],
    ids=["some kills", "fifty kills"],
)
def test_a_thousand_break_once_each_and_each_rung_is_climbed_once(
    shared: Desk, crowd: Callable[[str, int], Crowd], every: int, together: int, least: int
) -> None:
    fill(shared)
    shared.at("2026-11-24 12:00")
    workers = crowd(now().isoformat(), together)
    deadline, mark = time.monotonic() + SECONDS, 50
    while (done := broken()) < PROMISES and time.monotonic() < deadline:
        # So often that some may be missed, and no oftener than is asked.
        if done >= mark and workers.kills < least + 5:
            # One of fifty stands still for long, or the others would wait for most of the time.
            workers.hurt(paused=0.3 if least < 50 else 0.0 if workers.kills else 2.0)
            mark = done + every
        time.sleep(0.05 if least < 50 else 0.005)
    _to_its_end()
    assert workers.kills >= least, "the workers were too quick to be hurt"
    entries = Entry.objects.filter(kind="promise_broken")
    times = Counter(entry.facts["promise"] for entry in entries)
    assert len(times) == PROMISES and set(times.values()) == {1}
    rungs = Entry.objects.filter(kind="escalated")
    climbed = Counter((entry.facts["promise"], entry.facts["step"]) for entry in rungs)
    assert set(climbed.values()) == {1}
    due = Rung.objects.filter(at__lte=now())
    # Compared outside of the assertion, whose report of two thousand pairs would take minutes.
    missing = set(climbed) ^ set(due.values_list("promise", "step"))
    assert not missing and len(climbed) == 2 * PROMISES
    assert not Rung.objects.ahead().filter(at__lte=now()).exists()
    assert Rung.objects.count() == 4 * PROMISES
    assert list(damage()) == []
