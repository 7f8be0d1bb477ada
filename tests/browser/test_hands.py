"""Many cases by keyboard, a case that sleeps and is woken, a notice with a leader's name."""

from collections.abc import Callable
from email.utils import parseaddr

from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.composer import answer
from tests.browser.test_walk import words_of
from tests.browser.town import MARTA, Town

Person = Callable[..., BrowserContext]


def newest(page: Page, town: Town, tab: str = "ours") -> None:
    page.goto(f"{town.desk.url}/inbox/?sort=newest&tab={tab}")


def choose(page: Page, rows: int) -> None:
    """The first rows of the list, with nothing but the keyboard."""
    page.keyboard.press("k")
    for number in range(rows):
        if number:
            page.keyboard.press("j")
        page.keyboard.press("x")
    expect(page.locator("#several [data-count]")).to_have_text(str(rows))


def asked_to_take(town: Town, subject: str) -> int:
    like = f"{subject}%"
    count = "SELECT count(*) FROM cases_case WHERE title LIKE ? AND handing_to_id IS NOT NULL"
    ((found,),) = town.desk.ask(count, like)
    return int(found)


def test_three_rows_are_tagged_and_handed_over_and_taken_back(town: Town, person: Person) -> None:
    for number in range(3):
        town.send(town.customer(f"many{number}"), "It hums.", subject=f"Humming {number}")
    agent = town.sign_in(person())
    newest(agent, town)
    expect(agent.locator(".rowlink", has_text="Humming")).to_have_count(3)

    choose(agent, 3)
    agent.keyboard.press("#")
    agent.get_by_label("The tag").fill("Humming")
    agent.keyboard.press("Enter")
    expect(agent.get_by_role("status").filter(has_text="Done for 3 cases.")).to_be_visible()
    expect(agent.locator(".ourtag", has_text="Humming")).to_have_count(3)

    choose(agent, 3)
    agent.keyboard.press("h")
    agent.get_by_label("A colleague").select_option(label="Dele Adeyemi, Agent")
    agent.get_by_role("button", name="Ask them to take these").click()
    expect(agent.locator(".toast")).to_contain_text("Done for 3 cases.")
    assert asked_to_take(town, "Humming") == 3
    agent.get_by_role("button", name="Undo").click()
    expect(agent.locator(".toast")).to_contain_text("Undone for 3 cases.")
    assert asked_to_take(town, "Humming") == 0


def test_a_case_sleeps_until_its_customer_writes(town: Town, person: Person) -> None:
    ellen = town.customer("sleeper")
    agent = town.sign_in(person())
    newest(agent, town)
    town.send(ellen, "The lamp flickers.", subject="Flicker")
    expect(agent.locator(".rowlink", has_text="Flicker")).to_be_visible()
    town.open_case(agent, "Flicker")
    answer(agent, "The lamp is ordered.", word="You hear when it is here")
    agent.keyboard.press("z")
    dialog = agent.get_by_role("dialog")
    dialog.get_by_text("Until tomorrow").click()
    dialog.get_by_role("button", name="Snooze it").click()
    expect(dialog.get_by_role("alert")).to_contain_text("You hear when it is here")
    dialog.get_by_label("I know, and keep it from Today.").check()
    dialog.get_by_role("button", name="Snooze it").click()
    expect(agent.locator("#case-head")).to_contain_text("Snoozed until")

    newest(agent, town, "snoozed")
    expect(agent.locator(".rowlink", has_text="Flicker")).to_be_visible()
    newest(agent, town)
    expect(agent.get_by_role("heading", name="Inbox")).to_be_visible()
    expect(agent.locator(".rowlink", has_text="Flicker")).to_have_count(0)
    town.send(ellen, "Now it smells.", answering=town.received(ellen, 1))
    expect(agent.locator(".rowlink", has_text="Flicker")).to_contain_text("Now it smells.")


def test_a_leader_signs_what_an_agent_prepared(town: Town, person: Person) -> None:
    people = [town.customer(f"down{number}") for number in range(2)]
    for address in people:
        town.send(address, "Is it you or us?", subject="All down")
    agent = town.sign_in(person())
    newest(agent, town)
    expect(agent.locator(".rowlink", has_text="All down")).to_have_count(2)
    choose(agent, 2)
    agent.locator("#several").get_by_role("button", name="More acts").click()
    agent.get_by_role("button", name="One notice to all").click()
    agent.locator("[name=text]").fill("The line is down since four. The carrier works on it.")
    agent.get_by_role("button", name="Prepare it for a leader").click()
    expect(agent.get_by_role("heading", level=1)).to_contain_text("waits for a signature")
    expect(agent.get_by_role("button", name="Sign it")).to_have_count(0)

    leader = town.sign_in(person(), MARTA)
    leader.get_by_role("link", name="A notice waits for your signature").first.click()
    leader.get_by_role("button", name="Sign it and send it in 2 cases").click()
    expect(leader.locator(".toast")).to_contain_text("Done for 2 cases.")
    for address in people:
        mail = town.received(address, 1)
        assert parseaddr(str(mail["From"]))[0] == "Marta Nowak (Harbour Lane)"
        assert "The line is down since four." in words_of(mail)
        assert "/c/" in words_of(mail)
