"""What a push says: names and times. No word of a customer's, unless the member asked for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django.conf import settings
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from goodword.core.time import now
from goodword.notifying.models import Notification

MOST_LINES = 4
MOST_WORDS = 140


@dataclass(frozen=True)
class Word:
    """`path` is what opens; pushes with the same `tag` replace each other on a screen."""

    title: str
    body: str
    path: str
    tag: str
    is_urgent: bool = False

    @property
    def whole(self) -> str:
        """With the address, for where nothing else can be clicked."""
        url = f"{settings.PUBLIC_URL}{self.path}" if settings.PUBLIC_URL else ""
        return "\n".join(filter(None, (self.body, url)))


def word_of(rows: Sequence[Notification], zone: ZoneInfo, *, shows_more: bool) -> Word:
    if len(rows) > 1:
        return _of_many(rows)
    [row] = rows
    at = date_format(row.entry.at.astimezone(zone), "H:i")
    body = f"{row.case.reference} · {at}" if row.case else at
    if shows_more and row.case:
        said = row.message.text if row.message else ""
        more = Truncator(" ".join(said.split())).chars(MOST_WORDS)
        body = "\n".join(filter(None, (f"{body} · {row.case.title}", more)))
    return Word(row.sentence, body, row.path, f"told-{row.pk}", row.is_urgent)


def _of_many(rows: Sequence[Notification]) -> Word:
    lines = [row.sentence for row in rows[:MOST_LINES]]
    if left := len(rows) - MOST_LINES:
        more = ngettext("and %(n)s more", "and %(n)s more", left) % {"n": left}
        lines += [more] if left > 0 else []
    title = ngettext("%(n)s notification", "%(n)s notifications", len(rows)) % {"n": len(rows)}
    urgent = any(row.is_urgent for row in rows)
    return Word(title, "\n".join(lines), reverse("notifications"), f"told-{rows[0].pk}", urgent)


def trial() -> Word:
    """What “Try it” sends."""
    title = _("This is how the desk tells you")
    return Word(title, _("You asked for a trial. All is well."), reverse("notifications"),
                f"trial-{now():%H%M%S}")  # fmt: skip


def trial_page() -> Word:
    """What “Try a page” sends: as a page comes, at any hour."""
    title = _("A trial: this is how a MAYDAY pages you")
    return Word(title, _("You asked for a trial. Nobody’s business is stopped."),
                reverse("notifications"), f"trial-{now():%H%M%S}", is_urgent=True)  # fmt: skip
