"""Mail in files: eml files, mbox files, maildirs, and folders of them. Read, never changed."""

import mailbox
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

# What mail programs keep beside the mail.
BESIDE = (".lock", "dovecot", "subscriptions", ".msf", ".index", ".cache", ".log")


@dataclass(frozen=True)
class Found:
    """One mail in a file; `key` is its place in an mbox."""

    path: Path
    key: str | None = None
    number: int = 0

    @property
    def name(self) -> str:
        return str(self.path) if self.key is None else f"{self.path} (mail {self.number})"


class MailFiles:
    """Every mail below some paths. `troubles` names what could not be opened, in a sentence."""

    def __init__(self) -> None:
        self.troubles: list[str] = []
        self._boxes: dict[Path, mailbox.mbox] = {}

    def below(self, paths: Iterable[Path]) -> list[Found]:
        return [found for path in paths for found in self._found(path)]

    def raw(self, found: Found) -> bytes:
        """The bytes of one mail; OSError where the file cannot be read."""
        if found.key is None:
            return found.path.read_bytes()
        return self._boxes[found.path].get_bytes(found.key)

    def _found(self, path: Path) -> Iterator[Found]:
        try:
            if path.is_dir():
                yield from self._in_folder(path)
            elif is_mbox(path):
                self._boxes[path] = mailbox.mbox(path, create=False)
                keys = enumerate(self._boxes[path].iterkeys(), 1)
                yield from (Found(path, key, number) for number, key in keys)
            else:
                yield Found(path)
        except OSError as error:
            self.troubles.append(f"{path}: {error.strerror or error}")

    def _in_folder(self, path: Path) -> Iterator[Found]:
        """Files below it; of a maildir the mails alone, never what a program left in tmp."""
        is_maildir = all((path / part).is_dir() for part in ("cur", "new"))
        for each in sorted(path.iterdir()):
            if is_maildir and (each.is_file() or each.name == "tmp"):
                continue
            if each.name.startswith(".") and not each.is_dir():
                continue
            if each.is_dir() or not each.name.endswith(BESIDE):
                yield from self._found(each)


def is_mbox(path: Path) -> bool:
    """Whether a file is in mbox format (RFC 4155). A file named .eml is one mail, always."""
    if path.suffix.lower() == ".eml":
        return False
    with path.open("rb") as file:
        return file.read(5) == b"From "
