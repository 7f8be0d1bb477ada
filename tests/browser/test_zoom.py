"""Every page at 200 % zoom and on a narrow screen, without motion, in the reader's own zone."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.screens import AGENT, PASSWORD, Demo, demo
from tests.browser.visitors import Visitors

# WCAG 1.4.10: 320 CSS pixels; and a screen of 1280 at 200 %.
SIZES = {"narrow": {"width": 320, "height": 640}, "zoomed": {"width": 640, "height": 400}}
TOO_WIDE = """() => {
  const root = document.scrollingElement, width = root.clientWidth;
  if (root.scrollWidth <= width + 1) return '';
  const out = [...document.querySelectorAll('main *, header *, footer *')].filter(each => {
    const box = each.getBoundingClientRect();
    return box.right > width + 1 && box.width > 0;
  });
  const classes = each => each.className.baseVal ?? each.className;
  const named = out.slice(-3).map(each => `${each.tagName}.${classes(each)}`);
  return `${root.scrollWidth} of ${width}: ${named.join(', ')}`;
}"""
MOVING = """() => document.getAnimations().filter(each =>
  (each.effect?.getComputedTiming().activeDuration ?? 0) > 0).length
  + [...document.querySelectorAll('body *')].filter(each => {
    const style = getComputedStyle(each);
    return /[1-9]/.test(style.transitionDuration) || style.animationName !== 'none';
  }).length"""


@pytest.fixture(scope="module")
def harbour_lane() -> Iterator[Demo]:
    with demo() as running:
        yield running


def reachable(page: Page, selector: str) -> bool:
    """Whether it can be scrolled to, and nothing lies over it then."""
    found = page.locator(selector).first
    found.scroll_into_view_if_needed()
    return bool(
        found.evaluate(
            "each => { const box = each.getBoundingClientRect();"
            " const top = document.elementFromPoint(box.left + box.width / 2,"
            " box.top + Math.min(box.height / 2, 20));"
            " return top === each || each.contains(top); }"
        )
    )


def test_no_page_scrolls_sideways(harbour_lane: Demo, chromium: Browser) -> None:
    """At 320 pixels, which is narrower than what any zoom leaves of a usual screen."""
    visitors, found = Visitors(chromium, harbour_lane), []
    for screen in harbour_lane.screens():
        page = visitors.open(screen, SIZES["narrow"])
        if wide := page.evaluate(TOO_WIDE):
            found.append(f"{screen.name}: {wide}")
        if moving := page.evaluate(MOVING):
            found.append(f"{screen.name}: {moving} things move")
        page.close()
    visitors.close()
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    "size", [*SIZES.values(), {"width": 390, "height": 844}], ids=[*SIZES, "phone"]
)
def test_a_reply_is_always_reachable(
    size: dict[str, int], harbour_lane: Demo, chromium: Browser
) -> None:
    visitors = Visitors(chromium, harbour_lane)
    case = next(each for each in harbour_lane.screens() if each.name == "case")
    page = visitors.open(case, size)
    assert reachable(page, "#text")
    page.locator("#text").fill("A word.\n" * 12)
    assert reachable(page, "#composer [data-send]")
    page.close()
    visitors.close()


def test_a_customer_elsewhere_sees_their_time_beside_ours(
    harbour_lane: Demo, chromium: Browser
) -> None:
    for zone, theirs in (("Asia/Tokyo", True), ("Europe/London", False)):
        context = chromium.new_context(locale="en-GB", timezone_id=zone)
        page = context.new_page()
        page.goto(harbour_lane.server.url + harbour_lane.customer)
        page.locator("main time").first.wait_for()
        assert (page.locator("main time + small.yours").count() > 0) is theirs
        context.close()


def test_a_member_elsewhere_sees_their_time_from_the_next_page_on(
    harbour_lane: Demo, chromium: Browser
) -> None:
    context = chromium.new_context(locale="en-GB", timezone_id="Asia/Tokyo")
    page = context.new_page()
    url = harbour_lane.server.url
    page.goto(f"{url}/sign-in/")
    page.get_by_label("Your mail address").fill(AGENT)
    page.get_by_label("Your password").fill(PASSWORD)
    with page.expect_response("**/me/zone/") as told:
        page.get_by_role("button", name="Sign in", exact=True).click()
    assert told.value.status == 204
    page.goto(f"{url}/promises/?view=list")
    assert page.locator("small.yours").count() > 0
    context.close()
