"""Two cases become one on real mail and real screens, the answer lands there, and it is undone."""

from collections.abc import Callable

from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.composer import answer
from tests.browser.town import Town

Person = Callable[..., BrowserContext]


def in_menu(page: Page, name: str) -> None:
    page.get_by_role("button", name="More acts").click()
    page.locator("#m-case").get_by_role("link", name=name).click()


def test_merge_and_an_answer_and_un_merge(town: Town, person: Person) -> None:
    ellen = town.customer("ellen")
    agent = town.sign_in(person())
    agent.goto(f"{town.desk.url}/inbox/")
    town.send(ellen, "The lift is stuck between two floors.", subject="Stuck lift")
    expect(agent.locator(".rowlink", has_text="Stuck lift")).to_be_visible()
    town.send(ellen, "The lift again, and now it hums.", subject="Humming lift")
    expect(agent.locator(".rowlink", has_text="Humming lift")).to_be_visible()
    older = town.case_of("Stuck lift")

    # We ask in the newer one, and only then see that both are one matter.
    newer = town.open_case(agent, "Humming lift")
    answer(agent, "Which floor?", word="You hear from me at noon")
    asked = town.received(ellen, 1)
    in_menu(agent, "Merge into another case…")
    dialog = agent.locator("#case-dialog")
    dialog.get_by_text("Stuck lift").click()
    dialog.get_by_role("button", name="Merge").click()
    agent.wait_for_url(f"**/cases/{older}/")
    expect(agent.locator("#case-thread")).to_contain_text("now it hums")
    expect(agent.locator(".toast", has_text="goes on as")).to_be_visible()

    # The answer to the merged reference lands on the survivor's open page.
    town.send(ellen, "Between the third and the fourth.", answering=asked)
    expect(agent.locator("#case-thread")).to_contain_text("Between the third and the fourth.")
    agent.goto(f"{town.desk.url}/cases/{newer}/")
    expect(agent.get_by_role("status").filter(has_text="goes on here")).to_be_visible()

    # Undone from the timeline: its words and the answer to it go back with it.
    agent.locator("#case-thread").get_by_role("button", name="Un-merge").click()
    agent.wait_for_url(f"**/cases/{newer}/")
    thread = agent.locator("#case-thread")
    expect(thread).to_contain_text("Between the third and the fourth.")
    expect(thread).to_contain_text("un-merged the two cases")
    agent.goto(f"{town.desk.url}/cases/{older}/")
    expect(agent.locator("#case-thread .bubble")).to_have_count(1)


def test_a_supplier_is_asked_and_answers_beside_the_case(town: Town, person: Person) -> None:
    ellen, kestrel = town.customer("ellen"), town.customer("kestrel")
    agent = town.sign_in(person())
    agent.goto(f"{town.desk.url}/inbox/")
    town.send(ellen, "My lamp is dark.", subject="Dark lamp")
    expect(agent.locator(".rowlink", has_text="Dark lamp")).to_be_visible()
    case = town.open_case(agent, "Dark lamp")
    in_menu(agent, "Ask somebody outside…")
    dialog = agent.locator("#case-dialog")
    dialog.get_by_label("Their mail address").fill(kestrel)
    dialog.get_by_label("Who they are").fill("Kestrel Supplies")
    dialog.get_by_label("Subject, which they see").fill("A lamp")
    dialog.get_by_label("Your message").fill("When can you bring one?")
    dialog.get_by_role("button", name="Send it to them").click()
    agent.wait_for_url(f"**/cases/{case}/?sent=*")
    strand = agent.locator(".strand")
    expect(strand).to_contain_text("only we and Kestrel Supplies see this")
    mail = town.received(kestrel, 1)
    assert "/c/" not in str(mail.get_body(("plain",)))
    town.send(kestrel, "On Monday at nine.", answering=mail)
    expect(strand).to_contain_text("On Monday at nine.")
    expect(agent.locator("#case-thread")).not_to_contain_text("On Monday at nine.")
    ((count,),) = town.desk.ask("SELECT count(*) FROM cases_case WHERE id >= ?", case)
    assert count == 1
