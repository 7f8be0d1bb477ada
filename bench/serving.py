"""The desk in processes of its own, on the data that a measurement loaded."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.request import urlopen

from tests.peers import processes

COMMAND = (sys.executable, "-c", "from goodword.config.cli import main; main()")
STARTS_WITHIN = 60.0


@dataclass
class Served:
    """Its processes by part, and where they listen."""

    port: int = field(default_factory=processes.free_port)
    smtp_port: int = field(default_factory=processes.free_port)
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)
    started_in: float = 0.0  # seconds from the command to the first answer

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self, part: str, *more: str, port: int | None = None) -> None:
        """`serve`, `web`, `mail` or `worker`; what it says goes into a file of the data folder."""
        log = Path(os.environ["GOODWORD_DATA"]) / "bench.log"
        with log.open("ab") as out:
            self.processes.append(subprocess.Popen(
                [*COMMAND, part, *self._ports(part, port), *more],
                env={**os.environ, "GOODWORD_URL": self.url,
                     "GOODWORD_OUTGOING": f"maildir:{os.environ['GOODWORD_DATA']}/outgoing"},
                stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True,
            ))  # fmt: skip

    def _ports(self, part: str, port: int | None) -> tuple[str, ...]:
        web = ("--port", str(port or self.port)) if part in ("serve", "web") else ()
        mail = ("--smtp-port", str(self.smtp_port)) if part in ("serve", "mail") else ()
        return (*web, *mail)

    def pids(self) -> list[int]:
        """Of its processes and of their children."""
        found = [process.pid for process in self.processes]
        for pid in found:
            for task in Path(f"/proc/{pid}/task").glob("*/children"):
                found += map(int, task.read_text().split())
        return found

    def stop(self) -> None:
        for process in self.processes:
            processes.stop(process)
        self.processes.clear()


@contextmanager
def served(*parts: str) -> Iterator[Served]:
    """These parts, and each of them answers. Ended by their ids when the block is left."""
    from django.db import connections

    desk = Served()
    begun = time.perf_counter()
    try:
        for part in parts:
            desk.start(part)
        if "serve" in parts or "web" in parts:
            wait_for(desk.url, desk.processes)
        desk.started_in = time.perf_counter() - begun
        yield desk
    finally:
        desk.stop()
        connections.close_all()


def wait_for(url: str, running: list[subprocess.Popen[bytes]]) -> None:
    deadline = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < deadline:
        if any(process.poll() is not None for process in running):
            break
        try:
            with urlopen(f"{url}/healthz", timeout=5) as answer:
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.02)
    log = Path(os.environ["GOODWORD_DATA"]) / "bench.log"
    raise SystemExit(f"The desk does not answer:\n{log.read_text()[-3000:]}")
