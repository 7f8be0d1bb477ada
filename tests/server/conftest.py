"""The small site as a process, and a plain client for it."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pysqlite3
import pytest
from django.db import connections

ROOT = Path(__file__).resolve().parents[2]


class Site:
    def __init__(self, process: "subprocess.Popen[str]", port: int) -> None:
        self.process, self.port = process, port

    def ask(
        self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None
    ) -> tuple[int, dict[str, str], bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            names = {name.lower(): value for name, value in answer.getheaders()}
            return answer.status, names, answer.read()
        finally:
            connection.close()

    def get(self, path: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
        return self.ask("GET", path, None, headers)

    def counts(self) -> dict[str, int]:
        counted: dict[str, int] = json.loads(self.get("/counts")[2])
        return counted

    def dial(self, timeout: float = 20) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=timeout)

    def raw(self, request: bytes) -> bytes:
        """Everything that comes back until the server closes."""
        with self.dial() as sock:
            sock.sendall(request)
            return read_all(sock)

    def listen(self, cookie: str = "who=anna", **headers: str) -> socket.socket:
        sock = self.dial()
        lines = [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        head = ["GET /live HTTP/1.1", "Host: desk", f"Cookie: {cookie}", *lines, "", ""]
        sock.sendall("\r\n".join(head).encode())
        return sock

    def stop(self, number: int = signal.SIGTERM) -> tuple[int, float, str]:
        """Exit code, seconds that it took, and what the process said last."""
        began = time.monotonic()
        self.process.send_signal(number)
        said, _ = self.process.communicate(timeout=20)
        return self.process.returncode, time.monotonic() - began, said


def read_all(sock: socket.socket) -> bytes:
    got = b""
    try:
        while piece := sock.recv(65536):
            got += piece
    except ConnectionResetError:
        pass
    return got


def read_until(sock: socket.socket, wanted: bytes) -> bytes:
    got = b""
    while wanted not in got:
        piece = sock.recv(65536)
        assert piece, f"closed before {wanted!r} came: {got!r}"
        got += piece
    return got


@contextmanager
def running(folder: Path, **choices: Any) -> Iterator[Site]:
    environment = {**os.environ, "ERRANDS_FILE": str(folder / "site.sqlite3")}
    environment.pop("DJANGO_SETTINGS_MODULE", None)
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.server.site", json.dumps(choices)],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=(folder / "errors.txt").open("a"),
        text=True,
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line, (folder / "errors.txt").read_text()
        yield Site(process, int(line))
    finally:
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(12)
            except subprocess.TimeoutExpired:
                process.kill()
        if process.stdout is not None:
            process.stdout.close()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with running(tmp_path_factory.mktemp("site")) as started:
        yield started


@pytest.fixture
def start_site(tmp_path: Path) -> Iterator[Callable[..., Site]]:
    """Start a site with limits of its own: `start_site(limits={...}, proxies=[...])`."""
    with ExitStack() as stack:
        yield lambda **choices: stack.enter_context(running(tmp_path, **choices))


@pytest.fixture(params=["sqlite", "postgres"])
def errands(
    request: pytest.FixtureRequest, tmp_path: Path, django_db_blocker: Any
) -> Iterator[dict[str, str]]:
    """A database of its own under the alias "errands"; yields the environment for workers."""
    from tests.server.small_settings import database
    from tests.server.workapp.models import Doing, Errand

    if request.param == "sqlite":
        sys.modules["sqlite3"], sys.modules["sqlite3.dbapi2"] = pysqlite3, pysqlite3.dbapi2
        environment = {"ERRANDS_FILE": str(tmp_path / "errands.sqlite3")}
    else:
        url = urlsplit(request.getfixturevalue("postgres_cluster"))
        environment = {
            "ERRANDS_POSTGRES": f"{url.hostname},{url.port},{url.path[1:]},{url.username}"
        }
    chosen = {"default": database(environment)}
    connections.settings["errands"] = connections.configure_settings(chosen)["default"]
    with django_db_blocker.unblock():
        with connections["errands"].schema_editor() as editor:
            editor.create_model(Errand)
            editor.create_model(Doing)
        yield environment
        with connections["errands"].schema_editor() as editor:
            editor.delete_model(Errand)
            editor.delete_model(Doing)
        connections["errands"].close()
    del connections["errands"], connections.settings["errands"]
