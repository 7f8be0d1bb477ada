"""Durable work: claimed once, fenced, tried again, given up in sight."""

import os
import signal
import subprocess
import sys
import threading
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import connections, transaction

from goodword.core.work import LeaseLost, backoff, claim, due
from tests.server.conftest import ROOT
from tests.server.workapp.models import Doing, Errand

NOON = datetime(2026, 11, 19, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def _all():
    return Errand.objects.using("errands")


def _make(number: int, **fields) -> None:
    _all().bulk_create(Errand(**{"due_at": NOON, **fields}) for _ in range(number))


def _claim(limit: int = 10, now: datetime = NOON, lease: timedelta = MINUTE) -> list[Errand]:
    return claim(_all(), limit=limit, lease=lease, now=now)


def _worker(errands: dict[str, str], name: str, lease: float, pause: float):
    environment = {**os.environ, **errands}
    environment.pop("DJANGO_SETTINGS_MODULE", None)
    command = [sys.executable, "-m", "tests.server.errand_worker", name, str(lease), str(pause)]
    return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)


def test_rows_are_claimed_by_due_time_and_only_when_due(errands) -> None:
    _make(1, due_at=NOON + MINUTE)
    _make(1, due_at=NOON - MINUTE)
    _make(1)
    assert [row.due_at for row in _claim()] == [NOON - MINUTE, NOON]
    assert _claim() == []


def test_a_claim_counts_as_an_attempt_and_is_limited(errands) -> None:
    _make(5)
    rows = _claim(limit=3)
    assert [row.attempts for row in rows] == [1, 1, 1]
    assert len(_claim()) == 2
    assert sorted(_all().values_list("attempts", flat=True)) == [1] * 5


def test_a_worker_that_woke_up_late_is_fenced(errands) -> None:
    _make(1)
    late = _claim()[0]
    assert _claim(now=NOON + MINUTE - timedelta(seconds=1)) == []
    other = _claim(now=NOON + MINUTE)[0]
    for verb in (
        lambda: late.finish(),
        lambda: late.retry("too late"),
        lambda: late.give_up("too late"),
        lambda: late.extend(MINUTE),
    ):
        with pytest.raises(LeaseLost):
            verb()
    other.finish(done_by="other")
    row = _all().get()
    assert (row.done_by, row.last_error, row.attempts) == ("other", "", 2)


def test_what_a_fenced_worker_wrote_is_rolled_back(errands) -> None:
    _make(1)
    late = _claim()[0]
    _claim(now=NOON + MINUTE)
    with pytest.raises(LeaseLost), transaction.atomic(using="errands"):
        Doing.objects.using("errands").create(errand=late.pk, worker="late")
        late.finish()
    assert not Doing.objects.using("errands").exists()


def test_a_row_ends_once(errands) -> None:
    _make(1)
    row = _claim()[0]
    row.finish(at=NOON, done_by="me")
    with pytest.raises(LeaseLost):
        row.give_up("again")
    assert row.done_at == NOON and not row.is_open
    assert _claim(now=NOON + timedelta(days=9)) == []


def test_a_row_that_was_not_claimed_cannot_be_ended(errands) -> None:
    _make(1)
    with pytest.raises(LeaseLost):
        _all().get().finish()
    assert _all().get().is_open


def test_a_retry_comes_back_after_its_time_with_the_error(errands) -> None:
    _make(1)
    _claim()[0].retry("451 not now", timedelta(minutes=5), at=NOON)
    assert _claim(now=NOON + timedelta(minutes=4)) == []
    (again,) = _claim(now=NOON + timedelta(minutes=5))
    assert (again.attempts, again.last_error) == (2, "451 not now")


def test_giving_up_stays_in_sight(errands) -> None:
    _make(1)
    _claim()[0].give_up("550 nobody here", at=NOON)
    row = _all().get()
    assert (row.gave_up_at, row.last_error, row.is_open) == (NOON, "550 nobody here", False)
    assert _claim(now=NOON + timedelta(days=9)) == []


def test_a_heartbeat_holds_the_row(errands) -> None:
    _make(1)
    row = _claim()[0]
    row.extend(timedelta(minutes=10), at=NOON)
    assert _claim(now=NOON + timedelta(minutes=9)) == []
    row.finish()


def test_the_due_rows_are_found_by_an_index_of_open_rows(errands) -> None:
    _make(2000, done_at=NOON)
    _make(20)
    if connections["errands"].vendor == "postgresql":
        with connections["errands"].cursor() as cursor:
            cursor.execute("ANALYZE")
    plan = _all().filter(due(NOON)).order_by("due_at", "pk")[:10].explain()
    assert "errand_due" in plan


def test_threads_claim_each_row_once(errands) -> None:
    _make(200)
    claimed: list[int] = []

    def work() -> None:
        while rows := _claim(limit=7):
            claimed.extend(row.pk for row in rows)
        connections["errands"].close()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(claimed) == 200 and len(set(claimed)) == 200


def test_four_processes_one_of_them_killed_do_each_errand_once(errands) -> None:
    _make(200)
    workers = [_worker(errands, f"w{n}", lease=2, pause=0.02) for n in range(4)]
    assert workers[0].stdout is not None and workers[0].stdout.readline() == "claimed\n"
    workers[0].kill()
    for worker in workers:
        worker.communicate(timeout=60)
    assert [worker.returncode for worker in workers] == [-signal.SIGKILL, 0, 0, 0]
    done = Counter(Doing.objects.using("errands").values_list("errand", flat=True))
    assert len(done) == 200 and set(done.values()) == {1}
    assert not _all().filter(done_at=None).exists()


def test_a_process_that_was_paused_finds_its_lease_lost(errands) -> None:
    _make(3)
    paused = _worker(errands, "paused", lease=1, pause=0.3)
    assert paused.stdout is not None and paused.stdout.readline() == "claimed\n"
    paused.send_signal(signal.SIGSTOP)
    _worker(errands, "other", lease=30, pause=0).communicate(timeout=30)
    paused.send_signal(signal.SIGCONT)
    said, _ = paused.communicate(timeout=30)
    assert said.split() == ["lost"] * 3 and paused.returncode == 0
    assert set(Doing.objects.using("errands").values_list("worker", flat=True)) == {"other"}
    assert Doing.objects.using("errands").count() == 3


def test_sqlite_without_immediate_transactions_is_refused(errands, monkeypatch) -> None:
    connection = connections["errands"]
    if connection.vendor != "sqlite":
        pytest.skip("only SQLite has this option")
    monkeypatch.setitem(connection.settings_dict["OPTIONS"], "transaction_mode", "DEFERRED")
    with pytest.raises(ImproperlyConfigured):
        _claim()


def test_back_off_doubles_from_a_minute_to_an_hour() -> None:
    for attempts, minutes in ((0, 1), (1, 1), (2, 2), (3, 4), (6, 32), (7, 60), (10_000, 60)):
        waits = [backoff(attempts) / MINUTE for _ in range(200)]
        assert minutes * 0.8 <= min(waits) < max(waits) <= minutes
    assert backoff(3, timedelta(seconds=1), timedelta(seconds=2)) <= timedelta(seconds=2)
