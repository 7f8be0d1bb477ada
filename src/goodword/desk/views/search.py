"""Searching: the page, and the few that the palette shows while somebody types."""

from zoneinfo import ZoneInfo

from django.http import HttpResponse, JsonResponse
from django.urls import path
from django.views.decorators.http import require_safe

from goodword.desk.answering import is_htmx
from goodword.desk.quick import quick
from goodword.desk.searching import SearchPage
from goodword.desk.shell import business_of, page, part
from goodword.desk.typed import number
from goodword.finding.access import view_for
from goodword.staff.access import MemberRequest, members_only


@require_safe
@members_only
def search(request: MemberRequest) -> HttpResponse:
    """The page; with HTMX, as somebody types, what was found alone."""
    zone = ZoneInfo(business_of(request).schedule.zone)
    typed, cursor = request.GET.get("q", ""), request.GET.get("after", "")
    pk = number(request.GET, "view")
    view = view_for(request.user, pk) if pk is not None and "q" not in request.GET else None
    on = SearchPage(typed, request.user, zone, cursor=cursor, view=view)
    context = {"nav": "search", "on": on}
    if is_htmx(request):
        return part(request, "desk/search/found.html", context)
    return page(request, "desk/search/page.html", context)


@require_safe
@members_only
def search_quick(request: MemberRequest) -> HttpResponse:
    """A few cases, customers, accounts and members, as JSON; as rows of a list with HTMX."""
    zone = ZoneInfo(business_of(request).schedule.zone)
    found = quick(request.GET.get("q", ""), request.user, zone)
    if is_htmx(request):
        return part(request, "desk/search/quick.html", {"groups": found})
    return JsonResponse({"groups": [group.as_json() for group in found]})


urls = [
    path("search/", search, name="search"),
    path("search/quick", search_quick, name="search_quick"),
]
