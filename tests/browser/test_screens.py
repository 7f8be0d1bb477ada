"""Every page that people open stands among the screens, so that axe, zoom and pictures meet it."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from django.urls import resolve

from tests.browser.screens import GROUPS, Demo, Screen
from tests.desk.routes import routes

# Where the act of a screen leads, beyond its own address.
REACHED = {
    "sign_in_code_enter": "sign-in-code",
    "sign_in_second": "sign-in-second",
    "import": "import-look",
    "sent": "outgoing-mail",
    "written": "written",
}
# What is fetched into a page, and no page by itself
PARTS = {
    "today_part", "today_ruler", "day_part", "inbox_rows", "inbox_preview", "case_head",
    "case_thread", "case_rail", "case_other_draft", "case_people", "case_strands", "case_present",
    "case_mentionable", "promises_part", "promise_honest", "silences_part", "search_quick",
    "palette_rooms", "side", "notifications_urgent", "message_html",
}  # fmt: skip
FILES = {
    "customers_csv", "ledger_csv", "ledger_json", "feed", "import_report", "attachment",
    "attachment_picture", "raw_mail", "push_worker", "settings_download", "logo", "robots",
    "help_map", "help_picture", "portal_file", "portal_picture",
}  # fmt: skip
# What only leads on: to a page, to a provider, or back from one
LEADS = {
    "home", "message", "sso", "sso_back", "settings_holidays", "settings_mailbox_signed_in",
}  # fmt: skip
FOR_MACHINES = {"health", "ready", "metrics"}


class Paper(Demo):
    """The screens without a server: every number that it would be asked for is 1."""

    def __init__(self) -> None:
        nobody: Any = None
        pen, doors = ("/c/pen/", "1", "1", "1", "1"), ("/join/key/", "1")
        super().__init__(nobody, "/c/link/", "/c/other/", 1, 1, pen, doors)

    def _one(self, table: str, where: str) -> int:
        return 1


def opened(screens: list[Screen]) -> Iterator[str]:
    """The names of the addresses that the screens begin at; none for one that is not there."""
    for screen in screens:
        yield str(resolve(urlsplit(screen.path).path).url_name)


def test_every_page_has_a_screen() -> None:
    screens = Paper().screens()
    pages = {each.name for each in routes() if "GET" in each.methods}
    others = PARTS | FILES | LEADS | FOR_MACHINES
    assert pages - others - set(opened(screens)) - set(REACHED) == set()
    assert others <= pages and set(REACHED) <= pages
    assert set(REACHED.values()) <= {screen.name for screen in screens}


def test_every_screen_has_a_name_of_its_own() -> None:
    names = [screen.name for screen in Paper().screens(*GROUPS)]
    assert len(names) == len(set(names))
