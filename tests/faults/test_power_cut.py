"""The power goes: what a disk holds at that moment has every mail that was acknowledged before.

The desk lives on a file system in an image. A copy of the image has what was written through to
the disk and nothing that only the kernel had. `--cuts N` cuts (3 in `make test`, 20 in
`make faults`; there a third as many of PostgreSQL, whose cluster lives in the image too).
A disk that says that it has written what it has not is nothing that we could see.
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

import psycopg
import pysqlite3
import pytest

from tests.browser.server import DeskServer
from tests.faults.desk import Hurt, family, hurt
from tests.peers import postgres, processes, programs

pytestmark = pytest.mark.peers
NO_IMAGE = "An image can be mounted by root alone, and not everywhere, so no power was cut"
# The kernel itself writes nothing through for a minute: only what was synced is on the disk.
MOUNT = "loop,commit=60"
KEPT = "SELECT content FROM mail_rawmail"


@pytest.fixture
def image(tmp_path: Path) -> Path:
    return made(tmp_path / "disk.img", 96)


def made(image: Path, megabytes: int) -> Path:
    with image.open("wb") as file:
        file.truncate(megabytes << 20)
    if os.geteuid() or not shutil.which("mkfs.ext4"):
        pytest.skip(NO_IMAGE)
    subprocess.run(["mkfs.ext4", "-q", "-F", str(image)], check=True)
    return image


@contextmanager
def mounted(image: Path, place: Path) -> Iterator[Path]:
    place.mkdir()
    command = ["mount", "-o", MOUNT, str(image), str(place)]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip(NO_IMAGE)
    # PostgreSQL is another user.
    place.chmod(0o755)
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
                taken, copy = _cut(family(desk.pid()), desk, image, tmp_path / f"cut-{number}.img")
                _is_whole(copy, tmp_path / f"after-{number}", taken)
                copy.unlink()
        # The desk ends before its disk is taken away.
        desk.server.stop()


@pytest.mark.long
def test_and_so_it_is_where_postgresql_holds_it(request: pytest.FixtureRequest) -> None:
    if not programs.POSTGRESQL.is_here():
        pytest.skip(programs.POSTGRESQL.absence())
    cuts = -(-request.config.getoption("--cuts") // 3)
    # Where PostgreSQL's user may look.
    with processes.folder_for(None) as outside, ExitStack() as stack:
        image = made(outside / "disk.img", 384)
        place = stack.enter_context(mounted(image, outside / "disk"))
        cluster = place / "postgresql"
        cluster.mkdir()
        shutil.chown(cluster, postgres.owner())  # type: ignore[arg-type]
        postgres.create(cluster)
        os.sync()
        url = stack.enter_context(postgres.served(cluster, ()))
        postgres.create_database(url)
        desk = stack.enter_context(hurt(place))
        desk.server.more["GOODWORD_DATABASE_URL"] = url
        desk.set_up()
        desk.start()
        with _mail_comes(desk):
            for number in range(cuts):
                time.sleep(0.7)
                both = [*family(desk.pid()), *family(_postmaster(cluster))]
                taken, copy = _cut(both, desk, image, outside / f"cut-{number}.img")
                _is_whole_on_postgresql(copy, outside / f"after-{number}", taken)
                copy.unlink()
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


def _postmaster(cluster: Path) -> int:
    return int((cluster / "data/postmaster.pid").read_text().split()[0])


def _cut(stopped: list[int], desk: Hurt, image: Path, copy: Path) -> tuple[set[str], Path]:
    """What was acknowledged until now, and the disk as it is in this moment."""
    for each in stopped:
        os.kill(each, signal.SIGSTOP)
    try:
        taken = set(desk.ledger.noted("taken"))
        shutil.copyfile(image, copy)
    finally:
        for each in reversed(stopped):
            os.kill(each, signal.SIGCONT)
    return taken, copy


def _is_whole(copy: Path, place: Path, taken: set[str]) -> None:
    with ExitStack() as stack:
        stack.enter_context(mounted(copy, place))
        database = pysqlite3.connect(place / "data/goodword.sqlite3")
        stack.callback(database.close)
        _holds(database.execute(KEPT).fetchall(), taken)
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        database.close()
        DeskServer(place).run("verify")


def _is_whole_on_postgresql(copy: Path, place: Path, taken: set[str]) -> None:
    with ExitStack() as stack:
        stack.enter_context(mounted(copy, place))
        # It names a process that is still alive here; after a power cut it names none.
        (place / "postgresql/data/postmaster.pid").unlink()
        url = stack.enter_context(postgres.served(place / "postgresql"))
        with psycopg.connect(url) as database:
            _holds(database.execute(KEPT).fetchall(), taken)
        DeskServer(place, more={"GOODWORD_DATABASE_URL": url}).run("verify")


def _holds(rows: list[tuple[bytes]], taken: set[str]) -> None:
    assert taken, "nothing had been acknowledged yet"
    raw = b"\n".join(bytes(content) for (content,) in rows)
    kept = {name.decode() for name in re.findall(rb"^Subject: (Cut .+?)\r?$", raw, re.M)}
    assert not taken - kept, "a mail that was acknowledged is not on the disk"
