"""Where the mail comes from: files and folders, or an IMAP server that is only read."""

import mailbox
import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from urllib.parse import unquote, urlsplit

from imapclient import IMAPClient
from imapclient.exceptions import IMAPClientError

BATCH = 50
TIMEOUT = 30.0
LOOPBACK = ("127.0.0.1", "::1", "localhost")
# What mail programs keep beside the mail.
IGNORED = (".lock", ".msf", ".index", ".cache", ".log", "subscriptions", ".json", ".csv")

Raw = tuple[str, bytes]


class Unreachable(Exception):
    """A sentence for a person: why the mail cannot be read."""


@dataclass
class Files:
    """Mail in eml files, mbox files, maildirs, and folders of them. Nothing is written."""

    paths: tuple[Path, ...]

    def __post_init__(self) -> None:
        self.troubles: list[str] = []

    def count(self) -> int:
        """How many mails there will be; an mbox is counted by its envelope lines."""
        return sum(_in_mbox(path) if _is_mbox(path) else 1 for path in self._files())

    def mails(self) -> Iterator[Raw]:
        for path in self._files():
            try:
                yield from self._read(path)
            except OSError as error:
                self.troubles.append(f"{path}: {error.strerror or error}")

    def _read(self, path: Path) -> Iterator[Raw]:
        if not _is_mbox(path):
            yield str(path), path.read_bytes()
            return
        box = mailbox.mbox(path, create=False)
        try:
            for number, key in enumerate(box.iterkeys(), 1):
                yield f"{path}:{number}", box.get_bytes(key)
        finally:
            box.close()

    def _files(self) -> Iterator[Path]:
        for path in self.paths:
            if not path.exists():
                raise Unreachable(f"{path} is not there.")
            yield from _below(path) if path.is_dir() else iter((path,))


@dataclass
class Server:
    """One folder of an IMAP server, opened read-only: no mail is marked, moved or deleted."""

    host: str
    port: int
    user: str
    folder: str
    tls: bool
    password: Callable[[], str]
    since: datetime

    def __post_init__(self) -> None:
        self.troubles: list[str] = []
        self._client: IMAPClient | None = None
        self._uids: list[int] = []

    def count(self) -> int:
        self._uids = self._opened().search(["SINCE", self.since.date()])
        return len(self._uids)

    def mails(self) -> Iterator[Raw]:
        client = self._opened()
        try:
            for start in range(0, len(self._uids), BATCH):
                wanted = self._uids[start : start + BATCH]
                # PEEK leaves \\Seen alone even where a server would open the folder for writing.
                for uid, parts in client.fetch(wanted, ["BODY.PEEK[]"]).items():
                    yield f"{self.folder}:{uid}", bytes(parts.get(b"BODY[]") or b"")
        except (IMAPClientError, OSError) as error:
            raise Unreachable(f"{self.host} stopped answering: {error}") from error
        finally:
            self._close()

    def _opened(self) -> IMAPClient:
        if self._client is None:
            self._client = self._connected()
        return self._client

    def _connected(self) -> IMAPClient:
        context = ssl.create_default_context() if self.tls else None
        try:
            client = IMAPClient(
                self.host, self.port, ssl=self.tls, ssl_context=context, timeout=TIMEOUT
            )
            client.login(self.user, self.password())
            client.select_folder(self.folder, readonly=True)
        except IMAPClientError as error:
            raise Unreachable(f"{self.host} says: {_plain(error)}") from error
        except OSError as error:
            raise Unreachable(f"{self.host} cannot be reached: {error}") from error
        return client

    def _close(self) -> None:
        if self._client is not None:
            try:
                self._client.logout()
            except (IMAPClientError, OSError):
                self._client.shutdown()
            self._client = None


def server_at(url: str, password: Callable[[], str], since: datetime) -> Server:
    """The folder that imaps://user@host[:port]/folder names. Unreachable says what is wrong.

    The user's name may hold an @ of its own. Without TLS only a server on this machine is asked.
    """
    parts = urlsplit(url)
    user, _, host = parts.netloc.rpartition("@")
    name, _, port = host.partition(":")
    if not user or not name:
        raise Unreachable("Write the server as imaps://user@host/folder.")
    if parts.scheme == "imap" and name not in LOOPBACK:
        raise Unreachable("Without TLS your password could be read on the way: use imaps://.")
    folder = unquote(parts.path.lstrip("/")) or "INBOX"
    tls = parts.scheme == "imaps"
    number = int(port) if port.isdigit() else (993 if tls else 143)
    return Server(name, number, unquote(user), folder, tls, password, since)


def _plain(error: IMAPClientError) -> str:
    first = error.args[0] if error.args else error
    return first.decode(errors="replace") if isinstance(first, bytes) else str(first)


def _below(folder: Path) -> Iterator[Path]:
    """Files below it; of a maildir the mails alone, never what a program left in tmp."""
    is_maildir = all((folder / part).is_dir() for part in ("cur", "new"))
    for each in sorted(folder.iterdir()):
        if each.is_dir():
            if not (is_maildir and each.name == "tmp"):
                yield from _below(each)
        elif not is_maildir and _may_be_mail(each):
            yield each


def _may_be_mail(path: Path) -> bool:
    beside = path.name.startswith(("dovecot", ".")) or path.name.lower().endswith(IGNORED)
    return path.is_file() and not beside


def _is_mbox(path: Path) -> bool:
    """RFC 4155. A file named .eml is one mail, always."""
    if path.suffix.lower() == ".eml":
        return False
    with path.open("rb") as file:
        return file.read(5) == b"From "


def _in_mbox(path: Path) -> int:
    with path.open("rb") as file:
        return sum(line.startswith(b"From ") for line in file)
