"""Promises as a board, a list and a calendar, and the page of one."""

from django.http import HttpResponse
from django.urls import path
from django.views.decorators.http import require_safe

from goodword.cases.access import promise_for, visible_promises
from goodword.core.refusals import Refused
from goodword.core.time import now
from goodword.desk.asked import VIEWS, Asked, Question
from goodword.desk.board import Board
from goodword.desk.calendar import Calendar
from goodword.desk.narrowing import Narrowing
from goodword.desk.pages import Pages
from goodword.desk.shell import business_of, page, part
from goodword.desk.story import Story
from goodword.staff.access import MemberRequest, members_only
from goodword.staff.rights import Right


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
    question = question_of(request, asked)
    calendar = Calendar(question) if asked.is_calendar else None
    return {
        "nav": "promises",
        "asked": asked,
        "board": Board(question),
        "pages": Pages(question) if asked.view == "list" else None,
        "calendar": calendar,
        "narrowing": Narrowing(request.user, asked),
        "views": _views(asked),
        "file": _as_a_file(asked, calendar),
        "may_export": request.user.has(Right.EXPORT),
    }


def _views(asked: Asked) -> dict[str, str]:
    """Each way to show the same; the board has a column a state, so it takes none."""
    there = {name: asked.address(view=name) for name in VIEWS}
    return {**there, "board": asked.address(view="board", state="")}


def _as_a_file(asked: Asked, calendar: Calendar | None) -> str:
    """What a file of this page asks for: the list as it is, a board or a span in every state."""
    if calendar is not None:
        return calendar.as_list.address(view="board")
    state = asked.state if asked.view == "list" else "all"
    return asked.address(view="board", state=state)


def question_of(request: MemberRequest, asked: Asked) -> Question:
    seen, schedule = visible_promises(request.user), business_of(request).schedule
    return Question(seen, asked, schedule, now(), request.user)


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
