"""A file with mistakes comes in, two who are one are merged, and both are undone."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, FilePayload, expect

from tests.browser.screens import AGENT, Demo, Screen, demo
from tests.browser.visitors import Visitors
from tests.peers.chromium import DESK

FILE = """Name;E-Mail;Telefon;Firma
Gro Lund;gro@lund.example;020 7946 0190;Lund & Sons
G. Lund;gro+shop@lund.example;;Lund & Sons
Nobody;;;
Mistyped;not an address;;
"""


@pytest.fixture(scope="module")
def harbour_lane() -> Iterator[Demo]:
    with demo() as running:
        yield running


def test_a_file_a_report_a_merge_and_the_way_back(harbour_lane: Demo, chromium: Browser) -> None:
    visitors = Visitors(chromium, harbour_lane)
    page = visitors.open(Screen("customers", "/customers/", AGENT), DESK)
    page.get_by_role("button", name="More", exact=True).click()
    page.get_by_role("link", name="Bring in a file").click()

    # What it says is seen before anything is kept.
    file: FilePayload = {"name": "people.csv", "mimeType": "text/csv", "buffer": FILE.encode()}
    page.get_by_label("File", exact=True).set_input_files(file)
    page.get_by_role("button", name="Look at it").click()
    expect(page.locator("#import")).to_contain_text("Line 4")
    expect(page.locator("#import")).to_contain_text("nobody could be reached")
    expect(page.locator("#import")).to_contain_text("“not an address” is no mail address.")
    page.get_by_role("button", name="Bring in 2 customers").click()
    expect(page.locator("#h-step")).to_have_text("Brought in")
    imported = page.url

    # The two look like one person; both are looked at, and merged.
    page.goto(f"{harbour_lane.server.url}/customers/?q=gro+lund")
    page.get_by_role("link", name="Gro Lund", exact=True).click()
    expect(page.get_by_text("Is this G. Lund too?")).to_be_visible()
    page.get_by_role("link", name="Look at both").click()
    page.get_by_role("button", name="They are one person").click()
    expect(page.locator(".merged")).to_contain_text("G. Lund is Gro Lund")
    expect(page.locator("#points")).to_contain_text("gro+shop@lund.example")

    # And are two after all.
    page.get_by_role("button", name="Un-merge G. Lund").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("G. Lund")
    expect(page.locator("#points")).not_to_contain_text("gro@lund.example")

    # Undone as a whole: nobody had written.
    page.goto(imported)
    page.get_by_role("button", name="Undo all of it").click()
    expect(page.locator("#h-step")).to_have_text("Undone")
    assert not harbour_lane.server.ask("SELECT 1 FROM people_customer WHERE name LIKE '%Lund'")
    visitors.close()
