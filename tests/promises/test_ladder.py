"""The ladder of a broken contact promise: silence never ages out, and no role is exempt."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.apps import apps
from django.db import connection
from django.test.utils import CaptureQueriesContext

from goodword import clock
from goodword.cases.climbing import climb_due
from goodword.cases.models import Case
from goodword.core.time import clock as desk_clock
from goodword.core.time import now
from goodword.journal.models import Entry
from goodword.journal.sealing import damage
from goodword.notifying.models import Notification
from goodword.notifying.telling import catch_up
from goodword.promises.models import Promise, Rung
from goodword.promises.rungs import business_days_on
from goodword.staff.models import Member, Role
from goodword.worker.tick import tick
from tests.cast import Desk, london, member

# The cast's customer writes on Thursday 19 November 2026, 16:33: due the same day at 17:00.
RUNGS = ["2026-11-19 17:00", "2026-11-20 17:00", "2026-11-23 17:00", "2026-11-26 17:00"]


def first_word(desk: Desk, case: Case | None = None) -> Promise:
    return desk.promise(case or desk.heard(), "acknowledge")


def rungs(promise: Promise) -> list[Entry]:
    return list(Entry.objects.filter(kind="escalated", facts__promise=promise.pk).order_by("id"))


def told(promise: Promise, step: int) -> list[Member]:
    rung = Rung.objects.get(promise=promise, step=step)
    return list(Member.objects.filter(pk__in=rung.told).order_by("pk"))


def instants(start: str, days: int) -> Iterator[datetime]:
    """The instants of so many days, six hours apart and a minute after."""
    at = london(start)
    for _turn in range(days * 4):
        yield at
        at += timedelta(hours=6)


def climb_to(text: str) -> None:
    desk_clock.fix(london(text))
    tick()


def test_a_month_of_silence_is_four_rungs_at_their_four_instants(desk: Desk) -> None:
    case = desk.heard()
    promise = first_word(desk, case)
    for at in instants("2026-11-19 16:33", 31):
        desk_clock.fix(at)
        tick()
    promise.refresh_from_db()
    case.refresh_from_db()
    assert (promise.state, case.state, case.move) == ("broken", "received", "ours")
    found = rungs(promise)
    assert [entry.at for entry in found] == [london(text) for text in RUNGS]
    assert [entry.facts["step"] for entry in found] == [1, 2, 3, 4]
    assert [told(promise, step) for step in (1, 2, 3, 4)] == [
        [desk.priya],
        [desk.marta],
        [desk.jonas],
        [],
    ]
    assert list(damage()) == []


def test_a_clock_that_jumps_a_month_climbs_them_all_with_the_instants_they_had(desk: Desk) -> None:
    promise = first_word(desk)
    desk.at("2026-12-20 16:33")
    tick()
    tick()
    found = rungs(promise)
    assert [entry.at for entry in found] == [london(text) for text in RUNGS]
    assert {entry.facts["climbed"] for entry in found} == {now().isoformat()}
    catch_up()
    whom = Notification.objects.filter(entry__in=found).values_list("member__name", flat=True)
    assert sorted(whom) == ["Jonas Weber", "Marta Nowak"]


@pytest.mark.parametrize(
    ("act", "goes_on"),
    [
        (lambda desk, case: desk.answered(case), False),
        (lambda desk, case: case.rest(by=desk.priya), False),
        (lambda desk, case: case.set_aside("spam", by=desk.priya), False),
        (lambda desk, case: case.take(by=desk.dele), True),
        (lambda desk, case: case.note("I look at it.", by=desk.dele), True),
    ],
    ids=["answered late", "needs no answer", "not a customer", "taken", "a note"],
)
def test_it_ends_when_nobody_waits_any_more_and_by_nothing_else(
    desk: Desk, act: object, goes_on: bool
) -> None:
    case = desk.heard()
    promise = first_word(desk, case)
    climb_to("2026-11-19 17:01")
    act(desk, Case.objects.get(pk=case.pk))  # type: ignore[operator]
    climb_to("2026-12-20 16:33")
    assert len(rungs(promise)) == (4 if goes_on else 1)
    assert Rung.objects.filter(promise=promise).ahead().count() == 0


def test_released_by_the_customer_it_ends(desk: Desk) -> None:
    case = desk.answered()
    promise = desk.promise(case, "callback")
    climb_to("2026-11-23 12:00")
    promise.release(by=desk.ellen)
    promise.refresh_from_db()
    assert promise.state == "released"
    before = len(rungs(promise))
    climb_to("2026-12-20 16:33")
    assert len(rungs(promise)) == before > 0


def test_what_kept_it_late_is_undone_and_the_missed_rungs_are_climbed(desk: Desk) -> None:
    case = desk.heard()
    promise = first_word(desk, case)
    climb_to("2026-11-19 17:01")
    case.reply(by=desk.priya, text="Here.", then="ask")
    climb_to("2026-11-24 09:00")
    assert len(rungs(promise)) == 1
    promise.refresh_from_db()
    promise.undo_keeping(by="system", why="bounced")
    tick()
    assert [entry.at for entry in rungs(promise)] == [london(text) for text in RUNGS[:3]]


def test_work_has_no_ladder_and_contact_has(desk: Desk) -> None:
    given = [
        {"kind": kind, "text": "We do it", "form": "within:10"}
        for kind in ("task_done", "resolution", "callback", "next_update")
    ]
    case = desk.answered(promises=given)
    climb_to("2026-12-20 16:33")
    kinds = set(Rung.objects.filter(promise__case=case).values_list("promise__kind", flat=True))
    assert kinds == {"callback", "next_update"}


def test_a_leaders_breach_goes_to_another_leader(desk: Desk) -> None:
    other = member("Rosa Lind", Role.LEADER)
    case = desk.heard()
    case.take(by=desk.jonas)
    promise = first_word(desk, case)
    climb_to("2026-11-24 09:00")
    assert [told(promise, step) for step in (1, 2, 3)] == [[desk.jonas], [other], [other]]
    catch_up()
    break_ = Notification.objects.filter(entry__kind="promise_broken", member=other)
    assert break_.exists()


def test_where_there_is_no_other_leader_it_is_said(desk: Desk) -> None:
    case = desk.heard()
    case.take(by=desk.jonas)
    promise = first_word(desk, case)
    climb_to("2026-11-24 09:00")
    assert told(promise, 3) == [desk.olu]
    assert Rung.objects.get(promise=promise, step=3).is_last_resort
    Member.objects.exclude(pk=desk.jonas.pk).update(is_active=False)
    case = desk.heard(title="Another")
    case.take(by=desk.jonas)
    promise = first_word(desk, case)
    climb_to("2026-12-20 09:00")
    assert told(promise, 3) == [desk.jonas]
    assert Rung.objects.get(promise=promise, step=3).is_last_resort


def test_a_leads_breach_goes_past_that_lead(desk: Desk) -> None:
    case = desk.heard()
    case.take(by=desk.marta)
    promise = first_word(desk, case)
    climb_to("2026-11-21 09:00")
    assert told(promise, 2) == [desk.jonas]


def test_no_column_lets_anybody_off(desk: Desk) -> None:
    words = ("exempt", "immune", "outside_the_clock", "no_clock", "escalate")
    for model in apps.get_models():
        if model._meta.app_label in ("staff", "promises", "cases"):
            for column in model._meta.get_fields():
                assert not any(word in column.name for word in words), (model, column.name)


@pytest.mark.parametrize(
    ("zone", "due", "expected"),
    [
        ("America/New_York", "2026-03-06 16:30", "2026-03-09 16:30 -0400"),
        ("America/New_York", "2026-10-30 16:30", "2026-11-02 16:30 -0500"),
        ("Europe/Berlin", "2026-03-27 16:30", "2026-03-30 16:30 +0200"),
        ("Europe/Berlin", "2026-10-23 16:30", "2026-10-26 16:30 +0100"),
    ],
)
def test_over_a_change_of_clocks_it_is_the_same_time_on_the_wall(
    zone: str, due: str, expected: str
) -> None:
    hours = clock.Schedule.from_data({"zone": zone, "hours": {"mon-fri": [["09:00", "17:00"]]}})
    at = datetime.fromisoformat(due).replace(tzinfo=ZoneInfo(zone))
    next_day = business_days_on(at, 1, hours).astimezone(ZoneInfo(zone))
    assert f"{next_day:%Y-%m-%d %H:%M %z}" == expected
    days = [business_days_on(at, n, hours).astimezone(ZoneInfo(zone)) for n in range(6)]
    assert [day.weekday() for day in days] == [4, 0, 1, 2, 3, 4]
    assert {(day.hour, day.minute) for day in days} == {(16, 30)}


def test_holidays_are_no_business_days_of_the_ladder(desk: Desk) -> None:
    desk.at("2026-12-24 16:00")
    promise = first_word(desk)
    climb_to("2027-02-01 09:00")
    at = [f"{entry.at:%m-%d %H:%M}" for entry in rungs(promise)]
    assert at == ["12-24 17:00", "12-29 17:00", "12-30 17:00", "01-04 17:00"]


def test_the_tick_asks_no_more_where_more_is_stored(desk: Desk) -> None:
    def asked() -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert climb_due(now()) == 0
        return len(queries)

    climb_to("2026-11-19 17:30")
    few = asked()
    for number in range(5):
        desk.heard(title=f"Matter {number}")
    climb_to("2026-11-24 17:30")
    assert asked() == few
