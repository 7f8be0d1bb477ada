"""The desk by keyboard alone, and by day and by night."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

Open = Callable[..., Page]


def test_g_and_a_letter_go_to_a_room(at_desk: Open) -> None:
    page = at_desk("/today/")
    for key, room in (("i", "inbox"), ("p", "promises"), ("c", "customers"), ("t", "today")):
        page.keyboard.press("g")
        page.keyboard.press(key)
        page.wait_for_url(re.compile(f"/{room}/"))


def test_letters_do_nothing_while_somebody_types(at_desk: Open) -> None:
    page = at_desk("/cases/2041/?mode=note")
    page.locator("#text").fill("")
    page.locator("#text").press_sequentially("give it to jkt?")
    assert page.locator("#text").input_value() == "give it to jkt?"
    assert page.url.endswith("/cases/2041/?mode=note")
    expect(page.locator("#keys")).to_be_hidden()


def test_escape_leaves_the_field_and_letters_act_again(at_desk: Open) -> None:
    page = at_desk("/cases/2041/")
    page.locator("#text").focus()
    page.keyboard.press("Escape")
    expect(page.locator("#text")).not_to_be_focused()
    page.keyboard.press("r")
    expect(page.locator("#text")).to_be_focused()


def test_j_and_k_go_through_the_rows_and_enter_opens_one(at_desk: Open) -> None:
    page = at_desk("/inbox/")
    rows = page.locator("[data-row]")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    focused = page.evaluate("document.activeElement.id")
    ids = [row.get_attribute("id") for row in rows.all()]
    assert focused in ids[1:3]
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/cases/\d+/"))


def test_a_question_mark_shows_the_keys_and_escape_closes_them(at_desk: Open) -> None:
    page = at_desk("/today/")
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#keys")).to_be_hidden()


def test_the_list_of_keys_opens_from_the_menu(at_desk: Open) -> None:
    page = at_desk("/today/")
    page.locator(".me").click()
    page.locator("#me-menu").get_by_role("button", name="Keyboard shortcuts").click()
    expect(page.locator("#keys")).to_be_visible()
    expect(page.locator("#me-menu")).to_be_hidden()


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_the_page_follows_the_system(at_desk: Open, script: bool) -> None:
    night = at_desk("/today/", dark=True, script=script)
    day = at_desk("/today/", dark=False, script=script)
    assert _brightness(day) > 200 > 100 > _brightness(night)


def test_a_chosen_theme_stays_and_is_there_before_the_first_paint(at_desk: Open) -> None:
    page = at_desk("/today/")
    page.locator(".me").click()
    page.get_by_role("button", name="Night").first.click()
    page.context.add_init_script(
        "new PerformanceObserver(list => { for (const paint of list.getEntries()) "
        "window.themeAtPaint ??= document.documentElement.dataset.theme; })"
        ".observe({ type: 'paint', buffered: true });"
    )
    page.reload()
    # Asked from outside: a function that waits inside the page is an eval, which the policy stops.
    for _try in range(100):
        if page.evaluate("window.themeAtPaint !== undefined"):
            break
        page.wait_for_timeout(50)
    assert page.evaluate("window.themeAtPaint") == "dark"
    assert _brightness(page) < 100
    page.locator(".me").click()
    page.get_by_role("button", name="Follow the system").click()
    assert _brightness(page) > 200


def _brightness(page: Page) -> float:
    """How bright the page's ground is drawn, from 0 to 255."""
    return float(
        page.evaluate(
            "() => { const c = document.createElement('canvas').getContext('2d');"
            "c.fillStyle = getComputedStyle(document.body).backgroundColor; c.fillRect(0,0,1,1);"
            "const [r,g,b] = c.getImageData(0,0,1,1).data; return (r+g+b)/3; }"
        )
    )
