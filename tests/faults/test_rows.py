"""What is said to be proved names tests that are there."""

import ast
from pathlib import Path

import pytest

from tests.faults.rows import PROOFS

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("proof", sorted({each for row in PROOFS.values() for each in row}))
def test_a_proof_is_there(proof: str) -> None:
    file, _, name = proof.partition("::")
    assert (ROOT / file).exists()
    if name:
        tree = ast.parse((ROOT / file).read_text())
        assert name in {each.name for each in tree.body if isinstance(each, ast.FunctionDef)}
