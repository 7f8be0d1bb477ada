"""What a backup is: a folder with the database, the files, the secrets and a manifest.

    goodword-20261122T101500Z/
        manifest.json      what is in it, with the SHA-256 of each; written last
        database.sqlite3   or database.dump, as pg_dump writes it
        files/…            attachments, by the hash of their content
        secrets.json       the installation's keys, readable by its owner alone

One that is being made begins with a dot and has no manifest, so that nothing half ever looks whole.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

MANIFEST, SECRETS, FILES = "manifest.json", "secrets.json", "files"
PREFIX, HALF = "goodword-", ".half-"
FORMAT = 1


@dataclass(frozen=True)
class Backup:
    """A whole one, as its manifest says."""

    path: Path
    said: dict[str, Any]

    @property
    def at(self) -> datetime:
        return datetime.fromisoformat(self.said["at"])

    @property
    def database(self) -> Path:
        return self.path / str(self.said["database"])

    @property
    def is_postgresql(self) -> bool:
        return self.database.suffix == ".dump"

    @property
    def size(self) -> int:
        return sum(int(each["size"]) for each in self.said["content"].values())

    def damage(self) -> Iterator[str]:
        """The names of what is in the manifest, and gone or changed in the folder."""
        for name, about in self.said["content"].items():
            path = self.path / name
            if not path.is_file() or digest_of(path) != about["sha256"]:
                yield name


class NoBackup(Exception):
    """A sentence for a person: why this is none, or none could be made."""


def read(path: Path) -> Backup:
    """The backup in this folder. NoBackup for anything else, a half-written one too."""
    try:
        said = json.loads((path / MANIFEST).read_text())
    except (OSError, ValueError) as error:
        raise NoBackup(f"{path} is no whole backup: it has no manifest.") from error
    if said.get("format") != FORMAT:
        raise NoBackup(f"{path} was made by a newer Goodword. Install that version to restore it.")
    return Backup(path, said)


def all_in(folder: Path) -> list[Backup]:
    """Every whole backup in it, the newest first."""
    found = []
    for path in folder.glob(f"{PREFIX}*") if folder.is_dir() else ():
        try:
            found.append(read(path))
        except NoBackup:
            continue
    return sorted(found, key=lambda backup: backup.at, reverse=True)


def write_manifest(path: Path, *, database: str, version: str, at: datetime) -> Backup:
    """The last thing that is written: with it the folder says that it is whole."""
    content = {}
    for file in sorted(each for each in path.rglob("*") if each.is_file()):
        content[str(file.relative_to(path))] = {
            "size": file.stat().st_size,
            "sha256": digest_of(file),
        }
    said = {"format": FORMAT, "at": at.astimezone(UTC).isoformat(), "goodword": version,
            "database": database, "content": content}  # fmt: skip
    write(path / MANIFEST, json.dumps(said, indent=1).encode())
    return Backup(path, said)


def digest_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write(path: Path, content: bytes) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())


def copy(source: Path, target: Path) -> None:
    """Durably: synced before it returns."""
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)
    seal(target)


def seal(target: Path) -> None:
    """For its owner alone, and synced."""
    target.chmod(0o600)
    sync(target)


def sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
