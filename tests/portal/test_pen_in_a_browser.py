"""Another time agreed by the customer, on a phone without JavaScript; and their pen.

The desk asks with a reason; they say yes, or no, or come too late.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from goodword.cases.models import Case, Recollection
from goodword.core.time import clock, now
from goodword.promises.models import MoveRequest, Promise
from tests.cast import Desk, london
from tests.desk.conftest import signed_in
from tests.peers.chromium import PHONE, page_of


@pytest.fixture
def case(desk: Desk) -> Case:
    word = {"kind": "callback", "text": "I ring you", "due": london("2026-11-20 10:00")}
    return desk.answered(promises=[word])


@pytest.fixture
def priya(live_server: Any, desk: Desk, page: Page) -> Page:
    session = signed_in(desk.priya).cookies["goodword_session"].value
    page.context.add_cookies(
        [{"name": "goodword_session", "value": session, "url": live_server.url}]
    )
    return page


@pytest.fixture
def phone(live_server: Any, desk: Desk, case: Case, chromium: Browser) -> Iterator[Page]:
    with page_of(chromium, size=PHONE, script=False) as page:
        page.goto(f"{live_server.url}{desk.link(case).path}")
        yield page


def ask(priya: Page, live_server: Any, promise: Promise, to: str) -> None:
    priya.goto(f"{live_server.url}/promises/{promise.pk}/")
    priya.locator("details", has_text="Ask to move it").locator("summary").click()
    priya.get_by_label("To when").fill(to)
    priya.get_by_label("Why, in a line that they read").fill("The engineer is ill")
    priya.get_by_role("button", name="Ask for this time").click()
    expect(priya.get_by_role("status").filter(has_text="until Ellen says yes")).to_be_visible()


def test_yes_moves_it_no_keeps_it_and_late_is_late(
    live_server: Any, desk: Desk, case: Case, priya: Page, phone: Page
) -> None:
    promise = desk.promise(case, "callback")
    ask(priya, live_server, promise, "2026-11-24T11:00")
    phone.reload()
    asked = phone.locator(f"#p-{promise.pk}")
    expect(asked).to_contain_text("Priya Raman asks: Tue 24 Nov, 11:00 instead?")
    expect(asked).to_contain_text("The engineer is ill")
    asked.get_by_role("button", name="No, keep the old time").click()
    expect(phone.locator("#done")).to_contain_text("The old time stands.")
    assert Promise.objects.get(pk=promise.pk).state == "open"

    ask(priya, live_server, promise, "2026-11-24T11:00")
    phone.reload()
    phone.get_by_role("button", name="Yes, that suits me").click()
    expect(phone.locator("#done")).to_contain_text("Agreed.")
    after = Promise.objects.get(moved_from=promise)
    assert after.due == london("2026-11-24 11:00")
    row = phone.locator(f"#p-{after.pk}")
    expect(row.locator("del")).to_contain_text("tomorrow 10:00")
    expect(row).to_contain_text("Tue 24 Nov, 11:00")
    priya.goto(f"{live_server.url}/promises/{after.pk}/")
    expect(priya.locator(".oneword del")).to_have_text("Fri 10:00")

    ask(priya, live_server, after, "2026-11-26T11:00")
    phone.reload()
    clock.fix(after.due)
    desk.later(minutes=1)
    phone.get_by_role("button", name="Yes, that suits me").click()
    expect(phone.locator("#refusal")).to_contain_text("Its time has passed")
    assert Promise.objects.get(pk=after.pk).state == "open"  # until the tick breaks it
    assert MoveRequest.objects.get(promise=after).state == "asked"


def test_you_told_me_is_answered_by_another_time_and_taken(
    live_server: Any, desk: Desk, case: Case, priya: Page, phone: Page
) -> None:
    phone.locator("#told summary").click()
    phone.get_by_label("What were you told?").fill("A loan server by Monday")
    phone.get_by_label("By when? Leave it empty").fill("2026-11-23T09:00")
    phone.get_by_label("Who said it, if you know").fill("Tom")
    phone.get_by_role("button", name="Put it before them").click()
    expect(phone.locator("#done")).to_contain_text("It is before us now.")
    row = Recollection.objects.get()
    waits = phone.locator(f"#r-{row.pk}")
    expect(waits).to_contain_text("Waiting for our word on it")

    priya.goto(f"{live_server.url}/cases/{case.pk}/")
    priya.locator(f"#recalled-{row.pk}").get_by_role("link", name="Say yes or no").click()
    priya.locator("summary", has_text="Yes, but by another time").click()
    priya.get_by_label("By when you can").fill("2026-11-24T10:00")
    priya.get_by_label("Why, in words that Ellen reads").fill("No.")
    priya.get_by_role("button", name="Offer this time").click()
    expect(priya.get_by_role("alert")).to_contain_text("Say why")
    words = priya.get_by_label("Why, in words that Ellen reads")
    expect(words).to_have_value("No.")
    words.fill("The loan server comes back from another customer on Monday night.")
    priya.get_by_role("button", name="Offer this time").click()
    priya.wait_for_url(f"**/cases/{case.pk}/*")

    phone.reload()
    expect(waits).to_contain_text("another customer on Monday night")
    waits.get_by_role("button", name="Yes, that suits me").click()
    expect(phone.locator("#done")).to_contain_text("Agreed.")
    promise = Promise.objects.get(text="A loan server by Monday")
    assert (promise.due, promise.owner) == (london("2026-11-24 10:00"), desk.priya)

    # Kept, they read how we know; it has not happened, and they say so.
    promise.keep(by=desk.priya, evidence="Put into the rack at nine.")
    phone.reload()
    kept = phone.locator(f"#p-{promise.pk}")
    kept.locator("summary", has_text="This has not happened").click()
    kept.get_by_role("button", name="It has not happened").click()
    expect(phone.locator("#done")).to_contain_text("you get an answer")
    assert Promise.objects.get(pk=promise.pk).state == "open"
    assert Case.objects.get(pk=case.pk).unanswered_since == now()
    kept.get_by_role("button", name="It had happened after all").click()
    assert Promise.objects.get(pk=promise.pk).state == "kept"
