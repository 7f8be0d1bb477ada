"""The Promises page as a ledger and a calendar, and the ledger as a file."""

import csv
import html
import io
import json
import re
import tracemalloc
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from goodword import clock
from goodword.journal.models import Entry
from goodword.people.meeting import customer_of
from goodword.people.models import Account
from goodword.promises import taking_out
from goodword.promises.models import Promise
from goodword.staff.hours import add_version
from goodword.staff.models import Business, Schedule
from goodword.worker.tick import tick
from tests.cast import HOURS, Desk, london
from tests.desk.conftest import signed_in


def shown(client: Client, asked: str) -> str:
    answer = client.get(f"/promises/{asked}")
    assert answer.status_code == 200
    return answer.content.decode()


def listed(client: Client, asked: str) -> set[str]:
    """What the ledger lists, by its words."""
    page = shown(client, f"?view=list&{asked}")
    return set(re.findall(r'<td class="word"><a[^>]*>([^<]+)</a>', page))


def chosen(page: str, words: str) -> str:
    """Where the link with these words leads."""
    link = rf'<a [^>]*href="([^"]+)"[^>]*>(?:<[^>]+>)*\s*{re.escape(words)}<'
    address, *_again = re.findall(link, page)
    return html.unescape(address)


@pytest.fixture
def ledger(desk: Desk) -> Desk:
    """A promise for each filter, and none that fits two of them by accident."""
    desk.at("2026-11-16 09:30")
    case, other = desk.heard(), desk.heard(desk.daniel, team=desk.offices)

    def give(text: str, due: str, **more: object) -> Promise:
        of = more.pop("case", case)
        kind = str(more.pop("kind", "callback"))
        by = more.pop("by", desk.priya)
        more.setdefault("owner", desk.priya)
        return Promise.make(of, kind, text, by=by, due=london(due), **more)  # type: ignore[arg-type]

    give("Broken on Tuesday", "2026-11-17 12:00")
    give("Kept on Wednesday", "2026-11-18 12:00").keep(by=desk.priya, evidence="Rang")
    give("Today at five", "2026-11-19 17:00")
    give("Of Dele on Friday", "2026-11-20 12:00", owner=desk.dele, kind="resolution")
    give("Next week", "2026-11-24 12:00")
    give("To Daniel", "2026-11-25 12:00", case=other, owner=desk.ines)
    moved = give("Moved once", "2026-11-20 15:00")
    moved.move(london("2026-11-26 15:00"), by=desk.ellen, agreed_with=desk.priya, reason="")
    give("Let go", "2026-11-27 12:00").release(by=desk.ellen)
    give("Fallen away", "2026-11-27 15:00").void("set aside", by=desk.priya)
    desk.at("2026-11-19 16:33")
    tick()
    return desk


@pytest.mark.parametrize(
    ("asked", "there", "away"),
    [
        ("", {"Broken on Tuesday", "Today at five", "Moved once"}, {"Kept on Wednesday"}),
        ("state=broken", {"Broken on Tuesday"}, {"Today at five"}),
        ("state=void", {"Fallen away"}, {"Let go"}),
        ("state=released", {"Let go"}, {"Fallen away"}),
        ("state=moved", {"Moved once"}, {"Today at five"}),
        ("state=all", {"Fallen away", "Let go", "Kept on Wednesday", "Next week"}, set()),
        ("kind=resolution", {"Of Dele on Friday"}, {"Next week"}),
        ("owner=me", {"Next week"}, {"Of Dele on Friday", "To Daniel"}),
        ("owner=teams", {"Of Dele on Friday", "Next week"}, {"To Daniel"}),
        ("team=virtual-offices", {"To Daniel"}, {"Next week"}),
        ("due=overdue", {"Broken on Tuesday"}, {"Today at five"}),
        ("due=today", {"Today at five"}, {"Broken on Tuesday", "Next week"}),
        ("due=week", {"Broken on Tuesday", "Of Dele on Friday"}, {"Next week"}),
        ("from=2026-11-24&to=2026-11-25", {"Next week", "To Daniel"}, {"Moved once"}),
        ("made=hand", {"Next week"}, {"An answer"}),
        ("made=policy", {"An answer"}, {"Next week"}),
        ("made=moved&state=all", {"Moved once"}, {"Next week"}),
        ("owner=me&due=week&state=all", {"Kept on Wednesday"}, {"Of Dele on Friday"}),
        ("from=2026-99-99&due=soon&owner=-3&customer=x", {"Today at five"}, set()),
    ],
)
def test_each_filter_keeps_what_it_says_and_they_combine(
    ledger: Desk, asked: str, there: set[str], away: set[str]
) -> None:
    who = ledger.dele if "teams" in asked else ledger.priya if "owner=me" in asked else ledger.jonas
    found = listed(signed_in(who), asked)
    assert there <= found
    assert not away & found


def test_by_customer_organisation_and_colleague(ledger: Desk) -> None:
    jonas = signed_in(ledger.jonas)
    account = Account.objects.get(name="Whitcombe Consulting")
    assert "To Daniel" not in listed(jonas, f"customer={ledger.ellen.pk}")
    assert listed(jonas, f"customer={ledger.daniel.pk}&owner={ledger.ines.pk}") >= {"To Daniel"}
    assert "Next week" in listed(jonas, f"account={account.pk}")
    assert listed(jonas, f"owner={ledger.dele.pk}") == {"Of Dele on Friday"}
    named = shown(jonas, f"?customer={ledger.ellen.pk}")
    assert "Ellen Whitcombe" in named


def test_a_filter_is_a_link_and_keeps_the_others(ledger: Desk) -> None:
    jonas = signed_in(ledger.jonas)
    page = shown(jonas, "?view=list&kind=callback&owner=me&after=1-1")
    address = chosen(page, "This week")
    assert {"view=list", "kind=callback", "owner=me", "due=week"} == set(address[1:].split("&"))
    without = chosen(page, "Without any filter")
    assert without == "?view=list"
    chips = page.split('aria-label="Chosen filters"')[1].split("</nav>")[0]
    assert "Mine" in chips
    assert "Callback" in chips


def test_who_is_not_seen_is_not_named(ledger: Desk) -> None:
    ines = signed_in(ledger.ines)
    page = shown(ines, f"?view=list&customer={ledger.ellen.pk}")
    assert "Ellen" not in page
    assert "Nobody you know" in page
    assert "No promises like that" in page


def test_states_are_counted_void_among_them(ledger: Desk) -> None:
    page = shown(signed_in(ledger.jonas), "?view=list&customer=" + str(ledger.ellen.pk))
    tabs = page.split('class="tabs states"')[1].split("</nav>")[0]
    counts = dict(re.findall(r">([^<>]+)<span class=\"count\">(\d+)<", tabs))
    assert counts["Fell away"] == "1"
    assert counts["Moved, agreed"] == "1"
    assert counts["Released"] == "1"
    assert int(counts["Every promise"]) == Promise.objects.filter(customer=ledger.ellen).count()


# The calendar


def test_a_week_names_closed_days_and_shows_windows_as_bars(ledger: Desk) -> None:
    case = ledger.heard()
    Promise.make(
        case, "arrival_window", "Somebody comes", by=ledger.priya,
        opens=london("2026-12-24 10:00"), due=london("2026-12-24 12:00"),
    )  # fmt: skip
    add_version(
        "Opening hours", {**HOURS, "closed": [{"date": "2026-12-25", "name": "Christmas Day"}]},
        by=ledger.olu,
    )  # fmt: skip
    Business.objects.update(schedule=Schedule.objects.order_by("-version")[0])
    page = shown(signed_in(ledger.priya), "?view=week&day=2026-12-23")
    assert "Mon 21 Dec to Sun 27 Dec 2026" in page
    assert "Christmas Day" in page
    assert page.count('<span class="why">Weekend</span>') == 2
    assert "10:00–12:00" in page
    # 09:00 to 17:00 is the scale: the window begins an eighth into it and lasts a quarter of it.
    assert 'class="calbar window" style="--x:12.5%;--w:25.0%"' in page


def test_it_goes_forth_and_back_and_keeps_the_filters(ledger: Desk) -> None:
    priya = signed_in(ledger.priya)
    week = shown(priya, "?view=week&owner=me")
    assert "Mon 16 Nov to Sun 22 Nov 2026" in week
    assert "data-today" in week
    [after] = re.findall(r'href="([^"]+)" data-key="\]"', week)
    assert html.unescape(after) == "?view=week&owner=me&day=2026-11-23"
    [before] = re.findall(r'href="([^"]+)" data-key="\["', shown(priya, "?view=month"))
    assert html.unescape(before) == "?view=month&day=2026-10-31"
    assert "January 2027" in shown(priya, "?view=month&day=2027-01-31")
    assert "data-today" not in shown(priya, "?view=month&day=2027-01-31")


def test_what_was_moved_or_fell_away_stands_on_no_day_unless_asked_for(ledger: Desk) -> None:
    jonas = signed_in(ledger.jonas)
    month = shown(jonas, "?view=month")
    assert "Kept on Wednesday" in month
    assert month.count("Moved once</span>") == 1
    assert "Fallen away" not in month
    assert "Fallen away" in shown(jonas, "?view=month&state=void")


def test_a_full_day_shows_a_few_and_leads_to_the_rest(ledger: Desk) -> None:
    case = ledger.heard()
    for number in range(9):
        Promise.make(
            case, "callback", f"Call {number}", by=ledger.priya, due=london("2026-12-02 12:00")
        )
    priya = signed_in(ledger.priya)
    month = shown(priya, "?view=month&day=2026-12-02&kind=callback")
    assert "5 more" in month
    [more] = re.findall(r'<a class="btn sm quiet wide" href="([^"]+)">5 more', month)
    there = shown(priya, html.unescape(more))
    assert len(set(re.findall(r">(Call \d)<", there))) == 9


def test_days_are_the_businesss_own_over_a_change_of_clocks(desk: Desk) -> None:
    desk.at("2026-10-20 10:00")
    case = desk.heard()
    Promise.make(case, "callback", "Late on Sunday", by=desk.priya, due=london("2026-10-25 23:30"))
    Promise.make(case, "callback", "Early Monday", by=desk.priya, due=london("2026-10-26 00:15"))
    page = shown(signed_in(desk.priya), "?view=week&day=2026-10-25")
    sunday = page.split('datetime="2026-10-25"')[1]
    assert "Late on Sunday" in sunday
    assert "Early Monday" not in page


def test_a_reader_elsewhere_has_their_own_time_beside(ledger: Desk) -> None:
    ledger.priya.zone = "America/New_York"
    ledger.priya.save()
    assert "(12:00 your time)" in shown(signed_in(ledger.priya), "?view=week")


# As a file

FORMS = (
    "acknowledge",
    "by:2026-12-28T12:00:00+00:00",
    "within:2400",
    "by_close_today",
    "first_thing:60",
    "arrival_window:2026-12-22T10:00:00+00:00/2026-12-22T12:00:00+00:00",
    "end_of_nth_business_day:24",
    "calendar_days:40",
    "on_event:parts_arrive/within:2400",
)


@pytest.fixture
def every_form(desk: Desk) -> Desk:
    add_version(
        "Opening hours",
        {**HOURS, "closed": [{"date": "2026-12-25", "name": "Christmas Day"}]},
        by=desk.olu,
    )
    desk.support.schedule = Schedule.objects.order_by("-version")[0]
    desk.support.save()
    case = desk.heard()
    for form in FORMS:
        Promise.make(case, "callback", f"=Word of {form}", by=desk.priya, form=form)
    return desk


def in_json(client: Client, asked: str = "?state=all") -> dict[str, object]:
    answer = client.get(f"/promises/export.json{asked}")
    assert answer.status_code == 200
    found: dict[str, object] = json.loads(b"".join(answer))  # type: ignore[arg-type]
    return found


def in_csv(client: Client, asked: str = "?state=all") -> list[dict[str, str]]:
    answer = client.get(f"/promises/export.csv{asked}")
    assert answer.status_code == 200
    text = b"".join(answer).decode("utf-8-sig")  # type: ignore[arg-type]
    return list(csv.DictReader(io.StringIO(text)))


@pytest.mark.parametrize("as_file", ["csv", "json"])
def test_every_due_can_be_reckoned_again_from_its_row(every_form: Desk, as_file: str) -> None:
    jonas = signed_in(every_form.jonas)
    found = in_json(jonas)
    schedules = found["schedules"]
    rows = found["promises"] if as_file == "json" else in_csv(jonas)
    words = [row for row in rows if "Word of" in row["text"]]  # type: ignore[union-attr]
    assert {row["form"] for row in words} == set(FORMS)
    for row in words:
        content = schedules[f"{row['schedule']} {row['schedule_version']}"]  # type: ignore[index]
        hours = clock.Schedule.from_data(content)
        made = datetime.fromisoformat(row["made_at"])
        reckoned = clock.due(row["form"], made, hours)
        assert reckoned.at == datetime.fromisoformat(row["due"]), row["form"]
        opens = datetime.fromisoformat(row["opens"]) if row["opens"] else None
        assert reckoned.opens == opens
        whole = clock.between(made, reckoned.at, hours)
        assert timedelta(minutes=float(row["open_minutes"])) == whole


def test_the_arithmetic_stands_in_the_row(every_form: Desk) -> None:
    rows = in_json(signed_in(every_form.jonas))["promises"]
    [row] = [row for row in rows if row["form"] == "within:2400"]  # type: ignore[union-attr]
    assert row["open_minutes"] == 2400
    [long] = [row for row in rows if row["form"] == "calendar_days:40"]  # type: ignore[union-attr]
    assert {"date": "2026-12-25", "name": "Christmas Day"} in long["holidays"]
    assert {pause["reason"] for pause in long["pauses"]} == {"closed", "weekend", "holiday"}
    assert row["pauses"][0] == {
        "from": "2026-11-19T17:00:00+00:00",
        "to": "2026-11-20T09:00:00+00:00",
        "reason": "closed",
    }


def test_lateness_is_in_open_minutes_and_a_move_keeps_its_first_time(desk: Desk) -> None:
    case = desk.heard()
    late = Promise.make(case, "callback", "Late", by=desk.priya, due=london("2026-11-19 16:50"))
    moved = Promise.make(case, "callback", "Moved", by=desk.priya, due=london("2026-11-20 10:00"))
    moved.move(london("2026-11-23 10:00"), by=desk.ellen, agreed_with=desk.priya, reason="Parts")
    desk.at("2026-11-20 09:20")
    tick()
    late.refresh_from_db()
    late.keep(by=desk.priya, evidence="Rang at last")
    rows = {(row["text"], row["state"]): row for row in in_csv(signed_in(desk.jonas))}
    kept = rows["Late", "kept_late"]
    assert kept["overrun_open_minutes"] == "30"
    assert kept["evidence"] == "Rang at last"
    before, after = rows["Moved", "moved"], rows["Moved", "open"]
    assert before["reason"] == "Parts"
    assert after["original_due"] == before["due"] == "2026-11-20T10:00:00Z"
    assert (after["moves"], after["moved_from"]) == ("1", before["promise"])


def test_a_sheet_runs_nothing_and_says_nothing_that_was_written(every_form: Desk) -> None:
    jonas = signed_in(every_form.jonas)
    answer = jonas.get("/promises/export.csv?state=all")
    raw = b"".join(answer).decode()  # type: ignore[arg-type]
    assert raw.startswith("\ufeff" + ",".join(taking_out.COLUMNS))
    assert all(cell[:1] != "=" for row in in_csv(jonas) for cell in row.values())
    assert "The server is down" not in raw
    assert answer["Content-Disposition"] == 'attachment; filename="promises.csv"'
    assert answer["Cache-Control"] == "private, no-store"
    entry = Entry.objects.filter(kind="ledger_exported").first()
    assert entry is not None
    assert entry.facts["promises"] == Promise.objects.count()


def test_it_holds_what_the_address_asks_for_and_access_lets_see(ledger: Desk) -> None:
    assert signed_in(ledger.priya).get("/promises/export.csv").status_code == 403
    jonas = signed_in(ledger.jonas)
    assert {row["text"] for row in in_csv(jonas, "?state=void")} == {"Fallen away"}
    page = shown(jonas, "?view=week&kind=callback")
    [address] = re.findall(r'href="/promises/export.json([^"]+)"', page)
    week = in_json(jonas, html.unescape(address))["promises"]
    assert {row["text"] for row in week} == {  # type: ignore[union-attr]
        "Broken on Tuesday", "Kept on Wednesday", "Today at five", "Moved once",
    }  # fmt: skip
    assert "To Daniel" not in {row["text"] for row in in_csv(signed_in(ledger.olu))}


def test_a_file_asks_as_many_questions_for_two_as_for_twenty(
    desk: Desk,
) -> None:
    jonas = signed_in(desk.jonas)

    def fill(n: int) -> int:
        for number in range(n):
            case = desk.heard(customer_of(f"p{number}@many.example", f"Person {number}"))
            due = london("2026-11-25 10:00")
            Promise.make(case, "callback", "Call", by=desk.priya, due=due)
        with CaptureQueriesContext(connection) as asked:
            b"".join(jonas.get("/promises/export.csv?state=all"))  # type: ignore[arg-type]
        return len(asked)

    few = fill(2)
    assert fill(20) == few
    assert few <= 15


def test_a_large_ledger_takes_little_memory(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    case = desk.heard()
    one = Promise.make(case, "callback", "Call", by=desk.priya, due=london("2026-11-25 12:00"))
    fields = {f.attname: getattr(one, f.attname) for f in Promise._meta.concrete_fields}
    fields.pop("id")
    Promise.objects.bulk_create([Promise(**fields) for _n in range(3000)])
    monkeypatch.setattr(taking_out, "AT_ONCE", 100)
    jonas = signed_in(desk.jonas)
    answer = jonas.get("/promises/export.json?state=all")
    tracemalloc.start()
    keys = [key for part in answer for key in re.findall(rb'"promise": (\d+)', part)]  # type: ignore[union-attr]
    _now, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(keys) == len(set(keys)) == Promise.objects.count()
    assert most < 4_000_000
