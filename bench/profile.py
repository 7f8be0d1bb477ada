"""Where the time goes: what a page, a mail and a broken promise cost the processor, by who works.

The profiler makes what is called often look dearer than it is, so the shares are read as shares;
the milliseconds are of a round without it.
"""

import argparse
import cProfile
import pstats
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from bench.figures import Figure, figure
from bench.intake import OURS, mails, open_mailbox
from bench.load import AGENT, desk

if TYPE_CHECKING:
    from bench.made_up import World

# The first that is part of the file's path counts; what is written in C has none.
AREAS = {
    "/goodword/": "ours",
    "/django/db/": "orm",
    "/django/template": "templates",
    "/django/utils/translation": "words",
    "/django/": "django",
    "": "others",
}
DATABASE = ("execute", "executemany", "fetchone", "fetchmany", "fetchall", "commit")
ROUNDS_WARM = 3
Act = Callable[[int], object]


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--cases", type=int, default=10_000)
    parser.add_argument("--times", type=int, default=30, help="of each, with and without profiler")


def run(args: argparse.Namespace) -> Iterator[Figure]:
    world = desk(args.cases)
    open_mailbox()
    for name, act in _acts(world, ROUNDS_WARM + 2 * args.times).items():
        for n in range(ROUNDS_WARM):
            act(n)
        begun = time.thread_time()
        for n in range(args.times):
            act(ROUNDS_WARM + n)
        each = (time.thread_time() - begun) / args.times * 1000
        yield figure(f"profile.{name}.cpu_ms", each, "ms")
        yield figure(f"profile.{name}.queries", _queries(act, ROUNDS_WARM), "queries")
        profiler = cProfile.Profile()
        profiler.enable()
        for n in range(args.times):
            act(ROUNDS_WARM + args.times + n)
        profiler.disable()
        for area, share in shares(profiler).items():
            yield figure(f"profile.{name}.{area}_share", share, "%")


def shares(profiler: cProfile.Profile) -> dict[str, float]:
    """How much of the time is spent in whose lines, in hundredths; the largest first."""
    spent: dict[str, float] = defaultdict(float)
    stats: dict[Any, Any] = pstats.Stats(profiler).stats  # type: ignore[attr-defined]
    for (file, _line, name), (_calls, _all, own, _with, callers) in stats.items():
        if not file.startswith("~"):
            spent[_area(file)] += own
        elif any(f"'{word}' of" in name for word in DATABASE):
            spent["database"] += own
        else:
            # What C does, it does for whoever called it.
            for caller, (*_counts, for_it, _there) in callers.items():
                spent[_area(caller[0])] += for_it
    whole = sum(spent.values()) or 1.0
    ranked = sorted(spent.items(), key=lambda each: -each[1])
    return {area: own / whole * 100 for area, own in ranked}


def _area(file: str) -> str:
    return next(area for part, area in AREAS.items() if part in file)


def _queries(act: Act, n: int) -> int:
    from django.db import connection

    asked: list[str] = []

    def note(execute: Callable[..., object], sql: str, *rest: object) -> object:
        asked.append(sql)
        return execute(sql, *rest)

    with connection.execute_wrapper(note):
        act(n)
    return len(asked)


def _acts(world: "World", times: int) -> dict[str, Act]:
    """Pages as they are asked for, without the socket; a mail as the intake places it."""
    from django.conf import settings
    from django.test import Client

    from goodword.cases.models import Case, CaseLink
    from goodword.channels.mail.reading import read
    from goodword.channels.mail.taking import take
    from goodword.staff.models import Member
    from goodword.worker.intake import drain_intake

    settings.ALLOWED_HOSTS = ["*"]
    member, client = Member.objects.get(email=AGENT), Client()
    client.force_login(member)
    case = Case.objects.filter(team=member.teams.get(), move="ours").order_by("-pk")[0]
    # One more, as the queries are counted by it once more.
    come = mails(world, times + 1, "profile")

    def page(path: str) -> Act:
        def ask(_n: int) -> None:
            answer = client.get(path)
            assert answer.status_code == 200, (path, answer.status_code)

        return ask

    def mail(_n: int) -> None:
        sender, raw = come.pop()
        take(raw, envelope_from=sender, recipients=[OURS])
        drain_intake(read)

    return {
        "inbox": page("/inbox/"),
        "case": page(f"/cases/{case.pk}/"),
        "today": page("/today/"),
        "portal": page(CaseLink.for_customer(case, case.customer).path),
        "search": page(f"/search/?q={world.words[900]}"),
        "mail": mail,
    }
