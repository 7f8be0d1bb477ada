"""The view of one small act on a case: find it, do it, answer; a refusal keeps the page."""

from collections.abc import Callable

from django.http import HttpResponse
from django.urls import path
from django.views.decorators.http import require_POST

from goodword.cases.access import case_for
from goodword.cases.models import Case
from goodword.core.refusals import Refused
from goodword.desk.answering import is_htmx, refused
from goodword.desk.views.cases import show
from goodword.staff.access import MemberRequest, light_too, members_only
from goodword.staff.models import Member

Act = Callable[[MemberRequest, Case], HttpResponse]
Door = Callable[[Member, int], Case]


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
