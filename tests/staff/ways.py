"""What a member holds: their mail, their phone's app."""

import re
from email import message_from_bytes, policy
from pathlib import Path

from allauth.mfa.totp.internal.auth import hotp_value
from django.test import Client

from goodword.channels.mail.letters import Letters
from goodword.core.time import now
from tests.cast import PASSWORD, Desk


def letters(folder: Path) -> list[tuple[str, str, str]]:
    """Every letter that left, oldest first: to whom, its subject, its words."""
    Letters(lambda _address, _use: "", folder).send_due()
    found = sorted(folder.glob("new/*"), key=lambda path: path.stat().st_mtime_ns)
    mails = [message_from_bytes(path.read_bytes(), policy=policy.default) for path in found]
    return [
        (str(mail["To"]), str(mail["Subject"]), mail.get_body(("plain",)).get_content())  # type: ignore[attr-defined]
        for mail in mails
    ]


def code_in(words: str) -> str:
    return re.search(r"\b(\d{4} \d{4})\b", words).group(1)  # type: ignore[union-attr]


def link_in(words: str) -> str:
    return re.search(r"http://desk\.test(/join/\S+)", words).group(1)  # type: ignore[union-attr]


def shown_by_app(secret: str, *, steps: int = 0) -> str:
    return f"{hotp_value(secret, int(now().timestamp()) // 30 + steps):06}"


def sign_in(email: str, password: str = PASSWORD, **at: str) -> Client:
    """A browser after its first factor."""
    browser = Client(**at)
    answer = browser.post("/sign-in/", {"email": email, "password": password})
    assert answer.status_code == 302
    return browser


def with_app(desk: Desk) -> tuple[Client, str]:
    """Priya's browser, and the secret of the app that she has just set up."""
    browser = sign_in(desk.priya.email)
    page = browser.get("/me/app/").content.decode()
    secret = re.search(r'class="secret">([^<]+)<', page).group(1).replace(" ", "")  # type: ignore[union-attr]
    assert browser.post("/me/app/", {"code": shown_by_app(secret)}).status_code == 302
    desk.later(minutes=1)
    return browser, secret
