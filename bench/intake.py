"""Mails a second: taken over SMTP with a durable answer, and until each can be found."""

import argparse
import email
import email.policy
import mailbox
import os
import random
import smtplib
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from email.message import EmailMessage
from email.utils import format_datetime, localtime
from pathlib import Path
from typing import TYPE_CHECKING

from bench.figures import Figure, figure
from bench.load import desk
from bench.proc import worked_s
from bench.serving import COMMAND, Served, served

if TYPE_CHECKING:
    from bench.made_up import World

OURS = "help@made.example"
CONNECTIONS = 8
Mail = tuple[str, bytes]  # its sender, and all of it
WITHIN = 900.0  # seconds; whoever needs longer has stopped


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--cases", type=int, default=10_000)
    parser.add_argument("--mails", type=int, default=2000, help="sent at once, over SMTP")


def run(args: argparse.Namespace) -> Iterator[Figure]:
    world = desk(args.cases)
    open_mailbox()
    floor = _floor(mails(world, 500, "floor"))
    yield figure("intake.floor_per_s", floor, "mails/s")
    with served("serve") as running:
        send(running.smtp_port, mails(world, 40, "warm"))
        wait_until_found(running)
        before = worked_s(running.pids())
        burst = mails(world, args.mails, "burst")
        started = time.perf_counter()
        deferred = send(running.smtp_port, burst)
        accepted = time.perf_counter() - started
        yield figure("intake.accepted_per_s", len(burst) / accepted, "mails/s")
        yield figure("intake.deferred", deferred, "mails")
        waiting, since = _waiting(), time.perf_counter()
        wait_until_found(running)
        found = time.perf_counter() - started
        yield figure("intake.waiting_per_s", waiting / (time.perf_counter() - since), "mails/s")
        yield figure("intake.searchable_per_s", len(burst) / found, "mails/s")
        cpu = (worked_s(running.pids()) - before) / len(burst) * 1000
        yield figure("intake.cpu_ms_per_mail", cpu, "ms")
    ingested = _ingested_per_s(mails(world, args.mails, "file"))
    yield figure("intake.ingest_per_s", ingested, "mails/s")
    yield figure("intake.share_of_floor", ingested / floor * 100, "%")


def open_mailbox() -> None:
    from goodword.channels.mail.models import Mailbox
    from goodword.staff.models import Business

    if not Mailbox.objects.exists():
        team = Business.current().home_team
        Mailbox.add(by="system", address=OURS, name="Help", team=team)
        Business.objects.update(mail_address=OURS)


def mails(world: "World", number: int, name: str) -> list[Mail]:
    """Mails of three kilobytes from people whom the desk knows; sender and bytes."""
    from goodword.people.models import ContactPoint

    chance = random.Random(name)
    known = list(ContactPoint.objects.order_by("pk").values_list("value", flat=True)[:5000])
    # On a desk that is kept they come again, and are not to be taken for the same.
    made, once = [], time.time_ns()
    for n in range(number):
        mail, sender = EmailMessage(), chance.choice(known)
        mail["From"], mail["To"] = f"Somebody <{sender}>", OURS
        mail["Subject"], mail["Date"] = world.title(chance), format_datetime(localtime())
        mail["Message-ID"] = f"<{name}.{once}.{n}@{sender.rpartition('@')[2]}>"
        mail.set_content("\n\n".join(world.text(chance)[0] for _ in range(6))[:2500])
        made.append((sender, mail.as_bytes(policy=email.policy.SMTP)))
    return made


def send(
    port: int, mails: Sequence[Mail], *, connections: int = CONNECTIONS, to: str = OURS
) -> int:
    """All of them over so many connections until each was acknowledged; how many were put off."""
    failed: list[str] = []
    deferred: list[str] = []

    def work(part: Sequence[Mail]) -> None:
        try:
            with smtplib.SMTP("127.0.0.1", port, timeout=60) as server:
                for sender, raw in part:
                    while not _taken(server, sender, raw, to):
                        deferred.append(sender)
        except OSError as error:
            failed.append(repr(error))

    threads = [
        threading.Thread(target=work, args=(mails[n::connections],)) for n in range(connections)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failed:
        raise SystemExit(f"Mail was not taken: {failed[0]}")
    return len(deferred)


def _taken(server: smtplib.SMTP, sender: str, raw: bytes, to: str) -> bool:
    """False where the desk asks to be sent it again, as a mail server would."""
    try:
        server.sendmail(sender, [to], raw)
    except smtplib.SMTPDataError as error:
        if not 400 <= error.smtp_code < 500:
            raise
        time.sleep(0.2)
        return False
    return True


def wait_until_found(running: Served) -> None:
    """Until every mail is placed and the index has read it. SystemExit where it never is."""
    from goodword.channels.mail.models import IncomingMail
    from goodword.finding.models import Stale

    deadline = time.monotonic() + WITHIN
    while IncomingMail.objects.filter(done_at=None).exists() or Stale.objects.exists():
        if time.monotonic() > deadline or any(p.poll() is not None for p in running.processes):
            raise SystemExit("Mail that was taken is not placed.")
        time.sleep(0.05)


def _waiting() -> int:
    """How many were taken and are no cases yet; those are what a worker has before it."""
    from goodword.channels.mail.models import IncomingMail

    return IncomingMail.objects.filter(done_at=None).count()


def _floor(mails: Sequence[Mail]) -> float:
    """What this machine could do at most: each mail parsed, and a durable commit for each."""
    import pysqlite3

    with tempfile.TemporaryDirectory(dir=os.environ["GOODWORD_DATA"]) as folder:
        database = pysqlite3.connect(Path(folder) / "floor.sqlite3", isolation_level=None)
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("PRAGMA synchronous=FULL")
        database.execute("CREATE TABLE mail (id INTEGER PRIMARY KEY, subject, text)")
        started = time.perf_counter()
        for _sender, raw in mails:
            mail = email.message_from_bytes(raw, policy=email.policy.default)
            body = mail.get_body(("plain",))
            text = body.get_content() if body else ""
            database.execute("BEGIN IMMEDIATE")
            database.execute("INSERT INTO mail (subject, text) VALUES (?, ?)",
                             (str(mail["Subject"]), text))  # fmt: skip
            database.execute("COMMIT")
        took = time.perf_counter() - started
        database.close()
    return len(mails) / took


def _ingested_per_s(mails: Sequence[Mail]) -> float:
    """By the command, and what the worker of a served desk does after it: until all is found."""
    from django.db import connections

    from goodword.finding import keeping

    connections.close_all()
    with tempfile.TemporaryDirectory() as folder:
        box = mailbox.mbox(Path(folder) / "mails.mbox")
        for _sender, raw in mails:
            box.add(raw)
        box.close()
        started = time.perf_counter()
        subprocess.run(
            [*COMMAND, "ingest", str(Path(folder) / "mails.mbox")],
            check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=sys.stderr,
        )  # fmt: skip
        keeping.catch_up()
        return len(mails) / (time.perf_counter() - started)
