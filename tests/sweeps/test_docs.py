"""The papers keep their word: what they link to, show and tell to type is there."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from django.urls import Resolver404, resolve

from goodword.config.cli import commands
from goodword.settings.places import places
from tools.shots import PAPERS, PICTURES

ROOT = Path(__file__).resolve().parents[2]
PLACES = ("*.md", "docs/**/*.md", "src/**/*.md", "tests/**/*.md", "bench/**/*.md")
PAPER = {str(path.relative_to(ROOT)): path for place in PLACES for path in ROOT.glob(place)}
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"`([^`\n]+)`")
PAGE = re.compile(r"/settings/[a-z/-]*")
SCREEN = re.compile(r"\*Settings › ([^*]+)\*")


@pytest.mark.parametrize("name", PAPER)
def test_what_it_links_to_is_there(name: str) -> None:
    missing = [link for link in LINK.findall(_prose(name)) if not _is_there(PAPER[name], link)]
    assert not missing


@pytest.mark.parametrize("name", PAPER)
def test_every_command_that_it_names_can_be_typed(name: str) -> None:
    wrong = {line: why for line in _typed(name) if (why := _trouble(line))}
    assert not wrong


@pytest.mark.parametrize("name", PAPER)
def test_every_page_of_settings_that_it_names_is_there(name: str) -> None:
    text = PAPER[name].read_text()
    known = {str(each.label) for each in places()}
    assert not [path for path in PAGE.findall(text) if not _resolves(path)]
    assert not [label for label in SCREEN.findall(" ".join(text.split())) if label not in known]


def test_the_paper_on_the_settings_room_names_every_page() -> None:
    text = PAPER["docs/operating/settings-room.md"].read_text()
    assert not [each.name for each in places() if f"| {each.label} | `{each.url}` |" not in text]


def test_every_picture_is_taken_anew_by_make_shots_and_shown_somewhere() -> None:
    shown = {Path(link).stem for name in PAPER for link in LINK.findall(_prose(name))}
    there = {path.stem for path in PICTURES.glob("*.png")}
    assert there == set(PAPERS)
    assert not there - shown


def test_every_decision_has_a_number_of_its_own() -> None:
    decisions = [path.name for path in (ROOT / "docs/decisions").glob("*.md")]
    numbers = [name[:4] for name in decisions]
    assert len(numbers) == len(set(numbers)), sorted(decisions)
    for path in (ROOT / "docs/decisions").glob("*.md"):
        said = re.match(r"# (\d+)", path.read_text())
        assert said is None or int(said[1]) == int(path.name[:4]), path.name


@pytest.mark.parametrize(
    ("line", "is_right"),
    [
        ("goodword ingest mail.mbox --history", True),
        ("goodword settings export|apply", True),
        ("goodword swallow mail.mbox", False),
        ("goodword member promote ada@example.com", False),
        ("goodword ingest mail.mbox --historic", False),
    ],
)
def test_a_command_that_there_is_not_is_found(line: str, is_right: bool) -> None:
    assert (_trouble(line) == "") is is_right


def test_a_page_of_settings_that_there_is_not_is_found() -> None:
    assert _resolves("/settings/hours/")
    assert not _resolves("/settings/horoscope/")


def _prose(name: str) -> str:
    return CODE.sub("", FENCE.sub("", PAPER[name].read_text()))


def _is_there(paper: Path, link: str) -> bool:
    if re.match(r"[a-z]+:", link):
        return True
    path, _hash, anchor = link.partition("#")
    target = (paper.parent / path).resolve() if path else paper
    if not target.exists():
        return False
    return not anchor or anchor in _anchors(target)


def _anchors(paper: Path) -> set[str]:
    """As a forge makes them: small letters, words joined by a line, no other signs."""
    heads = re.findall(r"^#+ (.+)$", paper.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


def _typed(name: str) -> Iterator[str]:
    """Each line that begins with the command, in a block or between two ticks."""
    text = PAPER[name].read_text()
    blocks = "\n".join(FENCE.findall(text)).replace("\\\n", " ").splitlines()
    for line in [*blocks, *CODE.findall(FENCE.sub("", text))]:
        words = line.strip().removeprefix("$ ").partition(" #")[0]
        if words.startswith("goodword ") and " | " not in words:
            yield words


def _trouble(line: str) -> str:
    """Why it could not be typed so: a command, or an option, that there is not."""
    words = shlex.split(line.replace("’", ""))[1:]
    found: click.Command = commands
    while words and isinstance(found, click.Group) and not words[0].startswith("-"):
        # “export|apply” in a paper is either.
        named = [found.commands.get(each) for each in words.pop(0).split("|")]
        if None in named:
            return "no such command"
        found = next(each for each in named if each)
    options = {name for each in found.params for name in (*each.opts, *each.secondary_opts)}
    options |= {"--help", "-h"}
    asked = {word.partition("=")[0] for word in words if word.startswith("-") and word != "-"}
    return f"no such option: {asked - options}" if asked - options else ""


def _resolves(path: str) -> bool:
    try:
        match = resolve(path)
    except Resolver404:
        return False
    # The last address of the room takes any name.
    return match.url_name != "settings_page" or any(path == each.url for each in places())
