"""Hours: versions in force from a day, seen before they are saved; what was promised stands."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from goodword import clock
from goodword.core.refusals import Refused
from goodword.journal.models import Entry
from goodword.promises.models import Promise
from goodword.settings.changing import save, undo
from goodword.settings.models import SettingChange
from goodword.settings.subjects import subject_of
from goodword.settings.subjects.hours import EMPTY, Hours
from goodword.staff.models import Business, Schedule
from tests.cast import HOURS, Desk
from tests.desk.conftest import signed_in

NAME = "Opening hours"


@pytest.fixture
def olu(desk: Desk) -> Client:
    return signed_in(desk.olu)


def hours() -> Hours:
    return Hours(NAME)


def in_force() -> dict[str, Any]:
    return dict(Business.current().schedule.content)


def page(desk: Desk) -> str:
    return f"/settings/hours/{desk.business.schedule_id}/"


def typed(client: Client, url: str, **changes: str) -> dict[str, str]:
    """The form as the page shows it, with some fields typed over."""
    answer = client.get(url)
    fields = {"seen": answer.context["editing"].seen, "zone": answer.context["zone_typed"],
              "from": answer.context["from_typed"]}  # fmt: skip
    for day in answer.context["days"]:
        for pair in day.pairs:
            fields |= {f"{pair.name}-from": pair.opens, f"{pair.name}-to": pair.closes}
    return {**fields, **{name.replace("_", "-"): value for name, value in changes.items()}}


def test_new_hours_are_a_version_and_no_promise_moves(desk: Desk) -> None:
    case = desk.heard()
    dues = list(case.promises.values_list("pk", "due", "schedule"))
    change = save(hours(), {"hours": {"mon-sat": [["08:00", "20:00"]]}}, by=desk.olu)
    assert change is not None
    assert in_force()["hours"] == {"mon-sat": [["08:00", "20:00"]]}
    assert Schedule.objects.count() == 2
    assert Schedule.objects.get(version=1).content == HOURS
    assert list(case.promises.values_list("pk", "due", "schedule")) == dues
    assert desk.heard().promises.first().schedule.version == 2  # type: ignore[union-attr]
    entry = Entry.objects.get(kind="setting_changed")
    assert entry.facts["from"]["hours"] == HOURS["hours"]
    undo(change, subject_of, by=desk.olu)
    assert in_force()["hours"] == HOURS["hours"]
    assert Schedule.objects.count() == 3


TUESDAYS = {"from": "2026-12-01", "hours": {"tue": [["10:00", "12:00"]]}}


def test_a_promise_for_after_a_planned_change_is_reckoned_with_its_hours(desk: Desk) -> None:
    before = desk.heard()
    dues = list(before.promises.values_list("pk", "due", "schedule"))
    save(hours(), {"versions": [TUESDAYS]}, by=desk.olu)
    assert in_force() == {**HOURS, "versions": [TUESDAYS]}
    case = desk.heard()
    later = Promise.make(case, "task_done", "All of it", by=desk.priya, form="within:6000")
    counted = clock.explain(later.made_at, later.due, later.schedule.hours).counted
    days = [each.start.astimezone(later.schedule.hours.zone_info) for each in counted]
    ours = [day for day in days if day.date().isoformat() >= "2026-12-01"]
    assert len(ours) > 10 and {(day.isoweekday(), day.hour) for day in ours} == {(2, 10)}
    assert later.due.astimezone(later.schedule.hours.zone_info).isoweekday() == 2
    assert list(before.promises.values_list("pk", "due", "schedule")) == dues


def test_on_its_day_a_planned_change_holds_and_nothing_had_to_happen(desk: Desk) -> None:
    save(hours(), {"versions": [TUESDAYS]}, by=desk.olu)
    assert save(hours(), {"versions": [TUESDAYS]}, by=desk.olu) is None
    desk.at("2026-12-02 12:00")
    assert hours().values() == {**EMPTY, **HOURS, "hours": TUESDAYS["hours"]}
    assert Schedule.objects.count() == 2
    save(hours(), {"zone": "Europe/Paris"}, by=desk.olu)
    assert in_force() == {**HOURS, "zone": "Europe/Paris", "hours": TUESDAYS["hours"]}


def test_a_change_that_was_planned_is_undone_or_taken_off(desk: Desk, olu: Client) -> None:
    change = save(hours(), {"versions": [TUESDAYS]}, by=desk.olu)
    assert change is not None
    undo(change, subject_of, by=desk.olu)
    assert in_force() == HOURS
    form = typed(olu, page(desk), mon_0_from="07:00", **{"from": "2027-01-04"})
    text = olu.post(page(desk), form, follow=True).content.decode()
    assert "From Monday 4 January 2027: Mon 07:00–17:00, Tue–Fri 09:00–17:00" in text
    assert in_force()["hours"] == HOURS["hours"]
    first = olu.get(f"{page(desk)}?from=2027-01-04").context
    assert (first["was"], first["days"][0].pairs[0].opens) == ("2027-01-04", "07:00")
    moved = typed(olu, f"{page(desk)}?from=2027-01-04", mon_0_from="06:00") | {
        "was": "2027-01-04", "from": "2027-02-01"}  # fmt: skip
    assert olu.post(page(desk), moved).status_code == 302
    assert [each["from"] for each in in_force()["versions"]] == ["2027-02-01"]
    seen = olu.get(page(desk)).context["editing"].seen
    assert olu.post(page(desk), {"seen": seen, "unplan": "2027-02-01"}).status_code == 302
    assert in_force() == HOURS


def test_what_is_saved_for_now_leaves_what_is_planned(desk: Desk) -> None:
    save(hours(), {"versions": [TUESDAYS]}, by=desk.olu)
    save(hours(), {"hours": {"wed": [["10:00", "12:00"]]}}, by=desk.olu)
    assert in_force()["versions"] == [TUESDAYS]
    assert Entry.objects.filter(kind="setting_changed").count() == 2


def test_a_team_with_its_own_hours_follows_their_new_version(desk: Desk) -> None:
    save(Hours("Night line"), {**HOURS, "hours": {"mon-sun": [["22:00", "06:00"]]}}, by=desk.olu)
    desk.offices.schedule = Schedule.objects.get(name="Night line")
    desk.offices.save()
    save(Hours("Night line"), {"hours": {"mon-sun": [["00:00", "24:00"]]}}, by=desk.olu)
    desk.offices.refresh_from_db()
    assert desk.offices.schedule is not None and desk.offices.schedule.version == 2
    assert in_force() == HOURS
    with pytest.raises(Refused, match="IN_USE"):
        save(Hours("Night line"), None, by=desk.olu)


def test_a_holiday_can_be_worked(desk: Desk) -> None:
    data = {**HOURS, "closed": [], "holidays": "GB-ENG"}
    christmas = clock.Schedule.from_data(data).hours_on
    assert christmas(date(2026, 12, 25)) == ()
    worked = clock.Schedule.from_data({**data, "worked": [{"date": "2026-12-25", "name": "Sale"}]})
    assert worked.hours_on(date(2026, 12, 25)) == ((9 * 3600, 17 * 3600),)
    assert clock.Schedule.from_data(worked.to_data()) == worked


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"mon_0_to": ""}, "write when you open and when you close"),
        ({"mon_0_from": "18:00", "mon_0_to": "18:00"}, "closing must come after"),
        ({"mon_1_from": "16:00", "mon_1_to": "18:00"}, "Monday two intervals overlap"),
        ({"zone": "Europe/Atlantis"}, "is no time zone"),
        ({"from": "soon"}, "is no date"),
        ({"from": "2026-11-18"}, "begin today or later"),
        ({"from": "2027-01-04", "zone": "Europe/Paris"}, "Another time zone begins at once"),
    ],
)
def test_hours_that_cannot_be_are_said_and_what_was_typed_stays(
    desk: Desk, olu: Client, fields: dict[str, str], sentence: str
) -> None:
    answer = olu.post(page(desk), typed(olu, page(desk), tue_0_from="07:15", **fields))
    text = answer.content.decode()
    assert answer.status_code == 422
    assert sentence in text and "07:15" in text
    assert Schedule.objects.count() == 1


def test_a_preview_shows_and_saves_nothing(desk: Desk, olu: Client) -> None:
    form = typed(olu, page(desk), sat_0_from="22:00", sat_0_to="02:00", preview="1")
    answer = olu.post(page(desk), form)
    assert answer.status_code == 200
    days = answer.context["ahead"]
    assert [len(day.bars) for day in days[:4]] == [1, 1, 1, 1]
    assert days[2].bars[0].x == 91.67 and days[3].bars[0].width == 8.33
    assert "as typed, not saved" in answer.content.decode()
    assert Schedule.objects.count() == 1


def test_the_page_saves_says_how_many_promises_stand_and_undoes(desk: Desk, olu: Client) -> None:
    desk.heard()
    n = Promise.objects.open().count()
    assert f"{n} open promises were counted" in olu.get(page(desk)).content.decode()
    form = typed(olu, page(desk), mon_0_from="00:00", mon_0_to="00:00")
    answer = olu.post(page(desk), form, follow=True)
    assert in_force()["hours"]["mon"] == [["00:00", "24:00"]]
    assert "/undo/" in answer.content.decode()
    stale = olu.post(page(desk), form)
    assert stale.status_code == 409


def test_a_fill_is_typed_for_you_and_not_saved(desk: Desk, olu: Client) -> None:
    answer = olu.post(page(desk), typed(olu, page(desk), fill="always"))
    assert [day.pairs[0].closes for day in answer.context["days"]] == ["00:00"] * 7
    assert in_force() == HOURS


def test_holidays_and_single_days_through_the_page(desk: Desk, olu: Client) -> None:
    url = f"/settings/holidays/{desk.business.schedule_id}/"
    seen = olu.get(url).context["editing"].seen
    form = {"seen": seen, "country": "GB", "region": "ENG", "work-2026-12-25": "1",
            "day-0": "2026-12-25", "what-0": "closed", "name-0": "", "hours-0": "",
            "day-1": "2026-12-12", "what-1": "open",
            "hours-1": "10:00–14:00, 15:00-16:00"}  # fmt: skip
    refused = olu.post(url, form)
    assert refused.status_code == 422 and "Say in a word or two" in refused.content.decode()
    assert "10:00–14:00, 15:00-16:00" in refused.content.decode()
    looked = olu.post(url, {**form, "why-2026-12-25": "Sale", "look": "1"})
    assert "Boxing Day" in looked.content.decode() and in_force() == HOURS
    assert olu.post(url, {**form, "why-2026-12-25": "Sale"}).status_code == 302
    assert in_force()["special"] == {"2026-12-12": [["10:00", "14:00"], ["15:00", "16:00"]]}
    assert in_force()["worked"] == [{"date": "2026-12-25", "name": "Sale"}]
    assert in_force()["hours"] == HOURS["hours"]


def test_more_hours_are_added_and_taken_away(desk: Desk, olu: Client) -> None:
    assert olu.post("/settings/hours/new/", {"name": "Weekend line"}).status_code == 302
    assert olu.post("/settings/hours/new/", {"name": "Weekend line"}).status_code == 422
    new = Schedule.objects.get(name="Weekend line")
    seen = olu.get(f"/settings/hours/{new.pk}/").context["editing"].seen
    assert olu.post(f"/settings/hours/{new.pk}/drop/", {"seen": seen}).status_code == 302
    assert "Weekend line</b>" not in olu.get("/settings/hours/").content.decode()
    assert olu.get(f"/settings/hours/{new.pk}/").status_code == 404


ICS = """BEGIN:VCALENDAR
VERSION:2.0
BEGIN:VEVENT
UID:1
DTSTART;VALUE=DATE:20001224
RRULE:FREQ=YEARLY
SUMMARY:Christmas Eve <b>
END:VEVENT
BEGIN:VEVENT
UID:2
DTSTART;TZID=Europe/London:20261218T140000
DTEND;TZID=Europe/London:20261218T170000
SUMMARY:Staff party
END:VEVENT
BEGIN:VEVENT
UID:3
DTSTART:nonsense
END:VEVENT
END:VCALENDAR
"""


def sent(text: str) -> SimpleUploadedFile:
    return SimpleUploadedFile("days.ics", text.replace("\n", "\r\n").encode())


def test_days_of_a_calendar_file_are_seen_ticked_taken_and_undone(desk: Desk, olu: Client) -> None:
    url = f"/settings/holidays/{desk.business.schedule_id}/calendar/"
    assert "Nothing is closed before you have seen" in olu.get(url).content.decode()
    answer = olu.post(url, {"file": sent(ICS)})
    text, rows = answer.content.decode(), answer.context["rows"]
    assert "Christmas Eve &lt;b&gt;" in text and "1 event could not be read" in text
    assert [(row.said, row.hours, row.is_ticked) for row in rows] == [
        ("Friday 18 December 2026", "14:00–17:00", False),
        ("Thursday 24 December 2026", "", True),
        ("Friday 24 December 2027", "", True),
        ("Sunday 24 December 2028", "", False),
    ]
    assert Schedule.objects.count() == 1
    seen = answer.context["editing"].seen
    take = {"seen": seen, "taken": "1", "take": [rows[0].value, rows[1].value]}
    after = olu.post(url, take, follow=True).content.decode()
    assert {"date": "2026-12-24", "name": "Christmas Eve <b>"} in in_force()["closed"]
    assert in_force()["breaks"] == {"2026-12-18": [["14:00", "17:00"]]}
    assert "/undo/" in after and 'value="2026-12-24"' in after
    again = olu.post(url, {"file": sent(ICS)}).context["rows"]
    assert [row.is_ticked for row in again] == [False, False, True, False]
    undo(SettingChange.objects.latest("pk"), subject_of, by=desk.olu)
    assert in_force() == HOURS


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        ({}, "Choose a file first"),
        ({"file": sent("<html>")}, "is no calendar"),
        ({"taken": "1"}, "Tick the days"),
        ({"taken": "1", "take": "{}"}, "Choose the file once more"),
        ({"taken": "1", "take": '{"date": "2026-12-24", "hours": 7}'}, "Choose the file once"),
        ({"taken": "1", "take": '{"date": "2001-12-24"}'}, "Tick the days"),
        ({"file": sent(ICS.replace("YEARLY", "DAILY"))}, "more than a calendar of holidays"),
    ],
)
def test_a_file_that_gives_no_days_says_so(
    desk: Desk, olu: Client, form: dict[str, Any], sentence: str
) -> None:
    url = f"/settings/holidays/{desk.business.schedule_id}/calendar/"
    for each in form.values():
        if isinstance(each, SimpleUploadedFile):
            each.seek(0)
    answer = olu.post(url, form)
    assert answer.status_code == 422 and sentence in answer.content.decode()
    assert in_force() == HOURS


def test_days_beyond_those_that_the_page_shows_stay(desk: Desk, olu: Client) -> None:
    first = date(2027, 1, 1)
    closed = [(first + timedelta(days=3 * n)).isoformat() for n in range(70)]
    save(hours(), {"closed": closed}, by=desk.olu)
    url = f"/settings/holidays/{desk.business.schedule_id}/"
    answer = olu.get(url)
    rows = answer.context["rows"]
    form = {f"{name}-{row.number}": getattr(row, name)
            for row in rows for name in ("day", "what", "hours", "name")}  # fmt: skip
    form |= {"seen": answer.context["editing"].seen, "until": answer.context["until"]}
    assert len(rows) == 53 and "not shown yet" in answer.content.decode()
    assert olu.post(url, {**form, "day-0": ""}).status_code == 302
    assert in_force()["closed"] == closed[1:]
