"""Closed days out of a calendar file: seen with their names, ticked, and taken."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.utils.translation import gettext as _

from goodword import clock
from goodword.core.dates import full_day
from goodword.core.refusals import Refused
from goodword.settings.changing import Values
from goodword.settings.editing import Editing, show
from goodword.settings.subjects.hours import said
from goodword.settings.views.doors import manages, reads_and_writes
from goodword.settings.views.hours import hours_at
from goodword.staff.access import MemberRequest
from goodword.staff.models import Schedule

YEARS_AHEAD = 2
# One field a day; a form of ours has at most 500.
MOST_DAYS = 400
LARGEST = 2_000_000


@dataclass(frozen=True)
class Row:
    """One day of the file, and whether it would change anything."""

    value: str
    said: str
    name: str
    hours: str
    already: str
    is_ticked: bool


@reads_and_writes
@manages
def one(request: MemberRequest, pk: int) -> HttpResponse:
    newest, subject = hours_at(pk)
    editing = Editing(request, subject)
    found: clock.CalendarDays | None = None
    try:
        if "take" in request.POST or "taken" in request.POST:
            to = _with_days(request, editing, newest.today)
            if editing.save(to, _("Taken. What was promised stands as it was.")):
                return redirect("settings_holidays_one", pk)
        elif request.method == "POST":
            found = _read(request, newest)
    except Refused as refused:
        editing.refusal = refused
    context = {
        "here": "holidays",
        "schedule": newest,
        "editing": editing,
        "found": found,
        "rows": list(_rows(found, newest.hours)) if found else [],
    }
    return show(request, "settings/hours/calendar.html", context, editing.status)


def _read(request: MemberRequest, schedule: Schedule) -> clock.CalendarDays:
    sent = request.FILES.get("file")
    if sent is None:
        raise Refused("NO_FILE", _("Choose a file first."), 422)
    first = schedule.today
    last = date(first.year + YEARS_AHEAD, 12, 31)
    try:
        found = clock.read_calendar(sent.read(LARGEST + 1), schedule.hours.zone_info, first, last)
    except clock.CalendarError as error:
        raise Refused("BAD_FILE", _(error.sentence) % error.facts, 422) from error
    if len(found.days) > MOST_DAYS:
        sentence = _(
            "This file names %(n)s days from today on. That is more than a calendar of holidays"
            " has; export fewer years or events of it."
        )
        raise Refused("TOO_MANY", sentence % {"n": len(found.days)}, 422)
    return found


def _rows(found: clock.CalendarDays, hours: clock.Schedule) -> Iterator[Row]:
    for each in found.days:
        already = "" if hours.hours_on(each.day) else _already(each.day, hours)
        yield Row(
            value=json.dumps(each.as_data(), ensure_ascii=False),
            said=full_day(each.day, year=True),
            name=each.name or _("without a name"),
            hours=", ".join(f"{opens}–{closes}" for opens, closes in each.as_data()["hours"]),
            already=already,
            is_ticked=not already and not each.hours,
        )


def _already(day: date, hours: clock.Schedule) -> str:
    reason, name = hours.closed_because(day)
    if name:
        return _("closed already: %(name)s") % {"name": name}
    return _("a weekend without hours") if reason == "weekend" else _("closed already")


def _with_days(request: MemberRequest, editing: Editing, today: date) -> Values:
    """How it would stand with the ticked days closed."""
    try:
        read = [clock.CalendarDay.from_data(json.loads(e)) for e in request.POST.getlist("take")]
    except ValueError as error:
        raise Refused("BAD_FILE", _("Choose the file once more."), 422) from error
    days = [each for each in read if each.day >= today]
    if not days:
        raise Refused("NO_DAYS", _("Tick the days on which you are closed."), 422)
    assert editing.there is not None
    content = clock.closed_on(said(editing.there), days)
    return {**editing.there, **content}


urls = [path("holidays/<int:pk>/calendar/", one, name="settings_calendar")]
