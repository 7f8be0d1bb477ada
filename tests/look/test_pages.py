"""What stands around every page: the banner, paper, errors, and a page without scripts."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.server import DeskServer
from tests.peers.chromium import DESK, PHONE

Open = Callable[..., Page]
Visitor = Callable[..., BrowserContext]


@pytest.mark.parametrize("path", ["/today/", "/inbox/", "/cases/2041/", "/promises/"])
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_no_page_is_wider_than_its_screen(at_desk: Open, path: str, size: dict[str, int]) -> None:
    page = at_desk(path, size=size)
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]


@pytest.mark.parametrize("path", ["/inbox/", "/cases/2041/"])
def test_panes_fill_the_screen_and_no_more(at_desk: Open, path: str) -> None:
    page = at_desk(path, size=DESK)
    assert page.evaluate("document.documentElement.scrollHeight") == DESK["height"]


def test_the_inbox_shows_what_was_said_beside_the_list(at_desk: Open) -> None:
    page = at_desk("/inbox/?case=2041", size=DESK)
    pane = page.locator("#preview .scroll").bounding_box()
    assert pane is not None and pane["height"] > DESK["height"] / 3
    expect(page.locator("#preview .bubble").last).to_be_in_viewport()


def test_paper_has_the_whole_conversation_and_nothing_to_press(at_desk: Open) -> None:
    page = at_desk("/cases/2041/", dark=True)
    page.emulate_media(media="print")
    expect(page.locator(".side")).to_be_hidden()
    expect(page.locator("#composer")).to_be_hidden()
    first, last = page.locator(".bubble").first, page.locator(".bubble").last
    expect(first).to_be_visible()
    inside = "e => { const s = e.closest('.scroll'); return s.scrollHeight <= s.clientHeight + 1 }"
    assert last.evaluate(inside)
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"


def on_paper(page: Page, *, shown: list[str], hidden: list[str]) -> None:
    page.emulate_media(media="print")
    for words in shown:
        expect(page.get_by_text(words).locator("visible=true").first).to_be_visible()
    for words in hidden:
        expect(page.get_by_text(words, exact=True).locator("visible=true")).to_have_count(0)
    pressed = "main :is(button, summary.btn, input:not([type=hidden]), textarea, select)"
    expect(page.locator(pressed).locator("visible=true")).to_have_count(0)


def test_paper_has_the_article_and_what_only_unfolds_a_form_stays_away(
    demo: DeskServer, at_desk: Open, person: Visitor
) -> None:
    page = at_desk("/articles/")
    page.get_by_role("link", name="My calendar shows two of everything").first.click()
    page.get_by_text("Take the tick away from").wait_for()
    on_paper(page, shown=["On the laptop", "Version"], hidden=["Retire it", "Write"])
    page = at_desk("/customers/")
    page.get_by_role("link", name="Ellen Whitcombe").first.click()
    page.locator("h1", has_text="Ellen Whitcombe").wait_for()
    on_paper(page, shown=["How we reach them"], hidden=["Add a note", "Add a date"])
    stranger = person().new_page()
    stranger.goto(f"{demo.url}/help/en-gb/my-calendar-shows-two-of-everything/")
    words = ["On the laptop", "Written by", "Talk to a person", "020 7946 0140"]
    on_paper(stranger, shown=words, hidden=["Not yet"])


def test_a_strangers_wrong_address_says_how_to_reach_a_person(
    demo: DeskServer, person: Visitor
) -> None:
    page = person().new_page()
    answer = page.goto(f"{demo.url}/c/not-a-link/")
    assert answer is not None and answer.status == 404
    expect(page.get_by_role("heading", level=1)).to_contain_text("nothing here")
    expect(page.locator("a[href^='tel:']")).to_be_visible()


def test_an_address_that_acts_cannot_be_opened_and_says_so(demo: DeskServer, at_desk: Open) -> None:
    page = at_desk("/today/")
    answer = page.goto(f"{demo.url}/sign-out/")
    assert answer is not None
    assert answer.status == 405
    assert answer.headers["allow"] == "POST"
    expect(page.get_by_role("link", name="Go to Today")).to_be_visible()


def test_nothing_on_a_page_is_stopped_by_its_own_policy(demo: DeskServer, at_desk: Open) -> None:
    page = at_desk("/today/")
    said: list[str] = []
    page.on("console", lambda line: said.append(line.text))
    for path in ("/today/", "/inbox/", "/cases/2041/", "/promises/", "/customers/"):
        page.goto(f"{demo.url}{path}")
        page.wait_for_timeout(300)
    assert not [line for line in said if "Content Security Policy" in line or "Refused" in line]


def test_chosen_files_are_named_before_they_are_sent(at_desk: Open) -> None:
    page = at_desk("/cases/2036/")
    page.locator("input[type=file]").set_input_files(
        [{"name": "plan of the desks.txt", "mimeType": "text/plain", "buffer": b"a"}]
    )
    expect(page.locator("#composer .file")).to_contain_text("plan of the desks.txt")
