"""The database is locked by somebody else, or stopped and started: said at once, then mended."""

import os
import secrets
import signal
import smtplib
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pysqlite3
import pytest
import requests

from tests.browser.server import until
from tests.cli.running import a_mail
from tests.faults.desk import ADDRESS, Agent, Hurt, hurt
from tests.peers import postgres, processes, programs

pytestmark = pytest.mark.peers
BACK_WITHIN = 10


@pytest.fixture
def desk() -> Iterator[Hurt]:
    with hurt() as there:
        there.set_up()
        there.start()
        yield there


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Somebody else writes, and does not come to an end."""
    database = pysqlite3.connect(folder / "data/goodword.sqlite3", isolation_level=None)
    database.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        database.rollback()
        database.close()


def answer_to_a_mail(desk: Hurt, *, weight: int = 0) -> int:
    """What the desk says to a whole mail, with so many octets of chance in it."""
    lines = [secrets.token_hex(35) for _line in range(weight // 71)]
    raw = a_mail(f"While it is away {secrets.token_hex(4)}") + "\n".join(lines).encode()
    with smtplib.SMTP("127.0.0.1", desk.server.smtp_port, "localhost", 40) as line:
        try:
            line.sendmail("eve@client.example", [ADDRESS], raw)
        except smtplib.SMTPDataError as error:
            return error.smtp_code
        except smtplib.SMTPRecipientsRefused as error:
            return error.recipients[ADDRESS][0]
    return 250


def refused_in_time(agent: Agent, case: int, form: dict[str, str]) -> requests.Response:
    """Within five seconds, with what was typed."""
    began = time.monotonic()
    refused = agent.post(f"/cases/{case}/reply", form)
    took = time.monotonic() - began
    assert (refused.status_code, refused.headers["Retry-After"]) == (503, "5")
    assert took < 5, f"it took {took:.1f} s to say so"
    assert form["text"] in refused.text
    return refused


def test_a_locked_database_is_said_within_five_seconds_and_over_at_once(desk: Hurt) -> None:
    assert desk.mail("Before the lock")
    case = desk.case_of("Before the lock")
    agent = Agent(desk.server.url).sign_in()
    form = agent.composer(case, "Words that I do not want to write twice.")
    with locked(desk.server.folder):
        refused = refused_in_time(agent, case, form)
        assert "does not answer at this moment" in refused.text
        assert agent.get(f"/cases/{case}/").status_code == 200, "what needs no lock goes on"
        assert answer_to_a_mail(desk) == 451
    began = time.monotonic()
    assert agent.post(f"/cases/{case}/reply", form).status_code == 302
    assert desk.mail("After the lock")
    desk.quiet(BACK_WITHIN)
    assert time.monotonic() - began < BACK_WITHIN
    assert len(desk.sink.mails) >= 1


def test_postgresql_stops_and_comes_back() -> None:
    if not programs.POSTGRESQL.is_here():
        pytest.skip(programs.POSTGRESQL.absence())
    with postgres.cluster() as url, hurt() as desk:
        desk.server.more["GOODWORD_DATABASE_URL"] = url
        desk.set_up()
        desk.start()
        agent = Agent(desk.server.url).sign_in()
        assert desk.mail("Before it stopped")
        heard(url, 1)
        folder, command = ended(url)
        began = time.monotonic()
        refused = agent.get("/inbox/")
        assert time.monotonic() - began < 5
        assert (refused.status_code, refused.headers["Retry-After"]) == (503, "5")
        assert answer_to_a_mail(desk) == 451
        assert agent.get("/healthz").status_code == 503
        # Long enough for every loop to have come to its longest pause.
        time.sleep(5)
        user = processes.first_user("postgres", "nobody")
        how: dict[str, Any] = {"ports": [urlsplit(url).port], "user": user, "end": signal.SIGINT}
        with processes.running(command, log=folder / "log", **how):
            began = time.monotonic()
            until(lambda: agent.get("/inbox/").status_code == 200, "no page", BACK_WITHIN)
            assert until(lambda: desk.mail("After it came back"), "no mail", BACK_WITHIN)
            heard(url, 2)
            assert time.monotonic() - began < BACK_WITHIN
            desk.server.stop()


def test_a_lock_of_postgresql_is_said_within_five_seconds_and_over_at_once(
    postgres_cluster: str,
) -> None:
    """By itself it would wait as long as somebody else holds the lock."""
    name = f"locked_{secrets.token_hex(4)}"
    with psycopg.connect(postgres_cluster, autocommit=True) as cluster:
        cluster.execute(f"CREATE DATABASE {name}")  # type: ignore[arg-type]
    url = f"{postgres_cluster.rpartition('/')[0]}/{name}"
    with hurt() as desk:
        desk.server.more["GOODWORD_DATABASE_URL"] = url
        desk.set_up()
        desk.start()
        assert desk.mail("Before the lock")
        case = desk.case_of("Before the lock")
        agent = Agent(desk.server.url).sign_in()
        form = agent.composer(case, "Words that I do not want to write twice.")
        with psycopg.connect(url) as somebody:
            somebody.execute("SELECT id FROM cases_case FOR UPDATE")
            somebody.execute("LOCK TABLE mail_rawmail IN ACCESS EXCLUSIVE MODE")
            refused_in_time(agent, case, form)
            assert agent.get(f"/cases/{case}/").status_code == 200, "what needs no lock goes on"
            assert answer_to_a_mail(desk) == 451
            somebody.rollback()
        assert agent.post(f"/cases/{case}/reply", form).status_code == 302
        assert desk.mail("After the lock")
        desk.quiet(BACK_WITHIN)
        desk.server.stop()


def heard(url: str, messages: int) -> None:
    def come() -> bool:
        with psycopg.connect(url) as database:
            found = database.execute(
                "SELECT COUNT(*) FROM cases_message WHERE direction = 'in'"
            ).fetchone()
        return found == (messages,)

    until(come, f"not {messages} messages", BACK_WITHIN)


def ended(url: str) -> tuple[Path, list[str]]:
    """Stop PostgreSQL with everybody who is connected; its folder, and how it was begun."""
    with psycopg.connect(url) as database:
        ((data,),) = database.execute("SHOW data_directory").fetchall()
    written = Path(data) / "postmaster.pid"
    pid = int(written.read_text().split()[0])
    command = Path(f"/proc/{pid}/cmdline").read_bytes().rstrip(b"\0").split(b"\0")
    os.kill(pid, signal.SIGINT)
    until(lambda: not written.exists(), "PostgreSQL does not end")
    return Path(data).parent, [part.decode() for part in command]
