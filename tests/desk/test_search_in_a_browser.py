"""Searching under the hands of somebody: as they type, with filters, kept as a view, undone."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from goodword.finding.keeping import catch_up
from goodword.finding.models import View
from tests.cast import Desk
from tests.desk.conftest import signed_in


@pytest.fixture
def inbox(live_server: Any, desk: Desk, page: Page) -> Page:
    desk.heard(title="Printer jams", text="It eats <paper> all day.")
    desk.heard(desk.daniel, title="Scanner").take(by=desk.dele)
    catch_up()
    session = signed_in(desk.priya).cookies["goodword_session"].value
    page.context.add_cookies(
        [{"name": "goodword_session", "value": session, "url": live_server.url}]
    )
    page.goto(f"{live_server.url}/inbox/")
    return page


def test_from_a_slash_to_a_view_and_back(inbox: Page) -> None:
    inbox.keyboard.press("/")
    expect(inbox.locator("#side-find")).to_be_focused()
    inbox.keyboard.type("paper")
    inbox.keyboard.press("Enter")
    expect(inbox.locator("#found mark").first).to_have_text("paper")

    # Results come as it is typed, and the address is one to send to somebody.
    field = inbox.locator("#q")
    field.fill("owner:nobody pri")
    expect(inbox.locator("#found .subj")).to_have_text(["Printer jams"])
    inbox.wait_for_url("**/search/?q=owner%3Anobody*")
    field.fill("owner:dele")
    expect(inbox.locator("#found .subj")).to_have_text(["Scanner"])
    field.fill("owner:dele eats")
    expect(inbox.locator("#found")).to_contain_text("Nothing found")
    inbox.get_by_role("link", name="Without owner:dele").click()
    expect(inbox.locator("#found .subj")).to_have_text(["Printer jams"])

    # Kept under a name it stands in the side with its count; removed, it comes back by undo.
    inbox.get_by_role("link", name="Keep this as a view").click()
    inbox.get_by_label("Name").last.fill("Eaten paper")
    inbox.get_by_role("button", name="Keep this view").click()
    expect(inbox.locator("h1")).to_have_text("Eaten paper")
    view = View.objects.get()
    side = inbox.locator(f"#saved-{view.pk}")
    expect(side).to_contain_text("1")
    inbox.locator("#all-views").click()
    inbox.get_by_role("button", name="Remove Eaten paper").click()
    expect(side).to_have_count(0)
    inbox.get_by_role("button", name="Undo").click()
    expect(side).to_be_visible()
