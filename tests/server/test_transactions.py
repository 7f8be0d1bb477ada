"""What is known of a transaction is known as long as it stands, and no longer."""

from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from goodword.cases.models import Case
from goodword.core.transactions import in_this_transaction
from goodword.journal.models import Entry
from goodword.journal.recording import record
from goodword.journal.sealing import damage
from tests.cast import Desk


class Slip(Exception):
    pass


def kept() -> list[str]:
    return in_this_transaction("default", "words", list[str])


@pytest.mark.django_db(transaction=True)
def test_it_ends_with_the_transaction_and_with_a_savepoint_that_is_taken_back() -> None:
    kept().append("outside, nothing is kept")
    assert kept() == []
    for ends in (None, Slip):
        with pytest.raises(Slip) if ends else transaction.atomic(), transaction.atomic():
            kept().append("one")
            with transaction.atomic():
                kept().append("two")
            assert kept() == ["one", "two"]
            with pytest.raises(Slip), transaction.atomic():
                kept().append("three")
                raise Slip
            assert kept() == []
            kept().append("four")
            if ends:
                raise ends
        assert kept() == []
    with transaction.atomic():
        assert kept() == []


def noted(case: Case | None, times: int = 1) -> None:
    for _ in range(times):
        record(case, "noted", by="system")


@pytest.mark.django_db
def test_a_chain_is_whole_whoever_adds_and_whatever_is_taken_back(desk: Desk) -> None:
    one, two = desk.heard(text="One"), desk.heard(text="Two")
    with transaction.atomic():
        noted(one)
        noted(Case.objects.get(pk=one.pk))
        with pytest.raises(Slip), transaction.atomic():
            noted(one, 3)
            noted(two)
            raise Slip
        noted(two, 2)
        with transaction.atomic():
            noted(one)
        noted(one)
        noted(None, 2)
    for case, added in ((one, 4), (two, 2)):
        chain = list(case.entries.order_by("id"))
        assert [each.seq for each in chain] == list(range(1, len(chain) + 1))
        assert [each.previous for each in chain[1:]] == [each.hash for each in chain[:-1]]
        assert [each.kind for each in chain[-added:]] == ["noted"] * added
    assert not list(damage())


@pytest.mark.django_db
def test_the_end_of_a_chain_is_asked_for_once(desk: Desk) -> None:
    case: Any = desk.heard(text="One")
    with transaction.atomic(), CaptureQueriesContext(connection) as asked:
        noted(case, 5)
    assert sum("SELECT" in each["sql"] and "journal_entry" in each["sql"] for each in asked) <= 1
    assert Entry.objects.filter(case=case, kind="noted").count() == 5
