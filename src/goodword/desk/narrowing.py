"""The filters of the Promises page as links: what may be chosen, and what is chosen now."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from django.utils.functional import Promise as LazyText
from django.utils.translation import gettext as _

from goodword.cases.access import visible_accounts, visible_customers
from goodword.core.dates import short_day
from goodword.desk.asked import DUES, MADE, OWNERS, STATES, Asked
from goodword.finding.people import People
from goodword.people.models import Account, Customer
from goodword.promises.kinds import Kind
from goodword.staff.models import Member

MOST_COLLEAGUES = 200


@dataclass(frozen=True)
class Option:
    label: str
    url: str
    is_chosen: bool = False


@dataclass(frozen=True)
class Menu:
    """One filter: its button says what is chosen, its options are links."""

    name: str
    label: str
    icon: str
    groups: list[list[Option]]

    @property
    def chosen(self) -> str:
        first = self.groups[0][0]
        found = [each for group in self.groups for each in group if each.is_chosen]
        return (found[0] if found else first).label

    @property
    def is_set(self) -> bool:
        return not self.groups[0][0].is_chosen


class Narrowing:
    """What stands above the promises. Each thing with a name is asked for once."""

    def __init__(self, member: Member, asked: Asked) -> None:
        self.member, self.asked = member, asked

    @cached_property
    def menus(self) -> list[Menu]:
        kinds = {"": _("Any kind"), **{kind.value: str(kind.label) for kind in Kind}}
        return [
            self._whose(),
            self._menu("kind", _("Kind"), "shapes", kinds),
            self._menu("due", _("Due"), "calendar", DUES),
            self._menu("made", _("How it was made"), "pen-line", MADE),
            *([self._states()] if self.asked.is_calendar else []),
        ]

    def _menu(self, name: str, label: str, icon: str, known: Mapping[str, str | LazyText]) -> Menu:
        return Menu(name, label, icon, [list(self._options(name, known))])

    def _options(self, name: str, known: Mapping[str, str | LazyText]) -> Iterator[Option]:
        for value, label in known.items():
            url = self.asked.address(**{name: value})
            yield Option(str(label), url, getattr(self.asked, name) == value)

    def _states(self) -> Menu:
        states = {**STATES, "": _("Any state")}
        return self._menu("state", _("State"), "list-filter", states)

    def _whose(self) -> Menu:
        """Everybody, mine, my teams’; then each team; then each colleague."""
        nobody = self.asked.owner == "all" and not self.asked.team
        usual = [
            Option(
                str(label),
                self.asked.address(owner=name, team=""),
                nobody if name == "all" else self.asked.owner == name,
            )
            for name, label in OWNERS.items()
        ]
        teams = [
            Option(team.name, self._of_team(team.slug), team.slug == self.asked.team)
            for team in self.member.teams.order_by("name")
        ]
        groups = [usual, teams, self._colleagues()]
        return Menu("owner", _("Whose"), "users-round", [group for group in groups if group])

    def _of_team(self, slug: str) -> str:
        return self.asked.address(team=slug, owner="all")

    def _colleagues(self) -> list[Option]:
        there = Member.objects.active().exclude(pk=self.member.pk).order_by("name")
        rows = there.values_list("pk", "name")[:MOST_COLLEAGUES]
        return [
            Option(name, self.asked.address(owner=str(pk), team=""), self.asked.owner == str(pk))
            for pk, name in rows
        ]

    # To whom

    @cached_property
    def customer(self) -> Customer | None:
        if not self.asked.customer:
            return None
        return visible_customers(self.member).filter(pk=self.asked.customer).first()

    @cached_property
    def account(self) -> Account | None:
        if not self.asked.account:
            return None
        return visible_accounts(self.member).filter(pk=self.asked.account).first()

    @property
    def to_whom(self) -> str:
        """What the button of the customer says."""
        chosen = self.customer or self.account
        if chosen is not None:
            return chosen.name
        return _("Nobody you know") if self.is_to_somebody else _("Any customer")

    @property
    def is_to_somebody(self) -> bool:
        return bool(self.asked.customer or self.asked.account)

    @property
    def to_anybody(self) -> str:
        return self.asked.address(customer=0, account=0, find="")

    @cached_property
    def found(self) -> list[Option]:
        """Customers and organisations that are called as was typed, or nearly so."""
        if not self.asked.find:
            return []
        people = People(self.asked.find, self.member)
        customers = people.customers or people.near_customers
        accounts = people.accounts or people.near_accounts
        asked = self.asked
        return [
            *(Option(each.name, asked.address(customer=each.pk, account=0, find=""))
              for each in customers),
            *(Option(each.name, asked.address(account=each.pk, customer=0, find=""))
              for each in accounts),
        ]  # fmt: skip

    # What is chosen, each with the address without it

    @property
    def chips(self) -> Iterator[Option]:
        asked = self.asked
        for menu in self.menus:
            if menu.is_set:
                usual = menu.groups[0][0].url
                yield Option(menu.chosen, usual)
        if self.is_to_somebody:
            yield Option(self.to_whom, self.to_anybody)
        if asked.first:
            since = _("From %(day)s") % {"day": short_day(asked.first, year=True)}
            yield Option(since, asked.address(first=None))
        if asked.last:
            until = _("Until %(day)s") % {"day": short_day(asked.last, year=True)}
            yield Option(until, asked.address(last=None))

    @property
    def everything(self) -> str:
        """The same way of showing them, without any filter."""
        return Asked(view=self.asked.view, day=self.asked.day).address()

    @property
    def kept(self) -> list[tuple[str, str]]:
        """What a form of this page carries along: every parameter but those that it asks for."""
        return [pair for pair in self.asked.parameters() if pair[0] not in ("find", "from", "to")]

    @property
    def with_dates(self) -> list[tuple[str, str]]:
        return [pair for pair in self.asked.parameters() if pair[0] != "find"]
