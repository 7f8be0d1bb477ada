"""One process of each part, then two, on PostgreSQL: how much more they do together."""

import argparse
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import TYPE_CHECKING

from bench.asking import Answers, ask_together
from bench.desk_work import READ, Agent, agents
from bench.figures import Figure, figure
from bench.intake import Mail, mails, open_mailbox, send, wait_until_found
from bench.load import desk
from bench.serving import Served
from tests.peers.processes import free_port

if TYPE_CHECKING:
    from bench.made_up import World

CLIENTS = 16
PARTS = ("web", "mail", "worker")


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--cases", type=int, default=5_000)
    parser.add_argument("--requests", type=int, default=1200, help="together, by sixteen clients")
    parser.add_argument("--mails", type=int, default=600)


def run(args: argparse.Namespace) -> Iterator[Figure]:
    if not args.postgres:
        raise SystemExit("Several processes share PostgreSQL: say --postgres.")
    world = desk(args.cases)
    open_mailbox()
    did: dict[tuple[str, int], float] = {}
    for number in (1, 2):
        for what, per_s in _of(number, world, args).items():
            did[what, number] = per_s
            yield figure(f"scale.{number}.{what}_per_s", per_s, f"{what}/s")
    for what in ("requests", "mails"):
        ratio = did[what, 2] / did[what, 1]
        yield {"name": f"scale.{what}_ratio", "value": round(ratio, 2), "unit": "times"}


def _of(number: int, world: "World", args: argparse.Namespace) -> dict[str, float]:
    """What so many of each part do in a second."""
    from django.db import connections

    connections.close_all()
    desk, webs, listeners = Served(), list[int](), list[int]()
    with ExitStack() as stack:
        stack.callback(connections.close_all)
        stack.callback(desk.stop)
        for n in range(number):
            webs.append(desk.port if not n else free_port())
            listeners.append(desk.smtp_port if not n else free_port())
            desk.start("web", port=webs[n], GOODWORD_WEB_PROCESSES="1")
            desk.start("mail", port=listeners[n])
            desk.start("worker")
        for port in webs:
            desk.wait(port=port)
        clients = [each for n, port in enumerate(webs)
                   for each in agents(port, CLIENTS // number, seed=n)]  # fmt: skip
        each = max(args.requests // CLIENTS, 1)
        _ask(clients, 2)
        asked = _ask(clients, each)
        burst = mails(world, args.mails, f"scale{number}")
        return {"requests": asked.per_s, "mails": _mails_per_s(desk, listeners, burst)}


def _ask(clients: list[Agent], each: int) -> Answers:
    found = ask_together([_looking(client, each) for client in clients])
    if found.failed:
        raise SystemExit("\n".join(found.failed[:5]))
    return found


def _looking(client: Agent, times: int) -> Callable[[Answers], None]:
    def work(answers: Answers) -> None:
        for _ in range(times):
            begun = time.perf_counter()
            name, status, _when = client.look(READ)
            if status != 200:
                answers.failed.append(f"{name}: {status}")
            answers.taken.setdefault(name, []).append((time.perf_counter() - begun) * 1000)

    return work


def _mails_per_s(desk: Served, listeners: list[int], burst: list[Mail]) -> float:
    """Taken by all listeners at once, and placed and found by whoever gets hold of them."""
    warm, burst = burst[: len(listeners) * 4], burst[len(listeners) * 4 :]
    for n, port in enumerate(listeners):
        desk.wait_for_mail(port)
        send(port, warm[n :: len(listeners)], connections=1)
    wait_until_found(desk)
    begun = time.perf_counter()
    ask_together([_sending(port, burst[n :: len(listeners)]) for n, port in enumerate(listeners)])
    wait_until_found(desk)
    return len(burst) / (time.perf_counter() - begun)


def _sending(port: int, part: list[Mail]) -> Callable[[Answers], None]:
    def work(_answers: Answers) -> None:
        send(port, part, connections=4)

    return work
