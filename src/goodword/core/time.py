"""What time it is. Nothing else in Goodword asks the machine.

The demo lives on a clock of its own, kept in the data folder: it starts at an instant,
runs while the desk is served, and stands still while it is not.
"""

import json
import time as machine
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.conf import settings


class DeskClock:
    """The instant that `now()` tells, as a shift of the machine's clock or as a fixed instant."""

    def __init__(self) -> None:
        self._shift = timedelta(0)
        self._fixed: datetime | None = None
        self.is_demo = False

    def now(self) -> datetime:
        """The present instant, aware, in UTC."""
        if self._fixed is not None:
            return self._fixed
        return datetime.fromtimestamp(machine.time(), UTC) + self._shift

    @property
    def is_fixed(self) -> bool:
        return self._fixed is not None

    def start_at(self, instant: datetime) -> None:
        self._fixed = None
        self._shift = instant.astimezone(UTC) - datetime.fromtimestamp(machine.time(), UTC)
        self.is_demo = True

    def fix(self, instant: datetime) -> None:
        self._fixed = instant.astimezone(UTC)
        self.is_demo = True

    def follow_the_machine(self) -> None:
        self._fixed = None
        self._shift = timedelta(0)
        self.is_demo = False


clock = DeskClock()


def now() -> datetime:
    """The present instant, aware, in UTC; the demo's own where a demo runs."""
    return clock.now()


def _file() -> Path:
    return Path(settings.DATA) / "demo_clock.json"


def keep_demo_clock() -> None:
    """Note where the demo's clock stands, so that a restart goes on from there."""
    new = _file().with_suffix(".new")
    new.write_text(json.dumps({"now": now().isoformat(), "fixed": clock.is_fixed}))
    new.replace(_file())


def resume_demo_clock() -> bool:
    """Go on from where the demo's clock stood; False where there is no demo here."""
    if not _file().exists():
        return False
    kept = json.loads(_file().read_text())
    instant = datetime.fromisoformat(kept["now"])
    if kept["fixed"]:
        clock.fix(instant)
    else:
        clock.start_at(instant)
    return True
