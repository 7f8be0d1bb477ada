"""How long from the command to the first page, on a data folder that is there already."""

import argparse
import time
from collections.abc import Iterator
from statistics import median

from bench.demo_desk import prepare
from bench.figures import Figure
from bench.proc import worked_s
from bench.serving import Served

PAGE = "/sign-in/"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--cases", type=int, default=0, help="loaded before; 0: the demo")
    parser.add_argument("--starts", type=int, default=3, help="of each kind; the middle counts")


def run(args: argparse.Namespace) -> Iterator[Figure]:
    from django.db import connections

    prepare(args.cases)
    connections.close_all()
    desk, stopped, killed, worked = Served(), list[float](), list[float](), list[float]()
    try:
        for _ in range(args.starts):
            stopped.append(_seconds(desk))
            worked.append(worked_s(desk.pids()))
            desk.kill()
            killed.append(_seconds(desk))
            desk.stop()
    finally:
        desk.stop()
    yield _figure("start.first_page_s", median(stopped))
    yield _figure("start.after_kill_s", median(killed))
    yield _figure("start.cpu_s", median(worked))
    yield _figure("start.slowest_s", max(*stopped, *killed))


def _seconds(desk: Served) -> float:
    begun = time.perf_counter()
    desk.start("serve")
    desk.wait(PAGE)
    return time.perf_counter() - begun


def _figure(name: str, value: float) -> Figure:
    return {"name": name, "value": round(value, 2), "unit": "s"}
