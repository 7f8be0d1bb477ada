"""What five hundred rows of the inbox cost in Chromium: to come, to be laid out, to be scrolled."""

import argparse
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from bench.asking import signed_in
from bench.figures import Figure, figure
from bench.load import AGENT, desk
from bench.serving import served

if TYPE_CHECKING:
    from playwright.sync_api import CDPSession, Page

ROWS = 500
FRAMES, STEP = 120, 240  # how often it is scrolled on, and by how many pixels

_SCROLL = """
async ([frames, step]) => {
  let box = document.querySelector('.livelist .rows');
  while (box && !(box.scrollHeight > box.clientHeight + 50
    && /auto|scroll/.test(getComputedStyle(box).overflowY))) box = box.parentElement;
  box ??= document.scrollingElement;
  const long = [];
  new PerformanceObserver(seen => long.push(...seen.getEntries().map(each => each.duration)))
    .observe({ type: 'longtask' });
  const gaps = [];
  let before = await new Promise(requestAnimationFrame);
  for (let n = 0; n < frames; n++) {
    box.scrollTop += step;
    const now = await new Promise(requestAnimationFrame);
    gaps.push(now - before);
    before = now;
  }
  return { gaps, long, moved: box.scrollTop };
}
"""


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--cases", type=int, default=25_000)


def run(args: argparse.Namespace) -> Iterator[Figure]:
    from tests.peers.chromium import chromium, visitor

    desk(args.cases)
    name, _equals, value = signed_in(AGENT).partition("=")
    with served("web") as running, chromium() as browser, visitor(browser) as context:
        context.add_cookies([{"name": name, "value": value, "url": running.url}])
        page = context.new_page()
        for rows in (50, ROWS):
            yield from _of(page, f"{running.url}/inbox/?tab=settled&rows={rows}", rows)


def _of(page: "Page", address: str, rows: int) -> Iterator[Figure]:
    page.goto(address)  # warms up
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable")
    before = _spent(session)
    page.goto(address, wait_until="load")
    there = page.locator(".livelist .rows > li").count()
    assert there == rows, f"{there} rows; take more --cases"
    name, spent = f"inbox_rows.{rows}", _spent(session)
    timing = page.evaluate("performance.getEntriesByType('navigation')[0].toJSON()")
    yield figure(f"{name}.first_octet_ms", timing["responseStart"], "ms")
    yield figure(f"{name}.loaded_ms", timing["loadEventEnd"], "ms")
    yield figure(f"{name}.kb", timing["encodedBodySize"] / 1000, "kB")
    for what in ("LayoutDuration", "RecalcStyleDuration", "ScriptDuration"):
        short = what.removesuffix("Duration").lower()
        yield figure(f"{name}.{short}_ms", (spent[what] - before[what]) * 1000, "ms")
    yield figure(f"{name}.nodes", spent["Nodes"], "nodes")
    moved: dict[str, Any] = page.evaluate(_SCROLL, [FRAMES, STEP])
    gaps = sorted(moved["gaps"])
    yield figure(f"{name}.frame.p50_ms", gaps[len(gaps) // 2], "ms")
    yield figure(f"{name}.frame.p95_ms", gaps[int(len(gaps) * 0.95)], "ms")
    yield figure(f"{name}.long_tasks", len(moved["long"]), "over 50 ms")


def _spent(session: "CDPSession") -> dict[str, float]:
    """What Chromium itself counts, in seconds, since it was asked to."""
    found = session.send("Performance.getMetrics")["metrics"]
    return {each["name"]: each["value"] for each in found}
