"""Silences: who waits longest for a word of ours, and how far up each broken one has gone."""

from django.http import HttpResponse
from django.urls import path
from django.views.decorators.http import require_safe

from goodword.core.time import now
from goodword.desk.shell import page, part
from goodword.desk.silence import Silences
from goodword.staff.access import MemberRequest, members_only


@require_safe
@members_only
def silences(request: MemberRequest) -> HttpResponse:
    context = {"nav": "silences", "silences": Silences(request.user, now())}
    return page(request, "desk/silence/page.html", context)


@require_safe
@members_only
def silences_part(request: MemberRequest) -> HttpResponse:
    """The rows anew."""
    return part(request, "desk/silence/part.html", {"silences": Silences(request.user, now())})


urls = [
    path("silences/", silences, name="silences"),
    path("silences/part", silences_part, name="silences_part"),
]
