"""What stands around every page of the desk: counts, teams, the shop's clock, the demo's."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Count, Max, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from goodword import clock
from goodword.cases.access import visible_promises, workable_cases
from goodword.cases.models import Case
from goodword.cases.snoozing import wakes_after
from goodword.core.dates import full_day
from goodword.core.prepared import prepared
from goodword.core.room import noted_if_it_can_be
from goodword.core.time import clock as desk_clock
from goodword.core.time import now
from goodword.core.unchanged import can_be_told, while_unchanged
from goodword.finding.access import visible_views
from goodword.finding.counting import MOST, counted
from goodword.finding.filters import Viewpoint
from goodword.finding.models import View
from goodword.notifying.models import Notification, seen
from goodword.promises.kinds import State
from goodword.staff.access import MemberRequest
from goodword.staff.models import Business, Member, Team
from goodword.staff.rights import Right
from goodword.staff.standing_in import Sees, sees, stand_in

MOST_IN_SIDE = 12
# Lists show the views with them; a page with much of its own fetches them afterwards.
SHOWS_VIEWS = ("today", "search", "views", "promises")


@dataclass(frozen=True)
class Counts:
    today_at_risk: int
    inbox_ours: int
    heard_nothing: int
    promises_open: int
    told: int = 0
    told_last: int = 0
    told_here: int = 0


@dataclass(frozen=True)
class TeamView:
    name: str
    slug: str
    hue: int
    count: int
    url: str


@dataclass(frozen=True)
class SavedView:
    """A view in the side, with how many cases it finds: “99+” where there are more."""

    pk: int
    name: str
    count: str
    url: str


@dataclass(frozen=True)
class Shop:
    """The opening hours now. Minutes are open minutes of today."""

    label: str
    sub: str
    minutes_left: int
    minutes_total: int
    open: bool


@dataclass(frozen=True)
class Shell:
    business: Business
    member: Member
    counts: Counts
    teams: list[TeamView]
    views: list[SavedView] | None  # None: the side fetches them when the page is there
    heard_nothing: int
    shop: Shop
    demo_clock: str | None
    may_operate: bool
    may_set: bool
    zone: ZoneInfo


def page(
    request: MemberRequest,
    template: str,
    context: dict[str, object],
    status: int = 200,
    *,
    opened: int | None = None,
) -> HttpResponse:
    """A page of the desk in its shell; `now` and `zone` are there for every template.

    `opened` is the case that is opened by it: what was told of it is seen then.
    """
    with_views = context.get("nav") in SHOWS_VIEWS or "listing" in context
    shell = shell_for(request.user, business_of(request), opened, with_views=with_views)
    if shell.counts.told_here:
        with noted_if_it_can_be():
            seen(request.user, case=opened)
    whole = {**context, "desk": shell, "now": now(), "zone": shell.zone}
    return render(request, template, whole, status=status)


def part(
    request: MemberRequest, template: str, context: dict[str, object], status: int = 200
) -> HttpResponse:
    """A part of a page, for HTMX: no shell, and none of its queries."""
    zone = ZoneInfo(business_of(request).schedule.zone)
    whole = {**context, "now": now(), "zone": zone}
    return render(request, template, whole, status=status)


def business_of(request: MemberRequest) -> Business:
    """The business that the request was already given, so that no page asks for it twice."""
    there: Business | None = getattr(request, "business", None)
    return there or Business.current()


def shell_for(
    member: Member,
    business: Business | None = None,
    opened: int | None = None,
    *,
    with_views: bool = True,
) -> Shell:
    business = business or Business.current()
    at = now()
    zone = ZoneInfo(business.schedule.zone)
    teams = _teams(member, at)
    counts = _counts(member, at, zone, opened)
    return Shell(
        business=business,
        member=member,
        counts=counts,
        teams=teams,
        views=_views(Viewpoint(member, at, zone)) if with_views else None,
        heard_nothing=counts.heard_nothing,
        shop=shop(business, at, zone),
        demo_clock=_demo_clock(at, zone),
        may_operate=member.may_operate,
        may_set=member.has(Right.SETTINGS),
        zone=zone,
    )


def _counts(member: Member, at: datetime, zone: ZoneInfo, opened: int | None) -> Counts:
    """What sleeps is in neither list nor count."""
    midnight = {"hour": 0, "minute": 0, "second": 0, "microsecond": 0}
    end = (at.astimezone(zone) + timedelta(days=1)).replace(**midnight)  # type: ignore[arg-type]
    who, values = sees(member), {"member": member.pk, "at": at, "end": end, "opened": opened or 0}
    if can_be_told():
        rows = _counted(who, "news", **values)
        key = ("open", who, member.pk, end)
        rows += while_unchanged(key, at, wakes_after, lambda: _counted(who, "open", **values))
    else:
        rows = _counted(who, "both", **values)
    found = {row["what"]: row for row in rows}
    none = {"whole": 0, "part": 0}
    given, waiting = found.get("promises", none), found.get("cases", none)
    news = found.get("told", none)
    return Counts(
        today_at_risk=given["part"],
        inbox_ours=waiting["whole"],
        heard_nothing=waiting["part"],
        promises_open=given["whole"],
        told=news["whole"],
        told_last=news["part"],
        told_here=found.get("here", none)["whole"],
    )


@prepared
def _counted(
    seen: Sees, what: str, *, member: int, at: datetime, end: datetime, opened: int
) -> QuerySet[Any, Any]:
    whose = stand_in(member, seen)
    unseen = Notification.objects.filter(member=whose).unseen().order_by()
    others = unseen.filter(in_page=True).exclude(case__isnull=False, case=opened)
    told = others.values(what=Value("told")).annotate(whole=Count("pk"), part=Max("pk"))
    here = unseen.filter(case=opened).values(what=Value("here"))
    of_it = here.annotate(whole=Count("pk"), part=Max("pk"))
    if what == "news":
        return told.union(of_it, all=True)
    mine = visible_promises(whose).filter(state=State.OPEN).order_by()
    today = Q(owner=whose, breaks_at__lt=end)
    promises = mine.values(what=Value("promises")).annotate(
        whole=Count("pk"), part=Count("pk", filter=today)
    )
    # Whoever has heard nothing is always ours to move (R02), so one look at the index is enough.
    ours = workable_cases(whose).ours().awake(at).order_by()
    cases = ours.values(what=Value("cases")).annotate(
        whole=Count("pk"), part=Count("pk", filter=Q(unanswered_since__isnull=False))
    )
    news = () if what == "open" else (told, of_it)
    return promises.union(cases, *news, all=True)


def _teams(member: Member, at: datetime) -> list[TeamView]:
    inbox, pk = reverse("inbox"), member.pk
    found = while_unchanged(("teams", pk), at, wakes_after, lambda: _with_ours(member=pk, at=at))
    return [
        TeamView(team.name, team.slug, team.hue, team.ours, f"{inbox}?team={team.slug}")
        for team in found
    ]


@prepared
def _with_ours(*, member: int, at: datetime) -> QuerySet[Team, Any]:
    # Counted by the index of what is ours: a join would look through all that ever was.
    theirs = Case.objects.filter(team=OuterRef("pk")).ours().awake(at).order_by()
    count = theirs.values("team").annotate(n=Count("pk")).values("n")
    return Team.objects.filter(members=member).annotate(ours=Coalesce(Subquery(count), 0))


def _views(view: Viewpoint) -> list[SavedView]:
    found = _in_side(member=view.member.pk)
    counts = counted({each.pk: each.query for each in found}, view)
    search = reverse("search")
    return [
        SavedView(each.pk, each.name, _at_most(counts.get(each.pk, 0)), f"{search}?view={each.pk}")
        for each in found
    ]


@prepared
def _in_side(*, member: int) -> QuerySet[View]:
    return visible_views(Member(pk=member))[:MOST_IN_SIDE]


def _at_most(count: int) -> str:
    return f"{MOST - 1}+" if count >= MOST else str(count or "")


def shop(business: Business, at: datetime, zone: ZoneInfo) -> Shop:
    """“27 minutes to closing”, as the pictures have it."""
    hours = business.schedule.hours
    opening = clock.next_opening(at, hours).astimezone(zone)
    back = date_format(opening, "D H:i")
    bounds = clock.day_bounds(at, hours)
    if bounds is None or not clock.is_open(at, hours):
        return Shop(_("Closed now"), _("Open again %(when)s") % {"when": back}, 0, 1, False)
    closes = bounds[1]
    left = int(clock.between(at, closes, hours).total_seconds() // 60)
    total = int(clock.between(bounds[0], closes, hours).total_seconds() // 60)
    hours_left, minutes = divmod(left, 60)
    label = (
        ngettext("%(n)s minute to closing", "%(n)s minutes to closing", left) % {"n": left}
        if left < 120
        else _("%(h)s h %(m)02d to closing") % {"h": hours_left, "m": minutes}
    )
    after = date_format(clock.next_opening(closes, hours).astimezone(zone), "D H:i")
    until = date_format(closes.astimezone(zone), "H:i")
    sub = _("Open until %(until)s, back %(back)s") % {"until": until, "back": after}
    return Shop(label, sub, left, total, True)


def _demo_clock(at: datetime, zone: ZoneInfo) -> str | None:
    if not desk_clock.is_demo:
        return None
    local = at.astimezone(zone)
    said = f"{full_day(local, year=True)}, {date_format(local, 'H:i')}"
    if desk_clock.is_fixed:
        return _("This is a demo. Its clock stands still at %(said)s.") % {"said": said}
    return _("This is a demo. Its clock stands at %(said)s and runs.") % {"said": said}
