"""A desk that was loaded in bulk is one that the desk could have made itself."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

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


@pytest.mark.peers
def test_on_postgresql_too() -> None:
    assert bench("load", "--cases", "400", "--check", "--postgres")["load.cases"] == 400
