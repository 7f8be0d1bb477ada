"""“Give your word”: the rows of a form in which an agent makes promises."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from itertools import zip_longest
from typing import Any
from zoneinfo import ZoneInfo

from django.http import QueryDict
from django.utils.translation import gettext as _

from goodword import clock
from goodword.core.refusals import Refused
from goodword.desk.presets import FIRST_THING, FORMS, read_local
from goodword.promises.kinds import GIVEN_BY_HAND, Kind
from goodword.staff.models import Schedule

FIELDS = ("word_kind", "word_text", "word_when", "word_due")
MOST = 10


@dataclass(frozen=True)
class Word:
    """One row as it was typed. An empty row says nothing and is left out."""

    kind: str = Kind.CALLBACK
    text: str = ""
    when: str = ""
    due: str = ""

    @property
    def is_empty(self) -> bool:
        return not (self.text.strip() or self.due.strip())

    def given(self, zone: ZoneInfo) -> dict[str, Any]:
        """The arguments of Promise.make. Refused where the time cannot be read or is missing."""
        if self.kind not in GIVEN_BY_HAND:
            raise Refused("NO_KIND", _("Choose what kind of promise this is."), 422)
        due = _read(self.due, zone)
        if due is None and self.when not in FORMS:
            sentence = _("By when? Choose a time for “%(text)s”.")
            raise Refused("NO_TIME", sentence % {"text": self.text.strip()}, 422)
        return {
            "kind": self.kind,
            "text": self.text,
            "due": due,
            "form": "" if due else self.when,
        }


def rows_of(data: QueryDict) -> list[Word]:
    """The rows of a form, in their order; the fields of one row stand at the same place."""
    lists = [data.getlist(name)[:MOST] for name in FIELDS]
    return [
        Word(kind or Kind.CALLBACK, text, when, due)
        for kind, text, when, due in zip_longest(*lists, fillvalue="")
    ]


def promises_in(data: QueryDict, zone: ZoneInfo) -> list[dict[str, Any]]:
    return [row.given(zone) for row in rows_of(data) if not row.is_empty]


def next_update_in(data: QueryDict, schedule: Schedule, at: datetime) -> datetime:
    """When they hear next after a first word: a time that was typed, else the chosen preset."""
    due = _read(data.get("next_due", ""), ZoneInfo(schedule.zone))
    if due is not None:
        return due
    form = data.get("next_when", "")
    return clock.due(form if form in FORMS else FIRST_THING, at, schedule.hours).at


def _read(text: str, zone: ZoneInfo) -> datetime | None:
    try:
        return read_local(text, zone)
    except ValueError as error:
        raise Refused("NO_TIME", _("“%(text)s” is no time.") % {"text": text}, 422) from error
