"""How long the tick takes: where nothing of all that is promised is due, and where much is."""

import argparse
import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from itertools import cycle, islice
from statistics import median
from typing import TYPE_CHECKING

from bench.figures import Figure, figure
from bench.load import desk

if TYPE_CHECKING:
    from goodword.promises.models import Promise

MOST_TURNS = 200


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--cases", type=int, default=10_000)
    parser.add_argument("--open", type=int, default=1_000_000, help="promises that are not due yet")
    parser.add_argument("--due", type=int, default=1_000, help="promises that are due at once")
    parser.add_argument("--rounds", type=int, default=20, help="of a tick with nothing to do")


def run(args: argparse.Namespace) -> Iterator[Figure]:
    from goodword.worker.tick import tick

    desk(args.cases)
    _until_idle()
    with _owed(args.open):
        taken, worked = [], time.process_time()
        for _ in range(args.rounds):
            begun = time.perf_counter()
            tick()
            taken.append((time.perf_counter() - begun) * 1e3)
        worked = time.process_time() - worked
        yield figure("tick.open_promises", args.open, "promises")
        many = {"is_proof": args.open >= 1_000_000}
        yield {**figure("tick.idle_ms", median(taken), "ms"), **many}
        yield figure("tick.idle.cpu_ms", worked / args.rounds * 1e3, "ms")
        _give(args.due)
        begun, worked, broken = time.perf_counter(), time.process_time(), 0
        while broken < args.due:
            broken += tick().get("broken", 0)
        worked = time.process_time() - worked
        yield figure(f"tick.due_{args.due}_s", time.perf_counter() - begun, "s")
        yield figure("tick.due.cpu_ms", worked / args.due * 1e3, "ms a promise")
    assert broken == args.due, broken


def _until_idle() -> None:
    from goodword.worker.tick import tick

    for _ in range(MOST_TURNS):
        if not any(tick().values()):
            return
    raise SystemExit("The tick never comes to an end of what is due.")


@contextmanager
def _owed(number: int) -> Iterator[None]:
    """So many promises more on all cases, due in the months to come; they go again."""
    from django.db import connection, transaction

    from bench.bulk import Table, put, stamp
    from goodword.cases.models import Case
    from goodword.core.time import now
    from goodword.promises.models import Promise

    [usual, *_others] = _promises(1, now())
    # On one case alone, whoever reckons that case would read all of them.
    cases = list(Case.objects.values_list("pk", "customer_id", "owner_id"))
    times = ("due", "original_due", "breaks_at")
    table = Table(
        Promise, "case_id", "customer_id", "owner_id", *times,
        **{name: getattr(usual, name) for name in _SAME},
    )  # fmt: skip
    chance, at = random.Random(3), now().replace(tzinfo=None, microsecond=0)
    last = Promise.objects.order_by("-pk").values_list("pk", flat=True)[0]
    with transaction.atomic():
        put(table.name, table.columns, (
            (*chance.choice(cases), *[due] * len(times))
            for due in (stamp(at + timedelta(minutes=chance.randint(10_000, 500_000)))
                        for _ in range(number))
        ), table.constants)  # fmt: skip
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute(
                f"DELETE FROM {table.name} WHERE id > %s AND state = 'open' AND text = %s",
                [last, usual.text],
            )


_SAME = ("kind", "text", "form", "zone", "schedule", "made_at", "made_by_id")


def _give(number: int) -> None:
    """So many promises, due a second ago, on the cases that are open."""
    from goodword.core.time import now
    from goodword.promises.models import Promise

    Promise.objects.bulk_create(_promises(number, now() - timedelta(seconds=1)), batch_size=1000)


def _promises(number: int, due: datetime) -> "list[Promise]":
    from goodword.cases.models import Case
    from goodword.promises.models import Promise
    from goodword.staff.models import Schedule

    hours = Schedule.objects.get()
    cases = Case.objects.filter(ended_at=None).order_by("-pk")[:number]
    return [
        Promise(
            case=case, customer_id=case.customer_id, owner_id=case.owner_id, kind="task_done",
            text="It is mended.", form="within:60", due=due, original_due=due, breaks_at=due,
            zone=hours.zone, schedule=hours, made_at=due - timedelta(hours=2),
            made_by_id=case.owner_id,
        )
        for case in islice(cycle(cases), number)
    ]  # fmt: skip
