"""Thursday 16:33: word is sent before closing by keyboard, one waits by name, the day is closed."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.browser.screens import LEADER, Demo, Screen, demo
from tests.browser.visitors import Visitors
from tests.peers.chromium import DESK, PHONE

MARTA = "marta@harbourlane.example"
LINES = (
    ("You were told of a charge for scanning after you had agreed", "I read your contract now"),
    ("The printer has left the network once more", "Dele compares the logs of the switch"),
    ("Nobody read the inbox that our letter named", "Our terminal desk rings the bank"),
    ("The calendar shows each meeting twice", "I am going through your phone's settings"),
)
ASK = "SELECT count(*) FROM cases_message WHERE purpose = 'three_part' AND direction = 'out'"


@pytest.fixture(scope="module")
def harbour_lane() -> Iterator[Demo]:
    with demo() as running:
        yield running


@pytest.fixture
def visitors(chromium: Browser, harbour_lane: Demo) -> Iterator[Visitors]:
    found = Visitors(chromium, harbour_lane)
    yield found
    found.close()


def open_page(visitors: Visitors, path: str, who: str, size: dict[str, int] = DESK) -> Page:
    return visitors.open(Screen("walk", path, who), size)


def test_a_page_that_is_fetched_again_while_somebody_types_says_that_the_draft_is_kept(
    visitors: Visitors,
) -> None:
    page = open_page(visitors, "/day/?of=billing", MARTA)
    held: list[Route] = []
    page.route("**/day/part*", lambda route: held.append(route))
    with page.expect_request("**/day/part*"):
        page.evaluate("htmx.trigger('#closing', 'nudge')")
    words = page.locator(".ackline").first.get_by_label("What we received")
    words.press_sequentially("The invoice of October")
    with page.expect_response("**/day/part*"):
        held[0].continue_()
    expect(page.locator("[data-draft-saved]")).to_contain_text("Draft kept")
    expect(words).to_have_value("The invoice of October")
    words.fill("")
    expect(page.locator("[data-draft-saved]")).to_contain_text("Nothing is kept")


def test_a_sweep_at_half_past_four(visitors: Visitors, harbour_lane: Demo) -> None:
    page = open_page(visitors, "/today/", MARTA)
    page.keyboard.press("b")
    page.wait_for_url("**/day/?of=*")
    page.goto(f"{harbour_lane.server.url}/day/?of=it-support")
    lines = page.locator(".ackline")
    waiting = lines.count()
    assert waiting >= 2
    expect(page.locator("#sweep-h")).to_contain_text("27 minutes to closing.")

    # Two lines, with nothing but the keyboard; the second forgets a part.
    lines.nth(0).get_by_label("What we received").focus()
    page.keyboard.type(LINES[0][0])
    page.keyboard.press("Tab")
    page.keyboard.type(LINES[0][1])
    expect(page.locator("[data-draft-saved]")).to_contain_text("Draft kept")
    lines.nth(1).get_by_label("What we received").focus()
    page.keyboard.type(LINES[1][0])
    page.keyboard.press("Control+Enter")
    expect(page.locator(".ackline .refusal")).to_contain_text("what is being done now")
    expect(lines).to_have_count(waiting - 1)
    assert harbour_lane.server.ask(ASK) == [(1,)]
    expect(lines.nth(0).get_by_label("What we received")).to_have_value(LINES[1][0])
    lines.nth(0).get_by_label("What is being done now").fill(LINES[1][1])
    lines.nth(0).get_by_role("button", name="Send word to").click()
    page.wait_for_url("**/day/?of=it-support")
    expect(lines).to_have_count(waiting - 2)
    assert harbour_lane.server.ask(ASK) == [(2,)]
    expect(page.locator("#sent-h")).to_be_visible()

    # The day stays open while somebody waits; the last ones wait by name.
    page.get_by_role("button", name="Close the day of IT support").click()
    if waiting > 2:
        expect(page.locator("#refusal")).to_contain_text("heard nothing from us")
    while lines.count():
        left = lines.count()
        lines.nth(0).get_by_text("Leave it for later…").click()
        lines.nth(0).get_by_label("Who decided it").select_option(label="Marta Nowak")
        lines.nth(0).get_by_label("Why it may wait").fill("She asked for tomorrow on the phone.")
        lines.nth(0).get_by_role("button", name="Write it down").click()
        expect(lines).to_have_count(left - 1)
    if waiting > 2:
        page.get_by_role("button", name="Close the day of IT support").click()
    expect(page.locator("#closed")).to_contain_text("Marta Nowak closed the day of IT support")

    leader = open_page(visitors, "/day/before?of=it-support", LEADER)
    expect(leader.locator("main")).to_contain_text("closed by Marta Nowak")
    if waiting > 2:
        expect(leader.locator("main")).to_contain_text("She asked for tomorrow on the phone.")

    # And back again.
    page.get_by_role("button", name="Open it again").click()
    expect(page.locator("#closed")).to_have_count(0)


def test_nothing_of_it_is_wider_than_a_phone(visitors: Visitors) -> None:
    page = open_page(visitors, "/day/?of=it-support", MARTA, PHONE)
    wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert page.evaluate(wide) <= 0
