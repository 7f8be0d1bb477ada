"""Take a picture of every screen: `make shots` writes them to ./shots, the few of the papers too.

`python tools/shots.py [NAME…]` takes only the screens whose name begins so, and with `--papers`
only the few of the papers, as the papers show them.
"""

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from playwright.sync_api import Browser, Page

from tests.browser.screens import Demo, Screen, demo
from tests.browser.visitors import Visitors
from tests.peers.chromium import chromium
from tools.pictures import smaller

ROOT = Path(__file__).resolve().parents[1]
SHOTS = ROOT / "shots"
PICTURES = ROOT / "docs/pictures"
WIDE = {"width": 1440, "height": 1000}
NARROW = {"width": 390, "height": 844}
# Pictures of the papers: the screen, and how wide it is looked at.
PAPERS = {
    "today": WIDE,
    "day": WIDE,
    "inbox": WIDE,
    "case": WIDE,
    "promises": WIDE,
    "ledger": WIDE,
    "calendar-week": WIDE,
    "promise-reply": WIDE,
    "search": WIDE,
    "case-preview": WIDE,
    "case-merge": WIDE,
    "case-side": WIDE,
    "several-notice": WIDE,
    "customer-merge-two": WIDE,
    "import-look": WIDE,
    "articles": WIDE,
    "settings": WIDE,
    "settings-policy": WIDE,
    "sign-in": WIDE,
    "portal": NARROW,
    "help-article": NARROW,
}
ALONE = "--papers"


def main(wanted: Sequence[str]) -> None:
    SHOTS.mkdir(exist_ok=True)
    with demo() as running, chromium() as browser:
        visitors = Visitors(browser, running)
        for screen in _chosen(running, wanted):
            for size in (PAPERS[screen.name],) if ALONE in wanted else (WIDE, NARROW):
                _take(browser, visitors, screen, size)
            print(screen.name, flush=True)
        visitors.close()


def _chosen(running: Demo, wanted: Sequence[str]) -> Iterator[Screen]:
    for screen in running.screens():
        if ALONE in wanted:
            is_wanted = screen.name in PAPERS
        else:
            is_wanted = not wanted or screen.name.startswith(tuple(wanted))
        if is_wanted:
            yield screen


def _take(browser: Browser, visitors: Visitors, screen: Screen, size: dict[str, int]) -> None:
    page = visitors.open(screen, size)
    _calm(page)
    for theme in ("light", "dark"):
        visitors.light(page, theme)
        page.screenshot(path=SHOTS / f"{screen.name}-{size['width']}-{theme}.png")
    if PAPERS.get(screen.name) == size:
        _for_papers(browser, SHOTS / f"{screen.name}-{size['width']}-light.png", screen.name)
    page.close()


def _calm(page: Page) -> None:
    """Nothing blinks and nothing is on its way: two runs give the same picture."""
    page.locator("#preview [data-case], main").first.wait_for()
    page.evaluate("document.activeElement?.blur?.()")


def _for_papers(browser: Browser, shot: Path, name: str) -> None:
    """A copy that is small enough for a page of text."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    (PICTURES / f"{name}.png").write_bytes(smaller(browser, shot.read_bytes()))


if __name__ == "__main__":
    main(sys.argv[1:])
