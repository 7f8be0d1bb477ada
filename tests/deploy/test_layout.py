"""Two hosts as five processes, two webs, two workers, one for mail: a cluster, a shared folder."""

import re
import smtplib
import subprocess
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from email import message_from_bytes, policy
from http.cookiejar import CookieJar
from pathlib import Path

import psycopg
import pytest

from tests.cli.running import ADDRESS, GOODWORD, INIT, a_mail, environment, goodword, wait_until
from tests.peers import postgres

MAILS = 6


@contextmanager
def part(data: Path, url: str, *arguments: str) -> Iterator["subprocess.Popen[str]"]:
    environ = {
        **environment(data),
        "GOODWORD_DATABASE_URL": url,
        "GOODWORD_OUTGOING": f"maildir:{data / 'outgoing'}",
        "GOODWORD_LOG_LEVEL": "ERROR",
    }
    process = subprocess.Popen(
        [*GOODWORD, *arguments], env=environ, stdout=subprocess.PIPE, text=True
    )
    try:
        yield process
    finally:
        process.terminate()
        assert process.wait(15) == 0
        assert process.stdout is not None
        process.stdout.close()


def port_of(process: "subprocess.Popen[str]") -> int:
    assert process.stdout is not None
    for line in process.stdout:
        if found := re.search(r"(?::|port )(\d+)$", line.strip()):
            return int(found[1])
    raise AssertionError("it never said where it listens")


class Ada:
    """A member with one browser, who meets a different host with every click."""

    def __init__(self) -> None:
        self._open = urllib.request.build_opener(
            urllib.request.HTTPCookieProcessor(CookieJar())
        ).open

    def sign_in(self, url: str) -> None:
        token = re.search(r'csrfmiddlewaretoken" value="(\w+)"', self.read(f"{url}/sign-in/"))
        assert token
        said = {"csrfmiddlewaretoken": token[1], "email": "ada@harbour.example",
                "password": "nine plain words"}  # fmt: skip
        self._open(f"{url}/sign-in/", urllib.parse.urlencode(said).encode(), 10).close()

    def read(self, url: str) -> str:
        with self._open(url, None, 10) as answer:
            return answer.read().decode()


def with_a_file(raw: bytes) -> bytes:
    mail = message_from_bytes(raw, policy=policy.SMTP)
    mail.add_attachment(b"what the file says", "text", "plain", filename="said.txt")
    return mail.as_bytes()


@pytest.mark.peers
def test_a_mail_is_seen_on_both_hosts_and_nothing_happens_twice(tmp_path: Path) -> None:
    data = tmp_path / "shared"
    with ExitStack() as stack:
        database = stack.enter_context(postgres.cluster())
        assert goodword(data, *INIT, env={"GOODWORD_DATABASE_URL": database}).returncode == 0
        web = ("web", "--port", "0")
        parts = [
            stack.enter_context(part(data, database, *arguments))
            for arguments in (web, web, ("mail", "--smtp-port", "0"), ("worker",), ("worker",))
        ]
        one, two = (f"http://127.0.0.1:{port_of(each)}" for each in parts[:2])
        with smtplib.SMTP("127.0.0.1", port_of(parts[2]), timeout=10) as server:
            for n in range(MAILS):
                sender = f"eve{n}@client{n}.example"
                server.sendmail(sender, [ADDRESS], with_a_file(a_mail(f"Matter {n}", sender)))
        rows = stack.enter_context(psycopg.connect(database, autocommit=True))

        def ask(question: str) -> int:
            found = rows.execute(question).fetchone()
            assert found
            return int(found[0])

        wait_until(lambda: ask("SELECT count(*) FROM cases_case") == MAILS, within=30)
        ada = Ada()
        ada.sign_in(one)
        for host in (one, two):
            assert "Matter 3" in ada.read(f"{host}/inbox/")
            assert ada.read(f"{host}/attachments/1/") == "what the file says"

        late = "UPDATE promises_promise SET due = now() - interval '1 minute', breaks_at = now()"
        rows.execute(f"{late} WHERE state = 'open'")
        waiting = "SELECT count(*) FROM promises_promise WHERE state = 'open' AND breaks_at < now()"
        wait_until(lambda: ask(waiting) == 0, within=30)
        broken = ask("SELECT count(*) FROM promises_promise WHERE state = 'broken'")
        assert broken >= MAILS
        entries = "FROM journal_entry WHERE kind = 'promise_broken'"
        assert ask(f"SELECT count(*) {entries}") == broken
        assert ask(f"SELECT count(DISTINCT facts ->> 'promise') {entries}") == broken
