"""Presets: policies to begin from, each a file with the source of every rule.

Another regime is another file here: name and words by language, a `why` for each rule with the
paragraph that it comes from, and in `not_covered` what the desk does not do for it.
"""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from django.utils.translation import get_language

from goodword.promises.policies import Content, checked

FOLDER = Path(__file__).parent
FALLBACK = "plain"
FIRST_LANGUAGE = "en-gb"


@dataclass(frozen=True)
class Preset:
    slug: str
    said: dict[str, Any]

    @property
    def name(self) -> str:
        return in_language(self.said["name"])

    @property
    def language(self) -> str:
        """The language in which it is read: that of whoever asks, where it has that."""
        asked = get_language() or FIRST_LANGUAGE
        return asked if asked in self.said["name"] else FIRST_LANGUAGE

    @property
    def about(self) -> str:
        return in_language(self.said["about"])

    @property
    def source(self) -> str:
        return str(self.said.get("source", ""))

    @property
    def not_covered(self) -> list[str]:
        return [in_language(each) for each in self.said.get("not_covered", [])]

    def content(self) -> Content:
        """A policy that begins from it, its names and reasons in the language of whoever asks."""
        rules = [{**each, "why": in_language(each["why"])} for each in self.said["rules"]]
        kept = ("check_ins", "check_ins_after_failure", "waiting", "next_update")
        rest = {name: self.said[name] for name in kept if name in self.said}
        whole = {"name": self.name, "preset": self.slug, "rules": rules, **rest}
        return checked(whole)


def in_language(said: dict[str, str]) -> str:
    return said.get(get_language() or FIRST_LANGUAGE) or said[FIRST_LANGUAGE]


@cache
def presets() -> dict[str, Preset]:
    """All of them, the plain one first."""
    files = sorted(FOLDER.glob("*.toml"), key=lambda file: (file.stem != FALLBACK, file.stem))
    return {file.stem: Preset(file.stem, tomllib.loads(file.read_text())) for file in files}


def preset(slug: str) -> Preset:
    """The preset of that name; the plain one where there is none."""
    return presets().get(slug) or presets()[FALLBACK]
