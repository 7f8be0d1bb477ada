"""Files kept by the hash of their content: the same content is kept once, and damage shows."""

import hashlib
import os
import tempfile
from pathlib import Path

from django.conf import settings


def keep(content: bytes) -> str:
    """Store content durably (fsynced before this returns); its SHA-256 in hex is its name."""
    name = hashlib.sha256(content).hexdigest()
    path = path_of(name)
    if path.exists():
        return name
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
    return name


def read(name: str) -> bytes:
    """The content kept under this name. FileNotFoundError when it is gone."""
    return path_of(name).read_bytes()


def drop(name: str) -> None:
    """The content under this name goes for good. Nothing that is gone already is missed."""
    path_of(name).unlink(missing_ok=True)


def path_of(name: str) -> Path:
    return Path(settings.DATA) / "files" / name[:2] / name[2:4] / name


def is_whole(name: str) -> bool:
    """Whether the content kept under this name is there and still has its hash."""
    try:
        with path_of(name).open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == name
    except OSError:
        return False


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
