"""Half-typed words are never lost, whatever happens between the keyboard and the server."""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

Open = Callable[..., Page]


@pytest.fixture
def note(at_desk: Open) -> Iterator[Page]:
    """An empty note on a case; whatever is left in it is taken out again."""
    page = at_desk("/cases/2036/?mode=note")
    page.locator("#text").fill("")
    yield page
    page.unroute_all()
    page.goto(page.url)
    page.locator("#text").fill("")
    page.wait_for_timeout(700)


def text_of(page: Page) -> str:
    return page.locator("#text").input_value()


def test_what_is_typed_is_kept_and_said_so(note: Page) -> None:
    note.locator("#text").press_sequentially("Ask Ruth about the licences")
    expect(note.locator("[data-draft-saved]")).to_contain_text(re.compile(r"Draft kept 16:\d\d"))
    note.reload()
    assert text_of(note) == "Ask Ruth about the licences"


def test_what_is_typed_a_moment_before_leaving_is_kept(note: Page) -> None:
    address = note.url
    note.locator("#text").fill("Ask Ruth about the printer too")
    note.evaluate("location.href = '/today/'")
    note.wait_for_url("**/today/")
    note.goto(address)
    expect(note.locator("#text")).to_have_value("Ask Ruth about the printer too")


def test_what_the_server_never_got_comes_back_from_the_browser(note: Page) -> None:
    note.route("**/draft*", lambda route: route.abort())
    note.locator("#text").fill("Typed in a tunnel")
    expect(note.locator("[data-draft-saved]")).to_contain_text("Not kept")
    # A beacon on the way out would be routed to nowhere as well.
    note.evaluate("navigator.sendBeacon = () => false")
    note.reload()
    expect(note.locator("#text")).to_have_value("")
    note.unroute("**/draft*")
    note.reload()
    expect(note.locator("#text")).to_have_value("Typed in a tunnel")
    expect(note.locator("[data-draft-saved]")).to_contain_text("Draft kept")
    assert note.evaluate("Object.keys(localStorage).filter(key => key.startsWith('draft'))") == []


def test_what_is_typed_meanwhile_is_not_overwritten(note: Page) -> None:
    note.route("**/draft*", lambda route: route.abort())
    note.locator("#text").fill("The older words")
    expect(note.locator("[data-draft-saved]")).to_contain_text("Not kept")
    note.unroute("**/draft*")
    note.evaluate("navigator.sendBeacon = () => false")
    note.add_init_script(
        "document.addEventListener('DOMContentLoaded', () => {"
        "const area = document.querySelector('#text'); if (area) area.value = 'Newer words'; });"
    )
    note.reload()
    note.wait_for_timeout(800)
    assert text_of(note) == "Newer words"


def test_a_sent_note_does_not_come_back_as_a_draft(note: Page) -> None:
    note.locator("#text").fill("Sent faster than it was saved")
    note.keyboard.press("Control+Enter")
    expect(note.locator("#case-thread")).to_contain_text("Sent faster than it was saved")
    note.goto(f"{note.url.split('?')[0]}?mode=note")
    note.wait_for_timeout(800)
    assert text_of(note) == ""
    assert note.evaluate("Object.keys(localStorage).filter(key => key.startsWith('draft'))") == []
