"""The SMTP transport against servers that do what servers do, by script."""

import asyncio
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from email import message_from_bytes

import pytest
from aiosmtpd.smtp import SMTP, AuthResult

from goodword.channels.mail.sending import MaildirTransport, SMTPServer, SMTPTransport
from tests.peers import processes

ME = "support@harbour.example"
ANN = "ann@example.com"
MAIL = b"From: support@harbour.example\r\nMessage-ID: <1@h>\r\n\r\n.dot\r\n..\r\nbye\r\n"


class Sink:
    """A server that answers by script; what it took stands in `taken`."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, list[str], bytes]] = []
        self.answers: dict[str, list[str]] = {}
        self.greeted = 0

    def _next(self, command: str, usual: str) -> str:
        script = self.answers.get(command, [])
        return script.pop(0) if script else usual

    async def handle_EHLO(self, server, session, envelope, hostname, responses):
        self.greeted += 1
        session.host_name = hostname
        return responses

    async def handle_MAIL(self, server, session, envelope, address, options):
        answer = self._next("MAIL", "250 OK")
        if answer.startswith("250"):
            envelope.mail_from = address
        return answer

    async def handle_RCPT(self, server, session, envelope, address, options):
        answer = self._next("RCPT", "250 OK")
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server, session, envelope):
        answer = self._next("DATA", "250 OK: taken")
        if answer == "hang up":
            self.taken.append((envelope.mail_from, envelope.rcpt_tos, envelope.content))
            server.transport.abort()
            return "250 never said"
        if answer.startswith("250"):
            self.taken.append((envelope.mail_from, envelope.rcpt_tos, envelope.content))
        return answer


@pytest.fixture
def sink() -> Sink:
    return Sink()


@pytest.fixture
def serve(sink) -> Iterator[Callable[..., int]]:

    with ExitStack() as stack:

        def start(wrapped: ssl.SSLContext | None = None, **how: object) -> int:
            loop = asyncio.new_event_loop()

            async def bind() -> asyncio.Server:
                return await loop.create_server(
                    lambda: SMTP(sink, loop=loop, hostname="sink.test", **how),
                    "127.0.0.1",
                    0,
                    ssl=wrapped,
                )

            server = loop.run_until_complete(bind())
            thread = threading.Thread(target=loop.run_forever, daemon=True)
            thread.start()

            def end() -> None:
                loop.call_soon_threadsafe(loop.stop)
                thread.join(5)
                server.close()

            stack.callback(end)
            return int(server.sockets[0].getsockname()[1])

        yield start


@pytest.fixture
def transport() -> Iterator[Callable[..., SMTPTransport]]:
    with ExitStack() as stack:

        def make(port: int, security: str = "none", **how: object) -> SMTPTransport:
            how = {"timeout": 3, "final_timeout": 3, **how}
            server = SMTPServer("localhost", port, security, **how)  # type: ignore[arg-type]
            return stack.enter_context(SMTPTransport(server))

        yield make


def test_a_batch_goes_over_one_connection_octet_for_octet(sink, serve, transport):
    one = transport(serve())
    deliveries = [one.send(ME, ANN, MAIL) for _ in range(5)]
    assert {(d.outcome, d.code, d.text) for d in deliveries} == {("sent", 250, "OK: taken")}
    assert sink.greeted == 1
    assert sink.taken == [(ME, [ANN], MAIL)] * 5


def test_the_end_of_a_mail_does_not_wait_for_word_that_its_body_arrived(serve, transport):
    one = transport(serve())
    assert one.send(ME, ANN, MAIL).outcome == "sent"
    line = one._connection.sock
    assert line.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


@pytest.mark.parametrize(
    ("command", "answer", "outcome"),
    [
        ("MAIL", "451 later", "deferred"),
        ("MAIL", "550 not from you", "failed"),
        ("RCPT", "450 4.7.1 greylisted", "deferred"),
        ("RCPT", "550 5.1.1 nobody of that name", "failed"),
        ("DATA", "452 disk full", "deferred"),
        ("DATA", "554 5.7.1 spam", "failed"),
    ],
)
def test_an_answer_of_4_waits_and_one_of_5_fails_and_the_next_mail_goes(
    sink, serve, transport, command, answer, outcome
):
    sink.answers[command] = [answer]
    one = transport(serve())
    delivery = one.send(ME, ANN, MAIL)
    assert (delivery.outcome, delivery.code) == (outcome, int(answer[:3]))
    assert delivery.text == answer[4:]
    assert delivery.trouble is None
    assert one.send(ME, ANN, MAIL).outcome == "sent"
    assert len(sink.taken) == 1


def test_a_greylisted_mail_goes_at_the_second_attempt(sink, serve, transport):
    sink.answers["RCPT"] = ["450 come back"]
    one = transport(serve())
    assert [one.send(ME, ANN, MAIL).outcome for _ in range(2)] == ["deferred", "sent"]


def test_a_line_dropped_after_the_mail_waits_and_says_that_it_may_have_arrived(
    sink, serve, transport
):
    sink.answers["DATA"] = ["hang up"]
    one = transport(serve())
    delivery = one.send(ME, ANN, MAIL)
    assert (delivery.outcome, delivery.maybe_sent) == ("deferred", True)
    assert "same Message-ID" in delivery.text
    assert one.send(ME, ANN, MAIL).outcome == "sent"
    assert [raw for _, _, raw in sink.taken] == [MAIL, MAIL]


def test_a_session_that_the_server_ended_is_opened_again_without_a_word(sink, serve, transport):
    one = transport(serve(timeout=0.3))
    assert one.send(ME, ANN, MAIL).outcome == "sent"
    time.sleep(0.7)
    assert one.send(ME, ANN, MAIL).outcome == "sent"
    assert sink.greeted == 2
    assert len(sink.taken) == 2


def test_a_421_in_a_used_session_is_tried_at_once_on_a_new_one(sink, serve, transport):
    one = transport(serve())
    one.send(ME, ANN, MAIL)
    sink.answers["MAIL"] = ["421 enough for one session"]
    assert one.send(ME, ANN, MAIL).outcome == "sent"
    assert sink.greeted == 2


def test_nobody_listening_defers(transport):
    delivery = transport(processes.free_port()).send(ME, ANN, MAIL)
    assert (delivery.outcome, delivery.trouble) == ("deferred", "connection")
    assert not delivery.maybe_sent


@pytest.mark.parametrize("script", [b"2", b"220 slow\r\n"])
def test_a_server_of_one_octet_a_second_is_left_in_bounded_time(transport, script):
    listening = socket.create_server(("127.0.0.1", 0))

    def drip() -> None:
        line, _ = listening.accept()
        try:
            for _ in range(100):
                for octet in script.ljust(2000, b"2"):
                    line.sendall(bytes([octet]))
                    time.sleep(0.1)
        except OSError:
            line.close()

    threading.Thread(target=drip, daemon=True).start()
    one = transport(listening.getsockname()[1], timeout=0.5, final_timeout=0.5)
    began = time.monotonic()
    delivery = one.send(ME, ANN, MAIL)
    assert (delivery.outcome, delivery.trouble) == ("deferred", "connection")
    assert time.monotonic() - began < 3
    listening.close()


def test_a_line_cut_inside_the_last_answer_may_hide_a_yes(transport):
    listening = socket.create_server(("127.0.0.1", 0))

    def answer() -> None:
        line, _ = listening.accept()
        line.sendall(b"220 here\r\n250 hello\r\n250 from\r\n250 to\r\n354 go\r\n")
        said = b""
        while not said.endswith(b"\r\n.\r\n"):
            said += line.recv(4096)
        line.sendall(b"25")
        line.close()

    threading.Thread(target=answer, daemon=True).start()
    delivery = transport(listening.getsockname()[1]).send(ME, ANN, MAIL)
    assert (delivery.outcome, delivery.maybe_sent) == ("deferred", True)
    listening.close()


def test_a_wrong_password_loses_no_mail_and_says_what_to_do(sink, serve, transport, authority):
    def check(server, session, envelope, mechanism, login):
        return AuthResult(success=login.password == b"right", handled=False)

    certificate, context = authority
    port = serve(tls_context=context, authenticator=check, auth_required=True)
    how = {"user": "support", "ca_file": str(certificate)}
    delivery = transport(port, "starttls", password="wrong", **how).send(ME, ANN, MAIL)
    assert (delivery.outcome, delivery.code, delivery.trouble) == ("deferred", 535, "sign-in")
    assert "Correct the user name and password" in delivery.text
    delivery = transport(port, "starttls", **{**how, "user": ""}).send(ME, ANN, MAIL)
    assert (delivery.outcome, delivery.code, delivery.trouble) == ("deferred", 530, "sign-in")
    assert (
        transport(port, "starttls", password="right", **how).send(ME, ANN, MAIL).outcome == "sent"
    )


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_certificate_is_checked_unless_that_is_switched_off(
    sink, serve, transport, authority, security
):
    certificate, context = authority
    port = serve(context) if security == "tls" else serve(tls_context=context)
    delivery = transport(port, security).send(ME, ANN, MAIL)
    assert (delivery.outcome, delivery.trouble) == ("deferred", "certificate")
    assert sink.taken == []
    assert transport(port, security, ca_file=str(certificate)).send(ME, ANN, MAIL).outcome == "sent"
    assert transport(port, security, verify=False).send(ME, ANN, MAIL).outcome == "sent"


def test_nothing_goes_in_the_clear_where_starttls_is_asked_for(sink, serve, transport):
    delivery = transport(serve(), "starttls").send(ME, ANN, MAIL)
    assert (delivery.outcome, delivery.trouble) == ("deferred", "starttls")
    assert "Nothing was sent in the clear" in delivery.text
    assert sink.taken == []


def test_a_mail_that_the_server_will_not_take_for_its_size_fails_with_both_sizes(serve, transport):
    delivery = transport(serve(data_size_limit=1_000_000)).send(ME, ANN, b"x" * 2_500_000)
    assert (delivery.outcome, delivery.code) == ("failed", 552)
    assert "2.5 MB" in delivery.text and "1.0 MB" in delivery.text


def test_letters_beyond_ascii_in_an_address(sink, serve, transport):
    one = transport(serve(enable_SMTPUTF8=True))
    assert one.send(ME, "ann@bücher.example", MAIL).outcome == "sent"
    assert one.send(ME, "jürgen@bücher.example", MAIL).outcome == "sent"
    assert [to for _, to, _ in sink.taken] == [
        ["ann@xn--bcher-kva.example"],
        ["jürgen@xn--bcher-kva.example"],
    ]
    plain = transport(serve(enable_SMTPUTF8=False)).send(ME, "jürgen@b.example", MAIL)
    assert (plain.outcome, plain.code) == ("failed", 553)


@pytest.mark.parametrize("recipient", ["a@b\r\nRCPT TO:<c@d", "a b@c", "<a@b>"])
def test_no_address_smuggles_a_command(sink, serve, transport, recipient):
    delivery = transport(serve()).send(ME, recipient, MAIL)
    assert delivery.outcome == "failed"
    assert sink.taken == [] and sink.greeted == 0


def test_bounces_have_no_sender(sink, serve, transport):
    assert transport(serve()).send("", ANN, MAIL).outcome == "sent"
    assert sink.taken[0][0] in ("", "<>")


def test_a_folder_takes_the_mail_whole_and_names_the_recipient(tmp_path):
    folder = MaildirTransport(tmp_path / "out")
    assert folder.send(ME, ANN, MAIL).outcome == "sent"
    assert folder.send(ME, ANN, MAIL).outcome == "sent"
    kept = sorted((tmp_path / "out" / "new").iterdir())
    assert len(kept) == 2
    assert list((tmp_path / "out" / "tmp").iterdir()) == []
    mail = message_from_bytes(kept[0].read_bytes())
    assert (mail["Delivered-To"], mail["Return-Path"]) == (ANN, f"<{ME}>")
    assert kept[0].read_bytes().endswith(MAIL)


def test_a_folder_that_cannot_be_written_defers(tmp_path):
    folder = MaildirTransport(tmp_path / "out")
    (tmp_path / "out" / "tmp").rmdir()
    assert folder.send(ME, ANN, MAIL).outcome == "deferred"


def test_a_real_postfix_sink_takes_a_batch(smtp_sink, transport):
    sink = smtp_sink()
    one = transport(sink.port)
    assert [one.send(ME, ANN, MAIL).outcome for _ in range(20)] == ["sent"] * 20
    assert len(sink.mails()) == 20
