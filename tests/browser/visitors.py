"""Going through the screens of the demo, each member signed in once."""

from playwright.sync_api import Browser, BrowserContext, Page

from tests.browser.screens import NOBODY, PASSWORD, Demo, Screen


class Visitors:
    """One browser profile for each person; a screen is opened in a new tab of theirs."""

    def __init__(self, browser: Browser, demo: Demo) -> None:
        self._browser, self._demo = browser, demo
        self._contexts: dict[str, BrowserContext] = {}

    def open(self, screen: Screen, size: dict[str, int]) -> Page:
        """The page of this screen, with everything done that it asks for."""
        page = self._context(screen.who).new_page()
        page.set_viewport_size({"width": size["width"], "height": size["height"]})
        page.goto(self._demo.server.url + screen.path)
        if screen.act is not None:
            screen.act(page)
        page.wait_for_load_state("load")
        page.evaluate("document.fonts.ready")
        return page

    @staticmethod
    def light(page: Page, theme: str) -> None:
        """Look at the page by day or by night, and wait until it is drawn so."""
        page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
        # Chromium leaves some words inside links in the colours of before until they are laid
        # out again; a page that is loaded by night has them right.
        page.evaluate(
            "() => { const root = document.documentElement; const y = scrollY;"
            " const at = [...document.querySelectorAll('.scroll')].map(box => box.scrollTop);"
            " root.style.display = 'none'; root.offsetHeight; root.style.display = '';"
            " document.querySelectorAll('.scroll').forEach((box, n) => { box.scrollTop = at[n]; });"
            " scrollTo(0, y); return new Promise(done => requestAnimationFrame(() =>"
            " requestAnimationFrame(done))); }"
        )

    def close(self) -> None:
        for context in self._contexts.values():
            context.close()

    def _context(self, who: str) -> BrowserContext:
        if who not in self._contexts:
            self._contexts[who] = self._signed_in(who)
        return self._contexts[who]

    def _signed_in(self, who: str) -> BrowserContext:
        context = self._browser.new_context(locale="en-GB", reduced_motion="reduce")
        context.set_default_timeout(30_000)
        if who == NOBODY:
            return context
        page = context.new_page()
        page.goto(f"{self._demo.server.url}/sign-in/")
        page.get_by_label("Your mail address").fill(who)
        page.get_by_label("Your password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in", exact=True).click()
        page.wait_for_url("**/today/")
        page.close()
        return context
