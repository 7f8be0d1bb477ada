"""Pictures of every screen, at a desk's and a phone's width, by day and by night.

`python -m tools.shots [--out shots] [--url http://127.0.0.1:8000 --customer /c/…] [--only NAME]`
Without --url it serves a demo of its own, in a folder that is gone afterwards.
"""

import argparse
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, Page

from tests.peers.chromium import chromium, visitor
from tests.peers.processes import stop

SIZES = ({"width": 1440, "height": 1000}, {"width": 390, "height": 844})
SCHEMES = ("light", "dark")
PASSWORD = "every word is kept"  # noqa: S105 - the demo's own, printed on its sign-in page
NOW = "2026-11-19T16:33"
_GOODWORD = (sys.executable, "-c", "from goodword.config.cli import main; main()")


@dataclass(frozen=True)
class Shot:
    """A screen: its address, who looks at it (nobody signed in where empty), and the link to
    follow on that page where the address itself is not known beforehand."""

    name: str
    path: str
    member: str = ""
    follow: str = ""


AGENT, OPERATOR = "priya@harbourlane.example", "olu@harbourlane.example"
SHOTS = (
    Shot("sign_in", "/sign-in/"),
    Shot("today", "/today/", AGENT),
    Shot("inbox", "/inbox/", AGENT),
    Shot("inbox_decide", "/inbox/?tab=decide", AGENT),
    Shot("case", "/cases/2041/", AGENT),
    Shot("case_note", "/cases/2041/?mode=note", AGENT),
    Shot("case_printed", "/cases/2041/print", AGENT),
    Shot("case_new", "/cases/new/", AGENT),
    Shot("promises", "/promises/", AGENT),
    Shot("promises_list", "/promises/?view=list", AGENT),
    Shot("promise", "/today/", AGENT, "#day .promise .word a"),
    Shot("promise_new", "/promises/new", AGENT),
    Shot("customers", "/customers/", AGENT),
    Shot("customer", "/customers/", AGENT, "main a[href^='/customers/']"),
    Shot("operator", "/operator/", OPERATOR),
    Shot("mailbox", "/operator/", OPERATOR, "main a[href^='/operator/mailboxes/']"),
    Shot("outgoing", "/outgoing/", AGENT),
    Shot("not_found", "/nowhere/"),
    Shot("customers_page", "{customer}"),
)


@dataclass(frozen=True)
class Demo:
    """A desk that is served: its address, and the path of a customer's page."""

    url: str
    customer: str


@contextmanager
def demo(now: str | None = NOW) -> Iterator[Demo]:
    """A demo on any free port, where it is always `now`; its folder is gone afterwards.

    Without `now` its clock runs, from 16:33 on.
    """
    with tempfile.TemporaryDirectory(prefix="goodword-shots-") as folder:
        clock = ("--now", now) if now else ()
        command = [*_GOODWORD, "demo", "--data", folder, "--port", "0", "--smtp-port", "0", *clock]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, start_new_session=True)
        try:
            yield _read_addresses(process)
        finally:
            stop(process)


def _read_addresses(process: "subprocess.Popen[bytes]") -> Demo:
    assert process.stdout is not None
    said = ""
    for line in process.stdout:
        said += line.decode()
        links = re.findall(r"http://\S+", said)
        customers = [link for link in links if "/c/" in link]
        if customers:
            desk = urlsplit(links[0])
            return Demo(f"{desk.scheme}://{desk.netloc}", urlsplit(customers[0]).path)
    raise SystemExit(f"The demo did not start:\n{said}")


def take(
    browser: Browser,
    at: Demo,
    folder: Path,
    shots: Sequence[Shot] = SHOTS,
    *,
    password: str = PASSWORD,
) -> list[Path]:
    """Take each screen at every size and scheme; the files, as name-width-scheme.png.

    AssertionError where a screen answers with another status than is meant, or a script fails.
    """
    folder.mkdir(parents=True, exist_ok=True)
    taken = []
    for size, scheme in product(SIZES, SCHEMES):
        for member in sorted({shot.member for shot in shots}):
            with visitor(browser, size=size, dark=scheme == "dark") as person:
                if member:
                    sign_in(person, at.url, member, password)
                for shot in (each for each in shots if each.member == member):
                    file = folder / f"{shot.name}-{size['width']}-{scheme}.png"
                    _take_one(person, at, shot, file)
                    taken.append(file)
    return taken


def sign_in(person: BrowserContext, url: str, member: str, password: str = PASSWORD) -> None:
    page = person.new_page()
    page.goto(f"{url}/sign-in/")
    page.fill("#id_email", member)
    page.fill("#id_password", password)
    page.locator("form", has=page.locator("#id_password")).locator("[type=submit]").click()
    page.wait_for_url(re.compile("/today/"))
    page.close()


def _take_one(person: BrowserContext, at: Demo, shot: Shot, file: Path) -> None:
    page = reach(person, at, shot)
    _stretch(page)
    page.screenshot(path=file, full_page=True, animations="disabled")
    page.close()


def reach(person: BrowserContext, at: Demo, shot: Shot) -> Page:
    """The screen, drawn in full, before somebody who is signed in already."""
    page = person.new_page()
    answer = page.goto(f"{at.url}{shot.path.format(customer=at.customer)}")
    if shot.follow:
        answer = page.goto(f"{at.url}{page.locator(shot.follow).first.get_attribute('href')}")
    assert answer is not None
    wanted = 404 if shot.name == "not_found" else 200
    assert answer.status == wanted, f"{shot.name} answers with {answer.status}"
    _settle(page)
    return page


def _settle(page: Page) -> None:
    """Letters are drawn in their own fonts, and what a page fetches at once is there."""
    page.evaluate("document.fonts.ready.then(() => true)")
    page.wait_for_timeout(400)


def _stretch(page: Page) -> None:
    """On a phone bars stick to the edge of the screen, so the screen becomes as long as the page."""
    width = SIZES[1]["width"]
    if page.viewport_size == SIZES[1]:
        height = int(page.evaluate("document.documentElement.scrollHeight"))
        page.set_viewport_size({"width": width, "height": max(height, SIZES[1]["height"])})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("shots"))
    parser.add_argument("--url", help="a desk that is served already, with the demo's people")
    parser.add_argument("--customer", default="", help="the path of a customer's page there")
    parser.add_argument("--only", action="append", help="the name of a screen; may be repeated")
    wish = parser.parse_args()
    shots = [shot for shot in SHOTS if not wish.only or shot.name in wish.only]
    with chromium() as browser:
        if wish.url:
            if not wish.customer:
                shots = [shot for shot in shots if "{customer}" not in shot.path]
            taken = take(browser, Demo(wish.url.rstrip("/"), wish.customer), wish.out, shots)
        else:
            with demo() as served:
                taken = take(browser, served, wish.out, shots)
    print(f"{len(taken)} pictures in {wish.out}/")


if __name__ == "__main__":
    main()
