"""The real desk in a process of its own: set up by flags, served, killed and served again."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import psycopg
import pysqlite3

from tests.peers import processes

_COMMAND = (sys.executable, "-c", "from goodword.config.cli import main; main()")
_MADE_UP = re.compile(r"The password of (\S+): (\S+)")


@dataclass
class DeskServer:
    """One data folder, and the process that serves it on ports that stay the same."""

    folder: Path
    port: int = field(default_factory=processes.free_port)
    smtp_port: int = field(default_factory=processes.free_port)
    passwords: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None
    more: dict[str, str] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> Path:
        return self.folder / "serve.log"

    def run(self, *arguments: str, **secret: str) -> str:
        """A command of `goodword` on this folder, to its end; what it said."""
        done = subprocess.run(
            [*_COMMAND, *arguments],
            env={**self._environment(), **secret},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=300,
        )
        assert done.returncode == 0, f"{arguments} ended with {done.returncode}:\n{done.stderr}"
        self.passwords.update(_MADE_UP.findall(done.stdout))
        return done.stdout

    def inside(self, code: str) -> str:
        """Run Python with Django on this folder; what it printed."""
        setup = "import os, django; os.environ['DJANGO_SETTINGS_MODULE'] = "
        setup += "'goodword.config.settings'; django.setup()\n"
        done = subprocess.run(
            [sys.executable, "-c", setup + code],
            env=self._environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=300,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def start(self, *arguments: str) -> None:
        """Serve, and return once the pages and the mail listener answer."""
        chosen = arguments or ("serve",)
        ports = ("--port", str(self.port), "--smtp-port", str(self.smtp_port))
        with self.log.open("ab") as out:
            self.process = subprocess.Popen(
                [*_COMMAND, *chosen, *ports],
                env=self._environment(),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                start_new_session=True,
            )
        try:
            # The demo is made first, which takes long where others are at work.
            until(self._is_up, f"the desk does not answer: {self.log}", 90)
        except AssertionError:
            self.stop()
            raise

    def kill(self) -> None:
        """As if the power went: no chance to say anything."""
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self) -> None:
        if self.process is not None:
            processes.stop(self.process)

    def ask(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        """What the database holds, read from outside."""
        if url := self.more.get("GOODWORD_DATABASE_URL"):
            with psycopg.connect(url) as database:
                # Without values a per cent sign stands for itself.
                return database.execute(sql.replace("?", "%s"), values or None).fetchall()  # type: ignore[arg-type]
        uri = f"file:{self.folder / 'data/goodword.sqlite3'}?mode=ro"
        connection = pysqlite3.connect(uri, uri=True, timeout=10)
        try:
            found: list[tuple[Any, ...]] = connection.execute(sql, values).fetchall()
        finally:
            connection.close()
        return found

    def change(self, sql: str) -> None:
        """Write into the database past the desk."""
        if url := self.more.get("GOODWORD_DATABASE_URL"):
            with psycopg.connect(url) as database:
                database.execute(sql)  # type: ignore[arg-type]
            return
        with pysqlite3.connect(self.folder / "data/goodword.sqlite3") as database:
            database.execute(sql)

    def _is_up(self) -> bool:
        assert self.process is not None
        if self.process.poll() is not None:
            raise AssertionError(self.log.read_text()[-3000:])
        try:
            with urlopen(f"{self.url}/healthz", timeout=5) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    def _environment(self) -> dict[str, str]:
        ours = ("GOODWORD_", "DJANGO_")
        plain = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
        source = str(Path(__file__).resolve().parents[2] / "src")
        here = {
            "GOODWORD_DATA": str(self.folder / "data"),
            "GOODWORD_URL": self.url,
            "PYTHONPATH": source,
            "PYTHONUNBUFFERED": "1",
        }
        return {**plain, **here, **self.more}


def until(true: Any, sentence: str, seconds: float = 20) -> Any:
    """What `true()` returns once it is something; AssertionError with `sentence` otherwise."""
    deadline = time.monotonic() + seconds
    while True:
        if found := true():
            return found
        assert time.monotonic() < deadline, sentence
        time.sleep(0.05)


@contextmanager
def served(commands: Sequence[Sequence[str]], **known: Any) -> Iterator[DeskServer]:
    """Set a desk up by `commands`, serve it, and see at the end that nothing failed inside."""
    with processes.folder_for(None) as folder:
        server = DeskServer(folder, **known)
        for command in commands:
            server.run(*command)
        server.start()
        try:
            yield server
        finally:
            server.stop()
        assert "Traceback" not in server.log.read_text(), server.log.read_text()[-6000:]
