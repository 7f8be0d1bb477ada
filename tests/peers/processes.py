"""Start a foreign server, wait until it answers, and end it by its own pid."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path


class NotStarted(Exception):
    """A server ended or stayed silent; the text says what it wrote."""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def first_user(*names: str) -> str | None:
    """Return the first of `names` that exists here, or None when we are not root."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return next((name for name in names if name in known), None)


@contextmanager
def folder_for(user: str | None) -> Iterator[Path]:
    """Yield a new folder that `user` (or we, when None) may fill."""
    # PostgreSQL's socket path may have 107 bytes at most, so a deep folder would not do.
    folder = Path(tempfile.mkdtemp(prefix="gw-", dir="/tmp"))
    try:
        folder.chmod(0o755)
        if user:
            shutil.chown(folder, user)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def running(
    command: Sequence[object],
    *,
    ports: Sequence[int],
    log: Path,
    user: str | None = None,
    env: Mapping[str, str] | None = None,
    end: signal.Signals = signal.SIGTERM,
) -> Iterator[subprocess.Popen[bytes]]:
    """Run `command` until the block ends; enter it once every port answers."""
    with log.open("ab") as out:
        process = subprocess.Popen(
            [str(part) for part in command],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            cwd=log.parent,
            env=env,
            user=user,
            group=pwd.getpwnam(user).pw_gid if user else None,
            extra_groups=[] if user else None,
            start_new_session=True,
        )
    try:
        for port in ports:
            wait_for_port(port, process, log)
        yield process
    finally:
        stop(process, end)


def wait_for_port(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        with socket.socket() as probe:
            probe.settimeout(1)
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise NotStarted(f"{process.args!r} did not answer on {port}:\n{log.read_text()[-3000:]}")


def stop(process: subprocess.Popen[bytes], end: signal.Signals = signal.SIGTERM) -> None:
    if process.poll() is None:
        process.send_signal(end)
    try:
        process.wait(timeout=15)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
