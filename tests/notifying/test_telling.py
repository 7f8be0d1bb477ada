"""Who is told of what, once: a reading of the journal."""

import threading
from contextlib import suppress
from datetime import timedelta

import pytest
from django.db import connections, transaction

from goodword.cases.leaving import revoke
from goodword.cases.models import Case
from goodword.core.time import clock
from goodword.journal.kinds import KINDS
from goodword.journal.models import Entry
from goodword.notifying import telling
from goodword.notifying.audience import TOLD
from goodword.notifying.models import Notification, Preferences, ReadElsewhere, Reading
from goodword.notifying.sentences import SENTENCES
from goodword.notifying.subjects import SUBJECTS
from goodword.staff.models import Member
from goodword.worker.tick import tick
from tests.cases.test_later import later
from tests.cast import Desk, gather


def told(member: Member) -> list[tuple[str, str]]:
    """Subject and kind of what they were told, in order."""
    telling.catch_up()
    rows = Notification.objects.filter(member=member).order_by("pk")
    return [(row.subject, row.entry.kind) for row in rows]


def forget() -> None:
    telling.catch_up()
    Notification.objects.all().delete()


def test_the_table_names_kinds_and_subjects_that_there_are() -> None:
    assert set(TOLD) <= set(KINDS)
    assert set(TOLD) <= set(SENTENCES)
    assert {subject for rules in TOLD.values() for subject, _ask in rules} == set(SUBJECTS)


def test_a_new_case_is_told_to_whoever_is_on_duty_and_once(desk: Desk) -> None:
    desk.heard()
    assert told(desk.priya) == [("new", "received")]
    assert told(desk.dele) == []
    assert told(desk.ines) == []


def test_what_they_write_later_is_told_to_the_owner_with_its_message(desk: Desk) -> None:
    case = desk.answered()
    forget()
    message = case.hear(desk.ellen, "And the printer.")
    assert told(desk.priya) == [("wrote", "received")]
    row = Notification.objects.get()
    assert row.path == f"/messages/{message.pk}/"
    assert row.sentence == "Ellen Whitcombe wrote"


def test_who_wrote_a_message_for_later_is_told_that_it_is_held(desk: Desk) -> None:
    case = desk.heard()
    case.take(by=desk.dele)
    later(case, desk)
    forget()
    case.hear(desk.ellen, "It is on fire!")
    assert told(desk.priya) == [("failed", "schedule_held")]
    assert ("failed", "schedule_held") in told(desk.dele)


def test_nobody_is_told_of_what_they_did(desk: Desk) -> None:
    case = desk.heard()
    case.watch(desk.priya, by=desk.priya)
    forget()
    case.note("Looks like the switch.", by=desk.priya)
    assert told(desk.priya) == []


def test_a_mention_is_told_as_a_mention_and_not_as_a_note_too(desk: Desk) -> None:
    case = desk.heard()
    case.watch(desk.dele, by=desk.priya)
    forget()
    case.note("@dele have you seen this?", by=desk.priya)
    assert told(desk.dele) == [("mention", "mentioned")]


def test_who_watches_hears_what_is_said(desk: Desk) -> None:
    case = desk.heard()
    case.watch(desk.dele, by=desk.priya)
    forget()
    case.reply(by=desk.priya, text="I look.", then="ask")
    case.hear(desk.ellen, "Thank you.")
    assert told(desk.dele) == [("watched", "sent"), ("watched", "received")]


def test_a_case_offered_is_told_to_whoever_is_asked_and_its_end_to_the_owner(desk: Desk) -> None:
    case = desk.heard()
    case.take(by=desk.priya)
    forget()
    case.offer_to(desk.dele, by=desk.priya)
    assert told(desk.dele) == [("asked", "handing_over")]
    Case.objects.get(pk=case.pk).accept(by=desk.dele)
    assert told(desk.priya) == [("answered", "handed_over")]


def test_a_broken_word_is_told_to_whoever_gave_it_and_to_the_lead(desk: Desk) -> None:
    desk.heard()
    forget()
    desk.later(hours=1)
    assert tick()["broken"]
    assert {subject for subject, _kind in told(desk.priya)} == {"broken"}
    assert told(desk.marta) == told(desk.priya)
    assert told(desk.dele) == told(desk.jonas) == []


def test_who_may_not_see_the_case_any_more_is_not_told(desk: Desk) -> None:
    case = desk.heard()
    case.watch(desk.ines, by=desk.priya)
    forget()
    case.note("Looks like the switch.", by=desk.priya)
    case.unwatch(desk.ines, by=desk.priya)
    assert told(desk.ines) == []


def test_who_left_is_told_nothing(desk: Desk) -> None:
    case = desk.heard()
    case.watch(desk.dele, by=desk.priya)
    forget()
    case.note("Looks like the switch.", by=desk.priya)
    revoke(desk.dele, by="system")
    assert told(desk.dele) == []


def test_what_a_member_does_not_want_leaves_no_row(desk: Desk) -> None:
    Preferences.objects.create(member=desk.priya, ways={"new": [], "wrote": ["mail"]})
    case = desk.heard()
    assert told(desk.priya) == []
    case.hear(desk.ellen, "And the printer.")
    assert told(desk.priya) == [("wrote", "received")]
    assert not Notification.objects.of(desk.priya).exists()


def test_a_desk_that_was_off_for_long_wakes_quietly(desk: Desk) -> None:
    desk.heard()
    clock.fix(clock.now() + timedelta(days=3))
    assert told(desk.priya) == []
    assert not Reading.current().unread().exists()


# Nothing twice


def test_two_turns_over_the_same_journal_tell_once(desk: Desk) -> None:
    desk.heard()
    assert telling.turn()
    assert not telling.turn()
    assert len(told(desk.priya)) == 1


def test_of_two_workers_with_one_batch_the_later_has_done_nothing(desk: Desk) -> None:
    desk.heard()
    mine = Reading.current()
    entries = list(mine.unread())
    telling.turn()
    Notification.objects.all().delete()
    with pytest.raises(ReadElsewhere), transaction.atomic():
        telling.tell(entries)
        mine.note([entry.pk for entry in entries])
    assert not Notification.objects.exists()


def test_a_worker_killed_half_way_has_told_nothing_and_is_gone_on_with(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.heard()

    class Killed(BaseException):
        pass

    def die(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(Reading, "note", die)
        with pytest.raises(Killed), transaction.atomic():
            telling.turn()
    assert not Notification.objects.exists()
    assert told(desk.priya) == [("new", "received")]


@pytest.mark.django_db(transaction=True)
def test_three_workers_at_the_same_moment_tell_once() -> None:
    desk = gather()
    for number in range(4):
        desk.heard(text=f"Matter {number}")

    def work() -> None:
        with suppress(ReadElsewhere):
            telling.catch_up()
        connections.close_all()

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(told(desk.priya)) == 4


def test_an_entry_that_was_committed_late_with_a_lower_number_is_told_too(desk: Desk) -> None:
    """On PostgreSQL numbers are taken before the commit."""
    desk.heard()
    numbers = list(Entry.objects.order_by("pk").values_list("pk", flat=True))
    late = Entry.objects.get(kind="received").pk
    Reading.current().note([pk for pk in numbers if pk != late])
    assert told(desk.priya) == [("new", "received")]
    assert not telling.turn()
