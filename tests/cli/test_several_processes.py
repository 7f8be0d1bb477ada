"""A larger desk is several processes, started and ended together.

What becomes of them when one dies, or the parent: tests/faults/test_parts.py.
"""

import os
import time
from collections.abc import Iterator
from contextlib import suppress
from http.client import HTTPConnection
from pathlib import Path

import pytest

from goodword.config.supervising import processes_for_pages
from goodword.staff.models import Member, Role
from tests.cli.conftest import Ask
from tests.cli.running import Running, goodword, serving, wait_until

TWO = {"GOODWORD_WEB_PROCESSES": "2"}


@pytest.fixture
def desk(data: Path) -> Iterator[Running]:
    with serving(data, **TWO) as running:
        yield running


def children(of: int) -> list[int]:
    said = Path(f"/proc/{of}/task/{of}/children").read_text()
    return [int(each) for each in said.split()]


def is_there(pid: int) -> bool:
    """Whether it runs: who was killed and not yet counted is none that does."""
    with suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


def test_pages_mail_and_the_clock_are_processes_of_one_desk_that_end_together(
    desk: Running, ask: Ask
) -> None:
    parts = children(desk.process.pid)
    assert [Path(f"/proc/{pid}/comm").read_text().strip() for pid in parts] == [
        "goodword web-1", "goodword web-2", "goodword mail", "goodword worker"
    ]  # fmt: skip
    assert desk.get("/healthz") == (200, "ok\n")
    assert desk.get("/sign-in/")[0] == 200
    desk.mail("The server is down")
    wait_until(lambda: ask("SELECT title FROM cases_case") == [("The server is down",)])
    began = time.monotonic()
    assert desk.stop() == 0
    assert time.monotonic() - began < 10
    assert not any(map(is_there, parts))


def test_browsers_that_stay_connected_are_shared_out(desk: Running) -> None:
    webs = children(desk.process.pid)[:2]
    before = [sockets_of(pid) for pid in webs]
    lines = [HTTPConnection(desk.url.removeprefix("http://")) for _browser in range(8)]
    for line in lines:
        line.request("GET", "/healthz")
        assert line.getresponse().read() == b"ok\n"
    try:
        # A busy machine may give one to whoever is awake; by themselves one took nearly all.
        more = [sockets_of(pid) - then for pid, then in zip(webs, before, strict=True)]
        assert min(more) >= 3, more
    finally:
        for line in lines:
            line.close()


def sockets_of(pid: int) -> int:
    return sum("socket:" in os.readlink(each) for each in Path(f"/proc/{pid}/fd").iterdir())


def test_what_cannot_start_says_why_and_nothing_is_left_running(data: Path) -> None:
    done = goodword(
        data, "serve", "--port", "0", "--smtp-port", "0",
        env={**TWO, "GOODWORD_SMTP_HOST": "192.0.2.1"},
    )  # fmt: skip
    assert done.returncode == 1
    assert "Mail cannot be taken on 192.0.2.1" in done.stderr


@pytest.mark.parametrize(
    ("members", "cores", "processes"), [(3, 2, 1), (10, 2, 1), (11, 2, 2), (40, 2, 2), (40, 8, 4)]
)
def test_by_itself_one_for_ten_members_and_one_a_core_at_most(
    db: None, monkeypatch: pytest.MonkeyPatch, members: int, cores: int, processes: int
) -> None:
    monkeypatch.delenv("GOODWORD_WEB_PROCESSES", raising=False)
    monkeypatch.setattr("os.sched_getaffinity", lambda _pid: set(range(cores)))
    for number in range(members):
        Member.objects.create(email=f"{number}@harbour.example", name="A", role_id=Role.AGENT)
    assert processes_for_pages() == processes


def test_as_many_as_are_set(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOODWORD_WEB_PROCESSES", "3")
    assert processes_for_pages() == 3
