"""Teams: who belongs to each, which hours it keeps, and who is on duty when."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.urls import path
from django.utils.dates import WEEKDAYS
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from goodword import clock
from goodword.core.dates import short_day
from goodword.core.refusals import Refused
from goodword.core.time import now
from goodword.desk.typed import line
from goodword.settings.changing import Values, save
from goodword.settings.editing import Editing, past, show, tell
from goodword.settings.subjects.home import Home
from goodword.settings.subjects.teams import MOST_LINES, TeamSubject, person
from goodword.settings.views.doors import manages, reads_and_writes
from goodword.settings.views.hours import schedules
from goodword.staff.access import MemberRequest
from goodword.staff.models import Member, Team
from goodword.staff.rota import Rota, fit_for_duty

BLANK_ROWS = 2
DAYS_SHOWN = 14
LINE, COVER = ("days", "from", "to", "who"), ("from", "to", "for", "who")


@dataclass(frozen=True)
class Watch:
    """One turn on the ruler of a day, in per cent of 24 hours."""

    x: float
    width: float
    who: Member | None
    text: str


@require_safe
@manages
def listed(request: MemberRequest) -> HttpResponse:
    teams = Team.objects.select_related("duty", "schedule").prefetch_related("members")
    context = {
        "here": "teams",
        "teams": teams,
        "fit": Member.objects.filter(pk__in=fit_for_duty()).order_by("name"),
        "past": past(kind="team"),
    }
    return show(request, "settings/teams/list.html", context)


@require_POST
@manages
def added(request: MemberRequest) -> HttpResponse:
    name = line(request.POST, "name", longest=80)
    slug = slugify(name)[:50]
    if not slug or Team.objects.filter(slug=slug).exists():
        sentence = _("There is a team of that name already, or the name has no letters.")
        raise Refused("TEAM_NAME", sentence, 422)
    duty = person(request.POST.get("duty", ""))
    to = {"name": name, "duty": duty.email}
    tell(request, save(TeamSubject(slug), to, by=request.user), _("The team is there."))
    return redirect("settings_team", Team.objects.get(slug=slug).pk)


@require_POST
@manages
def home(request: MemberRequest) -> HttpResponse:
    """Choose the team that new cases come to when nothing else names one."""
    change = save(Home(), {"team": line(request.POST, "team", longest=50)}, by=request.user)
    tell(request, change, _("New cases come to this team from now on."))
    return redirect("settings_teams")


@reads_and_writes
@manages
def one(request: MemberRequest, pk: int) -> HttpResponse:
    team = get_object_or_404(Team.objects.select_related("duty", "schedule"), pk=pk)
    subject = TeamSubject(team.slug)
    editing = Editing(request, subject)
    if editing.there is None:
        raise Http404
    typed = request.POST if request.method == "POST" else None
    to = _typed(typed) if typed is not None else editing.there
    is_tried = typed is not None and "preview" in typed
    is_meant = typed is not None and not is_tried
    fit = fit_for_duty()
    if is_meant and editing.save(to, _("Saved.")):
        return redirect("settings_team", pk)
    people = list(Member.objects.get_queryset().order_by("name"))
    context = {
        "here": "teams",
        "team": team,
        "editing": editing,
        "to": to,
        "lines": _padded(to["week"], LINE),
        "covers": _padded(to["covers"], COVER),
        "days": _day_choices(to["week"]),
        "everybody": [each for each in people if each.is_active],
        "fit": [each for each in people if each.pk in fit],
        "schedules": schedules(),
        "ahead": _tried(editing, team, to, people, fit),
        "is_tried": is_tried,
        "past": past(subject.name),
    }
    return show(request, "settings/teams/one.html", context, editing.status)


def _typed(typed: QueryDict) -> Values:
    hue = typed.get("hue", "")
    return {
        "name": typed.get("name", ""),
        "hue": int(hue) if hue.isdecimal() and len(hue) < 5 else -1,
        "hours": typed.get("hours", ""),
        "duty": typed.get("duty", ""),
        "members": typed.getlist("members"),
        "week": _rows(typed, "line", LINE, needed=("from", "to")),
        "covers": _rows(typed, "cover", COVER, needed=("from", "to", "who")),
    }


def _rows(
    typed: QueryDict, name: str, fields: tuple[str, ...], *, needed: tuple[str, ...]
) -> list[Values]:
    """The rows in which something was written."""
    rows = []
    for number in range(MOST_LINES):
        row = {field: typed.get(f"{name}-{number}-{field}", "").strip() for field in fields}
        if any(row[field] for field in needed):
            rows.append(row)
    return rows


def _padded(rows: list[Values], fields: tuple[str, ...]) -> list[Values]:
    there = [{**row, "number": number} for number, row in enumerate(rows)]
    blank = dict.fromkeys(fields, "")
    return [*there, *({**blank, "number": len(rows) + n} for n in range(BLANK_ROWS))]


def _day_choices(week: list[Values]) -> list[tuple[str, str]]:
    names = {key: str(WEEKDAYS[number]) for number, key in enumerate(clock.WEEKDAYS)}
    choices = {"mon-fri": _("Monday to Friday"), "mon-sun": _("Every day"),
               "sat-sun": _("The weekend"), **names}  # fmt: skip
    return list({**choices, **{row["days"]: row["days"] for row in week if row["days"]
                               and row["days"] not in choices}}.items())  # fmt: skip


def _tried(
    editing: Editing, team: Team, to: Values, people: list[Member], fit: set[int]
) -> list[tuple[str, list[Watch]]]:
    """Who is on duty on each of the next days, as typed; a refusal stays on the page."""
    if editing.refusal:
        return []
    try:
        return watches(TeamSubject(team.slug).normal(to), team, people, fit)
    except Refused as refused:
        editing.refusal = refused
        return []


def watches(
    to: Values, team: Team, everybody: list[Member], fit: set[int]
) -> list[tuple[str, list[Watch]]]:
    people = {each.email: each for each in everybody}
    ids = {each.pk: each for each in everybody}
    content = {
        "otherwise": people[to["duty"]].pk,
        "week": [{**each, "who": people[each["who"]].pk} for each in to["week"]],
        "covers": [
            {**each, "who": people[each["who"]].pk,
             "for": people[each["for"]].pk if each["for"] else None} for each in to["covers"]
        ],
    }  # fmt: skip
    zone = ZoneInfo(team.schedule_in_force().zone)
    rota = Rota(content, zone.key, fit)
    today = now().astimezone(zone).date()
    days = []
    for number in range(DAYS_SHOWN):
        day = datetime.combine(today + timedelta(days=number), time(), zone)
        end = datetime.combine(today + timedelta(days=number + 1), time(), zone)
        turns = [
            Watch(
                _share(turn.start, day, end),
                _share(turn.until, day, end) - _share(turn.start, day, end),
                ids.get(turn.who) if turn.who else None,
                f"{turn.start.astimezone(zone):%H:%M}",
            )
            for turn in rota.ahead(day, end)
        ]
        days.append((short_day(day), turns))
    return days


def _share(at: datetime, begins: datetime, ends: datetime) -> float:
    whole = ends.timestamp() - begins.timestamp()
    return round((at.timestamp() - begins.timestamp()) / whole * 100, 2)


@require_POST
@manages
def removed(request: MemberRequest, pk: int) -> HttpResponse:
    editing = Editing(request, TeamSubject(get_object_or_404(Team, pk=pk).slug))
    if not editing.save(None, _("The team is gone.")):
        assert editing.refusal is not None
        raise editing.refusal
    return redirect("settings_teams")


urls: list[Any] = [
    path("teams/", listed, name="settings_teams"),
    path("teams/new/", added, name="settings_team_new"),
    path("teams/home/", home, name="settings_home"),
    path("teams/<int:pk>/", one, name="settings_team"),
    path("teams/<int:pk>/remove/", removed, name="settings_team_remove"),
]
