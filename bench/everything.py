"""All measurements one after the other, at sizes that two cores end within a quarter of an hour.

Each group is a process of its own; what is said on the command line is handed on to all of them.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence

from bench.figures import Figure

# Those of one group share one desk; what writes most comes last.
GROUPS: tuple[tuple[str, ...], ...] = (
    ("clock", "finder", "--runs", "20"),
    ("load", "pages", "inbox_rows", "search", "words", "mixed", "intake", "tick",
     "--cases", "100000"),
    ("memory", "start"),
    ("profile", "--cases", "2000"),
    ("growth", "--cases", "100000", "--rounds", "30"),
    ("soak", "--minutes", "2"),
    ("scale", "--postgres"),
)  # fmt: skip
NAMES = tuple(sorted(word for group in GROUPS for word in group if word.isidentifier()))
MINUTES = 20  # of one group; whoever needs longer has stopped


def run_all(more: Sequence[str], show: Callable[..., None]) -> int:
    """Show every figure, and at the end what was asked and not reached. The exit code."""
    as_json = "--json" in more
    begun = time.monotonic()
    figures: list[Figure] = []
    failed: list[str] = []
    for group in GROUPS:
        started = time.monotonic()
        found, code = _run([*group, *more], lambda figure: show(figure, as_json=as_json))
        figures += found
        if code:
            failed.append(" ".join(group))
        print(f"{' '.join(group)}: {time.monotonic() - started:.0f} s", file=sys.stderr)
    _sum_up(figures, failed, time.monotonic() - begun)
    return 1 if failed else 0


def _run(words: Sequence[str], show: Callable[[Figure], None]) -> tuple[list[Figure], int]:
    child = subprocess.Popen(
        ["timeout", f"{MINUTES}m", sys.executable, "-m", "bench", *words, "--json", "--among-all"],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, env=os.environ,
    )  # fmt: skip
    found: list[Figure] = []
    assert child.stdout is not None
    for line in child.stdout:
        found.append(json.loads(line))
        show(found[-1])
    return found, child.wait()


def _sum_up(figures: Sequence[Figure], failed: Sequence[str], seconds: float) -> None:
    judged = [figure for figure in figures if figure.get("reached") is not None]
    missed = [str(figure["name"]) for figure in judged if not figure["reached"]]
    lines = [f"{len(figures)} figures after {seconds:.0f} s; {len(judged)} of them are asked for "
             f"at this size, and {len(judged) - len(missed)} are reached."]  # fmt: skip
    if missed:
        lines.append(f"Not reached: {', '.join(missed)}")
    lines += [f"Failed: {group}" for group in failed]
    print("\n".join(["", *lines]), file=sys.stderr)
