"""The closing sweep: who is on it, what three parts make, and how the day is closed by name."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from goodword import clock
from goodword.cases.acknowledging import Acknowledgement, Next, Parts, PartsMissing, next_noon
from goodword.cases.automatic import send_receipt
from goodword.cases.closing import close_day, end_exception, leave_for_later, open_day_again
from goodword.cases.models import Case, DayException, Message, TeamDay
from goodword.cases.replying import SomebodyAnswered
from goodword.cases.sameness import Text, alike
from goodword.cases.sweeping import Sweep, business_day
from goodword.core.refusals import Refused
from goodword.core.time import now
from goodword.journal.models import Entry
from goodword.notifying import telling
from goodword.notifying.models import Notification
from goodword.promises.models import Promise
from goodword.staff.models import Schedule, _compiled
from goodword.worker.tick import tick
from tests.cast import HOURS, Desk, london

NEW_YORK = {
    "zone": "America/New_York",
    "hours": {"mon-fri": [["09:00", "17:00"]]},
    "closed": ["2026-11-26", "2026-12-25"],
}


@pytest.fixture(autouse=True)
def _hours() -> Iterator[None]:
    """Hours are compiled once by their number, which the next test gives to others."""
    _compiled.cache_clear()
    yield
    _compiled.cache_clear()


def swept(desk: Desk) -> Sweep:
    return Sweep(desk.support, now())


def send(
    desk: Desk, case: Case, by: Any = None, reason: str = "", seen: int | None = None, **parts: Any
) -> Message:
    whole = {
        "received": "You ask whether the price that you agreed to still holds",
        "working": "Marta is reading your agreement now",
        "next": Next.FIRST_THING,
    }
    seen = case.newest_message_id() if seen is None else seen
    said = Parts(**{**whole, **parts})
    return Acknowledgement(case, by or desk.priya, said, seen=seen, reason=reason).commit()


def refused(act: Callable[[], object]) -> Refused:
    with pytest.raises(Refused) as caught:
        act()
    return caught.value


# Which day it is, and when it is swept


def at(hours: dict[str, Any], text: str) -> Any:
    schedule = clock.Schedule.from_data(hours)
    instant = datetime.fromisoformat(text).replace(tzinfo=schedule.zone_info)
    return business_day(instant, schedule)


def wall(instant: datetime, zone: str) -> str:
    return f"{instant.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M}"


@pytest.mark.parametrize(
    ("hours", "when", "sweep_from", "closes"),
    [
        (HOURS, "2026-11-19 12:00", "2026-11-19 16:30", "2026-11-19 17:00"),
        (HOURS, "2026-11-19 22:00", "2026-11-19 16:30", "2026-11-19 17:00"),
        (HOURS, "2026-11-20 08:59", "2026-11-19 16:30", "2026-11-19 17:00"),
        (HOURS, "2026-11-22 12:00", "2026-11-20 16:30", "2026-11-20 17:00"),  # a Sunday
        (HOURS, "2026-12-26 12:00", "2026-12-24 16:30", "2026-12-24 17:00"),  # holidays
        (NEW_YORK, "2026-03-09 10:00", "2026-03-09 16:30", "2026-03-09 17:00"),  # clocks changed
        (NEW_YORK, "2026-11-02 10:00", "2026-11-02 16:30", "2026-11-02 17:00"),
    ],
)
def test_the_day_is_the_one_that_began_last(
    hours: dict[str, Any], when: str, sweep_from: str, closes: str
) -> None:
    day = at(hours, when)
    zone = hours["zone"]
    assert (wall(day.sweep_from, zone), wall(day.closes, zone)) == (sweep_from, closes)


def test_a_break_is_not_the_close_and_its_minutes_are_no_time_to_write_in() -> None:
    lunch = {**HOURS, "hours": {"mon-fri": [["09:00", "12:30"], ["13:30", "17:00"]]}}
    assert wall(at(lunch, "2026-11-19 12:10").sweep_from, "Europe/London") == "2026-11-19 16:30"
    late = {**HOURS, "hours": {"mon-fri": [["09:00", "15:00"], ["16:50", "17:00"]]}}
    assert wall(at(late, "2026-11-19 12:10").sweep_from, "Europe/London") == "2026-11-19 14:40"
    short = {**HOURS, "hours": {"mon-fri": [["09:00", "09:20"]]}}
    assert wall(at(short, "2026-11-19 12:10").sweep_from, "Europe/London") == "2026-11-19 09:00"


def test_a_night_belongs_to_the_day_on_which_it_began() -> None:
    bar = {**HOURS, "closed": [], "hours": {"mon-sat": [["18:00", "26:00"]]}}
    day = at(bar, "2026-11-20 01:45")
    assert day.date.isoformat() == "2026-11-19"
    assert wall(day.sweep_from, "Europe/London") == "2026-11-20 01:30"


def test_hours_without_an_end_have_no_close() -> None:
    always = {"zone": "America/New_York", "hours": {"mon-sun": [["00:00", "24:00"]]}}
    assert at(always, "2026-11-01 01:30") is None
    week = {"zone": "America/New_York", "hours": {"mon-fri": [["00:00", "24:00"]]}}
    assert at(week, "2026-11-18 12:00") is None
    assert at(week, "2026-11-20 12:00").date.isoformat() == "2026-11-20"


# Who is on it


def test_it_lists_who_has_heard_nothing_from_a_person_the_oldest_first(desk: Desk) -> None:
    desk.at("2026-11-18 17:20")
    yesterday = desk.heard(desk.ellen, "Who do I talk to?")
    desk.at("2026-11-19 11:42")
    morning = desk.heard(desk.daniel, "The printer again.")
    answered = desk.answered(desk.heard(desk.ellen, "A question."))
    desk.heard(desk.ellen, "For the others", team=desk.offices)
    desk.at("2026-11-19 16:30")
    last = desk.heard(desk.daniel, "Is this the deal?")
    sweep = swept(desk)
    assert sweep.is_open
    assert [case.pk for case in sweep.waiting] == [yesterday.pk, morning.pk, last.pk]
    assert answered.pk not in [case.pk for case in sweep.unanswered]


def test_a_receipt_answers_nobody(desk: Desk) -> None:
    desk.at("2026-11-18 18:00")
    case = desk.heard()
    assert send_receipt(case, case.messages.get()) is not None
    desk.at("2026-11-19 16:33")
    assert [each.pk for each in swept(desk).waiting] == [case.pk]


def test_a_message_at_the_closing_instant_belongs_to_the_next_day(desk: Desk) -> None:
    desk.at("2026-11-19 16:59")
    before = desk.heard()
    desk.at("2026-11-19 17:00")
    after = desk.heard(desk.daniel, "Just now")
    sweep = swept(desk)
    assert [case.pk for case in sweep.waiting] == [before.pk]
    assert [case.pk for case in sweep.after] == [after.pk]


def test_who_rests_or_is_no_customer_is_not_on_it(desk: Desk) -> None:
    desk.heard(text="Thanks!").rest(by=desk.priya)
    desk.heard(text="Buy this").set_aside("pitch", by=desk.priya)
    assert swept(desk).waiting == []


# Three parts


@pytest.mark.parametrize(
    ("said", "opens", "due", "words"),
    [  # V02, V04 and V09 of the clock's vectors
        ("2026-06-10 16:40", "2026-06-11 09:00", "2026-06-11 10:00", "Thursday 11 June"),
        ("2026-06-12 16:30", "2026-06-15 09:00", "2026-06-15 10:00", "Monday 15 June"),
        ("2026-11-25 16:30", "2026-11-27 09:00", "2026-11-27 10:00", "Friday 27 November"),
    ],
)
def test_first_thing_in_the_morning_is_a_callback_with_a_window(
    desk: Desk, said: str, opens: str, due: str, words: str
) -> None:
    schedule = Schedule.objects.create(name="New York", content=NEW_YORK)
    desk.business.schedule = schedule
    desk.business.save()
    zone = ZoneInfo("America/New_York")
    desk.later()
    from goodword.core.time import clock as desk_clock

    desk_clock.fix(datetime.fromisoformat(said).replace(tzinfo=zone))
    message = send(desk, desk.heard())
    promise = Promise.objects.get(said_in=message)
    assert promise.opens is not None
    assert (promise.kind, promise.form) == ("callback", "first_thing:60")
    assert wall(promise.opens, zone.key) == opens
    assert wall(promise.due, zone.key) == due
    assert message.text.endswith(
        f"You hear from me, Priya, first thing in the morning: {words}, between 09:00 and 10:00."
    )


def test_it_keeps_the_first_word_alone_and_the_answer_stays_due(desk: Desk) -> None:
    case = desk.heard()
    message = send(desk, case)
    case.refresh_from_db()
    assert message.purpose == "three_part"
    assert (case.unanswered_since, case.state, case.owner) == (None, "acknowledged", desk.priya)
    assert desk.promise(case, "acknowledge").kept_by == message
    assert desk.promise(case, "reply").state == "open"
    assert not case.promises.filter(kind="next_update").exists()
    assert message.text.startswith("You ask whether the price that you agreed to still holds.\n\n")


def test_what_they_hear_next_keeps_the_callback(desk: Desk) -> None:
    case = desk.heard()
    send(desk, case)
    desk.at("2026-11-20 09:20")
    promises = [{"kind": "task_done", "text": "The switch", "form": "end_of_nth_business_day:2"}]
    answer = case.reply(by=desk.priya, text="It holds.", then="promise", promises=promises)
    callback = desk.promise(case, "callback")
    assert (callback.state, callback.kept_by) == ("kept", answer)


@pytest.mark.parametrize(
    ("left_out", "codes"),
    [
        ({"received": " "}, ["ACK_RECEIVED"]),
        ({"working": ""}, ["ACK_WORKING"]),
        ({"next": ""}, ["ACK_NEXT"]),
        ({"next": Next.AT}, ["ACK_NEXT"]),
        ({"working": "", "next": ""}, ["ACK_WORKING", "ACK_NEXT"]),
    ],
)
def test_a_part_that_is_missing_is_refused_by_its_code_and_passed_with_a_reason(
    desk: Desk, left_out: dict[str, str], codes: list[str]
) -> None:
    case = desk.heard()
    error = refused(lambda: send(desk, case, **left_out))
    assert isinstance(error, PartsMissing)
    assert (error.code, error.status, error.codes) == (codes[0], 422, codes)
    assert case.messages.filter(direction="out").count() == 0
    message = send(desk, case, reason="She reads this on the train.", **left_out)
    entry = Entry.objects.get(kind="acknowledged")
    assert entry.facts["without"] == codes
    assert case.messages.get(direction="note").text == "She reads this on the train."
    # No case is left without a next step (R22).
    assert case.promises.open().filter(said_in=message).count() == 1


def test_nothing_but_a_time_is_no_first_word(desk: Desk) -> None:
    case = desk.heard()
    error = refused(lambda: send(desk, case, received="", working="", reason="In a hurry"))
    assert (error.code, error.status) == ("NO_TEXT", 422)


def test_with_five_minutes_left_a_missing_part_only_counts(desk: Desk) -> None:
    desk.at("2026-11-19 16:40")
    case = desk.heard()  # due 17:00
    desk.at("2026-11-19 16:54")
    assert refused(lambda: send(desk, case, working="")).code == "ACK_WORKING"
    desk.at("2026-11-19 16:55")
    send(desk, case, working="")
    entry = Entry.objects.get(kind="acknowledged")
    assert (entry.facts["without"], entry.facts["little_time"]) == (["ACK_WORKING"], True)


@pytest.mark.parametrize(
    ("chosen", "due", "said"),
    [
        (Next.NOON, "2026-11-20 12:00", "You hear from me, Priya, by 12:00 on Friday 20 November."),
        (
            Next.TOMORROW,
            "2026-11-20 17:00",
            "You hear from me, Priya, by 17:00 on Friday 20 November.",
        ),
    ],
)
def test_the_other_choices_are_a_plain_due(desk: Desk, chosen: str, due: str, said: str) -> None:
    message = send(desk, desk.heard(), next=chosen)
    promise = Promise.objects.get(said_in=message)
    assert (promise.due, promise.opens) == (london(due), None)
    assert message.text.endswith(said)


def test_noon_is_one_at_which_they_can_be_reached() -> None:
    hours = clock.Schedule.from_data({**HOURS, "special": {"2026-11-20": [["09:00", "11:00"]]}})
    assert next_noon(london("2026-11-19 10:00"), hours) == london("2026-11-19 12:00")
    assert next_noon(london("2026-11-19 12:00"), hours) == london("2026-11-20 11:00")
    assert next_noon(london("2026-11-20 16:00"), hours) == london("2026-11-23 12:00")


def test_a_chosen_time_that_is_past_is_refused(desk: Desk) -> None:
    case = desk.heard()
    past = london("2026-11-19 16:00")
    assert refused(lambda: send(desk, case, next=Next.AT, at=past)).code == "NO_TIME"


def test_the_customer_reads_the_third_part_in_their_language(desk: Desk) -> None:
    type(desk.ellen).objects.filter(pk=desk.ellen.pk).update(language="de")
    message = send(desk, desk.heard())
    assert "09:00" in message.text
    assert "10:00" in message.text


# Two members, and twice


def test_a_line_that_a_colleague_answered_meanwhile_is_stopped(desk: Desk) -> None:
    case = desk.heard()
    seen = case.newest_message_id()
    send(desk, case, by=desk.dele, seen=seen)
    with pytest.raises(SomebodyAnswered) as caught:
        send(desk, Case.objects.get(pk=case.pk), seen=seen, received="You ask about the price")
    assert [message.member for message in caught.value.newer] == [desk.dele]
    assert case.messages.filter(direction="out").count() == 1


def test_the_same_line_twice_is_sent_once(desk: Desk) -> None:
    case = desk.heard()
    seen = case.newest_message_id()
    first = send(desk, case, seen=seen)
    assert send(desk, Case.objects.get(pk=case.pk), seen=seen) == first
    assert Entry.objects.filter(kind="acknowledged").count() == 1


def test_a_page_left_open_sends_no_second_first_word(desk: Desk) -> None:
    case = desk.heard()
    seen = case.newest_message_id()
    desk.answered(case)
    again = Case.objects.get(pk=case.pk)
    assert isinstance(refused(lambda: send(desk, again, seen=seen)), SomebodyAnswered)


def test_taking_it_back_puts_them_on_the_sweep_again_with_the_parts_as_typed(desk: Desk) -> None:
    case = desk.heard()
    parts = Parts("You ask about the price", "Marta reads it", Next.FIRST_THING)
    typed = {"received": ["You ask about the price"], "working": ["Marta reads it"]}
    kept = Acknowledgement(
        case, desk.priya, parts, seen=case.newest_message_id(), typed=typed
    ).commit()
    assert swept(desk).waiting == []
    Case.objects.get(pk=case.pk).take_back(kept, by=desk.priya)
    assert [each.pk for each in swept(desk).waiting] == [case.pk]
    assert case.drafts.get(mode="sweep").fields["received"] == ["You ask about the price"]
    assert not case.promises.open().filter(kind="callback").exists()
    send(desk, Case.objects.get(pk=case.pk), received="You ask about the price",
         working="Marta reads it")  # fmt: skip
    assert case.drafts.count() == 0


# Never the same text


def text(key: int, words: str, *names: str) -> Text:
    return Text(key, words, (*names, "Priya Raman"))


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ("I have your message. I am on it.", "I have your message. I am on it.", True),
        ("Dear Daniel, we have HL-2041. Priya reads it.", "Dear Mei, we have HL-2054. Priya "
         "reads it.", True),
        ("I have your message and I look at it now, at 16:35.",
         "I have your message, and I look at it now at 16:41!", True),
        ("Your printer left the network for the fourth time. Dele checks the switch.",
         "You ask whether scanning is still part of the price. Marta reads the agreement.", False),
        ("Your printer is off. Dele is on the phone with the maker.",
         "Your scanner jams. Dele is on the way to you.", False),
        ("", "", True),
    ],
)  # fmt: skip
def test_one_text_for_two_customers_is_found_whatever_the_names(
    one: str, other: str, is_same: bool
) -> None:
    found = alike([text(1, one, "Daniel Reyes"), text(2, other, "Mei Tanaka")])
    assert set(found) == ({1, 2} if is_same else set())


def test_a_text_that_went_out_before_is_found_as_well() -> None:
    sent = [text(7, "I have your message. I am on it.", "Ellen Whitcombe")]
    assert set(alike([text(1, "I have your message, I am on it")], sent)) == {1}
    assert not alike([text(7, "I have your message, I am on it")], sent)


# Closing the day


def test_the_day_is_closed_by_name_once_everybody_has_heard(desk: Desk) -> None:
    cases = [desk.heard(desk.ellen, "One"), desk.heard(desk.daniel, "Two")]
    error = refused(lambda: close_day(desk.support, by=desk.marta))
    assert (error.code, error.status) == ("unanswered_customer", 409)
    assert "2 customers have heard nothing" in str(error.sentence)
    for number, case in enumerate(cases):
        send(desk, case, received=f"You ask about {'price' * number}")
    assert close_day(desk.support, by=desk.marta)
    assert not close_day(desk.support, by=desk.jonas)
    row = TeamDay.objects.get()
    assert (row.team, row.date.isoformat()) == (desk.support, "2026-11-19")
    assert (row.closed_by, row.closed_at) == (desk.marta, now())
    assert Entry.objects.filter(kind="day_closed").count() == 1


def test_it_is_not_closed_before_its_sweep_begins(desk: Desk) -> None:
    desk.at("2026-11-19 16:29")
    error = refused(lambda: close_day(desk.support, by=desk.marta))
    assert (error.code, error.status) == ("NOT_YET", 409)
    desk.at("2026-11-19 16:30")
    assert close_day(desk.support, by=desk.marta)


def test_it_can_be_closed_late_until_the_next_one_begins(desk: Desk) -> None:
    desk.at("2026-11-22 10:00")
    assert close_day(desk.support, by=desk.marta)
    assert TeamDay.objects.get().date.isoformat() == "2026-11-20"


def test_hours_without_an_end_have_no_day_to_close(desk: Desk) -> None:
    content = {"zone": "Europe/London", "hours": {"mon-sun": [["00:00", "24:00"]]}}
    desk.support.schedule = Schedule.objects.create(name="Always", content=content)
    desk.support.save()
    case = desk.heard()
    assert refused(lambda: close_day(desk.support, by=desk.marta)).code == "NO_CLOSING"
    assert [each.pk for each in swept(desk).waiting] == [case.pk]
    assert not tick()["sweeps"]


def test_a_light_member_closes_nothing(desk: Desk) -> None:
    assert refused(lambda: close_day(desk.support, by=desk.luz)).status == 403


def test_an_exception_needs_a_name_and_a_reason_and_moves_nothing(desk: Desk) -> None:
    case = desk.heard()
    due = desk.promise(case, "acknowledge").due
    leave = {"by": desk.priya, "decided_by": desk.marta, "reason": "She is on a plane."}
    assert refused(lambda: leave_for_later(case, **{**leave, "reason": " "})).code == "NO_REASON"
    nameless = refused(lambda: leave_for_later(case, **{**leave, "decided_by": None}))
    assert (nameless.code, nameless.status) == ("NO_NAME", 422)
    made = leave_for_later(case, **leave)
    assert leave_for_later(case, **leave) == made
    case.refresh_from_db()
    assert (case.move, case.unanswered_since is None) == ("ours", False)
    first = desk.promise(case, "acknowledge")
    assert (first.state, first.due) == ("open", due)
    [(excepted, exception)] = swept(desk).excepted
    assert (excepted.pk, exception.decided_by, exception.written_by) == (
        case.pk, desk.marta, desk.priya,
    )  # fmt: skip
    assert close_day(desk.support, by=desk.priya)
    desk.at("2026-11-19 17:40")
    tick()
    assert desk.promise(case, "acknowledge").state == "broken"
    assert Case.objects.get(pk=case.pk).move == "ours"


def test_an_exception_ends_with_a_new_word_with_the_day_and_by_hand(desk: Desk) -> None:
    case = desk.heard()
    leave = {"by": desk.priya, "decided_by": desk.marta, "reason": "She is on a plane."}
    made = leave_for_later(case, **leave)
    assert swept(desk).waiting == []
    case.hear(desk.ellen, "I have landed.")
    assert [each.pk for each in swept(desk).waiting] == [case.pk]
    second = leave_for_later(Case.objects.get(pk=case.pk), **leave)
    assert second != made
    assert end_exception(second, by=desk.marta)
    assert not end_exception(second, by=desk.marta)
    assert [each.pk for each in swept(desk).waiting] == [case.pk]
    leave_for_later(Case.objects.get(pk=case.pk), **leave)
    desk.at("2026-11-20 16:35")
    assert [each.pk for each in swept(desk).waiting] == [case.pk]
    assert DayException.objects.standing().count() == 1


def test_whoever_was_answered_needs_no_exception(desk: Desk) -> None:
    case = desk.answered()
    error = refused(
        lambda: leave_for_later(case, by=desk.priya, decided_by=desk.marta, reason="Late")
    )
    assert (error.code, error.status) == ("ANSWERED", 409)


def test_who_writes_after_the_day_was_closed_is_listed_and_keeps_their_clocks(desk: Desk) -> None:
    close_day(desk.support, by=desk.marta)
    desk.at("2026-11-19 16:50")
    case = desk.heard()
    sweep = swept(desk)
    assert (sweep.waiting, [each.pk for each in sweep.after]) == ([], [case.pk])
    assert desk.promise(case, "acknowledge").due == london("2026-11-20 09:30")
    assert not close_day(desk.support, by=desk.marta)


def test_a_closed_day_is_opened_again_and_closed_anew(desk: Desk) -> None:
    close_day(desk.support, by=desk.marta)
    assert open_day_again(desk.support, by=desk.dele)
    assert not open_day_again(desk.support, by=desk.dele)
    desk.heard()
    assert refused(lambda: close_day(desk.support, by=desk.marta)).status == 409
    days = Entry.objects.filter(kind__startswith="day_").order_by("pk")
    kinds = list(days.values_list("kind", flat=True))
    assert kinds == ["day_closed", "day_opened_again"]


# Telling owners and leads


def told() -> set[tuple[str, str]]:
    telling.catch_up()
    rows = Notification.objects.filter(subject="sweep").select_related("member", "entry")
    return {(row.member.given, row.sentence) for row in rows}


def test_at_half_past_four_the_owner_and_the_lead_are_told_once(desk: Desk) -> None:
    desk.at("2026-11-19 15:00")
    desk.heard(desk.ellen, "One").take(by=desk.dele)
    desk.heard(desk.daniel, "Two")
    desk.heard(desk.internal, "Three")
    desk.at("2026-11-19 16:29")
    assert not tick()["sweeps"]
    desk.at("2026-11-19 16:30")
    assert tick()["sweeps"] == 1
    assert not tick()["sweeps"]
    said = "Before closing: not everybody has heard from us (3)"
    assert told() == {("Dele", said), ("Priya", said), ("Marta", said)}
    desk.at("2026-11-19 16:45")
    assert not tick()["sweeps"]
    desk.at("2026-11-20 16:31")
    assert tick()["sweeps"] == 1


def test_nobody_is_told_of_nothing_and_of_the_first_who_comes_then(desk: Desk) -> None:
    assert not tick()["sweeps"]
    assert not TeamDay.objects.exists()
    desk.at("2026-11-19 16:41")
    desk.heard()
    assert tick()["sweeps"] == 1


def test_on_a_closed_day_and_after_closing_nobody_is_told(desk: Desk) -> None:
    desk.at("2026-11-19 16:00")
    desk.heard()
    for when in ("2026-11-19 17:00", "2026-11-21 16:45"):
        desk.at(when)
        assert not tick()["sweeps"]


def test_each_team_goes_by_its_own_hours(desk: Desk) -> None:
    content = {"zone": "Europe/London", "hours": {"mon-fri": [["09:00", "15:00"]]}}
    desk.offices.schedule = Schedule.objects.create(name="Short", content=content)
    desk.offices.save()
    desk.at("2026-11-19 14:20")
    desk.heard(desk.ellen, "One", team=desk.offices)
    desk.heard(desk.daniel, "Two")
    desk.at("2026-11-19 14:31")
    assert tick()["sweeps"] == 1
    assert {name for name, _said in told()} == {"Ines", "Jonas"}


def test_a_team_without_a_lead_tells_the_leaders(desk: Desk) -> None:
    desk.offices.members.remove(desk.jonas)
    desk.heard(desk.ellen, "One", team=desk.offices)
    tick()
    assert {name for name, _said in told()} == {"Ines", "Jonas"}


def test_the_words_of_a_decision_are_vouched_for(desk: Desk) -> None:
    made = leave_for_later(
        desk.heard(), by=desk.priya, decided_by=desk.marta, reason="She is on a plane."
    )
    entry = Entry.objects.get(kind="day_excepted")
    assert entry.digests == {f"dayexception:{made.pk}": made.digest()}
    assert timedelta(0) == made.at - now()
