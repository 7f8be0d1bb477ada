"""What is kept whole in `Business.chosen` and has a page of its own: words, marks, sources."""

import re
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from goodword import clock
from goodword.cases.wording import WORDINGS, must_be_sound, own_words
from goodword.channels.mail.marks import KNOWN_MARKS
from goodword.core.compare import change
from goodword.core.refusals import Refused
from goodword.core.time import now
from goodword.settings.changing import Subject, Values
from goodword.staff.models import Business, Member, Team

MOST = 30
_ADDRESS = re.compile(r"[^\s@]*@[^\s@]+\.[^\s@]+")


class Chosen(Subject):
    """One value of `Business.chosen`, kept and read whole."""

    empty: Any

    def kept(self) -> Any:
        return Business.current().chosen.get(self.kind, self.empty)

    def put(self, to: Values | None, *, by: Member | str) -> None:
        if to is None:
            raise Refused("STAYS", _("These settings cannot be taken away."), 422)
        business = Business.objects.get()
        change(business, {}, {"chosen": {**business.chosen, self.kind: self.raw(to)}})

    def raw(self, to: Values) -> Any:
        return to


class Words(Chosen):
    """The receipt's and the reminder's words by language; "" is the desk's own."""

    kind = "words"
    empty: Values = {}

    def values(self) -> Values | None:
        kept = self.kept()
        return {name: kept.get(name, "") for name in _texts()}

    def normal(self, to: Values) -> Values:
        unknown = sorted(set(to) - set(_texts()))
        if unknown:
            raise Refused("BAD_SETTING", _("There is no text “%s”.") % unknown[0], 422)
        return {name: self._sound(name, str(words)) for name, words in to.items()}

    def _sound(self, name: str, words: str) -> str:
        purpose, _dot, language = name.partition(".")
        said = words.replace("\r\n", "\n").strip()
        if not said or said == own_words(WORDINGS[purpose], language):
            return ""
        must_be_sound(WORDINGS[purpose], said)
        return said

    def raw(self, to: Values) -> Any:
        return {name: words for name, words in to.items() if words}


def _texts() -> list[str]:
    return [f"{purpose}.{code}" for purpose in WORDINGS for code, _name in settings.LANGUAGES]


class SpamMarks(Chosen):
    """Which headers of which hops say that a mail is spam."""

    kind = "spam"
    empty: list[Values] = []
    public = frozenset({"marks"})

    def values(self) -> Values | None:
        return {"marks": self.kept()}

    def normal(self, to: Values) -> Values:
        marks = to.get("marks", [])
        if set(to) - {"marks"} or not isinstance(marks, list) or len(marks) > MOST:
            raise Refused("BAD_SETTING", _("Marks are a list of at most %s.") % MOST, 422)
        return {"marks": [_mark(each) for each in marks]}

    def raw(self, to: Values) -> Any:
        return to["marks"]


def _mark(said: Values) -> Values:
    header = str(said.get("header", "")).strip()
    if header.lower() not in KNOWN_MARKS:
        known = ", ".join(sorted(KNOWN_MARKS.values()))
        sentence = _("“%(header)s” is not read as a mark of spam; these are: %(known)s.")
        raise Refused("BAD_MARK", sentence % {"header": header, "known": known}, 422)
    value, least = str(said.get("says", "")).strip(), str(said.get("least", "")).strip()
    if bool(value) == bool(least):
        sentence = _("For %(header)s, write either what it says or from which number on.")
        raise Refused("BAD_MARK", sentence % {"header": header}, 422)
    if least:
        try:
            least = f"{float(least):g}"
        except ValueError as error:
            sentence = _("“%(least)s” is no number; write one like 7.5.") % {"least": least}
            raise Refused("BAD_MARK", sentence, 422) from error
    hop = str(said.get("hop", "")).strip().lower()
    if hop and not re.fullmatch(r"[a-z0-9.-]{1,253}", hop):
        sentence = _("“%(hop)s” is no name of a server.") % {"hop": hop}
        raise Refused("BAD_MARK", sentence, 422)
    return {"header": KNOWN_MARKS[header.lower()], "says": value[:80], "least": least, "hop": hop}


class Sources(Chosen):
    """Machines and suppliers whose mail makes cases."""

    kind = "sources"
    empty: list[Values] = []

    def values(self) -> Values | None:
        return {"sources": self.kept()}

    def normal(self, to: Values) -> Values:
        sources = to.get("sources", [])
        if set(to) - {"sources"} or not isinstance(sources, list) or len(sources) > MOST:
            raise Refused("BAD_SETTING", _("Sources are a list of at most %s.") % MOST, 422)
        return {"sources": [_source(each) for each in sources]}

    def raw(self, to: Values) -> Any:
        return to["sources"]


def _source(said: Values) -> Values:
    source = {name: " ".join(str(said.get(name, "")).split())[:200]
              for name in ("name", "sender", "subject", "team", "form")}  # fmt: skip
    if not source["name"]:
        raise Refused("BAD_SOURCE", _("Give every source a name, as “Monitoring”."), 422)
    source["sender"] = source["sender"].lower()
    if not _ADDRESS.fullmatch(source["sender"]):
        sentence = _("For %(name)s, write an address, or a whole domain as @monitor.example.")
        raise Refused("BAD_SOURCE", sentence % source, 422)
    if not Team.objects.filter(slug=source["team"]).exists():
        sentence = _("For %(name)s, choose the team that gets its cases.") % source
        raise Refused("NO_TEAM", sentence, 422)
    if source["form"]:
        try:
            clock.due(source["form"], now(), Business.current().schedule.hours)
        except clock.ClockError as error:
            raise Refused("BAD_SOURCE", _(error.sentence) % error.facts, 422) from error
    return source
