"""python -m bench NAME… [--json] [--postgres] [--messages N] [--write]

Each measurement is a module of this folder with `run(args)`, which yields figures, and
`arguments(parser)` for what it may be told. A name is added to NAMES, and that is all. Several
names in one call share one database; `NEEDS_DATABASE = False` says that a module has no use for it.
"""

import argparse
import importlib
import json
import sys
from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path
from types import ModuleType

from bench import machine, papers
from bench.databases import ROOT, database

NAMES = ("clock", "finder", "inbox_rows", "intake", "load", "pages", "search", "tick", "words")


def main() -> None:
    sys.path[:0] = [str(ROOT / "src")]
    named = [word for word in sys.argv[1:] if word in NAMES]
    modules = {name: importlib.import_module(f"bench.{name}") for name in named}
    args = _parser(modules.values()).parse_args()
    if args.postgres and not any(map(_needs_database, modules.values())):
        raise SystemExit("Nothing of this needs a database.")
    if args.postgres and args.keep:
        raise SystemExit("Only a desk on SQLite can be kept.")
    with ExitStack() as stack:
        kind = ""
        if any(map(_needs_database, modules.values())):
            kind = stack.enter_context(database(postgres=args.postgres, keep=args.keep))
        for name, module in modules.items():
            _measure(name, module, args, kind if _needs_database(module) else "no database")


def _parser(modules: Iterable[ModuleType]) -> argparse.ArgumentParser:
    # Two that are asked for at once may have a word in common; the later one explains it.
    parser = argparse.ArgumentParser(prog="python -m bench", conflict_handler="resolve")
    parser.add_argument("names", nargs="+", choices=NAMES, metavar="NAME", help=", ".join(NAMES))
    parser.add_argument("--json", action="store_true", help="one figure a line, as JSON")
    parser.add_argument("--postgres", action="store_true", help="on a cluster of its own")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="the desk stays there (SQLite)")
    parser.add_argument("--write", action="store_true", help=f"into {papers.PAPER.name}")
    for module in modules:
        module.arguments(parser)
    return parser


def _needs_database(module: ModuleType) -> bool:
    return getattr(module, "NEEDS_DATABASE", True)


def _measure(name: str, module: ModuleType, args: argparse.Namespace, kind: str) -> None:
    figures = []
    for figure in module.run(args):
        figures.append(figure)
        print(_line(figure, args.json), flush=True)
    if args.write:
        more = [word for word in sys.argv[1:] if word not in NAMES]
        papers.write(name, kind, figures, machine.described(), " ".join([name, *more]))


def _line(figure: dict[str, object], as_json: bool) -> str:
    if as_json:
        return json.dumps({**figure, **machine.facts()})
    return f"{figure['name']:<34} {figure['value']:>12} {figure['unit']}"


main()
