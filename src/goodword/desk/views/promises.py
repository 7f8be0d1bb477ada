"""The board and the list of promises, and the page of one."""

from django.http import HttpResponse
from django.urls import path
from django.views.decorators.http import require_safe

from goodword.cases.access import promise_for
from goodword.core.refusals import Refused
from goodword.core.time import now
from goodword.desk.board import STATES, Asked, Board
from goodword.desk.shell import business_of, page, part
from goodword.desk.story import Story
from goodword.promises.kinds import Kind
from goodword.staff.access import MemberRequest, members_only


@require_safe
@members_only
def promises(request: MemberRequest) -> HttpResponse:
    return page(request, "desk/promises/page.html", _asked_for(request))


@require_safe
@members_only
def promises_part(request: MemberRequest) -> HttpResponse:
    """The board or the list anew, as the address asks for it."""
    return part(request, "desk/promises/part.html", _asked_for(request))


def _asked_for(request: MemberRequest) -> dict[str, object]:
    asked = Asked.read(request.GET)
    board = Board(request.user, business_of(request).schedule, now(), asked)
    return {
        "nav": "promises",
        "board": board,
        "asked": asked,
        "states": STATES.items(),
        "kinds": Kind.choices,
    }


@require_safe
@members_only
def promise(request: MemberRequest, pk: int) -> HttpResponse:
    return show(request, pk)


def show(
    request: MemberRequest, pk: int, *, refusal: Refused | None = None, act: str = ""
) -> HttpResponse:
    """The page of one promise; after a refusal of an act with its sentence and what was typed."""
    story = Story(promise_for(request.user, pk), now())
    context = {
        "nav": "promises",
        "story": story,
        "promise": story.promise,
        "row": story.row,
        "refusal": refusal,
        "act": act,
        "typed": request.POST.dict(),
    }
    status = refusal.status if refusal else 200
    return page(request, "desk/promises/one.html", context, status)


urls = [
    path("promises/", promises, name="promises"),
    path("promises/part", promises_part, name="promises_part"),
    path("promises/<int:pk>/", promise, name="promise"),
]
