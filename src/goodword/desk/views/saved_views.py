"""Saved views: keeping a question under a name, changing, ordering, removing and bringing back."""

from collections.abc import Callable

from django.contrib import messages
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from goodword.core.refusals import Refused
from goodword.desk.answering import next_page
from goodword.desk.searching import FOR_ALL, shares
from goodword.desk.shell import page
from goodword.desk.typed import line
from goodword.finding.access import view_for, visible_views
from goodword.finding.models import View
from goodword.staff.access import MemberRequest, members_only
from goodword.staff.models import Team

Act = Callable[[MemberRequest, View], None]


@require_safe
@members_only
def views(request: MemberRequest) -> HttpResponse:
    return _listed(request)


def _listed(request: MemberRequest, refusal: Refused | None = None, pk: int = 0) -> HttpResponse:
    """All views; after a refusal with its sentence and what was typed for the one of `pk`."""
    found = visible_views(request.user).select_related("team")
    context: dict[str, object] = {
        "nav": "views",
        "rows": [(view, view.may_be_changed_by(request.user)) for view in found],
        "shares": shares(request.user),
        "refusal": refusal,
        "refused_at": pk,
        "typed": request.POST.dict() or request.GET.dict(),
    }
    return page(request, "desk/search/views.html", context, refusal.status if refusal else 200)


@require_POST
@members_only
def view_new(request: MemberRequest) -> HttpResponse:
    try:
        name, query = line(request.POST, "name"), line(request.POST, "query", longest=500)
        share = request.POST.get("share", "")
        team = _team(request, share)
        view = View.keep(name, query, by=request.user, team=team, for_all=share == FOR_ALL)
    except Refused as error:
        return _listed(request, error)
    messages.success(request, _("“%(name)s” stands in the side now.") % {"name": view.name})
    return redirect(f"{reverse('search')}?view={view.pk}")


def _team(request: MemberRequest, share: str) -> Team | None:
    if share in ("", FOR_ALL):
        return None
    named = Q(pk=int(share)) if share.isascii() and share.isdigit() and len(share) < 18 else Q(pk=0)
    team = request.user.teams.filter(named).first()
    if team is None:
        raise Refused("NO_TEAM", _("Choose one of your teams."), 422)
    return team


def _act(name: str, act: Act, *, removed: bool = False) -> object:
    @require_POST
    @members_only
    def view(request: MemberRequest, pk: int) -> HttpResponse:
        found = view_for(request.user, pk, removed=removed)
        try:
            act(request, found)
        except Refused as error:
            return _listed(request, error, pk)
        return redirect(next_page(request, reverse("views")))

    return path(f"views/<int:pk>/{name}", view, name=f"view_{name}")


def edit(request: MemberRequest, view: View) -> None:
    name, query = line(request.POST, "name"), line(request.POST, "query", longest=500)
    view.rewrite(by=request.user, name=name, query=query)
    messages.success(request, _("Noted."))


def move(request: MemberRequest, view: View) -> None:
    view.move(by=request.user, up=request.POST.get("to") != "down")


def remove(request: MemberRequest, view: View) -> None:
    view.remove(by=request.user)
    undo = reverse("view_back", args=[view.pk])
    messages.success(request, _("“%(name)s” is removed.") % {"name": view.name}, extra_tags=undo)


def back(request: MemberRequest, view: View) -> None:
    view.bring_back(by=request.user)
    messages.success(request, _("“%(name)s” is back.") % {"name": view.name})


urls = [
    path("views/", views, name="views"),
    path("views/new", view_new, name="view_new"),
    _act("edit", edit),
    _act("move", move),
    _act("remove", remove),
    _act("back", back, removed=True),
]
