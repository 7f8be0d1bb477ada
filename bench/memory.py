"""What a desk with the demo's data holds in memory when everything runs and is warm.

PSS counts a page that several processes share once, in parts.
"""

import argparse
import time
from collections.abc import Callable, Iterator, Sequence

from bench.asking import Answers, Client, ask_each, ask_together, signed_in
from bench.demo_desk import mails, places, prepare
from bench.figures import Figure, figure
from bench.intake import send, wait_until_found
from bench.proc import pss_mb
from bench.serving import Served, served

CLIENTS = 8


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--cases", type=int, default=0, help="loaded before; 0: the demo")
    parser.add_argument("--walks", type=int, default=3, help="through all pages by each of eight")
    parser.add_argument("--demo-mails", type=int, default=60, help="that come in between")


def run(args: argparse.Namespace) -> Iterator[Figure]:
    member, address = prepare(args.cases)
    cookie = signed_in(member.email)
    with served("serve") as desk:
        yield figure("memory.cold_mb", pss_mb(desk.pids()), "MB")
        paths = [("page", path) for path in places(Client(desk.port, cookie))] * args.walks
        walked = ask_together([_walk(desk, cookie, paths) for _ in range(CLIENTS)])
        if walked.failed:
            raise SystemExit("\n".join(walked.failed[:5]))
        yield figure("memory.pages_walked", walked.count, "pages")
        send(desk.smtp_port, mails(args.demo_mails, f"m{time.time_ns()}", address), to=address)
        wait_until_found(desk)
        shares = [pss_mb([pid]) for pid in desk.pids()]
    for place, share in enumerate(shares):
        yield figure(f"memory.{f'child_{place}' if place else 'serve'}_mb", share, "MB")
    yield figure("memory.processes", len(shares), "processes")
    yield figure("memory.all_mb", sum(shares), "MB")


def _walk(desk: Served, cookie: str, paths: Sequence[tuple[str, str]]) -> Callable[[Answers], None]:
    def walk(answers: Answers) -> None:
        client = Client(desk.port, cookie)
        found = ask_each(client, paths, warms_up=False)
        answers.taken, answers.failed = found.taken, found.failed
        client.close()

    return walk
