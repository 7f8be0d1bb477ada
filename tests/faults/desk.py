"""The real desk under faults: in a process of its own, with a sink behind it and an agent at it."""

import atexit
import contextlib
import os
import shutil
import smtplib
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import requests
from selectolax.lexbor import LexborHTMLParser as Page

from tests.browser.server import DeskServer, until
from tests.cli.running import a_mail
from tests.faults.ledger import Ledger
from tests.faults.sink import Sink, sink
from tests.peers import processes
from tests.zones import zone_at_noon

ADDRESS = "help@harbour.example"
ADA, PASSWORD = "ada@harbour.example", "nine plain words"
OPEN = "SELECT COUNT(*) FROM {} WHERE done_at IS NULL AND gave_up_at IS NULL"


class Hurt:
    """One desk, its ledger and its sink."""

    def __init__(self, server: DeskServer, ledger: Ledger, there: Sink) -> None:
        self.server, self.ledger, self.sink = server, ledger, there

    def set_up(self, address: str = ADDRESS, *more: str) -> None:
        if "GOODWORD_DATABASE_URL" in self.server.more:
            self._init(self.server, address, *more)
        else:
            made = _made(self._init, address, *more)
            shutil.copytree(made, self.server.folder, dirs_exist_ok=True)
            os.sync()  # what init writes is on the disk when it ends; a copy is not by itself
        self.server.change(f"UPDATE mail_mailbox SET smtp_port = {self.sink.port}")

    @staticmethod
    def _init(server: DeskServer, address: str, *more: str) -> None:
        server.run(
            "init", "--no-input", "--name", "Harbour Lane", "--address", address,
            "--zone", zone_at_noon(), "--hours", "mon-sun 00:00-24:00",
            "--member", f"Ada Bell <{ADA}> leader", "--smtp", "127.0.0.1:25",
            "--smtp-security", "none", *more, GOODWORD_INIT_PASSWORD=PASSWORD,
        )  # fmt: skip
        # Nothing waits to be taken back: what is sent is under way at once.
        server.inside(
            "from goodword.staff.models import Business as B; b = B.objects.get();"
            "b.chosen = {**b.chosen, 'undo_seconds': 0}; b.save()"
        )

    def start(self, fault: str = "") -> None:
        """Serve. What was left by the last kill may lead to the point of this one at once."""
        self.server.more["GOODWORD_FAULT"] = fault
        self.ledger.note("life", fault or "-")
        try:
            self.server.start()
            # Of several processes the one for mail may be the last to answer.
            until(self._takes_mail, "no mail is taken", 60)
        except AssertionError:
            if not (fault and self.server.process and self.server.process.poll() == -9):
                raise

    def _takes_mail(self) -> bool:
        process = self.server.process
        assert process is not None and process.poll() is None, self.server.log.read_text()[-3000:]
        try:
            with smtplib.SMTP("127.0.0.1", self.server.smtp_port, "localhost", 30):
                return True
        except (OSError, smtplib.SMTPException):
            return False

    def pid(self) -> int:
        assert self.server.process is not None
        return self.server.process.pid

    def died(self, within: float = 30) -> None:
        """Wait until the desk has killed itself."""
        process = self.server.process
        assert process is not None
        assert process.wait(within) == -9, "it ended in another way than by the plug"
        until(lambda: not group(process.pid), "a part outlives the desk", 30)

    def kill(self) -> None:
        """As if the power went, for all of its parts."""
        self.server.kill()
        until(lambda: not group(self.pid()), "a part outlives the desk", 30)

    def mail(self, name: str, to: str = ADDRESS, sender: str = "eve@client.example") -> bool:
        """Hand a mail to the desk; noted only when the desk said yes to all of it."""
        raw = a_mail(name, sender, to)
        try:
            with smtplib.SMTP("127.0.0.1", self.server.smtp_port, "localhost", 30) as line:
                line.sendmail(sender, [to], raw)
        except (OSError, smtplib.SMTPException):
            return False
        self.ledger.note("taken", name)
        return True

    def case_of(self, name: str) -> int:
        sql = "SELECT id FROM cases_case WHERE title = ?"
        ((number,),) = until(lambda: self.server.ask(sql, name), f"no case of {name}", 30)
        return int(number)

    def some_case(self) -> int:
        """The newest case; waits until there is one."""
        sql = "SELECT id FROM cases_case ORDER BY id DESC LIMIT 1"
        return int(until(lambda: self.server.ask(sql), "no case came")[0][0])

    def quiet(self, seconds: float = 60) -> None:
        """Until all that was taken has its place and all that was written has left."""
        tables = ("mail_incomingmail", "cases_outgoingmessage")
        until(
            lambda: all(self.server.ask(OPEN.format(table)) == [(0,)] for table in tables),
            f"the queues do not empty: {self.server.log}",
            seconds,
        )


class Agent:
    """Ada at her screen, without a browser. Requests end after ten seconds."""

    def __init__(self, url: str) -> None:
        self.url, self.browser = url, requests.Session()

    def sign_in(self) -> "Agent":
        page = self.get("/sign-in/")
        form = self.fields(page.text, "form[method=post]")
        answer = self.post("/sign-in/", {**form, "email": ADA, "password": PASSWORD})
        assert answer.status_code == 302, answer.text[-2000:]
        return self

    def get(self, path: str) -> requests.Response:
        return self.browser.get(self.url + path, timeout=10)

    def post(self, path: str, data: dict[str, str]) -> requests.Response:
        headers = {"Referer": self.url + path}
        return self.browser.post(
            self.url + path, data, headers=headers, timeout=10, allow_redirects=False
        )

    def composer(self, case: int, text: str) -> dict[str, str]:
        """The composer of a case, filled in."""
        return self.filled(self.get(f"/cases/{case}/").text, text)

    def filled(self, page: str, text: str) -> dict[str, str]:
        form = self.fields(page, "form#composer")
        return {**form, "text": text, "then": "ask", "reason": "It was tried"}

    def fields(self, html: str, form: str) -> dict[str, str]:
        found = Page(html).css_first(form)
        assert found is not None, html[-2000:]
        inputs = [each.attributes for each in found.css("input[type=hidden]")]
        return {str(each["name"]): each.get("value") or "" for each in inputs}


def children(of: int) -> list[int]:
    """Whom this process began and nobody has buried yet, the eldest first."""
    return list(map(int, Path(f"/proc/{of}/task/{of}/children").read_text().split()))


def family(parent: int) -> list[int]:
    """A process and all that it began, the parent first."""
    found = [parent]
    for each in found:
        with contextlib.suppress(OSError):
            for task in Path(f"/proc/{each}/task").iterdir():
                found += map(int, (task / "children").read_text().split())
    return found


def group(of: int) -> list[int]:
    """Who is alive of those that began together with this process."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            state, _parent, leader = stat.read_text().rpartition(")")[2].split()[:3]
            if int(leader) == of and state != "Z":
                found.append(int(stat.parent.name))
    return found


@cache
def _made(init: Callable[..., None], *how: str) -> Path:
    """The folder of a desk that was set up so, once for all tests: each works on a copy."""
    place = Path(tempfile.mkdtemp(prefix="gw-made-"))
    atexit.register(shutil.rmtree, place, ignore_errors=True)
    init(DeskServer(place), *how)
    return place


@contextmanager
def hurt(folder: Path | None = None) -> Iterator[Hurt]:
    """A desk that is not set up yet, in a folder of its own."""
    with processes.folder_for(None) as place:
        ledger = Ledger(place / "ledger")
        server = DeskServer(folder or place)
        with sink(ledger) as there:
            try:
                yield Hurt(server, ledger, there)
            finally:
                server.stop()
                ledger.close()
