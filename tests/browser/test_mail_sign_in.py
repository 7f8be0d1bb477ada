"""A mailbox signs in at a provider in a browser, and out again; the provider is ours."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.screens import NOW, OPERATOR, PASSWORD
from tests.browser.server import DeskServer
from tests.peers import processes
from tests.peers.chromium import visitor
from tests.peers.oauth import Authority, authority

# Where pictures of the pages go, for whoever looks at them.
SHOTS = os.environ.get("GOODWORD_SHOTS")


@pytest.fixture(scope="module")
def desk_server() -> Iterator[DeskServer]:
    with processes.folder_for(None) as folder:
        server = DeskServer(folder, more={"GOODWORD_PUSH_PRIVATE": "yes"})
        server.start("demo", "--now", NOW)
        try:
            yield server
        finally:
            server.stop()
        said = server.log.read_text()
        assert "Traceback" not in said, said[-6000:]


@pytest.fixture
def provider() -> Iterator[Authority]:
    with authority() as found:
        yield found


def _pictures(page: Page, name: str) -> None:
    if not SHOTS:
        return
    for width in (1440, 390):
        page.set_viewport_size({"width": width, "height": 1000})
        for theme in ("light", "dark"):
            page.emulate_media(color_scheme=theme)
            page.screenshot(path=Path(SHOTS) / f"{name}-{width}-{theme}.png", full_page=True)
    page.emulate_media(color_scheme="light")
    page.set_viewport_size({"width": 1440, "height": 1000})


def test_a_mailbox_signs_in_with_a_button_and_out_again(
    chromium: Browser, desk_server: DeskServer, provider: Authority
) -> None:
    with visitor(chromium) as one:
        page = one.new_page()
        page.goto(f"{desk_server.url}/sign-in/")
        page.get_by_label("Your mail address").fill(OPERATOR)
        page.get_by_label("Your password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in", exact=True).click()
        page.wait_for_url("**/today/")
        page.goto(f"{desk_server.url}/settings/mailboxes/")
        page.locator(".setgroup a").first.click()
        page.get_by_label("The desk signs in").select_option("oauth")
        page.get_by_role("button", name="Save", exact=True).click()
        mailbox = page.url
        expect(page.locator("#sign-in")).to_contain_text("Nobody is signed in")
        _pictures(page, "nobody")
        page.get_by_role("link", name="Another provider").click()
        app = provider.app()
        page.get_by_label("Client ID").fill(app["client_id"])
        page.get_by_label("Client secret").fill(app["secret"])
        page.get_by_label("Authorization address").fill(app["authorize_url"])
        page.get_by_label("Token address").fill(app["token_url"])
        page.get_by_label("Scope").fill(app["scope"])
        page.get_by_role("button", name="Save", exact=True).click()
        expect(page.get_by_label("Client secret")).to_have_value("")
        _pictures(page, "app")
        page.goto(mailbox)
        page.get_by_role("button", name="Sign in with Another provider").click()
        page.wait_for_url(f"{mailbox}*")
        expect(page.locator(".toast").first).to_contain_text("Signed in with")
        expect(page.locator("#sign-in")).to_contain_text("Signed in as")
        _pictures(page, "signed-in")
        page.get_by_role("button", name="Sign out here").click()
        expect(page.locator("#sign-in")).to_contain_text("Nobody is signed in")
        secrets = [*provider.good, *provider.lasting, app["secret"]]
        said = desk_server.log.read_text()
        assert not [each for each in secrets if each in said]
