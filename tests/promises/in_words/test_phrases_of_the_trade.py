"""What people say when they say when, and the instant that it means in business hours."""

from datetime import datetime

import pytest

from tests.promises.in_words.hours import HOURS, LONDON, WITH_LUNCH, only, wall

# Said on Wednesday 18 November 2026 at 11:05, open Monday to Friday from nine to five.
SAID = [
    ("I'll get back to you within two business days.", "Fri 20 Nov 17:00"),
    ("You will have it by COB.", "Wed 18 Nov 17:00"),
    ("I'll look into it and let you know by EOD.", "Wed 18 Nov 17:00"),
    ("I'll send the quote by the end of the week.", "Fri 20 Nov 17:00"),
    ("I will call you first thing in the morning.", "Thu 19 Nov 10:00"),
    ("I'll ring you first thing on Monday.", "Mon 23 Nov 10:00"),
    ("Your laptop will be ready in 3–5 working days.", "Wed 25 Nov 17:00"),
    ("We'll ring you back within the hour.", "Wed 18 Nov 12:05"),
    ("We will visit you on the 14th.", "Mon 14 Dec 17:00"),
    ("I'll call you at 4.", "Wed 18 Nov 16:00"),
    ("I'll call you by 10.", "Thu 19 Nov 10:00"),
    ("It's a one day install.", "Thu 19 Nov 17:00"),
    ("I'll have an answer for you by lunchtime.", "Wed 18 Nov 12:00"),
    ("We'll be with you before you open on Monday.", "Mon 23 Nov 09:00"),
    ("The technician will be with you between 2 and 4 pm on Friday.", "Fri 20 Nov 16:00"),
    ("We aim to reply within 24 hours.", "Thu 19 Nov 11:05"),
    ("I'll ring you at half past nine on Monday.", "Mon 23 Nov 09:30"),
    ("You'll hear from me by noon tomorrow.", "Thu 19 Nov 12:00"),
    ("Expect my call at 10:30.", "Thu 19 Nov 10:30"),
    ("I'll be in touch next week.", "Fri 27 Nov 17:00"),
    ("I'll be in touch early next week.", "Tue 24 Nov 17:00"),
    ("I'll email you this afternoon.", "Wed 18 Nov 17:00"),
    ("I'll call you back in half an hour.", "Wed 18 Nov 11:35"),
    ("We'll replace it by the end of the month.", "Mon 30 Nov 17:00"),
    ("I will send you the contract before Friday.", "Thu 19 Nov 17:00"),
    ("We'll deliver it on Monday the 21st.", "Mon 21 Dec 17:00"),
    ("I'll call you on 24/11 at 9.30.", "Tue 24 Nov 09:30"),
    ("We'll refund you in a fortnight.", "Wed 02 Dec 11:05"),
]


@pytest.mark.parametrize(("text", "due"), SAID, ids=[text for text, _ in SAID])
def test_a_phrase_means_this_instant(text, due):
    assert wall(only(text).due) == due


LATER = [
    # On a Friday at 16:40 there are twenty minutes left until Monday.
    ("I'll call you within the hour.", "Mon 23 Nov 09:40"),
    ("I'll call you by COB.", "Fri 20 Nov 17:00"),
    ("I'll call you first thing in the morning.", "Mon 23 Nov 10:00"),
    ("I'll call you at 4.", "Mon 23 Nov 16:00"),
    ("I'll send it by lunchtime.", "Mon 23 Nov 12:00"),
    ("I'll send it by the end of the week.", "Fri 20 Nov 17:00"),
    ("We'll do it within two business days.", "Tue 24 Nov 17:00"),
]


@pytest.mark.parametrize(("text", "due"), LATER, ids=[text for text, _ in LATER])
def test_what_no_longer_fits_into_today_goes_to_the_next_business_day(text, due):
    friday = datetime(2026, 11, 20, 16, 40, tzinfo=LONDON)
    assert wall(only(text, friday).due) == due


def test_a_named_day_stays_that_day_though_we_are_closed_on_it():
    assert wall(only("We'll swap it on Saturday.").due) == "Sat 21 Nov 17:00"


def test_a_holiday_is_no_business_day():
    eve = datetime(2026, 12, 24, 10, 0, tzinfo=LONDON)
    found = only("I'll get back to you within two business days.", eve)
    assert wall(found.due) == "Wed 30 Dec 17:00"


def test_lunchtime_is_when_the_break_begins():
    found = only("I'll call you by lunchtime.", hours=WITH_LUNCH)
    assert wall(found.due, WITH_LUNCH) == "Wed 18 Nov 12:30"


def test_a_window_has_two_ends():
    found = only("We will deliver the printer on 3 December between 9 and 11.")
    assert (wall(found.opens), wall(found.due)) == ("Thu 03 Dec 09:00", "Thu 03 Dec 11:00")
    assert found.form and found.form.startswith("arrival_window:2026-12-03T09:00")


def test_a_date_in_figures_is_read_as_people_there_write_it():
    american = type(HOURS).from_data(
        {"zone": "America/New_York", "hours": {"mon-fri": [["09:00", "17:00"]]}}
    )
    assert wall(only("I'll send it on 12/1/2026.").due) == "Mon 12 Jan 17:00"
    assert wall(only("I'll send it on 12/1/2026.", hours=american).due, american) == (
        "Tue 01 Dec 17:00"
    )


@pytest.mark.parametrize(
    "text",
    [
        "We'll get back to you shortly.",
        "I'll call you soon.",
        "I'll send it ASAP.",
        "I'll escalate this right away.",
        "I will update you as soon as I hear from the supplier.",
    ],
)
def test_a_vague_time_is_named_as_vague_and_has_no_instant(text):
    found = only(text)
    assert found.vague
    assert found.when
    assert found.due is None


@pytest.mark.parametrize(
    "text", ["I'll call you on the 32nd of May at 25:70.", "I'll do it by 31/02."]
)
def test_a_time_that_cannot_be_gives_no_instant(text):
    assert only(text).due is None
