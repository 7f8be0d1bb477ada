"""The inbox: whose move it is, what is due next, and a case beside the list."""

from django.http import HttpResponse
from django.urls import path
from django.views.decorators.http import require_safe

from goodword.cases.access import case_to_see
from goodword.core.time import now
from goodword.desk.casepage import CasePage
from goodword.desk.listing import FILTERS, MANY, SORTS, Listing
from goodword.desk.shell import business_of, page, part
from goodword.desk.typed import number
from goodword.staff.access import MemberRequest, members_only

# The preview shows how the matter stands, not its whole story.
PREVIEWED = 4


@require_safe
@members_only
def inbox(request: MemberRequest) -> HttpResponse:
    context = _listed(request)
    if (asked := number(request.GET, "case")) is not None:
        context["preview"] = _preview(request, asked)
        context["current"] = asked
    return page(request, "desk/inbox/page.html", context)


@require_safe
@members_only
def inbox_rows(request: MemberRequest) -> HttpResponse:
    return part(request, "desk/inbox/list.html", _listed(request))


@require_safe
@members_only
def inbox_preview(request: MemberRequest, pk: int) -> HttpResponse:
    return part(request, "desk/inbox/preview.html", {"preview": _preview(request, pk)})


def _listed(request: MemberRequest) -> dict[str, object]:
    listing = Listing.read(request.user, request.GET)
    rows, has_more = listing.rows(now())
    return {
        "nav": "inbox",
        "listing": listing,
        "rows": rows,
        "current": None,
        "tabs": listing.tabs(),
        "sorts": SORTS,
        "filters": FILTERS,
        "many": MANY if has_more and listing.per_page < MANY else None,
        "next_page": listing.page + 1 if has_more else None,
        "previous_page": listing.page - 1 if listing.page > 1 else None,
    }


def _preview(request: MemberRequest, pk: int) -> CasePage:
    case = case_to_see(request.user, pk)
    return CasePage(case, request.user, business_of(request), messages=PREVIEWED)


urls = [
    path("inbox/", inbox, name="inbox"),
    path("inbox/rows", inbox_rows, name="inbox_rows"),
    path("inbox/preview/<int:pk>", inbox_preview, name="inbox_preview"),
]
