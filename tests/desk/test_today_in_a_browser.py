"""Today under the hands of somebody: keys, the line of evidence, and a page that renews itself."""

from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from goodword.core.time import clock, now
from goodword.promises.models import Promise
from tests.cast import Desk, london
from tests.desk.conftest import signed_in


@pytest.fixture
def today(live_server: Any, desk: Desk, page: Page) -> Page:
    """Priya's Today, with two callbacks to keep before five."""
    case = desk.heard()
    for text, due in (("Ring about the server", "16:45"), ("Ring about the printer", "16:50")):
        Promise.make(
            case, "callback", text, by=desk.priya, owner=desk.priya, due=london(f"2026-11-19 {due}")
        )
    session = signed_in(desk.priya).cookies["goodword_session"].value
    page.context.add_cookies(
        [{"name": "goodword_session", "value": session, "url": live_server.url}]
    )
    page.goto(f"{live_server.url}/today/")
    return page


def test_j_and_k_walk_the_rows_and_e_asks_for_the_evidence(today: Page, desk: Desk) -> None:
    row = today.locator("li.promise").first.locator(".word a")
    row.focus()
    today.keyboard.press("j")
    expect(today.locator("li.promise").nth(1).locator(".word a")).to_be_focused()
    today.keyboard.press("k")
    expect(row).to_be_focused()
    today.keyboard.press("e")
    expect(today.locator("#keepit")).to_be_visible()
    expect(today.locator("#keepit [data-keep-word]")).to_have_text("Ring about the server")
    today.keyboard.type("Rang her, she is glad")
    today.keyboard.press("Control+Enter")
    expect(today.locator("#day-sentence")).to_contain_text("one kept")
    kept = Promise.objects.get(text="Ring about the server")
    assert (kept.state, kept.evidence) == ("kept", "Rang her, she is glad")


def test_news_renew_the_lists_and_leave_focus_and_typing_alone(today: Page, desk: Desk) -> None:
    today.locator("li.promise").nth(1).locator(".word a").focus()
    focused = today.evaluate("document.activeElement.id")
    desk.heard(desk.daniel, "Is this really the deal?")
    today.evaluate("htmx.trigger('#day', 'nudge', {topic: 'inbox'})")
    expect(today.locator("#sweep")).to_contain_text("Is this really the deal?")
    assert today.evaluate("document.activeElement.id") == focused
    today.keyboard.press("e")
    today.keyboard.type("Half a li")
    desk.heard(desk.daniel, "And one more thing.")
    today.evaluate("htmx.trigger('#day', 'nudge', {topic: 'inbox'})")
    expect(today.locator("#sweep")).to_contain_text("And one more thing.")
    today.keyboard.type("ne")
    expect(today.locator("#keepit-e")).to_have_value("Half a line")


def test_a_promise_that_runs_close_is_shown_at_that_second(
    today: Page, live_server: Any, desk: Desk
) -> None:
    case = desk.heard(desk.daniel)
    due = london("2026-11-20 12:00")
    promise = Promise.make(case, "callback", "Ring Daniel", by=desk.priya, due=due)
    close = promise.risk_from(now())
    assert close is not None
    clock.fix(close - timedelta(seconds=2))
    today.goto(f"{live_server.url}/promises/")
    card = today.locator("li.pcard", has_text="Ring Daniel")
    expect(card).to_have_attribute("data-state", "open")
    clock.fix(close)
    expect(card).to_have_attribute("data-state", "risk", timeout=5000)


def test_without_a_script_the_promises_own_page_asks(
    live_server: Any, desk: Desk, person: Any
) -> None:
    case = desk.heard()
    made = Promise.make(
        case,
        "callback",
        "Ring about the server",
        by=desk.priya,
        owner=desk.priya,
        due=london("2026-11-19 16:45"),
    )
    context = person(script=False)
    session = signed_in(desk.priya).cookies["goodword_session"].value
    context.add_cookies([{"name": "goodword_session", "value": session, "url": live_server.url}])
    page = context.new_page()
    page.goto(f"{live_server.url}/today/")
    page.locator(f"#k-{made.pk}").click()
    page.locator("#ke-e").fill("Rang her")
    page.get_by_role("button", name="It is kept").click()
    expect(page.locator(".oneword")).to_contain_text("Rang her")
    made.refresh_from_db()
    assert made.state == "kept"
