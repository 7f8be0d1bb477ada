"""The token on the line: a real Dovecot that asks our provider, and an SMTP server that does."""

import asyncio
import base64
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, AuthResult
from django.test import Client

from goodword.cases.models import OutgoingMessage
from goodword.channels.mail.imap import ImapFetcher, Mark, probe
from goodword.channels.mail.models import IncomingMail, Mailbox, SignIn
from goodword.channels.mail.oauth.renewing import token_source
from goodword.channels.mail.outbox import Outbox, server_of
from goodword.channels.mail.sasl import NoToken, bearer, must_be_closed
from goodword.channels.mail.sending import SMTPServer, SMTPTransport
from goodword.channels.mail.sending import probe as probe_smtp
from goodword.channels.mail.taking import take
from goodword.core.compare import change
from goodword.worker.fetching import account_of
from tests.cast import Desk
from tests.desk.conftest import signed_in
from tests.peers import dovecot as dovecot_peer
from tests.peers import programs
from tests.peers.dovecot import Dovecot
from tests.peers.oauth import Authority, authority

MAIL = (
    b"From: Ellen <ellen@x.example>\r\nSubject: Down\r\nMessage-ID: <1@x.example>\r\n\r\nDown.\r\n"
)


@pytest.fixture(scope="module")
def whole() -> Iterator[tuple[Authority, Dovecot]]:
    """One provider and the Dovecot that asks it, for all tests here."""
    if not programs.DOVECOT.is_here():
        pytest.skip(programs.DOVECOT.absence())
    with authority() as found, dovecot_peer.dovecot(f"{found.url}/introspect") as there:
        yield found, there


@pytest.fixture
def provider(whole: tuple[Authority, Dovecot]) -> Authority:
    whole[0].revoke()
    whole[0].seen.clear()
    return whole[0]


@pytest.fixture
def server(whole: tuple[Authority, Dovecot], kept: SignIn, box: Mailbox) -> Dovecot:
    there = whole[1]
    to = {"imap_host": "127.0.0.1", "imap_port": there.imap_port, "imap_security": "none"}
    change(box, {}, to)
    return there


class Memory:
    mark: Mark | None = None

    def load(self) -> Mark | None:
        return self.mark

    def save(self, mark: Mark) -> None:
        self.mark = mark


@pytest.mark.peers
def test_a_mail_is_fetched_with_a_token_before_and_after_it_ran_out(
    desk: Desk, provider: Authority, server: Dovecot, box: Mailbox
) -> None:
    taken: list[bytes] = []
    account = account_of(box, "")
    fetcher = ImapFetcher(account, Memory(), lambda raw, _uid: taken.append(raw), start="all")
    server.deliver(box.address, MAIL)
    fetcher.fetch_once()
    assert len(taken) == 1 and b"Down." in taken[0] and provider.refreshes() == 0
    take(taken[0], envelope_from="", recipients=[], source="imap", mailbox=box)
    assert IncomingMail.objects.get().mailbox == box
    # It ran out by the provider's clock and not yet by ours.
    provider.good.clear()
    desk.later(minutes=2)
    server.deliver(box.address, MAIL.replace(b"<1@", b"<2@"))
    fetcher.fetch_once()
    assert len(taken) == 2 and provider.refreshes() == 1
    desk.later(hours=2)
    fetcher.count()
    assert provider.refreshes() == 2


@pytest.mark.peers
def test_a_sign_in_that_was_taken_back_is_a_trouble_in_words(
    desk: Desk, provider: Authority, server: Dovecot, box: Mailbox
) -> None:
    account = account_of(box, "")
    assert probe(account) is None
    provider.revoke()
    desk.later(minutes=2)
    said = probe(account)
    assert said and "Sign in again on the page of this mailbox" in said
    assert Mailbox.objects.get(pk=box.pk).trouble == said


@pytest.mark.peers
def test_try_it_says_that_the_server_does_not_take_this_account(
    desk: Desk, provider: Authority, server: Dovecot, box: Mailbox
) -> None:
    olu = signed_in(desk.olu)
    assert _tried(olu, box)[0].is_well
    change(box, {}, {"imap_user": "another@harbourlane.example"})
    wrong = _tried(olu, box)[0]
    assert not wrong.is_well and "does not accept the provider’s sign-in" in wrong.said
    assert provider.refreshes() == 0


def _tried(client: Client, box: Mailbox) -> Any:
    url = f"/settings/mailboxes/{box.pk}/"
    answer = client.get(url)
    shown = answer.context["form"]
    fields = {name: shown[name].value() for name in shown.fields}
    kept = {name: value for name, value in fields.items() if value not in (None, False)}
    seen = answer.context["editing"].seen
    return client.post(url, {**kept, "seen": seen, "try": "1"}).context["results"]


# SMTP


class Taker:
    """Takes mail from whoever shows a token that the provider calls good."""

    def __init__(self, provider: Authority, mechanism: str) -> None:
        self.provider, self.taken, self.shown = provider, [], []  # type: ignore[var-annotated]
        self.__dict__[f"auth_{mechanism}"] = self._auth

    async def _auth(self, server: SMTP, args: list[str]) -> AuthResult:
        said = base64.b64decode(args[1]).decode()
        token = said.split("auth=Bearer ")[1].split("\x01")[0]
        self.shown.append(said)
        if token in self.provider.good:
            return AuthResult(success=True, auth_data=token)
        # The details of the refusal are a challenge, and the client answers it.
        details = base64.b64encode(b'{"status": "401"}').decode()
        await server.push(f"334 {details}")
        answer = await server._reader.readline()  # type: ignore[attr-defined]
        self.shown.append(answer.decode().strip())
        await server.push("535 5.7.8 not with this token")
        return AuthResult(success=False, handled=True)

    async def handle_DATA(self, _server: SMTP, _session: Any, envelope: Any) -> str:
        self.taken.append(envelope)
        return "250 taken"


@pytest.fixture
def smtp(provider: Authority) -> Iterator[Any]:
    with ExitStack() as stack:

        def start(mechanism: str = "XOAUTH2") -> tuple[Taker, int]:
            taker, loop = Taker(provider, mechanism), asyncio.new_event_loop()

            async def bind() -> asyncio.Server:
                def session() -> SMTP:
                    return SMTP(
                        taker,
                        loop=loop,
                        hostname="sink.test",
                        auth_required=True,
                        auth_require_tls=False,
                        auth_exclude_mechanism=["LOGIN", "PLAIN"],
                    )

                return await loop.create_server(session, "127.0.0.1", 0)

            server = loop.run_until_complete(bind())
            thread = threading.Thread(target=loop.run_forever, daemon=True)
            thread.start()

            def end() -> None:
                loop.call_soon_threadsafe(loop.stop)
                thread.join(5)
                server.close()

            stack.callback(end)
            return taker, int(server.sockets[0].getsockname()[1])

        yield start


def _leaves_by(box: Mailbox, port: int) -> None:
    change(box, {}, {"smtp_host": "127.0.0.1", "smtp_port": port, "smtp_security": "none"})


def test_answers_leave_with_a_token_before_and_after_it_ran_out(
    desk: Desk, provider: Authority, box: Mailbox, kept: SignIn, smtp: Any
) -> None:
    taker, port = smtp()
    _leaves_by(box, port)
    desk.answered()
    outbox = Outbox(lambda _address, _use: "")
    outbox.send_due()
    waiting = OutgoingMessage.objects.exclude(state="sent").count()
    assert waiting == 0 and taker.taken and provider.refreshes() == 0
    count = len(taker.taken)
    provider.good.clear()
    desk.later(minutes=2)
    desk.answered(desk.heard(desk.daniel, "And the printer."))
    outbox.send_due()
    assert len(taker.taken) > count and provider.refreshes() == 1
    assert taker.shown[-2] == "" and taker.shown[0].startswith(f"user={box.address}\x01auth=")
    assert Mailbox.objects.get(pk=box.pk).sending_trouble == ""


def test_mail_waits_with_a_sentence_when_the_sign_in_was_taken_back(
    desk: Desk, provider: Authority, box: Mailbox, kept: SignIn, smtp: Any
) -> None:
    taker, port = smtp()
    _leaves_by(box, port)
    provider.revoke()
    desk.later(hours=2)
    desk.answered()
    Outbox(lambda _address, _use: "").send_due()
    assert taker.taken == [] and provider.refreshes() == 1
    copies = OutgoingMessage.objects.values_list("state", flat=True)
    assert "sent" not in copies and "failed" not in copies
    box.refresh_from_db()
    assert "Sign in again on the page of this mailbox" in box.sending_trouble


def test_a_server_that_takes_no_token_is_not_asked_for_ever_new_ones(
    desk: Desk, provider: Authority, box: Mailbox, kept: SignIn, smtp: Any
) -> None:
    _taker, port = smtp("ANYTHING")
    _leaves_by(box, port)
    desk.later(minutes=2)
    with SMTPTransport(server_of(box, "")) as transport:
        said = [transport.send(box.address, "ann@x.example", MAIL) for _ in range(3)]
    assert {each.trouble for each in said} == {"sign-in"} and provider.refreshes() == 1
    assert "does not accept the provider’s sign-in" in said[0].text


def test_oauthbearer_where_that_alone_is_offered(
    desk: Desk, provider: Authority, box: Mailbox, kept: SignIn, smtp: Any
) -> None:
    taker, port = smtp("OAUTHBEARER")
    _leaves_by(box, port)
    assert probe_smtp(server_of(box, "")) is None
    assert taker.shown[0].startswith(f"n,a={box.address},\x01host=127.0.0.1\x01port={port}\x01")


def test_what_is_said_in_each_mechanism() -> None:
    """The examples of RFC 7628 § 4.1 and of Google's and Microsoft's pages on XOAUTH2."""
    both = bearer("a@x.example", "tok", "h", 1, ["PLAIN", "OAUTHBEARER", "XOAUTH2"])
    assert both.mechanism == "XOAUTH2"
    assert both.first == "user=a@x.example\x01auth=Bearer tok\x01\x01"
    one = bearer("user@example.com", "vF9dft4q", "server.example.com", 143, ["oauthbearer"])
    assert one.first == (
        "n,a=user@example.com,\x01host=server.example.com\x01port=143\x01"
        "auth=Bearer vF9dft4q\x01\x01"
    )
    assert one.to_a_challenge == "\x01" and bearer("u", "t", "h", 1, []).mechanism == "XOAUTH2"
    with pytest.raises(NoToken):
        bearer("a\x01auth=Bearer x", "tok", "h", 1, [])


def test_no_token_goes_in_the_clear_to_another_machine() -> None:
    with pytest.raises(NoToken, match="without TLS"):
        must_be_closed("none", "mail.example.com")
    must_be_closed("starttls", "mail.example.com")
    asked: list[str] = []

    def token(refused: str) -> str:
        asked.append(refused)
        return "tok"

    server = SMTPServer("192.0.2.1", 25, "none", user="a@x.example", token=token, timeout=0.05)
    assert "tok" not in repr(server) and asked == []
    assert probe_smtp(server) is not None and asked == []


def test_nobody_signed_in_is_a_sentence_too(desk: Desk, box: Mailbox) -> None:
    change(box, {}, {"imap_host": "imap.example.com"})
    token = token_source(box)
    assert token is not None
    with pytest.raises(NoToken, match="Nobody has signed in"):
        token("")
    results = _tried(signed_in(desk.olu), box)
    assert not results[0].is_well and "Nobody has signed in" in results[0].said
