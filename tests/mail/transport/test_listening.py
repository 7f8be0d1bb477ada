"""A listener on loopback, its `take` a ledger; on the other side raw sockets and real programs."""

import socket
import threading
import time
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

import pytest

from goodword.channels.mail.listening import Limits, MailListener
from goodword.channels.mail.obstacles import Busy, NoRoom, TooBig

DESK = "desk@example.net"
MAIL = b"From: a@example.com\r\nSubject: Hello\r\n\r\nHello\r\n"


class Ledger:
    """What was taken, and what to raise in place of taking."""

    def __init__(self) -> None:
        self.raws: list[bytes] = []
        self.told: list[dict[str, object]] = []
        self.obstacle: Exception | None = None
        self.threads: set[str] = set()
        self.held = threading.Event()
        self.held.set()

    def take(self, raw: bytes, **told: object) -> None:
        self.threads.add(threading.current_thread().name)
        self.held.wait(10)
        if self.obstacle:
            raise self.obstacle
        self.raws.append(raw)
        self.told.append(told)

    def accepts(self, recipient: str) -> bool:
        local, _, domain = recipient.lower().partition("@")
        return domain == "example.net" and local.split("+")[0] == "desk"


class Line:
    """One connection, spoken by hand."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=10)
        self.file = self.socket.makefile("rb")

    def answer(self) -> str:
        lines = [self.file.readline().decode()]
        while lines[-1][3:4] == "-":
            lines.append(self.file.readline().decode())
        return "".join(lines)

    def say(self, *commands: str) -> str:
        for command in commands:
            self.socket.sendall(command.encode() + b"\r\n")
            answer = self.answer()
        return answer

    def envelope(self, *recipients: str, hello: str = "EHLO me") -> None:
        self.answer()
        self.say(hello, "MAIL FROM:<a@example.com>")
        for recipient in recipients or (DESK,):
            assert self.say(f"RCPT TO:<{recipient}>").startswith("250")

    def mail(self, octets: bytes, end: bytes = b"\r\n.\r\n") -> str:
        assert self.say("DATA").startswith("354")
        self.socket.sendall(octets + end)
        return self.answer()

    def close(self) -> None:
        self.file.close()
        self.socket.close()


@pytest.fixture
def ledger() -> Ledger:
    return Ledger()


@pytest.fixture
def listening(ledger: Ledger) -> Iterator[Callable[..., MailListener]]:
    with ExitStack() as stack:

        def start(source: str = "smtp", **limits: float) -> MailListener:
            listener = MailListener(
                "127.0.0.1",
                0,
                take=ledger.take,
                accepts=ledger.accepts,
                source=source,  # type: ignore[arg-type]
                limits=Limits(**limits),  # type: ignore[arg-type]
            )
            listener.start()
            stack.callback(listener.stop)
            return listener

        yield start


@contextmanager
def line_to(listener: MailListener) -> Iterator[Line]:
    line = Line(listener.port)
    try:
        yield line
    finally:
        line.close()


def test_a_mail_is_acknowledged_only_after_take_has_returned(listening, ledger):
    ledger.held.clear()
    with line_to(listening()) as line:
        line.envelope()
        assert line.say("DATA").startswith("354")
        line.socket.sendall(MAIL + b".\r\n")
        line.socket.settimeout(0.3)
        with pytest.raises(TimeoutError):
            line.socket.recv(1)
        assert ledger.raws == []
        line.socket.settimeout(10)
        ledger.held.set()
        assert line.socket.recv(100).startswith(b"250")
    assert ledger.raws == [MAIL]
    assert ledger.told[0] == {
        "envelope_from": "a@example.com",
        "recipients": [DESK],
        "peer": "127.0.0.1",
        "source": "smtp",
    }


@pytest.mark.parametrize(
    ("sent", "taken"),
    [
        (b"a: b\r\n\r\n..dot\r\n..\r\n.", b"a: b\r\n\r\n.dot\r\n.\r\n"),
        (b"..first\r\n.", b".first\r\n"),
        (b".", b""),
        (b"\x00nul\x00\xff\xfe\r\n.", b"\x00nul\x00\xff\xfe\r\n"),
        (b"x" * 300_000 + b"\r\n.", b"x" * 300_000 + b"\r\n"),
        (b"\xf0\x9f\x98\x80 eight bits\r\n.", b"\xf0\x9f\x98\x80 eight bits\r\n"),
    ],
)
def test_what_is_taken_is_what_was_sent_octet_for_octet(listening, ledger, sent, taken):
    with line_to(listening()) as line:
        line.envelope()
        assert line.mail(sent, end=b"\r\n").startswith("250")
    assert ledger.raws == [taken]


@pytest.mark.parametrize(
    "end", [b"\n.\n", b"\n.\r\n", b"\r\n.\n", b"\r.\r", b"\r.\r\n", b"\n\n.\r\n"]
)
def test_a_smuggled_end_of_mail_stays_inside_the_mail(listening, ledger, end):
    smuggled = MAIL + b"x" + end + b"MAIL FROM:<boss@example.net>\r\nRCPT TO:<desk@example.net>\r\n"
    with line_to(listening()) as line:
        line.envelope()
        assert line.mail(smuggled + b"DATA").startswith("250")
        assert line.say("NOOP").startswith("250")
    assert len(ledger.raws) == 1
    assert b"MAIL FROM:<boss@example.net>" in ledger.raws[0]


def test_an_end_that_comes_octet_by_octet_is_still_the_end(listening, ledger):
    with line_to(listening()) as line:
        line.envelope()
        line.say("DATA")
        line.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for octet in b"ab\r\n.\r\n":
            line.socket.sendall(bytes([octet]))
            time.sleep(0.005)
        assert line.answer().startswith("250")
    assert ledger.raws == [b"ab\r\n"]


@pytest.mark.parametrize(
    ("obstacle", "answer"),
    [
        (NoRoom(), "452 4.3.1"),
        (Busy(), "451 4.3.0"),
        (TooBig(), "552 5.3.4"),
        (RuntimeError("secret of the database"), "451 4.3.0"),
    ],
)
def test_an_obstacle_is_said_and_nothing_of_its_inside(listening, ledger, obstacle, answer):
    ledger.obstacle = obstacle
    with line_to(listening()) as line:
        line.envelope()
        said = line.mail(MAIL)
        assert said.startswith(answer)
        assert "secret" not in said
        ledger.obstacle = None
        assert line.say("MAIL FROM:<>", f"RCPT TO:<{DESK}>").startswith("250")
        assert line.mail(MAIL).startswith("250")
    assert ledger.told[0]["envelope_from"] == ""


def test_we_pass_no_mail_on_to_others(listening, ledger):
    with line_to(listening()) as line:
        line.answer()
        line.say("EHLO me", "MAIL FROM:<a@example.com>")
        for stranger in ("x@example.org", "boss@example.net", "desk%x@y", '"desk@example.net"@x'):
            assert line.say(f"RCPT TO:<{stranger}>")[0] == "5"
        assert "550 5.1.1 <x@example.org> is no address of ours" in line.say(
            "RCPT TO:<x@example.org>"
        )
        assert line.say("DATA").startswith("503")
        assert line.say("RCPT TO:<DESK+a7Ck2@Example.net>").startswith("250")


def test_a_mail_over_the_limit_is_refused_at_its_announced_size(listening):
    with line_to(listening(size=1_000_000)) as line:
        line.answer()
        assert "SIZE 1000000" in line.say("EHLO me")
        assert line.say("MAIL FROM:<a@example.com> SIZE=1000001").startswith("552")


def test_fifty_megabytes_are_refused_while_they_stream_in_without_being_kept(listening, ledger):
    block = b"x" * 65_534 + b"\r\n"
    with line_to(listening()) as line:
        line.envelope()
        line.say("DATA")
        tracemalloc.start()
        for _ in range(50 * 1024 * 1024 // len(block)):
            line.socket.sendall(block)
        line.socket.sendall(b".\r\n")
        said = line.answer()
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert said.startswith("552 5.3.4 This mail is larger than the 25 MB")
        assert line.say("NOOP").startswith("250")
    assert ledger.raws == []
    assert peak < 60_000_000


def test_a_mail_just_under_the_limit_is_taken_with_less_than_four_times_its_size(listening, ledger):
    mail = b"x: y\r\n\r\n" + (b"z" * 74 + b"\r\n") * (24 * 1024 * 1024 // 76)
    with line_to(listening()) as line:
        line.envelope()
        line.say("DATA")
        tracemalloc.start()
        line.socket.sendall(mail)
        line.socket.sendall(b".\r\n")
        assert line.answer().startswith("250")
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert ledger.raws == [mail]
    assert peak < 100_000_000


def test_many_large_mails_at_once_do_not_eat_the_memory(listening, ledger):
    listener = listening(in_flight=1_000_000)
    with line_to(listener) as first, line_to(listener) as second:
        first.envelope()
        second.envelope()
        first.say("DATA")
        first.socket.sendall(b"x" * 800_000)
        time.sleep(0.3)
        assert second.mail(b"y" * 400_000).startswith("452 4.3.2")
        first.socket.sendall(b"\r\n.\r\n")
        assert first.answer().startswith("250")
        assert second.say("MAIL FROM:<a@b.c>", f"RCPT TO:<{DESK}>").startswith("250")
        assert second.mail(b"y" * 400_000).startswith("250")


def test_lmtp_answers_once_for_each_recipient(listening, ledger):
    with line_to(listening("lmtp")) as line:
        line.envelope("desk@example.net", "desk+x@example.net", hello="LHLO me")
        assert line.mail(MAIL).startswith("250")
        assert line.answer().startswith("250")
        assert line.say("NOOP").startswith("250")
    assert ledger.told[0]["recipients"] == ["desk@example.net", "desk+x@example.net"]
    assert ledger.told[0]["source"] == "lmtp"


def test_commands_in_one_packet_are_answered_in_order(listening, ledger):
    with line_to(listening()) as line:
        line.answer()
        assert "PIPELINING" in line.say("EHLO me")
        line.socket.sendall(
            b"MAIL FROM:<a@example.com>\r\nRCPT TO:<desk@example.net>\r\n"
            b"RCPT TO:<x@y.z>\r\nDATA\r\n"
        )
        assert [line.answer()[:3] for _ in range(4)] == ["250", "250", "550", "354"]
        line.socket.sendall(MAIL + b".\r\nMAIL FROM:<b@example.com>\r\nQUIT\r\n")
        assert [line.answer()[:3] for _ in range(3)] == ["250", "250", "221"]
    assert ledger.raws == [MAIL]


def test_one_peer_cannot_take_every_place(listening):
    listener = listening(per_peer=2, connections=10)
    with line_to(listener) as first, line_to(listener) as second, line_to(listener) as third:
        assert first.answer().startswith("220")
        assert second.answer().startswith("220")
        assert third.answer().startswith("421")
        first.say("QUIT")
        deadline = time.monotonic() + 5
        while time.monotonic() < deadline:
            with line_to(listener) as fourth:
                if fourth.answer().startswith("220"):
                    return
            time.sleep(0.02)
    pytest.fail("the place that was left stayed taken")


def test_a_silent_connection_and_a_slow_mail_are_ended(listening, ledger):
    listener = listening(idle=0.3, whole=0.6)
    with line_to(listener) as silent:
        silent.answer()
        assert silent.socket.recv(1) == b""
    with line_to(listener) as slow:
        slow.envelope()
        slow.say("DATA")
        began = time.monotonic()
        with pytest.raises(OSError):
            while time.monotonic() - began < 5:
                slow.socket.sendall(b"x")
                time.sleep(0.05)
        assert time.monotonic() - began < 3
    assert ledger.raws == []


def test_an_address_in_other_letters_and_one_of_broken_octets(listening, ledger):
    with line_to(listening()) as line:
        line.answer()
        line.say("EHLO me")
        line.socket.sendall("MAIL FROM:<jürgen@example.com> SMTPUTF8\r\n".encode())
        assert line.answer().startswith("250")
        line.socket.sendall(b"RCPT TO:<\xff\xfe@example.org>\r\n")
        assert line.answer().startswith("5")
        line.say(f"RCPT TO:<{DESK}>")
        assert line.mail(MAIL).startswith("250")
    assert ledger.told[0]["envelope_from"] == "jürgen@example.com"


def test_a_stop_lets_the_mail_be_acknowledged_that_is_being_kept(listening, ledger):
    listener = listening()
    ledger.held.clear()
    with line_to(listener) as line:
        line.envelope()
        line.say("DATA")
        line.socket.sendall(MAIL + b".\r\n")
        while not ledger.threads:
            time.sleep(0.01)
        stopping = threading.Thread(target=listener.stop)
        stopping.start()
        time.sleep(0.2)
        ledger.held.set()
        assert line.answer().startswith("250")
        stopping.join(10)
        assert not stopping.is_alive()
    assert ledger.raws == [MAIL]


def test_a_taken_port_is_said_at_the_start(listening, ledger):
    taken = listening()
    again = MailListener("127.0.0.1", taken.port, take=ledger.take, accepts=ledger.accepts)
    with pytest.raises(OSError):
        again.start()


def test_five_hundred_mails_of_a_real_sender_are_all_in_the_ledger(listening, ledger, smtp_source):
    listener = listening()
    smtp_source(listener.port, count=500, sessions=8, recipient=DESK, length=2000)
    assert len(ledger.raws) == 500
    assert len(ledger.threads) > 1


def test_a_real_lmtp_sender_is_served(listening, ledger, smtp_source):
    smtp_source(listening("lmtp").port, count=20, sessions=4, recipient=DESK, lmtp=True)
    assert len(ledger.raws) == 20


def test_swaks_has_its_mail_taken(listening, ledger, swaks):
    said = swaks(
        listening().port, "--from", "a@example.com", "--to", DESK, "--body", "Where is it?"
    )
    assert "250 2.0.0 Taken" in said
    assert b"Where is it?" in ledger.raws[0]
