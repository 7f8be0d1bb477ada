"""python -m bench [NAME…] [--json] [--postgres] [--keep FOLDER] [--write]

Each measurement is a module of this folder with `run(args)`, which yields figures, and
`arguments(parser)` for what it may be told. A name is added to NAMES, and that is all. Several
names in one call share one database; `NEEDS_DATABASE = False` says that a module has no use for
it, and `ON` what it brings itself. Without a name all are taken, see everything.py.
"""

import argparse
import importlib
import json
import signal
import sys
from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path
from types import ModuleType

from bench import machine, papers
from bench.databases import ROOT, database
from bench.everything import NAMES, run_all
from bench.figures import Figure
from bench.targets import judged, verdict

BY_SIZE = ("pages", "search")


def main() -> None:
    # Whoever ends us ends the servers that we started, and what they wrote goes.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    sys.path[:0] = [str(ROOT / "src")]
    named = [word for word in sys.argv[1:] if word in NAMES]
    if not named and not {"-h", "--help"} & set(sys.argv):
        raise SystemExit(run_all(sys.argv[1:], print_line))
    modules = {name: importlib.import_module(f"bench.{name}") for name in named}
    args, unknown = _parser(modules.values()).parse_known_args()
    if unknown and not args.among_all:
        raise SystemExit(f"Nothing of this knows {' '.join(unknown)}.")
    if args.postgres and not any(map(_needs_database, modules.values())):
        raise SystemExit(0 if args.among_all else "Nothing of this needs a database.")
    if args.postgres and args.keep:
        raise SystemExit("Only a desk on SQLite can be kept.")
    with ExitStack() as stack:
        kind = ""
        if any(map(_needs_database, modules.values())):
            kind = stack.enter_context(database(postgres=args.postgres, keep=args.keep))
        for name, module in modules.items():
            usual = getattr(module, "ON", "no database")
            _measure(name, module, args, kind if _needs_database(module) else usual)


def _parser(modules: Iterable[ModuleType]) -> argparse.ArgumentParser:
    # Two that are asked for at once may have a word in common; the later one explains it.
    parser = argparse.ArgumentParser(prog="python -m bench", conflict_handler="resolve")
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(NAMES) + "; none: all")
    parser.add_argument("--json", action="store_true", help="one figure a line, as JSON")
    parser.add_argument("--postgres", action="store_true", help="on a cluster of its own")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="the desk stays there (SQLite)")
    parser.add_argument("--write", action="store_true", help=f"into {papers.PAPER.name}")
    # What is said to all is not for each of them.
    parser.add_argument("--among-all", action="store_true", help=argparse.SUPPRESS)
    for module in modules:
        module.arguments(parser)
    return parser


def _needs_database(module: ModuleType) -> bool:
    return getattr(module, "NEEDS_DATABASE", True)


def _measure(name: str, module: ModuleType, args: argparse.Namespace, kind: str) -> None:
    figures = []
    for measured in module.run(args):
        figure = judged(measured, kind, getattr(args, "cases", None))
        figures.append(figure)
        print_line({**figure, **machine.facts()}, as_json=args.json)
    if args.write:
        # What depends on how much is stored has a place for each size.
        of = f"{kind}, {args.cases} cases" if name in BY_SIZE else kind
        papers.write(name, of, figures, machine.described(), papers.command_of(name, sys.argv))


def print_line(figure: Figure, *, as_json: bool) -> None:
    if as_json:
        print(json.dumps(figure), flush=True)
        return
    line = f"{figure['name']:<38} {figure['value']:>12} {figure['unit']:<12} {verdict(figure)}"
    print(line.rstrip(), flush=True)


main()
