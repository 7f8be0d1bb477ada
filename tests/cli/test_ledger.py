"""goodword ledger export: the promises of a desk as a file."""

import csv
import json
from pathlib import Path

from tests.cli.running import goodword


def test_a_desk_without_promises_gives_a_header_and_a_refusal_says_why(
    data: Path, tmp_path: Path
) -> None:
    out = tmp_path / "promises.csv"
    done = goodword(data, "ledger", "export", str(out))
    assert done.returncode == 0, done.stderr
    [header] = csv.reader(out.read_text(encoding="utf-8-sig").splitlines())
    assert {"promise", "form", "due", "open_minutes", "holidays"} <= set(header)
    said = goodword(data, "ledger", "export", "--as", "json")
    assert json.loads(said.stdout)["promises"] == []
    mine = goodword(data, "ledger", "export", "--asked", "owner=me")
    assert mine.returncode == 1
    assert "Say whose promises" in mine.stderr
    stranger = goodword(data, "ledger", "export", "--member", "nobody@harbour.example")
    assert stranger.returncode == 1
    assert "No member has the address" in stranger.stderr
