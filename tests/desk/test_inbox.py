"""The inbox: whose move it is, what is due next, and a constant number of questions."""

from collections.abc import Callable
from typing import Any

from django.test import Client

from goodword.cases.models import Case
from goodword.desk.listing import next_promises
from goodword.people.meeting import customer_of
from goodword.promises.models import Promise
from goodword.worker.tick import tick
from tests.cast import Desk
from tests.desk.conftest import signed_in


def titles(html: str) -> list[str]:
    return [part.split("</span>")[0] for part in html.split('<span class="subj">')[1:]]


def test_each_tab_shows_its_own_cases_and_their_number(desk: Desk, priya: Client) -> None:
    desk.heard(title="Ours one")
    desk.answered(desk.heard(desk.daniel, title="Ours two"))
    desk.asked(desk.heard(title="They decide this"))
    rested = desk.heard(title="Theirs now")
    rested.rest(by=desk.priya)
    desk.heard(title="Buy our leads").set_aside("pitch", by=desk.priya)
    for tab, expected in (
        ("ours", {"Ours one", "Ours two"}),
        ("decide", {"They decide this"}),
        ("theirs", {"Theirs now"}),
        ("aside", {"Buy our leads"}),
        ("settled", set()),
    ):
        html = priya.get(f"/inbox/?tab={tab}").content.decode()
        assert set(titles(html)) == expected
    assert 'Ours to move <span class="count">2</span>' in html


def test_five_hundred_rows_on_request_ask_as_much_as_fifty(
    desk: Desk, priya: Client, django_assert_max_num_queries: Any
) -> None:
    desk.heard(title="One of many")
    one = Case.objects.get()
    for number in range(510):
        one.pk, one.reference = None, f"HL-9{number:04}"
        Case.objects.bulk_create([one])
    first = priya.get("/inbox/").content.decode()
    assert len(titles(first)) == 50 and "rows=500" in first
    with django_assert_max_num_queries(15) as few:
        priya.get("/inbox/")
    with django_assert_max_num_queries(len(few)):
        many = priya.get("/inbox/?rows=500").content.decode()
    assert len(titles(many)) == 500 and "Further down" in many and "rows=500&amp;page=2" in many
    assert len(titles(priya.get("/inbox/?rows=500&page=2").content.decode())) == 11
    assert len(titles(priya.get("/inbox/?rows=99999").content.decode())) == 50


def test_broken_stands_first_then_what_is_due_next(desk: Desk, priya: Client) -> None:
    desk.at("2026-11-18 10:00")
    desk.heard(title="Broken since Wednesday")
    desk.at("2026-11-19 16:00")
    desk.heard(title="Due at five")
    desk.answered(desk.heard(title="Due tomorrow"))
    tick()
    html = priya.get("/inbox/").content.decode()
    assert titles(html) == ["Broken since Wednesday", "Due at five", "Due tomorrow"]
    assert "First word was due" in html


def test_a_row_shows_the_promise_that_is_next_of_all(desk: Desk) -> None:
    cases = [desk.heard(title=f"Case {n}") for n in range(6)]
    for n, case in enumerate(cases):
        first, last = case.promises.order_by("pk")
        states = [("open", "open"), ("open", "broken"), ("broken", "broken"), ("kept", "open"),
                  ("void", "released"), ("broken", "open")][n]  # fmt: skip
        for promise, state in zip((first, last), states, strict=True):
            Promise.objects.filter(pk=promise.pk).update(state=state)
    same = cases[0].promises.order_by("pk")[0]
    cases[0].promises.update(breaks_at=same.breaks_at)
    outstanding = Promise.objects.outstanding().order_by("breaks_at", "id")
    wanted = {
        case.pk: min(found, key=lambda each: each.state != "broken").pk
        for case in cases
        if (found := list(outstanding.filter(case=case)))
    }
    assert len(wanted) == 5
    assert {pk: each.pk for pk, each in next_promises(cases).items()} == wanted


def test_a_row_says_who_has_it_or_that_nobody_has(desk: Desk, priya: Client) -> None:
    desk.heard(title="Free")
    assert "Nobody has this yet" in priya.get("/inbox/").content.decode()
    Case.objects.get().take(by=desk.dele)
    html = priya.get("/inbox/").content.decode()
    assert "with Dele" in html
    assert "Nobody has this yet" not in html


def test_filters_and_sorts_are_links_that_hold_together(desk: Desk, priya: Client) -> None:
    desk.heard(title="Older, nobody has it")
    desk.later(minutes=5)
    mine = desk.heard(title="Newer, mine")
    mine.take(by=desk.priya)
    get = lambda query: titles(priya.get(f"/inbox/{query}").content.decode())  # noqa: E731
    assert get("?filter=mine") == ["Newer, mine"]
    assert get("?filter=nobody") == ["Older, nobody has it"]
    assert get("?sort=newest") == ["Newer, mine", "Older, nobody has it"]
    assert get("?sort=silence") == ["Older, nobody has it", "Newer, mine"]
    assert get("?team=virtual-offices") == []
    assert get("?tab=nonsense&sort=x&page=-3") == get("")


def test_another_teams_agent_sees_none_of_it_until_it_is_offered(desk: Desk) -> None:
    case = desk.heard(title="Not for Ines")
    ines = signed_in(desk.ines)
    assert titles(ines.get("/inbox/").content.decode()) == []
    assert ines.get(f"/inbox/preview/{case.pk}").status_code == 404
    assert ines.get(f"/inbox/?case={case.pk}").status_code == 404
    case.offer_to(desk.ines, by=desk.priya)
    html = ines.get("/inbox/").content.decode()
    assert titles(html) == ["Not for Ines"]
    assert "Offered to you" in html


def test_an_empty_tab_says_what_would_come_here(desk: Desk, priya: Client) -> None:
    assert "Nobody waits for us" in priya.get("/inbox/").content.decode()
    assert "Only the customer decides" in priya.get("/inbox/?tab=decide").content.decode()


def test_the_list_asks_as_much_for_two_rows_as_for_twenty(
    desk: Desk, priya: Client, questions: Callable[[Client, str], int]
) -> None:
    def fill(number: int) -> None:
        for place in range(number):
            person = customer_of(
                f"p{place}-{number}@firm{place}.example",
                f"Person {place}",
                account_domain=f"firm{place}.example",
            )
            desk.answered(desk.heard(person, title=f"Case {number} {place}"))
            desk.heard(person, title=f"Open {number} {place}")

    fill(1)
    for url in ("/inbox/", "/inbox/rows"):
        assert questions(priya, url) <= 15
    few = questions(priya, "/inbox/")
    fill(10)
    assert questions(priya, "/inbox/") == few


def test_fifty_rows_stand_on_a_page_and_the_rest_on_the_next(desk: Desk, priya: Client) -> None:
    for number in range(53):
        desk.heard(title=f"Case {number:02}")
    first = priya.get("/inbox/").content.decode()
    second = priya.get("/inbox/?page=2").content.decode()
    assert (len(titles(first)), len(titles(second))) == (50, 3)
    assert not set(titles(first)) & set(titles(second))
    assert "page=2" in first


def test_the_preview_takes_and_sends_and_comes_back_to_the_list(desk: Desk, priya: Client) -> None:
    case = desk.heard()
    html = priya.get(f"/inbox/preview/{case.pk}").content.decode()
    assert "Take it and send" in html
    assert "The server is down again." in html
    sent = priya.post(
        f"/cases/{case.pk}/reply",
        {
            "text": "I have it, and call you.",
            "then": "promise",
            "word_kind": "callback",
            "word_text": "I call you",
            "word_when": "first_thing:60",
            "word_due": "",
            "seen": case.newest_message_id(),
            "next": "/inbox/",
        },
    )
    assert (sent.status_code, sent["Location"]) == (302, "/inbox/")
    case.refresh_from_db()
    assert (case.owner, case.is_taken) == (desk.priya, True)
    assert desk.promise(case, "callback").form == "first_thing:60"


def test_what_a_customer_writes_is_never_markup(desk: Desk, priya: Client) -> None:
    case = desk.heard(title="<img src=x onerror=alert(1)>", text="<script>alert(1)</script>")
    for url in ("/inbox/", f"/inbox/preview/{case.pk}", case.get_absolute_url()):
        html = priya.get(url).content.decode()
        assert "<img src=x" not in html
        assert "<script>alert" not in html
