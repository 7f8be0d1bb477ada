"""The index grows where it is asked, and stops where there is nothing to find."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from goodword.clock import (
    Index,
    Schedule,
    ScheduleError,
    between,
    due,
    is_open,
    next_business_day,
    next_opening,
    previous_closing,
    shift,
)
from goodword.clock.instants import to_instant
from tests.clock.schedules import LONDON, at

ONE_MORNING = Schedule.from_data({"zone": "UTC", "special": {"2026-06-13": [["10:00", "12:00"]]}})


def test_the_order_of_questions_changes_no_answer():
    early, late = to_instant(at("1995-02-01T10:00Z")), to_instant(at("2041-03-01T10:00Z"))
    middle = to_instant(at("2026-06-10T10:00Z"))
    answers = []
    for order in ([early, middle, late], [late, middle, early], [middle, late, early]):
        index = Index(LONDON)
        for instant in order:
            index.is_open(instant)
        answers.append((index.between(early, late), index.forward(early, 10**15)))
    assert len(set(answers)) == 1
    assert index.between(early, middle) + index.between(middle, late) == answers[0][0]


def test_many_may_ask_a_new_index_at_once():
    index, start = Index(LONDON), to_instant(at("2026-06-10T10:00Z"))
    amounts = [number * 10**12 for number in range(-300, 300)]

    def there(amount):
        return index.forward(start, amount) if amount >= 0 else index.backward(start, -amount)

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(there, amounts))
    assert [index.between(start, each) for each in found] == amounts


def test_time_runs_backwards_as_a_negative_length():
    a, b = at("2026-06-12T16:00+01:00"), at("2026-06-15T10:00+01:00")
    assert between(b, a, LONDON) == -between(a, b, LONDON) == -timedelta(hours=2)


def test_a_schedule_that_has_ended_says_so_instead_of_searching_for_ever():
    after = at("2026-06-13T12:00Z")
    for ask in (
        lambda: next_opening(after, ONE_MORNING),
        lambda: due("within:121", at("2026-06-13T10:00Z"), ONE_MORNING),
        lambda: due("acknowledge", after, ONE_MORNING),
        lambda: next_business_day(after, ONE_MORNING),
        lambda: previous_closing(at("2026-06-13T09:00Z"), ONE_MORNING),
        lambda: shift(after, -timedelta(hours=3), ONE_MORNING),
    ):
        with pytest.raises(ScheduleError, match="has no more opening hours"):
            ask()


def test_the_last_minute_of_a_schedule_is_still_found():
    start = at("2020-01-01T00:00Z")
    assert due("within:120", start, ONE_MORNING).at == at("2026-06-13T12:00Z")
    assert shift(at("2030-01-01T00:00Z"), -timedelta(hours=2), ONE_MORNING) == at(
        "2026-06-13T10:00Z"
    )


@pytest.mark.parametrize("moment", ["1700-06-10T10:00Z", "2500-06-10T10:00Z", "9999-12-31T23:59Z"])
def test_a_time_out_of_all_reason_is_refused(moment):
    with pytest.raises(ScheduleError, match="from the year 1800 to 2400"):
        is_open(at(moment), LONDON)


def test_a_length_out_of_all_reason_is_refused():
    with pytest.raises(ScheduleError, match="from the year 1800 to 2400"):
        due("within:99999999", at("2026-06-10T10:00Z"), LONDON)
