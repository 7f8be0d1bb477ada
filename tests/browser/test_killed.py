"""The server is killed while it works: nothing is lost, nothing is doubled, the page goes on."""

import contextlib
import threading
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Error, expect

from tests.browser.composer import write
from tests.browser.server import until
from tests.browser.test_two_agents import heard, outgoing
from tests.browser.town import Town

Person = Callable[..., BrowserContext]


@pytest.mark.parametrize("after", [0.0, 0.03, 0.1])
def test_a_form_that_is_sent_while_the_server_dies_is_sent_once(
    after: float, town: Town, person: Person
) -> None:
    title = f"The lights went out at {after}"
    ellen = heard(town, title)
    page = town.sign_in(person())
    case = town.open_case(page, title)
    write(page, "It is on again.", then="ask")
    expect(page.locator("#composer [data-draft-saved]")).to_contain_text("Draft kept")
    killer = threading.Timer(after, town.desk.kill)
    killer.start()
    with contextlib.suppress(Error):
        page.locator("#composer [data-send]").click(no_wait_after=True)
    killer.join()
    town.desk.start()
    # Whether it was committed or not, the agent finds either the message or the draft.
    town.open_case(page, title)
    if not outgoing(town, case):
        expect(page.locator("#text")).to_have_value("It is on again.")
        with page.expect_navigation():
            page.locator("#composer [data-send]").click()
    expect(page.locator("#case-thread")).to_contain_text("It is on again.")
    assert outgoing(town, case) == ["It is on again."]
    mails = town.mailboxes.mails(ellen, at_least=1)
    assert len({str(mail["Message-ID"]) for mail in mails}) == 1


def test_an_open_page_goes_on_after_a_restart(town: Town, person: Person) -> None:
    page = town.sign_in(person())
    page.goto(f"{town.desk.url}/inbox/")
    expect(page.locator("#inbox-list")).to_be_visible()
    town.desk.kill()
    expect(page.locator("#notlive")).to_be_visible()
    town.desk.start()
    heard(town, "After the restart")
    expect(page.locator(".rowlink", has_text="After the restart")).to_be_visible(timeout=40_000)
    expect(page.locator("#notlive")).to_be_hidden(timeout=20_000)


def test_mail_that_was_acknowledged_before_the_kill_is_there_after_it(town: Town) -> None:
    ellen = town.customer("ellen")
    for number in range(5):
        town.send(ellen, "Here?", subject=f"Acknowledged {number}", port=town.desk.smtp_port)
    town.desk.kill()
    town.desk.start()
    count = "SELECT COUNT(*) FROM cases_case WHERE title LIKE 'Acknowledged %'"
    until(lambda: town.desk.ask(count) == [(5,)], "a mail that was acknowledged is lost")
