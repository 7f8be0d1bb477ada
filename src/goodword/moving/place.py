"""A database that is not the configured one: named, opened under an alias, and made ready."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import OperationalError, connections

from goodword.moving.tables import NoMove

OTHER = "other"
_BEGIN = "from goodword.config.beginning import begin; begin(make=True); "
_MIGRATE = _BEGIN + "from goodword.config.migrating import migrate; migrate(is_moving=True)"
_PREPARE = _BEGIN + "from goodword.finding.keeping import after_migrating; after_migrating()"


@dataclass(frozen=True)
class Place:
    """Where a desk is kept: the URL of PostgreSQL, or none for SQLite, and the data folder."""

    url: str
    data: Path
    settings: dict[str, Any]  # as Django's DATABASES has it

    def open(self) -> None:
        """Under the alias OTHER. NoMove where it does not let us in, or cannot hold all letters."""
        said = {"default": {}, OTHER: self.settings}
        connections.settings[OTHER] = connections.configure_settings(said)[OTHER]
        try:
            connections[OTHER].ensure_connection()
        except OperationalError as error:
            told = " ".join(str(error).split())
            raise NoMove(f"The other database does not let us in: {told}") from error
        if connections[OTHER].vendor == "postgresql":
            with connections[OTHER].cursor() as cursor:
                cursor.execute("SHOW server_encoding")
                if (encoding := cursor.fetchone()[0]) != "UTF8":
                    raise NoMove(
                        f"The other database keeps letters as {encoding}, which cannot hold all "
                        "mail. Make it anew: createdb --encoding=UTF8 --template=template0 NAME"
                    )

    def migrate(self) -> None:
        self._run(_MIGRATE)

    def prepare_search(self) -> None:
        """Triggers where they are missing; all is read anew then, by the worker."""
        self._run(_PREPARE)

    def _run(self, code: str) -> None:
        """In a process for which it is the configured database, as it will be for the desk."""
        done = subprocess.run(  # noqa: S603 - this very program
            [sys.executable, "-c", code],
            env={
                **os.environ,
                "DJANGO_SETTINGS_MODULE": "goodword.config.settings",
                "GOODWORD_DATA": str(self.data),
                "GOODWORD_DATABASE_URL": self.url,
                # Without one it would make a key of its own.
                "GOODWORD_SECRET_KEY": "only while it is moved",
            },
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )
        if done.returncode:
            raise NoMove(f"The other database could not be prepared: {done.stderr.strip()[-800:]}")


def named(said: dict[str, Any]) -> str:
    """Which database these settings mean, without the password."""
    if str(said["ENGINE"]).endswith("sqlite3"):
        return f"sqlite {said['NAME']}"
    return f"postgresql {said['USER']}@{said['HOST']}:{said['PORT'] or 5432}/{said['NAME']}"


def others_at_work(alias: str) -> int:
    """How many other connections a PostgreSQL database has."""
    if connections[alias].vendor != "postgresql":
        return 0
    with connections[alias].cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
            " AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
        )
        return int(cursor.fetchone()[0])
