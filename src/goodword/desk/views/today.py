"""Today: the first page of every member."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.views.decorators.http import require_safe

from goodword.core.time import now
from goodword.desk.day import Day
from goodword.desk.shell import business_of, page, part, shop
from goodword.staff.access import MemberRequest, members_only


@require_safe
@members_only
def home(request: HttpRequest) -> HttpResponse:
    return redirect("today")


@require_safe
@members_only
def today(request: MemberRequest) -> HttpResponse:
    return page(request, "desk/today/page.html", {"nav": "today", **_day(request)})


@require_safe
@members_only
def today_part(request: MemberRequest) -> HttpResponse:
    """Everything below the heading anew, and the heading's sentence beside it."""
    return part(request, "desk/today/part.html", {"nav": "today", **_day(request)})


@require_safe
@members_only
def today_ruler(request: MemberRequest) -> HttpResponse:
    """The ruler anew, whose line for now moves with the minute."""
    day = Day(request.user, business_of(request).schedule, now())
    return part(request, "desk/today/ruler.html", {"day": day, "ruler": day.ruler})


def _day(request: MemberRequest) -> dict[str, object]:
    business = business_of(request)
    at = now()
    day = Day(request.user, business.schedule, at)
    return {"day": day, "shop": shop(business, at, business.schedule.hours.zone_info)}


urls = [
    path("", home, name="home"),
    path("today/", today, name="today"),
    path("today/part", today_part, name="today_part"),
    path("today/ruler", today_ruler, name="today_ruler"),
]
