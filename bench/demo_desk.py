"""The demo's desk, for what is not measured by its size; or the one that is there already."""

import re
from collections.abc import Sequence
from email.message import EmailMessage
from typing import TYPE_CHECKING

from bench.asking import Client
from bench.intake import Mail, open_mailbox
from bench.load import AGENT, desk

if TYPE_CHECKING:
    from goodword.staff.models import Member

ROOMS = ("today", "inbox", "promises", "customers", "me", "articles", "notifications")


def prepare(cases: int) -> "tuple[Member, str]":
    """Somebody who works there, and an address that takes mail. No cases: the demo."""
    from goodword.channels.mail.models import Mailbox
    from goodword.config import demo
    from goodword.staff.models import Business, Member

    if cases:
        desk(cases)
    elif not Business.objects.exists():
        demo.seed()
        demo.mark_as_demo()
    shown = [each.email for each in demo.sign_ins()]
    member = Member.objects.filter(email__in=[*shown, AGENT]).order_by("pk")[0]
    if not Mailbox.objects.exists():
        open_mailbox()
    return member, Mailbox.objects.order_by("pk")[0].address


def places(client: Client) -> Sequence[str]:
    """Pages of the desk: its rooms, and every case that today, inbox and promises name."""
    asked = {f"/{room}/": client.ask(f"/{room}/") for room in ROOMS}
    there = {path: page for path, (status, page) in asked.items() if status == 200}
    cases = {each.decode() for page in there.values() for each in _CASE.findall(page)}
    return [*there, *sorted(cases), "/search/?q=invoice", "/search/?q=is%3Aours"]


_CASE = re.compile(rb'href="(/cases/\d+/)')


def mails(number: int, name: str, to: str) -> list[Mail]:
    """Mails from people whom nobody knows yet; sender and bytes."""
    made = []
    for n in range(number):
        mail, sender = EmailMessage(), f"{name}{n}@client.example"
        mail["From"], mail["To"], mail["Subject"] = sender, to, f"It blinks, number {n}"
        mail["Message-ID"] = f"<{name}.{n}@client.example>"
        mail.set_content("The box at the window blinks since this morning.\n" * 20)
        made.append((sender, mail.as_bytes()))
    return made
