"""How much slower the pages of a large desk are than those of a small one."""

import argparse
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from bench.figures import Figure, figure
from bench.targets import PAGES

NEEDS_DATABASE, ON = False, "SQLite"
TURNS = 2  # one after the other, so that both see the same load of the machine


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--cases", type=int, default=100_000, help="of the large one")
    parser.add_argument("--small", type=int, default=10_000, help="cases of the small one")
    parser.add_argument("--small-in", type=Path, help="where it is kept; --keep is for the large")
    parser.add_argument("--rounds", type=int, default=100)


def run(args: argparse.Namespace) -> Iterator[Figure]:
    sizes = {"small": (args.small, args.small_in), "large": (args.cases, args.keep)}
    turns = 1 if None in (args.small_in, args.keep) else TURNS
    best: dict[tuple[str, str], float] = {}
    for _ in range(turns):
        for size, (cases, folder) in sizes.items():
            for page, took in _pages(cases, folder, args.rounds).items():
                best[size, page] = min(took, best.get((size, page), took))
    yield figure("growth.cases", args.cases / args.small, "times as many")
    for page in PAGES:
        grown = best["large", page] / best["small", page]
        yield {"name": f"growth.{page}", "value": round(grown, 2), "unit": "times"}


def _pages(cases: int, folder: Path | None, rounds: int) -> dict[str, float]:
    command = [sys.executable, "-m", "bench", "pages", "--json",
               "--cases", str(cases), "--rounds", str(rounds)]  # fmt: skip
    done = subprocess.run(
        [*command, *(["--keep", str(folder)] if folder else [])],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, check=True,
    )  # fmt: skip
    figures = {each["name"]: each["value"] for each in map(json.loads, done.stdout.splitlines())}
    return {page: figures[f"pages.{page}.p50_ms"] for page in PAGES}
