"""Nothing in the journal can be edited, taken out, put in or put elsewhere unseen."""

import re
from datetime import timedelta, timezone

import pytest
from django.db import connection, transaction
from django.db.models import F
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from goodword.cases.models import Case, CustomerAct, Message, Verdict
from goodword.core.time import clock, now
from goodword.journal.models import Entry, Seal
from goodword.journal.recording import record
from goodword.journal.sealing import damage, seal, seal_due
from goodword.people.models import PinnedNote
from tests.cast import Desk, gather

COLUMNS = {
    "at": timedelta(seconds=1), "kind": "noted", "actor": "system", "facts": {"message": 999},
    "digests": {"message:1": "0" * 64}, "previous": "f" * 64, "hash": "e" * 64, "seq": 77,
    "chain": "case:77", "member_id": None, "customer_id": None, "case_id": None,
}  # fmt: skip


def history(desk: Desk) -> Case:
    """A case with a life, sealed twice."""
    case = desk.answered()
    case.note("Looks like the switch.", by=desk.dele)
    desk.later(minutes=1)
    assert seal() is not None
    case.hear(desk.ellen, "All fine, thank you.")
    act = CustomerAct.in_words(desk.last(case), "All fine, thank you.", marked_by=desk.priya)
    case.settle(act, degree="good")
    PinnedNote.pin(desk.ellen, "Deaf in the left ear", by=desk.priya)
    desk.heard(desk.daniel)
    desk.later(minutes=1)
    assert seal() is not None
    assert list(damage()) == []
    return case


def entries() -> list[int]:
    return list(Entry.objects.order_by("id").values_list("id", flat=True))


def test_every_edit_of_every_column_of_every_entry_is_found(desk: Desk) -> None:
    history(desk)
    tried = 0
    for pk in entries():
        for column, value in COLUMNS.items():
            with transaction.atomic():
                row = Entry.objects.filter(pk=pk)
                old = row.values_list(column, flat=True)[0]
                new = old + value if isinstance(value, timedelta) else value
                if new != old:
                    row.update(**{column: new})
                    assert list(damage()), (column, pk)
                    tried += 1
                transaction.set_rollback(True)
    assert tried > 150


def test_every_entry_that_is_taken_out_is_found(desk: Desk) -> None:
    history(desk)
    for pk in entries():
        with transaction.atomic():
            Entry.objects.filter(pk=pk).delete()
            assert list(damage()), pk
            transaction.set_rollback(True)


def test_a_whole_chain_that_is_taken_out_is_found(desk: Desk) -> None:
    history(desk)
    chains = set(Entry.objects.values_list("chain", flat=True))
    assert len(chains) == 3
    for chain in chains:
        with transaction.atomic():
            Entry.objects.filter(chain=chain).delete()
            assert list(damage()), chain
            transaction.set_rollback(True)


def test_an_entry_that_is_put_in_is_found(desk: Desk) -> None:
    history(desk)
    for pk in entries():
        with transaction.atomic():
            forged = Entry.objects.get(pk=pk)
            later = Entry.objects.filter(chain=forged.chain, seq__gt=forged.seq)
            later.update(seq=F("seq") + 1000)
            forged.pk, forged.seq, forged.previous = None, forged.seq + 1, forged.hash
            forged.facts = {"forged": True}
            forged.hash = forged.computed_hash()
            forged.save(force_insert=True)
            Entry.objects.filter(chain=forged.chain, seq__gt=1000).update(seq=F("seq") - 999)
            assert list(damage()), pk
            transaction.set_rollback(True)


def test_a_chain_that_is_written_anew_with_good_hashes_does_not_fit_its_seal(desk: Desk) -> None:
    history(desk)
    chain = "case:" + str(Case.objects.order_by("id")[0].pk)
    previous = "0" * 64
    for entry in Entry.objects.filter(chain=chain).order_by("seq"):
        entry.facts = {**entry.facts, "rewritten": True}
        entry.previous = previous
        entry.hash = previous = entry.computed_hash()
        entry.save()
    found = list(damage())
    assert found and all(line.startswith("Seal") for line in found)


def test_two_entries_that_change_places_are_found(desk: Desk) -> None:
    case = history(desk)
    one, two = Entry.objects.filter(case=case).order_by("seq")[2:4]
    Entry.objects.filter(pk=one.pk).update(seq=9999)
    Entry.objects.filter(pk=two.pk).update(seq=one.seq)
    Entry.objects.filter(pk=one.pk).update(seq=two.seq)
    assert list(damage())


@pytest.mark.parametrize("column", ["at", "count", "previous", "hash"])
def test_an_edited_seal_is_found(desk: Desk, column: str) -> None:
    history(desk)
    new = {"at": now() - timedelta(days=1), "count": 3, "previous": "a" * 64, "hash": "b" * 64}
    Seal.objects.filter(pk=Seal.objects.order_by("id")[0].pk).update(**{column: new[column]})
    assert list(damage())


def test_an_entry_that_is_moved_from_its_seal_is_found(desk: Desk) -> None:
    history(desk)
    first, second = Seal.objects.order_by("id")
    Entry.objects.filter(pk=first.entries.order_by("id")[0].pk).update(seal=second)
    assert len(list(damage())) == 2
    Entry.objects.filter(seal=second).update(seal=None)
    assert list(damage())


def test_words_that_are_not_those_of_their_entry_are_found(desk: Desk) -> None:
    case = history(desk)
    changes = [
        (Message, {"text": "I never wrote this."}), (Verdict, {"degree": "flawless"}),
        (PinnedNote, {"text": "Hears everything"}), (case.promises.model, {"text": "Nothing"}),
    ]  # fmt: skip
    for model, change in changes:
        for pk in model._base_manager.values_list("pk", flat=True):
            with transaction.atomic():
                model._base_manager.filter(pk=pk).update(**change)
                assert any(f"{model.__name__} {pk}" in line for line in damage())
                transaction.set_rollback(True)


def test_an_entry_says_nothing_of_the_words(desk: Desk) -> None:
    case = history(desk)
    for entry in Entry.objects.all():
        for message in case.messages.all():
            assert message.text not in str(entry.facts) + str(entry.digests)


def test_an_instant_of_any_zone_hashes_as_it_is_read_back(desk: Desk) -> None:
    case = desk.heard()
    there = timezone(timedelta(hours=10, minutes=30))
    case.hear(desk.ellen, "From Lord Howe", at=clock.now().astimezone(there))
    assert list(damage()) == []


def test_an_entry_outside_a_transaction_is_refused(desk: Desk) -> None:
    case = desk.heard()
    was = connection.in_atomic_block
    connection.in_atomic_block = False
    try:
        with pytest.raises(AssertionError):
            record(case, "noted", by="system")
    finally:
        connection.in_atomic_block = was


def test_an_unknown_kind_is_refused(desk: Desk) -> None:
    with pytest.raises(KeyError):
        record(None, "closed", by="system")


def test_a_seal_takes_what_came_since_the_last_one_and_nothing_twice(desk: Desk) -> None:
    desk.heard()
    desk.later(minutes=1)
    first = seal()
    assert first is not None and seal() is None
    desk.heard(desk.daniel)
    assert seal() is None  # the latest entries are left for the next seal
    desk.later(minutes=1)
    second = seal()
    assert second is not None
    assert first.count + second.count == Entry.objects.count()
    assert (second.previous, first.previous) == (first.hash, "0" * 64)


def test_only_a_full_seal_is_followed_by_the_next_at_once(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else a desk at work would commit a seal for each few entries, one after the other."""
    desk.heard()
    desk.later(minutes=1)
    monkeypatch.setattr("goodword.journal.sealing.OF_ONE_SEAL", Entry.objects.count() - 1)
    assert [seal_due(), seal_due(), seal_due()] == [True, False, False]
    assert not Entry.objects.filter(seal=None).exists()
    assert not list(damage())


def test_seals_of_any_size_are_few_statements(desk: Desk) -> None:
    """Else each size is one more that is kept: a desk at work grew by megabytes an hour."""
    case, sizes = desk.heard(), set()
    for notes in (4, 6, 2):
        for number in range(notes):
            case.note(f"Note {number}.", by=desk.dele)
        desk.later(minutes=1)
        with CaptureQueriesContext(connection) as asked:
            assert seal()
        bound = [each["sql"] for each in asked if "SET" in each["sql"] and " IN (" in each["sql"]]
        sizes |= {re.sub(r".* IN ", "", sql).count(",") + 1 for sql in bound}
    assert sizes
    assert sizes <= {1, 2, 4, 8, 16}
    assert not Entry.objects.filter(seal=None).exists()
    assert not list(damage())


def test_any_damage_is_found(db: None) -> None:
    desk = gather()
    history(desk)
    pks = entries()

    @settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
    @given(
        st.lists(st.tuples(st.sampled_from(pks), st.sampled_from(["facts", "kind", "hash", "out"])),
                 min_size=1, max_size=4, unique=True),
        st.text("abcdef0123456789", min_size=64, max_size=64),
    )  # fmt: skip
    def found(harms: list[tuple[int, str]], junk: str) -> None:
        with transaction.atomic():
            for pk, harm in harms:
                row = Entry.objects.filter(pk=pk)
                if harm == "out":
                    row.delete()
                else:
                    row.update(**{harm: {"junk": junk} if harm == "facts" else junk[:40]})
            assert list(damage())
            transaction.set_rollback(True)

    found()
