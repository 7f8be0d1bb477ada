"""How a view answers: a page that is sent on, or parts and a toast where HTMX asks."""

from __future__ import annotations

import json

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme

from goodword.core.refusals import Refused
from goodword.staff.access import MemberRequest

CHANGED = "casechanged"


def is_htmx(request: MemberRequest) -> bool:
    return request.headers.get("HX-Request") == "true"


def done(request: MemberRequest, to: str, said: str, *, undo: str = "") -> HttpResponse:
    """The act is done: say so, with a way back where there is one.

    A page goes on to `to` (or where its form says). With HTMX the parts of the page fetch
    themselves again, and what somebody types stays as it is.
    """
    if is_htmx(request):
        return toast(request, said, undo=undo)
    messages.success(request, said, extra_tags=undo)
    return redirect(next_page(request, to))


def toast(
    request: MemberRequest, said: str, *, undo: str = "", level: str = "success", status: int = 200
) -> HttpResponse:
    context = {"said": said, "undo": undo, "level": level}
    answer = render(request, "desk/case/toast.html", context, status=status)
    answer["HX-Reswap"] = "none"
    answer["HX-Trigger"] = json.dumps({CHANGED: "", "closedialog": ""} if status < 400 else {})
    return answer


def refused(request: MemberRequest, error: Refused) -> HttpResponse:
    return toast(request, str(error.sentence), level="error", status=error.status)


def moved_on(request: MemberRequest, to: str, said: str, *, undo: str = "") -> HttpResponse:
    """The page that was acted on is no longer there for this member, or begins anew."""
    messages.success(request, said, extra_tags=undo)
    if is_htmx(request):
        return HttpResponse(status=204, headers={"HX-Redirect": to})
    return redirect(to)


def next_page(request: MemberRequest, usual: str) -> str:
    wanted = request.POST.get("next", "")
    here = {request.get_host()}
    return wanted if url_has_allowed_host_and_scheme(wanted, here, request.is_secure()) else usual
