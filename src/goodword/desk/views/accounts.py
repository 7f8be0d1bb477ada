"""Accounts: one organisation with its people, its cases and what happened, and acts on it."""

from collections.abc import Callable

from django.http import Http404, HttpResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from goodword.cases.access import account_for, account_survivor_of
from goodword.core.refusals import Refused
from goodword.core.time import now
from goodword.desk.acts import act_on
from goodword.desk.answering import is_htmx
from goodword.desk.facts import FactsForm
from goodword.desk.organisation import Organisation
from goodword.desk.shell import page, part
from goodword.desk.typed import key, line
from goodword.desk.views.customers import LONGEST_NOTE
from goodword.desk.views.merging_people import gone_to
from goodword.people.models import Account, PinnedNote
from goodword.staff.access import MemberRequest, members_only

Act = Callable[[MemberRequest, Account], str]


@require_safe
@members_only
def account(request: MemberRequest, pk: int) -> HttpResponse:
    """An organisation; with HTMX the next part of what happened alone."""
    try:
        if is_htmx(request) and "before" in request.GET:
            return part(request, "desk/customers/across.html", _context(request, pk))
        return show(request, pk)
    except Http404:
        gone = gone_to(request, account_survivor_of(request.user, pk), "account")
        if gone is None:
            raise
        return gone


def show(
    request: MemberRequest, pk: int, *, refusal: Refused | None = None, act: str = ""
) -> HttpResponse:
    context = _context(request, pk) | {"refusal": refusal, "act": act}
    status = refusal.status if refusal else 200
    return page(request, "desk/customers/account.html", context, status)


def _context(request: MemberRequest, pk: int) -> dict[str, object]:
    found = account_for(request.user, pk)
    before = request.GET.get("before", "")
    organisation = Organisation(found, request.user, now(), before)
    return {
        "nav": "customers",
        "account": found,
        "organisation": organisation,
        "across": organisation.across,
        "came_by": key(request.GET, "merged"),
        "typed": request.POST.dict(),
    }


def _act(name: str, act: Act) -> object:
    return act_on("account", name, act, find=account_for, show=show)


def pin(request: MemberRequest, found: Account) -> str:
    PinnedNote.pin(found, line(request.POST, "text", longest=LONGEST_NOTE), by=request.user)
    return _("Pinned. Everybody of ours sees it, and nobody else.")


def unpin(request: MemberRequest, found: Account) -> str:
    note = found.pinned.filter(pk=key(request.POST, "note")).first()
    if note is None:
        raise Refused("NOT_FOUND", _("This note is not there any more."))
    note.take_down(by=request.user)
    return _("Taken down.")


def edit(request: MemberRequest, found: Account) -> str:
    name = line(request.POST, "name", longest=160)
    edited = FactsForm(request.POST, {"name": found.name})
    edited.refuse_to_overwrite({"name": _("Name")}, lambda _field, there: there)
    if edited.is_typed("name"):
        found.rename(name, by=request.user)
    return _("Noted.")


urls = [
    path("accounts/<int:pk>/", account, name="account"),
    _act("pin", pin),
    _act("unpin", unpin),
    _act("edit", edit),
]
