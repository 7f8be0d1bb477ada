"""What was acknowledged, noted outside of the desk: a file that the test itself writes."""

import os
import threading
from collections import Counter
from itertools import accumulate
from pathlib import Path


class Ledger:
    """Lines of a kind and a name, each on the disk before `note` returns; for any thread."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("a+")
        self._lock = threading.Lock()

    def note(self, kind: str, name: str) -> None:
        with self._lock:
            self._file.write(f"{kind} {name}\n")
            self._file.flush()
            os.fsync(self._file.fileno())

    def noted(self, kind: str) -> Counter[str]:
        """Each name of that kind, and how often it was noted."""
        with self._lock:
            self._file.seek(0)
            lines = [line.rstrip("\n").split(" ", 1) for line in self._file]
        return Counter(name for of, name in lines if of == kind)

    def in_one_life(self, kind: str) -> Counter[tuple[int, str]]:
        """How often each name of that kind was noted between two starts (“life”)."""
        with self._lock:
            self._file.seek(0)
            lines = [line.rstrip("\n").split(" ", 1) for line in self._file]
        lives = accumulate(of == "life" for of, _name in lines)
        pairs = zip(lives, lines, strict=True)
        return Counter((life, name) for life, (of, name) in pairs if of == kind)

    def close(self) -> None:
        self._file.close()
