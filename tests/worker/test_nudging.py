"""Nudges: what each row tells, and that nobody hears of a case that is not theirs to see."""

import pytest
from django.test import Client

from goodword.cases.leaving import revoke
from goodword.core.time import now
from goodword.notifying.telling import catch_up
from goodword.staff.models import Presence
from goodword.worker.nudging import Listeners, read_since
from tests.cast import PASSWORD, Desk


def told(desk: Desk, act: object) -> list[tuple[str, str]]:
    assert callable(act)
    cursor, nothing = read_since(None)
    assert nothing == []
    act()
    cursor, nudges = read_since(cursor)
    _cursor, again = read_since(cursor)
    assert list(again) == []
    return sorted((nudge.name, nudge.topic) for nudge in nudges)


def test_a_message_nudges_its_case_the_inbox_and_the_promises(desk: Desk) -> None:
    case = desk.heard()
    nudges = told(desk, lambda: case.hear(desk.ellen, "And another thing."))
    assert ("case", f"case:{case.pk}") in nudges
    assert ("inbox", "inbox") in nudges


def test_a_promise_nudges_the_promises(desk: Desk) -> None:
    case = desk.heard()
    nudges = told(desk, lambda: desk.answered(case))
    assert ("promises", "promises") in nudges


def test_somebody_who_reads_along_is_told(desk: Desk) -> None:
    case = desk.heard()
    nudges = told(desk, lambda: Presence.note(case.pk, desk.dele, writing=True))
    assert nudges == [("presence", f"presence:{case.pk}")]


def test_a_mailbox_in_trouble_is_for_operators(desk: Desk) -> None:
    nudges = told(desk, lambda: desk.mailbox.note_trouble("It cannot be read."))
    assert nudges == [("operating", "operating")]


def _listener(desk: Desk, name: str, listeners: Listeners) -> str | None:
    client = Client()
    member = getattr(desk, name)
    assert client.login(username=member.email, password=PASSWORD)
    cookies = {"goodword_session": client.cookies["goodword_session"].value}
    return listeners.authenticate(cookies)


@pytest.mark.parametrize(
    ("name", "hears"),
    [("priya", True), ("marta", True), ("jonas", True), ("ines", False), ("olu", False)],
)
def test_members_hear_of_the_cases_that_they_may_see(desk: Desk, name: str, hears: bool) -> None:
    listeners = Listeners()
    viewer = _listener(desk, name, listeners)
    assert viewer is not None
    cursor, _none = read_since(None)
    desk.heard()
    _cursor, nudges = read_since(cursor)
    assert any(listeners.sees(viewer, nudge) for nudge in nudges) is hears


def test_whoever_lost_a_case_is_told_too(desk: Desk) -> None:
    listeners = Listeners()
    viewer = _listener(desk, "dele", listeners)
    case = desk.heard()
    case.take(by=desk.dele)
    cursor, _none = read_since(None)
    case.give_to_team(desk.offices, by=desk.dele)
    _cursor, nudges = read_since(cursor)
    assert viewer is not None
    assert any(listeners.sees(viewer, nudge) for nudge in nudges)


def test_strangers_and_old_passwords_hear_nothing(desk: Desk) -> None:
    listeners = Listeners()
    assert listeners.authenticate({}) is None
    assert listeners.authenticate({"goodword_session": "made up"}) is None
    client = Client()
    client.login(username=desk.priya.email, password=PASSWORD)
    cookies = {"goodword_session": client.cookies["goodword_session"].value}
    desk.priya.set_password("another password here")
    desk.priya.save()
    assert listeners.authenticate(cookies) is None


def test_a_revoked_member_hears_nothing_from_the_next_nudge_on(desk: Desk) -> None:
    listeners = Listeners()
    viewer = _listener(desk, "dele", listeners)
    assert viewer is not None
    cursor, _none = read_since(None)
    revoke(desk.dele, by=desk.olu)
    desk.heard()
    _cursor, nudges = read_since(cursor)
    heard = [nudge for nudge in nudges if listeners.sees(viewer, nudge)]
    assert heard == []


def test_late_commits_are_read_once(desk: Desk) -> None:
    """On PostgreSQL a lower id may appear after a higher one."""
    from goodword.journal.models import Entry

    case = desk.heard()
    cursor, _none = read_since(None)
    last = case.entries.latest("pk")
    fields = {
        field.attname: getattr(last, field.attname)
        for field in Entry._meta.concrete_fields
        if field.name != "id"
    }
    fields |= {"seq": last.seq + 1, "at": now()}
    Entry.objects.create(pk=last.pk + 2, **fields)
    cursor, nudges = read_since(cursor)
    assert nudges
    Entry.objects.create(pk=last.pk + 1, **{**fields, "seq": last.seq + 2})
    cursor, nudges = read_since(cursor)
    assert [nudge.name for nudge in nudges] == ["case", "inbox", "promises"]


def test_a_notification_nudges_its_member_and_nobody_else(desk: Desk) -> None:
    listeners = Listeners()
    viewers = {name: _listener(desk, name, listeners) for name in ("priya", "jonas")}
    desk.heard()
    cursor, _none = read_since(None)
    catch_up()
    _cursor, nudges = read_since(cursor)
    assert [nudge.topic for nudge in nudges] == [f"told:{desk.priya.pk}"]
    heard = {name: listeners.sees(str(key), nudges[0]) for name, key in viewers.items()}
    assert heard == {"priya": True, "jonas": False}
