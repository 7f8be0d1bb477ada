"""How long the tick takes: where nothing is due, and where a thousand promises break at once."""

import argparse
import time
from collections.abc import Iterator
from datetime import timedelta
from itertools import cycle, islice
from statistics import median

from bench.figures import Figure, figure
from bench.load import desk

MANY = 1_000
MOST_TURNS = 200


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--cases", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=20, help="of a tick with nothing to do")


def run(args: argparse.Namespace) -> Iterator[Figure]:
    from goodword.worker.tick import tick

    desk(args.cases)
    _until_idle()
    taken = []
    for _ in range(args.rounds):
        begun = time.perf_counter()
        tick()
        taken.append((time.perf_counter() - begun) * 1e3)
    yield figure("tick.idle_ms", median(taken), "ms")
    _give()
    begun, broken = time.perf_counter(), 0
    while broken < MANY:
        broken += tick().get("broken", 0)
    yield figure("tick.due_1000_ms", (time.perf_counter() - begun) * 1e3, "ms")
    assert broken == MANY, broken


def _until_idle() -> None:
    from goodword.worker.tick import tick

    for _ in range(MOST_TURNS):
        if not any(tick().values()):
            return
    raise SystemExit("The tick never comes to an end of what is due.")


def _give() -> None:
    """So many promises, due a second ago, on the cases that are open."""
    from goodword.cases.models import Case
    from goodword.core.time import now
    from goodword.promises.models import Promise
    from goodword.staff.models import Schedule

    hours, at = Schedule.objects.get(), now()
    cases = Case.objects.filter(ended_at=None).order_by("-pk")[:MANY]
    due = at - timedelta(seconds=1)
    Promise.objects.bulk_create(
        Promise(
            case=case, customer_id=case.customer_id, owner_id=case.owner_id, kind="task_done",
            text="It is mended.", form="within:60", due=due, original_due=due, breaks_at=due,
            zone=hours.zone, schedule=hours, made_at=at - timedelta(hours=2),
            made_by_id=case.owner_id,
        )
        for case in islice(cycle(cases), MANY)
    )  # fmt: skip
