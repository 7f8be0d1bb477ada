"""Customers: the list, one of them, and the organisation that they belong to."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from goodword.cases.access import account_for, customer_for
from goodword.core.refusals import Refused
from goodword.core.time import now
from goodword.desk.answering import done, is_htmx, refused
from goodword.desk.directory import Directory, Organisation, Profile
from goodword.desk.shell import page, part
from goodword.desk.typed import key, line
from goodword.people.models import Account, Customer, PinnedNote
from goodword.people.reaching import add_point, remove_point
from goodword.staff.access import MemberRequest, members_only

LONGEST_NOTE = 500
Act = Callable[[MemberRequest, Customer], str]


@require_safe
@members_only
def customers(request: MemberRequest) -> HttpResponse:
    """The list; with HTMX, as somebody types, its rows alone."""
    context = {"nav": "customers", "directory": Directory(request.user, request.GET)}
    if is_htmx(request):
        return part(request, "desk/customers/rows.html", context)
    return page(request, "desk/customers/list.html", context)


@require_safe
@members_only
def customer(request: MemberRequest, pk: int) -> HttpResponse:
    return show(request, pk)


def show(
    request: MemberRequest, pk: int, *, refusal: Refused | None = None, act: str = ""
) -> HttpResponse:
    """One customer; after a refusal of an act with its sentence and what was typed."""
    found = customer_for(request.user, pk)
    context = {
        "nav": "customers",
        "customer": found,
        "profile": Profile(found, request.user, now()),
        "languages": settings.LANGUAGES,
        "refusal": refusal,
        "act": act,
        "typed": request.POST.dict(),
    }
    status = refusal.status if refusal else 200
    return page(request, "desk/customers/one.html", context, status)


@require_safe
@members_only
def account(request: MemberRequest, pk: int) -> HttpResponse:
    found = account_for(request.user, pk)
    organisation = Organisation(found, request.user)
    context = {"nav": "customers", "account": found, "organisation": organisation}
    return page(request, "desk/customers/account.html", context)


def _act(name: str, act: Act) -> object:
    """The view of one act; a refusal gives the page back with what was typed."""

    @require_POST
    @members_only
    def view(request: MemberRequest, pk: int) -> HttpResponse:
        found = customer_for(request.user, pk)
        try:
            said = act(request, found)
        except Refused as error:
            if is_htmx(request):
                return refused(request, error)
            return show(request, pk, refusal=error, act=name)
        return done(request, reverse("customer", args=[pk]), said)

    return path(f"customers/<int:pk>/{name}", view, name=f"customer_{name}")


def pin(request: MemberRequest, found: Customer) -> str:
    text = line(request.POST, "text", longest=LONGEST_NOTE)
    PinnedNote.pin(found, text, by=request.user)
    return _("Pinned. Everybody of ours sees it, and nobody else.")


def unpin(request: MemberRequest, found: Customer) -> str:
    note = found.pinned.filter(pk=key(request.POST, "note")).first()
    if note is None:
        raise Refused("NOT_FOUND", _("This note is not there any more."))
    note.take_down(by=request.user)
    return _("Taken down.")


def reach(request: MemberRequest, found: Customer) -> str:
    text = line(request.POST, "point", longest=320)
    if not text:
        raise Refused("NO_TEXT", _("Write a mail address or a number."), 422)
    point = add_point(found, text, by=request.user)
    return _("%(name)s is reached at %(point)s too.") % {"name": found.given, "point": point.value}


def unreach(request: MemberRequest, found: Customer) -> str:
    point = found.points.filter(pk=key(request.POST, "point")).first()
    if point is None:
        raise Refused("NOT_FOUND", _("This is not there any more."))
    remove_point(point, by=request.user)
    return _("%(point)s is removed.") % {"point": point.value}


def edit(request: MemberRequest, found: Customer) -> str:
    posted = request.POST
    name = line(posted, "name", longest=200)
    if not name:
        raise Refused("NO_NAME", _("Write their name."), 422)
    language = posted.get("language", "")
    if language and language not in dict(settings.LANGUAGES):
        raise Refused("NO_LANGUAGE", _("Choose one of the languages."), 422)
    found.rewrite(
        by=request.user,
        name=name,
        account=_account(line(posted, "account", longest=160), found),
        language=language,
        about=line(posted, "about"),
    )
    return _("Noted.")


def _account(name: str, found: Customer) -> Account | None:
    """The organisation of this name, new where we have not heard of it; none for no name."""
    if found.account is not None and found.account.name == name:
        return found.account
    if not name:
        return None
    known = Account.objects.filter(name__iexact=name).order_by("id").first()
    return known or Account.objects.create(name=name)


urls = [
    path("customers/", customers, name="customers"),
    path("customers/<int:pk>/", customer, name="customer"),
    path("accounts/<int:pk>/", account, name="account"),
    _act("pin", pin),
    _act("unpin", unpin),
    _act("reach", reach),
    _act("unreach", unreach),
    _act("edit", edit),
]
