"""Who is alone with a kind of work may end the leases of the dead; who is not, may not."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection

from goodword.cases.models import OutgoingMessage
from goodword.channels.mail.models import IncomingMail
from goodword.core.time import now
from goodword.core.work import claim
from goodword.worker.leases import FolderLock, SessionLock
from goodword.worker.running import WORKS
from tests.cast import Desk, gather
from tests.worker.test_intake import taken


@pytest.fixture
def left(transactional_db: None) -> Desk:
    """A desk on which somebody was killed with a mail and a copy in hand."""
    desk = gather()
    desk.asked()
    taken(desk, "In hand")
    for model in (IncomingMail, OutgoingMessage):
        assert claim(model.objects.all(), limit=1, lease=timedelta(minutes=15), now=now())
    return desk


@pytest.fixture
def locks(tmp_path: Path) -> Iterator[list[FolderLock]]:
    found: list[FolderLock] = []
    yield found
    for lock in found:
        lock.close()


def leased() -> list[int]:
    rows = (IncomingMail, OutgoingMessage)
    return [model.objects.exclude(lease_token=None).count() for model in rows]


def test_the_first_to_start_ends_them_and_the_second_leaves_them(
    left: Desk, locks: list[FolderLock], tmp_path: Path
) -> None:
    for _each in "ab":
        locks.append(FolderLock(tmp_path))
    assert locks[0].free(WORKS, ["intake", "clock"]) == 2
    assert leased() == [0, 0]
    claim(OutgoingMessage.objects.all(), limit=1, lease=timedelta(minutes=15), now=now())
    assert locks[1].free(WORKS, ["intake", "clock"]) == 0
    assert leased() == [0, 1]


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one folder, one lock")
def test_on_postgresql_each_kind_of_work_is_a_lock_of_its_own(
    left: Desk, locks: list[FolderLock], tmp_path: Path
) -> None:
    for _each in "abc":
        locks.append(FolderLock(tmp_path))
    assert locks[0].free(WORKS, []) == 0  # a process that only serves pages
    assert locks[1].free(WORKS, ["intake"]) == 1
    assert leased() == [0, 1]
    assert locks[2].free(WORKS, ["clock"]) == 1


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one folder, one lock")
def test_a_lock_whose_connection_broke_is_taken_again(left: Desk) -> None:
    one, other = SessionLock(), SessionLock()
    try:
        one.share("clock")
        assert not other.is_alone("clock")
        with connection.cursor() as cursor:
            # This one alone: others run their tests on the same cluster.
            cursor.execute(
                "SELECT pg_terminate_backend(%s, 30000)", [one._line.connection.info.backend_pid]
            )
        one.keep()
        assert not other.is_alone("clock")
    finally:
        one.close()
        other.close()
