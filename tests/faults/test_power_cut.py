"""The power goes: what a disk holds at that moment has every mail that was acknowledged before.

The desk lives on a file system in an image. A copy of the image has what was written through to
the disk and nothing that only the kernel had. `--cuts N` cuts (3 in `make test`, 20 in
`make faults`).
"""

import os
import re
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pysqlite3
import pytest

from tests.browser.server import DeskServer
from tests.faults.desk import Hurt, hurt

pytestmark = pytest.mark.peers
NO_IMAGE = "An image can be mounted by root alone, and not everywhere, so no power was cut"
# The kernel itself writes nothing through for a minute: only what was synced is on the disk.
MOUNT = "loop,commit=60"


@pytest.fixture
def image(tmp_path: Path) -> Path:
    found = tmp_path / "disk.img"
    with found.open("wb") as file:
        file.truncate(96 << 20)
    if os.geteuid() or not shutil.which("mkfs.ext4"):
        pytest.skip(NO_IMAGE)
    subprocess.run(["mkfs.ext4", "-q", "-F", str(found)], check=True)
    return found


@contextmanager
def mounted(image: Path, place: Path) -> Iterator[Path]:
    place.mkdir()
    command = ["mount", "-o", MOUNT, str(image), str(place)]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip(NO_IMAGE)
    try:
        yield place
    finally:
        subprocess.run(["umount", str(place)], check=True)


def test_every_mail_that_was_acknowledged_is_on_the_disk(
    image: Path, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    cuts = request.config.getoption("--cuts")
    with mounted(image, tmp_path / "disk") as place, hurt(place) as desk:
        desk.set_up()
        desk.start()
        with _mail_comes(desk):
            for number in range(cuts):
                time.sleep(0.7)
                taken, copy = _cut(desk, image, tmp_path / f"cut-{number}.img")
                _is_whole(copy, tmp_path / f"after-{number}", taken)
                copy.unlink()
        # The desk ends before its disk is taken away.
        desk.server.stop()


@contextmanager
def _mail_comes(desk: Hurt) -> Iterator[None]:
    over = threading.Event()

    def write(line: int) -> None:
        number = 0
        while not over.is_set():
            number += 1
            desk.mail(f"Cut {line} {number}")

    writers = [threading.Thread(target=write, args=(line,)) for line in range(3)]
    for writer in writers:
        writer.start()
    try:
        yield
    finally:
        over.set()
        for writer in writers:
            writer.join()


def _cut(desk: Hurt, image: Path, copy: Path) -> tuple[set[str], Path]:
    """What was acknowledged until now, and the disk as it is in this moment."""
    process = desk.server.process
    assert process is not None
    os.killpg(process.pid, signal.SIGSTOP)
    try:
        taken = set(desk.ledger.noted("taken"))
        shutil.copyfile(image, copy)
    finally:
        os.killpg(process.pid, signal.SIGCONT)
    return taken, copy


def _is_whole(copy: Path, place: Path, taken: set[str]) -> None:
    assert taken, "nothing had been acknowledged yet"
    with ExitStack() as stack:
        stack.enter_context(mounted(copy, place))
        database = pysqlite3.connect(place / "data/goodword.sqlite3")
        stack.callback(database.close)
        raw = b"\n".join(bytes(row[0]) for row in database.execute(
            "SELECT content FROM mail_rawmail"
        ))  # fmt: skip
        kept = {name.decode() for name in re.findall(rb"^Subject: (Cut .+?)\r?$", raw, re.M)}
        assert not taken - kept, "a mail that was acknowledged is not on the disk"
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        database.close()
        DeskServer(place).run("verify")
