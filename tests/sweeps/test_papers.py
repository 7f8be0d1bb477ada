"""The papers for operators name everything that the code has, with the words of the code."""

import pytest

from goodword.config.options import OPTIONS
from goodword.journal.kinds import KINDS
from tools import papers


@pytest.mark.parametrize("name", papers.PAPERS)
def test_the_paper_says_what_the_code_says(name: str) -> None:
    written = (papers.FOLDER / name).read_text()
    assert written == papers.PAPERS[name](), "run: python -m tools.papers"


def test_every_setting_and_every_entry_has_its_line() -> None:
    settings = (papers.FOLDER / "settings.md").read_text()
    entries = (papers.FOLDER / "entries.md").read_text()
    assert not [each.name for each in OPTIONS if f"| `{each.name}` |" not in settings]
    assert not [kind for kind in KINDS if f"| `{kind}` |" not in entries]


def test_every_setting_says_what_it_does() -> None:
    assert not [each.name for each in OPTIONS if len(each.help) < 10 or each.help[-1] != "."]
