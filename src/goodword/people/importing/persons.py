"""One row as a person: what it says, checked as if a member had typed it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from django.conf import settings
from django.utils.translation import gettext as _

from goodword.core.refusals import Refused
from goodword.people.importing.reading import Line
from goodword.people.reaching import read_point

_YES = {"1", "yes", "true", "x", "ja", "wahr", "y", "j"}
_LANGUAGES = {
    "english": "en-gb",
    "englisch": "en-gb",
    "en": "en-gb",
    "german": "de",
    "deutsch": "de",
}


@dataclass
class Person:
    line: int
    name: str = ""
    points: list[tuple[str, str, str]] = field(default_factory=list)  # kind, value, as typed
    account: str = ""
    facts: dict[str, object] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)

    @property
    def said(self) -> str:
        return (self.name or (self.points[0][2] if self.points else ""))[:300]

    def add_points(self, cell: str, region: str, *, mail: bool) -> None:
        for text in cell.replace(",", ";").replace("|", ";").split(";"):
            if not text.strip():
                continue
            try:
                if mail and "@" not in text:
                    sentence = _("“%s” is no mail address.")
                    raise Refused("NO_ADDRESS", sentence % text.strip()[:60], 422)
                kind, value = read_point(text, region)
            except Refused as error:
                self.wrong.append(str(error.sentence))
                continue
            if (kind, value) not in [point[:2] for point in self.points]:
                self.points.append((kind, value, text.strip()))


def person_of(line: Line, mapping: list[str], region: str) -> Person:
    person = Person(line.number, wrong=[line.why] if line.why else [])
    held: dict[str, list[str]] = {}
    for name, cell in zip(mapping, line.cells, strict=False):
        if name and cell:
            held.setdefault(name, []).append(" ".join(cell.split()))
    whole = " ".join(held.get("first", []) + held.get("last", []))
    person.name = (" ".join(held.get("name", [])) or whole)[:200]
    for cell in held.get("mail", []):
        person.add_points(cell, region, mail=True)
    for cell in held.get("phone", []):
        person.add_points(cell, region, mail=False)
    person.account = " ".join(held.get("account", []))[:160]
    _facts(person, held)
    if not person.points and not person.wrong:
        person.wrong.append(_("No mail address and no number: nobody could be reached."))
    return person


def _facts(person: Person, held: dict[str, list[str]]) -> None:
    if about := ", ".join(held.get("about", [])):
        person.facts["about"] = about[:300]
    if held.get("internal", [""])[0].casefold() in _YES:
        person.facts["is_internal"] = True
    if (said := held.get("language", [""])[0].casefold()) and (code := _language(said)):
        person.facts["language"] = code
    if since := held.get("since", [""])[0]:
        day = _day(since)
        if day is None:
            person.wrong.append(_("“%s” is no day. Write it as 2026-11-19.") % since[:40])
        else:
            person.facts["since"] = day


def _language(said: str) -> str:
    codes = dict(settings.LANGUAGES)
    known = _LANGUAGES.get(said, said)
    return known if known in codes else known[:2] if known[:2] in codes else ""


def _day(text: str) -> date | None:
    day, _mark, rest = text.partition(".")
    try:
        if rest:
            month, year = rest.split(".")
            return date(int(year), int(month), int(day))
        return date.fromisoformat(text[:10])
    except ValueError:
        return None
