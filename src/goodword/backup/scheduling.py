"""A backup each day, by a process of its own, and what is known of the last one."""

import logging
import subprocess
import sys
import threading
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from goodword.backup import folder

log = logging.getLogger("goodword.backup")

EVERY = timedelta(hours=24)
LATE = timedelta(hours=36)
AGAIN_AFTER = timedelta(hours=1)  # where one failed
TROUBLE = "last-trouble.txt"
_COMMAND = "from goodword.config.cli import main; main()"


@dataclass(frozen=True)
class Standing:
    """The newest whole backup, and why the last try made none; of the machine's own clock."""

    at: datetime | None
    size: int
    count: int
    trouble: str

    @property
    def is_late(self) -> bool:
        return self.at is None or datetime.now(UTC) - self.at > LATE


def standing(where: Path) -> Standing:
    whole = folder.all_in(where)
    newest = whole[0] if whole else None
    trouble = where / TROUBLE
    said = trouble.read_text(errors="replace").strip() if trouble.is_file() else ""
    if newest is None:
        return Standing(None, 0, 0, said)
    return Standing(newest.at, newest.size, len(whole), said)


class Daily:
    """One loop's turn: makes a backup where the newest is a day old. The desk goes on meanwhile."""

    def __init__(self, where: Path, stop: threading.Event) -> None:
        self._where, self._stop = where, stop

    def turn(self) -> None:
        if self._is_due():
            self._make()

    def _is_due(self) -> bool:
        stands = standing(self._where)
        at = datetime.now(UTC)
        if stands.at is not None and at - stands.at < EVERY:
            return False
        file = self._where / TROUBLE
        tried = datetime.fromtimestamp(file.stat().st_mtime, UTC) if file.is_file() else None
        return tried is None or at - tried > AGAIN_AFTER

    def _make(self) -> None:
        self._where.mkdir(parents=True, exist_ok=True)
        process = subprocess.Popen(  # noqa: S603 - this very program
            [sys.executable, "-c", _COMMAND, "backup", str(self._where)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        while process.poll() is None:
            if self._stop.wait(0.5):
                process.terminate()
                process.wait()
                return
        said = process.stderr.read() if process.stderr else ""
        if process.returncode:
            log.error("No backup could be made: %s", said.strip()[-500:])
            (self._where / TROUBLE).write_text(said.strip()[-2000:])
        else:
            (self._where / TROUBLE).unlink(missing_ok=True)
