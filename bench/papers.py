"""Writes what was measured into docs/operating, so that nobody types a figure."""

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from bench import targets
from bench.everything import NAMES

PAPER = Path(__file__).resolve().parents[1] / "docs/operating/measured.md"
HEAD = """# Measured

Written by `python -m bench NAME --write`, which says below on what and how; `make bench` measures
all of it. Times are of the server alone, without the network and the browser; `cpu` is what its own
process worked. Where the load is above the number of cores, others used the machine at the same
time. Of the clock and the finder all times are those of the processor. What is asked stands in
`bench/targets.py`.
"""
OTHERS = "## Other desks"
SHORT = "## What fell short"
TIMES = "where-the-time-goes.md"


def command_of(name: str, words: Sequence[str]) -> str:
    """What was typed, without where it was kept and how it was shown."""
    kept = re.sub(r" --(json|write|among-all)\b| --keep[ =]\S+", "", " " + " ".join(words[1:]))
    return " ".join([name, *(word for word in kept.split() if word not in NAMES)])


def write(
    name: str, kind: str, figures: Iterable[Mapping[str, object]], machine: str, command: str
) -> None:
    """Put this measurement in place of the former one of its name and kind of database."""
    text = PAPER.read_text() if PAPER.exists() else HEAD
    title = f"## {name}, {kind}"
    rows = [
        f"| {row['name']} | {row['value']} | {row['unit']} | {targets.verdict(row)} |"
        for row in figures
    ]
    section = "\n".join(
        [title, "", f"`python -m bench {command}` on {machine}", "",
         "| figure | value | unit | asked |", "|---|---:|---|---|", *rows, ""]
    )  # fmt: skip
    former = re.compile(rf"^{re.escape(title)}\n.*?(?=^## |\Z)", re.MULTILINE | re.DOTALL)
    text = former.sub(lambda _: section + "\n", text) if former.search(text) else (
        text.rstrip() + "\n\n" + section
    )  # fmt: skip
    PAPER.write_text(_with_short(_with_others(text)).rstrip() + "\n")


def _with_others(text: str) -> str:
    """What four other desks did, beside what ours was measured at last."""
    found = re.findall(r"^\| (\S+) \| (\S+ \| \S+) \|", text, re.MULTILINE)
    ours = dict(reversed(found))  # of two databases the first, which is SQLite
    rows = [
        f"| {what} | {theirs} | {ours.get(name, '').replace(' | ', ' ')} | `{name}` |"
        for name, (what, theirs) in targets.OTHERS.items()
    ]
    section = "\n".join(
        [f"Measured in {targets.OTHERS_WERE_MEASURED}; pages and searches in "
         "milliseconds, p50. Ours as it stands below.", "",
         "| what | theirs | ours | figure |", "|---|---|---:|---|", *rows, "", ""]
    )  # fmt: skip
    return _put_first(OTHERS, section, text)


def _with_short(text: str) -> str:
    """What was asked and not reached, each beside the profile that says why."""
    rows = []
    section = re.compile(r"^## ([^\n]+)\n(.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)
    missed = re.compile(r"^\| (\S+) \| (\S+) \| (.+?) \| (.*): not reached \|$", re.MULTILINE)
    for title, body in section.findall(text):
        commit = re.search(r"commit (\S+)$", body, re.MULTILINE)
        for name, value, unit, asked in missed.findall(body):
            why, anchor = targets.why(name, title)
            rows.append(
                f"| `{name}` | {title} | {value} {unit} | {asked} | {commit[1] if commit else ''} "
                f"| [{why}]({TIMES}#{anchor}) |"
            )
    said = ["Of what was asked, these are not reached. The profile beside each says why."]
    if rows:
        said += ["", "| figure | of | measured | asked | commit | profile |",
                 "|---|---|---:|---|---|---|", *rows]  # fmt: skip
    else:
        said = ["All that was asked is reached."]
    return _put_first(SHORT, "\n".join([*said, "", ""]), text)


def _put_first(title: str, section: str, text: str) -> str:
    """In place of the former one, or before all others."""
    section = f"{title}\n\n{section}"
    former = re.compile(rf"^{title}\n.*?(?=^## |\Z)", re.MULTILINE | re.DOTALL)
    if former.search(text):
        return former.sub(lambda _: section, text)
    head, _first, rest = text.partition("\n## ")
    return f"{head}\n{section}## {rest}"
