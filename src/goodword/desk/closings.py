"""What Today says of the closing of each team: when its sweep begins, and who waits then."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from goodword.cases.models import Case
from goodword.cases.sweeping import business_day
from goodword.desk.sentences import in_words
from goodword.staff.models import Schedule, Team


@dataclass(frozen=True)
class Closing:
    """The closing of one team, None for whichever the member opens first. `waiting` are cases."""

    team: Team | None
    waiting: int
    begins: datetime
    is_on: bool

    @property
    def of(self) -> str:
        return self.team.slug if self.team else ""

    @property
    def label(self) -> str:
        """“Send word to all three…”."""
        if not self.waiting:
            return _("Close the day…")
        said = ngettext("Send word to %(n)s…", "Send word to all %(n)s…", self.waiting)
        return said % {"n": in_words(self.waiting)}


def closings(cases: Sequence[Case], at: datetime, usual: Schedule) -> list[Closing]:
    """Of each team that has a case here, else one for the hours of the business."""
    counts = Counter(case.team_id for case in cases)
    teams = {case.team_id: case.team for case in cases}
    found = [_closing(teams[pk], counts[pk], at, usual) for pk in teams]
    there = [each for each in (found or [_closing(None, 0, at, usual)]) if each is not None]
    return sorted(there, key=lambda each: -each.waiting)


def _closing(team: Team | None, waiting: int, at: datetime, usual: Schedule) -> Closing | None:
    """None where there is nothing to close, and once the doors are closed."""
    schedule = (team.schedule if team else None) or usual
    day = business_day(at, schedule.hours)
    if day is None or at < day.opens or at >= day.closes:
        return None
    return Closing(team, waiting, day.sweep_from, at >= day.sweep_from)
