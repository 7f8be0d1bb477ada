"""Customers and accounts by name, address or number; where none reads so, those a slip away."""

from __future__ import annotations

from difflib import SequenceMatcher
from functools import cached_property

from django.db.models import Exists, OuterRef, QuerySet, Subquery

from goodword.cases.access import visible_customers
from goodword.finding.filters import names_like, subjects
from goodword.finding.folding import fold, tokens
from goodword.finding.matching import Match, Matching
from goodword.people.models import Account, ContactPoint, Customer
from goodword.staff.models import Member

SHOWN = 5
LOOKED_AT = 60


class People:
    """Whoever of those that this member may see is called so, or is reached so."""

    def __init__(self, text: str, member: Member) -> None:
        self.text = " ".join(text.split())[:100]
        self.member = member

    @cached_property
    def customers(self) -> list[Customer]:
        return self._customers(names_like(self.text))

    @cached_property
    def accounts(self) -> list[Account]:
        return self._accounts(names_like(self.text))

    @cached_property
    def near_customers(self) -> list[Customer]:
        """Those whose name is a slip away, where none is called exactly so."""
        return [] if self.customers or not self._is_name else self._customers(self._near())

    @cached_property
    def near_accounts(self) -> list[Account]:
        return [] if self.accounts or not self._is_name else self._accounts(self._near())

    @property
    def _is_name(self) -> bool:
        return "@" not in self.text and not any(map(str.isdigit, self.text))

    def _near(self) -> Match:
        gathered = Matching()
        gathered.add_near(self.text)
        return gathered.match()

    def _customers(self, match: Match) -> list[Customer]:
        if not match:
            return []
        points = ContactPoint.objects.filter(customer=OuterRef("pk")).order_by("-last_used_at")
        found = visible_customers(self.member).filter(pk__in=subjects("customer", match))
        found = found.select_related("account").annotate(
            reached_at=Subquery(points.values("value")[:1])
        )
        return self._best(found.order_by("-pk"))

    def _accounts(self, match: Match) -> list[Account]:
        if not match:
            return []
        theirs = visible_customers(self.member).filter(account=OuterRef("pk"))
        found = Account.objects.filter(Exists(theirs), pk__in=subjects("account", match))
        return self._best(found.order_by("-pk"))

    def _best(self, rows: QuerySet[Customer] | QuerySet[Account]) -> list:  # type: ignore[type-arg]
        """The most alike first; they that came last where two are."""
        return sorted(rows[:LOOKED_AT], key=self._unlike)[:SHOWN]

    def _unlike(self, row: Customer | Account) -> float:
        said, name = " ".join(tokens(self.text)), " ".join(tokens(row.name))
        if name.startswith(said):
            return 0.0 if name == said else 0.1
        return 1.2 - SequenceMatcher(None, fold(said), name).ratio()
