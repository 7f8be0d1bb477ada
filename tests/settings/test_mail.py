"""What is set for mail: rules, marks of spam, named sources, and the words of the receipt."""

import io
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from goodword.cases.models import Case, Message, OutgoingMessage
from goodword.channels.mail.models import IncomingMail
from goodword.core.refusals import Refused
from goodword.people.models import SenderRule
from goodword.settings.changing import save, undo
from goodword.settings.models import SettingChange
from goodword.settings.subjects import subject_of
from goodword.settings.subjects.chosen import Sources, SpamMarks, Words
from goodword.staff.models import Business
from tests.cast import Desk
from tests.desk.conftest import signed_in
from tests.mail.letters import case_of, delivered, letter

YES = {"header": "X-Spam-Flag", "says": "yes", "least": "", "hop": ""}
MONITOR = {"name": "Monitoring", "sender": "@monitor.example", "subject": "", "team": "it-support",
           "form": "within:60"}  # fmt: skip
ALERT = {"sender": "alerts@monitor.example", "subject": "disk full on web1",
         "Auto_Submitted": "auto-generated"}  # fmt: skip


@pytest.fixture
def olu(desk: Desk) -> Client:
    return signed_in(desk.olu)


def marks(desk: Desk, *said: dict[str, str]) -> None:
    save(SpamMarks(), {"marks": list(said)}, by=desk.olu)


# Spam


@pytest.mark.parametrize(
    ("mark", "headers"),
    [
        (YES, {"X_Spam_Flag": "YES"}),
        ({"header": "X-Rspamd-Action", "says": "add header"}, {"X_Rspamd_Action": "add header"}),
        ({"header": "X-Spam-Score", "least": "7.5"}, {"X_Spam_Score": "8.1"}),
        ({"header": "X-Spam-Level", "least": "5"}, {"X_Spam_Level": "******"}),
        ({"header": "X-Spam-Status", "least": "5"}, {"X_Spam_Status": "Yes, score=12.3 req=5"}),
    ],
)
def test_a_marked_mail_is_aside_in_sight_and_gets_no_receipt(
    desk: Desk, mark: dict[str, str], headers: dict[str, str]
) -> None:
    desk.at("2026-11-19 22:00")
    marks(desk, mark)
    case = case_of(letter(**headers))
    assert case.move == "aside" and case.set_aside_as == "spam"
    assert not case.promises.exists() and not OutgoingMessage.objects.exists()
    assert case.messages.get().text == "The server is down again."


@pytest.mark.parametrize(
    "headers",
    [{}, {"X_Spam_Flag": "NO"}, {"X_Spam_Score": "9"}, {"Subject": "X-Spam-Flag: YES"}],
)
def test_what_is_not_marked_is_a_case_of_ours(desk: Desk, headers: dict[str, str]) -> None:
    marks(desk, YES, {"header": "X-Spam-Score", "least": "10"})
    subject = headers.pop("Subject", "Server")
    assert case_of(letter(subject=subject, **headers)).move == "ours"


def test_only_the_mark_of_the_named_server_counts(desk: Desk) -> None:
    marks(desk, {**YES, "hop": "mx.harbourlane.example"})
    body = letter().decode()
    ours = "Received: from a by mx.harbourlane.example; Thu, 19 Nov 2026 16:30:00 +0000\n"
    theirs = "Received: from b by relay.elsewhere.example; Thu, 19 Nov 2026 16:29:00 +0000\n"
    marked = "X-Spam-Flag: YES\n"
    forged = case_of((ours + marked + theirs + body).encode())
    assert forged.move == "ours"
    written = letter().decode()
    assert case_of((marked + ours + theirs + written).encode()).move == "aside"
    below = letter().decode()
    assert case_of((ours + theirs + marked + below).encode()).move == "ours"


def test_a_marked_answer_in_an_open_case_is_heard(desk: Desk) -> None:
    marks(desk, YES)
    case = desk.answered()
    again = letter(References=desk.last(case).message_id, X_Spam_Flag="YES")
    delivered(again)
    case.refresh_from_db()
    assert case.move == "ours" and case.messages.filter(direction="in").count() == 2


@pytest.mark.parametrize(
    "mark",
    [{"header": "Subject", "says": "x"}, {"header": "X-Spam-Flag"},
     {"header": "X-Spam-Score", "least": "much"}, {**YES, "least": "5"}, {**YES, "hop": "a b"}],
)  # fmt: skip
def test_a_mark_that_cannot_be_is_refused(desk: Desk, mark: dict[str, str]) -> None:
    with pytest.raises(Refused, match="BAD_MARK"):
        marks(desk, mark)


# Sources


def test_a_named_source_makes_one_case_and_writes_to_nobody(desk: Desk) -> None:
    desk.at("2026-11-19 10:00")
    delivered(letter("web1 is full", **ALERT))
    assert not Case.objects.exists() and IncomingMail.objects.get().state == "automatic"
    save(Sources(), {"sources": [MONITOR]}, by=desk.olu)
    delivered(letter("web1 is full", **ALERT))
    case = Case.objects.get()
    assert (case.team, case.move, case.title) == (desk.support, "ours", "disk full on web1")
    assert [(p.kind, p.text) for p in case.promises.all()] == [("task_done", "Monitoring")]
    delivered(letter("web1 is still full", **ALERT))
    assert Case.objects.count() == 1 and case.messages.count() == 2
    assert not Message.objects.filter(direction="out").exists()
    delivered(letter("web2 too", **{**ALERT, "subject": "disk full on web2"}))
    assert Case.objects.count() == 2


def test_a_source_without_a_promise_makes_a_case_without_one(desk: Desk) -> None:
    save(Sources(), {"sources": [{**MONITOR, "form": "", "subject": "full"}]}, by=desk.olu)
    delivered(letter("x", **ALERT))
    assert not Case.objects.get().promises.exists()
    delivered(letter("x", **{**ALERT, "subject": "weekly summary"}))
    assert Case.objects.count() == 1


def test_a_source_that_fails_the_senders_own_policy_is_none(desk: Desk) -> None:
    save(Sources(), {"sources": [MONITOR]}, by=desk.olu)
    forged = {**ALERT, "Authentication_Results": "mx; dmarc=fail header.from=monitor.example"}
    delivered(letter("x", **forged))
    assert not Case.objects.exists()


@pytest.mark.parametrize(
    "change",
    [{"name": ""}, {"sender": "everybody"}, {"team": "nobody"}, {"form": "soonish"}],
)
def test_a_source_that_cannot_be_is_refused(desk: Desk, change: dict[str, str]) -> None:
    with pytest.raises(Refused):
        save(Sources(), {"sources": [{**MONITOR, **change}]}, by=desk.olu)


def test_rows_on_the_pages_are_saved_and_kept_when_refused(desk: Desk, olu: Client) -> None:
    for url, row in (("/settings/spam/", YES), ("/settings/sources/", MONITOR)):
        seen = olu.get(url).context["editing"].seen
        form = {"seen": seen, **{f"{name}-0": value for name, value in row.items()}}
        key = next(iter(row))
        bad = olu.post(url, {**form, f"{key}-1": "Subject", "sender-1": "typed@x.example"})
        assert bad.status_code == 422 and "Subject" in bad.content.decode()
        assert olu.post(url, form).status_code == 302
        assert olu.post(url, form).status_code == 409
    assert Business.current().chosen["spam"] == [YES]


# Rules


def test_rules_are_made_ended_and_both_undone(desk: Desk, olu: Client) -> None:
    url = "/settings/rules/"
    assert olu.post(url, {"sender": "@Pitch.example ", "reason": "pitch"}).status_code == 302
    rule = SenderRule.objects.get()
    assert (rule.sender, rule.ended_at) == ("@pitch.example", None)
    olu.post(f"{url}{rule.pk}/end/")
    assert SenderRule.for_sender("a@pitch.example") is None
    ended = SettingChange.objects.order_by("-id")[0]
    undo(ended, subject_of, by=desk.olu)
    assert SenderRule.for_sender("a@pitch.example") is not None
    bad = olu.post(url, {"sender": "everybody", "reason": "spam"})
    assert bad.status_code == 422 and 'value="everybody"' in bad.content.decode()


# Words

OWN = "{owner} at {business} has it, {name}.\n\nYou hear from us by {due}."


def test_a_receipt_says_what_the_business_wrote_and_how_to_answer(desk: Desk) -> None:
    save(Words(), {"receipt.en-gb": OWN}, by=desk.olu)
    desk.at("2026-11-19 22:00")
    case_of(letter())
    sent = Message.objects.get(purpose="receipt").text
    assert sent.startswith("Priya Raman at Harbour Lane has it, Ellen.\n\nYou hear from us by Fri")
    assert "written by the desk, not by a person" in sent


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("We have it.", "{owner}"),
        ("{owner} will call by {due}. {weather}", "{weather}"),
        ("Sorry! {owner} answers by {due}.", "apologise"),
        ("{owner} answers by {due}. Please do not reply to this mail.", "answered"),
        ("{owner} {due}", "whole sentences"),
        ("{owner answers by {due}", "{owner}"),
        ("{owner} " * 300 + "{due}", "longer than"),
    ],
)
def test_words_that_a_machine_must_not_write_are_refused(
    desk: Desk, olu: Client, words: str, said: str
) -> None:
    with pytest.raises(Refused, match="BAD_WORDS") as refused:
        save(Words(), {"receipt.en-gb": words}, by=desk.olu)
    assert said in str(refused.value.sentence)
    seen = olu.get("/settings/words/").context["editing"].seen
    answer = olu.post("/settings/words/", {"seen": seen, "receipt.en-gb": words})
    assert answer.status_code == 422
    assert words.strip().splitlines()[0][:40] in answer.content.decode().replace("&#x27;", "'")


def test_words_are_seen_before_they_are_saved_and_put_back(desk: Desk, olu: Client) -> None:
    page = olu.get("/settings/words/")
    form = {text.field: text.words for text in page.context["texts"]}
    form |= {"seen": page.context["editing"].seen, "receipt.en-gb": OWN}
    seen = olu.post("/settings/words/", {**form, "preview": "1"})
    assert "Olu Bello at Harbour Lane has it, Ada." in seen.content.decode()
    assert "words" not in Business.current().chosen
    olu.post("/settings/words/", form)
    assert Business.current().chosen["words"] == {"receipt.en-gb": OWN}
    again = {**form, "seen": olu.get("/settings/words/").context["editing"].seen}
    olu.post("/settings/words/", {**again, "own": "receipt.en-gb"})
    assert Business.current().chosen["words"] == {}


def test_the_policy_in_force_says_what_it_would_mean_now(desk: Desk, olu: Client) -> None:
    text = olu.get("/settings/policies/").content.decode()
    assert "A first word from a person" in text and "Today by 17:00" in text


# Logo


def picture(kind: str = "PNG", size: tuple[int, int] = (900, 300)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, (20, 60, 140)).save(out, kind)
    return out.getvalue()


def sent(olu: Client, content: bytes, name: str = "logo.png") -> Any:
    seen = olu.get("/settings/look/").context["editing"].seen
    file = SimpleUploadedFile(name, content)
    return olu.post("/settings/look/logo/", {"seen": seen, "logo": file})


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_a_logo_is_drawn_anew_and_shown_on_the_customers_page(
    desk: Desk, olu: Client, kind: str
) -> None:
    hidden = b"<script>alert(1)</script>"
    assert sent(olu, picture(kind) + hidden).status_code == 302
    name = Business.current().logo
    answer = Client().get(f"/settings/logo/{name}")
    content = b"".join(answer.streaming_content)  # type: ignore[arg-type]
    assert answer["Content-Type"] == "image/png" and "sandbox" in answer["Content-Security-Policy"]
    assert hidden not in content and Image.open(io.BytesIO(content)).size == (640, 213)
    assert name in Client().get(desk.link(desk.heard()).path).content.decode()
    assert name in olu.get("/today/").content.decode()
    undo(SettingChange.objects.get(), subject_of, by=desk.olu)
    assert (
        Business.current().logo == "" and Client().get(f"/settings/logo/{name}").status_code == 404
    )


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "not say how"),
        (b"<?xml version='1.0'?><svg/>", "is no picture"),
        (b"<script>alert(1)</script>", "is no picture"),
        (b"#!/bin/sh\necho", "is no picture"),
        (b"GIF89a,;", "cannot be read"),
        (picture()[:200], "cannot be read"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 2_200_000, "more than 2 MB"),
        (picture(size=(6000, 5000)), "too many pixels"),
        (b"", "cannot be read"),
    ],
    ids=["svg", "xml", "script", "shell", "gif", "cut", "large", "bomb", "empty"],
)
def test_a_logo_that_is_no_picture_gets_a_sentence(
    desk: Desk, olu: Client, content: bytes, said: str
) -> None:
    answer = sent(olu, content)
    assert answer.status_code == 422 and said in answer.content.decode()
    assert Business.current().logo == ""


def test_no_other_file_is_served_as_a_logo(desk: Desk) -> None:
    from goodword.core import files

    name = files.keep(b"a customer's attachment")
    for wanted in (f"{name}.png", name, "..%2f..%2fsecrets.json"):
        assert Client().get(f"/settings/logo/{wanted}").status_code == 404
