"""The page on shortcuts says what the templates have: no key more, no key less."""

import re
from pathlib import Path

from tests.sweeps.pages import SOURCE, templates

PAPER = Path(__file__).resolve().parents[2] / "docs/using/keyboard.md"
_KEY = re.compile(r'data-key="([^"{]+)"|data-row-key="([^"{]+)"|\bkey="(\w)"')
_PLACE = re.compile(r'data-place="(\w)"')
_LINE = re.compile(r"<dt>(.*?)</dt>")
_KBD = re.compile(r"<kbd>(.*?)</kbd>")
# Each of these is pressed by itself, though two stand in one line.
PAIRS = {("J", "K"), ("↑", "↓")}


def in_code() -> set[str]:
    found = set()
    for template in templates():
        text = template.read_text()
        found |= {next(filter(None, key)).upper() for key in _KEY.findall(text)}
        found |= {f"G {letter.upper()}" for letter in _PLACE.findall(text)}
    listed = (SOURCE / "core/templates/core/parts/keys.html").read_text()
    for line in _LINE.findall(listed):
        keys = tuple(_KBD.findall(line))
        found |= set(keys) if keys in PAIRS else {" ".join(keys)}
    return found


def in_paper() -> set[str]:
    rows = [line.split("|")[1] for line in PAPER.read_text().splitlines() if line[:3] == "| `"]
    return {key for row in rows for key in re.findall(r"`([^`]+)`", row)}


def test_the_table_of_shortcuts_is_what_the_code_has() -> None:
    assert len(in_code()) > 25
    assert in_paper() - in_code() == set(), "the paper names keys that do nothing"
    assert in_code() - in_paper() == set(), "keys that the paper does not name"
