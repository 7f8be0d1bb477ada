"""The desk in processes of its own, on the data that a measurement loaded."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.request import urlopen

from tests.peers import processes

COMMAND = (sys.executable, "-c", "from goodword.config.cli import main; main()")
STARTS_WITHIN = 90.0
WEB, MAIL = ("serve", "web"), ("serve", "mail")


@dataclass
class Served:
    """Its processes by part, and where they listen."""

    port: int = field(default_factory=processes.free_port)
    smtp_port: int = field(default_factory=processes.free_port)
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)
    started_in: float = 0.0  # seconds from the command to the first answer
    # Where mail leaves to: a folder that nobody reads; empty for the servers of the mailboxes.
    outgoing: str | None = None
    data: Path = field(default_factory=lambda: Path(os.environ["GOODWORD_DATA"]))

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self, part: str, *more: str, port: int | None = None, **settings: str) -> None:
        """`serve`, `web`, `mail` or `worker`; what it says goes into bench.log."""
        with self.log.open("ab") as out:
            self.processes.append(subprocess.Popen(
                [*COMMAND, part, *self._ports(part, port), *more],
                env={**os.environ, "GOODWORD_DATA": str(self.data), "GOODWORD_URL": self.url,
                     "GOODWORD_OUTGOING": self._leaves_to(), **settings},
                stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True,
            ))  # fmt: skip

    @property
    def log(self) -> Path:
        return self.data / "bench.log"

    def _leaves_to(self) -> str:
        return f"maildir:{self.data}/outgoing" if self.outgoing is None else self.outgoing

    def _ports(self, part: str, port: int | None) -> tuple[str, ...]:
        web = ("--port", str(port or self.port)) if part in WEB else ()
        taken = port or self.smtp_port if part == "mail" else self.smtp_port
        mail = ("--smtp-port", str(taken)) if part in MAIL else ()
        return (*web, *mail)

    def wait(self, path: str = "/healthz", port: int | None = None) -> None:
        """Until that page is there. SystemExit where it does not come."""
        deadline = time.monotonic() + STARTS_WITHIN
        while time.monotonic() < deadline:
            if any(process.poll() is not None for process in self.processes):
                break
            try:
                with urlopen(f"http://127.0.0.1:{port or self.port}{path}", timeout=5) as answer:
                    if answer.status == 200:
                        return
            except OSError:
                time.sleep(0.02)
        raise SystemExit(f"The desk does not answer:\n{self.log.read_text()[-3000:]}")

    def wait_for_mail(self, port: int) -> None:
        """Until mail is taken at that port. SystemExit where it is not."""
        deadline = time.monotonic() + STARTS_WITHIN
        while time.monotonic() < deadline:
            with socket.socket() as probe:
                probe.settimeout(1)
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    return
            time.sleep(0.05)
        raise SystemExit(f"Mail is not taken:\n{self.log.read_text()[-3000:]}")

    def pids(self) -> list[int]:
        """Of its processes and of their children."""
        found = [process.pid for process in self.processes]
        for pid in found:
            for task in Path(f"/proc/{pid}/task").glob("*/children"):
                with suppress(OSError):  # it has ended meanwhile
                    found += map(int, task.read_text().split())
        return found

    def stop(self) -> None:
        for process in self.processes:
            processes.stop(process)
        self.processes.clear()

    def kill(self) -> None:
        """As if the power went."""
        for process in self.processes:
            process.kill()
            process.wait()
        self.processes.clear()


@contextmanager
def served(*parts: str, outgoing: str | None = None) -> Iterator[Served]:
    """These parts, and each of them answers. Ended by their ids when the block is left."""
    from django.db import connections

    desk = Served(outgoing=outgoing)
    begun = time.perf_counter()
    try:
        for part in parts:
            desk.start(part)
        if set(WEB) & set(parts):
            desk.wait()
        desk.started_in = time.perf_counter() - begun
        if set(MAIL) & set(parts):
            desk.wait_for_mail(desk.smtp_port)
        yield desk
    finally:
        desk.stop()
        connections.close_all()
