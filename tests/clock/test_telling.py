"""The sentence under a due time."""

from datetime import timedelta

from goodword.clock import due, explain, shift, tell
from tests.clock.schedules import LONDON, NEW_YORK, at


def told(form, schedule, start):
    return tell(explain(at(start), due(form, at(start), schedule).at, schedule))


def test_the_stretches_that_counted_are_named_on_the_wall_of_the_business():
    assert told("within:60", LONDON, "2026-06-10T12:00+01:00") == (
        "1 h of open time (Wed 10 Jun 12:00–12:30, Wed 10 Jun 13:30–14:00). Due Wed 10 Jun 14:00."
    )


def test_a_holiday_is_named_and_a_weekend_is_said_once():
    assert told("within:30", LONDON, "2026-12-24T16:45+00:00") == (
        "30 min of open time (Thu 24 Dec 16:45–17:00, Tue 29 Dec 09:00–09:15);"
        " not counted: Fri 25 Dec, the weekend, Boxing Day (observed) (Mon 28 Dec)."
        " Due Tue 29 Dec 09:15."
    )


def test_many_days_are_added_up():
    start = at("2026-06-01T09:00-04:00")
    sentence = tell(explain(start, shift(start, timedelta(hours=80), NEW_YORK), NEW_YORK))
    assert sentence.startswith("80 h of open time, from Mon 1 Jun to Fri 12 Jun; not counted:")


def test_nothing_open_between_is_said():
    start = at("2026-06-13T10:00-04:00")
    sentence = tell(explain(start, at("2026-06-14T10:00-04:00"), NEW_YORK))
    assert sentence.startswith("No open time lies between; not counted: the weekend.")


def test_the_patterns_can_be_put_into_another_language():
    start = at("2026-06-10T16:30-04:00")
    found = explain(start, due("within:30", start, NEW_YORK).at, NEW_YORK)
    german = {"Wed": "Mi.", "%(counted)s. Due %(due)s.": "%(counted)s. Fällig %(due)s."}
    assert tell(found, lambda text: german.get(text, text)).endswith("Fällig Mi. 10 Jun 17:00.")
