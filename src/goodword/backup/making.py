"""Making a backup while the desk works, and proving it before it is called one."""

import fcntl
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings

import goodword
from goodword.backup import databases, folder
from goodword.backup.folder import Backup, NoBackup
from goodword.backup.restoring import put_back
from goodword.core import files
from goodword.core.room import StoreGone

Say = Callable[[str], object]
_VERIFY = "from goodword.config.cli import main; main()"


def make(where: Path, *, say: Say = lambda _step: None, keep: int = 0) -> Backup:
    """A backup of this desk in a folder of its own below `where`; whole, restored and verified.

    `keep` is how many whole ones stay, the newest; 0 for all. NoBackup, and nothing that looks
    like one, where any step fails. Another backup into the same folder waits for this one.
    """
    where.mkdir(parents=True, exist_ok=True)
    with _alone_in(where):
        _sweep(where)
        at = datetime.now(UTC)
        name = f"{folder.PREFIX}{at:%Y%m%dT%H%M%S}Z"
        half = where / f"{folder.HALF}{name}"
        half.mkdir(mode=0o700)
        try:
            backup = _fill(half, where, at, say)
            say("Restoring it into a scratch place")
            prove(backup)
        except (OSError, StoreGone) as error:
            shutil.rmtree(half, ignore_errors=True)
            raise NoBackup(f"The backup could not be written: {error}.") from error
        except BaseException:
            shutil.rmtree(half, ignore_errors=True)
            raise
        half.rename(where / name)
        folder.sync(where)
        if keep:
            for old in folder.all_in(where)[keep:]:
                shutil.rmtree(old.path)
        return folder.read(where / name)


def prove(backup: Backup) -> None:
    """Restore it into a scratch place and run `goodword verify` there. NoBackup where it fails."""
    with tempfile.TemporaryDirectory(dir=backup.path.parent, prefix=".scratch-") as place:
        data = Path(place) / "data"
        with ExitStack() as stack:
            url = ""
            put_back(backup, data)
            if backup.is_postgresql:
                url = stack.enter_context(databases.scratch(backup.database))
            done = subprocess.run(  # noqa: S603 - this very program
                [sys.executable, "-c", _VERIFY, "verify"],
                env={
                    **os.environ,
                    "GOODWORD_DATA": str(data),
                    "GOODWORD_DATABASE_URL": url,
                    "GOODWORD_FILES": "",
                },
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
            )
    if done.returncode:
        said = (done.stdout + done.stderr).strip()[-1000:]
        raise NoBackup(f"What was copied is not whole, so it was thrown away:\n{said}")


def _fill(half: Path, where: Path, at: datetime, say: Say) -> Backup:
    data = Path(settings.DATA)
    say("Copying the database")
    database = databases.copy_into(half)
    # After it: a file is always there before the row that names it.
    say("Copying files")
    before = folder.all_in(where)[:1]
    for name, size in files.every():
        _copy(name, size, half, before)
    if (data / folder.SECRETS).exists():
        folder.copy(data / folder.SECRETS, half / folder.SECRETS)
    return folder.write_manifest(half, database=database, version=goodword.__version__, at=at)


def _copy(name: str, size: int, half: Path, before: list[Backup]) -> None:
    """A file never changes, so one that the last backup has is linked and not written again."""
    target = half / folder.FILES / files.within(name)
    target.parent.mkdir(parents=True, exist_ok=True)
    if before:
        there = before[0].path / folder.FILES / files.within(name)
        try:
            if there.stat().st_size == size:
                os.link(there, target)
                return
        except OSError:
            pass
    files.copy_to(name, target)
    folder.seal(target)


@contextmanager
def _alone_in(where: Path) -> Iterator[None]:
    with (where / ".lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _sweep(where: Path) -> None:
    """What a backup left that was killed. Nobody else is at work here: we hold the lock."""
    for pattern in (f"{folder.HALF}*", ".scratch-*"):
        for left in where.glob(pattern):
            shutil.rmtree(left, ignore_errors=True)
