"""Django's SQLite, with a queue before its one lock.

Whoever finds SQLite locked tries again after a pause, and whoever comes at the right moment goes
first. While mail poured in, a reply tried for three seconds and was refused. Here writers wait in a
line, those of other processes too; SQLite's own way is left for what is written outside of it.
"""

from time import monotonic
from typing import Any

from django.db.backends.sqlite3 import base
from django.db.utils import OperationalError

from goodword.core.places import stand_aside
from goodword.core.sqlite3.turns import Line, line_of

# Seconds left to wait for SQLite itself, at least, by whoever waited long for their turn.
AT_LEAST = 0.2


class DatabaseWrapper(base.DatabaseWrapper):
    """A transaction is a turn; Django's `transaction_mode` is IMMEDIATE, so each of them writes."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._turn: Line | None = None
        self._savepoints: list[str] = []

    def _start_transaction_under_autocommit(self) -> None:
        self._savepoints.clear()
        if self.is_in_memory_db():
            super()._start_transaction_under_autocommit()  # type: ignore[misc]
            return
        line = line_of(str(self.settings_dict["NAME"]))
        waited = 0.0 if line.take(0) else self._wait_for(line)
        self._turn = line
        try:
            if waited:
                self._begin_within(waited)
            else:
                super()._start_transaction_under_autocommit()  # type: ignore[misc]
        except BaseException:
            self._give_turn()
            raise

    def _wait_for(self, line: Line) -> float:
        """Seconds until it was our turn. OperationalError where nobody would wait any longer."""
        begun = monotonic()
        stand_aside()
        if not line.take(self._patience() / 1000):
            raise OperationalError("database is locked")
        return monotonic() - begun

    def _begin_within(self, waited: float) -> None:
        """Begin in what is left of our patience: we waited once, and not once for each lock."""
        patience = self._patience()
        left = max(patience - waited * 1000, AT_LEAST * 1000)
        self._be_patient(int(left))
        try:
            super()._start_transaction_under_autocommit()  # type: ignore[misc]
        finally:
            self._be_patient(patience)

    def _patience(self) -> int:
        """Milliseconds that this connection waits for SQLite's lock."""
        return int(self.connection.execute("PRAGMA busy_timeout").fetchone()[0])

    def _be_patient(self, milliseconds: int) -> None:
        self.connection.execute(f"PRAGMA busy_timeout={milliseconds}")

    # A savepoint by how deep it stands: SQLite's driver keeps what was parsed by its text, and a
    # new name for each pushed everything else out.

    def _savepoint(self, sid: str) -> None:
        self._savepoints.append(sid)
        super()._savepoint(f"s{len(self._savepoints)}")  # type: ignore[misc]

    def _savepoint_rollback(self, sid: str) -> None:
        depth = self._savepoints.index(sid) + 1
        del self._savepoints[depth:]
        super()._savepoint_rollback(f"s{depth}")  # type: ignore[misc]

    def _savepoint_commit(self, sid: str) -> None:
        depth = self._savepoints.index(sid) + 1
        del self._savepoints[depth - 1 :]
        super()._savepoint_commit(f"s{depth}")  # type: ignore[misc]

    def _commit(self) -> None:
        super()._commit()  # type: ignore[misc]
        self._give_turn()

    def _rollback(self) -> None:
        try:
            super()._rollback()  # type: ignore[misc]
        finally:
            self._give_turn()

    def _close(self) -> None:
        try:
            super()._close()  # type: ignore[misc]
        finally:
            self._give_turn()

    def _give_turn(self) -> None:
        turn, self._turn = self._turn, None
        if turn is not None:
            turn.give()
