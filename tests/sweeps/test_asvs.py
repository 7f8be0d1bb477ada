"""security/asvs.csv: every requirement of levels 1 and 2 is there, and each test that it names."""

import csv
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
with (ROOT / "security/asvs.csv").open(newline="") as file:
    ROWS = list(csv.DictReader(file))
NOT_MET = 14
# Of OWASP ASVS 5.0.0; by chapter, how many of level 1 and 2 together.
CHAPTERS = {1: 27, 2: 11, 3: 19, 4: 10, 5: 9, 6: 35, 7: 18, 8: 7, 9: 7, 10: 29, 11: 14, 12: 9,
            13: 13, 14: 9, 15: 13, 16: 16, 17: 7}  # fmt: skip


def test_all_are_there_once() -> None:
    assert len({row["id"] for row in ROWS}) == len(ROWS) == 253
    assert Counter(row["level"] for row in ROWS) == {"1": 70, "2": 183}
    assert Counter(int(row["id"].partition(".")[0]) for row in ROWS) == CHAPTERS


@pytest.mark.parametrize("row", ROWS, ids=[row["id"] for row in ROWS])
def test_each_has_an_answer_and_a_test_that_is_there(row: dict[str, str]) -> None:
    assert all((row[name] or "").strip() for name in ("id", "level", "asks", "answer", "why"))
    assert row["answer"] in {"test", "reason", "n/a", "not met"}
    if row["answer"] == "test":
        file, _, name = row["why"].partition("::")
        assert f"def {name}(" in (ROOT / file).read_text(), row["why"]


def test_what_is_not_met_is_said() -> None:
    """An honest table has some; whoever meets one changes this number."""
    assert sum(row["answer"] == "not met" for row in ROWS) == NOT_MET
