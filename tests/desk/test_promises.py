"""Promises: the board, the ledger, one promise and its acts, and giving one."""

import html
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from goodword.cases.models import Case
from goodword.core.refusals import Refused
from goodword.desk.times import read_when
from goodword.people.meeting import customer_of
from goodword.promises.models import MoveRequest, Promise
from goodword.staff.models import Schedule
from goodword.worker.tick import tick
from tests.cast import HOURS, LONDON, Desk, london
from tests.desk.conftest import signed_in

LONG = "x" * 100_000


@pytest.fixture
def promise(desk: Desk) -> Promise:
    """A callback of Priya's to Ellen, due on Friday at noon."""
    case = desk.answered(
        promises=[
            {"kind": "callback", "text": "I call you on Friday", "due": london("2026-11-20 12:00")}
        ]
    )
    return desk.promise(case, "callback")


def page(client: Client, url: str) -> str:
    answer = client.get(url)
    assert answer.status_code == 200
    return answer.content.decode()


def following(shown: str, way: str) -> str:
    """Where the next or the previous page is, as its link says."""
    [address] = re.findall(rf'rel="{way}" href="([^"]+)"', shown)
    return html.unescape(address)


def texts(shown: str) -> list[str]:
    return re.findall(r'<td class="word"><a href="/promises/(\d+)/"', shown)


def act(
    client: Client, promise: Promise, name: str, headers: dict[str, Any] | None = None, **typed: str
) -> Any:
    return client.post(f"/promises/{promise.pk}/{name}", typed, **(headers or {}))


# The board and the ledger


def test_the_board_sorts_by_how_soon_somebody_is_needed(desk: Desk, priya: Client) -> None:
    desk.at("2026-11-19 09:00")
    case = desk.heard()
    for text, due in (
        ("Broken at noon", "2026-11-19 12:00"),
        ("At risk now", "2026-11-19 16:45"),
        ("Due tomorrow", "2026-11-20 12:00"),
        ("Due next week", "2026-11-25 12:00"),
        ("Kept at ten", "2026-11-19 10:00"),
    ):
        made = Promise.make(case, "callback", text, by=desk.priya, due=london(due))
        if text == "Kept at ten":
            made.keep(by=desk.priya, evidence="Rang")
    desk.at("2026-11-19 16:33")
    tick()
    shown = page(priya, "/promises/")
    columns = shown.split("<section data-state=")[1:]
    for column, text in zip(
        columns,
        ("Broken at noon", "At risk now", "Due tomorrow", "Due next week", "Kept at ten"),
        strict=True,
    ):
        assert text in column
    assert "4 open across the desk. Two need putting right, one could still be saved" in shown


def test_filters_are_links_and_unknown_ones_fall_back(desk: Desk, priya: Client) -> None:
    case = desk.heard()
    Promise.make(
        case,
        "callback",
        "Mine to call",
        by=desk.priya,
        owner=desk.priya,
        due=london("2026-11-20 12:00"),
    )
    Promise.make(
        case,
        "resolution",
        "Dele resolves",
        by=desk.dele,
        owner=desk.dele,
        due=london("2026-11-20 12:00"),
    )
    assert "Dele resolves" not in page(priya, "/promises/?owner=me")
    assert "Mine to call" not in page(priya, "/promises/?kind=resolution")
    assert "Mine to call" not in page(priya, "/promises/?team=virtual-offices")
    assert "Mine to call" not in page(priya, "/promises/?view=list&state=kept")
    shown = page(priya, "/promises/?view=nonsense&kind=nonsense&page=-7&state=no")
    assert "Mine to call" in shown


def test_the_ledger_has_pages(desk: Desk, priya: Client) -> None:
    case = desk.heard()
    for number in range(55):
        Promise.make(
            case,
            "callback",
            f"Call {number:02}",
            by=desk.priya,
            due=london(f"2026-12-{number % 28 + 1:02} 12:00"),
        )
    first = page(priya, "/promises/?view=list")
    assert 'rel="next"' in first
    assert 'rel="prev"' not in first
    second = page(priya, f"/promises/{following(first, 'next')}")
    assert second.count("<tr data-state") == 57 - 50
    assert 'rel="next"' not in second
    again = page(priya, f"/promises/{following(second, 'prev')}")
    assert texts(again) == texts(first)
    assert 'rel="prev"' not in again
    assert 'rel="next"' in again
    assert not set(texts(first)) & set(texts(second))


@pytest.mark.parametrize(
    "url",
    [
        "/promises/",
        "/promises/?view=list&state=all&owner=teams&made=moved",
        "/promises/part?view=week",
        "/promises/?view=month&customer=1&account=1",
    ],
)
def test_lists_ask_as_many_questions_for_two_as_for_twenty(
    desk: Desk, priya: Client, questions: Callable[[Client, str], int], url: str
) -> None:
    def fill(n: int) -> int:
        for number in range(n):
            who = customer_of(f"p{number}@many.example", f"Person {number}")
            case = desk.heard(who)
            moved = Promise.make(
                case, "callback", "Call", by=desk.priya, due=london("2026-11-19 16:50")
            )
            moved.move(london("2026-11-25 10:00"), by=who, agreed_with=desk.priya, reason="")
            Promise.make(
                case, "callback", "Called", by=desk.priya, due=london("2026-11-19 16:50")
            ).keep(by=desk.priya, evidence="Rang")
        return questions(priya, url)

    few = fill(2)
    assert fill(20) == few
    assert few <= 15


def test_a_promise_of_another_team_is_not_there(desk: Desk, promise: Promise) -> None:
    ines = signed_in(desk.ines)
    assert ines.get(f"/promises/{promise.pk}/").status_code == 404
    assert act(ines, promise, "keep", evidence="Rang").status_code == 404
    assert "I call you on Friday" not in page(ines, "/promises/")


# One promise


def test_its_page_explains_why_it_is_due_then(
    desk: Desk, priya: Client, promise: Promise, questions: Callable[[Client, str], int]
) -> None:
    shown = page(priya, f"/promises/{promise.pk}/")
    assert "I call you on Friday" in shown
    assert "as clocks stand in Europe/London" in shown
    assert "16:33 to 17:00: open, 27 minutes counted." in shown
    assert "17:00 to Fri 09:00: not counted, closed." in shown
    assert "In all 3 hours 27 minutes of open time, so it is due Fri 12:00." in shown
    assert "Priya Raman gave our word" in shown
    assert questions(priya, f"/promises/{promise.pk}/") <= 15


def test_a_team_in_another_zone_has_its_times_told_by_its_own_clocks(
    desk: Desk, priya: Client
) -> None:
    content = {**HOURS, "zone": "America/New_York"}
    desk.support.schedule = Schedule.objects.create(name="New York", content=content)
    desk.support.save()
    case = desk.heard()
    give(priya, case, due="2026-11-20T10:00")
    made = desk.promise(case, "callback")
    assert made.due.isoformat() == "2026-11-20T15:00:00+00:00"
    shown = page(priya, f"/promises/{made.pk}/")
    assert "Due Friday 20 November, 10:00, as clocks stand in America/New_York" in shown
    assert "so it is due Fri 10:00" in shown


def test_holidays_and_weekends_are_named(desk: Desk, priya: Client) -> None:
    desk.at("2026-12-24 16:00")
    case = desk.heard()
    made = Promise.make(
        case, "callback", "After Christmas", by=desk.priya, due=london("2026-12-29 10:00")
    )
    shown = page(priya, f"/promises/{made.pk}/")
    assert "Saturday, Sunday" in shown
    assert "closed on Fri 25 Dec" in shown


def test_its_page_shows_the_chain_of_moves(desk: Desk, priya: Client, promise: Promise) -> None:
    after = promise.move(
        london("2026-11-23 10:00"), by=desk.ellen, agreed_with=desk.priya, reason=""
    )
    shown = page(priya, f"/promises/{promise.pk}/")
    assert f"/promises/{after.pk}/" in shown
    assert "is due Mon 10:00 now" in shown
    assert "Its times" in page(priya, f"/promises/{after.pk}/")


def test_kept_by_hand_needs_a_line_of_evidence(
    desk: Desk, priya: Client, promise: Promise, headers: dict[str, Any]
) -> None:
    refused = act(priya, promise, "keep", headers, evidence="  ")
    assert refused.status_code == 422
    assert "Say in a line what was done" in refused.content.decode()
    answer = act(priya, promise, "keep", headers, evidence="Rang her at 11")
    assert answer.status_code == (200 if headers else 302)
    promise.refresh_from_db()
    assert (promise.state, promise.evidence) == ("kept", "Rang her at 11")
    assert act(priya, promise, "keep", headers, evidence="Again").status_code == 409


def test_an_answer_alone_keeps_a_reply(desk: Desk, priya: Client) -> None:
    reply = desk.promise(desk.heard(), "reply")
    assert act(priya, reply, "keep", evidence="I did").status_code == 409
    reply.refresh_from_db()
    assert reply.state == "open"
    assert "Writing keeps it" in page(priya, f"/promises/{reply.pk}/")


def test_asking_to_move_changes_nothing_before_their_yes(
    desk: Desk, priya: Client, promise: Promise, headers: dict[str, Any]
) -> None:
    answer = act(priya, promise, "move", headers, due="2026-11-23T10:00", reason="Parts are late")
    assert answer.status_code == (200 if headers else 302)
    request = MoveRequest.objects.get()
    assert (request.to, request.by_member) == (london("2026-11-23 10:00"), desk.priya)
    promise.refresh_from_db()
    assert promise.state == "open"
    written = act(priya, promise, "write")
    assert written["Location"] == f"/cases/{promise.case_id}/?mode=reply#composer"
    assert "I call you on Friday" in desk.priya.drafts.get().text


@pytest.mark.parametrize(
    ("due", "sentence"),
    [
        ("2026-11-19T10:00", "already past"),
        ("", "Choose a day and a time"),
        ("next Tuesday", "is no day and time"),
        ("2026-11-23", "is no day and time"),
        ("9998-01-01T10:00", "is no day and time"),
        ("2126-01-01T10:00", "years away"),
        ("2027-03-28T01:30", "There is no 01:30 on Sunday 28 March"),
        (LONG, "is no day and time"),
    ],
)
def test_a_time_that_cannot_be_is_answered_and_the_words_kept(
    priya: Client, promise: Promise, due: str, sentence: str
) -> None:
    answer = act(priya, promise, "move", due=due, reason="A reason that was typed")
    assert answer.status_code == 422
    shown = answer.content.decode()
    assert sentence in shown
    assert "A reason that was typed" in shown
    assert not MoveRequest.objects.exists()


def test_a_time_that_comes_twice_is_its_first_pass() -> None:
    found = read_when("2027-10-31T01:30", LONDON, london("2026-11-19 12:00"))
    assert found.isoformat() == "2027-10-31T00:30:00+00:00"
    with pytest.raises(Refused, match="NO_TIME"):
        read_when("2026-11-20T10:00+02:00", LONDON, london("2026-11-19 12:00"))


def test_the_customers_own_asking_is_agreed_or_declined_with_words(
    desk: Desk, priya: Client, promise: Promise
) -> None:
    promise.ask_to_move(london("2026-11-23 10:00"), by=desk.ellen, reason="I am away")
    assert "asks for Mon 10:00 instead" in page(priya, f"/promises/{promise.pk}/")
    assert act(priya, promise, "answer", answer="no", words="").status_code == 422
    act(priya, promise, "answer", answer="yes")
    promise.refresh_from_db()
    assert promise.state == "moved"
    assert promise.moved_to.due == london("2026-11-23 10:00")
    assert act(priya, promise, "answer", answer="yes").status_code == 409


def test_declining_tells_why(desk: Desk, priya: Client, promise: Promise) -> None:
    promise.ask_to_move(london("2026-11-23 10:00"), by=desk.ellen)
    act(priya, promise, "answer", answer="no", words="Nobody is in on Monday")
    request = MoveRequest.objects.get()
    assert (request.state, request.answer) == ("declined", "Nobody is in on Monday")


def test_a_promise_is_handed_to_a_colleague_of_the_team_alone(
    desk: Desk, priya: Client, promise: Promise
) -> None:
    assert act(priya, promise, "hand", member=str(desk.ines.pk)).status_code == 422
    assert act(priya, promise, "hand", member="nobody").status_code == 422
    act(priya, promise, "hand", member=str(desk.dele.pk))
    promise.refresh_from_db()
    assert (promise.owner, promise.handing_to) == (desk.priya, desk.dele)
    assert act(priya, promise, "accept").status_code == 409
    act(signed_in(desk.dele), promise, "accept")
    promise.refresh_from_db()
    assert (promise.owner, promise.handing_to) == (desk.dele, None)


def test_whoever_cannot_keep_it_tells_them_first(
    desk: Desk, priya: Client, promise: Promise
) -> None:
    assert act(priya, promise, "warn", words=" ").status_code == 422
    sent = act(
        priya,
        promise,
        "warn",
        words="The part is late; Monday is sure.",
        due="2026-11-23T10:00",
        seen=str(promise.case.newest_message_id()),
    )
    assert sent.status_code == 302
    promise.refresh_from_db()
    assert promise.forewarned_at is not None
    assert promise.state == "open"
    assert MoveRequest.objects.get().to == london("2026-11-23 10:00")
    assert desk.last(promise.case).text == "The part is late; Monday is sure."


def test_a_warning_stops_when_they_wrote_meanwhile(
    desk: Desk, priya: Client, promise: Promise
) -> None:
    seen = promise.case.newest_message_id()
    Case.objects.get().hear(desk.ellen, "Forget Friday, I am ill.")
    answer = act(priya, promise, "warn", words="The part is late.", seen=str(seen))
    assert answer.status_code == 409
    assert "The part is late." in answer.content.decode()
    promise.refresh_from_db()
    assert promise.forewarned_at is None


def test_a_warning_by_call_is_noted_as_a_call(desk: Desk, priya: Client, promise: Promise) -> None:
    act(priya, promise, "warn", words="Told her.", how="called")
    promise.refresh_from_db()
    assert promise.forewarned_at is not None
    assert desk.last(promise.case).direction == "call"


def test_acts_are_posts_alone(priya: Client, promise: Promise) -> None:
    for name in ("keep", "move", "answer", "hand", "warn", "write"):
        assert priya.get(f"/promises/{promise.pk}/{name}").status_code == 405


# Giving one


def give(client: Client, on: Case, headers: dict[str, Any] | None = None, **typed: str) -> Any:
    usual = {"case": str(on.pk), "kind": "callback", "text": "I ring you"}
    return client.post("/promises/new", {**usual, **typed}, **(headers or {}))


def test_a_word_is_given_by_a_time_of_the_business_clock(
    desk: Desk, priya: Client, headers: dict[str, Any]
) -> None:
    case = desk.heard()
    assert "by tomorrow 10:00" in page(priya, f"/promises/new?case={case.pk}")
    answer = give(priya, case, headers, when="first_thing:60")
    assert answer.status_code == (200 if headers else 302)
    made = desk.promise(case, "callback")
    assert (made.due, made.owner) == (london("2026-11-20 10:00"), desk.priya)


def test_a_typed_time_is_in_the_zone_of_the_business(desk: Desk, priya: Client) -> None:
    case = desk.heard()
    give(priya, case, due="2027-06-01T10:00", when="first_thing:60")
    assert desk.promise(case, "callback").due.isoformat() == "2027-06-01T09:00:00+00:00"


def test_the_same_form_sent_twice_gives_one_word(desk: Desk, priya: Client) -> None:
    case = desk.heard()
    token = "6a3f5d64-8a0c-4d43-9a44-0ab1b4f7d7a1"
    for _time in range(2):
        assert give(priya, case, when="first_thing:60", form_id=token).status_code == 302
    assert case.promises.filter(kind="callback").count() == 1


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"text": ""}, "Say what they will have"),
        ({"text": LONG}, "100,000 characters; 500 fit here"),
        ({"kind": "acknowledge"}, "Choose what kind"),
        ({"due": "2026-11-19T10:00"}, "already past"),
        ({"when": "nonsense"}, "Choose a day and a time"),
        ({"case": ""}, "Choose the case"),
        (
            {"kind": "arrival_window", "due": "2026-11-20T10:00", "opens": "2026-11-20T11:00"},
            "ends before it begins",
        ),
    ],
)
def test_what_cannot_be_given_is_said_and_kept(
    desk: Desk, priya: Client, typed: dict[str, str], sentence: str
) -> None:
    case = desk.heard()
    answer = give(priya, case, **typed)
    shown = answer.content.decode()
    assert answer.status_code == 422
    assert sentence in shown
    if typed.get("case") != "":
        assert (typed.get("text") or "") in shown
    assert not case.promises.filter(made_by=desk.priya).exists()


def test_the_case_is_found_by_its_number_or_their_name(desk: Desk, priya: Client) -> None:
    case = desk.heard()
    for query in (case.reference, "whit", "ellen"):
        assert f"?case={case.pk}" in page(priya, f"/promises/new?q={query}")
    assert f"?case={case.pk}" in page(priya, f"/promises/new?customer={desk.ellen.pk}")
    assert "No case like that" in page(priya, "/promises/new?q=nobody")


def test_nobody_promises_in_a_case_they_cannot_see(desk: Desk) -> None:
    case = desk.heard()
    assert give(signed_in(desk.ines), case, when="first_thing:60").status_code == 404
