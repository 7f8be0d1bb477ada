"""Our word in what is being typed: a chip for each sentence that gives it, and what was chosen.

What is chosen stands in fields of the form itself, so that the draft keeps it and a page
without scripts sends it. The name of a chip is that of its sentence.
"""

from __future__ import annotations

import difflib
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from goodword import clock
from goodword.cases.giving_word import SAME, found_in, key_of, kind_of
from goodword.core.refusals import Refused
from goodword.core.time import now
from goodword.desk.forms import KINDS_BY_HAND
from goodword.desk.later import later_in
from goodword.desk.presets import FORMS, Preset, presets
from goodword.desk.times import read_when
from goodword.desk.words import rows_of
from goodword.promises.in_words import Found
from goodword.promises.kinds import GIVEN_BY_HAND, Kind
from goodword.staff.models import Schedule

MOST = 30
# Alike enough to be the same sentence, put differently.
SAME_SENTENCE = 0.6
AT = "at"
# Said by the script: it shows chips as they are typed, so no step before sending is needed.
LIVE = "live"


@dataclass
class WordChip:
    """One sentence. `found` is None where it is no longer in the text."""

    key: str
    said: str
    found: Found | None = None
    kind: str = ""
    text: str = ""
    when: str = ""
    typed_due: str = ""
    is_yes: bool = False
    is_no: bool = False
    is_still: bool = False
    is_changed: bool = False
    due: datetime | None = None
    opens: datetime | None = None
    is_elsewhere: bool = False  # another row of the form promises the same time
    is_new: bool = False

    @property
    def asks_when(self) -> bool:
        """It names no time, so choosing one is what confirms it."""
        return self.found is not None and self.found.due is None

    @property
    def is_vague(self) -> bool:
        return self.found is not None and self.found.vague

    @property
    def is_gone(self) -> bool:
        return self.found is None

    @property
    def names_time(self) -> bool:
        return self.due is not None

    @property
    def is_given(self) -> bool:
        if self.is_gone:
            return self.is_still
        return not self.is_no and (self.names_time if self.asks_when else self.is_yes)

    @property
    def kind_name(self) -> str:
        return str(Kind(self.kind).label)

    @property
    def by_colleague(self) -> bool:
        return self.found is not None and self.found.who == "colleague"

    @property
    def when_words(self) -> str:
        return (self.found.when if self.found else "") or ""

    @property
    def short(self) -> str:
        """The sentence, where it is not shown in full beside it."""
        return " ".join(self.said.split())

    @property
    def signature(self) -> str:
        """What is shown, in short: a page replaces only chips that differ."""
        shown = (self.key, self.kind, self.due, self.opens, self.is_gone, self.is_changed)
        return hashlib.sha256(repr(shown).encode()).hexdigest()[:10]


class FoundWords:
    """The chips of one text, in its order, and after them what its writer edited away."""

    def __init__(self, text: str, data: QueryDict, schedule: Schedule, whom: str) -> None:
        self.text = text.strip()
        self.data, self.schedule, self.whom = data, schedule, whom

    @cached_property
    def at(self) -> datetime:
        """When the customer reads it: now, or when it goes out."""
        try:
            return later_in(self.data, self.schedule, now()) or now()
        except Refused:
            return now()

    @cached_property
    def presets(self) -> list[Preset]:
        return presets(self.schedule, self.at)

    @property
    def kinds(self) -> Any:
        return KINDS_BY_HAND

    @cached_property
    def chips(self) -> list[WordChip]:
        posted = {chip.key: chip for chip in self._posted()}
        found = {key_of(each.text): each for each in found_in(self.text, self.at, self.schedule)}
        gone = [chip for key, chip in posted.items() if key not in found]
        chips = []
        for key, each in list(found.items())[:MOST]:
            chip = posted.get(key) or self._moved_on(key, each, gone)
            chips.append(self._filled(chip, each))
        return [*chips, *(self._filled(chip, None) for chip in gone)]

    @property
    def shown(self) -> list[WordChip]:
        """What somebody has to look at, or has confirmed."""
        return [chip for chip in self.here if not chip.is_no] + self.gone

    @property
    def here(self) -> list[WordChip]:
        return [chip for chip in self.chips if not (chip.is_gone or chip.is_elsewhere)]

    @property
    def dismissed(self) -> list[WordChip]:
        return [chip for chip in self.here if chip.is_no]

    @property
    def gone(self) -> list[WordChip]:
        """Confirmed, and then edited away: the promise went with its sentence."""
        return [chip for chip in self.chips if chip.is_gone and (chip.is_yes or chip.is_still)]

    @property
    def forgotten(self) -> list[WordChip]:
        """Dismissed, and not in the text now; they are not offered again if they come back."""
        return [chip for chip in self.chips if chip.is_gone and chip.is_no]

    @property
    def unseen(self) -> list[WordChip]:
        """Found now, and never shown to whoever sends this."""
        return [chip for chip in self.here if chip.is_new]

    @property
    def has_vague(self) -> bool:
        return any(chip.is_vague and not chip.is_given for chip in self.here)

    @property
    def because(self) -> str:
        return " ".join(self.data.get("no_time_because", "").split())[:300]

    @property
    def announced(self) -> str:
        """For whoever hears the page."""
        n = len(self.shown)
        if not n:
            return ""
        line = ngettext("One sentence may be a promise.", "%(n)s sentences may be promises.", n) % {
            "n": n
        }
        vague = sum(chip.asks_when and not chip.is_given for chip in self.here if not chip.is_no)
        if vague:
            asks = ngettext("One names no time.", "%(n)s name no time.", vague) % {"n": vague}
            line = f"{line} {asks}"
        return line

    # What is sent

    def must_be_seen(self) -> None:
        """Refused once where a page without scripts has not shown what was found."""
        if self.data.get("chips_here", LIVE) != LIVE and self.unseen:
            sentence = ngettext(
                "One sentence below may be a promise. Say whether it is, then send.",
                "%(n)s sentences below may be promises. Say whether they are, then send.",
                len(self.unseen),
            )
            raise Refused("WORDS_FOUND", sentence % {"n": len(self.unseen)}, 422)

    def chosen(self) -> dict[str, dict[str, Any] | None]:
        """As GivenWords takes it. Refused where a time was typed that is none."""
        decided = [chip for chip in self.here if chip.is_given or chip.is_no]
        return {chip.key: None if chip.is_no else self._given(chip) for chip in decided}

    def still(self) -> list[dict[str, Any]]:
        """What is promised although its sentence is gone: arguments of Promise.make."""
        kept = []
        for chip in (chip for chip in self.gone if chip.is_still):
            time = {"due": chip.due} if chip.due else {"form": "", "due": None}
            if not chip.due:
                sentence = _("By when? Choose a time for “%(text)s”.")
                raise Refused("NO_TIME", sentence % {"text": chip.text}, 422)
            kept.append({"kind": chip.kind, "text": chip.text, **time})
        return kept

    def _given(self, chip: WordChip) -> dict[str, Any]:
        given: dict[str, Any] = {"kind": chip.kind, "text": chip.text}
        if chip.when == AT:
            zone = self.schedule.hours.zone_info
            return {**given, "due": read_when(chip.typed_due, zone, self.at).isoformat()}
        return {**given, "form": chip.when if chip.when in FORMS else ""}

    # What was posted

    def _posted(self) -> Iterator[WordChip]:
        data = self.data
        yes, no = set(data.getlist("chip_yes")), set(data.getlist("chip_no"))
        still = set(data.getlist("chip_still"))
        for key in dict.fromkeys(data.getlist("chip")[: 2 * MOST]):
            said = data.get(f"chip_said.{key}", "")[:2000]
            if key_of(said) != key:
                continue
            yield WordChip(
                key,
                said,
                kind=data.get(f"chip_kind.{key}", ""),
                text=" ".join(data.get(f"chip_text.{key}", "").split())[:500],
                when=data.get(f"chip_when.{key}", ""),
                typed_due=data.get(f"chip_due.{key}", ""),
                is_yes=key in yes,
                is_no=key in no,
                is_still=key in still,
            )

    def _moved_on(self, key: str, found: Found, gone: list[WordChip]) -> WordChip:
        """The chip of the sentence that this one was before it was put differently, or a new one.

        A choice goes along, but for a time that was set by hand: the sentence may name another.
        """
        for before in gone:
            alike = difflib.SequenceMatcher(None, before.said, found.text).ratio()
            if alike >= SAME_SENTENCE:
                gone.remove(before)
                by_hand = bool(before.when)
                text = before.text if before.text != _line(before.said) else ""
                return WordChip(
                    key,
                    found.text,
                    kind=before.kind if before.kind != kind_of(found) else "",
                    text=text,
                    is_yes=before.is_yes and not by_hand,
                    is_no=before.is_no,
                    is_changed=before.is_yes and by_hand,
                )
        return WordChip(key, found.text, is_new=True)

    def _filled(self, chip: WordChip, found: Found | None) -> WordChip:
        chip.found = found
        was = found or self._as_it_was(chip)
        chip.said = found.text if found else chip.said
        chip.text = chip.text or _line(chip.said)
        if chip.kind not in GIVEN_BY_HAND:
            chip.kind = kind_of(was) if was else Kind.NEXT_UPDATE
        self._time(chip, was)
        chip.is_elsewhere = self._is_elsewhere(chip)
        return chip

    def _time(self, chip: WordChip, found: Found | None) -> None:
        """The time that stands now: chosen, typed, or found. Nonsense is refused on sending."""
        hours = self.schedule.hours
        try:
            if chip.when == AT:
                chip.due = read_when(chip.typed_due, hours.zone_info, self.at)
            elif chip.when in FORMS:
                chip.due = clock.due(chip.when, self.at, hours).at
            elif found is not None:
                chip.due, chip.opens = found.due, found.opens
        except (Refused, clock.ClockError):
            chip.due = None

    def _as_it_was(self, chip: WordChip) -> Found | None:
        """What a sentence said that is gone from the text; only for what was confirmed."""
        if not (chip.is_yes or chip.is_still):
            return None
        return next(iter(found_in(chip.said, self.at, self.schedule)), None)

    def _is_elsewhere(self, chip: WordChip) -> bool:
        if chip.is_gone or chip.is_yes or chip.due is None:
            return False
        return any(kind == chip.kind and abs(due - chip.due) < SAME for kind, due in self._by_hand)

    @cached_property
    def _by_hand(self) -> list[tuple[str, datetime]]:
        """The promises in the rows of the same form."""
        found = []
        zone = self.schedule.hours.zone_info
        for row in (row for row in rows_of(self.data) if not row.is_empty):
            try:
                due = read_when(row.due, zone, self.at) if row.due else None
                due = due or clock.due(row.when, self.at, self.schedule.hours).at
            except (Refused, clock.ClockError, ValueError):
                continue
            found.append((row.kind, due))
        return found


def _line(text: str) -> str:
    return " ".join(text.split())[:500]
