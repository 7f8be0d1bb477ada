"""The company’s own sign-in, against a provider on loopback that signs and checks for real."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from allauth.socialaccount.models import SocialAccount
from django.test import Client

from goodword.cases.leaving import revoke
from goodword.journal.models import Entry
from goodword.staff.inviting import invite
from goodword.staff.models import Member
from tests.cast import Desk
from tests.peers.openid import Provider, new_key, provider
from tests.staff.ways import shown_by_app, with_app

START = "/sign-in/company/"


@pytest.fixture
def company(desk: Desk, settings: Any) -> Iterator[Provider]:
    with provider() as there:
        settings.SOCIALACCOUNT_PROVIDERS = there.settings()
        there.claims = {"sub": "priya-1", "email": desk.priya.email, "email_verified": True}
        yield there


def walk(browser: Client, **asked: str) -> Any:
    """To the provider, and back with what it says; the desk’s last answer."""
    there = browser.get(START, asked)
    assert there.status_code == 302, there.content
    back = requests.get(there["Location"], allow_redirects=False, timeout=5).headers["Location"]
    assert back.startswith("http://desk.test/sign-in/company/back/?")
    return browser.get(back.removeprefix("http://desk.test"))


def is_in(browser: Client) -> bool:
    return browser.get("/today/").status_code == 200


def refused(browser: Client, answer: Any) -> str:
    assert answer["Location"] == "/sign-in/"
    assert not is_in(browser)
    return browser.get("/sign-in/").content.decode()


def test_a_member_comes_in_and_goes_on_to_where_they_wanted(company: Provider, desk: Desk) -> None:
    browser = Client()
    assert "Sign in with Harbour Lane Group" in browser.get("/sign-in/").content.decode()
    assert walk(browser, next="/promises/")["Location"] == "/promises/"
    assert is_in(browser)
    assert SocialAccount.objects.get().user == desk.priya
    assert Entry.objects.get(kind="signed_in").facts == {"how": "sso"}
    assert walk(Client())["Location"] == "/today/"
    assert SocialAccount.objects.count() == 1


def test_what_is_sent_there_is_bound_to_this_browser_and_to_one_use(company: Provider) -> None:
    asked = parse_qs(urlsplit(Client().get(START)["Location"]).query)
    assert asked["code_challenge_method"] == ["S256"]
    assert asked["response_type"] == ["code"]
    browser = Client()
    there = browser.get(START)["Location"]
    back = requests.get(there, allow_redirects=False, timeout=5).headers["Location"]
    back = back.removeprefix("http://desk.test")
    thief = Client()
    refused(thief, thief.get(back))
    assert browser.get(back)["Location"] == "/today/"
    browser.post("/sign-out/")
    refused(browser, browser.get(back))


@pytest.mark.parametrize("verified", [False, None, "false", "no"])
def test_an_address_that_the_provider_did_not_verify_is_nobodys(
    company: Provider, verified: object
) -> None:
    company.claims["email_verified"] = verified
    browser = Client()
    assert "not verified" in refused(browser, walk(browser))
    assert not SocialAccount.objects.exists()


def test_who_is_no_member_or_has_left_or_was_only_invited_stays_outside(
    company: Provider, desk: Desk
) -> None:
    revoke(desk.dele, by=desk.jonas)
    invite("Nia Obi", "nia@harbourlane.example", "agent", by=desk.jonas)
    said = set()
    for email in ("nobody@harbourlane.example", desk.dele.email, "nia@harbourlane.example"):
        company.claims = {"sub": email, "email": email, "email_verified": True}
        browser = Client()
        page = refused(browser, walk(browser))
        said.add(page.split('role="alert"')[1].split("</div>")[0])
    assert len(said) == 1, "none of them learns which"
    assert Member.objects.filter(email__startswith="nobody").count() == 0


def test_access_that_ended_ends_here_too(company: Provider, desk: Desk) -> None:
    walk(Client())
    revoke(desk.priya, by=desk.jonas)
    browser = Client()
    refused(browser, walk(browser))


def test_an_address_that_was_given_to_somebody_else_does_not_bring_them_in(
    company: Provider,
) -> None:
    walk(Client())
    company.claims["sub"] = "another-person"
    browser = Client()
    refused(browser, walk(browser))


@pytest.mark.parametrize(
    "lie",
    [{"iss": "https://evil.example"}, {"aud": "another-desk"}, {"exp": 1_000_000_000}],
    ids=["issuer", "audience", "expired"],
)
def test_a_token_for_somebody_else_is_none(company: Provider, lie: dict[str, object]) -> None:
    company.lie = lie
    browser = Client()
    refused(browser, walk(browser))


def test_a_token_that_somebody_else_signed_is_none(company: Provider) -> None:
    company.shows = company.signs_with
    company.signs_with = new_key()
    browser = Client()
    refused(browser, walk(browser))


def test_what_userinfo_says_must_be_about_the_same_person(company: Provider, desk: Desk) -> None:
    company.claims = {"sub": "stranger"}
    company.userinfo = {"sub": "priya-1", "email": desk.priya.email, "email_verified": True}
    browser = Client()
    refused(browser, walk(browser))
    company.userinfo["sub"] = "stranger"
    assert walk(Client())["Location"] == "/today/"


def test_breaking_it_off_or_a_provider_that_is_gone_leads_back(
    company: Provider, settings: Any
) -> None:
    company.refuses = True
    browser = Client()
    assert "did not let you in" in refused(browser, walk(browser))
    gone = company.settings()
    gone["openid_connect"]["APPS"][0]["settings"]["server_url"] = "http://127.0.0.1:9"
    settings.SOCIALACCOUNT_PROVIDERS = gone
    refused(browser, browser.get(START))


def test_it_does_not_lead_around_the_second_factor(company: Provider, desk: Desk) -> None:
    _browser, secret = with_app(desk)
    browser = Client()
    assert walk(browser, next="/promises/")["Location"] == "/sign-in/second/"
    assert not is_in(browser)
    came = browser.post("/sign-in/second/", {"code": shown_by_app(secret)})
    assert came["Location"] == "/promises/"


def test_a_domain_may_be_let_join_as_light_members(company: Provider, settings: Any) -> None:
    settings.SSO_JOIN = ["harbourlane.example"]
    company.claims = {"sub": "n", "email": "new@harbourlane.example", "email_verified": True,
                      "name": "New Comer"}  # fmt: skip
    browser = Client()
    walk(browser)
    assert is_in(browser)
    new = Member.objects.get(email="new@harbourlane.example")
    assert (new.role_id, new.name, new.has_usable_password()) == ("light", "New Comer", False)
    company.claims = {"sub": "e", "email": "e@evil.harbourlane.example", "email_verified": True}
    other = Client()
    refused(other, walk(other))


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example", "/\\evil"])
def test_nobody_is_sent_to_another_site(company: Provider, elsewhere: str) -> None:
    assert walk(Client(), next=elsewhere)["Location"] == "/today/"


def test_without_a_provider_there_is_no_such_page(desk: Desk) -> None:
    assert Client().get(START).status_code == 404
    assert Client().get("/sign-in/company/back/").status_code == 404
    assert "Sign in with" not in Client().get("/sign-in/").content.decode().replace(
        "Sign in with a passkey", ""
    )
