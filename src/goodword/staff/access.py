"""The door to the desk: who is signed in, and which rooms their role opens."""

from collections.abc import Callable
from functools import update_wrapper
from typing import Any, Concatenate, ParamSpec, TypeVar, cast

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _

from goodword.staff.models import Member

P = ParamSpec("P")
R = TypeVar("R", bound=HttpResponseBase)
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


class MemberRequest(HttpRequest):
    """A request whose user is a member; views behind the door may rely on it."""

    user: Member


MemberView = Callable[Concatenate[MemberRequest, P], HttpResponseBase]


def members_only(view: MemberView[P]) -> View[P]:
    """Only signed-in members; everybody else is asked to sign in and comes back here."""

    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if not (request.user.is_authenticated and request.user.is_active):
            if request.headers.get("HX-Request"):
                # A swapped part would show the sign-in page inside the page.
                return HttpResponse(status=401, headers={"HX-Refresh": "true"})
            return redirect_to_login(request.get_full_path())
        return view(cast(MemberRequest, request), *args, **kwargs)

    return _door(guarded, view, "members")


def operators_only(view: MemberView[P]) -> View[P]:
    """Only members whose role may run the installation: operators and leaders."""

    def guarded(request: MemberRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if not request.user.may_operate:
            raise PermissionDenied(_("This page is for those who run the desk."))
        return view(request, *args, **kwargs)

    return _door(members_only(guarded), view, "operators")


def open_to_all(view: Callable[P, R]) -> Callable[P, R]:
    """Declared open on purpose: the sign-in page, a customer's page, health."""
    view.door = "all"  # type: ignore[attr-defined]
    return view


def _door(guarded: View[P], view: Callable[..., Any], name: str) -> View[P]:
    update_wrapper(guarded, view)
    guarded.door = name  # type: ignore[attr-defined]
    return guarded
