"""The search page: what was asked, how it was understood, and what was found."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from zoneinfo import ZoneInfo

from django.utils.functional import Promise as LazyText
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from goodword.core.time import now
from goodword.desk.listing import next_promises, next_state
from goodword.finding.filters import Viewpoint
from goodword.finding.looking import Hit, Search
from goodword.finding.models import View
from goodword.finding.parsing import Asked, parse
from goodword.finding.people import People
from goodword.promises.models import Promise
from goodword.staff.models import Member

FOR_ALL = "all"
# What the empty page teaches: a filter as it is typed, and what it finds.
TAUGHT: list[tuple[str, str | LazyText]] = [
    ("owner:me is:ours", gettext_lazy("what you have and have to move")),
    ("owner:nobody", gettext_lazy("what nobody has taken yet")),
    ("promise:broken", gettext_lazy("where a promise was broken")),
    ("promise:due<2d", gettext_lazy("where a promise is due within two days")),
    ("silent:>1d", gettext_lazy("who has heard nothing from us for a day")),
    ("waiting:>2d", gettext_lazy("where we wait for the customer’s answer")),
    ("from:ellen has:file", gettext_lazy("what somebody sent with a file")),
    ("in:note", gettext_lazy("what stands in a note of ours")),
    ("after:2026-11-01 on:today", gettext_lazy("what was said since a day, or on it")),
    ("“down again”", gettext_lazy("words exactly so, side by side")),
    ("printer -scanner", gettext_lazy("with the one word and without the other")),
    ("print*", gettext_lazy("words that begin so")),
]


@dataclass(frozen=True)
class Chip:
    """A filter as it was understood, and the question without it."""

    said: str
    without: str


@dataclass(frozen=True)
class Found:
    """A case that was found, with the state that its row shows."""

    hit: Hit
    state: str
    says: str
    promise: Promise | None


class SearchPage:
    """Everything that the page shows; nothing of it that the member may not see."""

    def __init__(
        self,
        typed: str,
        member: Member,
        zone: ZoneInfo,
        *,
        cursor: str = "",
        view: View | None = None,
    ) -> None:
        self.view = view
        self.typed = typed if view is None else view.query
        self.member = member
        self.asked: Asked = parse(self.typed)
        self.at: datetime = now()
        viewpoint = Viewpoint(member, self.at, zone)
        self.search = Search(self.asked, viewpoint, live=view is None, cursor=cursor)

    @property
    def chips(self) -> list[Chip]:
        return [Chip(str(each), str(self.asked.without(each))) for each in self.asked.filters]

    @property
    def lines(self) -> list[tuple[str, str]]:
        """What was not understood, each with the question as it may have been meant."""
        said = [self._doubt(doubt.typed, doubt.meant) for doubt in self.asked.doubts]
        if self.asked.is_cut:
            said.append((_("That is very long: only its beginning was looked for."), ""))
        if not self.search.match and any(word.is_not for word in self.asked.words):
            said.append((_("A word to leave out needs a word to look for beside it."), ""))
        return said

    def _doubt(self, typed: str, meant: str) -> tuple[str, str]:
        if not meant:
            line = _("“%(typed)s” is no filter that we know, so it was looked for as words.")
            return line % {"typed": typed}, ""
        if typed.endswith(":"):
            return _("“%(typed)s” wants a word behind it.") % {"typed": typed}, meant
        line = _("“%(typed)s” was looked for as words.") % {"typed": typed}
        return line, meant

    @cached_property
    def people(self) -> People:
        """Words alone may name somebody; with filters or phrases they hardly do."""
        plain = [word for word in self.asked.words if not (word.is_not or word.begins)]
        named = plain if not self.asked.filters and self.search.is_first else []
        return People(" ".join(word.text for word in named), self.member)

    @cached_property
    def exact(self) -> list[Found]:
        return self._dressed(self.search.exact)

    @cached_property
    def cases(self) -> list[Found]:
        first = {hit.case.pk for hit in self.search.exact}
        return self._dressed([hit for hit in self.search.hits if hit.case.pk not in first])

    @cached_property
    def near(self) -> list[Found]:
        return self._dressed(self.search.near)

    @property
    def customers(self) -> list[object]:
        return [*(self.people.customers or self.people.near_customers)]

    @property
    def accounts(self) -> list[object]:
        return [*(self.people.accounts or self.people.near_accounts)]

    @property
    def is_near(self) -> bool:
        """Nobody is called exactly so."""
        people = self.people
        exactly = people.customers or people.accounts
        return not exactly and bool(people.near_customers or people.near_accounts)

    @property
    def may_change_view(self) -> bool:
        return self.view is not None and self.view.may_be_changed_by(self.member)

    @property
    def may_be_kept(self) -> bool:
        """As a view: everything was understood, and it is not one already."""
        return self.view is None and bool(self.asked) and not self.asked.doubts

    @property
    def further(self) -> str:
        return self.search.page.further

    @property
    def is_whole(self) -> bool:
        return self.search.page.is_whole

    @property
    def found_nothing(self) -> bool:
        return not (self.exact or self.cases or self.near or self.customers or self.accounts)

    @property
    def taught(self) -> list[tuple[str, str | LazyText]]:
        return TAUGHT

    def _dressed(self, hits: list[Hit]) -> list[Found]:
        nexts = next_promises([hit.case for hit in hits]) if hits else {}
        return [
            Found(
                hit, *next_state(hit.case, nexts.get(hit.case.pk), self.at), nexts.get(hit.case.pk)
            )
            for hit in hits
        ]


def shares(member: Member) -> list[tuple[str, str]]:
    """With whom this member may share a view: value and words of each choice."""
    found = [("", _("Only me"))]
    if member.is_lead:
        found += [(str(team.pk), team.name) for team in member.teams.all()]
    if member.is_leader:
        found.append((FOR_ALL, _("Everybody")))
    return found
