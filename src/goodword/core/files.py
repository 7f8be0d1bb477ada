"""Files kept by the hash of their content: the same content is kept once, and damage shows.

In a folder of the data, or in a store that GOODWORD_FILES names; where each lies is the same in
both, `ab/cd/abcd…`, so that one is copied into the other by any tool.
"""

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Protocol

from django.conf import settings

from goodword.core.store import Store


class Place(Protocol):
    """Where content is kept. FileNotFoundError for what is gone."""

    def keep(self, name: str, content: bytes) -> None: ...
    def read(self, name: str) -> bytes: ...
    def open(self, name: str) -> IO[bytes]: ...
    def has(self, name: str) -> bool: ...
    def drop(self, name: str) -> None: ...
    def every(self) -> Iterator[tuple[str, int]]: ...


def keep(content: bytes) -> str:
    """Store content durably, before this returns; its SHA-256 in hex is its name."""
    name = hashlib.sha256(content).hexdigest()
    _place().keep(name, content)
    return name


def read(name: str) -> bytes:
    """The content kept under this name. FileNotFoundError when it is gone."""
    return _place().read(name)


def opened(name: str) -> IO[bytes]:
    """The same, to be read piece by piece."""
    return _place().open(name)


def is_there(name: str) -> bool:
    return _place().has(name)


def drop(name: str) -> None:
    """The content under this name goes for good. Nothing that is gone already is missed."""
    _place().drop(name)


def is_whole(name: str) -> bool:
    """Whether the content kept under this name is there and still has its hash."""
    try:
        with _place().open(name) as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == name  # type: ignore[arg-type]
    except OSError:
        return False


def every() -> Iterator[tuple[str, int]]:
    """The name and the size of everything that is kept."""
    return _place().every()


def copy_to(name: str, target: Path) -> None:
    """The content as a file of its own."""
    with _place().open(name) as file, target.open("wb") as out:
        shutil.copyfileobj(file, out)


def are_here() -> bool:
    """Whether files are in the data folder, and not in a store elsewhere."""
    return not settings.FILES


def path_of(name: str) -> Path:
    """Where it is in the data folder."""
    return Path(settings.DATA) / "files" / within(name)


def within(name: str) -> str:
    return f"{name[:2]}/{name[2:4]}/{name}"


def _place() -> Place:
    return Folder() if are_here() else Store(within)


class Folder:
    """On our own disk: what is not synced is not kept."""

    def keep(self, name: str, content: bytes) -> None:
        path = path_of(name)
        if path.exists():
            return
        _make(path.parent)
        handle, half = tempfile.mkstemp(dir=path.parent, prefix=".half-")
        try:
            with os.fdopen(handle, "wb") as out:
                out.write(content)
                out.flush()
                os.fsync(out.fileno())
            os.replace(half, path)
        except BaseException:
            Path(half).unlink(missing_ok=True)
            raise
        _fsync_folder(path.parent)

    def read(self, name: str) -> bytes:
        return path_of(name).read_bytes()

    def open(self, name: str) -> IO[bytes]:
        return path_of(name).open("rb")

    def has(self, name: str) -> bool:
        return path_of(name).exists()

    def drop(self, name: str) -> None:
        path_of(name).unlink(missing_ok=True)

    def every(self) -> Iterator[tuple[str, int]]:
        for path in sorted((Path(settings.DATA) / "files").rglob("*")):
            if path.is_file() and not path.name.startswith("."):
                yield path.name, path.stat().st_size


def _make(folder: Path) -> None:
    """A new folder is durable only when the one that it stands in says so."""
    if not folder.exists():
        _make(folder.parent)
        folder.mkdir(exist_ok=True)
        _fsync_folder(folder.parent)


def _fsync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
