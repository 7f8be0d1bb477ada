"""Where the mail comes from: files and folders, or an IMAP server that is only read."""

import ssl
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from urllib.parse import unquote, urlsplit

from imapclient import IMAPClient
from imapclient.exceptions import IMAPClientError

from goodword.channels.mail.folders import MailFiles

BATCH = 50
TIMEOUT = 30.0
LOOPBACK = ("127.0.0.1", "::1", "localhost")

Raw = tuple[str, bytes]


class Unreachable(Exception):
    """A sentence for a person: why the mail cannot be read."""


class Files:
    """Mail in files and folders; `troubles` names what could not be opened."""

    def __init__(self, paths: Sequence[Path]) -> None:
        for path in paths:
            if not path.exists():
                raise Unreachable(f"{path} is not there.")
        self._files = MailFiles()
        self._found = self._files.below(paths)
        self.troubles = self._files.troubles

    def count(self) -> int:
        return len(self._found)

    def mails(self) -> Iterator[Raw]:
        for found in self._found:
            try:
                yield found.name, self._files.raw(found)
            except OSError as error:
                self.troubles.append(f"{found.name}: {error.strerror or error}")


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
