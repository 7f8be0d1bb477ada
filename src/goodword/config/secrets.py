"""Secrets: in the environment, or in one file that only its owner can read."""

import json
import os
import secrets
from pathlib import Path
from typing import Any


def read_secrets(data: Path) -> dict[str, Any]:
    """The secrets kept in the data folder; an empty dict where there are none."""
    file = data / "secrets.json"
    if not file.exists():
        return {}
    content: dict[str, Any] = json.loads(file.read_text())
    return content


def write_secrets(data: Path, content: dict[str, Any]) -> None:
    """Replace the file at once, so that a crash leaves the old one or the new one whole."""
    data.mkdir(parents=True, exist_ok=True)
    new = data / "secrets.json.new"
    handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w") as out:
        json.dump(content, out, indent=1)
        out.flush()
        os.fsync(out.fileno())
    new.replace(data / "secrets.json")


def secret_key(data: Path) -> str:
    """The key of this installation, made once."""
    kept = read_secrets(data)
    if "secret_key" not in kept:
        kept["secret_key"] = secrets.token_urlsafe(48)
        write_secrets(data, kept)
    return str(kept["secret_key"])
