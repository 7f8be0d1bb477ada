"""A desk that was loaded in bulk is one that the desk could have made itself."""

import json
import subprocess
import sys
from pathlib import Path

import pysqlite3
import pytest

from bench.apart import STRUCTURE, as_if_grown

ROOT = Path(__file__).resolve().parents[2]


def bench(*arguments: str) -> dict[str, float]:
    """The figures that a measurement printed, by name."""
    done = subprocess.run(
        [sys.executable, "-m", "bench", *arguments, "--json"],
        cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert all(line["unit"] and line["commit"] for line in lines)
    return {line["name"]: line["value"] for line in lines}


def test_chains_words_clocks_and_index_are_as_the_desk_writes_them() -> None:
    """`--check` verifies each chain, reckons cases anew and reads messages for the index anew."""
    figures = bench("load", "--cases", "400", "--check")
    assert figures["load.cases"] == 400
    assert figures["load.messages"] == 1600


def test_the_structure_of_an_index_that_grew_is_one_that_sqlite_reads() -> None:
    line = pysqlite3.connect(":memory:", isolation_level=None)
    line.execute("CREATE VIRTUAL TABLE words USING fts5(said, content='', contentless_delete=1)")
    for number in range(1, 90):
        line.execute("INSERT INTO words (rowid, said) VALUES (?, ?)", [number, f"all w{number}"])
    read = f"SELECT block FROM words_data WHERE id = {STRUCTURE}"
    [before] = line.execute(read).fetchone()
    after = as_if_grown(before)
    assert after != before
    line.execute(f"UPDATE words_data SET block = ? WHERE id = {STRUCTURE}", [after])
    for number in range(90, 180):
        line.execute("INSERT INTO words (rowid, said) VALUES (?, ?)", [number, f"all w{number}"])
    line.execute("INSERT INTO words (words) VALUES ('integrity-check')")
    for words, found in (("all", 179), ("w7", 1), ("w*", 179)):
        count = "SELECT count(*) FROM words WHERE words MATCH ?"
        assert line.execute(count, [words]).fetchone() == (found,)


@pytest.mark.peers
def test_on_postgresql_too() -> None:
    assert bench("load", "--cases", "400", "--check", "--postgres")["load.cases"] == 400
