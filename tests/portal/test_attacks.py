"""What the holder of a link may try: a reader's and a stranger's hands, halves and doubles."""

import io
import logging
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from goodword.cases.models import Case, CaseLink, CustomerAct, Message
from goodword.core import files
from goodword.people.meeting import customer_of
from tests.cast import Desk

FILE = {"words": "See this.", "form_id": "one"}


def reader_of(desk: Desk, case: Case) -> CaseLink:
    reader = customer_of("boss@whitcombe.example", "Boss Whitcombe")
    case.participants.create(customer=reader, role="copy")
    return desk.link(case, reader)


def stranger_in(desk: Desk, case: Case) -> CaseLink:
    stranger = customer_of("eve@elsewhere.example", "Eve")
    case.hear(stranger, "Let me in.", is_confirmed=False)
    return desk.link(case, stranger)


def test_a_call_is_promised_to_whoever_asked_for_it(desk: Desk, client: Client) -> None:
    case = desk.answered()
    link = reader_of(desk, case)
    client.post(f"{link.path}call/", {"number": "020 7946 0999"})
    assert desk.promise(case, "callback").customer == link.customer
    assert "0999" not in client.get(desk.link(case).path).content.decode().split("h-talk")[0]
    client.post(f"{desk.link(case).path}call/", {"number": "020 7946 0142"})
    assert desk.promise(case, "callback").customer == desk.ellen


def test_a_stranger_who_asks_for_a_call_is_heard_as_a_stranger(desk: Desk, client: Client) -> None:
    case = desk.asked()
    desk.later(minutes=1)
    link = stranger_in(desk, case)
    client.post(f"{link.path}call/", {"number": "020 7946 0999"})
    case.refresh_from_db()
    assert desk.last(case).is_unconfirmed
    assert case.state == "asked"
    assert "0999" not in client.get(desk.link(case).path).content.decode()


def test_marked_words_are_shown_to_the_customer_alone(desk: Desk, client: Client) -> None:
    case = desk.asked()
    said = case.hear(desk.ellen, "All fine, thank you.")
    case.settle(CustomerAct.in_words(said, "All fine, thank you.", marked_by=desk.priya))
    link = stranger_in(desk, case)
    assert "All fine" in client.get(desk.link(case).path).content.decode()
    assert "All fine" not in client.get(link.path).content.decode()


def test_words_whose_file_found_no_room_are_sent_again_whole(
    desk: Desk, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = desk.heard()
    link = desk.link(case)
    client.raise_request_exception = False

    def no_room(content: bytes) -> str:
        raise OSError("No space left on device")

    with monkeypatch.context() as full:
        full.setattr(files, "keep", no_room)
        answer = client.post(
            f"{link.path}say/", {**FILE, "files": [SimpleUploadedFile("a.txt", b"abc")]}
        )
    assert answer.status_code >= 500
    again = client.post(
        f"{link.path}say/", {**FILE, "files": [SimpleUploadedFile("a.txt", b"abc")]}
    )
    assert again.status_code == 302
    (message,) = case.messages.filter(text="See this.")
    assert message.attachments.count() == 1


def test_no_log_shows_a_customers_link(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    link = desk.link(desk.asked())
    (console,) = [
        each for each in logging.getLogger().handlers if type(each) is logging.StreamHandler
    ]
    shown = io.StringIO()
    monkeypatch.setattr(console, "stream", shown)
    Client(enforce_csrf_checks=True).post(f"{link.path}settled/")
    logging.getLogger("goodword").error("mail to support+a%s@x.example failed", "b" * 24)
    assert "Forbidden" in shown.getvalue() and "failed" in shown.getvalue()
    assert link.token not in shown.getvalue()
    assert "b" * 24 not in shown.getvalue()


def test_a_case_of_many_messages_is_read_page_by_page(desk: Desk, client: Client) -> None:
    case = desk.answered()
    said = [
        Message(case=case, direction="in", customer=desk.ellen, at=case.opened_at, text=f"No. {n}.")
        for n in range(120)
    ]
    Message.objects.bulk_create(said)
    path, seen = desk.link(case).path, set[str]()
    for after in (0, 50, 100):
        text = client.get(path, {"after": after}).content.decode()
        shown = set(re.findall(r"No\. \d+\.", text))
        assert len(shown) <= 50
        assert not shown & seen
        seen |= shown
    assert len(seen) == 120
    assert client.get(path, {"after": "9" * 5000}).status_code == 200
