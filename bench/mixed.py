"""Members at work, with mail coming and going; and five times as many requests as that."""

import argparse
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from bench.arrivals import Outcome, arrive
from bench.desk_work import READ, WRITE, WRITTEN, agents
from bench.figures import Figure, figure, times
from bench.intake import OURS, mails, open_mailbox, send, wait_until_found
from bench.load import desk
from bench.proc import worked_s
from bench.serving import Served, served

if TYPE_CHECKING:
    from bench.made_up import World
    from tests.faults.sink import Sink

CONNECTIONS, OVERLOAD, ASKED_PER_S = 50, 5, 70
AT_ONCE = 80  # mails, before it is looked whether it is over
KINDS = {READ: 0.9, WRITE: 0.1}
MAILS_PER_S = 5
# While mail pours in, hardly anybody asks for more, but what they write must not be refused.
BURST_PER_S, BURST_KINDS = 10, {READ: 0.6, WRITE: 0.4}
# Normal is what is asked of a desk at work; so many in a row, or it was a lucky one.
NORMAL_MS, IN_A_ROW, NORMAL_WITHIN = 300, 5, 60.0


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--cases", type=int, default=100_000)
    parser.add_argument("--seconds", type=int, default=60, help="of desk work, with and without")
    parser.add_argument("--burst", type=int, default=4000, help="mails at most, as fast as can be")
    parser.add_argument("--per-s", type=int, default=ASKED_PER_S, help="requests")


def run(args: argparse.Namespace) -> Iterator[Figure]:
    world = desk(args.cases)
    open_mailbox()
    with ExitStack() as stack:
        sink = stack.enter_context(mail_leaves())
        running = stack.enter_context(served("serve", outgoing=""))
        members = agents(running.port, CONNECTIONS)
        for member in members:
            stack.callback(member.close)
            member.begin()
        work = [member.work for member in members]
        worked = worked_s(running.pids())
        outcome = arrive(args.per_s, args.seconds, work, KINDS)
        yield from _of("mixed", outcome, worked_s(running.pids()) - worked)
        worked = worked_s(running.pids())
        with mail_comes(running, world, args.seconds) as taken:
            outcome = arrive(args.per_s, args.seconds, work, KINDS, seed=2)
        yield from _of("mixed.with_mail", outcome, worked_s(running.pids()) - worked)
        yield figure("mixed.with_mail.mails_in", len(taken), "mails")
        yield figure("mixed.with_mail.mails_out", len(sink.mails), "mails")
        with _mail_pours(running, world, args.burst) as poured:
            outcome = arrive(BURST_PER_S, max(args.seconds // 3, 1), work, BURST_KINDS, seed=3)
        yield figure("mixed.burst.mails_in", len(poured), "mails")
        yield from _of("mixed.burst", outcome, 0.0)
        wait_until_found(running)
        yield from _overload(running, args)


def _of(name: str, outcome: Outcome, worked: float) -> Iterator[Figure]:
    """`worked`: seconds of the processor, also for the mail that came and went meanwhile."""
    yield from times(name, outcome.all)
    written = [each for kind in WRITTEN for each in outcome.taken.get(kind, ())]
    yield from times(f"{name}.write", written)
    yield figure(f"{name}.requests", outcome.count, "requests")
    yield figure(f"{name}.per_s", outcome.count / outcome.seconds, "requests/s")
    if worked:
        yield figure(f"{name}.cpu_ms", worked / outcome.count * 1000, "ms a request")
    yield figure(f"{name}.writes", len(written) / outcome.count * 100, "%")
    yield {**figure(f"{name}.errors", len(outcome.failed) + outcome.shed, "errors"),
           "first": outcome.failed[:3]}  # fmt: skip


def _overload(running: Served, args: argparse.Namespace) -> Iterator[Figure]:
    """Five times as many, from five times as many; then how soon it is as before."""
    members = agents(running.port, CONNECTIONS * OVERLOAD, seed=1000)
    seconds = min(args.seconds, 15)
    outcome = arrive(args.per_s * OVERLOAD, seconds, [each.look for each in members], {READ: 1})
    for member in members:
        member.close()
    name = "mixed.overload"
    yield figure(f"{name}.requests", outcome.count, "requests")
    yield figure(f"{name}.answered", len(outcome.all), "requests")
    enough = {"is_proof": args.per_s >= ASKED_PER_S}
    yield {**figure(f"{name}.shed", outcome.shed, "answers of 503"), **enough}
    yield figure(f"{name}.without_retry_after", outcome.without_retry_after, "answers of 503")
    yield figure(f"{name}.errors", len(outcome.failed), "errors")
    yield from times(name, outcome.all)
    yield figure(f"{name}.normal_after_s", _until_normal(running), "s")


def _until_normal(running: Served) -> float:
    begun = time.monotonic()
    [member] = agents(running.port, 1, seed=2000)
    well, since = 0, 0.0
    while well < IN_A_ROW and time.monotonic() - begun < NORMAL_WITHIN:
        asked = time.monotonic()
        try:
            _name, status, _when = member.look(READ)
        except OSError:
            status = 0
        is_well = status == 200 and (time.monotonic() - asked) * 1000 <= NORMAL_MS
        since = asked - begun if is_well and not well else since
        well = well + 1 if is_well else 0
    member.close()
    return since if well == IN_A_ROW else NORMAL_WITHIN


# Mail


@contextmanager
def mail_leaves() -> Iterator["Sink"]:
    """To a server that says yes to all of it."""
    import os

    from goodword.channels.mail.models import Mailbox
    from tests.faults.ledger import Ledger
    from tests.faults.sink import sink

    ledger = Ledger(Path(os.environ["GOODWORD_DATA"]) / "ledger")
    with sink(ledger) as there:
        Mailbox.objects.update(
            smtp_host="127.0.0.1", smtp_port=there.port, smtp_security="none", smtp_user=""
        )
        yield there
    ledger.close()


@contextmanager
def mail_comes(
    running: Served,
    world: "World",
    seconds: float,
    per_s: float = MAILS_PER_S,
    to: Sequence[str] = (OURS,),
) -> Iterator[list[bytes]]:
    """So many mails a second to these in turns, as long as the block lasts."""
    made = mails(world, int(seconds * per_s), "mixed")

    def post(over: threading.Event, taken: list[bytes]) -> None:
        begun = time.monotonic()
        for n, mail in enumerate(made):
            if over.wait(max(begun + n / per_s - time.monotonic(), 0)):
                return
            send(running.smtp_port, [mail], connections=1, to=to[n % len(to)])
            taken.append(mail[1])

    with _meanwhile(post) as taken:
        yield taken


@contextmanager
def _mail_pours(running: Served, world: "World", number: int) -> Iterator[list[bytes]]:
    """Over all connections at once, as long as the block lasts and there is any."""
    made = mails(world, number, "pour")

    def post(over: threading.Event, taken: list[bytes]) -> None:
        for start in range(0, len(made), AT_ONCE):
            if over.is_set():
                return
            send(running.smtp_port, made[start : start + AT_ONCE])
            taken.extend(raw for _sender, raw in made[start : start + AT_ONCE])

    with _meanwhile(post) as taken:
        yield taken


@contextmanager
def _meanwhile(post: Callable[[threading.Event, list[bytes]], None]) -> Iterator[list[bytes]]:
    """What `post` has sent, in a thread that is told when the block is over."""
    over, taken = threading.Event(), list[bytes]()
    thread = threading.Thread(target=post, args=(over, taken))
    thread.start()
    try:
        yield taken
    finally:
        over.set()
        thread.join()
