"""The page of a case, and the parts of it that fetch themselves again when something happens."""

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.views.decorators.http import require_safe

from goodword.cases import mentioning
from goodword.cases.access import case_to_see
from goodword.cases.models import Case
from goodword.cases.models.case import PartOfAnother
from goodword.core.room import noted_if_it_can_be
from goodword.desk.casepage import CasePage
from goodword.desk.composing import Composer, mode_of
from goodword.desk.shell import business_of, page, part
from goodword.desk.timeline import how_many, is_note, newest_entry_of
from goodword.desk.typed import number
from goodword.staff.access import MemberRequest, members_only

MOST_PRINTED = 2000
PARTS = {
    "head": "desk/case/head.html",
    "thread": "desk/case/thread.html",
    "rail": "desk/case/rail.html",
}


@require_safe
@members_only
def case(request: MemberRequest, pk: int) -> HttpResponse:
    try:
        found = case_to_see(request.user, pk)
    except PartOfAnother as gone:
        return redirect(f"{gone.into.get_absolute_url()}?merged={pk}")
    if request.method == "GET" and not found.only_watched:
        with noted_if_it_can_be():
            found.seen()
    return show(request, found)


def show(
    request: MemberRequest, found: Case, composer: Composer | None = None, status: int = 200
) -> HttpResponse:
    """The whole page; `composer` where a form comes back with what was typed."""
    on = page_of(request, found)
    context: dict[str, object] = {"nav": "inbox", "on": on, "case": found}
    context["composer"] = (
        on.dressed(composer)
        if composer
        else on.composer(_mode(request, found), then=request.GET.get("then", ""))
    )
    if merged := number(request.GET, "merged"):
        context["arrived"] = found.merges_here.filter(case=merged, undone_at=None).first()
    if request.method == "GET" and on.hands.calls_me:
        with noted_if_it_can_be():
            mentioning.seen(found, by=request.user)
    opened = found.pk if request.method == "GET" else None
    return page(request, "desk/case/page.html", context, status, opened=opened)


def _mode(request: MemberRequest, found: Case) -> str:
    return "note" if found.only_watched else mode_of(request.GET.get("mode"))


def page_of(request: MemberRequest, found: Case) -> CasePage:
    messages = how_many(request.GET.get("messages", ""))
    return CasePage(found, request.user, business_of(request), messages=messages)


@require_safe
@members_only
def case_part(request: MemberRequest, pk: int, name: str) -> HttpResponse:
    """One part anew; 204 where nothing happened since the entry that the page knows of."""
    found = case_to_see(request.user, pk)
    if number(request.GET, "since") == newest_entry_of(found):
        return HttpResponse(status=204)
    return part(request, PARTS[name], {"on": page_of(request, found), "case": found})


@require_safe
@members_only
def printed(request: MemberRequest, pk: int) -> HttpResponse:
    """The whole story, for paper; our notes only where they are asked for."""
    found = case_to_see(request.user, pk)
    on = CasePage(found, request.user, business_of(request), messages=MOST_PRINTED)
    notes = request.GET.get("notes") == "1"
    items = [item for item in on.items if notes or not is_note(item)]
    context = {"nav": "inbox", "on": on, "case": found, "items": items, "notes": notes}
    return page(request, "desk/case/printed.html", {**context, "printed": True})


urls = [
    path("cases/<int:pk>/", case, name="case"),
    *(
        path(f"cases/<int:pk>/{name}", case_part, {"name": name}, name=f"case_{name}")
        for name in PARTS
    ),
    path("cases/<int:pk>/print", printed, name="case_print"),
]
