"""Fetching one IMAP folder by its high-water mark, in a thread of its own.

What is unread plays no part: people read mail in other programs too. A mail is flagged or
moved only after `take` has returned, and fetched again whenever that is not certain; the same
content is dropped where it is placed.
"""

import contextlib
import logging
import select
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, Protocol

from django.utils.translation import gettext as _
from imapclient import IMAPClient, SocketTimeout
from imapclient.exceptions import LoginError

from goodword.channels.mail.obstacles import Obstacle
from goodword.channels.mail.sasl import NoToken, Token, bearer, must_be_closed, still_refused

log = logging.getLogger(__name__)

Start = Literal["now", "all"] | datetime
Trouble = Literal["connection", "certificate", "sign-in", "folder", "taking", "poison", "too-big"]

_BATCH = 50
_PART = 1024 * 1024
_HEADERS = 65_536
# RFC 2177: servers may end an IDLE that is older than 29 minutes.
LONGEST_IDLE = 29 * 60.0


@dataclass(frozen=True)
class ImapAccount:
    host: str
    port: int
    user: str
    password: str = field(repr=False)
    security: Literal["tls", "starttls", "none"] = "tls"
    folder: str = "INBOX"
    verify: bool = True
    ca_file: str | None = None
    timeout: float = 30.0
    token: Token | None = field(default=None, repr=False)  # in place of the password


@dataclass(frozen=True)
class Mark:
    """How far a folder has been read.

    `last_uid` and everything below it was taken, but for `retry` (UID → attempts so far) and
    `left`, which stay on the server because they are too big or could not be taken. `since` is
    the instant from which mail is ours; after a new UIDVALIDITY it parts old mail from new.
    """

    uidvalidity: int
    last_uid: int
    since: datetime | None = None
    retry: Mapping[int, int] = field(default_factory=dict)
    left: tuple[int, ...] = ()


class ImapState(Protocol):
    """Where the mark is kept; `save` returns when it is durable."""

    def load(self) -> Mark | None: ...

    def save(self, mark: Mark) -> None: ...


@dataclass(frozen=True)
class Holding:
    """What the server holds at one look: `waiting` are not yet taken, `left` stay there."""

    messages: int
    highest_uid: int
    waiting: int
    retrying: int
    left: int


class Watcher(Protocol):
    """Told how the mailbox is. Called in the fetcher's thread."""

    def read_at(self, at: datetime, holding: Holding) -> None: ...

    def in_trouble(self, kind: Trouble, sentence: str) -> None: ...

    def left_on_server(self, uid: int, size: int, header: bytes, reason: Trouble) -> None: ...


Take = Callable[[bytes, int], None]
"""Keep one mail durably. Raises Obstacle where no mail can be kept at this moment; anything
else is the fault of this mail alone."""


@dataclass(frozen=True)
class Pace:
    """Seconds. `idle` ends a wait for news so that a dead line is noticed: the mailbox counts
    as unread after five minutes (R09), so it stays below that although RFC 2177 allows 29."""

    idle: float = 120.0
    poll: float = 60.0
    back_off: float = 2.0
    longest_back_off: float = 300.0
    attempts: int = 5


class _Trouble(Exception):
    def __init__(self, kind: Trouble, sentence: str) -> None:
        super().__init__(sentence)
        self.kind: Trouble = kind


class ImapFetcher:
    """`after`: what becomes of a taken mail on the server: nothing, seen, or moved to a folder."""

    def __init__(
        self,
        account: ImapAccount,
        state: ImapState,
        take: Take,
        *,
        after: str = "nothing",
        start: Start = "now",
        watcher: Watcher | None = None,
        pace: Pace | None = None,
        size_limit: int = 25 * 1024 * 1024,
    ) -> None:
        if after not in ("nothing", "seen") and not after.startswith("move:"):
            raise ValueError(f"{after!r} is none of nothing, seen, move:Folder")
        self._account = account
        self._state = state
        self._take = take
        self._after = after
        self._start = start
        self._watcher = watcher
        self._pace = pace or Pace()
        self._size_limit = size_limit
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None
        self._failures = 0

    def start(self) -> None:
        self._thread = threading.Thread(
            target=self._run, name=f"imap-{self._account.user}", daemon=True
        )
        self._thread.start()

    def stop(self, timeout: float = 10.0) -> None:
        """End after the mail that is being taken; a wait for news ends within a second."""
        self._stopped.set()
        if self._thread is not None:
            self._thread.join(timeout)

    def fetch_once(self) -> Holding:
        """Connect, take everything that is new, and leave. Raises what went wrong."""
        with _session(self._account) as client:
            return self._catch_up(client, self._select(client))

    def count(self) -> Holding:
        """What the server holds now, beside what the mark says. Raises what went wrong."""
        with _session(self._account) as client:
            validity = self._select(client)
            mark = self._state.load()
            known = mark if mark and mark.uidvalidity == validity else Mark(validity, 0)
            return _holding(client, known)

    def _run(self) -> None:
        while not self._stopped.is_set():
            try:
                with _session(self._account) as client:
                    self._stay(client)
            except Exception as error:
                # Whatever a server sends, the mailbox is tried again and a person is told.
                self._tell_trouble(error)
                self._failures += 1
            pause = self._pace.back_off * 2 ** min(self._failures - 1, 20)
            self._stopped.wait(min(pause, self._pace.longest_back_off))

    def _tell_trouble(self, error: Exception) -> None:
        trouble = _explained(error, self._account)
        log.warning("%s: %s", self._account.user, trouble)
        if self._watcher:
            self._watcher.in_trouble(trouble.kind, str(trouble))

    def _stay(self, client: IMAPClient) -> None:
        validity = self._select(client)
        can_idle = client.has_capability("IDLE")
        rounds = 0
        while not self._stopped.is_set():
            announced = _announced(client)
            holding = self._catch_up(client, validity)
            self._failures = 0
            if self._watcher:
                self._watcher.read_at(datetime.now(UTC), holding)
            # Mail that was announced while we looked is not announced again by IDLE. The limit
            # is for servers that announce the same with every answer.
            rounds = rounds + 1 if _announced(client) != announced else 0
            if 0 < rounds < 5:
                continue
            if can_idle:
                self._wait_for_news(client)
            else:
                self._stopped.wait(self._pace.poll)
                client.noop()

    def _wait_for_news(self, client: IMAPClient) -> None:
        client.idle()
        try:
            deadline = time.monotonic() + min(self._pace.idle, LONGEST_IDLE)
            news = _in_buffer(client)
            while not news and not self._stopped.is_set() and time.monotonic() < deadline:
                news = _readable(client, min(1.0, max(0.0, deadline - time.monotonic())))
        finally:
            client.idle_done()

    def _select(self, client: IMAPClient) -> int:
        try:
            answer = client.select_folder(self._account.folder, readonly=self._after == "nothing")
        except IMAPClient.AbortError:
            raise
        except IMAPClient.Error as error:
            raise _Trouble("folder", _no_folder(self._account, error)) from error
        validity = int(answer[b"UIDVALIDITY"])
        mark = self._state.load()
        if mark is None:
            self._keep(self._first_mark(client, validity, int(answer.get(b"UIDNEXT", 0))))
        elif mark.uidvalidity != validity:
            # The numbers mean other mails now: everything that is ours is looked at again.
            self._keep(Mark(validity, 0, mark.since))
        return validity

    def _first_mark(self, client: IMAPClient, validity: int, uid_next: int) -> Mark:
        if self._start == "all":
            return Mark(validity, 0)
        if isinstance(self._start, datetime):
            return Mark(validity, 0, self._start.astimezone(UTC))
        last = uid_next - 1 if uid_next else max(client.search("ALL"), default=0)
        return Mark(validity, last, datetime.now(UTC))

    def _catch_up(self, client: IMAPClient, validity: int) -> Holding:
        mark = self._state.load()
        if mark is None or mark.uidvalidity != validity:
            raise _Trouble("folder", _("The folder changed while it was read."))
        mark = self._again(client, mark)
        above = _above(client, mark)
        for uids in _batches(_recent(client, mark, above)):
            mark = self._batch(client, mark, uids)
            if self._stopped.is_set():
                return _holding(client, mark)
        if above and above[-1] > mark.last_uid:
            mark = replace(mark, last_uid=above[-1])
            self._keep(mark)
        return _holding(client, mark)

    def _keep(self, mark: Mark) -> None:
        try:
            self._state.save(mark)
        except Exception as error:
            raise Obstacle from error

    def _again(self, client: IMAPClient, mark: Mark) -> Mark:
        waiting = sorted(mark.retry)
        for uids in _batches(waiting):
            there = set(client.search(["UID", ",".join(map(str, uids))]))
            gone = {uid: mark.retry[uid] for uid in uids if uid not in there}
            mark = replace(mark, retry=_without(mark.retry, gone))
            mark = self._batch(client, mark, [uid for uid in uids if uid in there])
        return mark

    def _batch(self, client: IMAPClient, mark: Mark, uids: list[int]) -> Mark:
        """Take the mails of `uids` and move the mark past them; the mark is saved once."""
        if not uids:
            return mark
        looks = client.fetch(uids, ["RFC822.SIZE", "INTERNALDATE"])
        try:
            for uid in uids:
                mark = self._one(client, mark, uid, looks.get(uid))
                if self._stopped.is_set():
                    break
        finally:
            # Kept also when the line breaks in the middle of a batch.
            self._keep(mark)
        return mark

    def _one(
        self, client: IMAPClient, mark: Mark, uid: int, look: Mapping[bytes, Any] | None
    ) -> Mark:
        if look is None:
            # Expunged meanwhile, or forgotten by the server: the next look tells which.
            return self._failed(client, mark, uid, 0)
        size = int(look.get(b"RFC822.SIZE", 0))
        if uid not in mark.retry and _is_before(look.get(b"INTERNALDATE"), mark.since):
            return _past(mark, uid)
        if size > self._size_limit:
            return self._leave(client, mark, uid, size, "too-big")
        raw = _body(client, uid, self._size_limit)
        if raw is None:
            return self._leave(client, mark, uid, size, "too-big")
        if raw == b"":
            return self._failed(client, mark, uid, size)
        try:
            self._take(raw, uid)
        except Obstacle:
            raise
        except Exception as error:
            log.warning("UID %s was not taken", uid, exc_info=error)
            return self._failed(client, mark, uid, size)
        self._file(client, uid)
        return _past(mark, uid)

    def _failed(self, client: IMAPClient, mark: Mark, uid: int, size: int) -> Mark:
        attempts = mark.retry.get(uid, 0) + 1
        if attempts >= self._pace.attempts:
            return self._leave(client, mark, uid, size, "poison")
        past = _past(mark, uid)
        return replace(past, retry={**past.retry, uid: attempts})

    def _leave(self, client: IMAPClient, mark: Mark, uid: int, size: int, reason: Trouble) -> Mark:
        header = _header(client, uid)
        if self._watcher:
            self._watcher.left_on_server(uid, size, header, reason)
        past = _past(mark, uid)
        return replace(past, left=(*past.left, uid))

    def _file(self, client: IMAPClient, uid: int) -> None:
        if self._after == "nothing":
            return
        try:
            if self._after == "seen":
                client.add_flags([uid], [rb"\Seen"], silent=True)
            else:
                _move(client, uid, self._after.removeprefix("move:"))
        except IMAPClient.AbortError:
            raise
        except IMAPClient.Error as error:
            # The mail is ours already; that it stays unread there must not stop the others.
            self._tell_trouble(_Trouble("folder", _not_filed(self._after, error)))


def try_again(mark: Mark) -> Mark:
    """The mark with everything that was left on the server to be tried once more."""
    return replace(mark, retry={**mark.retry, **dict.fromkeys(mark.left, 0)}, left=())


def probe(account: ImapAccount) -> str | None:
    """Sign in and open the folder; what is wrong and what to do, or None where all is well."""
    try:
        with _session(account) as client:
            client.select_folder(account.folder, readonly=True)
    except IMAPClient.AbortError as error:
        return str(_explained(error, account))
    except IMAPClient.Error as error:
        if isinstance(error, LoginError):
            return str(_explained(error, account))
        return _no_folder(account, error)
    except Exception as error:
        return str(_explained(error, account))
    return None


@contextlib.contextmanager
def _session(account: ImapAccount) -> Iterator[IMAPClient]:
    client = _signed_in(account)
    try:
        yield client
    except BaseException:
        with contextlib.suppress(Exception):
            client.shutdown()
        raise
    with contextlib.suppress(Exception):
        client.logout()


def _signed_in(account: ImapAccount) -> IMAPClient:
    if account.token is None:
        return _opened(account, account.password)
    must_be_closed(account.security, account.host)
    token = account.token("")
    try:
        return _opened(account, token)
    except LoginError:
        # It may have run out or been taken back before its time: one new one, one try more.
        return _opened(account, account.token(token))


def _opened(account: ImapAccount, secret: str) -> IMAPClient:
    context = ssl.create_default_context(cafile=account.ca_file)
    if not account.verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    client = IMAPClient(
        account.host,
        account.port,
        ssl=account.security == "tls",
        ssl_context=context if account.security == "tls" else None,
        timeout=SocketTimeout(connect=account.timeout, read=account.timeout),
    )
    client.normalise_times = False
    try:
        if account.security == "starttls":
            client.starttls(context)
        if account.token is None:
            client.login(account.user, secret)
        else:
            _show_token(client, account, secret)
    except BaseException:
        with contextlib.suppress(Exception):
            client.shutdown()
        raise
    return client


def _show_token(client: IMAPClient, account: ImapAccount, token: str) -> None:
    offered = [
        each[5:].decode("ascii", "replace")
        for each in client.capabilities()
        if each.upper().startswith(b"AUTH=")
    ]
    said = bearer(account.user, token, account.host, account.port, offered)
    answers = iter([said.first])
    client.sasl_login(said.mechanism, lambda _challenge: next(answers, said.to_a_challenge))


def _above(client: IMAPClient, mark: Mark) -> list[int]:
    # “n:*” names the last mail too where n is beyond it (RFC 3501 § 6.4.8).
    found = client.search(["UID", f"{mark.last_uid + 1}:*"])
    return sorted(uid for uid in found if uid > mark.last_uid)


def _recent(client: IMAPClient, mark: Mark, uids: list[int]) -> list[int]:
    """Of a folder that is read from its beginning, what can be ours by its date."""
    if mark.last_uid or mark.since is None or len(uids) <= _BATCH:
        return uids
    # SINCE knows days only, in the server's zone.
    day = (mark.since - timedelta(days=1)).date()
    recent = set(client.search(["SINCE", day]))
    return [uid for uid in uids if uid in recent]


def _batches(uids: list[int]) -> Iterable[list[int]]:
    return (uids[at : at + _BATCH] for at in range(0, len(uids), _BATCH))


def _past(mark: Mark, uid: int) -> Mark:
    retry = _without(mark.retry, {uid: 0})
    return replace(mark, last_uid=max(mark.last_uid, uid), retry=retry)


def _without(retry: Mapping[int, int], gone: Mapping[int, int]) -> dict[int, int]:
    return {uid: attempts for uid, attempts in retry.items() if uid not in gone}


def _is_before(arrived: object, since: datetime | None) -> bool:
    if since is None or not isinstance(arrived, datetime):
        return False
    at = arrived if arrived.tzinfo else arrived.replace(tzinfo=UTC)
    # INTERNALDATE has whole seconds, and the clocks of two machines differ.
    return at < since - timedelta(minutes=2)


def _body(client: IMAPClient, uid: int, limit: int) -> bytes | None:
    """The raw mail, b"" where the server gives none, None where it is longer than `limit`."""
    raw = bytearray()
    while True:
        answer = client.fetch([uid], [f"BODY.PEEK[]<{len(raw)}.{_PART}>"]).get(uid, {})
        part = answer.get(b"BODY[]<%d>" % len(raw)) or b""
        raw += part
        if len(raw) > limit:
            return None
        # RFC822.SIZE is a guess on some servers, so the end is a part that is not full.
        if len(part) < _PART:
            return bytes(raw)


def _header(client: IMAPClient, uid: int) -> bytes:
    answer = client.fetch([uid], [f"BODY.PEEK[HEADER]<0.{_HEADERS}>"]).get(uid, {})
    return bytes(answer.get(b"BODY[HEADER]<0>") or b"")


def _move(client: IMAPClient, uid: int, folder: str) -> None:
    if not client.folder_exists(folder):
        client.create_folder(folder)
    if client.has_capability("MOVE"):
        client.move([uid], folder)
        return
    client.copy([uid], folder)
    client.add_flags([uid], [rb"\Deleted"], silent=True)
    # Without UIDPLUS an EXPUNGE would also take what somebody else marked.
    if client.has_capability("UIDPLUS"):
        client.uid_expunge([uid])


def _holding(client: IMAPClient, mark: Mark) -> Holding:
    uids = client.search("ALL")
    return Holding(
        messages=len(uids),
        highest_uid=max(uids, default=0),
        waiting=sum(uid > mark.last_uid for uid in uids),
        retrying=len(mark.retry),
        left=len(set(mark.left) & set(uids)),
    )


def _announced(client: IMAPClient) -> int:
    return len(client._imap.untagged_responses.get("EXISTS", ()))


def _in_buffer(client: IMAPClient) -> bool:
    # News that came in one packet with the answer to IDLE lie in the reader's buffer, where no
    # poll of the socket sees them.
    sock = client.socket()
    timeout = sock.gettimeout()
    sock.setblocking(False)
    try:
        return bool(client._imap.file.peek(1))
    except ssl.SSLError:
        return False
    finally:
        sock.settimeout(timeout)


def _readable(client: IMAPClient, seconds: float) -> bool:
    sock = client.socket()
    if isinstance(sock, ssl.SSLSocket) and sock.pending():
        return True
    poll = select.poll()
    poll.register(sock, select.POLLIN)
    return bool(poll.poll(seconds * 1000))


def _explained(error: Exception, account: ImapAccount) -> _Trouble:
    if isinstance(error, _Trouble):
        return error
    reason = {"host": account.host, "reason": _said(error)}
    if isinstance(error, Obstacle):
        return _Trouble("taking", _("Mail cannot be kept at this moment; it waits on the server."))
    if isinstance(error, NoToken):
        return _Trouble("sign-in", str(error))
    if isinstance(error, LoginError) and account.token is not None:
        return _Trouble("sign-in", still_refused(account.host, _said(error)))
    if isinstance(error, LoginError) and not isinstance(error.__context__, IMAPClient.AbortError):
        sentence = _(
            "%(host)s does not accept our sign-in (%(reason)s). Correct the user name and password."
        )
        return _Trouble("sign-in", sentence % reason)
    if isinstance(error, ssl.SSLCertVerificationError):
        sentence = _(
            "The certificate of %(host)s could not be verified (%(reason)s). Correct the host "
            "name, or give the file with the authority that signed it."
        )
        return _Trouble("certificate", sentence % reason)
    sentence = _("%(host)s cannot be read (%(reason)s). We keep trying.")
    return _Trouble("connection", sentence % reason)


def _no_folder(account: ImapAccount, error: Exception) -> str:
    return _("The folder “%(folder)s” cannot be opened on %(host)s (%(reason)s).") % {
        "folder": account.folder,
        "host": account.host,
        "reason": _said(error),
    }


def _not_filed(after: str, error: Exception) -> str:
    return _("A mail was taken but not marked on the server (%(after)s: %(reason)s).") % {
        "after": after,
        "reason": _said(error),
    }


def _said(error: Exception) -> str:
    words = str(error) or type(error).__name__
    return " ".join("".join(c if c.isprintable() else " " for c in words).split())[:300]
