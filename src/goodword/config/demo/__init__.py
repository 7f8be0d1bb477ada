"""The demo: Harbour Lane on a Thursday at 16:33, with everything that came before."""

import shutil
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.core.management.color import no_style
from django.db import connection, transaction

from goodword.cases.models import Case, CaseLink
from goodword.channels.mail.outbox import Outbox, demo_maildir
from goodword.config.demo.people import DOMAIN, MEMBERS, PASSWORD, gather
from goodword.config.demo.stage import london, play
from goodword.config.demo.stories import all_stories
from goodword.core.time import clock, keep_demo_clock
from goodword.desk.demo import note_sign_ins
from goodword.finding.index import TABLES, index
from goodword.finding.looking import NEWEST
from goodword.notifying.demo import tell_the_demo
from goodword.staff.models import Business

STARTS = "2026-11-19 16:33"
_SHOWN = {"priya": "agent", "marta": "lead", "jonas": "leader", "olu": "operator"}


@dataclass(frozen=True)
class SignIn:
    role: str
    name: str
    email: str
    password: str


def sign_ins() -> list[SignIn]:
    """One person of each role, to sign in with."""
    names = {key: name for key, name, _role in MEMBERS}
    return [SignIn(role, names[key], f"{key}@{DOMAIN}", PASSWORD) for key, role in _SHOWN.items()]


def customer_link() -> str:
    """The whole address of Ellen's page, from PUBLIC_URL on."""
    case = Case.objects.get(pk=2041)
    return CaseLink.for_customer(case, case.customer).url


def is_seeded() -> bool:
    return Business.objects.exists()


def seed(reset: bool = False) -> None:
    """Fill the database with Harbour Lane, all or nothing; afterwards it is 16:33 there.

    `reset` empties it first. Without it a database that has a business is left as it is.
    """
    if reset:
        empty()
    if is_seeded():
        return
    with transaction.atomic():
        clock.fix(london("2022-01-03 09:00"))
        stage = gather()
        outbox = Outbox(lambda _address, _use: "", outgoing_folder())
        play(all_stories(stage), outbox, london(STARTS))
        _number_from_here()
        tell_the_demo()
    clock.start_at(london(STARTS))


def empty() -> None:
    """Take everything out: rows, files, and the mail that went out."""
    call_command("flush", interactive=False, verbosity=0)
    for table in TABLES:
        index().drop_between(table, 0, NEWEST)
    for folder in (Path(settings.DATA) / "files", outgoing_folder()):
        shutil.rmtree(folder, ignore_errors=True)


def outgoing_folder() -> Path:
    return demo_maildir() or Path(settings.DATA) / "outgoing"


def mark_as_demo() -> None:
    """Note in the data folder that this is a demo, what time it is there, and who signs in."""
    keep_demo_clock()
    note_sign_ins({each.email: each.password for each in sign_ins()})


def _number_from_here() -> None:
    """PostgreSQL counts on by itself only after it is told about numbers that we chose."""
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), [Case]):
            cursor.execute(statement)
