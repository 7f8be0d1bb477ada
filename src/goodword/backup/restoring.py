"""Putting a backup back, where nothing is that it could overwrite."""

import shutil
from pathlib import Path

from goodword.backup import databases, folder
from goodword.backup.folder import Backup, NoBackup
from goodword.core import files
from goodword.core.room import StoreGone

TARGET = "goodword.sqlite3"


def restore(path: Path, data: Path) -> Backup:
    """Put the backup of this folder back into `data` and, for PostgreSQL, the configured database.

    NoBackup, and nothing written, where it is damaged or anything stands there already.
    """
    from django.db import connection

    backup = folder.read(path)
    wrong = next(backup.damage(), None)
    if wrong is not None:
        raise NoBackup(f"{path}: {wrong} is gone or was changed, so it is not restored.")
    if backup.is_postgresql != (connection.vendor == "postgresql"):
        wanted = "PostgreSQL" if backup.is_postgresql else "SQLite"
        raise NoBackup(
            f"This backup is of a desk on {wanted}, which GOODWORD_DATABASE_URL does not say. "
            "Restore it there; goodword migrate-to moves a desk to the other database."
        )
    if data.exists() and any(each.name != "migrating.lock" for each in data.iterdir()):
        raise NoBackup(f"{data} is not empty. Move it aside, or name another folder by --data.")
    if backup.is_postgresql:
        databases.restore_dump(backup.database)
    put_back(backup, data, into_store=not files.are_here())
    return backup


def put_back(backup: Backup, data: Path, *, into_store: bool = False) -> None:
    """The files, the secrets and an SQLite database, into a folder that is empty.

    `into_store` puts the files where the settings want them, and not into the folder.
    """
    data.mkdir(parents=True, exist_ok=True)
    try:
        for name in backup.said["content"]:
            if name == backup.said["database"]:
                if not backup.is_postgresql:
                    folder.copy(backup.database, data / TARGET)
            elif into_store and name.startswith(f"{folder.FILES}/"):
                files.keep((backup.path / name).read_bytes())
            else:
                folder.copy(backup.path / name, data / name)
    except (OSError, StoreGone) as error:
        shutil.rmtree(data, ignore_errors=True)
        raise NoBackup(f"It could not be written into {data}: {error}.") from error
