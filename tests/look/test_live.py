"""What others do appears without a reload, and never in the way of what somebody does here."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

Open = Callable[..., Page]
SECONDS = 2_000
# With this the browser has no shared workers, as on some phones.
NO_SHARED_WORKER = "delete window.SharedWorker"


def leave_note(page: Page, words: str) -> None:
    page.goto(f"{page.url.split('?')[0]}?mode=note")
    page.locator("#text").fill(words)
    page.keyboard.press("Control+Enter")
    expect(page.locator("#case-thread")).to_contain_text(words)


def test_a_note_appears_on_the_others_screen_and_typed_words_stay(at_desk: Open) -> None:
    priya = at_desk("/cases/2036/")
    marta = at_desk("/cases/2036/", member="marta")
    marta.wait_for_timeout(1500)
    marta.locator("#text").press_sequentially("Half a sentence")
    leave_note(priya, "The licences are paid back.")
    expect(marta.locator("#case-thread")).to_contain_text(
        "The licences are paid back.", timeout=SECONDS
    )
    expect(marta.locator("#text")).to_have_value("Half a sentence")
    expect(marta.locator("#text")).to_be_focused()
    marta.locator("#text").fill("")


def test_who_else_reads_and_writes_is_said(at_desk: Open) -> None:
    priya = at_desk("/cases/2047/")
    marta = at_desk("/cases/2047/", member="marta")
    expect(priya.locator("#present")).to_contain_text("Marta is reading")
    marta.locator("#text").press_sequentially("Grace, the reference is")
    expect(priya.locator("#present")).to_contain_text("Marta is writing here")
    marta.locator("#text").fill("")
    marta.wait_for_timeout(700)


def test_an_open_menu_is_not_swapped_away(at_desk: Open) -> None:
    priya = at_desk("/cases/2036/")
    marta = at_desk("/cases/2036/", member="marta")
    marta.wait_for_timeout(1500)
    marta.get_by_role("button", name="More acts").click()
    menu = marta.locator("#m-case")
    expect(menu).to_be_visible()
    leave_note(priya, "A note while a menu is open.")
    expect(marta.locator("#case-thread")).to_contain_text("A note while a menu is open.")
    expect(menu).to_be_visible()


def test_ten_tabs_share_one_stream_and_all_hear(at_desk: Open) -> None:
    """A browser opens six connections to a server: with a stream for each tab the seventh
    would wait for ever."""
    first = at_desk("/cases/2039/", member="marta")
    tabs = [first]
    for _number in range(9):
        tab = first.context.new_page()
        tab.goto(first.url)
        tabs.append(tab)
    leave_note(at_desk("/cases/2039/"), "Heard in every tab.")
    for tab in tabs:
        tab.bring_to_front()
        expect(tab.locator("#case-thread")).to_contain_text("Heard in every tab.")


def test_without_shared_workers_one_tab_reads_for_all(at_desk: Open) -> None:
    reader = at_desk("/inbox/", member="marta")
    reader.context.add_init_script(NO_SHARED_WORKER)
    tabs = [reader.context.new_page() for _number in range(8)]
    for tab in tabs:
        tab.goto(reader.url.replace("/inbox/", "/cases/2039/"))
    leave_note(at_desk("/cases/2039/"), "Told on by the first tab.")
    for tab in tabs:
        tab.bring_to_front()
        expect(tab.locator("#case-thread")).to_contain_text("Told on by the first tab.")


def test_a_page_that_hears_nothing_says_so(at_desk: Open) -> None:
    page = at_desk("/today/")
    page.context.add_init_script(NO_SHARED_WORKER)
    page.context.route("**/live", lambda route: route.abort())
    page.reload()
    expect(page.locator("#notlive")).to_contain_text("Not live", timeout=15_000)
    page.context.unroute("**/live")
    expect(page.locator("#notlive")).to_be_hidden(timeout=30_000)


def test_the_counts_at_the_side_follow(at_desk: Open) -> None:
    marta = at_desk("/today/", member="marta")
    marta.wait_for_timeout(1000)
    with marta.expect_response("**/side?nav=today") as heard:
        leave_note(at_desk("/cases/2036/"), "Something for the side.")
    assert heard.value.status == 200
    expect(marta.locator("#nav-today")).to_have_attribute("aria-current", "page")
    expect(marta.locator("#shopclock")).to_contain_text(" minutes to closing")
