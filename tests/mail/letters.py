"""Letters for the tests of intake and outbox: written, delivered, read as a stranger would."""

from dataclasses import dataclass
from datetime import timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

from goodword.cases.models import Case, Message, OutgoingMessage
from goodword.channels.mail.models import IncomingMail, Mailbox
from goodword.channels.mail.outbox import Outbox
from goodword.channels.mail.sending import Delivery
from goodword.channels.mail.taking import take
from goodword.core.time import clock
from goodword.worker.intake import drain_intake

SUPPORT = "support@harbourlane.example"
ELLEN = "Ellen Whitcombe <ellen@whitcombe.example>"
_numbers = iter(range(1, 10**9))


def letter(
    text: str = "The server is down again.",
    *,
    sender: str = ELLEN,
    to: str = SUPPORT,
    subject: str = "Server",
    **headers: str,
) -> bytes:
    """A mail as octets. Header names are keywords: In_Reply_To="<…>"; "" leaves one out."""
    mail = EmailMessage()
    said = {
        "From": sender,
        "To": to,
        "Subject": subject,
        "Date": "Thu, 19 Nov 2026 16:30:00 +0000",
        "Message-ID": f"<letter.{next(_numbers)}@whitcombe.example>",
    }
    said |= {name.replace("_", "-"): value for name, value in headers.items()}
    for name, value in said.items():
        if value:
            mail[name] = value
    mail.set_content(text)
    return mail.as_bytes()


def header_id(raw: bytes) -> str:
    return str(message_from_bytes(raw)["Message-ID"])


def delivered(
    raw: bytes, to: str = SUPPORT, *, envelope_from: str = "ellen@whitcombe.example", **how: object
) -> IncomingMail:
    """Take it and place it, as the listener and the intake do; the row as it ended."""
    row = take(raw, envelope_from=envelope_from, recipients=[to], **how)[0]  # type: ignore[arg-type]
    drain_intake()
    row.refresh_from_db()
    return row


def heard(raw: bytes, to: str = SUPPORT, **how: object) -> Message:
    """The message that the mail became."""
    row = delivered(raw, to, **how)
    assert row.message is not None, (row.state, row.last_error)
    return row.message


def case_of(raw: bytes, to: str = SUPPORT, **how: object) -> Case:
    return Case.objects.get(pk=heard(raw, to, **how).case_id)


@dataclass
class Sent:
    """One mail that left: its envelope, its octets, and how the standard parser reads it."""

    envelope_from: str
    recipient: str
    raw: bytes

    @property
    def mail(self) -> EmailMessage:
        parsed = message_from_bytes(self.raw, policy=default)
        assert isinstance(parsed, EmailMessage)
        return parsed

    @property
    def text(self) -> str:
        body = self.mail.get_body(("plain",))
        assert body is not None
        return str(body.get_content())

    @property
    def reply_to(self) -> str:
        return str(self.mail["Reply-To"].addresses[0].addr_spec)

    def answered(self, text: str = "Thank you.", *, sender: str = ELLEN, **headers: str) -> bytes:
        """The answer as a mail program writes it: to Reply-To, with both threading headers."""
        own = str(self.mail["Message-ID"])
        before = str(self.mail["References"] or "")
        thread = {"In_Reply_To": own, "References": f"{before} {own}".strip(), **headers}
        subject = f"Re: {self.mail['Subject']}"
        return letter(text, sender=sender, to=self.reply_to, subject=subject, **thread)


class Post:
    """A transport that keeps what it is given, and answers as it was told to."""

    is_away = False

    def __init__(self) -> None:
        self.sent: list[Sent] = []
        self.answers: list[Delivery] = []

    def send(self, envelope_from: str, recipient: str, raw: bytes) -> Delivery:
        answer = self.answers.pop(0) if self.answers else Delivery("sent", 250, "250 ok")
        if answer.outcome == "sent" or answer.maybe_sent:
            self.sent.append(Sent(envelope_from, recipient, raw))
        return answer

    def close(self) -> None:
        """Nothing is held open."""


class TestOutbox(Outbox):
    """The real outbox, handing over to a Post."""

    __test__ = False

    def __init__(self, post: Post) -> None:
        super().__init__(lambda address, kind: "")
        self._post = post

    def _new_transport(self, box: Mailbox) -> Post:
        return self._post


def posted(post: Post | None = None) -> list[Sent]:
    """Send all that is due; the mails that left now."""
    post = post or Post()
    before = len(post.sent)
    TestOutbox(post).send_due()
    return post.sent[before:]


def queued() -> list[OutgoingMessage]:
    return list(OutgoingMessage.objects.filter(done_at=None, gave_up_at=None).order_by("id"))


def tomorrow() -> None:
    clock.fix(clock.now() + timedelta(days=1))
