"""The composer through HTTP: previews, copies, files at once, two windows, later, undo."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from goodword.articles.models import Article
from goodword.articles.quoting import forget_words
from goodword.cases.models import Attachment, Case, Draft, OutgoingMessage, Scheduled
from goodword.people.meeting import customer_of
from goodword.settings.changing import save
from goodword.settings.subjects.business import PageOfSettings
from tests.cast import Desk, london
from tests.desk.conftest import signed_in
from tests.desk.test_writing import TEXT, WORD, reply, send
from tests.mail.letters import posted

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 40


def upload(client: Client, case: Case, name: str, content: bytes, kind: str, **more: Any) -> Any:
    file = SimpleUploadedFile(name, content, kind)
    return client.post(f"/cases/{case.pk}/files", {"mode": "reply", "file": file, **more})


def test_the_preview_shows_what_the_customer_will_see(
    desk: Desk, priya: Client, headers: dict[str, Any]
) -> None:
    case = desk.heard()
    typed = reply(case, text="**Bold** <b>no</b>")
    html = priya.post(f"/cases/{case.pk}/preview", typed, **headers).content.decode()
    assert "<strong>Bold</strong> &lt;b&gt;no&lt;/b&gt;" in html
    assert "Priya Raman" in html
    assert case.messages.filter(direction="out").count() == 0


def test_the_message_is_shown_formatted_to_us_and_to_them(desk: Desk, priya: Client) -> None:
    case = desk.heard(text="My *own* words")
    send(priya, case, reply(case, text="It is **fixed**", **WORD))
    for html in (
        priya.get(case.get_absolute_url()).content.decode(),
        Client().get(desk.link(case).path).content.decode(),
    ):
        assert "It is <strong>fixed</strong>" in html
        assert "My *own* words" in html


def test_a_file_is_kept_at_once_and_shown_only_as_what_it_is(desk: Desk, priya: Client) -> None:
    case = desk.heard()
    answer = upload(priya, case, "sh(o)t].png", PNG, "image/png").json()
    picture = Attachment.objects.get()
    assert answer["markdown"] == f"![sh o t .png](picture:{picture.pk})"
    assert priya.get(f"/attachments/{picture.pk}/picture/")["Content-Type"] == "image/png"
    assert signed_in(desk.dele).get(f"/attachments/{picture.pk}/picture/").status_code == 404
    for name, kind in (("a.svg", "image/svg+xml"), ("a.html", "text/html"), ("a.exe", "image/png")):
        answer = upload(priya, case, name, b"<svg onload=alert(1)>", kind).json()
        assert answer["markdown"] == ""
        kept = Attachment.objects.order_by("-id")[0]
        assert priya.get(f"/attachments/{kept.pk}/picture/").status_code == 404
        download = priya.get(f"/attachments/{kept.pk}/")
        assert download["Content-Type"] == "application/octet-stream"
        assert "attachment" in download["Content-Disposition"]


def test_a_hostile_name_is_made_harmless(desk: Desk, priya: Client) -> None:
    case = desk.heard()
    upload(priya, case, "../../etc/\u202egnp.exe", b"MZ", "application/x-msdownload")
    assert Attachment.objects.get().name == "gnp.exe"


def test_forty_megabytes_are_refused_with_what_to_do(
    desk: Desk, priya: Client, settings: Any
) -> None:
    settings.MAIL_LIMIT = 1024 * 1024
    case = desk.heard()
    answer = upload(priya, case, "film.mov", b"0" * 900_000, "video/quicktime")
    assert answer.status_code == 422
    assert "With “film.mov” the files are larger than 0.7 MB" in answer.json()["refusal"]
    assert "send the address" in answer.json()["refusal"]
    assert not Attachment.objects.exists()


def test_a_picture_of_the_message_is_shown_on_the_customers_page(desk: Desk, priya: Client) -> None:
    case = desk.heard()
    mark = upload(priya, case, "shot.png", PNG, "image/png").json()["markdown"]
    send(priya, case, reply(case, text=f"See\n\n{mark}", **WORD))
    page = Client().get(desk.link(case).path).content.decode()
    address = page.split('<img src="')[1].split('"')[0]
    assert Client().get(address)["Content-Type"] == "image/png"
    other = desk.link(desk.heard(desk.daniel)).token
    wrong = address.replace(desk.link(case).token, other)
    assert Client().get(wrong).status_code == 404


def test_five_megabytes_of_text_are_kept_and_not_sent(desk: Desk, priya: Client) -> None:
    case = desk.heard()
    long = "words and words\n" * 330_000
    kept = priya.post(f"/cases/{case.pk}/draft", reply(case, text=long))
    assert "Kept, but too long to send" in kept.content.decode()
    refused = send(priya, case, reply(case, text=long, **WORD))
    assert refused.status_code == 422
    assert "a message holds 200,000" in refused.content.decode()
    assert len(Draft.objects.get().text) == len(long)


def test_two_windows_lose_nothing_of_each_other(desk: Desk, priya: Client) -> None:
    case = desk.heard()
    one = priya.post(f"/cases/{case.pk}/draft", reply(case, text="Window one", draft_version=0))
    assert (one["Draft-Version"], one["Draft-Other"]) == ("1", "")
    two = priya.post(f"/cases/{case.pk}/draft", reply(case, text="Window two", draft_version=0))
    assert (two["Draft-Version"], two["Draft-Other"]) == ("2", "yes")
    assert "Window one" in priya.get(f"/cases/{case.pk}/draft/other?mode=reply").content.decode()
    html = priya.get(case.get_absolute_url()).content.decode()
    assert "Window two</textarea>" in html and "Also typed by you" in html
    # Going on in the same window is no conflict.
    on = reply(case, text="Window two, more", draft_version=2)
    priya.post(f"/cases/{case.pk}/draft", on)
    assert (Draft.objects.get().text, Draft.objects.get().other) == (
        "Window two, more", "Window one",
    )  # fmt: skip
    priya.post(f"/cases/{case.pk}/compose", {**on, "draft_version": 3, "do": "other:use"})
    assert Draft.objects.get().text == "Window one"
    assert Draft.objects.get().other == "Window two, more"


def test_sending_from_one_window_keeps_the_words_of_the_other(desk: Desk, priya: Client) -> None:
    case = desk.heard()
    priya.post(f"/cases/{case.pk}/draft", reply(case, text="Half of another", draft_version=0))
    send(priya, case, reply(case, draft_version=0, **WORD))
    assert desk.last(case).text == TEXT
    assert Draft.objects.get().text == "Half of another"


def test_a_chip_without_its_tick_gets_no_copy(desk: Desk, priya: Client) -> None:
    case = desk.heard()
    boss = customer_of("boss@whitcombe.example", "Boss Whitcombe")
    case.participants.create(customer=boss, role="copy")
    html = priya.get(case.get_absolute_url()).content.decode()
    assert 'name="cc" value="boss@whitcombe.example" checked' in html
    send(priya, case, reply(case, cc=[""], bcc=["dele@harbourlane.example"], **WORD))
    rows = OutgoingMessage.objects.order_by("id").values_list("address", "role")
    assert [*rows] == [("ellen@whitcombe.example", "to"), ("dele@harbourlane.example", "bcc")]
    assert "In secret to" in priya.get(case.get_absolute_url()).content.decode()
    assert "dele@" not in Client().get(desk.link(case).path).content.decode()


def test_an_agent_cannot_let_a_stranger_in_by_a_copy(desk: Desk) -> None:
    case = desk.answered()
    case.hear(customer_of("eve@elsewhere.example", "Eve"), "Me too", is_confirmed=False)
    fields = reply(case, cc=["eve@elsewhere.example"], **WORD)
    refused = send(signed_in(desk.dele), case, fields)
    assert refused.status_code == 403
    assert "Nobody has confirmed Eve" in refused.content.decode()
    assert TEXT in refused.content.decode()
    assert case.participants.get(customer__name="Eve").role == "unconfirmed"
    assert send(signed_in(desk.priya), case, fields).status_code == 302


def test_at_most_twenty_get_a_copy(desk: Desk, priya: Client) -> None:
    case = desk.heard()
    many = [f"p{number}@crowd.example" for number in range(21)]
    refused = send(priya, case, reply(case, cc=many, **WORD))
    assert refused.status_code == 422
    assert "20 people" in refused.content.decode()
    assert not case.participants.exclude(customer=desk.ellen).exists()


def test_only_people_whom_the_member_may_see_are_suggested(desk: Desk, priya: Client) -> None:
    case = desk.heard()
    desk.heard(desk.daniel, team=desk.offices)
    html = priya.get(f"/cases/{case.pk}/people?cc=d").content.decode()
    assert "<option" not in html
    html = priya.get(f"/cases/{case.pk}/people?cc=de").content.decode()
    assert "dele@harbourlane.example" in html
    assert "daniel@" not in priya.get(f"/cases/{case.pk}/people?cc=daniel").content.decode()
    seen = signed_in(desk.jonas).get(f"/cases/{case.pk}/people?cc=daniel").content.decode()
    assert "daniel@reyes.example" in seen


def test_a_sent_message_offers_its_undo_and_comes_back_by_it(desk: Desk, priya: Client) -> None:
    case = desk.heard()
    page = priya.post(f"/cases/{case.pk}/reply", reply(case, **WORD), follow=True)
    html = page.content.decode()
    message = desk.last(case)
    assert f'action="/messages/{message.pk}/take-back?within=10"' in html
    assert "Has not left yet" in html
    back = priya.post(f"/messages/{message.pk}/take-back", follow=True).content.decode()
    assert f"{TEXT}</textarea>" in back
    assert 'value="I call you"' in back
    assert "took a message back before it left" in back


def test_without_seconds_it_leaves_at_once(desk: Desk, priya: Client) -> None:
    save(PageOfSettings("messages"), {"undo_seconds": 0}, by=desk.jonas)
    case = desk.heard()
    html = priya.post(f"/cases/{case.pk}/reply", reply(case, **WORD), follow=True).content.decode()
    assert "take-back" not in html


def test_later_is_shown_on_the_case_with_its_three_ways(desk: Desk, priya: Client) -> None:
    case = desk.heard()
    send(priya, case, reply(case, later="opening", **WORD))
    scheduled = Scheduled.objects.get()
    assert scheduled.due_at == london("2026-11-20 09:00")
    html = priya.get(case.get_absolute_url()).content.decode()
    assert "Goes out tomorrow 09:00, from Priya" in html
    for act in ("send", "edit", "cancel"):
        assert f"/later/{scheduled.pk}/{act}" in html
    assert not Draft.objects.exists()
    back = priya.post(f"/later/{scheduled.pk}/edit", follow=True).content.decode()
    assert f"{TEXT}</textarea>" in back and "Goes out tomorrow" not in back


def test_a_time_outside_of_the_hours_is_asked_once_more(desk: Desk, priya: Client) -> None:
    case = desk.heard()
    typed = reply(case, later="at", later_at="2026-11-21T20:00", **WORD)
    refused = send(priya, case, typed)
    assert refused.status_code == 422
    assert "We are closed" in refused.content.decode()
    assert 'name="later_sure" value="2026-11-21T20:00"' in refused.content.decode()
    send(priya, case, {**typed, "later_sure": "2026-11-21T20:00"})
    assert Scheduled.objects.get().due_at == london("2026-11-21 20:00")


@pytest.mark.parametrize("text", ["Yours\n**{name}**, {role}", ""])
def test_a_member_writes_a_signature_of_their_own(desk: Desk, priya: Client, text: str) -> None:
    priya.post("/me/signature/", {"do": "mine", "text": text})
    case = desk.heard()
    html = priya.get(case.get_absolute_url()).content.decode()
    assert ("<strong>Priya Raman</strong>, Agent" in html) == bool(text)
    send(priya, case, reply(case, **WORD))
    assert desk.last(case).signature == ("Yours\n**Priya Raman**, Agent" if text else "")
    priya.post("/me/signature/", {"do": "forget"})
    desk.priya.refresh_from_db()
    assert desk.priya.signature is None
    long = priya.post("/me/signature/", {"do": "mine", "text": "x" * 1_001})
    assert long.status_code == 422 and "x" * 1_001 in long.content.decode()


def test_a_how_to_block_is_one_visibly_and_stays_the_version_that_was_sent(
    desk: Desk, priya: Client
) -> None:
    forget_words()
    block = Article.begin(
        by=desk.marta, kind="block", title="Restart the printer", text="1. Off\n2. **On**",
        language="en-gb",
    )  # fmt: skip
    block.publish(by=desk.marta, on=1)
    case = desk.heard()
    html = priya.get(f"/cases/{case.pk}/blocks?find=printer", HTTP_HX_REQUEST="true").content
    mark = f"[[howto:{block.pk}.1]]"
    assert f'data-put="{mark}"' in html.decode()
    assert mark in priya.get(f"/cases/{case.pk}/blocks").content.decode()
    send(priya, case, reply(case, text=f"Please:\n{mark}\nThank you.", **WORD))
    assert desk.last(case).blocks.get().version.number == 1
    block = Article.objects.get()
    block.write(by=desk.marta, title="Restart the printer", text="Other words", on=1)
    block.publish(by=desk.marta, on=2)
    for page in (priya.get(case.get_absolute_url()), Client().get(desk.link(case).path)):
        shown = page.content.decode()
        assert '<div class="howto"' in shown
        assert "How-to: Restart the printer (version 1)" in shown
        assert "<strong>On</strong>" in shown and "Other words" not in shown
    desk.later(seconds=10)
    [mail] = posted()
    assert "How-to: Restart the printer (version 1)" in mail.text
    assert "border-left:3px solid" in mail.raw.decode("latin-1")
    assert mark not in mail.text
