"""Files of others: attachments and raw mail download; HTML mail stands in a frame."""

import base64

import pytest
from django.test import Client

from goodword.cases.models import Attachment, Case, Draft, Message
from goodword.channels.mail.models import IncomingMail
from goodword.channels.mail.showing import MOST_PICTURE_BYTES, raster_kind
from goodword.channels.mail.taking import take
from goodword.core import files
from goodword.worker.intake import drain_intake
from tests.cast import Desk
from tests.desk.conftest import signed_in

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(1)</script></svg>'


@pytest.fixture
def case(desk: Desk) -> Case:
    return desk.heard()


def framed(desk: Desk, case: Case, html: str, query: str = "") -> str:
    message = desk.last(case)
    Message.objects.filter(pk=message.pk).update(html=html)
    answer = signed_in(desk.priya).get(f"/messages/{message.pk}/html/{query}")
    assert answer.status_code == 200
    return answer.content.decode()


def mailed(desk: Desk, raw: bytes) -> IncomingMail:
    [row] = take(raw, envelope_from="ellen@whitcombe.example", recipients=[desk.mailbox.address])
    drain_intake()
    row.refresh_from_db()
    return row


def test_the_frame_may_run_nothing_and_fetch_nothing(desk: Desk, case: Case) -> None:
    message = desk.last(case)
    Message.objects.filter(pk=message.pk).update(html="<p>Hello</p>")
    answer = signed_in(desk.priya).get(f"/messages/{message.pk}/html/")
    policy = answer["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "img-src data:;" in policy
    assert "sandbox allow-popups allow-popups-to-escape-sandbox" in policy
    assert "frame-ancestors 'self'" in policy
    assert "allow-scripts" not in policy and "allow-same-origin" not in policy
    assert answer["Referrer-Policy"] == "no-referrer"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Cache-Control"] == "no-store"


def test_pictures_elsewhere_are_fetched_only_when_somebody_asked(desk: Desk, case: Case) -> None:
    html = '<img alt="logo" data-remote-src="https://elsewhere.example/a.png">'
    assert ' src="https' not in framed(desk, case, html)
    shown = framed(desk, case, html, "?images=1")
    assert ' src="https://elsewhere.example/a.png"' in shown
    pk = desk.last(case).pk
    policy = signed_in(desk.priya).get(f"/messages/{pk}/html/?images=1")["Content-Security-Policy"]
    assert "img-src data: https: http:;" in policy


def test_pictures_of_the_mail_itself_stand_in_the_document(desk: Desk, case: Case) -> None:
    Attachment.keep("a.bin", PNG, "text/html", message=desk.last(case), content_id="logo@x")
    shown = framed(desk, case, '<p><img width="9" src="cid:logo%40x" alt="logo"></p>')
    coded = base64.b64encode(PNG).decode()
    assert f'<img width="9" src="data:image/png;base64,{coded}" alt="logo">' in shown


@pytest.mark.parametrize("content", [SVG, b"<html><script>", b"RIFF1234WAVE", b"", b"GIF"])
def test_nothing_but_a_raster_picture_is_shown(desk: Desk, case: Case, content: bytes) -> None:
    assert raster_kind(content) is None
    Attachment.keep("a.png", content, "image/png", message=desk.last(case), content_id="logo")
    assert "src=" not in framed(desk, case, '<img src="cid:logo">')


def test_the_kind_of_a_picture_is_read_from_its_first_bytes() -> None:
    assert raster_kind(PNG) == "image/png"
    assert raster_kind(b"\xff\xd8\xff\xe0") == "image/jpeg"
    assert raster_kind(b"GIF89a..") == "image/gif"
    assert raster_kind(b"RIFF\x00\x00\x00\x00WEBPVP8 ") == "image/webp"


def test_a_picture_of_another_mail_or_one_that_is_gone_is_not_shown(desk: Desk, case: Case) -> None:
    other = desk.heard(desk.daniel, text="Another matter")
    Attachment.keep("a.png", PNG, "image/png", message=desk.last(other), content_id="logo")
    assert "src=" not in framed(desk, case, '<img src="cid:logo">')
    mine = Attachment.keep("a.png", PNG, "image/png", message=desk.last(case), content_id="logo")
    files.path_of(mine.sha256).unlink()
    assert "src=" not in framed(desk, case, '<img src="cid:logo">')


def test_a_picture_that_is_named_a_thousand_times_does_not_fill_the_memory(
    desk: Desk, case: Case
) -> None:
    big = PNG + bytes(1_000_000)
    Attachment.keep("a.png", big, "image/png", message=desk.last(case), content_id="big")
    shown = framed(desk, case, '<img src="cid:big">' * 1000)
    assert shown.count("<img") == 1000
    assert len(shown) < MOST_PICTURE_BYTES * 1.4 + 100_000


def test_the_frame_is_for_frames_alone(desk: Desk, case: Case) -> None:
    message = desk.last(case)
    Message.objects.filter(pk=message.pk).update(html="<p>Hello</p>")
    priya = signed_in(desk.priya)
    url = f"/messages/{message.pk}/html/"
    assert priya.get(url, HTTP_SEC_FETCH_DEST="iframe").status_code == 200
    alone = priya.get(url, HTTP_SEC_FETCH_DEST="document")
    assert (alone.status_code, alone["Location"]) == (302, f"/cases/{case.pk}/")
    Message.objects.filter(pk=message.pk).update(html="")
    assert priya.get(url).status_code == 404


@pytest.mark.parametrize(
    "name", ["report.html", "a\r\nSet-Cookie: x=1", '"; filename=x.exe', "é.pdf"]
)
def test_an_attachment_downloads_and_is_never_rendered(desk: Desk, case: Case, name: str) -> None:
    kept = Attachment.keep(name, SVG, "image/svg+xml", message=desk.last(case))
    answer = signed_in(desk.priya).get(f"/attachments/{kept.pk}/")
    assert b"".join(answer.streaming_content) == SVG  # type: ignore[attr-defined]
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["Content-Disposition"].startswith("attachment; filename*=UTF-8''")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert "\n" not in answer["Content-Disposition"]
    assert "Set-Cookie" not in answer


def test_a_file_of_a_draft_is_its_writers_alone(desk: Desk, case: Case) -> None:
    draft = Draft.keep(case, desk.priya, "reply", "half a word", {})
    kept = Attachment.keep("a.txt", b"words", "text/plain", draft=draft)
    url = f"/attachments/{kept.pk}/"
    assert signed_in(desk.priya).get(url).status_code == 200
    for other in (desk.dele, desk.marta, desk.jonas, desk.ines):
        assert signed_in(other).get(url).status_code == 404
    case.give_to_team(desk.offices, by=desk.priya)
    assert signed_in(desk.priya).get(url).status_code == 404


def test_raw_mail_is_for_whoever_may_see_its_case(desk: Desk) -> None:
    raw = b"From: ellen@whitcombe.example\r\nSubject: Hi\r\n\r\nWords"
    mail = mailed(desk, raw)
    url = f"/mail/{mail.pk}/raw/"
    answer = signed_in(desk.dele).get(url)
    assert answer.content == raw
    assert answer["Content-Disposition"] == f'attachment; filename="mail-{mail.pk}.eml"'
    assert answer["Content-Type"] == "application/octet-stream"
    assert signed_in(desk.jonas).get(url).status_code == 200
    for other in (desk.ines, desk.olu):
        assert signed_in(other).get(url).status_code == 404


def test_raw_mail_that_belongs_to_no_case_is_for_operators(desk: Desk) -> None:
    mail = mailed(
        desk,
        b"From: bot@elsewhere.example\r\nAuto-Submitted: auto-replied\r\n"
        b"To: support@harbourlane.example\r\nSubject: Away\r\n\r\nI am away.",
    )
    assert mail.state == IncomingMail.State.AUTOMATIC
    url = f"/mail/{mail.pk}/raw/"
    for member in (desk.olu, desk.jonas):
        assert signed_in(member).get(url).status_code == 200
    for member in (desk.priya, desk.marta):
        assert signed_in(member).get(url).status_code == 404


def test_what_does_not_exist_is_not_found(desk: Desk) -> None:
    for url in ("/messages/999999/html/", "/attachments/999999/", "/mail/999999/raw/"):
        assert signed_in(desk.jonas).get(url).status_code == 404
        assert Client().get(url).status_code == 302
