"""Chromium as a person would use it, but without a way to any other machine."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.peers import processes, programs

DESK = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}

ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
)


@contextmanager
def chromium() -> Iterator[Browser]:
    """Yield a headless Chromium of Debian's, or the one that was unpacked for us."""
    program = programs.find("chromium")
    if not program:
        raise processes.NotStarted(programs.CHROMIUM.absence())
    # Playwright's loop makes Django believe that the test's own thread is asynchronous.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(program), args=list(ARGUMENTS))
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def visitor(
    browser: Browser, *, size: dict[str, int] = DESK, dark: bool = False, script: bool = True
) -> Iterator[BrowserContext]:
    """Yield a browser profile of one person; an uncaught error of a page's script raises."""
    context = browser.new_context(
        viewport={"width": size["width"], "height": size["height"]},
        color_scheme="dark" if dark else "light",
        java_script_enabled=script,
        locale="en-GB",
    )
    context.set_default_timeout(30_000)
    errors: list[str] = []
    context.on("weberror", lambda error: errors.append(str(error.error)))
    # The browser's own note that it left out the fade between two pages; no script of ours.
    left_out = ("Transition was aborted", "Transition was skipped")
    try:
        yield context
    finally:
        context.close()
    errors = [error for error in errors if not any(said in error for said in left_out)]
    if errors:
        raise AssertionError("A page's script failed: " + "; ".join(errors))


@contextmanager
def page_of(
    browser: Browser, *, size: dict[str, int] = DESK, dark: bool = False, script: bool = True
) -> Iterator[Page]:
    with visitor(browser, size=size, dark=dark, script=script) as context:
        yield context.new_page()
