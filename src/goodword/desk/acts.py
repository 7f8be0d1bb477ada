"""The view of one small act: find what it is on, do it, answer; a refusal keeps the page."""

from collections.abc import Callable
from typing import Protocol, TypeVar

from django.http import HttpResponse
from django.urls import path, reverse
from django.views.decorators.http import require_POST

from goodword.cases.access import case_for
from goodword.cases.models import Case
from goodword.core.refusals import Refused
from goodword.desk.answering import done, is_htmx, refused
from goodword.desk.views.cases import show
from goodword.staff.access import MemberRequest, light_too, members_only
from goodword.staff.models import Member

Act = Callable[[MemberRequest, Case], HttpResponse]
Door = Callable[[Member, int], Case]
Row = TypeVar("Row")


class Show(Protocol):
    """The page of one row, after a refusal of an act with its sentence and what was typed."""

    def __call__(
        self, request: MemberRequest, pk: int, *, refusal: Refused | None = None, act: str = ""
    ) -> HttpResponse: ...


def case_act(name: str, act: Act, *, door: Door = case_for, light: bool = False) -> object:
    """`door` is `case_to_see` for what a watcher may do as well; `light` for light members."""

    def view(request: MemberRequest, pk: int) -> HttpResponse:
        found = door(request.user, pk)
        try:
            return act(request, found)
        except Refused as error:
            if is_htmx(request):
                return refused(request, error)
            request.refusal = error  # type: ignore[attr-defined]
            return show(request, door(request.user, pk), status=error.status)

    guarded = require_POST(members_only(light_too(view) if light else view))
    return path(f"cases/<int:pk>/{name}", guarded, name=f"case_{name.replace('-', '_')}")


def act_on(
    what: str,
    name: str,
    act: Callable[[MemberRequest, Row], str],
    *,
    find: Callable[[Member, int], Row],
    show: Show,
    explain: Callable[[MemberRequest, Refused], Refused] = lambda _request, error: error,
) -> object:
    """An act on a customer, an account, a promise (`what`): it answers with a sentence.

    `find` is the door to the row, `show` its page; `explain` may add to a refusal what this
    member may know.
    """

    @require_POST
    @members_only
    def view(request: MemberRequest, pk: int) -> HttpResponse:
        found = find(request.user, pk)
        try:
            said = act(request, found)
        except Refused as error:
            error = explain(request, error)
            if is_htmx(request):
                return refused(request, error)
            return show(request, pk, refusal=error, act=name)
        return done(request, reverse(what, args=[pk]), said)

    return path(f"{what}s/<int:pk>/{name}", view, name=f"{what}_{name}")
