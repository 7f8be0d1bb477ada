"""The clock jumps a month on and back, and is changed twice a year: none early, none twice."""

from collections import Counter
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction
from django.db.models import F
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from goodword.cases.models import Case, OutgoingMessage
from goodword.channels.mail.models import IncomingMail
from goodword.core.time import clock, now
from goodword.core.work import claim
from goodword.journal.models import Entry
from goodword.journal.sealing import damage
from goodword.promises.models import Promise
from goodword.worker.intake import drain_intake
from goodword.worker.running import Broom
from goodword.worker.tick import tick
from tests.cast import Desk, gather, london
from tests.worker.test_intake import taken

MONTH = 30 * 24 * 60


def broken() -> dict[int, list[datetime]]:
    found: dict[int, list[datetime]] = {}
    for entry in Entry.objects.filter(kind="promise_broken"):
        found.setdefault(entry.facts["promise"], []).append(entry.at)
    return found


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(st.lists(st.integers(-MONTH, MONTH), min_size=2, max_size=8))
def jumps(minutes: list[int]) -> None:
    with transaction.atomic():
        desk = gather()
        for number in range(3):
            desk.answered(desk.heard(title=f"Matter {number}"))
        began = now()
        for jump in minutes:
            clock.fix(began + timedelta(minutes=jump))
            tick()
            early = Promise.objects.filter(state="broken", broken_at__lte=F("breaks_at"))
            assert not early.exists()
        times = broken()
        assert all(len(each) == 1 for each in times.values())
        assert set(times) == set(
            Promise.objects.filter(broken_at__isnull=False).values_list("pk", flat=True)
        )
        latest = began + timedelta(minutes=max(minutes))
        overdue = Promise.objects.filter(state="open", breaks_at__lt=latest, made_at__lte=began)
        assert not overdue.exclude(paused_at__isnull=False).exclude(kind="check_in").exists()
        assert list(damage()) == []
        transaction.set_rollback(True)


def test_a_clock_that_jumps_to_and_fro_breaks_each_once_and_none_early(db: None) -> None:
    jumps()


CHANGES = [
    ("Europe/Berlin", "2026-10-25 02:30"),
    ("Europe/Berlin", "2027-03-28 01:30"),
    ("America/New_York", "2026-11-01 01:30"),
    ("America/New_York", "2027-03-14 01:30"),
    ("Australia/Lord_Howe", "2026-10-04 01:30"),
    ("Australia/Lord_Howe", "2027-04-04 01:30"),
    ("Pacific/Apia", "2011-12-29 23:30"),
]


@pytest.mark.parametrize(("zone", "wall"), CHANGES)
def test_an_hour_is_an_hour_on_the_night_when_clocks_change(
    desk: Desk, zone: str, wall: str
) -> None:
    schedule = desk.business.schedule
    schedule.content = {"zone": zone, "hours": {"mon-sun": [["00:00", "24:00"]]}}
    schedule.save()
    began = datetime.fromisoformat(wall).replace(tzinfo=ZoneInfo(zone))
    clock.fix(began)
    word = [{"kind": "callback", "text": "I call you", "form": "within:60"}]
    promise = desk.promise(desk.answered(promises=word), "callback")
    made = now()
    assert promise.due - made == timedelta(minutes=60)
    for minute in range(64):
        clock.fix(made + timedelta(minutes=minute))
        tick()
        assert (promise.pk in broken()) == (minute > 60)
    assert Counter(map(len, broken().values())) == {1: len(broken())}
    assert broken()[promise.pk] == [promise.due + timedelta(minutes=1)]


def test_mail_that_came_while_the_clock_was_ahead_does_not_wait_for_it(desk: Desk) -> None:
    desk.at("2026-12-19 16:33")
    taken(desk, "From the future")
    desk.asked()
    # Somebody was at work on both when the clock was set back.
    claim(IncomingMail.objects.all(), limit=1, lease=timedelta(minutes=3), now=now())
    desk.at("2026-11-19 16:40")
    assert drain_intake() == 0
    Broom().turn()
    assert OutgoingMessage.objects.get().due_at == now()
    desk.later(minutes=16)
    assert drain_intake() == 1
    assert Case.objects.filter(title="From the future").count() == 1


def test_what_is_seldom_tried_is_left_alone(desk: Desk) -> None:
    desk.asked()
    due = now() + timedelta(hours=1)
    OutgoingMessage.objects.update(due_at=due)
    Broom().turn()
    assert OutgoingMessage.objects.get().due_at == due


def test_what_was_seen_late_says_when_it_fell_due_and_when_it_was_seen(desk: Desk) -> None:
    promise = desk.promise(desk.answered(), "callback")
    desk.at("2026-12-19 16:33")
    tick()
    promise.refresh_from_db()
    assert promise.broken_at == london("2026-12-19 16:33")
    assert promise.due < london("2026-11-21 00:00")
