"""A desk that is worked on for a long time: what grows, what waits, what is said in its log."""

import argparse
import statistics
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from typing import NamedTuple

from bench.arrivals import arrive
from bench.desk_work import agents
from bench.figures import Figure, figure, times
from bench.intake import open_mailbox
from bench.load import desk
from bench.mixed import CONNECTIONS, KINDS, mail_comes, mail_leaves
from bench.proc import name_of, open_files, pss_mb, worked_s
from bench.serving import Served, served

SAMPLES, WARM_AFTER = 120, 1 / 3  # of the whole time
SHOWN = 20  # minutes; in fewer than that a desk is still getting warm
QUIET_WITHIN = 120.0
# Of three writes a second 1.2 are replies: the members keep up with what comes in. Where they did
# not (five a second), 15,000 waited after an hour, and each request took twice what it had.
MAILS_PER_S = 1
LOCKED = "django.db.utils.OperationalError: database is locked"


class Seen(NamedTuple):
    """Of one moment: seconds since the start, what the processor worked, megabytes, files."""

    at: float
    worked: float
    held: dict[str, float]
    files: int


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--cases", type=int, default=10_000)
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--per-s", type=int, default=30, help="requests")


def run(args: argparse.Namespace) -> Iterator[Figure]:
    world = desk(args.cases)
    boxes = _mailboxes()
    seconds = args.minutes * 60
    with ExitStack() as stack:
        stack.enter_context(mail_leaves())
        running = stack.enter_context(served("serve", outgoing=""))
        before = running.log.stat().st_size
        members = agents(running.port, CONNECTIONS, keep_up=True)
        for member in members:
            stack.callback(member.close)
            member.begin()
        with (
            _watched(running, seconds / SAMPLES) as seen,
            mail_comes(running, world, seconds, MAILS_PER_S, boxes),
        ):
            outcome = arrive(args.per_s, seconds, [each.work for each in members], KINDS)
        left = _left_in_queues()
        files = open_files(running.pids())
        log = running.log.read_bytes()[before:].decode(errors="replace")
    yield figure("soak.minutes", args.minutes, "min")
    yield figure("soak.requests", outcome.count, "requests")
    yield from times("soak", outcome.all)
    yield {**figure("soak.errors", len(outcome.failed) + outcome.shed, "errors"),
           "first": outcome.failed[:3]}  # fmt: skip
    warm = [each for each in seen if each.at >= seconds * WARM_AFTER]
    grown = slope([(each.at / 3600, sum(each.held.values())) for each in warm])
    yield {**figure("soak.growth_mb_per_h", grown, "MB/h"), "is_proof": args.minutes >= SHOWN}
    for name, mb in warm[-1].held.items():
        grown = slope([(each.at / 3600, each.held.get(name, 0.0)) for each in warm])
        yield figure(f"soak.{name}.growth_mb_per_h", grown, "MB/h")
        yield figure(f"soak.{name}.memory_mb", mb, "MB")
    middle = warm[len(warm) // 2]
    for name, since, until in (("early", warm[0], middle), ("late", middle, warm[-1])):
        worked = (until.worked - since.worked) / max(until.at - since.at, 0.001) / args.per_s
        yield figure(f"soak.cpu_ms_per_request.{name}", worked * 1000, "ms")
    yield figure("soak.waiting", _waiting(), "cases")
    yield figure("soak.memory_mb", sum(warm[-1].held.values()), "MB")
    yield figure("soak.open_files_more", files - warm[0].files, "files")
    yield figure("soak.left_in_queues", left, "rows")
    yield figure("soak.locked", log.count(LOCKED), "lines")


def _mailboxes() -> list[str]:
    """One for each team, or five of twenty members would answer for all."""
    from goodword.channels.mail.models import Mailbox
    from goodword.staff.models import Team

    open_mailbox()
    for team in Team.objects.exclude(pk=Mailbox.objects.get().team_id):
        address = f"{team.slug}@made.example"
        Mailbox.add(by="system", address=address, name=team.name, team=team)
    return list(Mailbox.objects.values_list("address", flat=True))


def _waiting() -> int:
    """Cases that wait for us: as many at the end as there were, or nobody kept up."""
    from goodword.cases.models import Case

    return Case.objects.ours().count()


class _watched:
    """Now and then: what each process holds in memory, and how many files are open."""

    def __init__(self, running: Served, every: float) -> None:
        self._running, self._every = running, every
        self._over, self._seen = threading.Event(), list[Seen]()
        self._thread = threading.Thread(target=self._watch)

    def __enter__(self) -> list[Seen]:
        self._begun = time.monotonic()
        self._thread.start()
        return self._seen

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._over.wait(self._every):
            pids, held = self._running.pids(), dict[str, float]()
            for pid in pids:
                name = name_of(pid).removeprefix("goodword ")
                # Without what is mapped from the database's file: the kernel drops it.
                held[name] = held.get(name, 0.0) + pss_mb([pid], "Pss_Anon")
            self._seen.append(
                Seen(time.monotonic() - self._begun, worked_s(pids), held, open_files(pids))
            )


def slope(points: Sequence[tuple[float, float]]) -> float:
    """By least squares."""
    if len(points) < 2:
        return 0.0
    found = statistics.linear_regression([x for x, _ in points], [y for _, y in points])
    return found.slope


def _left_in_queues() -> int:
    """Rows that nobody has worked on once all had the time for it."""
    from goodword.cases.models import OutgoingMessage
    from goodword.channels.mail.models import IncomingMail
    from goodword.finding.models import Stale

    deadline = time.monotonic() + QUIET_WITHIN
    while True:
        open_rows = {"done_at": None, "gave_up_at": None}
        left = sum(model.objects.filter(**open_rows).count()
                   for model in (IncomingMail, OutgoingMessage))  # fmt: skip
        left += Stale.objects.count()
        if not left or time.monotonic() > deadline:
            return left
        time.sleep(0.5)
