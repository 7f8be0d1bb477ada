"""A small town of real servers: the desk, the relay between everybody, and the mailboxes.

Postfix carries mail for harbourlane.example to the desk's own listener and mail for the
customers to Dovecot, where an independent reader fetches it. lane.example is a mailbox of the
desk's on that same Dovecot, read by IMAP. At gone.example every recipient is refused.
"""

import smtplib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from itertools import count

from playwright.sync_api import BrowserContext, Page

from tests.browser.server import DeskServer, served
from tests.peers.dovecot import PASSWORD, Dovecot
from tests.peers.postfix import Postfix, postfix, smtp_sink
from tests.peers.processes import free_port
from tests.zones import zone_at_noon

SUPPORT = "support@harbourlane.example"
BY_IMAP = "offices@lane.example"
PRIYA, DELE, MARTA = (f"{name}@harbourlane.example" for name in ("priya", "dele", "marta"))
NAMES = {PRIYA: "Priya Raman", DELE: "Dele Adeyemi", MARTA: "Marta Nowak"}


@dataclass
class Town:
    desk: DeskServer
    relay: Postfix
    mailboxes: Dovecot
    numbers: Iterator[int]

    def customer(self, name: str) -> str:
        """A new person with a mailbox of their own; their address."""
        return self.mailboxes.add_user(f"{name}{next(self.numbers)}@whitcombe.example")

    def send(
        self,
        sender: str,
        text: str,
        *,
        to: str = SUPPORT,
        subject: str = "",
        answering: EmailMessage | None = None,
        port: int = 0,
    ) -> EmailMessage:
        """Hand a customer's mail to the relay, as their mail program does."""
        mail = EmailMessage()
        mail["From"], mail["To"] = f"Ellen Whitcombe <{sender}>", to
        mail["Date"] = format_datetime(datetime.now(UTC))
        mail["Message-ID"] = make_msgid(domain="whitcombe.example")
        if answering is not None:
            mail.replace_header("To", str(answering["Reply-To"]))
            subject = subject or str(answering["Subject"])
            chain = f"{answering['References'] or ''} {answering['Message-ID']}".split()
            mail["In-Reply-To"] = str(answering["Message-ID"])
            mail["References"] = " ".join(chain)
        mail["Subject"] = subject
        mail.set_content(text)
        with smtplib.SMTP("127.0.0.1", port or self.relay.port, "localhost") as relay:
            relay.send_message(mail)
        return mail

    def received(self, address: str, number: int) -> EmailMessage:
        """The mail that came to `address` as number so much, by Python's own IMAP reader."""
        mails = self.mailboxes.mails(address, at_least=number, seconds=30)
        assert len(mails) >= number, (
            f"{len(mails)} mails came, not {number}:\n{self.relay.log()[-1500:]}"
        )
        return mails[number - 1]

    def sign_in(self, context: BrowserContext, who: str = PRIYA) -> Page:
        page = context.new_page()
        page.goto(f"{self.desk.url}/sign-in/")
        page.get_by_label("Your mail address").fill(who)
        page.get_by_label("Your password").fill(self.desk.passwords[who])
        page.get_by_role("button", name="Sign in", exact=True).click()
        page.wait_for_url(f"{self.desk.url}/today/")
        return page

    def case_of(self, title: str) -> int:
        """The number of the case with that title."""
        ((number,),) = self.desk.ask("SELECT id FROM cases_case WHERE title = ?", title)
        return int(number)

    def open_case(self, page: Page, title: str) -> int:
        """Go to the page of a case that is there already."""
        number = self.case_of(title)
        page.goto(f"{self.desk.url}/cases/{number}/")
        return number


@contextmanager
def build(mailboxes: Dovecot) -> Iterator[Town]:
    mailboxes.add_user(BY_IMAP)
    lmtp = f"lmtp:inet:127.0.0.1:{mailboxes.lmtp_port}"
    smtp_port = free_port()
    with smtp_sink(hard="RCPT") as gone:
        routes = {
            "harbourlane.example": f"smtp:[127.0.0.1]:{smtp_port}",
            "lane.example": lmtp,
            "whitcombe.example": lmtp,
            "gone.example": f"smtp:[127.0.0.1]:{gone.port}",
        }
        with (
            postfix(routes) as relay,
            served(_set_up(relay, mailboxes), smtp_port=smtp_port) as desk,
        ):
            yield Town(desk, relay, mailboxes, count(1))


def _set_up(relay: Postfix, mailboxes: Dovecot) -> list[list[str]]:
    out = ["--smtp", f"127.0.0.1:{relay.port}", "--smtp-security", "none"]
    people = [
        f"--member={NAMES[who]} <{who}> {role}"
        for who, role in ((MARTA, "leader"), (PRIYA, "agent"), (DELE, "agent"))
    ]
    business = ["--name", "Harbour Lane", "--address", SUPPORT, "--phone", "020 7946 0140"]
    hours = ["--zone", zone_at_noon(), "--hours", "mon-sun 00:00-24:00"]
    team = ["--team", "IT support", "--duty", MARTA]
    imap = ["--imap", f"127.0.0.1:{mailboxes.imap_port}", "--imap-security", "none"]
    secret = ["--imap-password", PASSWORD, "--imap-from", "all"]
    return [
        ["init", *business, *hours, *people, *team, *out, "--no-input"],
        [
            "mailbox",
            "add",
            BY_IMAP,
            "--name",
            "Offices",
            "--team",
            "IT support",
            *imap,
            *secret,
            *out,
        ],
    ]
