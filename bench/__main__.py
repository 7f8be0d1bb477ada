"""python -m bench NAME [--json] [--postgres] [--messages N] [--write]

Each measurement is a module of this folder with `run(args)`, which yields figures, and
`arguments(parser)` for what it may be told. A name is added to NAMES, and that is all.
"""

import argparse
import importlib
import json
import sys

from bench import machine, papers
from bench.databases import database

NAMES = ("load", "pages", "search", "words")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench")
    commands = parser.add_subparsers(dest="name", required=True)
    modules = {name: importlib.import_module(f"bench.{name}") for name in NAMES}
    for name, module in modules.items():
        command = commands.add_parser(name, help=module.__doc__)
        command.add_argument("--json", action="store_true", help="one figure a line, as JSON")
        command.add_argument("--postgres", action="store_true", help="on a cluster of its own")
        command.add_argument("--write", action="store_true", help=f"into {papers.PAPER.name}")
        module.arguments(command)
    args = parser.parse_args()
    with database(postgres=args.postgres) as kind:
        figures = []
        for figure in modules[args.name].run(args):
            figures.append(figure)
            print(_line(figure, args.json), flush=True)
    if args.write:
        papers.write(args.name, kind, figures, machine.described(), " ".join(sys.argv[1:]))


def _line(figure: dict[str, object], as_json: bool) -> str:
    if as_json:
        return json.dumps({**figure, **machine.facts()})
    return f"{figure['name']:<34} {figure['value']:>12} {figure['unit']}"


main()
