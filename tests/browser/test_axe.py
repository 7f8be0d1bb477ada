"""axe finds nothing on any page: WCAG 2.2 A and AA, wide and narrow, by day and by night; and the
keyboard reaches everything on each of them, in the system's own colours too."""

from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tests.browser.forced import shapeless
from tests.browser.reaching import unreached
from tests.browser.screens import GROUPS, Demo, demo
from tests.browser.visitors import Visitors
from tests.peers.chromium import DESK, PHONE

RULES = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]},
    "resultTypes": ["violations"],
}
# A bar that stays at the foot of the composer lies over what can be scrolled from under it.
UNFOLDED = """
document.querySelectorAll('details').forEach(each => { each.open = true; });
document.querySelectorAll('.composer').forEach(each => { each.style.maxBlockSize = 'none'; });
"""
# By night only the colours are others.
COLOURS = {"runOnly": {"type": "rule", "values": ["color-contrast"]}, "resultTypes": ["violations"]}


@pytest.fixture(scope="module")
def harbour_lane() -> Iterator[Demo]:
    with demo() as running:
        yield running


@pytest.fixture(scope="module")
def visitors(chromium: Browser, harbour_lane: Demo) -> Iterator[Visitors]:
    found = Visitors(chromium, harbour_lane)
    yield found
    found.close()


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["wide", "narrow"])
@pytest.mark.parametrize("group", GROUPS)
def test_axe_finds_nothing_on_any_page(
    group: str, size: dict[str, int], harbour_lane: Demo, visitors: Visitors
) -> None:
    found: list[str] = []
    for screen in harbour_lane.screens(group):
        page = visitors.open(screen, size)
        # What is folded away must be as good as what is seen.
        page.evaluate(UNFOLDED)
        for theme, rules in (("light", RULES), ("dark", COLOURS)):
            visitors.light(page, theme)
            found += [f"{screen.name}, {theme}: {each}" for each in violations(page, rules)]
        # On one of the two sizes, where what shows the focus must be more than a shadow.
        if size is PHONE:
            page.emulate_media(color_scheme="light", forced_colors="active")
            found += [f"{screen.name}: {each}" for each in shapeless(page)]
        # At last, since going through everything may change what is shown.
        found += [f"{screen.name}: {each}" for each in unreached(page)]
        page.close()
    assert not found, "\n".join(found)


def violations(page: Page, rules: dict[str, Any]) -> list[str]:
    response = Axe().run(page, options=rules).response
    return [
        f"{each['id']} at {node['target']}: {node.get('failureSummary', '')[:300]}"
        for each in response["violations"]
        for node in each["nodes"][:4]
    ]


def test_what_only_a_mouse_reaches_would_be_found(page: Page) -> None:
    page.set_content(
        "<style>.no:focus { outline: none }</style><main><a href='#x' tabindex='-1'>One</a>"
        "<div data-dialog='x'>Two</div><button class='no'>Three</button>"
        "<button>Four</button></main>"
    )
    said = " ".join(unreached(page))
    for name in ("One", "Two", "Three"):
        assert name in said
    assert "Four" not in said


def test_what_only_its_background_shows_would_be_found(page: Page) -> None:
    page.emulate_media(forced_colors="active")
    page.set_content(
        "<style>.btn { border: 0; background: green } .tag { border: 1px solid transparent }"
        "</style><button class='btn'>Bare</button><span class='tag'>Edged</span>"
    )
    said = " ".join(shapeless(page))
    assert "Bare" in said and "Edged" not in said


def test_axe_would_find_a_quiet_word_and_a_field_without_a_name(page: Page) -> None:
    page.set_content("<main><p style='color:#bbb'>Quiet</p><input></main>")
    ids = " ".join(violations(page, RULES))
    assert "color-contrast" in ids
    assert "label" in ids
