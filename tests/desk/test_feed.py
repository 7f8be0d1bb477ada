"""The link by which a member's own calendar reads their promises."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from icalendar import Calendar

from goodword.cases.leaving import restore, revoke
from goodword.core.refusals import Refused
from goodword.journal.models import Entry
from goodword.promises.models import Promise
from goodword.settings.changing import save
from goodword.settings.subjects.business import PageOfSettings
from goodword.staff.feed import Feed
from goodword.staff.models import Member
from goodword.worker.tick import tick
from tests.cast import PASSWORD, Desk, london
from tests.desk.conftest import signed_in


def path_of(address: str) -> str:
    return "/feeds/" + address.split("/feeds/")[1]


def read(address: str, **headers: Any) -> dict[str, Any]:
    """The events of the feed by their UID, as the library reads them."""
    answer = Client().get(path_of(address), **headers)
    assert answer.status_code == 200
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    calendar = Calendar.from_ical(answer.content)
    assert not calendar.errors
    events = list(calendar.walk("VEVENT"))
    found = {str(event["UID"]): event for event in events}
    assert len(found) == len(events)
    return found


def given(desk: Desk, due: str, kind: str = "callback", **more: Any) -> Promise:
    case = more.pop("case", None) or desk.heard()
    more.setdefault("owner", desk.dele)
    due_at = london(due)
    return Promise.make(
        case, kind, "I ring you about the printer", by=desk.dele, due=due_at, **more
    )


def proven(member: Member) -> Client:
    """Signed in, and by their password just now."""
    client = signed_in(member)
    client.post("/me/again/", {"password": PASSWORD, "next": "/me/calendar/"})
    return client


def only(address: str) -> Any:
    [event] = read(address).values()
    return event


def test_it_is_shown_once_and_only_its_hash_is_kept(desk: Desk) -> None:
    dele = proven(desk.dele)
    assert "No calendar reads your promises" in dele.get("/me/calendar/").content.decode()
    made = dele.post("/me/calendar/make/").content.decode()
    [feed] = Feed.objects.all()
    [secret] = {part.split("/")[0] for part in made.split("/feeds/")[1:]}
    assert len(secret) >= 40
    assert secret not in str(Feed.objects.values().get())
    assert secret not in str(list(Entry.objects.values()))
    again = dele.get("/me/calendar/").content.decode()
    assert secret not in again
    assert "No calendar has read it yet" in again
    assert read(f"/feeds/{secret}/promises.ics") == {}
    feed.refresh_from_db()
    assert feed.read_at == desk.at("2026-11-19 16:33")


def test_it_shows_ones_own_promises_of_some_weeks_and_no_words(desk: Desk) -> None:
    mine = given(desk, "2026-11-20 12:00")
    given(desk, "2026-11-20 13:00", owner=desk.priya)
    given(desk, "2027-03-20 12:00")
    event = only(Feed.make(desk.dele))
    assert event["UID"] == f"promise-{mine.pk}@desk.test"
    assert event["SUMMARY"] == f"{mine.case.reference} Callback"
    assert event["DTEND"].dt == london("2026-11-20 12:00")
    assert event["URL"].endswith(f"/promises/{mine.pk}/")
    raw = event.to_ical().decode()
    for private in ("printer", "Ellen", "server is down"):
        assert private not in raw


def test_the_business_may_let_words_and_names_out(desk: Desk) -> None:
    given(desk, "2026-11-20 12:00")
    save(PageOfSettings("messages"), {"calendar_words": "words"}, by=desk.olu)
    event = only(Feed.make(desk.dele))
    assert "I ring you about the printer (Ellen Whitcombe)" in event["SUMMARY"]
    assert "server is down" not in event.to_ical().decode()


def test_what_becomes_of_a_promise_becomes_of_its_event(desk: Desk) -> None:
    address = Feed.make(desk.dele)
    promise = given(desk, "2026-11-20 12:00")
    uid = f"promise-{promise.pk}@desk.test"
    first = read(address)[uid]
    assert (first["STATUS"], first["TRANSP"]) == ("CONFIRMED", "OPAQUE")
    desk.later(minutes=3)
    moved = promise.move(
        london("2026-11-23 10:00"), by=desk.ellen, agreed_with=desk.dele, reason="Parts"
    )
    event = only(address)
    assert event["UID"] == uid
    assert event["DTEND"].dt == london("2026-11-23 10:00")
    assert event["SEQUENCE"] > first["SEQUENCE"]
    twice = moved.move(
        london("2026-11-24 10:00"), by=desk.ellen, agreed_with=desk.dele, reason="Parts"
    )
    event = only(address)
    assert (event["UID"], event["DTEND"].dt) == (uid, london("2026-11-24 10:00"))
    desk.at("2026-11-24 10:30")
    tick()
    assert read(address)[uid]["SUMMARY"].startswith("Broken: ")
    twice.refresh_from_db()
    twice.keep(by=desk.dele, evidence="Rang")
    event = read(address)[uid]
    assert event["SUMMARY"].startswith("Kept late: ")
    assert event["TRANSP"] == "TRANSPARENT"
    released = given(desk, "2026-11-26 12:00")
    released.release(by=desk.ellen)
    voided = given(desk, "2026-11-27 12:00")
    voided.void("the case was set aside", by=desk.dele)
    found = read(address)
    for each in (released, voided):
        assert found[f"promise-{each.pk}@desk.test"]["STATUS"] == "CANCELLED"
    handed = given(desk, "2026-11-26 15:00")
    handed.hand_to(desk.priya, by=desk.dele)
    assert f"promise-{handed.pk}@desk.test" not in read(address)


@pytest.mark.parametrize(
    ("due", "utc"),
    [
        ("2027-03-26 12:00", datetime(2027, 3, 26, 12, tzinfo=UTC)),
        ("2027-03-29 12:00", datetime(2027, 3, 29, 11, tzinfo=UTC)),
    ],
)
def test_times_are_right_on_both_sides_of_a_change_of_clocks(
    desk: Desk, due: str, utc: datetime
) -> None:
    desk.at("2027-03-24 10:00")
    opens = london(due) - timedelta(hours=2)
    given(desk, due, kind="arrival_window", opens=opens)
    event = only(Feed.make(desk.dele))
    assert (event["DTSTART"].dt, event["DTEND"].dt) == (utc - timedelta(hours=2), utc)
    assert event["DTEND"].to_ical().endswith(b"Z")


def test_it_ends_by_hand_by_a_new_one_and_with_the_access(desk: Desk) -> None:
    dele = signed_in(desk.dele)
    first = Feed.make(desk.dele)
    second = Feed.make(desk.dele)
    assert Client().get(path_of(first)).status_code == 404
    read(second)
    ended = dele.post("/me/calendar/end/", follow=True).content.decode()
    assert "No calendar reads your promises any more." in ended
    gone = Client().get(path_of(second))
    assert gone.status_code == 404
    assert "This link has ended" in gone.content.decode()
    third = Feed.make(desk.dele)
    revoke(desk.dele, by=desk.jonas)
    assert Client().get(path_of(third)).status_code == 404
    restore(desk.dele, by=desk.jonas)
    assert Client().get(path_of(third)).status_code == 404
    kinds = list(
        Entry.objects.filter(kind__startswith="feed_").order_by("pk").values_list("kind", flat=True)
    )
    assert kinds == ["feed_made", "feed_ended"] * 3
    revoke(desk.dele, by=desk.jonas)
    with pytest.raises(Refused):
        Feed.make(desk.dele)


def test_nothing_in_the_database_opens_it(desk: Desk) -> None:
    Feed.make(desk.dele)
    digest = Feed.objects.get().digest
    assert Client().get(f"/feeds/{digest}/promises.ics").status_code == 404


def test_a_calendar_needs_no_cookie_and_asks_whether_it_changed(desk: Desk) -> None:
    given(desk, "2026-11-20 12:00")
    address = path_of(Feed.make(desk.dele))
    answer = Client().get(address)
    assert not answer.cookies
    assert answer["Cache-Control"] == "private, no-cache"
    unchanged = Client().get(address, headers={"If-None-Match": answer["ETag"]})
    assert (unchanged.status_code, unchanged.content) == (304, b"")
    desk.later(minutes=20)
    assert Client().get(address)["ETag"] == answer["ETag"]
    given(desk, "2026-11-23 12:00")
    assert Client().get(address)["ETag"] != answer["ETag"]
    assert Client().post(address).status_code == 405


def test_whoever_asks_too_often_waits(desk: Desk) -> None:
    address = path_of(Feed.make(desk.dele))
    answers = [Client().get(address).status_code for _n in range(61)]
    assert answers == [200] * 60 + [429]
    assert Client().get(address)["Retry-After"] == "900"
    desk.later(minutes=16)
    assert Client().get(address).status_code == 200
    wrong = [Client().get(f"/feeds/guess{n}/promises.ics").status_code for n in range(31)]
    assert wrong == [404] * 30 + [429]
    assert Client().get(address).status_code == 200


def test_it_asks_as_many_questions_for_two_as_for_twenty(
    desk: Desk, django_assert_max_num_queries: Any
) -> None:
    address = path_of(Feed.make(desk.dele))
    case = desk.heard()
    for number in range(20):
        promise = given(desk, f"2026-11-{20 + number % 5} 12:00", case=case)
        promise.move(london("2026-11-27 10:00"), by=desk.ellen, agreed_with=desk.dele, reason="")
    with django_assert_max_num_queries(9):
        Client().get(address)


def test_a_borrowed_screen_makes_no_link(desk: Desk) -> None:
    dele = proven(desk.dele)
    desk.later(hours=2)
    answer = dele.post("/me/calendar/make/")
    assert answer.status_code == 302
    assert answer["Location"].startswith("/me/again/")
    assert not Feed.objects.exists()
