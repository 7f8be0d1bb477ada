"""Customers and accounts by name, address or number; where none reads so, those a slip away."""

from __future__ import annotations

from difflib import SequenceMatcher
from functools import cached_property

from django.db import connection
from django.db.models import Exists, OuterRef, QuerySet, Subquery

from goodword.cases.access import visible_customers
from goodword.finding.filters import names_like
from goodword.finding.folding import fold, tokens
from goodword.finding.index import PEOPLE, index
from goodword.finding.matching import Match, Matching
from goodword.people.models import Account, ContactPoint, Customer
from goodword.staff.models import Member

SHOWN = 5
LOOKED_AT = 60
MOST_SUBJECTS = 600


class People:
    """Whoever of those that this member may see is called so, or is reached so."""

    def __init__(self, text: str, member: Member) -> None:
        self.text = " ".join(text.split())[:100]
        self.member = member

    @cached_property
    def customers(self) -> list[Customer]:
        return self._customers(self._exactly.get("customer", []))

    @cached_property
    def accounts(self) -> list[Account]:
        return self._accounts(self._exactly.get("account", []))

    @cached_property
    def near_customers(self) -> list[Customer]:
        """Those whose name is a slip away, where nobody is called exactly so."""
        return self._customers(self._nearly.get("customer", []))

    @cached_property
    def near_accounts(self) -> list[Account]:
        return self._accounts(self._nearly.get("account", []))

    @cached_property
    def _exactly(self) -> dict[str, list[int]]:
        return _subjects(names_like(self.text))

    @cached_property
    def _nearly(self) -> dict[str, list[int]]:
        is_name = "@" not in self.text and not any(map(str.isdigit, self.text))
        if self.customers or self.accounts or not is_name:
            return {}
        gathered = Matching()
        gathered.add_near(self.text)
        return _subjects(gathered.match())

    def _customers(self, pks: list[int]) -> list[Customer]:
        if not pks:
            return []
        points = ContactPoint.objects.filter(customer=OuterRef("pk")).order_by("-last_used_at")
        found = visible_customers(self.member).filter(pk__in=pks).select_related("account")
        found = found.annotate(reached_at=Subquery(points.values("value")[:1]))
        return self._best(found.order_by("-pk"))

    def _accounts(self, pks: list[int]) -> list[Account]:
        if not pks:
            return []
        theirs = visible_customers(self.member).filter(account=OuterRef("pk"))
        found = Account.objects.filter(Exists(theirs), pk__in=pks)
        return self._best(found.order_by("-pk"))

    def _best(self, rows: QuerySet[Customer] | QuerySet[Account]) -> list:  # type: ignore[type-arg]
        """The most alike first; they that came last where two are."""
        return sorted(rows[:LOOKED_AT], key=self._unlike)[:SHOWN]

    def _unlike(self, row: Customer | Account) -> float:
        said, name = " ".join(tokens(self.text)), " ".join(tokens(row.name))
        if name.startswith(said):
            return 0.0 if name == said else 0.1
        return 1.2 - SequenceMatcher(None, fold(said), name).ratio()


def _subjects(match: Match) -> dict[str, list[int]]:
    """Whose names match, by kind: asked of the index alone, since mostly nobody's does."""
    if not match:
        return {}
    inner, values = index().matching(PEOPLE, match)
    statement = f"SELECT DISTINCT kind, subject FROM finding_name WHERE id IN ({inner})"  # noqa: S608
    found: dict[str, list[int]] = {}
    with connection.cursor() as cursor:
        cursor.execute(f"{statement} LIMIT {MOST_SUBJECTS}", values)
        for kind, subject in cursor.fetchall():
            found.setdefault(kind, []).append(subject)
    return found
