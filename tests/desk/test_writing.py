"""Replies, notes and calls: what is typed is never lost, what is sent is sent once."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from goodword.cases.models import Attachment, Case, Draft, Message
from goodword.desk.models import SentForm, new_token
from goodword.promises.kinds import State
from goodword.promises.models import Promise
from tests.cast import Desk, london
from tests.desk.conftest import signed_in

TEXT = "I have read it all. I call you at ten."
WORD = {
    "word_kind": "callback",
    "word_text": "I call you",
    "word_when": "first_thing:60",
    "word_due": "",
}


def reply(case: Case, **fields: Any) -> dict[str, Any]:
    return {
        "mode": "reply",
        "text": TEXT,
        "then": "promise",
        "seen": case.newest_message_id(),
        "form_id": new_token(),
        **fields,
    }


def send(client: Client, case: Case, fields: dict[str, Any], **headers: Any) -> Any:
    return client.post(f"/cases/{case.pk}/reply", fields, **headers)


def test_a_reply_goes_out_with_the_word_that_it_gives(
    desk: Desk, priya: Client, headers: dict[str, Any]
) -> None:
    case = desk.heard()
    answer = send(priya, case, reply(case, **WORD), **headers)
    to = answer["HX-Redirect"] if headers else answer["Location"]
    assert to == case.get_absolute_url()
    assert answer.status_code == (204 if headers else 302)
    message = desk.last(case)
    assert (message.text, message.copies.get().address) == (TEXT, "ellen@whitcombe.example")
    promise = desk.promise(case, "callback")
    assert (promise.due, promise.owner) == (london("2026-11-20 10:00"), desk.priya)
    assert "Sent to Ellen, and our word given." in priya.get(to).content.decode()


def test_a_refusal_gives_everything_back_as_it_was_typed(
    desk: Desk, priya: Client, headers: dict[str, Any]
) -> None:
    case = desk.heard()
    typed = reply(case, then="wait", question="", cc="boss@whitcombe.example", **WORD)
    typed["word_due"] = "2026-11-23T10:30"
    refused = send(priya, case, typed, **headers)
    html = refused.content.decode()
    assert refused.status_code == 422
    assert "Write the question that we wait for." in html
    for kept in (TEXT, "I call you", "2026-11-23T10:30", "boss@whitcombe.example"):
        assert kept in html
    assert 'value="wait" id="then-wait" checked' in html
    assert ("<html" in html) is not bool(headers)
    assert case.messages.filter(direction="out").count() == 0
    assert Draft.objects.get().text == TEXT


@pytest.mark.parametrize(
    ("fields", "sentence", "status"),
    [
        ({"text": " "}, "Write your message first.", 422),
        ({}, "Say what happens next", 422),
        ({"cc": "nobody at all"}, "is no mail address", 422),
        ({**WORD, "word_due": "2026-11-19T09:00"}, "already past", 422),
        ({**WORD, "word_when": "at"}, "By when?", 422),
        ({**WORD, "word_due": "soon"}, "is no time", 422),
        ({**WORD, "word_kind": "acknowledge"}, "Choose what kind of promise", 422),
        ({"then": "nonsense"}, "nonsense", 422),
    ],
)
def test_each_refusal_says_what_to_do(
    desk: Desk, priya: Client, fields: dict[str, Any], sentence: str, status: int
) -> None:
    case = desk.heard()
    refused = send(priya, case, reply(case, **fields))
    assert refused.status_code == status
    assert sentence in refused.content.decode()
    assert case.messages.count() == 1


def test_five_megabytes_pasted_are_refused_in_a_sentence_and_kept(
    desk: Desk, priya: Client
) -> None:
    case = desk.heard()
    pasted = "a" * 5_000_000
    refused = send(priya, case, reply(case, text=pasted, **WORD))
    html = refused.content.decode()
    assert refused.status_code == 422
    assert "This has 5,000,000 characters; a message holds 200,000." in html
    assert pasted in html
    assert len(Draft.objects.get().text) == 5_000_000


def test_sending_the_same_form_twice_sends_once(desk: Desk, priya: Client) -> None:
    case = desk.heard()
    typed = reply(case, **WORD)
    send(priya, case, typed)
    again = send(priya, case, typed)
    assert again.status_code == 302
    assert case.messages.filter(direction="out").count() == 1
    assert case.promises.filter(kind="callback").count() == 1
    assert SentForm.objects.count() == 1
    assert Draft.objects.count() == 0


def test_notes_and_calls_are_written_once_too(desk: Desk, priya: Client) -> None:
    case = desk.heard()
    for mode in ("note", "call"):
        typed = {"mode": mode, "text": f"A {mode}.", "form_id": new_token()}
        for _time in range(2):
            priya.post(f"/cases/{case.pk}/{mode}", typed)
    assert list(case.messages.order_by("id").values_list("direction", flat=True)) == [
        "in",
        "note",
        "call",
    ]


def test_a_form_that_was_refused_may_be_sent_again(desk: Desk, priya: Client) -> None:
    case = desk.heard()
    typed = reply(case)
    assert send(priya, case, typed).status_code == 422
    assert send(priya, case, {**typed, **WORD}).status_code == 302


def test_somebody_who_answered_meanwhile_stops_the_send_and_both_texts_are_shown(
    desk: Desk, priya: Client, headers: dict[str, Any]
) -> None:
    case = desk.heard()
    typed = reply(case, **WORD)
    Case.objects.get().reply(by=desk.dele, text="Dele here: it is fixed.", then="ask")
    stopped = send(priya, case, typed, **headers)
    html = stopped.content.decode()
    assert stopped.status_code == 409
    assert "Dele here: it is fixed." in html
    assert TEXT in html
    seen = html.split('name="seen" value="')[1].split('"')[0]
    assert int(seen) == case.newest_message_id()
    anyway = send(priya, case, {**typed, "seen": seen})
    assert anyway.status_code == 302
    assert case.messages.filter(direction="out").count() == 2


def test_a_customer_who_wrote_meanwhile_stops_it_too(desk: Desk, priya: Client) -> None:
    case = desk.heard()
    typed = reply(case, **WORD)
    case.hear(desk.ellen, "It works again by itself.")
    stopped = send(priya, case, typed)
    assert stopped.status_code == 409
    assert "It works again by itself." in stopped.content.decode()


def test_asking_says_first_how_many_promises_are_open(desk: Desk, priya: Client) -> None:
    case = desk.answered()
    html = priya.get(case.get_absolute_url()).content.decode()
    assert "One promise is still open. Say why you ask now:" in html
    stopped = send(priya, case, reply(case, then="ask"))
    assert stopped.status_code == 409
    assert "Still promised: “I call you”" in stopped.content.decode()
    send(priya, case, reply(case, then="ask", reason="She asked me to close it."))
    case.refresh_from_db()
    assert case.state == "asked"


def test_what_the_message_keeps_is_chosen_by_its_box(desk: Desk, priya: Client) -> None:
    """What only a call or a visit keeps is not offered: a message is no evidence of it."""
    case = desk.answered()
    callback = desk.promise(case, "callback")
    assert "This message keeps" not in priya.get(case.get_absolute_url()).content.decode()
    done = Promise.make(case, "task_done", "The router is set up", by=desk.priya, form="within:60")
    assert "This message keeps" in priya.get(case.get_absolute_url()).content.decode()
    send(priya, case, reply(case, keeps=[done.pk], then="rest"))
    done.refresh_from_db()
    callback.refresh_from_db()
    assert (done.state, callback.state) == (State.KEPT, State.OPEN)
    assert done.kept_by == desk.last(case)


def test_a_first_word_keeps_the_first_and_says_when_they_hear_again(
    desk: Desk, priya: Client
) -> None:
    case = desk.heard()
    when = "end_of_nth_business_day:1"
    send(priya, case, reply(case, then="first_word", next_when=when))
    states = dict(case.promises.values_list("kind", "state"))
    assert states == {"acknowledge": "kept", "reply": "open", "next_update": "open"}
    assert desk.promise(case, "next_update").due == london("2026-11-20 17:00")


def test_waiting_puts_the_question_on_the_rail(desk: Desk, priya: Client) -> None:
    case = desk.heard()
    send(priya, case, reply(case, then="wait", question="Which printer?"))
    case.refresh_from_db()
    assert case.move == "theirs"
    assert "Which printer?" in priya.get(f"/cases/{case.pk}/rail").content.decode()


def test_copies_go_to_whoever_the_form_names(desk: Desk, priya: Client) -> None:
    case = desk.heard()
    cc = "boss@whitcombe.example; Desk@whitcombe.example"
    send(priya, case, reply(case, cc=cc, **WORD))
    copies = desk.last(case).copies.order_by("id").values_list("address", "role")
    assert list(copies) == [
        ("ellen@whitcombe.example", "to"),
        ("boss@whitcombe.example", "cc"),
        ("desk@whitcombe.example", "cc"),
    ]
    html = priya.get(case.get_absolute_url()).content.decode()
    for address in ("boss@whitcombe.example", "desk@whitcombe.example"):
        assert f'name="cc" value="{address}" checked' in html
    assert "gets this message and may read along" in html


def test_a_file_stays_with_the_draft_when_the_send_is_refused(desk: Desk, priya: Client) -> None:
    case = desk.heard()
    file = SimpleUploadedFile("plan.pdf", b"%PDF-1.4", "application/pdf")
    refused = send(priya, case, reply(case, files=[file]))
    assert refused.status_code == 422
    assert "plan.pdf" in refused.content.decode()
    send(priya, case, reply(case, **WORD))
    kept = Attachment.objects.get()
    assert (kept.message, kept.draft, kept.name) == (desk.last(case), None, "plan.pdf")


def test_a_file_that_would_not_arrive_is_refused_by_name(
    desk: Desk, priya: Client, settings: Any
) -> None:
    settings.MAIL_LIMIT = 1024 * 1024
    case = desk.heard()
    file = SimpleUploadedFile("film.mov", b"0" * (800 * 1024), "video/quicktime")
    refused = send(priya, case, reply(case, files=[file], **WORD))
    assert refused.status_code == 422
    assert "With “film.mov” the files are larger than 0.7 MB" in refused.content.decode()
    assert TEXT in refused.content.decode()


def test_a_draft_is_kept_as_it_is_typed_and_comes_back_with_the_page(
    desk: Desk, priya: Client
) -> None:
    case = desk.heard()
    kept = priya.post(f"/cases/{case.pk}/draft", reply(case, text="Half a sent", **WORD))
    assert (kept.status_code, kept.content.decode()) == (200, "Draft kept 16:33")
    html = priya.get(case.get_absolute_url()).content.decode()
    assert "Half a sent</textarea>" in html
    assert 'value="I call you"' in html
    # Another member's page knows nothing of it.
    assert "Half a sent" not in signed_in(desk.dele).get(case.get_absolute_url()).content.decode()


def test_a_draft_that_arrives_after_the_send_is_not_kept(desk: Desk, priya: Client) -> None:
    case = desk.heard()
    typed = reply(case, **WORD)
    send(priya, case, typed)
    priya.post(f"/cases/{case.pk}/draft", typed)
    assert Draft.objects.count() == 0


def test_changing_the_mode_keeps_what_was_typed_in_each(desk: Desk, priya: Client) -> None:
    case = desk.heard()
    change = priya.post(f"/cases/{case.pk}/compose", reply(case, text="To her", do="mode:note"))
    assert change["Location"] == f"/cases/{case.pk}/?mode=note#composer"
    html = priya.get(f"/cases/{case.pk}/?mode=note").content.decode()
    assert "To her" not in html
    assert "Leave the note" in html
    assert "To her" in priya.get(case.get_absolute_url()).content.decode()
    part = priya.post(
        f"/cases/{case.pk}/compose",
        {"mode": "note", "text": "For us", "do": "mode:call"},
        HTTP_HX_REQUEST="true",
    )
    assert "Note the call" in part.content.decode()
    assert set(Draft.objects.values_list("mode", "text")) == {
        ("reply", "To her"),
        ("note", "For us"),
    }


def test_rows_and_files_are_added_and_left_out_without_javascript(
    desk: Desk, priya: Client
) -> None:
    case = desk.heard()
    file = SimpleUploadedFile("a.txt", b"a", "text/plain")
    typed = reply(case, do="word", files=[file], **WORD)
    priya.post(f"/cases/{case.pk}/compose", typed)
    html = priya.get(case.get_absolute_url()).content.decode().split("<template")[0]
    assert html.count('name="word_text"') == 2
    assert "a.txt" in html
    kept = Attachment.objects.get()
    send(priya, case, reply(case, file_here=["", kept.pk], **WORD))
    assert not desk.last(case).attachments.exists()


def test_a_file_that_was_left_out_can_be_put_back(desk: Desk, priya: Client) -> None:
    case = desk.heard()
    file = SimpleUploadedFile("a.txt", b"a", "text/plain")
    priya.post(f"/cases/{case.pk}/compose", reply(case, files=[file]))
    kept = Attachment.objects.get()
    priya.post(f"/cases/{case.pk}/draft", reply(case, file_here=[kept.pk]))
    html = priya.get(case.get_absolute_url()).content.decode()
    assert f'name="file" value="{kept.pk}">' in html
    send(priya, case, reply(case, file_here=[kept.pk], file=[kept.pk], **WORD))
    assert desk.last(case).attachments.get() == kept


def test_a_note_is_ours_alone_and_answers_nobody(desk: Desk, priya: Client) -> None:
    case = desk.heard()
    priya.post(f"/cases/{case.pk}/note", {"mode": "note", "text": "Look at the switch."})
    case.refresh_from_db()
    assert desk.last(case).direction == "note"
    assert case.unanswered_since is not None
    assert "only we see this" in priya.get(case.get_absolute_url()).content.decode()


def test_a_call_is_logged_with_its_length_and_what_was_promised(desk: Desk, priya: Client) -> None:
    case = desk.answered(desk.heard())
    case.hear(desk.ellen, "And the bluelines?")
    callback = desk.promise(case, "callback")
    fields = {"mode": "call", "text": "She gets them at noon.", "answers": "on", "minutes": "22"}
    priya.post(
        f"/cases/{case.pk}/call",
        {**fields, "keeps": [callback.pk], **WORD, "word_text": "The bluelines at noon"},
    )
    message = desk.last(case)
    assert (message.direction, message.minutes) == ("call", 22)
    callback.refresh_from_db()
    assert callback.state == State.KEPT
    assert case.promises.open().get().text == "The bluelines at noon"
    assert "22 minutes" in priya.get(case.get_absolute_url()).content.decode()


def test_minutes_that_are_no_number_are_refused_with_the_words_kept(
    desk: Desk, priya: Client
) -> None:
    case = desk.heard()
    fields = {"mode": "call", "text": "Long talk.", "minutes": "about ten"}
    refused = priya.post(f"/cases/{case.pk}/call", fields)
    assert refused.status_code == 422
    assert "as a number of minutes" in refused.content.decode()
    assert "Long talk." in refused.content.decode()


def test_somebody_without_an_address_cannot_be_written_to(desk: Desk, priya: Client) -> None:
    case = desk.heard()
    desk.ellen.points.filter(kind="mail").delete()
    refused = send(priya, case, reply(case, **WORD))
    assert refused.status_code == 422
    assert "We know no mail address of Ellen Whitcombe" in refused.content.decode()
    assert not Message.objects.filter(direction="out").exists()
