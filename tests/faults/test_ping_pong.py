"""Two desks of ours that write to each other at night, on loopback: they fall silent."""

import datetime
import smtplib
import time

import pytest

from tests.browser.server import until
from tests.cli.running import a_mail
from tests.faults.desk import OPEN, Hurt, hurt

pytestmark = pytest.mark.peers
OURS, THEIRS = "help@harbour.example", "help@quay.example"
MOST = 3
SILENT_FOR = 6


def closed_today() -> str:
    """Hours of one day in the week that is neither today nor next to it."""
    day = (datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=3)).strftime("%a").lower()
    return f"{day} 09:00-17:00"


def mails(desk: Hurt) -> int:
    return int(desk.server.ask("SELECT COUNT(*) FROM cases_outgoingmessage")[0][0])


def test_two_desks_fall_silent_after_three_mails_at_most() -> None:
    with hurt() as ours, hurt() as theirs:
        for desk, address, other in ((ours, OURS, theirs), (theirs, THEIRS, ours)):
            desk.set_up(address, "--hours", closed_today())
            desk.server.inside(
                "from goodword.channels.mail.models import Mailbox;"
                f"Mailbox.objects.update(smtp_port={other.server.smtp_port})"
            )
        ours.start()
        theirs.start()
        raw = a_mail("Is anybody there", THEIRS, OURS)
        with smtplib.SMTP("127.0.0.1", ours.server.smtp_port, "localhost", 30) as line:
            line.sendmail(THEIRS, [OURS], raw)
        until(lambda: mails(ours), "our desk says nothing at night")
        _silent(ours, theirs)
        assert 1 <= mails(ours) + mails(theirs) <= MOST
        # Each that came stands in a case, or is kept as what a machine wrote.
        came = "SELECT message_id IS NOT NULL OR state = 'automatic' FROM mail_incomingmail"
        for desk in (ours, theirs):
            assert set(desk.server.ask(came)) == {(1,)}


def _silent(*desks: Hurt) -> None:
    """Until nothing waits anywhere and nothing new is written for a while."""
    before, since = -1, time.monotonic()

    def is_over() -> bool:
        nonlocal before, since
        count = sum(map(mails, desks))
        tables = ("mail_incomingmail", "cases_outgoingmessage")
        waits = any(
            desk.server.ask(OPEN.format(table)) != [(0,)] for desk in desks for table in tables
        )
        if waits or count != before:
            before, since = count, time.monotonic()
        return time.monotonic() - since > SILENT_FOR

    until(is_over, "they go on and on", 60)
