"""The palette in a browser: it finds, goes and does, and nothing of it needs a mouse."""

import re
from contextlib import suppress
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from goodword.cases.models import Case
from goodword.finding.keeping import catch_up
from goodword.staff.models import Member
from tests.browser.test_axe import RULES, violations
from tests.cast import Desk
from tests.desk.conftest import signed_in


def come_in(page: Page, live_server: Any, member: Member) -> Page:
    session = signed_in(member).cookies["goodword_session"].value
    cookie = {"name": "goodword_session", "value": session, "url": live_server.url}
    page.context.add_cookies([cookie])  # type: ignore[list-item]
    return page


@pytest.fixture
def shown(live_server: Any, desk: Desk, page: Page) -> tuple[Page, Case]:
    """A case of Ellen's that Priya has answered, open before her."""
    case = desk.answered(desk.heard(title="Dark projector", text="It stays dark."))
    catch_up()
    come_in(page, live_server, desk.priya).goto(f"{live_server.url}/cases/{case.pk}/")
    return page, case


def ask(page: Page, words: str) -> None:
    """Open it and write; a key that comes while a part of the page is fetched goes nowhere."""
    for _each in range(10):
        page.keyboard.press("Control+k")
        with suppress(AssertionError):
            expect(page.locator("#palette-field")).to_be_focused(timeout=2000)
            break
    page.keyboard.type(words)


def first(page: Page) -> Any:
    return page.locator("#palette [role=option][aria-selected=true]")


def test_it_finds_a_case_a_customer_and_does_what_the_page_offers(
    shown: tuple[Page, Case], desk: Desk
) -> None:
    page, case = shown
    ask(page, "snoo")
    expect(first(page)).to_contain_text("Snooze…")
    expect(first(page).locator("kbd")).to_have_text("Z")
    active = page.locator("#palette-field").get_attribute("aria-activedescendant")
    assert active == first(page).get_attribute("id")
    assert violations(page, RULES) == []
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("button", name="Snooze it")).to_be_visible()
    assert page.evaluate("document.querySelector('dialog[open]').contains(document.activeElement)")
    page.keyboard.press("Escape")

    ask(page, "calt")
    expect(first(page)).to_contain_text("Copy a link to this case")
    page.keyboard.press("Escape")
    ask(page, "ellen whit")
    customers = page.get_by_role("group", name="Customers")
    expect(customers.get_by_role("option")).to_have_count(1)
    while first(page).locator("b").text_content() != "Ellen Whitcombe":
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(rf"/customers/{desk.ellen.pk}/"))

    ask(page, case.reference)
    expect(page.get_by_role("group", name="Cases")).to_contain_text("Dark projector")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(rf"/cases/{case.pk}/"))
    # What was chosen lately stands first.
    page.keyboard.press("Control+k")
    expect(page.get_by_role("group", name="Lately").get_by_role("option")).to_contain_text(
        ["Dark projector", "Ellen Whitcombe", "Snooze"]
    )


def test_a_settings_page_for_whoever_may(live_server: Any, desk: Desk, page: Page) -> None:
    come_in(page, live_server, desk.jonas).goto(f"{live_server.url}/today/")
    ask(page, "holidays")
    expect(first(page)).to_contain_text("Holidays and single days")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/settings/holidays/"))


def test_letters_can_be_switched_off_and_the_palette_stays(
    live_server: Any, desk: Desk, page: Page
) -> None:
    come_in(page, live_server, desk.priya).goto(f"{live_server.url}/today/")
    page.keyboard.press("?")
    keys = page.locator("#keys")
    expect(keys.locator("[data-keys=here]")).to_contain_text("New case")
    expect(keys.locator("[data-keys=places]")).to_contain_text("Customers")
    keys.locator("[data-letters]").focus()
    page.keyboard.press("Space")
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    page.keyboard.press("w")
    expect(keys).to_be_hidden()
    page.reload()
    page.keyboard.press("c")
    assert page.url.endswith("/today/")
    ask(page, "keyboard sh")
    page.keyboard.press("Enter")
    expect(keys).to_be_visible()
    expect(keys.locator("[data-letters]")).not_to_be_checked()


def test_what_is_typed_while_the_page_is_fetched_after_an_act_is_there_and_is_sent(
    live_server: Any, desk: Desk, page: Page
) -> None:
    case = desk.heard(title="Dark projector", text="The projector stays dark.")
    come_in(page, live_server, desk.priya).goto(f"{live_server.url}/cases/{case.pk}/")
    held: list[Route] = []
    page.route("**/cases/*/rail*", lambda route: held.append(route))
    with page.expect_request("**/cases/*/rail*"):
        page.keyboard.press("t")
    page.keyboard.press("#")
    page.keyboard.type("Lam")
    with page.expect_response("**/cases/*/rail*"):
        held.pop().continue_()
    page.unroute("**/cases/*/rail*")
    page.keyboard.type("p")
    expect(page.locator("#tag-name")).to_have_value("Lamp")
    page.keyboard.press("Enter")
    expect(page.locator(".ourtag")).to_contain_text("Lamp")
    expect(page.locator("#tag-name")).to_have_value("")


def test_a_whole_case_by_keyboard_alone(live_server: Any, desk: Desk, page: Page) -> None:
    case = desk.heard(title="Dark projector", text="The projector stays dark.")
    page.add_init_script(
        "for (const kind of ['mousedown', 'pointerdown', 'touchstart']) addEventListener(kind,"
        " event => { if (event.isTrusted) sessionStorage.setItem('mouse', kind); }, true);"
    )
    come_in(page, live_server, desk.priya).goto(f"{live_server.url}/today/")
    press = page.keyboard.press

    # To the inbox, to the row, into the case.
    press("g")
    press("i")
    page.wait_for_url(re.compile("/inbox/"))
    press("j")
    expect(page.locator(f"#row-{case.pk}")).to_be_focused()
    press("Enter")
    page.wait_for_url(re.compile(rf"/cases/{case.pk}/"))

    # Taken, a tag, a menu by arrows and back out of it.
    press("t")
    expect(page.locator("#case-head")).to_contain_text("With Priya")
    press("#")
    page.keyboard.type("Lamp")
    press("Enter")
    expect(page.locator(".ourtag")).to_contain_text("Lamp")
    page.locator("[popovertarget=m-case]").focus()
    press("ArrowDown")
    expect(page.locator("#m-case :focus")).to_have_count(1)
    press("End")
    expect(page.locator("#m-case :focus")).to_contain_text("Print the whole story")
    press("Escape")
    expect(page.locator("[popovertarget=m-case]")).to_be_focused()

    # Written, with a promise, and sent.
    press("r")
    page.keyboard.type("I order the lamp today.")
    press("Escape")
    press("w")
    expect(page.locator("[name=word_kind]").first).to_be_focused()
    page.keyboard.type("Next update")
    press("Tab")
    while not page.evaluate("document.activeElement.matches('[name=word_text]')"):
        press("Tab")
    page.keyboard.type("You hear from me when it is here")
    press("Control+Enter")
    expect(page.locator("#case-thread")).to_contain_text("I order the lamp today.")
    promise = Case.objects.get(pk=case.pk).promises.get(kind="next_update")
    assert promise.text == "You hear from me when it is here"

    # The promise kept by the message that asks whether it is settled.
    ask(page, "this message keeps")
    press("Enter")
    expect(page.locator("[name=keeps]").first).to_be_focused()
    press("Space")
    ask(page, "ask with my")
    press("Enter")
    expect(page.locator("#text")).to_be_focused()
    page.keyboard.type("The lamp is in.")
    press("Control+Enter")
    expect(page.locator("#case-head")).to_contain_text("They decide")
    promise.refresh_from_db()
    assert promise.state == "kept"
    assert Case.objects.get(pk=case.pk).move == "decide"
    assert page.evaluate("sessionStorage.getItem('mouse')") is None
