"""The fetcher against a real Dovecot; what it takes lands in a ledger."""

import contextlib
import hashlib
import imaplib
import select
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from goodword.channels.mail.imap import (
    Holding,
    ImapAccount,
    ImapFetcher,
    Mark,
    Pace,
    probe,
    try_again,
)
from goodword.channels.mail.obstacles import Busy
from tests.peers.dovecot import PASSWORD, Dovecot

FAST = Pace(idle=20, poll=0.1, back_off=0.02, longest_back_off=0.1, attempts=3)


class State:
    def __init__(self, mark: Mark | None = None) -> None:
        self.mark = mark

    def load(self) -> Mark | None:
        return self.mark

    def save(self, mark: Mark) -> None:
        self.mark = mark


class Ledger:
    """What was taken by UID and content, and what the watcher was told."""

    def __init__(self) -> None:
        self.taken: list[tuple[int, bytes]] = []
        self.reads: list[Holding] = []
        self.troubles: list[tuple[str, str]] = []
        self.left: list[tuple[int, str, bytes]] = []
        self.poison = b"\0none"
        self.obstacle: Exception | None = None

    def take(self, raw: bytes, uid: int) -> None:
        if self.obstacle:
            raise self.obstacle
        if self.poison in raw:
            raise KeyError("what this mail does to us")
        self.taken.append((uid, raw))

    def read_at(self, at: datetime, holding: Holding) -> None:
        self.reads.append(holding)

    def in_trouble(self, kind: str, sentence: str) -> None:
        self.troubles.append((kind, sentence))

    def left_on_server(self, uid: int, size: int, header: bytes, reason: str) -> None:
        self.left.append((uid, reason, header))

    def subjects(self) -> list[str]:
        return [raw.split(b"Subject: ")[1].split(b"\r\n")[0].decode() for _, raw in self.taken]

    def once(self) -> set[str]:
        return {hashlib.sha256(raw).hexdigest() for _, raw in self.taken}


@pytest.fixture
def ledger() -> Ledger:
    return Ledger()


@pytest.fixture
def state() -> State:
    return State()


@pytest.fixture
def address(dovecot: Dovecot) -> str:
    return dovecot.add_user()


@pytest.fixture
def fetcher(dovecot, address, ledger, state) -> Iterator[Callable[..., ImapFetcher]]:
    made: list[ImapFetcher] = []

    def make(port: int = dovecot.imap_port, **how: object) -> ImapFetcher:
        account = ImapAccount("127.0.0.1", port, address, PASSWORD, "none", timeout=5)
        how = {"start": "all", "watcher": ledger, "pace": FAST, **how}
        made.append(ImapFetcher(account, state, ledger.take, **how))  # type: ignore[arg-type]
        return made[-1]

    yield make
    for one in made:
        one.stop()


def put(dovecot: Dovecot, address: str, *subjects: str, size: int = 100) -> None:
    for subject in subjects:
        head = f"From: a@example.com\r\nSubject: {subject}\r\n\r\n".encode()
        dovecot.deliver(address, head + (b"word " * 15 + b"\r\n") * (size // 77 + 1))


def until(happens: Callable[[], object], seconds: float = 10) -> bool:
    deadline = time.monotonic() + seconds
    while not happens() and time.monotonic() < deadline:
        time.sleep(0.01)
    return bool(happens())


def flags(dovecot: Dovecot, address: str) -> str:
    with dovecot.sign_in(address) as connection:
        connection.select("INBOX", readonly=True)
        return str(connection.fetch("1:*", "(FLAGS)")[1])


def test_mail_is_fetched_by_number_whether_it_was_read_or_not(
    dovecot, address, fetcher, ledger, state
):
    put(dovecot, address, "one", "two")
    with dovecot.sign_in(address) as connection:
        connection.select("INBOX")
        connection.store("1", "+FLAGS", r"\Seen")
    one = fetcher()
    holding = one.fetch_once()
    put(dovecot, address, "three")
    one.fetch_once()
    one.fetch_once()
    assert ledger.subjects() == ["one", "two", "three"]
    assert holding == Holding(messages=2, highest_uid=2, waiting=0, retrying=0, left=0)
    assert one.count() == Holding(messages=3, highest_uid=3, waiting=0, retrying=0, left=0)
    assert state.mark.last_uid == 3


def test_what_is_taken_is_what_the_server_holds_octet_for_octet(dovecot, address, fetcher, ledger):
    put(dovecot, address, "long", size=2_500_000)
    with dovecot.sign_in(address) as connection:
        connection.append("INBOX", "", "", b"Subject: raw\r\n\r\n\x80\xff 8 bit \r\n")
    fetcher().fetch_once()
    assert ledger.taken[0][1].endswith(b"word \r\n")
    assert len(ledger.taken[0][1]) > 2_500_000
    assert ledger.taken[1][1] == b"Subject: raw\r\n\r\n\x80\xff 8 bit \r\n"


def test_the_first_connection_asks_from_when(dovecot, address, fetcher, ledger, state):
    put(dovecot, address, "old")
    fetcher(start="now").fetch_once()
    assert ledger.subjects() == []
    put(dovecot, address, "new")
    fetcher(start="now").fetch_once()
    assert ledger.subjects() == ["new"]


def test_a_start_by_date_leaves_older_mail_out(dovecot, address, fetcher, ledger, state):
    with dovecot.sign_in(address) as connection:
        for days in range(120, 0, -1):
            arrived = datetime.now(UTC) - timedelta(days=days)
            mail = f"Subject: {days} days\r\n\r\nx\r\n".encode()
            connection.append("INBOX", "", imaplib.Time2Internaldate(arrived), mail)
    since = datetime.now(UTC) - timedelta(days=2, hours=12)
    holding = fetcher(start=since).fetch_once()
    assert ledger.subjects() == ["2 days", "1 days"]
    assert holding.waiting == 0


def test_the_server_is_told_only_after_the_mail_is_kept(dovecot, address, fetcher, ledger):
    put(dovecot, address, "one")
    ledger.obstacle = Busy()
    with pytest.raises(Busy):
        fetcher(after="seen").fetch_once()
    assert "Seen" not in flags(dovecot, address)
    ledger.obstacle = None
    fetcher(after="seen").fetch_once()
    assert "Seen" in flags(dovecot, address)
    assert ledger.subjects() == ["one"]


def test_fetching_marks_nothing_unless_it_is_asked_to(dovecot, address, fetcher, ledger):
    put(dovecot, address, "one")
    fetcher().fetch_once()
    assert ledger.subjects() == ["one"]
    assert "Seen" not in flags(dovecot, address)


def test_taken_mail_is_moved_where_that_is_wanted(dovecot, address, fetcher, ledger):
    put(dovecot, address, "one", "two")
    assert fetcher(after="move:Taken by us").fetch_once().messages == 0
    with dovecot.sign_in(address) as connection:
        assert connection.select('"Taken by us"', readonly=True)[1] == [b"2"]
    assert ledger.subjects() == ["one", "two"]


def test_a_poison_mail_blocks_nobody_and_is_tried_a_few_times(
    dovecot, address, fetcher, ledger, state
):
    ledger.poison = b"Subject: poison"
    put(dovecot, address, "one", "poison", "three")
    one = fetcher()
    assert one.fetch_once().retrying == 1
    assert ledger.subjects() == ["one", "three"]
    one.fetch_once()
    assert state.mark.retry == {2: 2}
    assert one.fetch_once() == Holding(3, 3, waiting=0, retrying=0, left=1)
    assert ledger.left[0][:2] == (2, "poison")
    assert b"Subject: poison" in ledger.left[0][2]
    ledger.poison = b"\0none"
    state.save(try_again(state.mark))
    one.fetch_once()
    assert ledger.subjects() == ["one", "three", "poison"]


def test_a_mail_over_the_limit_stays_there_and_is_named(dovecot, address, fetcher, ledger, state):
    put(dovecot, address, "large", size=300_000)
    put(dovecot, address, "small")
    holding = fetcher(size_limit=200_000).fetch_once()
    assert ledger.subjects() == ["small"]
    assert [(uid, reason) for uid, reason, _ in ledger.left] == [(1, "too-big")]
    assert holding.left == 1
    assert state.mark.left == (1,)


def test_a_new_uidvalidity_loses_nothing_and_brings_no_old_mail(
    dovecot, address, fetcher, ledger, state
):
    with dovecot.sign_in(address) as connection:
        long_ago = imaplib.Time2Internaldate(datetime.now(UTC) - timedelta(days=90))
        connection.append("INBOX", "", long_ago, b"Subject: before us\r\n\r\nx\r\n")
    one = fetcher(start="now")
    one.fetch_once()
    put(dovecot, address, "one", "two")
    one.fetch_once()
    before = state.mark.uidvalidity
    _renumber(dovecot, address)
    put(dovecot, address, "three")
    one.fetch_once()
    assert state.mark.uidvalidity != before
    assert sorted(set(ledger.subjects())) == ["one", "three", "two"]
    assert len(ledger.once()) == 3
    assert one.count().waiting == 0


def _renumber(dovecot: Dovecot, address: str) -> None:
    """What a restored backup does: the same mails under other numbers."""
    # Dovecot takes the second of its making for a folder's UIDVALIDITY.
    time.sleep(1.1)
    folder = dovecot.folder / "mail" / address
    for index in [*folder.glob("dovecot.index*"), *folder.glob("dovecot-uid*")]:
        index.unlink()
    with dovecot.sign_in(address) as connection:
        connection.select("INBOX", readonly=True)


def test_news_arrive_by_idle_within_two_seconds(dovecot, address, fetcher, ledger):
    one = fetcher(pace=Pace(idle=60))
    one.start()
    assert until(lambda: ledger.reads)
    time.sleep(0.3)
    began = time.monotonic()
    put(dovecot, address, "now")
    assert until(lambda: ledger.taken, 5)
    assert time.monotonic() - began < 2
    one.stop()
    assert ledger.troubles == []


def test_mail_that_comes_while_we_look_does_not_wait_for_the_next_look(
    dovecot, address, fetcher, ledger
):
    keep = ledger.take

    def keep_and_get_one_more(raw: bytes, uid: int) -> None:
        keep(raw, uid)
        if len(ledger.taken) == 1:
            put(dovecot, address, "meanwhile")

    ledger.take = keep_and_get_one_more
    put(dovecot, address, "first")
    fetcher(pace=Pace(idle=60)).start()
    assert until(lambda: ledger.subjects() == ["first", "meanwhile"], 5)


def test_idle_is_renewed_and_each_look_is_told(dovecot, address, fetcher, ledger):
    one = fetcher(pace=Pace(idle=0.2))
    one.start()
    assert until(lambda: len(ledger.reads) >= 4)
    assert ledger.troubles == []


def test_a_server_without_idle_is_polled(dovecot, address, fetcher, ledger, monkeypatch):
    monkeypatch.setattr(
        "goodword.channels.mail.imap.IMAPClient.has_capability", lambda self, name: False
    )
    fetcher().start()
    assert until(lambda: ledger.reads)
    put(dovecot, address, "polled")
    assert until(lambda: ledger.subjects() == ["polled"])


def test_a_stop_is_quick_while_waiting_for_news(dovecot, address, fetcher, ledger):
    one = fetcher()
    one.start()
    assert until(lambda: ledger.reads)
    began = time.monotonic()
    one.stop()
    assert time.monotonic() - began < 2.5


class Cutter:
    """Passes octets to Dovecot and closes each connection after the next of `cuts` octets."""

    def __init__(
        self,
        port: int,
        cuts: list[int],
        farewell: bytes = b"",
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._tls = tls
        self._to = port
        self.cuts = cuts
        self.passed = 0
        self._farewell = farewell
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                near, _ = self._listening.accept()
            except OSError:
                return
            if self._tls:
                try:
                    near = self._tls.wrap_socket(near, server_side=True)
                except OSError:
                    continue
            allowed = self.cuts.pop(0) if self.cuts else 10**9
            far = socket.create_connection(("127.0.0.1", self._to))
            threading.Thread(target=self._pass, args=(near, far, allowed), daemon=True).start()

    def _pass(self, near: socket.socket, far: socket.socket, allowed: int) -> None:
        # One thread for both ways: OpenSSL's connections are not to be read
        # and written at the same time.
        try:
            while allowed > 0:
                kept = isinstance(near, ssl.SSLSocket) and near.pending()
                ready = [near] if kept else select.select([near, far], [], [])[0]
                if near in ready:
                    if not (octets := near.recv(65536)):
                        break
                    far.sendall(octets)
                if far in ready:
                    if not (octets := far.recv(min(allowed, 65536))):
                        break
                    near.sendall(octets)
                    self.passed += len(octets)
                    allowed -= len(octets)
            near.sendall(self._farewell)
        except OSError:
            pass
        for one in (near, far):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def close(self) -> None:
        self._listening.close()


@pytest.mark.parametrize("farewell", [b"", b"\r\n* BYE going down\r\n", b"* 1 FETCH (\x00garbage"])
def test_a_line_cut_at_any_octet_loses_nothing(dovecot, address, fetcher, ledger, state, farewell):
    subjects = [f"mail {number}" for number in range(12)]
    put(dovecot, address, *subjects, size=2000)
    cuts = [1, 90, 200, 330, 500, 700, 900, 1100, 1500, 2100, 2900, 3333, 4100, 5200, 7001, 9000]
    cutter = Cutter(dovecot.imap_port, [*cuts, 6000, 12_000], farewell)
    one = fetcher(cutter.port, after="seen", pace=replace(FAST, idle=0.02))
    one.start()
    assert until(lambda: not cutter.cuts and ledger.reads and ledger.reads[-1].waiting == 0, 60)
    one.stop()
    cutter.close()
    assert sorted(set(ledger.subjects())) == sorted(subjects)
    assert len(ledger.once()) == 12
    assert state.mark.last_uid == 12
    assert state.mark.left == ()
    assert {kind for kind, _ in ledger.troubles} <= {"connection"}


def test_a_line_cut_once_at_every_97th_octet_brings_each_mail_once(dovecot, address):
    subjects = ["one", "two", "three"]
    put(dovecot, address, *subjects, size=300)
    cutter = Cutter(dovecot.imap_port, [])

    def look(state: State, ledger: Ledger) -> None:
        account = ImapAccount("127.0.0.1", cutter.port, address, PASSWORD, "none", timeout=5)
        one = ImapFetcher(account, state, ledger.take, start="all", watcher=ledger, pace=FAST)
        try:
            one.fetch_once()
        finally:
            one.stop()

    look(State(), whole := Ledger())
    assert whole.subjects() == subjects
    cuts = range(97, cutter.passed, 97)
    assert len(cuts) > 20
    for cut in cuts:
        state, ledger = State(), Ledger()
        cutter.cuts = [cut]
        with contextlib.suppress(OSError, imaplib.IMAP4.error):
            look(state, ledger)
        assert not cutter.cuts, "nobody came"
        look(state, ledger)
        assert (cut, sorted(ledger.subjects())) == (cut, sorted(subjects))
        assert state.mark is not None and state.mark.last_uid == 3
    cutter.close()


def test_news_come_over_tls_too_and_its_certificate_is_checked(
    dovecot, address, ledger, state, authority
):
    certificate, context = authority
    cutter = Cutter(dovecot.imap_port, [], tls=context)
    right = ImapAccount("localhost", cutter.port, address, PASSWORD, ca_file=str(certificate))
    assert "certificate of localhost" in str(probe(replace(right, ca_file=None)))
    assert probe(right) is None
    one = ImapFetcher(right, state, ledger.take, start="all", watcher=ledger)
    one.start()
    assert until(lambda: ledger.reads)
    time.sleep(0.3)
    for number in range(3):
        began = time.monotonic()
        put(dovecot, address, f"secret {number}", size=50_000)
        assert until(lambda: len(ledger.taken) == number + 1, 5)  # noqa: B023
        assert time.monotonic() - began < 2
    one.stop()
    cutter.close()
    assert ledger.troubles == []


def test_a_server_that_comes_back_is_read_again(dovecot, address, fetcher, ledger):
    cutter = Cutter(dovecot.imap_port, [0, 0, 0, 0])
    fetcher(cutter.port).start()
    put(dovecot, address, "late")
    assert until(lambda: ledger.subjects() == ["late"])
    assert ledger.troubles[0][0] == "connection"
    cutter.close()


def test_a_full_disk_stops_the_fetching_and_marks_no_mail_as_poison(
    dovecot, address, fetcher, ledger, state
):
    put(dovecot, address, "one", "two")
    ledger.obstacle = Busy()
    fetcher().start()
    assert until(lambda: len(ledger.troubles) >= 6)
    assert {kind for kind, _ in ledger.troubles} == {"taking"}
    ledger.obstacle = None
    assert until(lambda: ledger.subjects() == ["one", "two"])
    assert ledger.left == []


def test_a_wrong_password_and_a_wrong_folder_are_said_with_what_to_do(dovecot, address):
    right = ImapAccount("127.0.0.1", dovecot.imap_port, address, PASSWORD, "none", timeout=5)
    wrong = ImapAccount("127.0.0.1", dovecot.imap_port, address, "guess", "none", timeout=5)
    elsewhere = ImapAccount(
        "127.0.0.1", dovecot.imap_port, address, PASSWORD, "none", "Nowhere", timeout=5
    )
    assert probe(right) is None
    assert "Correct the user name and password" in str(probe(wrong))
    assert "Nowhere" in str(probe(elsewhere))
    assert PASSWORD not in repr(right)
