"""An article from its first word to a reader who needs a person after all, and every way back."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from goodword.articles.models import Article, ArticleFeedback
from goodword.cases.models import Case
from tests.cast import PASSWORD, Desk
from tests.desk.hostile_html import links, running
from tests.peers.chromium import PHONE

Person = Callable[..., BrowserContext]


@pytest.fixture
def at(desk: Desk, live_server: Any) -> Iterator[str]:
    yield live_server.url


def sign_in(page: Page, at: str, mail: str) -> Page:
    page.goto(f"{at}/sign-in/")
    page.get_by_label("Your mail address").fill(mail)
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url("**/today/")
    return page


def test_written_read_on_a_phone_and_then_a_person(desk: Desk, at: str, person: Person) -> None:
    # Priya writes with the preview beside her; what she typed survives a reload.
    priya = sign_in(person().new_page(), at, "priya@harbourlane.example")
    priya.goto(f"{at}/articles/")
    priya.get_by_role("link", name="Write the first article").click()
    priya.get_by_label("Title, as somebody would ask for it").fill("How do I reset the router?")
    priya.get_by_label("Text", exact=True).fill("## At the back\n\nHold the **red button**.")
    expect(priya.locator("#preview strong")).to_have_text("red button")
    expect(priya.locator("[data-draft-saved]")).to_contain_text("Draft kept")
    priya.reload()
    expect(priya.get_by_label("Text", exact=True)).to_have_value(re.compile("red button"))
    priya.get_by_text("Everybody can read this").click()
    priya.get_by_role("button", name="Publish Ctrl").click()
    expect(priya.get_by_text("Published. Everybody can read it.")).to_be_visible()

    # A customer reads it on a phone, says “not yet”, and is one step from a person.
    phone = person(size=PHONE).new_page()
    phone.goto(f"{at}/help/")
    phone.get_by_label("What is it about?").fill("routers")
    phone.get_by_role("button", name="Search").click()
    phone.get_by_role("link", name="How do I reset the router?").click()
    expect(phone.get_by_role("heading", name="At the back")).to_be_visible()
    dock = phone.locator(".pdock")
    expect(dock.get_by_role("link")).to_have_text(["Call us", "Write"])
    phone.get_by_role("button", name="Not yet").click()
    expect(phone.get_by_role("heading", name="Then let a person help")).to_be_in_viewport()
    phone.locator(".helped").get_by_role("link", name="Write to us").click()
    phone.get_by_label("What is it about?").fill(
        "I cannot reset the router: mine has no red button."
    )
    phone.get_by_label("Your mail address").fill("rosa@elsewhere.example")
    phone.get_by_label("Your name").first.fill("Rosa Lind")
    phone.get_by_role("button", name="Send it to a person").click()
    expect(phone.get_by_role("heading", name="We have it")).to_be_visible()
    expect(phone.locator(".vows")).to_contain_text("Today by 17:00")
    case = Case.objects.get()
    assert {each.kind for each in case.promises.open()} == {"acknowledge", "reply"}
    assert ArticleFeedback.objects.get().helped is False

    # Priya sees it, links the article from the composer, writes it better, and takes that back.
    priya.goto(f"{at}/cases/{case.pk}/")
    priya.locator("#text").fill("Dear Rosa,")
    priya.get_by_text("Articles that may fit").click()
    priya.get_by_role("button", name="Link it").click()
    expect(priya.locator("#text")).to_have_value(
        re.compile(r"^Dear Rosa,\nHow do I reset the router\?: http\S+/help/en-gb/\S+/$")
    )
    article = Article.objects.get()
    priya.goto(f"{at}/articles/{article.pk}/write/")
    priya.get_by_label("Text", exact=True).fill("## At the back\n\nHold the **blue button**.")
    priya.get_by_role("button", name="Publish Ctrl").click()
    priya.get_by_role("link", name="History").click()
    expect(priya.locator(".differences ins").first).to_be_visible()
    priya.get_by_role("link", name="Priya Raman").last.click()
    priya.get_by_role("button", name="Write it as in version 1").click()
    priya.get_by_role("button", name="Publish for everybody").click()
    phone.goto(f"{at}{article.public_path}")
    expect(phone.locator(".prose")).to_contain_text("red button")

    # Retired, it is gone at once; brought back by the toast, it is there again.
    priya.get_by_text("Retire it").first.click()
    priya.get_by_role("button", name="Retire it").click()
    phone.reload()
    expect(phone.get_by_role("heading", name="There is nothing here")).to_be_visible()
    priya.get_by_role("button", name="Undo").click()
    phone.reload()
    expect(phone.locator(".prose")).to_contain_text("red button")


def test_nothing_hostile_in_an_article_runs_or_asks_elsewhere(
    desk: Desk, at: str, person: Person
) -> None:
    text = "\n\n".join([*running(), *links(), "![x](https://elsewhere.example/a.png)"])
    article = Article.begin(
        by=desk.priya, title="<img src=x onerror=alert(1)>", text=text, language="en-gb",
        audience="public",
    )  # fmt: skip
    article.publish(by=desk.priya, on=1)
    context = person()
    ran: list[str] = []
    elsewhere: list[str] = []
    context.expose_binding("tell", lambda _source, what: ran.append(str(what)))
    context.add_init_script(
        "for (const n of ['alert', 'confirm', 'prompt']) window[n] = window.tell"
    )
    context.route(
        re.compile(r"elsewhere\.example"), lambda route: elsewhere.append(route.request.url)
    )
    page = sign_in(context.new_page(), at, "priya@harbourlane.example")
    for path in (article.public_path, "/help/", f"/articles/{article.pk}/",
                 f"/articles/{article.pk}/write/"):  # fmt: skip
        page.goto(f"{at}{path}", wait_until="load")
        for link in page.locator(".prose a").all()[:5]:
            assert not (link.get_attribute("href") or "").startswith("javascript")
    assert (ran, elsewhere) == ([], [])
