"""Several at once: each thing happens once, whoever is quicker. On SQLite and on PostgreSQL."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, transaction

from goodword.cases.models import Case
from goodword.core.refusals import Refused
from goodword.journal.models import Entry
from goodword.journal.sealing import damage, seal
from goodword.promises.models import Promise
from goodword.worker.tick import tick
from tests.cast import Desk, gather


@pytest.fixture
def shared(transactional_db: None) -> Desk:
    """The cast in a database that other connections see."""
    return gather()


def together(*acts: Callable[[], Any]) -> list[Any]:
    """Run them in threads that start at one moment; what each gave, or raised."""
    start, results = threading.Barrier(len(acts)), [None] * len(acts)

    def run(number: int, act: Callable[[], Any]) -> None:
        start.wait()
        try:
            results[number] = act()
        except Exception as error:
            results[number] = error  # type: ignore[call-overload]
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


@pytest.mark.parametrize("workers", [4])
def test_four_ticks_break_two_hundred_promises_once_each(shared: Desk, workers: int) -> None:
    with transaction.atomic():
        for _number in range(100):
            shared.heard()
    assert Promise.objects.open().count() == 200
    shared.at("2026-11-23 10:00")
    results = together(*[tick] * workers)
    assert [each for each in results if isinstance(each, Exception)] == []
    assert sum(each["broken"] for each in results) == 200
    broken = Entry.objects.filter(kind="promise_broken")
    assert broken.count() == 200
    assert len({entry.facts["promise"] for entry in broken}) == 200
    assert Case.objects.filter(has_broken=True, move="ours").count() == 100
    assert list(damage()) == []
    assert tick()["broken"] == 0


def test_an_answer_and_the_tick_at_once_leave_one_outcome(shared: Desk) -> None:
    for _number in range(10):
        case = shared.heard()
        shared.at("2026-11-23 10:00")
        together(tick, lambda case=case: shared.asked(case))
        assert set(case.promises.filter(kind="reply").values_list("state", flat=True)) == {
            "kept_late"
        }
        assert case.entries.filter(kind="promise_kept_late").count() == 2
        broken = case.entries.filter(kind="promise_broken")
        assert len({entry.facts["promise"] for entry in broken}) == broken.count() <= 2
        shared.at("2026-11-19 16:33")
    assert list(damage()) == []


def test_two_who_take_a_case_at_once_are_one_owner_and_one_who_is_told(shared: Desk) -> None:
    for _number in range(10):
        case = shared.heard()
        first, second = together(
            lambda case=case: Case.objects.get(pk=case.pk).take(by=shared.dele),
            lambda case=case: Case.objects.get(pk=case.pk).take(by=shared.marta),
        )
        assert {type(first), type(second)} == {bool, Refused}
        assert case.entries.filter(kind="taken").count() == 1


def test_two_who_answer_at_once_leave_both_texts_and_tell_the_second(shared: Desk) -> None:
    for _number in range(10):
        case = shared.heard()
        seen = case.newest_message_id()
        results = together(*[
            lambda case=case, by=by, seen=seen: Case.objects.get(pk=case.pk).reply(
                by=by, text=f"I am {by.name}", then="ask", seen=seen)
            for by in (shared.dele, shared.marta)
        ])  # fmt: skip
        told = [each for each in results if isinstance(each, Refused)]
        assert len(told) == 1 and told[0].code == "COLLISION"
        assert case.messages.filter(direction="out").count() == 1


def test_four_customers_in_one_case_and_a_seal_keep_the_chain(shared: Desk) -> None:
    case = shared.heard()

    def writes() -> None:
        for _number in range(5):
            Case.objects.get(pk=case.pk).hear(shared.ellen, "More")

    def seals() -> None:
        for _number in range(5):
            seal()

    results = together(writes, writes, writes, seals, seals)
    assert [each for each in results if isinstance(each, Exception)] == []
    assert case.messages.count() == 16
    assert case.promises.open().count() == 2
    shared.later(minutes=1)
    seal()
    assert list(damage()) == []
