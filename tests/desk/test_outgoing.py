"""Where the demo's mail goes: read from its folder, by members of the demo alone."""

from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from goodword.channels.mail.sending import MaildirTransport
from goodword.core.time import clock
from goodword.desk.sent_mail import SentMail
from goodword.worker.running import send_due
from tests.cast import Desk
from tests.desk.conftest import signed_in

PAGE = "/outgoing/"


@pytest.fixture
def folder(settings: Any, tmp_path: Path) -> Path:
    settings.OUTGOING = f"maildir:{tmp_path / 'out'}"
    return tmp_path / "out"


def kept(folder: Path, raw: bytes) -> str:
    before = set(SentMail(folder).names())
    MaildirTransport(folder).send("support@harbourlane.example", "a@b.example", raw)
    [name] = set(SentMail(folder).names()) - before
    return name


def test_an_answer_is_there_as_its_reader_sees_it(desk: Desk, priya: Client, folder: Path) -> None:
    case = desk.answered(desk.heard(title="Küche & “server”"), text="I am on it <b>now</b>.")
    assert send_due() == 1
    listed = priya.get(PAGE).content.decode()
    assert "Ellen Whitcombe" in listed and "Küche &amp; “server”" in listed and "16:33" in listed
    [name] = SentMail(folder).names()
    text = priya.get(f"{PAGE}{name}/").content.decode()
    assert "Priya Raman (Harbour Lane)" in text
    assert "I am on it &lt;b&gt;now&lt;/b&gt;." in text
    assert f'href="{desk.link(case).path}"' in text
    assert "support+" in text and "Message-ID" in text


def test_the_newest_stands_first_and_the_list_has_pages(
    desk: Desk, priya: Client, folder: Path
) -> None:
    for number in range(30):
        kept(folder, f"Subject: Mail number {number}.\r\n\r\nWords".encode())
    first = priya.get(PAGE).content.decode()
    assert first.index("number 29.") < first.index("number 5.")
    assert "number 4." not in first and "1 to 25 of 30" in first
    assert "number 4." in priya.get(f"{PAGE}?page=2").content.decode()


@pytest.mark.parametrize(
    "name",
    ["..%2f..%2fsecrets.json", "../../secrets.json", "..", "x", "%2fetc%2fpasswd",
     "1234567890123456789.00000000000000000000000000000000.goodword",
     "1234567890123456789.0000000000000000000000000000000g.goodword",
     "1234567890123456789.00000000000000000000000000000000.goodword%0a"],
)  # fmt: skip
def test_no_name_leads_out_of_the_folder(
    desk: Desk, priya: Client, folder: Path, name: str
) -> None:
    kept(folder, b"Subject: Hi\r\n\r\nWords")
    (folder.parent / "secrets.json").write_text("secret")
    assert priya.get(f"{PAGE}{name}/").status_code == 404


def test_neither_a_link_nor_a_stray_file_in_the_folder_is_followed(
    desk: Desk, priya: Client, folder: Path
) -> None:
    secret = folder.parent / "secrets.json"
    secret.write_text("Subject: secret\n\nsecret")
    kept(folder, b"Subject: Hi\r\n\r\nWords")
    name = "1234567890123456789.00000000000000000000000000000000.goodword"
    (folder / "new" / name).symlink_to(secret)
    (folder / "new" / "notes.txt").write_text("Subject: notes\n\n")
    assert priya.get(f"{PAGE}{name}/").status_code == 404
    listed = priya.get(PAGE).content.decode()
    assert "secret" not in listed and "notes" not in listed


@pytest.mark.parametrize(
    "raw",
    [b"", b"\xff\xfe\x00", b"Subject: =?utf-8?q?=C3?=\r\nDate: soon\r\nTo: <\r\n\r\n\xff",
     b"Content-Type: text/plain; charset=klingon\r\n\r\nwords", b"Date: Thu, 99 Foo\r\n\r\n",
     b"Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\n--x"],
)  # fmt: skip
def test_a_broken_mail_in_the_folder_breaks_no_page(
    desk: Desk, priya: Client, folder: Path, raw: bytes
) -> None:
    name = kept(folder, raw)
    assert priya.get(PAGE).status_code == 200
    assert priya.get(f"{PAGE}{name}/").status_code == 200


def test_it_is_there_only_where_mail_goes_into_a_folder(desk: Desk, priya: Client) -> None:
    assert priya.get(PAGE).status_code == 404


def test_outside_of_the_demo_only_operators_see_links_by_which_customers_decide(
    desk: Desk, priya: Client, folder: Path
) -> None:
    name = kept(folder, b"Subject: Hi\r\n\r\nWords")
    olu = signed_in(desk.olu)
    clock.follow_the_machine()
    for path in (PAGE, f"{PAGE}{name}/"):
        assert priya.get(path).status_code == 404
        assert olu.get(path).status_code == 200


def test_an_empty_folder_says_what_will_be_there(desk: Desk, priya: Client, folder: Path) -> None:
    assert "Nothing has left yet" in priya.get(PAGE).content.decode()
