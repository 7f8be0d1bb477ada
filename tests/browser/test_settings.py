"""The settings room in a browser: hours are changed and seen, two members at once, undone."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.screens import (
    LEADER,
    NOW,
    OPERATOR,
    PASSWORD,
    days_of_a_file,
    other_hours,
)
from tests.browser.server import DeskServer
from tests.peers import processes
from tests.peers.chromium import visitor

ROUND_THE_CLOCK = "Round the clock"


@pytest.fixture(scope="module")
def desk_server() -> Iterator[DeskServer]:
    with processes.folder_for(None) as folder:
        server = DeskServer(folder)
        server.start("demo", "--now", NOW)
        try:
            yield server
        finally:
            server.stop()
        assert "Traceback" not in server.log.read_text(), server.log.read_text()[-6000:]


def signed_in(page: Page, server: DeskServer, who: str) -> Page:
    page.goto(f"{server.url}/sign-in/")
    page.get_by_label("Your mail address").fill(who)
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url("**/today/")
    return page


def test_hours_are_seen_saved_fought_over_and_undone(
    chromium: Browser, desk_server: DeskServer
) -> None:
    with visitor(chromium) as one, visitor(chromium) as other:
        olu = signed_in(one.new_page(), desk_server, OPERATOR)
        jonas = signed_in(other.new_page(), desk_server, LEADER)
        # By the keyboard: G then S, and the search of the index.
        olu.keyboard.press("g")
        olu.keyboard.press("s")
        olu.wait_for_url("**/settings/")
        olu.get_by_label("Find a setting").fill("lunch")
        expect(olu.locator("#places li")).to_have_count(1)
        olu.get_by_role("link", name="Opening hours").first.click()
        olu.locator(".setgroup a").first.click()
        olu.wait_for_url("**/settings/hours/*/")
        jonas.goto(olu.url)
        # The ruler follows what is typed, before anything is saved.
        ahead = olu.locator("#ahead")
        expect(ahead.locator("li").nth(2).locator(".line i")).to_have_count(0)
        olu.get_by_label("Saturday, open from").first.fill("10:00")
        olu.get_by_label("Saturday, until").first.fill("14:00")
        olu.get_by_label("Saturday, until").first.press("Tab")
        expect(ahead).to_contain_text("as typed, not saved")
        expect(ahead.locator("li").nth(2).locator(".line i")).to_have_count(1)
        olu.get_by_role("button", name="Save these hours").click()
        expect(olu.locator(".toast")).to_contain_text("what was promised stands")
        # Jonas had the page open: he sees both versions, and nothing is overwritten.
        jonas.get_by_label("Saturday, open from").first.fill("08:00")
        jonas.get_by_label("Saturday, until").first.fill("12:00")
        jonas.get_by_role("button", name="Save these hours").click()
        refusal = jonas.locator("#refusal")
        expect(refusal).to_contain_text("Olu Bello")
        expect(refusal).to_contain_text("10:00")
        expect(refusal).to_contain_text("08:00")
        expect(jonas.get_by_label("Saturday, open from").first).to_have_value("08:00")
        # Undone from its line.
        olu.locator(".setpast li").first.get_by_role("button", name="Undo").click()
        expect(olu.locator(".toast").last).to_contain_text("as it was")
        expect(olu.get_by_label("Saturday, open from").first).to_have_value("")


def test_the_hours_can_be_changed_without_any_script(
    chromium: Browser, desk_server: DeskServer
) -> None:
    with visitor(chromium, script=False) as context:
        page = signed_in(context.new_page(), desk_server, OPERATOR)
        page.goto(f"{desk_server.url}/settings/hours/")
        page.locator(".setgroup a").first.click()
        page.get_by_role("button", name=ROUND_THE_CLOCK).click()
        expect(page.get_by_label("Sunday, open from").first).to_have_value("00:00")
        expect(page.locator("#ahead")).to_contain_text("as typed, not saved")
        page.get_by_role("button", name="Save these hours").click()
        expect(page.locator(".setpast")).to_contain_text("changed the week")
        page.locator(".setpast li").first.get_by_role("button", name="Undo").click()
        expect(page.get_by_label("Sunday, open from").first).to_have_value("")


def test_the_colour_is_seen_while_it_is_chosen(chromium: Browser, desk_server: DeskServer) -> None:
    with visitor(chromium) as context:
        page = signed_in(context.new_page(), desk_server, OPERATOR)
        page.goto(f"{desk_server.url}/settings/look/")
        page.get_by_label("Colour").fill("320")
        box = page.locator("[data-hue-shown]").first
        assert box.evaluate("box => box.style.getPropertyValue('--brand-h')") == "320"
        page.locator("form:has([data-hue])").get_by_role("button", name="Save").click()
        expect(page.locator(".toast")).to_contain_text("Saved")
        page.locator(".toast").get_by_role("button", name="Undo").click()
        expect(page.get_by_label("Colour")).to_have_value("264")


def test_days_of_a_calendar_file_are_taken_and_a_change_is_planned_and_undone(
    chromium: Browser, desk_server: DeskServer
) -> None:
    with visitor(chromium) as one:
        olu = signed_in(one.new_page(), desk_server, OPERATOR)
        olu.goto(f"{desk_server.url}/settings/holidays/")
        olu.get_by_role("link", name="Days from a calendar file").click()
        days_of_a_file(olu)
        olu.get_by_label("Staff party").check()
        olu.get_by_role("button", name="Close on the ticked days").click()
        olu.wait_for_url("**/settings/holidays/*/")
        expect(olu.locator("input[value='2026-12-24']")).to_be_visible()
        expect(olu.locator("input[value='14:00–17:00']")).to_be_visible()
        olu.locator("#toasts").get_by_role("button", name="Undo").click()
        expect(olu.locator("input[value='2026-12-24']")).to_have_count(0)
        olu.goto(f"{desk_server.url}/settings/hours/")
        olu.locator(".setgroup a").first.click()
        other_hours(olu)
        expect(olu.get_by_text("From Monday 4 January 2027")).to_be_visible()
        olu.get_by_role("button", name="Not after all").click()
        expect(olu.get_by_text("From Monday 4 January 2027")).to_have_count(0)


def test_a_policy_is_begun_tried_put_in_force_and_undone(
    chromium: Browser, desk_server: DeskServer
) -> None:
    with visitor(chromium) as context:
        page = signed_in(context.new_page(), desk_server, LEADER)
        page.goto(f"{desk_server.url}/settings/policies/")
        preset = page.locator(".presets details", has_text="Housing Ombudsman")
        preset.locator("summary").click()
        expect(preset).to_contain_text("Code 6.3")
        preset.get_by_label("Call it").fill("Tenants")
        preset.get_by_role("button", name="Begin from this").click()
        page.wait_for_url("**/settings/policies/tenants/")
        # What it would mean follows what is typed, before anything is saved.
        page.locator(".rulelist summary").first.click()
        page.get_by_label("How many").first.fill("20")
        page.get_by_label("How many").first.press("Tab")
        expect(page.locator("#foreseen")).to_contain_text("as typed, not saved")
        page.get_by_role("button", name="Save this policy").click()
        expect(page.locator(".toast")).to_contain_text("stands as it was")
        expect(page.locator(".rulelist")).to_contain_text("within 20 open minutes")
        page.get_by_role("button", name="Put it in force for everybody").click()
        expect(page.locator(".pagehead")).to_contain_text("In force for everybody")
        page.locator(".toast").last.get_by_role("button", name="Undo").click()
        expect(page.locator(".pagehead")).to_contain_text("Not in force")
        page.locator(".setpast li").first.get_by_role("button", name="Undo").click()
        expect(page.locator(".rulelist")).to_contain_text("within 60 open minutes")
