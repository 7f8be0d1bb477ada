"""Customers who are likely one person. Only suggested: nothing is ever merged by itself."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import Lower
from django.utils.functional import Promise as LazyText
from django.utils.translation import gettext_lazy as _

from goodword.people.likeness import likeness
from goodword.people.models import ContactPoint, Customer, Different

MOST = 5
MOST_PAIRS = 100


@dataclass(frozen=True)
class Double:
    """Two customers, and why they may be one."""

    customer: Customer
    other: Customer
    why: str | LazyText


def doubles_of(
    customer: Customer, points: list[ContactPoint], visible: QuerySet[Customer]
) -> list[Double]:
    """Who is likely the same person as `customer`, of those who are visible."""
    alike = likely(customer, points)
    if not alike:
        return []
    others = visible.filter(alike).exclude(pk=customer.pk).select_related("account")
    return [double(customer, other) for other in others[:MOST]]


def _apart(customer: Customer) -> list[int]:
    """Those of whom somebody said that they are not this one."""
    pairs = Different.objects.pairs([customer.pk])
    return [pk for pair in pairs for pk in pair if pk != customer.pk]


def likely(customer: Customer, points: list[ContactPoint]) -> Q:
    """What a row of customers must be like to be this one once more; empty for nothing."""
    alike = Q()
    for point in points:
        same = point.likeness or likeness(point.kind, point.value)
        same_point = ContactPoint.objects.filter(kind=point.kind, likeness=same)
        # Whose they are first, and by index: a join would look through every customer.
        alike |= Q(pk__in=same_point.values("customer"))
    if customer.account_id:
        alike |= Q(account=customer.account_id, name__iexact=customer.name)
    return alike & ~Q(pk__in=_apart(customer)) if alike else alike


def double(customer: Customer, other: Customer) -> Double:
    return Double(customer, other, _why(customer, other))


def all_doubles(visible: QuerySet[Customer]) -> list[Double]:
    """Every pair that looks like one person, as far as both are visible."""
    found = [*_by_points(visible), *_by_names(visible)][:MOST_PAIRS]
    apart = Different.objects.pairs({each.customer.pk for each in found})
    return [each for each in found if frozenset((each.customer.pk, each.other.pk)) not in apart]


def _by_points(visible: QuerySet[Customer]) -> list[Double]:
    shared = ContactPoint.objects.exclude(likeness="").values("kind", "likeness")
    shared = shared.annotate(n=Count("customer", distinct=True)).filter(n__gt=1).order_by("kind")
    kinds = {row["likeness"]: row["kind"] for row in shared[:MOST_PAIRS]}
    points = ContactPoint.objects.filter(likeness__in=kinds, customer__in=visible.values("pk"))
    found: dict[str, list[Customer]] = {}
    for point in points.select_related("customer__account").order_by("likeness", "customer"):
        people = found.setdefault(point.likeness, [])
        if point.customer not in people:
            people.append(point.customer)
    return [
        Double(first, other, _SAME_NUMBER if kinds[same] == "phone" else _SAME_ADDRESS)
        for same, (first, *others) in found.items()
        for other in others
    ]


def _by_names(visible: QuerySet[Customer]) -> list[Double]:
    named = visible.exclude(account=None).annotate(lower=Lower("name")).values("account", "lower")
    shared = named.annotate(n=Count("pk")).filter(n__gt=1).order_by("lower")[:MOST_PAIRS]
    same = Q()
    for row in shared:
        same |= Q(account=row["account"], name__iexact=row["lower"])
    if not same:
        return []
    found: dict[tuple[int | None, str], list[Customer]] = {}
    for customer in visible.filter(same).select_related("account").order_by("pk"):
        found.setdefault((customer.account_id, customer.name.lower()), []).append(customer)
    return [
        Double(first, other, _SAME_NAME) for first, *others in found.values() for other in others
    ]


_SAME_NUMBER = _("The same number")
_SAME_ADDRESS = _("Almost the same mail address")
_SAME_NAME = _("The same name in the same organisation")


def _why(customer: Customer, other: Customer) -> str | LazyText:
    same_name = other.name.lower() == customer.name.lower()
    if same_name and customer.account_id and other.account_id == customer.account_id:
        return _SAME_NAME
    return _("Almost the same mail address, or the same number")
