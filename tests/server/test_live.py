"""New rows become nudges, on SQLite and on PostgreSQL."""

import time
from collections.abc import Sequence
from queue import Empty, Queue

import pytest
from django.db import connections, transaction

from goodword.core.live import Broadcaster, Nudge, notify
from tests.server.workapp.models import Doing


def _read_since(cursor: int | None) -> tuple[int, Sequence[Nudge]]:
    rows = Doing.objects.using("errands").order_by("pk")
    if cursor is None:
        return max(rows.values_list("pk", flat=True), default=0), []
    new = list(rows.filter(pk__gt=cursor))
    nudges = [Nudge("done", f"errand:{row.errand}", {"by": row.worker}) for row in new]
    return (new[-1].pk if new else cursor), nudges


def _write(errand: int) -> None:
    with transaction.atomic(using="errands"):
        Doing.objects.using("errands").create(errand=errand, worker="anna")
        notify("errands")


class Listening:
    def __init__(self, read_since=_read_since, **how) -> None:
        self.heard: Queue[Nudge] = Queue()
        self.broadcaster = Broadcaster(
            read_since, lambda nudges: [self.heard.put(n) for n in nudges], using="errands", **how
        )

    def __enter__(self) -> "Listening":
        self.broadcaster.start()
        assert self.broadcaster.is_following.wait(5)
        return self

    def __exit__(self, *_: object) -> None:
        self.broadcaster.stop()

    def topics(self, number: int) -> list[str]:
        return [self.heard.get(timeout=5).topic for _ in range(number)]


def test_a_new_row_is_told_within_a_second_and_an_old_one_is_not(errands) -> None:
    _write(1)
    with Listening() as listening:
        began = time.monotonic()
        _write(2)
        assert listening.topics(1) == ["errand:2"]
        assert time.monotonic() - began < 1
        for number in range(3, 103):
            _write(number)
        assert listening.topics(100) == [f"errand:{n}" for n in range(3, 103)]
        with pytest.raises(Empty):
            listening.heard.get(timeout=0.6)


def test_commits_that_come_together_are_read_in_few_turns(errands) -> None:
    reads: list[int | None] = []

    def read_since(cursor: int | None) -> tuple[int, Sequence[Nudge]]:
        reads.append(cursor)
        return _read_since(cursor)

    with Listening(read_since, poll=0.5) as listening:
        _write(1)
        assert listening.topics(1) == ["errand:1"]
        before, began = len(reads), time.monotonic()
        for number in range(2, 62):
            _write(number)
        assert listening.topics(60) == [f"errand:{n}" for n in range(2, 62)]
        assert len(reads) - before <= 1 + (time.monotonic() - began) / 0.5


def test_what_is_rolled_back_is_never_told(errands) -> None:
    with Listening() as listening:
        with transaction.atomic(using="errands"):
            Doing.objects.using("errands").create(errand=1, worker="anna")
            notify("errands")
            transaction.set_rollback(True, using="errands")
        _write(2)
        assert listening.topics(1) == ["errand:2"]


def test_a_wake_that_was_lost_is_made_good_by_the_fallback(errands) -> None:
    with Listening(fallback=0.5) as listening:
        Doing.objects.using("errands").create(errand=5, worker="nobody was woken")
        assert listening.topics(1) == ["errand:5"]


def test_a_reader_that_fails_starts_again_where_it_stood(errands) -> None:
    failures = [ValueError("once"), OSError("twice")]

    def read_since(cursor: int | None) -> tuple[int, Sequence[Nudge]]:
        if cursor is not None and failures:
            raise failures.pop()
        return _read_since(cursor)

    with Listening(read_since) as listening:
        _write(1)
        assert listening.topics(1) == ["errand:1"] and not failures


def test_a_database_that_drops_the_connection_is_dialled_again(errands) -> None:
    if connections["errands"].vendor != "postgresql":
        pytest.skip("a file has no connection to drop")
    with Listening() as listening:
        with connections["errands"].cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE %s"
                " AND pid <> pg_backend_pid()",
                ["%workapp_doing%"],
            )
            assert cursor.rowcount >= 1
        _write(1)
        assert listening.topics(1) == ["errand:1"]


def test_the_broadcaster_stops_at_once(errands) -> None:
    with Listening() as listening:
        began = time.monotonic()
        listening.broadcaster.stop()
        assert time.monotonic() - began < 1


@pytest.mark.parametrize("name", ["", "Two words", "a\nb", "9", "é"])
def test_a_name_that_would_break_the_stream_is_refused(name: str) -> None:
    with pytest.raises(ValueError):
        Nudge(name, "case:1")
