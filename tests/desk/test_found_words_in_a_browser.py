"""Our word under the hands of an agent: typed, confirmed, changed, dismissed, asked, sent."""

import os
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from goodword.cases.models import Case, FoundPromise
from tests.cast import Desk, london
from tests.desk.conftest import signed_in

CALL = "I'll call you tomorrow by 10."
REPORT = "You will have the report by Monday noon."
MANUAL = "I'll send you the manual today."
VAGUE = "We will get back to you about the drum shortly."
RULES = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]},
    "resultTypes": ["violations"],
}
PICTURES = os.environ.get("FOUND_WORDS_PICTURES", "")


@pytest.fixture
def case(desk: Desk) -> Case:
    return desk.heard()


@pytest.fixture
def composer(live_server: Any, desk: Desk, case: Case, page: Page) -> Page:
    session = signed_in(desk.priya).cookies["goodword_session"].value
    page.context.add_cookies(
        [{"name": "goodword_session", "value": session, "url": live_server.url}]
    )
    page.goto(f"{live_server.url}{case.get_absolute_url()}")
    return page


def look(page: Page, name: str) -> None:
    """Nothing stands in anybody's way; and a picture of it where FOUND_WORDS_PICTURES says."""
    page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true; })")
    page.emulate_media(reduced_motion="reduce")
    found = Axe().run(page, options=RULES).response["violations"]
    assert [(each["id"], each["nodes"][0]["html"]) for each in found] == []
    if not PICTURES:
        return
    for width in (1440, 390):
        page.set_viewport_size({"width": width, "height": 1000})
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            page.screenshot(path=str(Path(PICTURES) / f"{name}-{width}-{scheme}.png"))
    page.set_viewport_size({"width": 1440, "height": 1000})
    page.emulate_media(color_scheme="light")


def chip(page: Page, words: str) -> Any:
    return page.locator(".wordchip", has_text=words)


def test_typed_confirmed_changed_dismissed_asked_and_sent(
    composer: Page, desk: Desk, case: Case
) -> None:
    page = composer
    area = page.locator("#text")
    area.click()
    page.keyboard.type(f"Hello Ellen, {CALL}")
    expect(chip(page, CALL)).to_contain_text("Tomorrow by 10:00")
    # By keyboard: the first control of the first chip confirms it.
    chip(page, CALL).get_by_role("checkbox", name="Give this word").focus()
    page.keyboard.press("Space")
    expect(chip(page, CALL)).to_contain_text("Given when you send")
    area.focus()
    page.keyboard.press("Control+End")
    page.keyboard.type(f" {REPORT} {MANUAL} {VAGUE}")
    expect(page.locator(".wordchip")).to_have_count(4)
    expect(page.locator("[data-words-marks] mark")).to_have_count(4)
    # What was chosen stays, and so does the cursor.
    expect(chip(page, CALL).locator("[name=chip_yes]")).to_be_checked()
    expect(area).to_be_focused()
    look(page, "typed")
    report = chip(page, REPORT)
    report.locator("details").evaluate("fold => { fold.open = true; }")
    report.locator("[name^=chip_kind]").select_option("task_done")
    # The server's answer to it puts a new chip there; what was unfolded stays so.
    expect(report).to_contain_text("Work done")
    expect(report.locator("details[open]")).to_have_count(1)
    report.locator("[name^=chip_text]").fill("The report on your disk")
    report.locator("[name^=chip_when]").select_option("end_of_nth_business_day:1")
    report.get_by_text("Give this word").click()
    expect(report).to_contain_text("Tomorrow by 17:00")
    chip(page, MANUAL).get_by_text("Not a promise").click()
    expect(chip(page, MANUAL)).to_contain_text("It is one after all")
    look(page, "decided")
    page.locator("#then-promise").check(force=True)
    page.locator("#composer [data-send]").click()
    expect(page.locator("#refusal")).to_contain_text("“shortly” names no time.")
    look(page, "held")
    expect(page.locator("#text")).to_have_value(f"Hello Ellen, {CALL} {REPORT} {MANUAL} {VAGUE}")
    chip(page, VAGUE).locator("[data-chip-when]").select_option("first_thing:60")
    with page.expect_navigation():
        page.locator("#composer [data-send]").click()
    expect(page.locator("#refusal")).to_have_count(0)
    look(page, "sent")
    given = case.promises.exclude(made_by=None).order_by("due", "pk")
    assert {(each.kind, each.text, each.due) for each in given} == {
        ("callback", CALL, london("2026-11-20 10:00")),
        ("task_done", "The report on your disk", london("2026-11-20 17:00")),
        ("next_update", VAGUE, london("2026-11-20 10:00")),
    }
    assert FoundPromise.objects.filter(state="dismissed").count() == 1


def test_what_was_said_is_offered_decided_and_taken_back(
    composer: Page, live_server: Any, desk: Desk, case: Case
) -> None:
    page = composer
    case.log_call(f"Spoke with her. {CALL} {MANUAL}", by=desk.priya, answers=True)
    page.goto(f"{live_server.url}/today/")
    expect(page.locator("#h-words")).to_have_text("2 words given, not on the ledger")
    look(page, "today")
    page.get_by_role("link", name=CALL).click()
    offers = page.locator(".offer")
    expect(offers).to_have_count(2)
    look(page, "offered")
    offers.filter(has_text=MANUAL).get_by_text("Not a promise").click()
    expect(offers).to_have_count(1)
    page.locator(".toast").get_by_text("Undo").click()
    expect(offers).to_have_count(2)
    offers.filter(has_text=CALL).get_by_text("It is a promise").click()
    expect(offers).to_have_count(1)
    expect(page.locator("#ledger")).to_contain_text(CALL)
    desk.at("2026-11-20 12:00")
    page.goto(f"{live_server.url}/found/{FoundPromise.objects.get(state='offered').pk}/")
    look(page, "past")
    page.get_by_label("When it was done").fill("2026-11-19T16:50")
    page.get_by_label("In a line").fill("It went by mail at ten to five.")
    page.get_by_label("It was kept").check()
    page.get_by_role("button", name="Put it on the ledger").click()
    expect(page.locator(".offer")).to_have_count(0)
    assert case.promises.get(text=MANUAL).state == "kept"


def test_without_scripts_the_form_shows_them_once(
    live_server: Any, desk: Desk, case: Case, chromium: Any
) -> None:
    context = chromium.new_context(java_script_enabled=False)
    session = signed_in(desk.priya).cookies["goodword_session"].value
    context.add_cookies([{"name": "goodword_session", "value": session, "url": live_server.url}])
    page = context.new_page()
    page.goto(f"{live_server.url}{case.get_absolute_url()}")
    page.locator("#text").fill(f"{CALL} {MANUAL}")
    page.locator("#composer [data-send]").click()
    expect(page.locator("#refusal")).to_contain_text("2 sentences below may be promises.")
    page.locator(".wordchip", has_text=CALL).get_by_text("Give this word").click()
    page.locator("#composer [data-send]").click()
    expect(page.locator("#refusal")).to_have_count(0)
    assert [each.text for each in case.promises.exclude(made_by=None)] == [CALL]
    context.close()
