"""Which sentences give our word, and which only sound like it."""

import pytest

from goodword.promises.in_words import find
from tests.promises.in_words.hours import HOURS, WEDNESDAY, only

ORDINARY = """Thank you for your patience.
I am sorry that your order was delayed.
Could you tell me your order number?
Please restart the router and let me know whether the light turns green.
The invoice was sent on Monday.
I have checked your account and everything looks fine.
You can find the form on our website under Downloads.
We received your message this morning.
Our office is open from 9 to 5.
Your parcel left our warehouse yesterday.
I understand how annoying that must have been.
Would you like me to book a visit for Tuesday?
The part costs 45 pounds including delivery.
Have a good weekend!
If the light stays red, unplug the device for 30 seconds.
Yes, the warranty covers that.
I called you at 10 but could not reach you.
Do you still need the second licence?
The engineer was at your office on Friday at 3.
You should see the setting under Account, then Security.
It usually takes two minutes to start.
Our technician found a broken cable behind the desk.
You are right, that should not have happened.
We have been working with this supplier since March.
Please reply with a photo of the label by Friday so that we can compare.
I hope this helps.
That model is no longer made.
We close at 5 on Fridays.
The meeting with your manager went well today.
Which of the two appointments suits you better?
I would be happy to help with anything else.
Your contract runs until the end of the year.
The backup ran at 02:00 and finished without errors.
Nobody should have to wait that long.
As agreed on the phone, the price is unchanged.
You will need your customer number for that.
The update was installed on 14 October.
This is a known problem with that printer.
We look forward to seeing you next week.
Kind regards, Priya""".splitlines()


def test_ordinary_sentences_do_not_light_up():
    lit = [text for text in ORDINARY if find(text, WEDNESDAY, HOURS)]
    assert len(ORDINARY) == 40
    assert lit == []


GIVEN = [
    ("I'll have Marta ring you before lunch tomorrow.", "task_done"),
    ("You'll get the replacement on Tuesday.", "task_done"),
    ("The plumber will be at your place between 8 and 10 tomorrow.", "arrival_window"),
    ("We will refund the 40 pounds within five working days.", "refund_paid"),
    ("Our accountant will write to you by 5 pm.", "next_update"),
    ("I shall let you know the result on Friday at the latest.", "next_update"),
    ("I promise to call you on Monday.", "callback"),
    ("I'll keep you posted.", "next_update"),
    ("We're going to replace the whole unit next week.", "resolution"),
    ("I'm sending a colleague over on Thursday morning.", "arrival_window"),
    ("We'll bring it back on Friday.", "custody_return"),
    ("Your refund will arrive in 5-7 business days.", "refund_paid"),
    ("Jonas will call you on Monday at 9.", "callback"),
    ("Your new keyboard ships tomorrow.", "task_done"),
    ("One day install, no problem.", "task_done"),
]


@pytest.mark.parametrize(("text", "kind"), GIVEN, ids=[text for text, _ in GIVEN])
def test_a_sentence_that_gives_our_word_is_found_with_its_kind(text, kind):
    assert only(text).kind == kind


@pytest.mark.parametrize(
    "text",
    [
        "I won't call you tomorrow.",
        "I will not send it by Friday.",
        "Shall I call you tomorrow?",
        "Will you call me tomorrow?",
        "You said you will call me on Friday.",
        "I will be out of the office on Monday.",
        "I'll be in Houston for the next three weeks if you want to talk to me.",
        "I will need you to sign by Friday.",
        "> I'll call you tomorrow at 4.",
    ],
)
def test_a_refusal_a_question_and_other_peoples_words_are_not_our_word(text):
    assert find(text, WEDNESDAY, HOURS) == []


def test_two_promises_in_one_sentence_are_two():
    found = find("I'll call you tomorrow and send the invoice by Friday.", WEDNESDAY, HOURS)
    assert [(each.text, each.when) for each in found] == [
        ("I'll call you tomorrow", "tomorrow"),
        ("send the invoice by Friday.", "by Friday"),
    ]


def test_a_head_inside_another_promise_is_not_a_second_one():
    found = only("I will see to it that the invoice is corrected by tomorrow noon.")
    assert found.when == "by tomorrow noon"


def test_the_span_is_that_of_the_text():
    text = "Hello Ellen,\n\nthanks for the photo. I'll call you tomorrow at 10.\n\nPriya"
    found = only(text)
    assert text[found.start : found.end] == found.text == "I'll call you tomorrow at 10."


def test_the_customers_act_first_makes_it_less_sure():
    plain = only("I'll call you at 4.")
    asked = only("Please send me the photo and I'll call you at 4.")
    assert asked.confidence < plain.confidence


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "\x00",
        "I will " * 300,
        "1" * 5000,
        "I'll call you at " + "9" * 400,
        "’ll ’ll",
        "🙂" * 99,
        "as soon as the " * 300,
        "\n> a" * 500,
        "I'll call you in 99999999 years.",
        "\u202eI'll call you at 4",
    ],
)
def test_nothing_that_is_typed_makes_it_fail(text):
    for found in find(text, WEDNESDAY, HOURS):
        assert text[found.start : found.end] == found.text
