"""The composer of a case as an agent uses it."""

from playwright.sync_api import Locator, Page, expect


def write(
    page: Page, text: str, *, word: str = "", then: str = "promise", keeps: bool = False
) -> None:
    """Fill the composer of the case that the page shows; nothing is sent yet."""
    composer = page.locator("#composer")
    composer.locator("#text").fill(text)
    if word:
        unfold(composer, "Give your word")
        composer.locator("[name=word_kind]").select_option("next_update")
        composer.locator("[name=word_text]").fill(word)
    if keeps:
        unfold(composer, "This message keeps")
        composer.locator("[name=keeps]").check()
    if then != "promise":
        composer.locator(f"#then-{then}").check(force=True)


def send(page: Page) -> None:
    with page.expect_navigation():
        page.locator("#composer [data-send]").click()


def answer(
    page: Page, text: str, *, word: str = "", then: str = "promise", keeps: bool = False
) -> None:
    """Write an answer and send it; it must not be refused."""
    write(page, text, word=word, then=then, keeps=keeps)
    send(page)
    expect(page.locator("#refusal")).to_have_count(0)


def unfold(composer: Locator, name: str) -> None:
    fold = composer.locator("details", has=composer.page.locator("summary", has_text=name))
    if not fold.evaluate("fold => fold.open"):
        fold.locator("summary").click()
