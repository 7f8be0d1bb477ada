"""Files kept by the hash of their content: the same content is kept once, and damage shows."""

import hashlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings


def keep(content: bytes) -> str:
    """Store content durably (fsynced before this returns); its SHA-256 in hex is its name."""
    name = hashlib.sha256(content).hexdigest()
    path = path_of(name)
    if path.exists():
        return name
    path.parent.mkdir(parents=True, exist_ok=True)
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


def path_of(name: str) -> Path:
    return Path(settings.DATA) / "files" / name[:2] / name[2:4] / name


def damaged(names: Iterator[str]) -> Iterator[str]:
    """The names whose content is gone or no longer has their hash."""
    for name in names:
        path = path_of(name)
        if not path.exists() or hashlib.sha256(path.read_bytes()).hexdigest() != name:
            yield name


def _fsync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
