"""Files in S3: a small one on loopback, our own seam to it, and the desk on top."""

import hashlib
import os
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import boto3
import pytest
import requests
from botocore.config import Config
from django.test import Client
from moto.server import ThreadedMotoServer
from pytest_django.fixtures import Settings

from goodword.backup.verifying import damage
from goodword.cases.models import Attachment, Case
from goodword.channels.mail.models import IncomingMail
from goodword.channels.mail.reading import read
from goodword.channels.mail.taking import take
from goodword.config import options
from goodword.core import files
from goodword.core.room import StoreGone
from goodword.core.store import settings_of
from goodword.worker.intake import Intake, drain_intake
from tests.cast import Desk
from tests.cli.running import INIT, goodword
from tests.desk.conftest import signed_in

KEYS = {
    "AWS_ACCESS_KEY_ID": "desk",
    "AWS_SECRET_ACCESS_KEY": "for tests",
    "AWS_DEFAULT_REGION": "eu-central-1",
}
PDF = b"%PDF-1.4 the invoice of November"
NAME = hashlib.sha256(PDF).hexdigest()
KEY = f"desk/{files.within(NAME)}"


class S3:
    """The store on loopback, seen from the other side."""

    def __init__(self, url: str) -> None:
        self.url = url
        # What it holds is of the process, and outlives its server.
        assert requests.post(f"{url}/moto-api/reset", timeout=10).ok
        self._client = boto3.client(
            "s3", endpoint_url=url, config=Config(retries={"total_max_attempts": 1})
        )
        for name in ("kept", "elsewhere"):
            self._client.create_bucket(
                Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
            )

    def keys(self, bucket: str = "kept") -> list[str]:
        found = self._client.list_objects_v2(Bucket=bucket).get("Contents", [])
        return sorted(each["Key"] for each in found)

    def put(self, key: str, content: bytes) -> None:
        self._client.put_object(Bucket="kept", Key=key, Body=content)

    def about(self, key: str) -> dict[str, Any]:
        found: dict[str, Any] = self._client.get_object(Bucket="kept", Key=key)
        return found


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[S3]:
    for name, value in KEYS.items():
        monkeypatch.setenv(name, value)
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", f"http://{host}:{port}")
    try:
        yield S3(f"http://{host}:{port}")
    finally:
        server.stop()


@pytest.fixture
def stored(s3: S3, settings: Settings) -> S3:
    """Our files are kept there."""
    settings.FILES = "s3://kept/desk"
    settings.STORAGES = {**settings.STORAGES, "files": settings_of(settings.FILES)}
    return s3


@pytest.fixture
def gone(settings: Settings, monkeypatch: pytest.MonkeyPatch, s3: S3) -> None:
    """Nobody listens where our files should be kept."""
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:1")
    settings.FILES = "s3://kept/desk"
    settings.STORAGES = {**settings.STORAGES, "files": settings_of(settings.FILES)}


def with_invoice() -> bytes:
    mail = EmailMessage()
    mail["From"], mail["Subject"] = "Eve Stone <eve@client.example>", "The invoice"
    mail["Message-ID"] = "<invoice@client.example>"
    mail.set_content("Here it is.")
    mail.add_attachment(PDF, maintype="application", subtype="pdf", filename="invoice.pdf")
    return mail.as_bytes()


def came(desk: Desk) -> None:
    take(with_invoice(), envelope_from="eve@client.example", recipients=[desk.mailbox.address])


# The seam


def test_what_is_kept_lies_there_under_its_hash_once_and_as_a_download(stored: S3) -> None:
    assert files.keep(PDF) == files.keep(PDF) == NAME
    assert stored.keys() == [KEY]
    about = stored.about(KEY)
    assert (about["ContentType"], about["ContentDisposition"]) == (
        "application/octet-stream",
        "attachment",
    )
    assert files.read(NAME) == files.opened(NAME).read() == PDF
    assert list(files.every()) == [(NAME, len(PDF))]
    assert files.is_there(NAME) and files.is_whole(NAME)
    assert not files.path_of(NAME).exists()


def test_what_was_changed_or_is_gone_there_is_seen(stored: S3) -> None:
    files.keep(PDF)
    stored.put(KEY, PDF[:-1] + b"?")
    assert not files.is_whole(NAME)
    files.drop(NAME)
    files.drop(NAME)
    assert stored.keys() == [] and not files.is_whole(NAME) and not files.is_there(NAME)
    with pytest.raises(FileNotFoundError):
        files.read(NAME)


def test_a_store_that_does_not_answer_keeps_nothing_and_says_so(gone: None) -> None:
    for act in (lambda: files.keep(PDF), lambda: files.read(NAME), lambda: files.is_whole(NAME)):
        with pytest.raises(StoreGone):
            act()


@pytest.mark.parametrize("address", ["/srv/files", "s3://", "https://kept"])
def test_an_address_that_is_none_is_said(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOODWORD_FILES", address)
    with pytest.raises(ValueError, match="write s3://bucket/folder"):
        options.text("GOODWORD_FILES")


# The desk


def test_a_file_of_a_mail_is_kept_there_and_only_ever_downloaded(desk: Desk, stored: S3) -> None:
    came(desk)
    drain_intake()
    kept = Attachment.objects.get(name="invoice.pdf")
    assert stored.keys() == [KEY]
    answer = signed_in(desk.priya).get(f"/attachments/{kept.pk}/")
    assert b"".join(answer) == PDF  # type: ignore[arg-type]
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert list(damage()) == []
    files.drop(NAME)
    assert [said.partition(":")[0] for said in damage()] == [f"Attachment {kept.pk}"]


def test_mail_waits_for_a_store_that_is_gone_and_loses_no_attempt(
    desk: Desk, s3: S3, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    came(desk)
    there = os.environ["AWS_ENDPOINT_URL_S3"]
    settings.FILES = "s3://kept/desk"
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:1")
    settings.STORAGES = {**settings.STORAGES, "files": settings_of(settings.FILES)}
    intake = Intake(read)
    for _turn in range(2):
        with pytest.raises(StoreGone):
            intake.turn()
    assert not Case.objects.exists()
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", there)
    settings.STORAGES = {**settings.STORAGES, "files": settings_of(settings.FILES)}
    assert intake.turn() == 1
    assert IncomingMail.objects.get().attempts == 1
    assert Attachment.objects.get().sha256 == NAME and s3.keys() == [KEY]


def test_a_page_says_that_the_store_does_not_answer(desk: Desk, gone: None) -> None:
    case = desk.heard()
    kept = Attachment(message=desk.last(case), name="a.pdf", size=len(PDF), sha256=NAME)
    kept.save()
    browser: Client = signed_in(desk.priya)
    browser.raise_request_exception = False
    answer = browser.get(f"/attachments/{kept.pk}/")
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")


def test_a_backup_holds_what_is_there_and_is_put_back_into_another_store(
    s3: S3, tmp_path: Path
) -> None:
    here = {**KEYS, "AWS_ENDPOINT_URL_S3": s3.url, "GOODWORD_FILES": "s3://kept/desk"}
    data, mails, again = tmp_path / "data", tmp_path / "mails", tmp_path / "again"
    mails.mkdir()
    (mails / "invoice.eml").write_bytes(with_invoice())
    for command in (INIT, ("ingest", str(mails)), ("verify",)):
        assert goodword(data, *command, env=here).returncode == 0
    assert s3.keys() == [KEY] and not (data / "files").exists()
    done = goodword(data, "backup", str(tmp_path / "backups"), env=here)
    assert done.returncode == 0, done.stderr
    (backup,) = (tmp_path / "backups").glob("goodword-*")
    assert (backup / "files" / files.within(NAME)).read_bytes() == PDF
    there = {**here, "GOODWORD_FILES": "s3://elsewhere"}
    assert goodword(again, "restore", str(backup), env=there).returncode == 0
    assert s3.keys("elsewhere") == [files.within(NAME)] and not (again / "files").exists()
    assert goodword(again, "verify", env=there).returncode == 0
    gone = {**here, "GOODWORD_FILES": "s3://nowhere"}
    assert goodword(data, "verify", env=gone).returncode != 0
