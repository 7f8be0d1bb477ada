"""Promises under the hands of somebody: board, filter, calendar, file, and back."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from goodword.promises.models import Promise
from tests.cast import Desk, london
from tests.desk.conftest import signed_in


@pytest.fixture
def board(live_server: Any, desk: Desk, page: Page) -> Page:
    """The leader's board, with a callback this week, one next week, and one of a colleague."""
    case = desk.heard()
    for text, due, owner in (
        ("Ring about the server", "2026-11-20 12:00", desk.priya),
        ("Ring about the printer", "2026-11-25 12:00", desk.priya),
        ("Ring about the lamp", "2026-11-20 15:00", desk.dele),
    ):
        Promise.make(case, "callback", text, by=desk.priya, owner=owner, due=london(due))
    session = signed_in(desk.jonas).cookies["goodword_session"].value
    page.context.add_cookies(
        [{"name": "goodword_session", "value": session, "url": live_server.url}]
    )
    page.goto(f"{live_server.url}/promises/")
    return page


def test_from_the_board_by_a_filter_and_the_calendar_to_a_file(board: Page) -> None:
    main = board.locator("main")
    expect(main.get_by_text("Ring about the lamp")).to_be_visible()
    main.get_by_role("button", name="Whose").click()
    board.locator("#f-owner").get_by_role("link", name="Priya Raman").click()
    expect(board).to_have_url(re.compile("owner="))
    expect(main.get_by_text("Ring about the lamp")).to_have_count(0)
    main.get_by_role("link", name="Week", exact=True).click()
    expect(main.get_by_text("Ring about the server")).to_be_visible()
    board.keyboard.press("]")
    expect(main.get_by_text("Ring about the printer")).to_be_visible()
    expect(main.get_by_text("Ring about the server")).to_have_count(0)
    board.keyboard.press("j")
    expect(board.locator(".calitem a").first).to_be_focused()
    main.get_by_role("button", name="Take out").click()
    with board.expect_download() as taken:
        board.get_by_role("link", name="As JSON").click()
    found = json.loads(Path(taken.value.path()).read_text())["promises"]
    assert [row["text"] for row in found] == ["Ring about the printer"]
    board.keyboard.press("Escape")
    main.get_by_role("link", name="Without any filter").click()
    expect(main.locator("nav[aria-label='Chosen filters']")).to_have_count(0)


def test_a_link_for_a_calendar_is_made_and_ended(board: Page, live_server: Any) -> None:
    board.goto(f"{live_server.url}/me/calendar/")
    board.get_by_role("button", name="Make a link").click()
    board.get_by_label("Your present password").or_(board.get_by_label("Your password")).fill(
        "nine plain words"
    )
    board.keyboard.press("Enter")
    expect(board.get_by_role("heading", name="Your promises in your calendar")).to_be_visible()
    board.get_by_role("button", name="Make a link").click()
    address = board.get_by_label("Copy it").input_value()
    path = "/feeds/" + address.split("/feeds/")[1]
    assert board.request.get(live_server.url + path).ok
    board.get_by_role("link", name="I have put it in").click()
    board.get_by_role("button", name="End it").click()
    expect(board.get_by_text("No calendar reads your promises any more.")).to_be_visible()
    assert board.request.get(live_server.url + path).status == 404
