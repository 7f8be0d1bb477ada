"""How long the chips of a draft take, through the whole desk but the network."""

import argparse
from collections.abc import Iterator
from time import perf_counter, process_time

from bench.figures import Figure, times
from bench.load import AGENT, desk

LENGTHS = (200, 2_000, 20_000)
SAID = (
    "Hello Ellen, thank you for the log. I'll call you tomorrow by 10. The disk was full, and the "
    "update stopped half way. You will have the report by close of business on Monday. Please "
    "leave the router on; the lamp stays red until then. "
)


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--cases", type=int, default=2_000)
    parser.add_argument("--rounds", type=int, default=100)


def run(args: argparse.Namespace) -> Iterator[Figure]:
    desk(args.cases)
    from django.test import Client

    from goodword.cases.models import Case
    from goodword.staff.models import Member

    member = Member.objects.get(email=AGENT)
    case = Case.objects.filter(team=member.teams.get(), move="ours").order_by("pk")[0]
    client = Client()
    client.force_login(member)
    for length in LENGTHS:
        text = (SAID * (length // len(SAID) + 1))[:length]
        taken, of_cpu = [], []
        for n in range(args.rounds + 3):
            begun, cpu = perf_counter(), process_time()
            answer = client.post(f"/cases/{case.pk}/words", {"mode": "reply", "text": f"{text}{n}"})
            taken.append((perf_counter() - begun) * 1e3)
            of_cpu.append((process_time() - cpu) * 1e3)
            assert answer.status_code == 200, answer.status_code
        yield from times(f"words.{length}_characters", taken[3:])
        yield from times(f"words.{length}_characters.cpu", of_cpu[3:])
