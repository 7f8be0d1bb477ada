"""A customer presses MAYDAY on a phone without JavaScript; who is on call is paged, and has it."""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.server import DeskServer, served, until
from tests.notifying.listening import Ear, listening
from tests.zones import zone_at_noon

Person = Callable[..., BrowserContext]
PHONE = {"width": 390, "height": 844}
PRIYA, MARTA = "priya@harbourlane.example", "marta@harbourlane.example"
DESK = [
    "init", "--name", "Harbour Lane", "--address", "support@harbourlane.example",
    "--zone", zone_at_noon(), "--hours", "mon-sun 00:00-24:00", "--team", "IT support",
    f"--member=Marta Nowak <{MARTA}> leader", f"--member=Priya Raman <{PRIYA}> agent",
    "--duty", PRIYA, "--no-input",
]  # fmt: skip
PAGER = """
from goodword.notifying import choosing
from goodword.staff.models import Member
choosing.add_service(Member.objects.get(email={who!r}), "json://127.0.0.1:{port}/pager")
"""


@pytest.fixture(scope="module")
def desk() -> Iterator[DeskServer]:
    # Pages may go to this machine itself, where the test listens.
    with served([DESK], more={"GOODWORD_PUSH_PRIVATE": "yes"}) as running:
        yield running


def signed_in(desk: DeskServer, context: BrowserContext, who: str) -> Page:
    page = context.new_page()
    page.goto(f"{desk.url}/sign-in/")
    page.get_by_label("Your mail address").fill(who)
    page.get_by_label("Your password").fill(desk.passwords[who])
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url(f"{desk.url}/today/")
    return page


def paged(pager: Ear) -> dict[str, str] | None:
    """The page among what else is told of a new case; it never stands among others."""
    return next((said for said in pager.said if said["title"].startswith("MAYDAY: the")), None)


def test_one_press_pages_who_is_on_call_and_shows_who_has_it(
    desk: DeskServer, person: Person
) -> None:
    with listening() as pager:
        desk.inside(PAGER.format(who=PRIYA, port=pager.port))
        phone = person(size=PHONE, script=False).new_page()
        phone.goto(f"{desk.url}/help/")
        phone.get_by_role("link", name="My business is stopped").click()
        phone.get_by_label("How do we reach you?").fill("020 7946 0777")
        phone.get_by_role("button", name="My business is stopped").click()
        shown = phone.locator("#mayday")
        expect(shown).to_contain_text("Alerted at once: Priya Raman.")
        expect(shown).to_contain_text(re.compile(r"in touch with you by .*\d\d:\d\d"))

        page = until(lambda: paged(pager), "nobody was paged", 30)
        to = re.search(r"/cases/\d+/#mayday", page["message"])
        assert to is not None

        priya = signed_in(desk, person(), PRIYA)
        priya.goto(f"{desk.url}{to.group()}")
        priya.get_by_role("button", name="I have it").click()
        expect(priya.locator("#mayday")).to_contain_text("Priya Raman has it since")
        phone.reload()
        expect(shown).to_contain_text("Priya Raman has it since")

        # It was a slip: given back, the next is paged, and the customer sees that too.
        priya.get_by_role("button", name="I cannot: page the next").click()
        expect(priya.locator("#mayday")).to_contain_text("nobody has it yet")
        phone.reload()
        expect(shown).to_contain_text("Marta Nowak")
