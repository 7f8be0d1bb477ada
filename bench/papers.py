"""Writes what was measured into docs/operating, so that nobody types a figure."""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

PAPER = Path(__file__).resolve().parents[1] / "docs/operating/measured.md"
HEAD = """# Measured

Written by `python -m bench NAME --write`, which says below on what and how. Times are of the
server alone, without the network and the browser; `cpu` is what its own process worked. Where the
load is above the number of cores, others used the machine at the same time. Of the clock and the
finder all times are those of the processor.
"""


def write(
    name: str, kind: str, figures: Iterable[Mapping[str, object]], machine: str, command: str
) -> None:
    """Put this measurement in place of the former one of its name and kind of database."""
    text = PAPER.read_text() if PAPER.exists() else HEAD
    title = f"## {name}, {kind}"
    rows = [f"| {row['name']} | {row['value']} | {row['unit']} |" for row in figures]
    section = "\n".join(
        [title, "", f"`python -m bench {command}` on {machine}", "",
         "| figure | value | unit |", "|---|---:|---|", *rows, ""]
    )  # fmt: skip
    former = re.compile(rf"^{re.escape(title)}\n.*?(?=^## |\Z)", re.MULTILINE | re.DOTALL)
    text = former.sub(lambda _: section + "\n", text) if former.search(text) else (
        text.rstrip() + "\n\n" + section
    )  # fmt: skip
    PAPER.write_text(text.rstrip() + "\n")
