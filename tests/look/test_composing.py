"""The composer in a browser: marks, preview, paste and drop, copies, later, undo."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

Open = Callable[..., Page]
PNG = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADU"
    "lEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
_HAND_OVER = """([type, name, kind, coded]) => {
  const bytes = Uint8Array.from(atob(coded), c => c.charCodeAt(0));
  const data = new DataTransfer();
  data.items.add(new File([bytes], name, { type: kind }));
  const area = document.querySelector('#text');
  area.focus();
  const how = { bubbles: true, cancelable: true };
  area.dispatchEvent(type === 'paste'
    ? new ClipboardEvent('paste', { ...how, clipboardData: data })
    : new DragEvent('drop', { ...how, dataTransfer: data }));
}"""


def hand_over(page: Page, how: str, name: str, kind: str, coded: str = PNG) -> None:
    page.evaluate(_HAND_OVER, [how, name, kind, coded])


@pytest.fixture
def reply(at_desk: Open) -> Iterator[Page]:
    """An empty reply on a case of Priya's; what is left in it is taken out again."""
    page = at_desk("/cases/2041/")
    page.locator("#text").fill("")
    yield page
    page.goto(page.url.split("?")[0])
    page.locator("#text").fill("")
    page.wait_for_timeout(600)


def unfold(page: Page, name: str) -> None:
    fold = page.locator("#composer details", has=page.locator("summary", has_text=name)).last
    if not fold.evaluate("fold => fold.open"):
        fold.locator("summary").click()


def text_of(page: Page) -> str:
    return page.locator("#text").input_value()


def test_marks_come_and_go_by_key_and_button(reply: Page) -> None:
    area = reply.locator("#text")
    area.fill("fixed")
    area.press("Control+a")
    area.press("Control+b")
    assert text_of(reply) == "**fixed**"
    area.press("Control+b")
    assert text_of(reply) == "fixed"
    area.press("Control+a")
    area.press("Control+k")
    assert text_of(reply) == "[fixed](https://)"
    area.fill("one\ntwo")
    area.press("Control+a")
    reply.get_by_role("button", name="List", exact=True).click()
    assert text_of(reply) == "- one\n- two"
    area.press("Control+z")
    assert text_of(reply) == "one\ntwo"


def test_the_preview_opens_and_closes_by_key(reply: Page) -> None:
    reply.locator("#text").fill("It is **fixed**")
    reply.keyboard.press("Control+Shift+P")
    expect(reply.locator(".preview strong")).to_have_text("fixed")
    reply.keyboard.press("Control+Shift+P")
    expect(reply.locator(".preview")).to_have_count(0)
    assert text_of(reply) == "It is **fixed**"


def test_a_pasted_picture_stands_in_the_text_and_a_dropped_file_beside_it(reply: Page) -> None:
    reply.locator("#text").fill("Look:")
    hand_over(reply, "paste", "shot.png", "image/png")
    expect(reply.locator("#text")).to_have_value(re.compile(r"!\[shot\.png\]\(picture:\d+\)"))
    hand_over(reply, "drop", "plan.pdf", "application/pdf")
    files = reply.locator(".files.kept .file")
    expect(files).to_have_count(2)
    reply.keyboard.press("Control+Shift+P")
    picture = reply.locator(".preview img")
    expect(picture).to_have_js_property("naturalWidth", 1)
    # Left out, and put back by the same box.
    box = files.nth(1).locator("input[type=checkbox]")
    box.uncheck()
    expect(files.nth(1)).to_contain_text("left out")
    reply.wait_for_timeout(700)
    reply.reload()
    expect(reply.locator(".files.kept input[type=checkbox]").nth(1)).not_to_be_checked()
    reply.locator(".files.kept input[type=checkbox]").nth(1).check()


def test_a_file_that_is_too_large_is_told_so_before_it_is_sent(reply: Page, tmp_path: Path) -> None:
    film = tmp_path / "film.mov"
    with film.open("wb") as out:
        out.truncate(40 * 1024 * 1024)
    asked: list[str] = []
    reply.on("request", lambda request: asked.append(request.url))
    reply.locator("#composer input[type=file]").set_input_files(film)
    said = reply.locator("[data-uploads] [data-state=broken]")
    expect(said).to_contain_text("With “film.mov” the files are larger than 18 MB")
    assert not [url for url in asked if url.endswith("/files")]


def test_copies_say_who_sees_what(reply: Page) -> None:
    unfold(reply, "Copies")
    reply.locator("#cc").fill("boss@whitcombe.example,")
    reply.locator("#cc").press("Enter")
    reply.locator("#bcc").fill("lawyer@elsewhere.example")
    reply.locator("#bcc").press("Enter")
    chips = reply.locator(".chips .chip")
    expect(chips).to_have_count(3)
    expect(chips.nth(1)).to_contain_text("gets this message and may read along")
    expect(chips.nth(2)).to_contain_text("nobody else sees that")
    reply.wait_for_timeout(700)
    reply.reload()
    unfold(reply, "Copies")
    expect(reply.locator(".chips .chip")).to_have_count(3)
    for box in reply.locator(".chips input").all():
        box.uncheck()


def test_two_windows_keep_the_words_of_both(reply: Page, at_desk: Open) -> None:
    other = at_desk("/cases/2041/")
    reply.locator("#text").fill("Words of the first window")
    expect(reply.locator("[data-draft-saved]")).to_contain_text("Draft kept")
    other.locator("#text").fill("Words of the second")
    expect(other.locator("[data-other]")).to_contain_text("Words of the first window")
    other.get_by_role("button", name="Go on with this").click()
    expect(other.locator("#text")).to_have_value("Words of the first window")
    expect(other.locator("[data-other]")).to_contain_text("Words of the second")
    other.get_by_role("button", name="Throw this away").click()
    expect(other.locator("[data-other] .newer")).to_have_count(0)


def test_waiting_with_a_copy_and_a_file_is_sent_and_taken_back(at_desk: Open) -> None:
    page = at_desk("/cases/2054/")
    page.locator("#text").fill("Which printer is it?")
    unfold(page, "Copies")
    page.locator("#cc").fill("desk@tanakadental.example")
    page.locator("#cc").press("Enter")
    page.locator("#composer input[type=file]").set_input_files(
        {"name": "list.txt", "mimeType": "text/plain", "buffer": b"printers"}
    )
    expect(page.locator(".files.kept .file")).to_have_count(1)
    page.locator("#then-wait").check(force=True)
    page.locator("#question").fill("Which printer is it?")
    with page.expect_navigation():
        page.locator("#composer [data-send]").click()
    sent = page.locator("#case-thread .us .bubble").last
    expect(sent).to_contain_text("desk@tanakadental.example")
    expect(sent).to_contain_text("list.txt")
    toast = page.locator(".toast")
    expect(toast.locator("[data-left]")).to_have_text(re.compile(r"^\d+$"))
    with page.expect_navigation():
        toast.get_by_role("button", name="Undo").click()
    expect(page.locator("#text")).to_have_value("Which printer is it?")
    expect(page.locator("#question")).to_have_value("Which printer is it?")
    expect(page.locator("#then-wait")).to_be_checked()
    expect(page.locator(".files.kept .file")).to_have_count(1)
    expect(page.locator(".chips")).to_contain_text("desk@tanakadental.example")
    expect(page.locator("#case-thread")).to_contain_text("took a message back before it left")


def test_later_is_scheduled_shown_and_put_back(at_desk: Open) -> None:
    page = at_desk("/cases/2036/")
    page.locator("#text").fill("Good morning.")
    page.locator("#then-rest").check(force=True)
    unfold(page, "More")
    page.locator("[name=later]").select_option("opening")
    expect(page.locator(".at-later")).to_be_visible()
    with page.expect_navigation():
        page.locator("#composer [data-send]").click()
    card = page.locator(".callout.later")
    expect(card).to_contain_text("Good morning.")
    with page.expect_navigation():
        card.get_by_role("button", name="Edit").click()
    expect(page.locator("#text")).to_have_value("Good morning.")
    expect(page.locator(".callout.later")).to_have_count(0)


def test_on_a_phone_the_button_is_always_in_reach(at_desk: Open) -> None:
    page = at_desk("/cases/2041/", size={"width": 390, "height": 844})
    page.locator("#text").scroll_into_view_if_needed()
    page.locator("#text").click()
    button = page.locator("#composer [data-send]")
    expect(button).to_be_in_viewport(ratio=1)
    box, bar = button.bounding_box(), page.locator(".side").bounding_box()
    assert box and bar and box["y"] + box["height"] <= bar["y"]
