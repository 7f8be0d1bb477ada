"""Backups one after the other while mail comes and members write: each is put back and whole.

`--backups N` of them (2 in `make test`, 20 in `make faults`; there a quarter as many of
PostgreSQL). What was acknowledged before a backup began is in it.
"""

import contextlib
import email
import email.policy
import re
import secrets
import shutil
import smtplib
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from email.message import EmailMessage
from pathlib import Path

import psycopg
import pytest
import requests

from goodword.backup import folder
from tests.browser.server import DeskServer, until
from tests.cli.running import a_mail
from tests.faults.desk import ADDRESS, Agent, Hurt, hurt

pytestmark = pytest.mark.peers
Place = Callable[[], DeskServer]


def test_every_backup_of_a_desk_at_work_is_put_back_whole(
    tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    with hurt() as desk:
        desk.set_up()
        _each_is_whole(desk, tmp_path, request, lambda: DeskServer(tmp_path / "new"))


@pytest.mark.long
def test_and_every_one_of_postgresql(
    postgres_cluster: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    if shutil.which("pg_dump") is None:
        pytest.skip("pg_dump is not installed, so no backup of PostgreSQL was made")

    def place() -> DeskServer:
        return DeskServer(tmp_path / "new", more={"GOODWORD_DATABASE_URL": _new(postgres_cluster)})

    with hurt() as desk:
        desk.server.more["GOODWORD_DATABASE_URL"] = _new(postgres_cluster)
        desk.set_up()
        _each_is_whole(desk, tmp_path, request, place, of=4)


def _new(cluster: str) -> str:
    name = f"backup_{secrets.token_hex(4)}"
    with psycopg.connect(cluster, autocommit=True) as database:
        database.execute(f"CREATE DATABASE {name}")  # type: ignore[arg-type]
    return f"{cluster.rpartition('/')[0]}/{name}"


def _each_is_whole(
    desk: Hurt, tmp_path: Path, request: pytest.FixtureRequest, place: Place, of: int = 1
) -> None:
    backups, to = -(-request.config.getoption("--backups") // of), tmp_path / "backups"
    desk.start()
    with _at_work(desk):
        for number in range(1, backups + 1):
            before = {kind: set(desk.ledger.noted(kind)) for kind in ("taken", "answered")}
            said = desk.server.run("backup", str(to), "--keep", "1")
            [made] = folder.all_in(to)
            assert made.path.name in said
            new = place()
            new.run("restore", str(made.path))
            new.run("verify")
            _holds(new, before)
            shutil.rmtree(new.folder)
            # Not one of them was made of a desk that stood still.
            for kind, names in before.items():
                until(lambda k=kind, n=names: set(desk.ledger.noted(k)) - n, f"nothing {kind}", 60)
            print(f"{number} of {backups}: {' and '.join(map(str, map(len, before.values())))}")


def _holds(new: DeskServer, before: dict[str, set[str]]) -> None:
    kept = b"\n".join(bytes(raw) for (raw,) in new.ask("SELECT content FROM mail_rawmail"))
    subjects = {name.decode() for name in re.findall(rb"^Subject: (.+?)\r?$", kept, re.M)}
    assert not before["taken"] - subjects
    said = {text for (text,) in new.ask("SELECT text FROM cases_message WHERE direction = 'out'")}
    assert not before["answered"] - said


@contextmanager
def _at_work(desk: Hurt) -> Iterator[None]:
    """A mail with a file, and an answer, and again; both have gone through before it begins."""
    over = threading.Event()
    assert desk.mail("The first")
    case = desk.case_of("The first")

    def mail() -> None:
        number = 0
        while not over.wait(0.05):
            number += 1
            _with_a_file(desk, f"Under load {number}")

    def answer() -> None:
        agent, number = Agent(desk.server.url).sign_in(), 0
        while not over.wait(0.1):
            number += 1
            with contextlib.suppress(requests.RequestException):
                form = agent.composer(case, f"Answer {number}")
                if agent.post(f"/cases/{case}/reply", form).status_code == 302:
                    desk.ledger.note("answered", form["text"])

    with ExitStack() as stack:
        for each in (threading.Thread(target=mail), threading.Thread(target=answer)):
            each.start()
            stack.callback(each.join)
        stack.callback(over.set)
        until(lambda: desk.ledger.noted("answered"), "no answer goes through", 60)
        yield


def _with_a_file(desk: Hurt, name: str) -> None:
    mail = email.message_from_bytes(a_mail(name), _class=EmailMessage, policy=email.policy.SMTP)
    content = secrets.token_bytes(2000)
    mail.add_attachment(content, maintype="application", subtype="pdf", filename="bill.pdf")
    with contextlib.suppress(OSError, smtplib.SMTPException):
        with smtplib.SMTP("127.0.0.1", desk.server.smtp_port, "localhost", 30) as line:
            line.sendmail("eve@client.example", [ADDRESS], mail.as_bytes())
        desk.ledger.note("taken", name)
