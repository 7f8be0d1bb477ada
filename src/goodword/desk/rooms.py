"""Every room of the desk by name, for whoever would rather type than look for it.

The navigation shows the first of them; a room that stands above the desk adds its own pages.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass

from django.urls import reverse
from django.utils.functional import Promise as LazyText
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from goodword.cases.states import Move
from goodword.desk.listing import BESIDE, FILTERS
from goodword.finding.folding import fold
from goodword.staff.models import Member
from goodword.staff.rights import Right

Text = str | LazyText


@dataclass(frozen=True)
class Room:
    """A page that one can go to. `also` is found but not shown; `letter` goes there after G."""

    label: str
    url: str
    icon: str
    group: str = ""
    letter: str = ""
    also: str = ""

    def matches(self, words: list[str]) -> bool:
        said = fold(f"{self.group} {self.label} {self.also}")
        return all(word in said for word in words)

    def as_json(self) -> dict[str, str]:
        return asdict(self)


Source = Callable[[Member], Iterable[Room]]
_SOURCES: list[Source] = []
# Name of the address, what it is called, its icon, its letter, and the right that opens it.
_MAIN: tuple[tuple[str, Text, str, str, Right | None], ...] = (
    ("today", gettext_lazy("Today"), "sun", "t", None),
    ("inbox", gettext_lazy("Inbox"), "inbox", "i", None),
    ("promises", gettext_lazy("Promises"), "scroll-text", "p", None),
    ("customers", gettext_lazy("Customers"), "users-round", "c", None),
    ("search", gettext_lazy("Search"), "search", "f", None),
    ("articles", gettext_lazy("Articles"), "file-text", "a", None),
    ("notifications", gettext_lazy("Notifications"), "bell", "n", None),
    ("operating", gettext_lazy("Operator"), "server", "o", Right.OPERATE),
    ("settings", gettext_lazy("Settings"), "settings", "s", Right.SETTINGS),
)
_OTHERS: tuple[tuple[str, Text, str, Right | None], ...] = (
    ("case_new", gettext_lazy("New case"), "square-pen", Right.ANSWER),
    ("day", gettext_lazy("Before closing: who has heard nothing"), "moon-star", None),
    ("promise_new", gettext_lazy("Give your word"), "pen-line", Right.ANSWER),
    ("customer_new", gettext_lazy("New customer"), "user-round-plus", Right.ANSWER),
    ("article_new", gettext_lazy("Write an article"), "square-pen", Right.ANSWER),
    ("doubles", gettext_lazy("Customers who may be one"), "merge", None),
    ("import_new", gettext_lazy("Bring customers in from a file"), "file-text", Right.ANSWER),
    ("silences", gettext_lazy("Silences: who waits longest"), "eye-off", None),
    ("views", gettext_lazy("Views"), "list-filter", None),
    ("notices", gettext_lazy("Notices to many"), "scroll-text", None),
    ("help", gettext_lazy("Help centre"), "book-open", None),
    ("me", gettext_lazy("Your account"), "user-round", None),
    ("me_notifications", gettext_lazy("How you are told"), "bell", None),
    ("my_signature", gettext_lazy("Your signature"), "signature", None),
    ("my_calendar", gettext_lazy("Your promises in your calendar"), "calendar-sync", None),
)


def also(source: Source) -> None:
    """More rooms, from an app that the desk does not know."""
    if source not in _SOURCES:
        _SOURCES.append(source)


def rooms(member: Member) -> list[Room]:
    """All that this member may enter, in the order in which they are offered."""
    further = [room for source in _SOURCES for room in source(member)]
    return [*_main(member), *_inbox(member), *_others(member), *further]


def found(member: Member, asked: str) -> list[Room]:
    words = fold(asked).split()
    return [room for room in rooms(member) if room.matches(words)]


def _main(member: Member) -> Iterator[Room]:
    for name, label, icon, letter, right in _MAIN:
        if right is None or member.has(right):
            yield Room(str(label), reverse(name), icon, letter=letter)


def _inbox(member: Member) -> Iterator[Room]:
    inbox, group = reverse("inbox"), _("Inbox")
    tabs = {move.value: move.label for move in Move if move != Move.MERGED} | BESIDE
    for name, label in tabs.items():
        yield Room(str(label), f"{inbox}?{urlencode({'tab': name})}", "inbox", group)
    for name, label in FILTERS.items():
        if name:
            yield Room(str(label), f"{inbox}?{urlencode({'filter': name})}", "list-filter", group)
    yield Room(_("Heard nothing"), f"{inbox}?sort=silence", "eye-off", group)
    for team in member.teams.all():
        yield Room(team.name, f"{inbox}?{urlencode({'team': team.slug})}", "users-round", group)


def _others(member: Member) -> Iterator[Room]:
    for name, label, icon, right in _OTHERS:
        if right is None or member.has(right):
            yield Room(str(label), reverse(name), icon)
