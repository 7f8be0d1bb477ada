"""Every screen passes axe's rules of WCAG 2.2 A and AA, on a desk and a phone, day and night."""

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Page

from tools import shots

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
Visitor = Callable[..., BrowserContext]


def found_on(page: Page) -> list[str]:
    """What axe finds, one line an element."""
    violations = Axe().run(page, options=RULES).response["violations"]
    return [
        f"{rule['id']} ({rule['help']}): {node['html'][:160]}"
        for rule in violations
        for node in rule["nodes"][:5]
    ]


@pytest.mark.parametrize("scheme", shots.SCHEMES)
@pytest.mark.parametrize("size", shots.SIZES, ids=lambda size: str(size["width"]))
@pytest.mark.parametrize("shot", shots.SHOTS, ids=lambda shot: shot.name)
def test_axe_finds_nothing(
    demo: shots.Demo,
    signed_in: Visitor,
    shot: shots.Shot,
    size: dict[str, int],
    scheme: str,
) -> None:
    page = shots.reach(signed_in(shot.member, size=size, dark=scheme == "dark"), demo, shot)
    assert not found_on(page)


def test_axe_would_find_a_quiet_text_and_a_nameless_button(page: Page) -> None:
    page.set_content('<p style="color:#bbb">quiet</p><button></button>')
    rules = " ".join(found_on(page))
    assert "color-contrast" in rules
    assert "button-name" in rules
