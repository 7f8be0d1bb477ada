"""Silences: the oldest first, how far up each ladder went, and who sees what of it."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from goodword.people.meeting import customer_of
from goodword.promises.models import Rung
from goodword.worker.tick import tick
from tests.cast import Desk
from tests.desk.conftest import signed_in


def page(who: object, name: str = "silences") -> str:
    answer = signed_in(who).get(reverse(name))  # type: ignore[arg-type]
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def test_a_month_of_silence_is_the_first_row_of_the_leaders_board(desk: Desk) -> None:
    forgotten = desk.heard()
    for number in range(31):
        desk.later(days=1)
        if number == 20:
            desk.heard(desk.daniel, "Another matter.")
        tick()
    said = page(desk.jonas)
    assert 'The oldest silence: <b>Ellen Whitcombe</b>, <b class="nums">31 days</b>' in said
    first = said.index(f'id="s-{forgotten.pk}"')
    assert first < said.index("Daniel Reyes")
    assert "It stands on everybody’s board." in said
    assert f'href="/cases/{forgotten.pk}/"' in said


def test_it_says_who_was_told_and_what_comes_next(desk: Desk) -> None:
    desk.heard()
    desk.at("2026-11-20 17:30")
    tick()
    said = page(desk.marta)
    assert "Rung 2 of 4: Marta was told. Next: A leader, " in said
    assert "17:00." in said.partition("Next: A leader, ")[2][:40]


def test_the_case_and_the_promise_show_the_ladder(desk: Desk) -> None:
    case = desk.heard()
    desk.at("2026-11-20 17:30")
    tick()
    client = signed_in(desk.priya)
    shown = client.get(case.get_absolute_url()).content.decode()
    assert "Rung 2 of 4: Marta was told." in shown
    assert "went up a rung" in shown
    promise = desk.promise(case, "acknowledge")
    shown = client.get(reverse("promise", args=[promise.pk])).content.decode()
    assert "The ladder" in shown and "Marta was told." in shown and "Not yet." in shown


def test_everybody_sees_the_last_rung_and_strangers_to_the_case_no_name(desk: Desk) -> None:
    desk.heard()
    desk.at("2026-12-01 12:00")
    tick()
    theirs = page(desk.ines)
    assert "A customer of IT support waits for a word of ours" in theirs
    assert "Ellen" not in theirs
    assert "Ellen Whitcombe" in page(desk.dele, "today")
    assert "Ellen" not in page(desk.ines, "today")


def test_before_that_today_tells_leads_and_no_one_else(desk: Desk) -> None:
    desk.heard()
    desk.at("2026-11-19 17:30")
    tick()
    assert "Oldest silences" in page(desk.marta, "today")
    assert "h-silence" not in page(desk.dele, "today")


def test_where_nobody_waits_it_says_so(desk: Desk) -> None:
    assert "Nobody waits for a word of ours" in page(desk.jonas)


@pytest.mark.parametrize("name", ["silences", "today", "case"])
def test_twenty_ladders_ask_as_much_as_two(desk: Desk, name: str) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            client.get(url)
        return len(queries)

    client = signed_in(desk.jonas)
    case = desk.heard()
    url = reverse(name, args=[case.pk] if name == "case" else [])
    desk.heard()
    desk.at("2026-12-01 12:00")
    tick()
    client.get(url)
    few = asked()
    for number in range(9):
        desk.heard(customer_of(f"row{number}@rows.example", f"Row {number}"))
        case.hear(desk.ellen, "And again.")
    desk.at("2026-12-14 12:00")
    tick()
    client.get(url)
    assert Rung.objects.count() >= 4 * 20
    assert asked() == few <= 15


def test_nobody_comes_in_without_signing_in(client: Client, desk: Desk) -> None:
    for name in ("silences", "silences_part"):
        assert client.get(reverse(name)).status_code == 302
