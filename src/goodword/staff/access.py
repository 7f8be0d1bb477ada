"""The door to the desk: who is signed in, and which rooms their role opens."""

from collections.abc import Callable
from functools import update_wrapper
from typing import Any, Concatenate, ParamSpec, TypeVar, cast

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from goodword.staff.models import Member
from goodword.staff.reading import as_theirs
from goodword.staff.rights import Right, lacking
from goodword.staff.session import OWES

P = ParamSpec("P")
R = TypeVar("R", bound=HttpResponseBase)
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]
READS = frozenset({"GET", "HEAD", "OPTIONS"})


class MemberRequest(HttpRequest):
    """A request whose user is a member; views behind the door may rely on it."""

    user: Member


MemberView = Callable[Concatenate[MemberRequest, P], HttpResponseBase]


def members_only(view: MemberView[P]) -> View[P]:
    """Only signed-in members; everybody else is asked to sign in and comes back here.

    A light member reads; what changes something is not theirs unless the view is `light_too`.
    """

    def guarded(request: MemberRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if request.method not in READS and request.user.is_light and not is_light:
            raise PermissionDenied(lacking(request.user, Right.ANSWER))
        return view(request, *args, **kwargs)

    is_light = bool(getattr(view, "is_light", False))
    update_wrapper(guarded, view)
    return _door(_signed_in(guarded), view, "members")


def _signed_in(view: MemberView[P]) -> View[P]:
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if not (request.user.is_authenticated and request.user.is_active):
            if request.headers.get("HX-Request"):
                # A swapped part would show the sign-in page inside the page.
                return HttpResponse(status=401, headers={"HX-Refresh": "true"})
            return redirect_to_login(request.get_full_path())
        if request.session.get(OWES) and not is_before_second:
            # Their role asks for a second factor, and they have not set one up in time.
            if request.headers.get("HX-Request"):
                return HttpResponse(status=401, headers={"HX-Refresh": "true"})
            return redirect("me")
        as_theirs(request, request.user)
        return view(cast(MemberRequest, request), *args, **kwargs)

    is_before_second = bool(getattr(view, "is_before_second", False))
    return guarded


def before_second(view: Callable[P, R]) -> Callable[P, R]:
    """Under a door: open to whoever still has to set up the second factor of their role."""
    view.is_before_second = True  # type: ignore[attr-defined]
    return view


def light_too(view: Callable[P, R]) -> Callable[P, R]:
    """Under `members_only`: a light member may do this as well, as leaving a note."""
    view.is_light = True  # type: ignore[attr-defined]
    return view


def needs(right: Right) -> Callable[[MemberView[P]], View[P]]:
    """Only members whose role has the right."""

    def door(view: MemberView[P]) -> View[P]:
        return _needing(right, view, "right", lambda member: lacking(member, right))

    return door


def operators_only(view: MemberView[P]) -> View[P]:
    """Only members whose role may run the installation: operators and leaders."""
    return _needing(
        Right.OPERATE,
        view,
        "operators",
        lambda _member: _("This page is for those who run the desk."),
    )


def _needing(
    right: Right, view: MemberView[P], name: str, refusal: Callable[[Member], str]
) -> View[P]:
    def guarded(request: MemberRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if not request.user.has(right):
            raise PermissionDenied(refusal(request.user))
        return view(request, *args, **kwargs)

    update_wrapper(guarded, view)
    found = _door(_signed_in(guarded), view, name)
    found.right = right  # type: ignore[attr-defined]
    return found


def open_to_all(view: Callable[P, R]) -> Callable[P, R]:
    """Declared open on purpose: the sign-in page, a customer's page, health."""
    view.door = "all"  # type: ignore[attr-defined]
    return view


def _door(guarded: View[P], view: Callable[..., Any], name: str) -> View[P]:
    update_wrapper(guarded, view)
    guarded.door = name  # type: ignore[attr-defined]
    return guarded
