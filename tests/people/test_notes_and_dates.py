"""Notes that keep every text they had, and dates that put a case before its equal."""

from datetime import date

import pytest

from goodword.cases.models import Case
from goodword.core.refusals import Refused
from goodword.core.time import now
from goodword.journal.models import Entry
from goodword.journal.sealing import damage
from goodword.people.knowing import known_of
from goodword.people.models import CriticalDate, PinnedNote
from goodword.people.models.dates import Repeats, near_of, roll, today
from goodword.people.models.notes import SomebodyRewrote
from tests.cast import Desk


def texts(note: PinnedNote) -> list[str]:
    return [version.text for version in note.history()]


def test_every_text_of_a_note_is_kept_with_who_and_when(desk: Desk) -> None:
    first = PinnedNote.pin(desk.ellen, "Deaf in the left ear.", by=desk.priya)
    desk.later(days=1)
    second = first.rewrite("Deaf in the right ear.", by=desk.marta)
    assert texts(first) == texts(second) == ["Deaf in the right ear.", "Deaf in the left ear."]
    assert [note.text for note in known_of(desk.ellen).notes] == ["Deaf in the right ear."]
    assert second.rewrite("Deaf in the right ear.", by=desk.priya) == second
    third = second.rewrite(first.text, by=desk.priya)
    assert texts(third)[0] == "Deaf in the left ear." and len(texts(third)) == 3
    assert not list(damage())
    assert Entry.objects.filter(kind="note_rewritten").count() == 2


def test_who_was_second_gets_both_texts_and_loses_nothing(desk: Desk) -> None:
    note = PinnedNote.pin(desk.ellen, "Rings at nine.", by=desk.priya)
    mine, theirs = (PinnedNote.objects.get(pk=note.pk) for _ in range(2))
    newest = theirs.rewrite("Rings at ten.", by=desk.marta)
    with pytest.raises(SomebodyRewrote) as refusal:
        mine.rewrite("Rings at eleven.", by=desk.dele)
    assert refusal.value.newest == newest
    assert newest.rewrite("Rings at eleven.", by=desk.dele).text == "Rings at eleven."


def test_a_note_that_was_taken_down_is_not_put_up_again_by_accident(desk: Desk) -> None:
    note = PinnedNote.pin(desk.ellen, "Rings at nine.", by=desk.priya)
    mine = PinnedNote.objects.get(pk=note.pk)
    note.take_down(by=desk.marta)
    with pytest.raises(SomebodyRewrote):
        mine.rewrite("Rings at ten.", by=desk.dele)
    assert known_of(desk.ellen).notes == []
    mine.rewrite("Rings at ten.", by=desk.dele, again=True)
    assert len(known_of(desk.ellen).notes) == 1


def test_what_is_known_comes_with_one_question(
    desk: Desk, django_assert_num_queries: pytest.fixture
) -> None:
    account = desk.ellen.account
    assert account is not None
    PinnedNote.pin(desk.ellen, "One.", by=desk.priya)
    PinnedNote.pin(account, "Of the account.", by=desk.priya)
    CriticalDate.set(account, "Audit", date(2026, 11, 30), by=desk.priya, note="Auditors in")
    CriticalDate.set(desk.ellen, "Holiday", date(2026, 11, 21), by=desk.priya)
    with django_assert_num_queries(1):
        known = known_of(desk.ellen)
    assert [(note.text, note.by.given) for note in known.notes] == [("One.", "Priya")]
    [first, second] = known.dates
    assert (first.name, first.next_on, first.is_near) == ("Holiday", date(2026, 11, 21), True)
    assert (second.name, second.account.name, second.note) == (
        "Audit", "Whitcombe Consulting", "Auditors in",
    )  # fmt: skip
    assert [note.text for note in known_of(account).notes] == ["Of the account."]


@pytest.mark.parametrize(
    ("first_on", "repeats", "day", "comes"),
    [
        ("2026-11-25", "once", "2026-12-01", "2026-11-25"),
        ("2026-01-31", "monthly", "2026-02-10", "2026-02-28"),
        ("2026-01-25", "monthly", "2026-11-19", "2026-11-25"),
        ("2026-01-25", "monthly", "2026-12-26", "2027-01-25"),
        ("2024-02-29", "yearly", "2026-03-01", "2027-02-28"),
        ("2024-02-29", "yearly", "2027-03-01", "2028-02-29"),
        ("2026-12-31", "monthly", "2027-01-01", "2027-01-31"),
    ],
)
def test_a_date_comes_again(first_on: str, repeats: str, day: str, comes: str) -> None:
    each = CriticalDate(first_on=date.fromisoformat(first_on), repeats=repeats)
    assert each.next_after(date.fromisoformat(day)) == date.fromisoformat(comes)


def test_a_day_that_is_over_is_refused_once_and_rolled_on_else(desk: Desk) -> None:
    with pytest.raises(Refused, match="PAST"):
        CriticalDate.set(desk.ellen, "Payroll", date(2026, 11, 1), by=desk.priya)
    monthly = CriticalDate.set(
        desk.ellen, "Payroll", date(2026, 10, 20), by=desk.priya, repeats=Repeats.MONTHLY
    )
    assert monthly.next_on == date(2026, 11, 20)
    desk.later(days=5)
    assert roll(today()) == 1 and roll(today()) == 0
    monthly.refresh_from_db()
    assert monthly.next_on == date(2026, 12, 20)
    assert monthly.end(by=desk.priya) and not monthly.end(by=desk.priya)
    assert monthly.bring_back(by=desk.priya)


def ours(desk: Desk) -> list[Case]:
    return list(Case.objects.ours().by_urgency())


def test_a_case_near_a_deadline_stands_above_its_equal(desk: Desk) -> None:
    """R08; and broken promises and dues go before it all the same (R07)."""
    plain, dated = desk.heard(desk.daniel), desk.heard(desk.ellen)
    Case.objects.update(next_due=now())
    assert ours(desk) == [plain, dated]
    far = CriticalDate.set(desk.ellen, "Move", date(2026, 11, 23), by=desk.priya)
    assert ours(desk) == [plain, dated]
    assert near_of([desk.ellen]) == {}
    assert desk.ellen.account is not None
    near = CriticalDate.set(desk.ellen.account, "Audit", date(2026, 11, 22), by=desk.priya)
    assert ours(desk) == [dated, plain]
    assert near_of([desk.ellen, desk.daniel]) == {desk.ellen.pk: near}
    Case.objects.filter(pk=plain.pk).update(has_broken=True)
    assert ours(desk) == [plain, dated]
    near.end(by=desk.priya)
    Case.objects.update(has_broken=False)
    assert ours(desk) == [plain, dated]
    desk.later(days=1)
    assert ours(desk) == [dated, plain] and far.is_near
