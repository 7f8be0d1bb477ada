"""Two people at one case: each sees the other, and no send runs over another's words."""

from collections.abc import Callable

from playwright.sync_api import APIResponse, BrowserContext, Page, Route, expect

from tests.browser.composer import answer, send, write
from tests.browser.server import until
from tests.browser.town import DELE, PRIYA, Town

Person = Callable[..., BrowserContext]


def heard(town: Town, title: str, text: str = "It does not work.") -> str:
    """A new case by mail; the address of its customer."""
    ellen = town.customer("ellen")
    town.send(ellen, text, subject=title)
    until(lambda: town.desk.ask("SELECT 1 FROM cases_case WHERE title = ?", title), "no case came")
    return ellen


def test_the_second_send_is_stopped_with_both_texts_shown(town: Town, person: Person) -> None:
    ellen = heard(town, "Two at once")
    priya, dele = town.sign_in(person(), PRIYA), town.sign_in(person(), DELE)
    case = town.open_case(priya, "Two at once")
    town.open_case(dele, "Two at once")
    write(dele, "Please turn it off and on again.", then="ask")
    answer(priya, "A new one is on its way.", then="ask")
    send(dele)
    expect(dele.locator("#refusal")).to_contain_text("Stopped: read this first")
    expect(dele.locator("#composer .newer").first).to_contain_text("A new one is on its way.")
    expect(dele.locator("#text")).to_have_value("Please turn it off and on again.")
    assert outgoing(town, case) == ["A new one is on its way."]
    # Having read both, he may still send.
    send(dele)
    expect(dele.locator("#refusal")).to_have_count(0)
    assert len(outgoing(town, case)) == 2
    assert len(town.mailboxes.mails(ellen, at_least=2)) == 2


def outgoing(town: Town, case: int) -> list[str]:
    sql = "SELECT text FROM cases_message WHERE case_id = ? AND direction = 'out' ORDER BY id"
    return [str(text) for (text,) in town.desk.ask(sql, case)]


def test_each_sees_that_the_other_reads_and_writes(town: Town, person: Person) -> None:
    heard(town, "Seen by two")
    priya, dele = town.sign_in(person(), PRIYA), town.sign_in(person(), DELE)
    town.open_case(priya, "Seen by two")
    town.open_case(dele, "Seen by two")
    expect(priya.locator("#present")).to_contain_text("Dele is reading")
    expect(dele.locator("#present")).to_contain_text("Priya is reading")
    priya.locator("#text").press_sequentially("I look at it")
    expect(dele.locator("#present")).to_contain_text("Priya is writing here")


def test_what_comes_while_the_list_is_fetched_is_in_it_after_that(
    town: Town, person: Person
) -> None:
    page = town.sign_in(person())
    page.goto(f"{town.desk.url}/inbox/")
    held: list[tuple[Route, APIResponse]] = []

    def hold_the_first(route: Route) -> None:
        if held:
            route.continue_()
        else:
            held.append((route, route.fetch()))

    page.route("**/inbox/rows*", hold_the_first)
    with page.expect_request("**/inbox/rows*"):
        heard(town, "Comes first")
    page.wait_for_timeout(500)
    heard(town, "Comes meanwhile")
    # Told to the page, and waiting there for the answer that is on its way.
    page.wait_for_timeout(1000)
    [(route, before)] = held
    route.fulfill(response=before)
    expect(page.locator(".rowlink", has_text="Comes first")).to_be_visible()
    expect(page.locator(".rowlink", has_text="Comes meanwhile")).to_be_visible()


def test_half_typed_words_survive_a_live_change(town: Town, person: Person) -> None:
    ellen = heard(town, "Half typed")
    page = town.sign_in(person())
    town.open_case(page, "Half typed")
    answer(page, "Which room is it?", then="ask")
    mail = town.received(ellen, 1)
    page.locator("#text").press_sequentially("I think that you ")
    town.send(ellen, "Room nine.", answering=mail)
    expect(page.locator("#case-thread")).to_contain_text("Room nine.")
    expect(page.locator("#text")).to_be_focused()
    page.keyboard.type("mean the beamer.")
    expect(page.locator("#text")).to_have_value("I think that you mean the beamer.")


def test_a_draft_outlives_its_page_and_its_tab(town: Town, person: Person) -> None:
    heard(town, "A long draft")
    context = person()
    page = town.sign_in(context)
    case = town.open_case(page, "A long draft")
    type_and_see_it_kept(page, "Half a sentence")
    page.reload()
    expect(page.locator("#text")).to_have_value("Half a sentence")
    # Whatever was typed in the last moment leaves with the page.
    page.locator("#text").press("Control+End")
    page.keyboard.type(" and a word")
    page.close(run_before_unload=True)
    draft = "SELECT text FROM cases_draft WHERE case_id = ?"
    until(lambda: town.desk.ask(draft, case) == [("Half a sentence and a word",)], "not kept")
    other = context.new_page()
    town.open_case(other, "A long draft")
    expect(other.locator("#text")).to_have_value("Half a sentence and a word")


def type_and_see_it_kept(page: Page, text: str) -> None:
    page.locator("#text").press_sequentially(text)
    expect(page.locator("#composer [data-draft-saved]")).to_contain_text("Draft kept")
