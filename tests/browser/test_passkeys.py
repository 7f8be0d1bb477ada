"""Passkeys in a real browser, with an authenticator that Chromium makes up (CDP, WebAuthn)."""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import BrowserContext, CDPSession, Page, expect

from goodword.cases.leaving import revoke
from goodword.journal.models import Entry
from goodword.staff.models import Member
from tests.cast import PASSWORD, Desk, gather

PHONE_OF_PRIYA = {
    "protocol": "ctap2", "transport": "internal", "hasResidentKey": True,
    "hasUserVerification": True, "isUserVerified": True, "automaticPresenceSimulation": True,
}  # fmt: skip


@pytest.fixture
def desk(transactional_db: None) -> Desk:
    return gather()


@pytest.fixture
def browser_without_scripts(person: Callable[..., BrowserContext]) -> Page:
    return person(script=False).new_page()


@pytest.fixture
def authenticator(page: Page) -> Iterator[CDPSession]:
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    session.send("WebAuthn.addVirtualAuthenticator", {"options": PHONE_OF_PRIYA})
    yield session


def by_password(page: Page, url: str, member: Member) -> None:
    page.goto(f"{url}/sign-in/")
    page.get_by_label("Your mail address").fill(member.email)
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


def sign_out(page: Page) -> None:
    page.locator(".me").click()
    page.locator("#me-menu").get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/sign-in/**")


def add_passkey(page: Page, url: str, name: str) -> None:
    page.goto(f"{url}/me/")
    page.get_by_label("What you call it").fill(name)
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.locator("#toasts")).to_contain_text("lets you in from now on")


def test_a_passkey_is_made_named_used_and_removed(
    desk: Desk, live_server: object, page: Page, authenticator: CDPSession
) -> None:
    url = live_server.url  # type: ignore[attr-defined]
    by_password(page, url, desk.priya)
    page.wait_for_url("**/today/")
    add_passkey(page, url, "Blue phone")
    expect(page.locator("#passkeys")).to_contain_text("Blue phone")
    expect(page.locator("#codes")).to_contain_text("Make recovery codes")
    sign_out(page)
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.wait_for_url("**/today/")
    how = Entry.objects.filter(kind="signed_in").latest("pk").facts["how"]
    assert how == "passkey", "no second step: it is both factors at once"
    sign_out(page)
    by_password(page, url, desk.priya)
    page.wait_for_url("**/sign-in/second/")
    page.get_by_role("button", name="Show your passkey").click()
    page.wait_for_url("**/today/")
    page.goto(f"{url}/me/")
    page.get_by_role("button", name="Remove the passkey Blue phone").click()
    expect(page.locator("#toasts")).to_contain_text("does not let you in any more")
    sign_out(page)
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_role("alert")).to_contain_text("This passkey was not taken")


def test_the_passkey_of_somebody_who_left_lets_nobody_in(
    desk: Desk, live_server: object, page: Page, authenticator: CDPSession
) -> None:
    url = live_server.url  # type: ignore[attr-defined]
    by_password(page, url, desk.dele)
    page.wait_for_url("**/today/")
    add_passkey(page, url, "Phone")
    revoke(desk.dele, by=desk.jonas)
    page.goto(f"{url}/today/")
    page.wait_for_url("**/sign-in/**")
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_role("alert")).to_contain_text("This passkey was not taken")
    assert page.request.get(f"{url}/today/", max_redirects=0).status == 302


def test_where_no_passkey_is_shown_the_page_says_what_else_there_is(
    desk: Desk, live_server: object, page: Page, authenticator: CDPSession
) -> None:
    page.goto(f"{live_server.url}/sign-in/")  # type: ignore[attr-defined]
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.locator("[data-passkey-said]")).to_have_text(re.compile("No passkey was shown"))


def test_an_app_is_set_up_and_its_codes_work_in_a_browser_without_scripts(
    desk: Desk, live_server: object, browser_without_scripts: Page
) -> None:
    from tests.staff.ways import shown_by_app

    page, url = browser_without_scripts, live_server.url  # type: ignore[attr-defined]
    by_password(page, url, desk.priya)
    page.goto(f"{url}/me/app/")
    expect(page.get_by_role("img", name=re.compile("A square code"))).to_be_visible()
    secret = page.locator(".secret").inner_text().replace(" ", "")
    page.get_by_label("Type the six digits").fill(shown_by_app(secret))
    page.get_by_role("button", name="It shows this").click()
    page.get_by_role("button", name="Make recovery codes").click()
    code = page.locator(".codes code").first.inner_text()
    assert page.locator(".codes code").count() == 10
    page.context.clear_cookies()
    by_password(page, url, desk.priya)
    page.get_by_label("The code that your app shows").fill(code)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url("**/today/")
    page.goto(f"{url}/me/")
    expect(page.locator("#codes")).to_contain_text("9 codes are left")
    page.goto(f"{url}/sign-in/")
