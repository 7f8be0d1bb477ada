"""Public holidays of a country, each of which can be worked; and single days by date."""

import re
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from goodword import clock
from goodword.core.dates import full_day
from goodword.core.refusals import Refused
from goodword.desk.shell import business_of
from goodword.settings.changing import Values
from goodword.settings.editing import Editing, past, show
from goodword.settings.subjects.hours import Hours
from goodword.settings.views.doors import manages, reads_and_writes
from goodword.settings.views.hours import hours_at, kept_by, promised_under
from goodword.staff.access import MemberRequest

BLANK_ROWS = 3
MOST_SHOWN, MOST_ROWS = 50, 80
_SPAN = re.compile(r"\s*(\d{1,2}:\d\d)\s*(?:-|–|—|bis|to)\s*(\d{1,2}:\d\d)\s*")


@dataclass(frozen=True)
class Holiday:
    day: str
    said: str
    name: str
    is_worked: bool
    reason: str


@dataclass(frozen=True)
class Row:
    """One date of its own: closed, open at other hours, or paused for a while."""

    number: int
    day: str = ""
    what: str = "closed"
    hours: str = ""
    name: str = ""


@require_safe
@manages
def first(request: MemberRequest) -> HttpResponse:
    return redirect("settings_holidays_one", business_of(request).schedule_id)


@reads_and_writes
@manages
def one(request: MemberRequest, pk: int) -> HttpResponse:
    newest, subject = hours_at(pk)
    editing = Editing(request, subject)
    assert editing.there is not None
    today = newest.today
    typed = request.POST if request.method == "POST" else None
    to = _read(typed, editing, today) if typed is not None else editing.there
    is_tried = typed is not None and "look" in typed
    is_meant = typed is not None and not is_tried and not editing.refusal
    if is_meant and editing.save(to, _("Saved. What was promised stands as it was.")):
        return redirect("settings_holidays_one", pk)
    country, _dash, region = to["holidays"].partition("-")
    if typed is not None:
        country, region = typed.get("country", ""), typed.get("region", "")
    known = clock.subdivisions(country)
    context = {
        "here": "holidays",
        "schedule": newest,
        "editing": editing,
        "countries": clock.countries(),
        "country": country,
        "regions": known,
        "region": region,
        "years": _years(f"{country}-{region}" if region in known else country, to, typed, today),
        "rows": _rows_typed(typed) if typed is not None else _rows(to, today),
        "until": typed.get("until", "") if typed is not None else _until(to, today),
        "is_tried": is_tried,
        "promised": promised_under(newest.name),
        "users": kept_by(newest.name, business_of(request)),
        "past": past(subject.name),
        "today": today,
    }
    return show(request, "settings/hours/holidays.html", context, editing.status)


def _years(
    region: str, to: Values, typed: QueryDict | None, today: date
) -> list[tuple[int, list[Holiday]]]:
    """The holidays from today on, of this year and the next."""
    if not region:
        return []
    worked = dict(_named(to["worked"]))
    years = []
    for year in (today.year, today.year + 1):
        days = sorted(clock.public_holidays(region, year).items())
        shown = [_holiday(day, name, worked, typed) for day, name in days if day >= today]
        years.append((year, shown))
    return years


def _holiday(day: date, name: str, worked: dict[str, str], typed: QueryDict | None) -> Holiday:
    iso = day.isoformat()
    is_worked = iso in worked if typed is None else f"work-{iso}" in typed
    reason = worked.get(iso, "") if typed is None else typed.get(f"why-{iso}", "")
    return Holiday(iso, full_day(day), name, is_worked, reason)


def _named(days: list[Any]) -> list[tuple[str, str]]:
    return [(d["date"], d.get("name", "")) if isinstance(d, dict) else (d, "") for d in days]


def _rows(to: Values, today: date) -> list[Row]:
    """The dates from today on; others stay written and are not shown."""
    until = _until(to, today)
    shown = [each for each in _ahead(to, today) if not until or each[0] <= until]
    rows = [Row(n, day, what, hours, name) for n, (day, what, hours, name) in enumerate(shown)]
    return [*rows, *(Row(len(rows) + n) for n in range(BLANK_ROWS))]


def _ahead(to: Values, today: date) -> list[tuple[str, str, str, str]]:
    said = [(day, "closed", "", name) for day, name in _named(to["closed"])]
    said += [(day, "open", _spans_text(spans), "") for day, spans in to["special"].items()]
    said += [(day, "pause", _spans_text(spans), "") for day, spans in to["breaks"].items()]
    return sorted(each for each in said if each[0] >= today.isoformat())


def _until(to: Values, today: date) -> str:
    """The last date that is shown where there are more than a page holds; "": all are."""
    ahead = _ahead(to, today)
    return ahead[MOST_SHOWN - 1][0] if len(ahead) > MOST_SHOWN else ""


def _rows_typed(typed: QueryDict) -> list[Row]:
    rows = []
    for number in range(MOST_ROWS):
        if f"day-{number}" not in typed:
            break
        parts = {name: typed.get(f"{name}-{number}", "").strip()
                 for name in ("day", "what", "hours", "name")}  # fmt: skip
        rows.append(Row(number, **parts))
    return rows


def _spans_text(spans: list[list[str]]) -> str:
    return ", ".join(f"{opens}–{closes}" for opens, closes in spans)


def _read(typed: QueryDict, editing: Editing, today: date) -> Values:
    there = editing.there or {}
    try:
        to = _values(typed, there, today)
        return Hours(editing.subject.key).normal({**there, **to})
    except Refused as refused:
        editing.refusal = refused
        return there


def _values(typed: QueryDict, there: Values, today: date) -> Values:
    country, region = typed.get("country", ""), typed.get("region", "")
    of_country = region if region in clock.subdivisions(country) else ""
    holidays = f"{country}-{of_country}" if of_country else country
    gone, until = today.isoformat(), typed.get("until", "")

    def stays(day: str) -> bool:
        return day < gone or bool(until and day > until)

    to: Values = {
        "holidays": holidays,
        "worked": [d for d in there["worked"] if _named([d])[0][0] < gone],
        "closed": [d for d in there["closed"] if stays(_named([d])[0][0])],
        "special": {day: spans for day, spans in there["special"].items() if stays(day)},
        "breaks": {day: spans for day, spans in there["breaks"].items() if stays(day)},
    }
    _add_worked(to, typed)
    for row in _rows_typed(typed):
        _add_date(to, row, today)
    return to


def _add_worked(to: Values, typed: QueryDict) -> None:
    for name in typed:
        if not name.startswith("work-"):
            continue
        day = name.removeprefix("work-")
        reason = " ".join(typed.get(f"why-{day}", "").split())[:120]
        if not reason:
            sentence = _("Say in a word or two why you are open on %(day)s.") % {"day": day}
            raise Refused("NO_REASON", sentence, 422)
        to["worked"].append({"date": day, "name": reason})


def _add_date(to: Values, row: Row, today: date) -> None:
    if not (row.day or row.hours or row.name):
        return
    try:
        day = date.fromisoformat(row.day)
    except ValueError as error:
        sentence = _("“%(day)s” is no date; write one like 2026-12-25.") % {"day": row.day}
        raise Refused("BAD_HOURS", sentence, 422) from error
    if day < today:
        sentence = _("%(day)s is past; only days from today on can be changed.")
        raise Refused("PAST", sentence % {"day": row.day}, 422)
    if row.what == "closed":
        name = " ".join(row.name.split())[:120]
        to["closed"].append({"date": row.day, "name": name} if name else row.day)
        return
    field = "special" if row.what == "open" else "breaks"
    to[field][row.day] = [*to[field].get(row.day, []), *_spans(row)]


def _spans(row: Row) -> list[list[str]]:
    found = [_SPAN.fullmatch(each) for each in row.hours.split(",") if each.strip()]
    if not found or None in found:
        sentence = _("For %(day)s, write the hours as 10:00–14:00; several with a comma between.")
        raise Refused("BAD_HOURS", sentence % {"day": row.day}, 422)
    return [[span[1], span[2]] for span in found if span is not None]


urls = [
    path("holidays/", first, name="settings_holidays"),
    path("holidays/<int:pk>/", one, name="settings_holidays_one"),
]
