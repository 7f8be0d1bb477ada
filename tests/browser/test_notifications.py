"""Being told, in a browser: the bell, the page, what is seen, and by which ways one hears of it."""

import base64
import re
import secrets
from collections.abc import Iterator

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from playwright.sync_api import Browser, Page, expect

from tests.browser.screens import AGENT, Demo, demo
from tests.browser.test_settings import signed_in
from tests.peers.chromium import DESK, visitor

# What the browser's maker would answer: Debian's Chromium knows no push service of any.
_SUBSCRIBE = """
PushManager.prototype.subscribe = async () => {
  const keys = { p256dh: '%s', auth: '%s' };
  const endpoint = 'https://updates.push.services.mozilla.com/wpush/v2/x';
  return { toJSON: () => ({ endpoint, keys }) };
};
"""


@pytest.fixture(scope="module")
def harbour_lane() -> Iterator[Demo]:
    with demo() as running:
        yield running


def bell(page: Page) -> int:
    """The number beside the bell in the side."""
    said = page.locator(".side a[href='/notifications/'] .count")
    return int(re.findall(r"\d+", said.inner_text())[0]) if said.count() else 0


def test_from_the_bell_to_what_happened_and_to_how_one_is_told(
    chromium: Browser, harbour_lane: Demo
) -> None:
    with visitor(chromium, size=DESK) as context:
        page = signed_in(context.new_page(), harbour_lane.server, AGENT)
        told = bell(page)
        assert told > 1
        page.locator(".side a[href='/notifications/']").click()
        fresh = page.locator("li[data-new]")
        expect(fresh).to_have_count(told)
        fresh.first.get_by_role("button", name="Seen").click()
        expect(fresh).to_have_count(told - 1)
        # Whoever opens it has seen it.
        fresh.first.locator("[data-row]").click()
        page.wait_for_url(re.compile(r"/(cases|messages|promises)/"))
        page.goto(f"{harbour_lane.server.url}/notifications/")
        assert fresh.count() < told - 1
        if page.get_by_role("button", name="All seen").count():
            page.get_by_role("button", name="All seen").click()
        expect(page.get_by_text("Nothing new")).to_be_visible()
        assert bell(page) == 0
        page.get_by_role("link", name="All", exact=True).click()
        expect(page.locator(".told .things li").nth(told - 1)).to_be_visible()

        page.get_by_role("link", name="How you are told").click()
        ticks = page.get_by_role("table").get_by_role("checkbox", name="By mail")
        was = ticks.first.is_checked()
        ticks.first.set_checked(not was)
        page.get_by_role("button", name="Tell me like this").click()
        expect(page.locator("#toasts")).to_contain_text("told like this")
        page.reload()
        assert ticks.first.is_checked() is not was


def test_a_browser_that_may_tell_is_listed_and_one_that_may_not_says_so(
    chromium: Browser, harbour_lane: Demo
) -> None:
    """As far as it goes without a push service: permission, worker, subscription, kept."""
    url = f"{harbour_lane.server.url}/me/notifications/"
    with visitor(chromium) as context:
        page = signed_in(context.new_page(), harbour_lane.server, AGENT)
        page.goto(url)
        page.get_by_role("button", name="Let this browser tell me").click()
        expect(page.locator("[data-push-said]")).to_contain_text("Allow them in its settings")
        context.grant_permissions(["notifications"], origin=harbour_lane.server.url)
        point = ec.generate_private_key(ec.SECP256R1()).public_key()
        key = point.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        said = [base64.urlsafe_b64encode(each).decode().rstrip("=")
                for each in (key, secrets.token_bytes(16))]  # fmt: skip
        page.add_init_script(_SUBSCRIBE % tuple(said))
        page.goto(url)
        browsers = page.locator("#browsers .things li:not(.none)")
        assert browsers.count() == 0
        page.get_by_role("button", name="Let this browser tell me").click()
        expect(browsers).to_have_count(1)
