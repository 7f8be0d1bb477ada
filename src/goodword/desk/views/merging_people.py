"""Merging two customers or two organisations, and taking it back."""

from typing import TypeVar

from django.db.models import Count, Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from goodword.cases.access import (
    account_for,
    customer_for,
    different_for,
    merge_for,
    visible_accounts,
    visible_customers,
)
from goodword.cases.merging_people import merge_accounts, merge_customers, unmerge
from goodword.cases.telling_apart import take_back, tell_apart
from goodword.core.refusals import Refused
from goodword.desk.answering import done, is_htmx, moved_on, refused
from goodword.desk.directory import matching
from goodword.desk.shell import page
from goodword.desk.typed import key, whole
from goodword.people.doubles import all_doubles, doubles_of
from goodword.people.models import Account, Customer, Different, Merge
from goodword.promises.kinds import OUTSTANDING
from goodword.staff.access import MemberRequest, members_only

MOST_FOUND = 8
One = TypeVar("One", Customer, Account)


@require_http_methods(["GET", "HEAD", "POST"])
@members_only
def customer_merge(request: MemberRequest, pk: int) -> HttpResponse:
    """Choose the other one, look at both, and say that they are one person."""
    found = customer_for(request.user, pk)
    other = _other(visible_customers(request.user), request)
    if request.method == "POST" and other is not None:
        return _merged(request, found, other)
    return _customers_page(request, found, other)


def _customers_page(
    request: MemberRequest,
    found: Customer,
    other: Customer | None,
    refusal: Refused | None = None,
) -> HttpResponse:
    if request.method == "POST" and other is None and refusal is None:
        refusal = Refused("NOT_CHOSEN", _("Choose who it is."), 422)
    asked = " ".join(request.GET.get("q", "").replace("\0", "").split())[:100]
    visible = visible_customers(request.user)
    context = {
        "nav": "customers",
        "one": _counted(found) if other else found,
        "two": _counted(other) if other else None,
        "apart": Different.objects.of(found, other).select_related("by").first() if other else None,
        "asked": asked,
        "matches": _matches(visible, found, asked),
        "doubles": [] if other else doubles_of(found, list(found.points.all()), visible),
        "refusal": refusal,
    }
    status = refusal.status if refusal else 200
    return page(request, "desk/customers/merge.html", context, status)


def _merged(request: MemberRequest, found: Customer, other: Customer) -> HttpResponse:
    keep = other if key(request.POST, "keep") == other.pk else found
    gone = found if keep is other else other
    try:
        merge = merge_customers(gone, keep, by=request.user)
    except Refused as error:
        return _customers_page(request, found, other, error)
    said = _("%(gone)s and %(name)s are one customer now.")
    facts = {"gone": gone.name, "name": keep.name}
    undo = reverse("merge_undo", args=[merge.pk])
    return done(request, reverse("customer", args=[keep.pk]), said % facts, undo=undo)


@require_http_methods(["GET", "HEAD", "POST"])
@members_only
def account_merge(request: MemberRequest, pk: int) -> HttpResponse:
    found = account_for(request.user, pk)
    other = _other(visible_accounts(request.user), request)
    if request.method == "POST" and other is not None:
        return _accounts_merged(request, found, other)
    return _accounts_page(request, found, other)


def _accounts_page(
    request: MemberRequest, found: Account, other: Account | None, refusal: Refused | None = None
) -> HttpResponse:
    if request.method == "POST" and other is None and refusal is None:
        refusal = Refused("NOT_CHOSEN", _("Choose which one it is."), 422)
    asked = " ".join(request.GET.get("q", "").replace("\0", "").split())[:100]
    accounts = visible_accounts(request.user).exclude(pk=found.pk)
    named = accounts.filter(Q(name__icontains=asked) | Q(domain__icontains=asked))
    context = {
        "nav": "customers",
        "one": found,
        "two": other,
        "apart": Different.objects.of(found, other).select_related("by").first() if other else None,
        "asked": asked,
        "matches": list(named.order_by("name")[:MOST_FOUND]) if asked else [],
        "refusal": refusal,
    }
    status = refusal.status if refusal else 200
    return page(request, "desk/customers/merge_accounts.html", context, status)


def _accounts_merged(request: MemberRequest, found: Account, other: Account) -> HttpResponse:
    keep = other if key(request.POST, "keep") == other.pk else found
    gone = found if keep is other else other
    try:
        merge = merge_accounts(gone, keep, by=request.user)
    except Refused as error:
        return _accounts_page(request, found, other, error)
    said = _("%(gone)s and %(name)s are one organisation now.")
    facts = {"gone": gone.name, "name": keep.name}
    undo = reverse("merge_undo", args=[merge.pk])
    return done(request, reverse("account", args=[keep.pk]), said % facts, undo=undo)


@require_POST
@members_only
def merge_undo(request: MemberRequest, pk: int) -> HttpResponse:
    merge = merge_for(request.user, pk)
    to = _page_of(merge)
    try:
        unmerge(merge, by=request.user)
    except Refused as error:
        if is_htmx(request):
            return refused(request, error)
        return _refused_there(request, merge, error)
    said = _("%(gone)s and %(name)s are two again, each with what is theirs.")
    return moved_on(request, to, said % {"gone": merge.one.name, "name": merge.other.name})


def _refused_there(request: MemberRequest, merge: Merge, error: Refused) -> HttpResponse:
    from goodword.desk.views.accounts import show as show_account
    from goodword.desk.views.customers import show

    into = merge.other.merged_into or merge.other
    if isinstance(into, Account):
        return show_account(request, into.pk, refusal=error)
    return show(request, into.pk, refusal=error)


def _page_of(merge: Merge) -> str:
    if merge.gone_id:
        return reverse("customer", args=[merge.gone_id])
    return reverse("account", args=[merge.gone_account_id])


@require_POST
@members_only
def customers_apart(request: MemberRequest, pk: int) -> HttpResponse:
    found = customer_for(request.user, pk)
    other = _other(visible_customers(request.user), request)
    back = request.POST.get("back") == "doubles"
    return _told_apart(request, found, other, reverse("doubles") if back else "")


@require_POST
@members_only
def accounts_apart(request: MemberRequest, pk: int) -> HttpResponse:
    found = account_for(request.user, pk)
    return _told_apart(request, found, _other(visible_accounts(request.user), request), "")


def _told_apart(request: MemberRequest, found: One, other: One | None, to: str) -> HttpResponse:
    if other is None:
        raise Refused("NOT_CHOSEN", _("Choose who it is."), 422)
    said = tell_apart(found, other, by=request.user)
    sentence = _("%(name)s and %(other)s stay two. Nobody is asked about them again.")
    undo = reverse("apart_undo", args=[said.pk])
    facts = {"name": found.name, "other": other.name}
    return done(request, to or _page_of_one(found), sentence % facts, undo=undo)


@require_POST
@members_only
def apart_undo(request: MemberRequest, said: int) -> HttpResponse:
    row = different_for(request.user, said)
    one, other = row.two
    take_back(row, by=request.user)
    sentence = _("%(name)s and %(other)s may be one after all.")
    facts = {"name": one.name, "other": other.name}
    return moved_on(request, _page_of_one(one), sentence % facts)


def _page_of_one(one: Customer | Account) -> str:
    return reverse("customer" if isinstance(one, Customer) else "account", args=[one.pk])


@require_safe
@members_only
def doubles(request: MemberRequest) -> HttpResponse:
    found = all_doubles(visible_customers(request.user))
    return page(request, "desk/customers/doubles.html", {"nav": "customers", "doubles": found})


def _other(rows: QuerySet[One], request: MemberRequest) -> One | None:
    asked = (request.POST if request.method == "POST" else request.GET).get("with", "")
    pk = whole(asked)
    return rows.filter(pk=pk).first() if pk else None


def _matches(visible: QuerySet[Customer], found: Customer, asked: str) -> list[Customer]:
    if not asked:
        return []
    named = visible.filter(matching(asked)).exclude(pk=found.pk).select_related("account")
    return list(named.order_by("name", "id")[:MOST_FOUND])


def _counted(customer: Customer) -> Customer:
    """With what would move: how they are reached, and how much there is of theirs."""
    counted = (
        Customer.objects.select_related("account")
        .prefetch_related("points")
        .annotate(
            n_cases=Count("cases", distinct=True),
            n_notes=Count("pinned", distinct=True, filter=Q(pinned__taken_down_at=None)),
            n_promises=Count("promises", distinct=True, filter=Q(promises__state__in=OUTSTANDING)),
        )
    )
    return counted.get(pk=customer.pk)


def gone_to(request: MemberRequest, merge: Merge | None, name: str) -> HttpResponse | None:
    """An old address of somebody who was merged leads to who they are."""
    if merge is None:
        return None
    into = merge.one.merged_into
    assert into is not None
    return redirect(f"{reverse(name, args=[into.pk])}?merged={merge.pk}")


urls = [
    path("customers/doubles/", doubles, name="doubles"),
    path("customers/<int:pk>/merge", customer_merge, name="customer_merge"),
    path("accounts/<int:pk>/merge", account_merge, name="account_merge"),
    path("customers/<int:pk>/apart", customers_apart, name="customers_apart"),
    path("accounts/<int:pk>/apart", accounts_apart, name="accounts_apart"),
    path("apart/<int:said>/undo", apart_undo, name="apart_undo"),
    path("merges/<int:pk>/undo", merge_undo, name="merge_undo"),
]
