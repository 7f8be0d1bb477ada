"""The stage of the demo: its people, its clock, and the acts that stories are told with.

Everything goes through the verbs and the intake that real mail goes through, at the instant at
which it happened; what was promised and not done is broken by the tick, as on a real desk.
"""

import contextlib
import heapq
from collections.abc import Generator, Iterable
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Any
from zoneinfo import ZoneInfo

from goodword.cases.models import Case, CaseLink, CustomerAct, Message
from goodword.cases.models.message import Channel
from goodword.channels.mail.addresses import reply_address
from goodword.channels.mail.models import IncomingMail, Mailbox
from goodword.channels.mail.outbox import Outbox
from goodword.channels.mail.placing import reply_tokens
from goodword.channels.mail.reading import read
from goodword.channels.mail.taking import take
from goodword.core.time import clock, now
from goodword.people.models import Customer
from goodword.promises.models import Promise, Rung
from goodword.staff.models import Member
from goodword.worker.intake import Read, drain_intake
from goodword.worker.tick import tick

LONDON = ZoneInfo("Europe/London")
Story = Generator[str, None, None]
"""Tells one case. It yields the time of each next scene, as London writes it."""


def london(text: str) -> datetime:
    """“2026-11-19 16:33” as London writes it, as an instant in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=LONDON).astimezone(UTC)


def play(stories: Iterable[Story], outbox: Outbox, until: datetime) -> None:
    """Tell all stories together, scene by scene in the order of time, up to `until`."""
    scenes = [(london(next(story)), number, story) for number, story in enumerate(stories)]
    heapq.heapify(scenes)
    while scenes:
        at, number, story = heapq.heappop(scenes)
        pass_time(at, outbox)
        with contextlib.suppress(StopIteration):
            heapq.heappush(scenes, (london(next(story)), number, story))
        while outbox.send_due():
            pass
    pass_time(until, outbox)


def pass_time(until: datetime, outbox: Outbox) -> None:
    """Let the clock run to `until`; whatever falls due on the way is judged when it does."""
    while (first := _first_before(until)) is not None:
        clock.fix(first + timedelta(seconds=1))
        if not any(tick().values()):
            break
        outbox.send_due()
    clock.fix(until)


def _first_before(until: datetime) -> datetime | None:
    """When the tick has something to do next."""
    due = Promise.objects.due_before(until).order_by("breaks_at")
    instants = due.values_list("breaks_at", flat=True)
    rungs = Rung.objects.ahead().filter(at__lt=until).order_by("at").values_list("at", flat=True)
    return min(filter(None, (instants.first(), rungs.first())), default=None)


def promise(kind: str, text: str, due: str, *, opens: str = "", **more: Any) -> dict[str, Any]:
    """One promise, as Reply and log_call take it; times as London writes them."""
    times = {"due": london(due), "opens": london(opens) if opens else None}
    return {"kind": kind, "text": text, **times, **more}


class Stage:
    """Who is there, by name, and what they can do."""

    priya: Member
    tom: Member
    dele: Member
    ines: Member
    farah: Member
    marta: Member
    jonas: Member
    olu: Member
    support: Mailbox
    offices: Mailbox
    billing: Mailbox

    def __init__(self) -> None:
        self._mails = 0
        self.customers: dict[str, Customer] = {}

    def __getitem__(self, name: str) -> Customer:
        return self.customers[name]

    def mail(
        self,
        who: Customer,
        text: str,
        *,
        to: Mailbox | None = None,
        case: Case | None = None,
        subject: str = "",
        ref: int | None = None,
        reader: Read = read,
    ) -> Case:
        """`who` writes a mail: into a case, or, with a subject and a number, a new one."""
        box = to or (case and Mailbox.objects.filter(team=case.team).first()) or self.support
        case = case or Case.open(who, title=subject, by=who, team=box.team, pk=ref)
        sender = who.points.get(kind="mail")
        recipient = reply_address(box.address, reply_tokens().make(case.pk, self._point(case)))
        head = {"Subject": subject or f"Re: {case.title}", **self._thread(case)}
        self.deliver(f"{who.name} <{sender.value}>", box, text, recipient, head, reader)
        return Case.objects.get(pk=case.pk)

    def deliver(
        self,
        sender: str,
        box: Mailbox,
        text: str,
        recipient: str,
        head: dict[str, str],
        reader: Read = read,
    ) -> IncomingMail:
        """A mail arrives at our listener."""
        self._mails += 1
        domain = sender.rpartition("@")[2].rstrip(">")
        mail = EmailMessage(policy=SMTP)
        mail["From"], mail["To"] = sender, box.address
        mail["Date"] = format_datetime(now())
        mail["Message-ID"] = f"<{self._mails:04}.{int(now().timestamp())}@{domain}>"
        for name, value in head.items():
            mail[name] = value
        mail.set_content(text, cte="quoted-printable")
        address = sender.rpartition("<")[2].rstrip(">")
        return self.receive(mail.as_bytes(), address, recipient, reader)

    def receive(
        self, raw: bytes, envelope_from: str, recipient: str, reader: Read = read
    ) -> IncomingMail:
        rows = take(raw, envelope_from=envelope_from, recipients=[recipient])
        drain_intake(reader)
        return IncomingMail.objects.get(pk=rows[0].pk)

    def rings(self, who: Customer, text: str, member: Member, case: Case) -> Case:
        """The customer rings, and `member` writes down what they say."""
        case.hear(who, text, channel=Channel.PHONE, taken_by=member)
        return case

    def opened_by_phone(self, who: Customer, title: str, member: Member, ref: int) -> Case:
        team = self.support.team
        return Case.open(who, title=title, by=member, team=team, channel=Channel.PHONE, pk=ref)

    def keep(self, case: Case, text: str, by: Member, evidence: str) -> None:
        """Something promised was done, and this is how we know."""
        given = self.given(case, text)
        given.case = case
        given.keep(by=by, evidence=evidence)
        case.reckon()

    def hand(self, case: Case, text: str, to: Member, *, by: Member) -> None:
        """Another member keeps this promise."""
        given = self.given(case, text)
        given.case = case
        given.hand_to(to, by=by)

    def given(self, case: Case, text: str) -> Promise:
        """The newest promise of the case that begins with these words."""
        return case.promises.filter(text__startswith=text).order_by("-pk")[0]

    def on_page(self, case: Case) -> CustomerAct:
        link = CaseLink.for_customer(case, case.customer)
        if link.opened_at is None:
            CaseLink.objects.filter(pk=link.pk).update(opened_at=now())
        return CustomerAct.on_page(link)

    def _point(self, case: Case) -> int:
        return int(case.customer.points.get(kind="mail").pk)

    def _thread(self, case: Case) -> dict[str, str]:
        """The headers with which a mail program answers the last mail that it has."""
        seen = Message.objects.filter(case=case).exclude(message_id="").order_by("at", "pk")
        ids = list(seen.values_list("message_id", flat=True))
        return {"In-Reply-To": ids[-1], "References": " ".join(ids)} if ids else {}
