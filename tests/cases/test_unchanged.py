"""What was counted is counted again as soon as anything was written, or the clock changes it."""

from datetime import timedelta
from threading import Thread

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from goodword.cases.access import visible_promises
from goodword.cases.models import Case
from goodword.core.time import now
from goodword.core.unchanged import while_unchanged
from goodword.desk.asked import Asked, Question
from goodword.desk.board import COUNTED, Board

pytestmark = pytest.mark.django_db(transaction=True)


def never(_at):
    return None


def count(at=None, changes_after=never):
    """How many cases there are, and whether the database was asked."""
    asked = []

    def ask():
        asked.append(True)
        return Case.objects.count()

    found = while_unchanged("cases", at or now(), changes_after, ask)
    return found, bool(asked)


def in_another_connection(act):
    def run():
        try:
            act()
        finally:
            connection.close()

    thread = Thread(target=run)
    thread.start()
    thread.join()


def test_it_is_asked_once_until_something_is_written(desk):
    desk.heard()
    assert [count(), count(), count()] == [(1, True), (1, False), (1, False)]
    desk.heard(title="Another")
    assert [count(), count()] == [(2, True), (2, False)]


def test_what_another_connection_wrote_is_seen(desk):
    desk.heard()
    assert [count(), count()] == [(1, True), (1, False)]
    in_another_connection(lambda: desk.heard(title="Another"))
    assert [count(), count()] == [(2, True), (2, False)]


def test_a_connection_that_was_opened_anew_knows_nothing(desk):
    desk.heard()
    assert [count(), count()] == [(1, True), (1, False)]
    connection.close()
    in_another_connection(lambda: desk.heard(title="Another"))
    assert [count(), count()] == [(2, True), (2, False)]


def test_what_may_be_taken_back_is_not_kept(desk):
    desk.heard()
    assert count() == (1, True)
    with pytest.raises(RuntimeError), transaction.atomic():
        desk.heard(title="Another")
        assert [count(), count()] == [(2, True), (2, True)]
        raise RuntimeError
    assert count()[0] == 1


def test_the_clock_ends_it_too(desk):
    desk.heard()
    at = now()
    later = at + timedelta(hours=1)
    assert count(at, lambda _at: later) == (1, True)
    assert count(later - timedelta(seconds=1)) == (1, False)
    assert count(later, never) == (1, True)
    assert count(at) == (1, True), "a clock that was set back"


def test_the_side_shows_what_is_and_asks_less_the_second_time(desk):
    case = desk.answered(desk.heard(title="One"))
    client = Client()
    client.force_login(desk.priya)
    client.get("/inbox/")
    with CaptureQueriesContext(connection) as first:
        first_page = client.get("/inbox/")
    assert first_page.context["desk"].counts.inbox_ours == 1
    with CaptureQueriesContext(connection) as second:
        client.get("/inbox/")
    assert len(second) <= len(first)
    case.snooze(now() + timedelta(hours=2), by=desk.priya, beyond=True)
    asleep = client.get("/inbox/").context
    assert asleep["desk"].counts.inbox_ours == 0
    assert {tab.name: tab.count for tab in asleep["tabs"]}["snoozed"] == 1
    desk.later(hours=3)
    awake = client.get("/inbox/").context
    assert awake["desk"].counts.inbox_ours == 1
    assert awake["desk"].teams[0].count == 1


def test_the_board_counts_what_is_for_whom_it_is_and_on_which_day(desk):
    def counts(member, owner="all"):
        question = Question(
            visible_promises(member), Asked(owner=owner), desk.business.schedule, now(), member
        )
        counted = Board(question).counts
        one_by_one = {name: question.of(name).count() for name in COUNTED}
        assert counted == Board(question).counts == one_by_one
        return counted

    desk.answered(desk.heard(title="One"))
    first = counts(desk.priya)
    assert first["near"] + first["later"] and counts(desk.priya, "me") == first
    assert counts(desk.ines) == counts(desk.dele, "me") == dict.fromkeys(first, 0)
    desk.heard(desk.daniel, title="Another").take(by=desk.dele)
    assert counts(desk.priya)["near"] > first["near"]
    assert counts(desk.dele, "me") != dict.fromkeys(first, 0)
    assert counts(desk.priya)["kept_today"] == first["kept_today"] > 0
    desk.later(days=1)
    assert counts(desk.priya)["kept_today"] == 0
    assert counts(desk.tom) == counts(desk.priya)
    desk.support.members.remove(desk.tom)
    assert counts(desk.tom) == dict.fromkeys(first, 0)
