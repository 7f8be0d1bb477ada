"""Opening hours: the week as plain fields, seen on a ruler before it is saved."""

from datetime import date
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from django.db.models import OuterRef, Q, Subquery
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from goodword import clock
from goodword.core.dates import full_day
from goodword.core.refusals import Refused
from goodword.core.time import now
from goodword.desk.shell import business_of
from goodword.desk.typed import line
from goodword.people.models import Account
from goodword.promises.models import Promise
from goodword.settings.changing import Values, save
from goodword.settings.editing import Editing, past, show, tell
from goodword.settings.subjects.hours import Hours, said
from goodword.settings.views.doors import manages, reads_and_writes
from goodword.settings.weeks import (
    FILLS,
    DayShown,
    Weekday,
    ahead,
    in_a_line,
    read_week,
    week,
    week_as_typed,
    week_of,
)
from goodword.staff.access import MemberRequest
from goodword.staff.models import Business, Schedule, Team

MOST_NAMED = 12
FILL_LABELS = (
    ("office", gettext_lazy("Mon–Fri 9–17")), ("lunch", gettext_lazy("Mon–Fri with lunch")),
    ("shop", gettext_lazy("With Saturday")), ("always", gettext_lazy("Round the clock")),
)  # fmt: skip


def schedules() -> list[Schedule]:
    """The newest version of each, by name."""
    versions = Schedule.objects.filter(name=OuterRef("name")).order_by("-version")
    newest = Subquery(versions.values("pk")[:1])
    return list(Schedule.objects.filter(pk=newest, is_dropped=False).order_by("name"))


def hours_at(pk: int) -> tuple[Schedule, Hours]:
    """The newest version of the hours that this row is a version of, or 404."""
    row = Schedule.objects.filter(pk=pk, is_dropped=False).first()
    subject = Hours(row.name) if row else None
    newest = subject.newest() if subject else None
    if newest is None or subject is None:
        raise Http404
    return newest, subject


def kept_by(name: str, business: Business) -> list[str]:
    """Who keeps these hours, in words."""
    teams = Team.objects.filter(schedule__name=name).values_list("name", flat=True)
    accounts = Account.objects.filter(hours=name, merged_into=None).values_list("name", flat=True)
    every = [_("every team without hours of its own")] if business.schedule.name == name else []
    return [*every, *teams, *accounts[:MOST_NAMED]]


@require_safe
@manages
def listed(request: MemberRequest) -> HttpResponse:
    business = business_of(request)
    teams = Team.objects.exclude(schedule=None).select_related("schedule")
    users: dict[str, list[str]] = {business.schedule.name: [_("The business")]}
    for team in teams:
        assert team.schedule is not None
        users.setdefault(team.schedule.name, []).append(team.name)
    for hours, name in (
        Account.objects.exclude(hours="").filter(merged_into=None).values_list("hours", "name")
    ):
        users.setdefault(hours, []).append(name)
    rows = [
        (each, users.get(each.name, [])[:MOST_NAMED], ahead(each.hours, each.today)[:7])
        for each in schedules()
    ]
    context = {"here": "hours", "rows": rows, "past": past(kind="hours")}
    return show(request, "settings/hours/list.html", context)


@require_POST
@manages
def added(request: MemberRequest) -> HttpResponse:
    """Hours of another name, that begin as those of the business."""
    name = line(request.POST, "name", longest=80)
    subject = Hours(name)
    if not name or subject.newest() is not None:
        sentence = _("Give the new hours a name that no others have.")
        raise Refused("NO_NAME", sentence, 422)
    content = {**business_of(request).schedule.content}
    tell(request, save(subject, content, by=request.user), _("Added. Change them here."))
    newest = subject.newest()
    assert newest is not None
    return redirect("settings_hours_one", newest.pk)


@reads_and_writes
@manages
def one(request: MemberRequest, pk: int) -> HttpResponse:
    """The week that holds today, or with ?from= the one that holds from a planned day."""
    newest, subject = hours_at(pk)
    editing = Editing(request, subject)
    assert editing.there is not None
    typed: Any = request.POST if request.method == "POST" else None
    begins = _planned(request.GET.get("from", ""), editing.there)
    to = _read(typed, editing) if typed is not None else editing.there
    is_tried = typed is not None and ("preview" in typed or "fill" in typed)
    if typed is not None and not is_tried and not editing.refusal and editing.save(to, _saved(to)):
        return redirect("settings_hours_one", pk)
    shown = typed.get("from", "") if typed is not None else begins
    days = week(FILLS[typed["fill"]]) if typed and typed.get("fill") in FILLS else None
    context = {
        "here": "hours",
        "schedule": newest,
        "editing": editing,
        "days": days or (week_as_typed(typed) if typed is not None else _week_of(to, begins)),
        "zone_typed": typed.get("zone", "") if typed is not None else to["zone"],
        "from_typed": shown,
        "was": typed.get("was", "") if typed is not None else begins,
        "planned": _changes(editing.there),
        "zones": _zones(),
        "fills": FILL_LABELS,
        "ahead": _ahead(to, shown) if not editing.refusal or editing.differences else [],
        "is_tried": is_tried,
        "promised": promised_under(newest.name),
        "users": kept_by(newest.name, business_of(request)),
        "past": past(subject.name),
        "today": newest.today,
    }
    return show(request, "settings/hours/one.html", context, editing.status)


def _planned(day: str, there: Values) -> str:
    """The day, if a change is planned for it."""
    return day if any(each["from"] == day for each in there["versions"]) else ""


def _week_of(values: Values, day: str) -> list[Weekday]:
    hours = clock.Schedule.from_data(said(values))
    rules = hours.rules_on(date.fromisoformat(day)) if day else hours.rules
    return week_of(rules)


def _changes(there: Values) -> list[tuple[str, str, str]]:
    """What is planned: the day, as people say it, and the week from then on in a line."""
    hours = clock.Schedule.from_data(said(there))
    return [
        (day.isoformat(), full_day(day, year=True), in_a_line(hours, day))
        for day, _rules in hours.later
    ]


def _read(typed: Any, editing: Editing) -> Values:
    """What was typed as values; a refusal stays on the page."""
    there = editing.there or {}
    try:
        if "unplan" in typed:
            kept = _without(there, typed["unplan"])
            return Hours(editing.subject.key).normal({**there, "versions": kept})
        hours = FILLS.get(typed.get("fill", "")) or read_week(typed)
        to = _with_week(there, hours, typed.get("zone", "").strip(), typed)
        return Hours(editing.subject.key).normal(to)
    except Refused as refused:
        editing.refusal = refused
        return there


def _with_week(there: Values, hours: Values, zone: str, typed: Any) -> Values:
    """The week at once, or from the day that was typed."""
    begins, was = typed.get("from", ""), typed.get("was", "")
    versions = _without(there, was)
    if not begins or begins == today_in(there["zone"]):
        return {**there, "zone": zone, "hours": hours, "versions": versions}
    if begins < today_in(there["zone"]):
        sentence = _("Hours begin today or later; what was is written down.")
        raise Refused("PAST", sentence, 422)
    if zone != there["zone"]:
        sentence = _("Another time zone begins at once: leave “In force from” empty, on the day.")
        raise Refused("BAD_HOURS", sentence, 422)
    same = [each for each in there["versions"] if each["from"] in (was, begins)][-1:]
    version = {**(same[0] if same else {}), "from": begins, "hours": hours}
    return {**there, "versions": [*(v for v in versions if v["from"] != begins), version]}


def _without(there: Values, day: str) -> list[Values]:
    return [each for each in there["versions"] if each["from"] != day]


def today_in(zone: str) -> str:
    return now().astimezone(ZoneInfo(zone)).date().isoformat()


def _ahead(to: Values, begins: str) -> list[DayShown]:
    """The next fourteen days, or the first fourteen of what is planned."""
    hours = clock.Schedule.from_data(said(to))
    today = now().astimezone(hours.zone_info).date()
    return ahead(hours, max(today, date.fromisoformat(begins)) if begins else today)


def _saved(to: Values) -> str:
    if to["versions"]:
        return _("Saved. What is planned stands below, and promises for then are reckoned with it.")
    return _("Saved. These hours are in force; what was promised stands as it was.")


def promised_under(name: str) -> int:
    """Open promises that were counted in these hours, and stay so."""
    return Promise.objects.open().filter(Q(schedule__name=name)).count()


def _zones() -> list[str]:
    return sorted(each for each in available_timezones() if "/" in each and "Etc" not in each)


@require_POST
@manages
def dropped(request: MemberRequest, pk: int) -> HttpResponse:
    _newest, subject = hours_at(pk)
    editing = Editing(request, subject)
    if not editing.save(None, _("These hours are gone.")):
        assert editing.refusal is not None
        raise editing.refusal
    return redirect("settings_hours")


urls = [
    path("hours/", listed, name="settings_hours"),
    path("hours/new/", added, name="settings_hours_new"),
    path("hours/<int:pk>/", one, name="settings_hours_one"),
    path("hours/<int:pk>/drop/", dropped, name="settings_hours_drop"),
]
