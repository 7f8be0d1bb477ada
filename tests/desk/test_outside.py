"""Side threads on the screens: asking, forwarding, going on; what each form says and keeps."""

import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from goodword.cases.models import Message, SideThread
from goodword.cases.models.message import Attachment
from tests.cast import Desk
from tests.desk.conftest import signed_in

KESTREL = {"address": "sales@kestrel.example", "subject": "Lamp", "text": "When does it come?"}


def where(answer: Any) -> str:
    return str(answer.get("HX-Redirect") or answer["Location"])


def test_somebody_outside_is_asked_and_shown_apart(
    desk: Desk, priya: Client, headers: dict[str, Any]
) -> None:
    case = desk.heard()
    form = priya.get(f"/cases/{case.pk}/side", **headers).content.decode()
    assert "Ellen Whitcombe never sees this, nor the answers." in form
    chase = {"chase": "You hear what comes of it", "chase_when": "first_thing:60"}
    answer = priya.post(f"/cases/{case.pk}/side", {**KESTREL, **chase}, **headers)
    thread = SideThread.objects.get()
    newest = thread.said().get().pk
    assert where(answer) == f"/cases/{case.pk}/?sent={newest}#side{thread.pk}"
    page = priya.get(f"/cases/{case.pk}/").content.decode()
    assert f'href="/cases/{case.pk}/strands"' in page
    page = priya.get(f"/cases/{case.pk}/strands", **headers).content.decode()
    assert "only we and sales@kestrel.example see this, Ellen does not" in page
    assert "When does it come?" in page and "You hear what comes of it" in page
    to = f"/cases/{case.pk}/side/{thread.pk}"
    assert f'value="{newest}"' in priya.get(to, **headers).content.decode()
    priya.post(to, {"text": "And the cable?", "seen": newest}, **headers)
    assert thread.said().count() == 2
    stale = signed_in(desk.dele).post(to, {"text": "Any news?", "seen": newest}, **headers)
    assert stale.status_code == 409 and "Any news?" in stale.content.decode()


def test_a_message_is_forwarded_with_its_files(
    desk: Desk, priya: Client, headers: dict[str, Any]
) -> None:
    case = desk.heard(text="See the photo.")
    said = desk.last(case)
    photo = Attachment.keep("lamp.jpg", b"photo", "image/jpeg", message=said)
    bill = Attachment.keep("bill.pdf", b"bill", "application/pdf", message=said)
    assert f"side?message={said.pk}" in priya.get(f"/cases/{case.pk}/").content.decode()
    form = priya.get(f"/cases/{case.pk}/side?message={said.pk}", **headers).content.decode()
    assert "&gt; See the photo." in form and len(re.findall(r'name="file"[^>]* checked', form)) == 2
    fields = {**KESTREL, "message": said.pk, "file": [photo.pk], "text": "This one:"}
    more = {"files": SimpleUploadedFile("plan.txt", b"The plan")}
    priya.post(f"/cases/{case.pk}/side", {**fields, **more}, **headers)
    message = Message.everything.get(strand__isnull=False)
    assert sorted(message.attachments.values_list("name", flat=True)) == ["lamp.jpg", "plan.txt"]
    assert bill.message == said
    # Into the thread that is there by now.
    thread = SideThread.objects.get()
    again = {"message": said.pk, "thread": thread.pk, "text": "Once more", "file": bill.pk}
    priya.post(f"/cases/{case.pk}/side", again, **headers)
    assert SideThread.objects.count() == 1 and thread.said().count() == 2


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"address": ""}, "is no mail address"),
        ({"address": "ellen@whitcombe.example"}, "takes part in this case"),
        ({"address": "support@harbourlane.example"}, "an address of ours"),
        ({"address": "no-reply@kestrel.example"}, "Nobody reads what is sent"),
        ({"subject": ""}, "Write a subject"),
        ({"text": " "}, "Write your message first"),
        ({"chase": "You hear", "chase_when": "soon"}, "Say by when"),
    ],
)
def test_a_refusal_keeps_what_was_typed_and_sends_nothing(
    desk: Desk, priya: Client, fields: dict[str, str], says: str, headers: dict[str, Any]
) -> None:
    case = desk.heard()
    answer = priya.post(f"/cases/{case.pk}/side", {**KESTREL, **fields}, **headers)
    page = answer.content.decode()
    assert answer.status_code == 422 and says in page
    for name in ("address", "subject"):
        assert f'value="{ {**KESTREL, **fields}[name] }"' in page
    assert not SideThread.objects.exists() and not Message.everything.filter(direction="out")


def test_a_note_is_not_forwarded_and_a_thread_of_another_case_not_written_to(
    desk: Desk, priya: Client
) -> None:
    case, other = desk.heard(), desk.heard(text="Another")
    note = case.note("She is cross.", by=desk.priya)
    assert priya.get(f"/cases/{case.pk}/side?message={note.pk}").status_code == 422
    theirs = desk.last(other).pk
    assert priya.get(f"/cases/{case.pk}/side?message={theirs}").status_code == 422
    priya.post(f"/cases/{other.pk}/side", KESTREL)
    thread = SideThread.objects.get()
    assert priya.get(f"/cases/{case.pk}/side/{thread.pk}").status_code == 404
    answer = priya.post(f"/cases/{case.pk}/side", {"thread": thread.pk, "text": "Hm"})
    assert answer.status_code == 404 and thread.said().count() == 1


def test_a_double_click_sends_once(desk: Desk, priya: Client) -> None:
    case = desk.heard()
    form_id = "5b0e2a5e-0d9c-4a6e-8d28-6b0a3f0e9d11"
    for _click in range(2):
        assert priya.post(f"/cases/{case.pk}/side", {**KESTREL, "form_id": form_id}).status_code
    assert SideThread.objects.get().said().count() == 1


def test_the_files_of_a_refused_form_do_not_leave_rows(desk: Desk, priya: Client) -> None:
    case = desk.heard()
    more = {"files": SimpleUploadedFile("plan.txt", b"The plan")}
    priya.post(f"/cases/{case.pk}/side", {**KESTREL, "subject": "", **more})
    assert not Attachment.objects.exists()
