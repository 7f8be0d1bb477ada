"""Today: the sentence, the ruler, who has heard nothing, and what is still to keep."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from goodword.cases.models import Case
from goodword.clock import Schedule
from goodword.desk.day import Day
from goodword.desk.ruler import Point, ruler
from goodword.people.meeting import customer_of
from goodword.promises.models import MoveRequest, Promise
from goodword.staff.models import Member
from goodword.worker.tick import tick
from tests.cast import HOURS, Desk, london
from tests.desk.conftest import signed_in


def word(desk: Desk, case: Case, text: str, due: str, by: Member | None = None) -> Promise:
    by = by or desk.priya
    return Promise.make(case, "callback", text, by=by, owner=by, due=london(due))


def html(client: Client, url: str = "/today/") -> str:
    answer = client.get(url)
    assert answer.status_code == 200
    return answer.content.decode()


def day(desk: Desk) -> Day:
    from goodword.core.time import now

    return Day(desk.priya, desk.business.schedule, now())


@pytest.fixture
def busy(desk: Desk) -> Desk:
    """A day of Priya's: kept, kept late, moved, broken and still to keep."""
    desk.at("2026-11-19 09:05")
    case = desk.heard()
    kept = word(desk, case, "I ring you at ten", "2026-11-19 10:00")
    late = word(desk, case, "Parts ordered", "2026-11-19 09:30")
    moved = word(desk, case, "Which lines can move", "2026-11-19 15:30")
    word(desk, case, "The refund reference", "2026-11-19 12:00")
    word(desk, case, "A list of every file", "2026-11-19 17:00")
    word(desk, case, "A week’s check", "2026-11-20 16:00")
    desk.at("2026-11-19 09:50")
    kept.keep(by=desk.priya, evidence="Rang, spoke with Ellen")
    desk.at("2026-11-19 11:00")
    tick()
    late.refresh_from_db()
    late.keep(by=desk.priya, evidence="Order 4711")
    asked = MoveRequest.ask(moved, london("2026-11-20 11:00"), by=desk.priya, reason="Openreach")
    asked.agree(by=desk.ellen)
    desk.at("2026-11-19 16:33")
    tick()
    return desk


def test_the_first_page_is_today(priya: Client) -> None:
    answer = priya.get("/")
    assert (answer.status_code, answer["Location"]) == (302, "/today/")


def test_the_sentence_counts_what_the_day_holds(busy: Desk, priya: Client) -> None:
    sentence = day(busy).sentence
    assert sentence == (
        "You gave your word on six things today: one kept, one kept late, one moved by agreement, "
        "two broken, one still to keep."
    )
    assert sentence in html(priya)


def test_a_day_with_nothing_says_so_and_what_to_do(desk: Desk, priya: Client) -> None:
    shown = html(priya)
    assert "You have given your word on nothing for today." in shown
    assert "You owe nobody anything today or tomorrow" in shown
    assert "Everybody has heard from us." in shown


def test_a_moved_promise_is_one_row_with_its_old_time_struck(busy: Desk, priya: Client) -> None:
    shown = html(priya)
    assert shown.count("Which lines can move</a>") == 1
    assert '<del><span class="sr">was </span>15:30</del>' in shown
    assert [row.promise.text for row in day(busy).rest if row.state == "moved"] == [
        "Which lines can move"
    ]


def test_lists_hold_what_is_to_keep_today_and_on_the_next_business_day(busy: Desk) -> None:
    found = day(busy)
    assert "A list of every file" in [row.promise.text for row in found.to_keep]
    assert "A week’s check" in [row.promise.text for row in found.tomorrow]
    assert found.tomorrow_name == "Tomorrow"


def test_on_friday_the_next_business_day_is_monday(desk: Desk) -> None:
    desk.at("2026-11-20 15:00")
    case = desk.heard()
    word(desk, case, "On Monday", "2026-11-23 10:00")
    word(desk, case, "On Tuesday", "2026-11-24 10:00")
    found = day(desk)
    assert "On Monday" in [row.promise.text for row in found.tomorrow]
    assert "On Tuesday" not in [row.promise.text for row in found.tomorrow]
    assert found.tomorrow_name == "Until Monday"


def test_broken_and_not_told_is_shown_until_a_person_tells_them(busy: Desk, priya: Client) -> None:
    assert "The refund reference" in [row.promise.text for row in day(busy).untold]
    assert "Broken, and not told yet" in html(priya)
    Case.objects.get().reply(by=busy.priya, text="It is late.", then="promise")
    assert day(busy).untold == []
    assert "Broken, and not told yet" not in html(priya)


def test_what_broke_on_an_earlier_day_is_still_there_to_be_kept(busy: Desk) -> None:
    busy.at("2026-11-23 09:10")
    tick()
    found = day(busy)
    assert "The refund reference" in [row.promise.text for row in found.still_broken]
    assert "The refund reference" not in [row.promise.text for row in found.rest]


def test_who_has_heard_nothing_stands_with_their_words_and_both_acts(
    desk: Desk, priya: Client
) -> None:
    case = desk.heard(desk.daniel, "Is this really the deal?")
    shown = html(priya)
    assert "27 minutes to closing. 1 customer waits for a word from us." in shown
    assert "Is this really the deal?" in shown
    assert f"/cases/{case.pk}/?mode=reply&amp;then=first_word#composer" in shown
    assert f'action="/cases/{case.pk}/take"' in shown


def test_an_answer_takes_them_off_the_list(desk: Desk, priya: Client) -> None:
    desk.answered(desk.heard(desk.daniel, "Is this really the deal?"))
    assert "Everybody has heard from us." in html(priya)


def test_taking_from_today_comes_back_to_today(desk: Desk, priya: Client) -> None:
    case = desk.heard()
    answer = priya.post(f"/cases/{case.pk}/take", {"next": "/today/"})
    assert (answer.status_code, answer["Location"]) == (302, "/today/")
    case.refresh_from_db()
    assert case.owner == desk.priya


def test_what_is_not_mine_to_see_is_not_there(desk: Desk, priya: Client) -> None:
    desk.heard(desk.daniel, "For the other team", team=desk.offices)
    assert "For the other team" not in html(priya)


def test_an_offered_case_is_accepted_or_declined_from_here(desk: Desk) -> None:
    case = desk.answered()
    case.offer_to(desk.dele, by=desk.priya)
    dele = signed_in(desk.dele)
    shown = html(dele)
    assert "Priya asks you to take it over" in shown
    dele.post(f"/cases/{case.pk}/accept", {"next": "/today/"})
    case.refresh_from_db()
    assert case.owner == desk.dele
    assert "asks you to take it over" not in html(dele)


def test_moves_that_wait_for_a_yes_stand_under_decisions(desk: Desk, priya: Client) -> None:
    case = desk.answered()
    promise = desk.promise(case, "callback")
    promise.ask_to_move(london("2026-11-23 10:00"), by=desk.ellen, reason="I am away")
    assert "Ellen Whitcombe asks for Mon 10:00 instead of" in html(priya)


def test_the_part_carries_the_sentence_and_no_shell(busy: Desk, priya: Client) -> None:
    shown = html(priya, "/today/part")
    assert 'id="day-sentence" hx-swap-oob="true"' in shown
    assert '<nav class="nav"' not in shown


def test_strangers_are_asked_to_sign_in(db: None, headers: dict[str, Any]) -> None:
    for url in ("/", "/today/", "/today/part"):
        assert Client().get(url, **headers).status_code in (302, 401)


def test_today_asks_as_many_questions_for_two_as_for_twenty(
    desk: Desk, priya: Client, questions: Callable[[Client, str], int]
) -> None:
    def fill(n: int) -> int:
        for number in range(n):
            who = customer_of(f"person{number}@many.example", f"Person {number}")
            heard = desk.heard(who, f"Words {number}")
            word(desk, heard, f"Call {number}", "2026-11-19 17:00")
            mine = desk.answered(desk.heard(who, f"More {number}"))
            desk.promise(mine, "callback").ask_to_move(
                london("2026-11-23 10:00"), by=desk.priya, reason="Parts"
            )
            desk.asked(desk.heard(who, f"Is it settled {number}"))
        return questions(priya, "/today/")

    few = fill(2)
    assert fill(20) == few
    assert few <= 15
    assert questions(priya, "/today/part") <= 12


# The ruler


def points(*times: str) -> list[Point]:
    return [Point(london(f"2026-11-19 {at}"), "open", at, f"p-{at}") for at in times]


def test_marks_that_touch_stack_and_more_than_three_become_one() -> None:
    hours = Schedule.from_data(HOURS)
    found = ruler(points("10:00", "10:05", "10:10"), london("2026-11-19 16:33"), hours)
    assert found is not None
    assert [mark.lift for mark in found.marks] == [0, 1, 2]
    four = ruler(points("10:00", "10:02", "10:05", "10:10"), london("2026-11-19 16:33"), hours)
    assert four is not None
    assert [mark.count for mark in four.marks] == [4]
    assert "4 promises around 10:00" in four.marks[0].text


def test_the_ruler_spans_the_open_hours_and_shows_breaks() -> None:
    hours = Schedule.from_data(
        {**HOURS, "hours": {"mon-fri": [["09:00", "12:30"], ["13:30", "17:00"]]}}
    )
    found = ruler(points("09:00", "17:00"), london("2026-11-19 13:00"), hours)
    assert found is not None
    assert [tick.text for tick in found.ticks][:2] == ["09:00", "10:00"]
    assert [mark.x for mark in found.marks] == [0.0, 100.0]
    assert (found.now, found.gaps[0].x, found.gaps[0].width) == (50.0, 43.75, 12.5)


def test_a_promise_after_closing_stretches_the_ruler_and_a_closed_day_has_none() -> None:
    hours = Schedule.from_data(HOURS)
    found = ruler(points("18:30"), london("2026-11-19 12:00"), hours)
    assert found is not None
    assert found.ticks[-1].text == "19:00"
    assert ruler([], london("2026-11-21 12:00"), hours) is None


def test_the_line_for_now_moves_with_the_minute(desk: Desk, priya: Client) -> None:
    first = priya.get("/today/ruler").content.decode()
    assert "--now:94.38%" in first
    assert "Open 09:00–17:00. It is 16:33." in first
    desk.at("2026-11-19 16:36")
    assert "--now:95.0%" in priya.get("/today/ruler").content.decode()
    assert 'data-live="minute" hx-get="/today/ruler"' in priya.get("/today/").content.decode()


def test_closed_time_beside_the_day_is_drawn_and_a_closed_day_says_why(
    desk: Desk, priya: Client
) -> None:
    case = desk.heard()
    Promise.make(
        case, "callback", "After hours", by=desk.priya, due=london("2026-11-19 18:30"),
        owner=desk.priya,
    )  # fmt: skip
    ruler = priya.get("/today/ruler").content.decode()
    assert 'title="Closed 17:00 to 19:00"' in ruler
    desk.at("2026-11-21 11:00")
    assert "We are closed today: Weekend." in priya.get("/today/").content.decode()
