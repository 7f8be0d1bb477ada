"""The main job, end to end, on real mail and real screens: from a mail to the customer's yes."""

import re
from collections.abc import Callable
from email.message import EmailMessage
from email.utils import parseaddr

from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.composer import answer
from tests.browser.town import SUPPORT, Town
from tests.peers.chromium import PHONE

Person = Callable[..., BrowserContext]


def link_in(mail: EmailMessage) -> str:
    """The customer's own page, as the plain part of the mail names it."""
    plain = mail.get_body(("plain",))
    assert plain is not None
    links = [word for word in plain.get_content().split() if "/c/" in word]
    (link,) = [each for each in links if not each.endswith("/mayday/")]
    return link


def words_of(mail: EmailMessage, kind: str = "plain") -> str:
    part = mail.get_body((kind,))
    assert part is not None
    return str(part.get_content())


def in_tab(page: Page, town: Town, tab: str, title: str) -> None:
    """The case stands in this tab of the inbox."""
    page.goto(f"{town.desk.url}/inbox/")
    page.get_by_role("navigation", name="Whose move is it").get_by_role("link", name=tab).click()
    expect(page.locator(".rowlink", has_text=title)).to_be_visible()


def move_of(town: Town, case: int) -> str:
    ((move,),) = town.desk.ask("SELECT move FROM cases_case WHERE id = ?", case)
    return str(move)


def test_from_a_mail_to_the_customers_yes(town: Town, person: Person) -> None:
    ellen = town.customer("ellen")
    agent = town.sign_in(person())
    agent.goto(f"{town.desk.url}/inbox/")

    # A mail comes in by Postfix and stands in the open inbox.
    heard = town.send(ellen, "The projector in room four stays dark.", subject="Dark projector")
    row = agent.locator(".rowlink", has_text="Dark projector")
    expect(row).to_be_visible()
    expect(row).to_contain_text("The projector in room four stays dark.")

    # She takes it and answers, with her word for a callback.
    case = town.open_case(agent, "Dark projector")
    agent.get_by_role("button", name="Take it").first.click()
    expect(agent.locator("#case-head")).to_contain_text("With Priya")
    answer(agent, "I order the lamp today.", word="You hear from me when the lamp is here")
    expect(agent.locator("#case-thread")).to_contain_text("I order the lamp today.")
    first = town.received(ellen, 1)
    assert_it_is_written_by_a_person(first, heard, ellen)
    assert "I order the lamp today." in words_of(first)

    # The customer answers by mail, and the open page of the case shows it.
    town.send(ellen, "Thank you. We have a workshop on Monday.", answering=first)
    expect(agent.locator("#case-thread")).to_contain_text("We have a workshop on Monday.")

    # She does what she promised, and asks. Until then the case was ours.
    agent.reload()
    answer(agent, "The lamp came early and is in.", then="ask", keeps=True)
    expect(agent.locator("#case-head")).to_contain_text("They decide")
    second = town.received(ellen, 2)
    assert "Is it settled?" in words_of(second)
    in_tab(agent, town, "They decide", "Dark projector")

    # Not yet, says the customer: by phone, without script, from the link in the mail.
    phone = person(size=PHONE, script=False).new_page()
    phone.goto(link_in(second))
    expect(phone.get_by_role("heading", level=1)).to_have_text("Dark projector")
    expect(phone.locator("#h-vows + ul")).to_contain_text("You hear from me when the lamp is here")
    phone.get_by_text("Not yet, and here’s why").click()
    phone.get_by_label("What is missing?").fill("The picture is still very dim.")
    phone.get_by_role("button", name="It is not settled yet").click()
    expect(phone.get_by_role("status")).to_contain_text("It is ours to move again")
    assert move_of(town, case) == "ours"
    in_tab(agent, town, "Ours to move", "Dark projector")

    # Nobody but the customer can settle: no screen of the desk has a way to.
    agent.goto(f"{town.desk.url}/cases/{case}/")
    settles = agent.locator("form[action*=settle], button[value*=settle]")
    expect(settles).to_have_count(0)
    expect(agent.get_by_role("button", name=re.compile("^(Close|Settle)"))).to_have_count(0)

    # Answered and asked again; now the customer says yes, with a degree and in words.
    town.open_case(agent, "Dark projector")
    expect(agent.locator("#case-thread")).to_contain_text("The picture is still very dim.")
    answer(agent, "It was in energy saving mode.", then="ask")
    third = town.received(ellen, 3)
    phone.goto(link_in(third))
    phone.get_by_text("Yes, it’s settled").click()
    degree = phone.get_by_role("radio").last
    degree.check(force=True)
    chosen = degree.get_attribute("value")
    phone.get_by_label("In your own words").fill("Bright as day.")
    assert move_of(town, case) == "decide"
    phone.get_by_role("button", name="It is settled").click()
    expect(phone.get_by_role("status")).to_contain_text("It is settled, because you say so.")
    in_tab(agent, town, "Settled", "Dark projector")
    verdicts = town.desk.ask(
        "SELECT degree, words FROM cases_verdict WHERE case_id = ? ORDER BY id", case
    )
    assert verdicts[-1] == (chosen, "Bright as day.")


def assert_it_is_written_by_a_person(
    mail: EmailMessage, heard: EmailMessage, recipient: str
) -> None:
    name, address = parseaddr(str(mail["From"]))
    assert (name, address) == ("Priya Raman (Harbour Lane)", SUPPORT)
    where = parseaddr(str(mail["Reply-To"]))[1]
    assert where.startswith("support+")
    assert where.endswith("@harbourlane.example")
    assert parseaddr(str(mail["To"]))[1] == recipient
    assert str(mail["Subject"]) == f"Re: {heard['Subject']}"
    assert str(mail["In-Reply-To"]) == str(heard["Message-ID"])
    assert str(heard["Message-ID"]) in str(mail["References"])
    assert str(mail["Message-ID"]).endswith(">")
    assert "Auto-Submitted" not in mail
    assert mail.get_content_type() == "multipart/alternative"
    assert link_in(mail) in words_of(mail, "html")
    assert "A person reads every answer." in words_of(mail)
