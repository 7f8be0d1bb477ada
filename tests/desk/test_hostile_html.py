"""Hostile HTML in a real browser: nothing of it runs, with any wall of the three taken away."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from playwright.sync_api import BrowserContext, Page, Route

from goodword.cases.models import Attachment, Message
from goodword.channels.mail.reading.page import cleaned, is_bearable
from tests.cast import Desk
from tests.desk.conftest import signed_in
from tests.desk.hostile_html import fetching, known, links, running
from tests.desk.test_files import PNG

AT_ONCE = 50
SANDBOX = "allow-popups allow-popups-to-escape-sandbox"
ELSEWHERE = re.compile(r"^(?!data:|about:|blob:)(?!https?://(localhost|127\.0\.0\.1)[:/])")


class Watched:
    """A signed-in browser that notes what ran in any frame and what was asked of other sites."""

    def __init__(self, context: BrowserContext, url: str) -> None:
        self.url = url
        self.ran: list[str] = []
        self.elsewhere: list[str] = []
        self.html = ""
        context.expose_binding("tell", lambda _source, what: self.ran.append(str(what)))
        # A frame that may run nothing does not run this either; one that may tells on itself.
        context.add_init_script(
            "for (const name of ['alert', 'confirm', 'prompt', 'print'])"
            " window[name] = (...said) => window.tell(name + ' ' + said.join());"
        )
        context.route("**/frames-of-a-test", self._host)
        context.route(ELSEWHERE, self._refuse)
        self.page: Page = context.new_page()

    def _host(self, route: Route) -> None:
        route.fulfill(body=self.html, content_type="text/html")

    def _refuse(self, route: Route) -> None:
        self.elsewhere.append(route.request.url)
        route.abort()

    def show(self, messages: list[int], sandbox: str | None = SANDBOX) -> None:
        """All of these messages, each in a frame like the one on a case's page."""
        wall = "" if sandbox is None else f' sandbox="{sandbox}"'
        for start in range(0, len(messages), AT_ONCE):
            some = messages[start : start + AT_ONCE]
            frames = [f'<iframe{wall} src="/messages/{pk}/html/"></iframe>' for pk in some]
            self.html = "<!doctype html><title>x</title>" + "".join(frames)
            self.page.goto(f"{self.url}/frames-of-a-test", wait_until="load", timeout=60_000)
            assert len(self.page.frames) > len(some)
            self.page.wait_for_timeout(200)


@pytest.fixture
def watched(desk: Desk, live_server: Any, person: Callable[..., BrowserContext]) -> Watched:
    context = person()
    key = signed_in(desk.priya).cookies[settings.SESSION_COOKIE_NAME].value
    context.add_cookies(
        [{"name": settings.SESSION_COOKIE_NAME, "value": key, "url": live_server.url}]
    )
    return Watched(context, live_server.url)


@pytest.fixture
def no_policy(monkeypatch: pytest.MonkeyPatch) -> None:
    """The document comes without its Content-Security-Policy."""
    monkeypatch.setattr("goodword.desk.views.files.policy", lambda **_how: "")


@pytest.fixture
def payloads(testdata: Path) -> list[str]:
    found = [*known(testdata / "xss"), *running(), *links(), *fetching()]
    assert len(found) >= 300
    return found


def messages_of(desk: Desk, bodies: list[str]) -> list[int]:
    case = desk.heard()
    fields = {"case": case, "direction": "in", "customer": desk.ellen, "at": case.last_at}
    rows = Message.objects.bulk_create(Message(**fields, html=html) for html in bodies)
    return [row.pk for row in rows]


def clean(payload: str) -> str:
    assert is_bearable(payload)
    return cleaned(payload).html or "<p>Nothing is left.</p>"


def test_nothing_runs_and_nothing_is_fetched(
    desk: Desk, watched: Watched, payloads: list[str]
) -> None:
    watched.show(messages_of(desk, [clean(each) for each in payloads]))
    assert (watched.ran, watched.elsewhere) == ([], [])


@pytest.mark.usefixtures("no_policy")
def test_nothing_runs_when_the_policy_is_taken_away(
    desk: Desk, watched: Watched, payloads: list[str]
) -> None:
    watched.show(messages_of(desk, [clean(each) for each in payloads]))
    assert (watched.ran, watched.elsewhere) == ([], [])


def test_nothing_runs_when_the_cleaner_is_taken_away(
    desk: Desk, watched: Watched, payloads: list[str]
) -> None:
    watched.show(messages_of(desk, payloads))
    assert (watched.ran, watched.elsewhere) == ([], [])


@pytest.mark.usefixtures("no_policy")
def test_the_frame_alone_holds_when_cleaner_and_policy_are_both_gone(
    desk: Desk, watched: Watched
) -> None:
    watched.show(messages_of(desk, running()))
    assert watched.ran == []


@pytest.mark.usefixtures("no_policy")
def test_with_all_three_walls_gone_the_watch_sees_what_runs(desk: Desk, watched: Watched) -> None:
    watched.show(messages_of(desk, running()[:AT_ONCE]), sandbox=None)
    assert len(watched.ran) > 5


@pytest.mark.usefixtures("no_policy")
def test_without_the_policy_the_watch_sees_what_is_fetched(desk: Desk, watched: Watched) -> None:
    watched.show(messages_of(desk, fetching()))
    assert len(watched.elsewhere) > 5


def clicked(desk: Desk, watched: Watched) -> None:
    """Click every hostile link, raw, in its own window and in a new one."""
    bodies = [*links(), *(each.replace("<a ", '<a target="_blank" ') for each in links())]
    watched.show(messages_of(desk, bodies))
    for frame in watched.page.frames[1:]:
        frame.locator("a").first.click(no_wait_after=True)
    watched.page.wait_for_timeout(500)
    assert watched.ran == []


def test_a_click_on_a_hostile_link_runs_nothing(desk: Desk, watched: Watched) -> None:
    clicked(desk, watched)


@pytest.mark.usefixtures("no_policy")
def test_a_click_runs_nothing_even_without_cleaner_and_policy(desk: Desk, watched: Watched) -> None:
    clicked(desk, watched)


def test_a_link_of_a_mail_opens_in_a_window_of_its_own(desk: Desk, watched: Watched) -> None:
    # Cleaned as if it led elsewhere, since the browser of this test reaches this machine alone.
    link = clean(f'<a href="{watched.url}/healthz">The order</a>')
    watched.show(messages_of(desk, [link]))
    with watched.page.expect_popup() as opened:
        watched.page.frames[-1].get_by_text("The order").click()
    opened.value.wait_for_load_state()
    assert opened.value.url.endswith("/healthz")
    assert opened.value.evaluate("window.opener") is None


def test_a_picture_that_the_mail_carries_is_seen(desk: Desk, watched: Watched) -> None:
    [pk] = messages_of(desk, [clean('<img src="cid:logo" alt="logo">')])
    Attachment.keep("l", PNG, "x/y", message=Message.objects.get(pk=pk), content_id="logo")
    watched.show([pk])
    seen = watched.page.frames[-1].locator("img").bounding_box()
    assert seen is not None and seen["width"] == 1


def test_the_case_s_page_frames_mail_like_the_frames_of_these_tests(
    desk: Desk, watched: Watched
) -> None:
    body = clean('<p>As it was sent<script>alert(1)</script><img src=x onerror="alert(1)"></p>')
    case = desk.heard(text="<img src=x onerror=alert(1)>", fields={"html": body})
    watched.page.goto(f"{watched.url}/cases/{case.pk}/")
    watched.page.get_by_text("Show as sent").click()
    frame = watched.page.frame_locator("iframe.mailframe")
    frame.get_by_text("As it was sent").wait_for()
    assert f'sandbox="{SANDBOX}"' in watched.page.content()
    assert watched.ran == []
