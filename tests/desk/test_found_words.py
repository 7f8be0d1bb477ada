"""Promises found in words, through HTTP: while they are typed, as they are sent, and afterwards."""

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from goodword.cases.giving_word import MOST_CHARACTERS, key_of
from goodword.cases.models import Case, Draft, FoundPromise, Message, Scheduled
from goodword.promises.models import Promise
from goodword.settings.changing import save
from goodword.settings.subjects.business import PageOfSettings
from tests.cast import Desk, london
from tests.desk.conftest import signed_in
from tests.desk.test_writing import reply

CALL = "I'll call you tomorrow by 10."
REPORT = "You will have the report by close of business on Monday."
VAGUE = "We will get back to you shortly."
SENTENCE = "I'll call you tomorrow by 10"

ORDINARY = """Thanks for your message, and for the pictures.
I have looked at the log and the disk was full.
Please restart the router and tell me what the lamp does.
The invoice was sent on 3 March.
Did you try the other cable?
That is covered by your warranty.
The office is open from nine to five.
It was fixed last night.
I understand how annoying this is.
Could you send me the serial number?
You can reach me at 020 7946 0140.
The printer needs a new drum.
If you would like a refund, tell me so.
Your account was blocked after five wrong passwords.
We received your parcel on Monday.
My colleague spoke with you yesterday.
This is the address of the help page.
The update takes about ten minutes.
There is nothing you need to do.
Have you seen the message below?
I cannot see any error on our side.
It should be visible under Settings.
The last payment came on Friday.
Do you still have the old laptop?
Sorry about the trouble on Tuesday.
The line was down between two and four.
The contract ends in June.
Let me know which day suits you.
Attached are the photos.
You asked whether the part fits; it does.
The form has three pages.
As you wrote, the lamp is red.
Nobody was in when the courier called.
Your password is never shown.
The price is £85 a month.
What time did it stop?
The cable is two metres long.
I read the whole thread.
The box is empty.
All the best,""".splitlines()


def ask(client: Client, case: Case, text: str, **more: Any) -> str:
    typed = {"mode": "reply", "text": text, "chips_here": "live", **more}
    answer = client.post(f"/cases/{case.pk}/words", typed)
    assert answer.status_code == 200
    return answer.content.decode()


def chip(said: str, **fields: Any) -> dict[str, Any]:
    """The fields of one chip as a page sends them: yes, no, still, kind, text, when, due."""
    key = key_of(said)
    marks = {f"chip_{name}": key for name in ("yes", "no", "still") if fields.pop(name, False)}
    values = {f"chip_{name}.{key}": value for name, value in fields.items()}
    return {"chip": key, f"chip_said.{key}": said, **marks, **values}


def both(*chips: dict[str, Any]) -> dict[str, Any]:
    """Several chips in one form."""
    form: dict[str, Any] = {}
    for fields in chips:
        for name, value in fields.items():
            form[name] = [*form.get(name, []), value]
    return form


def send(client: Client, case: Case, text: str, *chips: dict[str, Any], **more: Any) -> Any:
    usual = {"then": "promise", "chips_here": "live"}
    return client.post(
        f"/cases/{case.pk}/reply", {**reply(case, text=text), **usual, **both(*chips), **more}
    )


def given(case: Case) -> list[Promise]:
    """What a member promised here, in order."""
    return list(case.promises.exclude(made_by=None).order_by("pk"))


def test_a_sentence_is_offered_with_its_kind_its_time_and_its_words(
    desk: Desk, priya: Client
) -> None:
    html = ask(priya, desk.heard(), f"Hello Ellen,\n{CALL} {VAGUE}")
    assert "<b>Callback</b>" in html
    assert "Tomorrow by 10:00" in html
    assert "you to Ellen" in html
    assert "your word: “tomorrow by 10”" in html
    assert "“shortly” is no time" in html
    assert "2 sentences may be promises. One names no time." in html


def test_close_of_business_is_reckoned_by_the_clock(desk: Desk, priya: Client) -> None:
    html = ask(priya, desk.heard(), "You'll have it by close of business Thursday week.")
    assert "26 Nov by 17:00" in html


def test_ordinary_sentences_stay_dark(desk: Desk, priya: Client) -> None:
    """At most one false chip in forty ordinary sentences, through the endpoint itself."""
    case = desk.heard()
    assert len(ORDINARY) == 40
    chips = sum(ask(priya, case, line).count("data-said=") for line in ORDINARY)
    whole = ask(priya, case, "\n".join(ORDINARY)).count("data-said=")
    assert max(chips, whole) <= 1


def test_german_words_are_found_as_well(desk: Desk, priya: Client) -> None:
    html = ask(priya, desk.heard(), "Ich rufe Sie morgen um 10 Uhr an. Wir melden uns in Kürze.")
    assert "Tomorrow by 10:00" in html
    assert "“in Kürze” is no time" in html


def test_found_words_are_shown_as_words(desk: Desk, priya: Client) -> None:
    nasty = "I'll call you <img src=x onerror=alert(1)>\"'> tomorrow by 10."
    case = desk.heard()
    html = ask(priya, case, nasty)
    assert "<img" not in html
    assert "&lt;img" in html
    send(priya, case, nasty, then="rest")
    for url in (case.get_absolute_url(), "/today/", f"/found/{FoundPromise.objects.get().pk}/"):
        page = priya.get(url).content.decode()
        assert "<img src=x" not in page
        assert "&lt;img src=x" in page


def test_typing_asks_only_the_door_and_the_case(desk: Desk, priya: Client) -> None:
    case = desk.heard()
    text = (f"{CALL} " + "The log shows nothing. ") * 40
    ask(priya, case, text[:2000])
    with CaptureQueriesContext(connection) as asked:
        ask(priya, case, text[:2000])
    assert len(asked) <= 5
    assert Draft.objects.count() == 0


@pytest.mark.parametrize("who", ["ines", "luz"])
def test_only_who_works_on_the_case_is_answered(who: str, desk: Desk) -> None:
    case = desk.heard()
    client = signed_in(getattr(desk, who))
    answer = client.post(f"/cases/{case.pk}/words", {"mode": "reply", "text": CALL})
    assert answer.status_code in (403, 404)


def test_what_is_confirmed_is_promised_with_its_sentence(
    desk: Desk, priya: Client, headers: dict[str, Any]
) -> None:
    case = desk.heard()
    text = f"Hello Ellen,\r\n\r\n{CALL}"
    form = {**reply(case, text=text), "chips_here": "live", **chip(SENTENCE, yes=True)}
    # The key is that of the words, whatever ends the sentence.
    form |= chip(CALL, yes=True)
    priya.post(f"/cases/{case.pk}/reply", form, **headers)
    (promise,) = given(case)
    assert (promise.kind, promise.due) == ("callback", london("2026-11-20 10:00"))
    assert promise.owner == desk.priya
    assert promise.said_in == desk.last(case)
    found = FoundPromise.objects.get(promise=promise)
    assert found.state == "confirmed"
    assert found.message.text[found.start : found.end] in text
    assert found.words == CALL


def test_one_is_confirmed_one_changed_and_one_dismissed(desk: Desk, priya: Client) -> None:
    case = desk.heard()
    gone = "I'll send you the manual today."
    changed = chip(
        REPORT, yes=True, kind="task_done", text="The report on your disk", when="at",
        due="2026-11-24T12:00",
    )  # fmt: skip
    send(priya, case, f"{CALL} {REPORT} {gone}", chip(CALL, yes=True), changed, chip(gone, no=True))
    first, second = given(case)
    assert first.kind == "callback"
    assert (second.kind, second.text) == ("task_done", "The report on your disk")
    assert second.due == london("2026-11-24 12:00")
    states = FoundPromise.objects.order_by("start").values_list("state", flat=True)
    assert list(states) == ["confirmed", "confirmed", "dismissed"]
    assert "not on the ledger" not in priya.get(case.get_absolute_url()).content.decode()


def test_a_form_without_scripts_shows_what_was_found_once(desk: Desk, priya: Client) -> None:
    case = desk.heard()
    stopped = send(priya, case, CALL, chips_here="", then="rest")
    assert stopped.status_code == 422
    page = stopped.content.decode()
    assert "One sentence below may be a promise" in page
    key = re.search(r'name="chip" value="(\w+)"', page)
    assert key is not None
    assert key[1] == key_of(CALL)
    sent = send(priya, case, CALL, chip(CALL), chips_here="", then="rest")
    assert sent.status_code == 302
    assert given(case) == []
    assert FoundPromise.objects.get().state == "offered"


def test_vague_time_is_held_until_there_is_a_time(
    desk: Desk, priya: Client, headers: dict[str, Any]
) -> None:
    case = desk.heard()
    form = {**reply(case, text=VAGUE), "then": "wait", "question": "Which?", "chips_here": "live"}
    held = priya.post(f"/cases/{case.pk}/reply", form, **headers)
    assert held.status_code == 422
    assert "“shortly” names no time." in held.content.decode()
    assert VAGUE in held.content.decode()
    form |= chip(VAGUE, when="first_thing:60")
    assert priya.post(f"/cases/{case.pk}/reply", form, **headers).status_code in (204, 302)
    (promise,) = given(case)
    assert promise.due == london("2026-11-20 10:00")


def test_vague_time_goes_with_a_reason_which_is_kept_and_counted(desk: Desk, priya: Client) -> None:
    case = desk.heard()
    reason = {"no_time_because": "The carrier tells nobody when."}
    assert send(priya, case, VAGUE, chip(VAGUE), then="rest", **reason).status_code == 302
    entry = case.entries.get(kind="vague_sent")
    assert (entry.facts["count"], entry.facts["reason"]) == (1, True)
    note = case.messages.get(direction="note")
    assert note.text == "“shortly” went out without a time: The carrier tells nobody when."
    assert FoundPromise.objects.get().state == "dismissed"


def test_a_vague_sentence_is_not_merely_waved_away(desk: Desk, priya: Client) -> None:
    assert send(priya, desk.heard(), VAGUE, chip(VAGUE, no=True), then="rest").status_code == 422


def test_a_guard_never_makes_a_first_word_late(desk: Desk, priya: Client) -> None:
    case = desk.heard()
    acknowledge = desk.promise(case, "acknowledge")
    desk.at("2026-11-19 16:54")
    assert send(priya, case, VAGUE, then="wait", question="Which?").status_code == 422
    desk.at("2026-11-19 16:55")
    assert acknowledge.due == london("2026-11-19 17:00")
    assert send(priya, case, VAGUE, then="wait", question="Which?").status_code == 302
    assert case.entries.get(kind="vague_sent").facts["reason"] is False


def test_a_business_may_make_it_a_nudge(desk: Desk, priya: Client) -> None:
    case = desk.heard()
    save(PageOfSettings("messages"), {"hold_vague": False}, by=desk.jonas)
    assert send(priya, case, VAGUE, then="rest").status_code == 302
    assert case.entries.filter(kind="vague_sent").count() == 1


def test_a_first_word_says_itself_when_they_hear_again(desk: Desk, priya: Client) -> None:
    sent = send(priya, desk.heard(), VAGUE, then="first_word", next_when="first_thing:60")
    assert sent.status_code == 302


def test_what_is_edited_away_takes_its_promise_along(desk: Desk, priya: Client) -> None:
    case = desk.heard()
    html = ask(priya, case, "Hello Ellen.", **chip(CALL, yes=True))
    assert "its promise goes too" in html
    send(priya, case, "Hello Ellen.", chip(CALL, yes=True), then="rest")
    assert given(case) == []


def test_what_is_edited_away_is_promised_all_the_same_if_wished(desk: Desk, priya: Client) -> None:
    case = desk.heard()
    send(priya, case, "Hello Ellen.", chip(CALL, yes=True, still=True))
    (promise,) = given(case)
    assert (promise.kind, promise.due) == ("callback", london("2026-11-20 10:00"))


def test_a_choice_goes_along_with_a_sentence_that_is_put_differently(
    desk: Desk, priya: Client
) -> None:
    case = desk.heard()
    send(priya, case, "I'll call you tomorrow by 11.", chip(CALL, yes=True, text=CALL))
    (promise,) = given(case)
    assert promise.due == london("2026-11-20 11:00")
    assert promise.text == "I'll call you tomorrow by 11."


def test_a_time_that_was_set_by_hand_is_looked_at_again(desk: Desk, priya: Client) -> None:
    by_hand = chip(CALL, yes=True, when="end_of_nth_business_day:1")
    html = ask(priya, desk.heard(), "I'll call you tomorrow by 11.", **by_hand)
    assert "You changed the sentence: look again." in html
    assert "checked" not in html


def test_a_dismissed_sentence_stays_dismissed_in_the_draft(desk: Desk, priya: Client) -> None:
    case = desk.heard()
    typed = {"mode": "reply", "text": CALL, **chip(CALL, no=True)}
    priya.post(f"/cases/{case.pk}/draft", {**reply(case), **typed})
    page = priya.get(case.get_absolute_url()).content.decode()
    assert re.search(r'name="chip_no" value="\w+" checked', page)
    # It went for a while, and came back.
    assert "chip_no" in ask(priya, case, "Hello.", **chip(CALL, no=True))
    assert FoundPromise.objects.count() == 0


def test_a_row_by_hand_and_its_sentence_are_one_promise(desk: Desk, priya: Client) -> None:
    case = desk.heard()
    row = {
        "word_kind": "callback", "word_text": "A call", "word_when": "at",
        "word_due": "2026-11-20T10:00",
    }  # fmt: skip
    assert "data-said" not in ask(priya, case, CALL, **row)
    send(priya, case, CALL, **row)
    (promise,) = given(case)
    assert FoundPromise.objects.get().promise == promise


def test_two_windows_give_one_word_once(desk: Desk, priya: Client) -> None:
    case = desk.heard()
    seen = case.newest_message_id()
    for _window in range(2):
        send(priya, case, CALL, chip(CALL, yes=True), seen=seen)
    assert len(given(case)) == 1
    assert FoundPromise.objects.count() == 1


def test_a_message_for_later_is_reckoned_from_when_it_goes(desk: Desk, priya: Client) -> None:
    case = desk.heard()
    later = {"later": "at", "later_at": "2026-11-20T11:00"}
    assert "Sat 21 Nov by 10:00" in ask(priya, case, CALL, **later)
    today = "I'll call you by 4 pm today."
    send(priya, case, today, chip(today, yes=True), **later)
    scheduled = Scheduled.objects.get()
    assert given(case) == []
    desk.at("2026-11-20 11:00")
    scheduled.refresh_from_db()
    scheduled.send_now(by=desk.priya, seen=case.newest_message_id())
    assert given(case)[0].due == london("2026-11-20 16:00")


def test_taking_a_message_back_takes_its_words_back(desk: Desk, priya: Client) -> None:
    case = desk.heard()
    send(priya, case, CALL, chip(CALL, yes=True))
    message = case.messages.get(direction="out")
    case.take_back(message, by=desk.priya)
    assert FoundPromise.objects.count() == 0
    assert given(case)[0].state == "void"
    assert re.search(
        r'name="chip_yes" value="\w+" checked', priya.get(case.get_absolute_url()).content.decode()
    )


def test_a_call_gives_our_word_too_and_is_never_held(desk: Desk, priya: Client) -> None:
    case = desk.heard()
    form = {
        **reply(case), "text": f"Spoke with her. {CALL} {VAGUE}", "chips_here": "live",
        **chip(CALL, yes=True),
    }  # fmt: skip
    assert priya.post(f"/cases/{case.pk}/call", form).status_code == 302
    assert [promise.kind for promise in given(case)] == ["callback"]
    assert list(FoundPromise.objects.order_by("start").values_list("state", flat=True)) == [
        "confirmed",
        "offered",
    ]


def test_a_new_case_finds_words_in_what_they_were_told(desk: Desk, priya: Client) -> None:
    form = {
        "how": "phone", "customer": desk.ellen.pk, "words": "It hums. I'll call at 4.",
        "said": CALL, "takes": "yes", "chips_here": "live", **chip(CALL, yes=True),
    }  # fmt: skip
    html = priya.post("/cases/new/words", form).content.decode()
    assert html.count("data-said=") == 1
    assert priya.post("/cases/new/", form).status_code == 302
    case = Case.objects.get()
    assert [promise.kind for promise in given(case)] == ["callback"]
    # What the customer said gives nobody's word.
    assert FoundPromise.objects.get().message.direction == "call"


def test_a_new_case_that_we_write_holds_vague_time(desk: Desk, priya: Client) -> None:
    form = {
        "how": "write", "customer": desk.ellen.pk, "title": "Your line", "words": VAGUE,
        "then": "rest", "chips_here": "live",
    }  # fmt: skip
    assert priya.post("/cases/new/", form).status_code == 422
    assert Case.objects.count() == 0
    assert priya.post(
        "/cases/new/", {**form, **chip(VAGUE, when="first_thing:60")}
    ).status_code == (302)


# On what was said already


@pytest.fixture
def offered(desk: Desk, priya: Client) -> FoundPromise:
    """Sent without a chip decided."""
    case = desk.heard()
    send(priya, case, CALL, then="rest")
    return FoundPromise.objects.get()


def test_it_is_offered_on_the_message_and_counted_for_its_owner(
    offered: FoundPromise, desk: Desk, priya: Client
) -> None:
    page = priya.get(offered.message.case.get_absolute_url()).content.decode()
    assert f'id="f{offered.pk}"' in page
    assert "One word given, not on the ledger" in page
    assert "1 word given, not on the ledger" in priya.get("/today/").content.decode()
    assert "not on the ledger" not in signed_in(desk.dele).get("/today/").content.decode()


def test_one_press_puts_it_on_the_ledger_from_when_it_was_said(
    offered: FoundPromise, desk: Desk, priya: Client, headers: dict[str, Any]
) -> None:
    desk.at("2026-11-20 09:30")
    priya.post(f"/found/{offered.pk}/", **headers)
    (promise,) = given(offered.message.case)
    assert (promise.made_at, promise.due) == (offered.said_at, london("2026-11-20 10:00"))
    assert promise.said_in == offered.message
    assert "A promise?" not in priya.get("/today/").content.decode()
    # Twice is refused, in a sentence, and makes nothing twice.
    assert priya.post(f"/found/{offered.pk}/", **headers).status_code == 409
    assert len(given(offered.message.case)) == 1


def test_it_is_dismissed_with_one_press_and_comes_back_with_another(
    offered: FoundPromise, priya: Client, headers: dict[str, Any]
) -> None:
    case = offered.message.case
    priya.post(f"/found/{offered.pk}/dismiss", **headers)
    assert f'id="f{offered.pk}"' not in priya.get(case.get_absolute_url()).content.decode()
    priya.post(f"/found/{offered.pk}/offer", **headers)
    assert f'id="f{offered.pk}"' in priya.get(case.get_absolute_url()).content.decode()
    kinds = set(case.entries.values_list("kind", flat=True))
    assert {"found_dismissed", "found_offered_again"} <= kinds


def test_confirming_is_undone_for_two_minutes(
    offered: FoundPromise, desk: Desk, priya: Client
) -> None:
    priya.post(f"/found/{offered.pk}/")
    priya.post(f"/found/{offered.pk}/offer")
    assert given(offered.message.case)[0].state == "void"
    priya.post(f"/found/{offered.pk}/")
    desk.later(minutes=3)
    late = priya.post(f"/found/{offered.pk}/offer")
    assert late.status_code == 409
    assert "It stands on the ledger" in late.content.decode()


def test_a_due_that_is_past_is_said_and_never_hidden(
    offered: FoundPromise, desk: Desk, priya: Client
) -> None:
    desk.at("2026-11-20 12:00")
    case = offered.message.case
    assert "its time is past" in priya.get(case.get_absolute_url()).content.decode()
    assert "say what became of it" in priya.get(f"/found/{offered.pk}/").content.decode()
    unsaid = priya.post(f"/found/{offered.pk}/", {})
    assert unsaid.status_code == 422
    assert given(case) == []
    priya.post(f"/found/{offered.pk}/", {"became": "broken"})
    from goodword.worker.tick import tick

    tick()
    assert given(case)[0].state == "broken"


@pytest.mark.parametrize(
    ("done", "state"), [("2026-11-20T09:45", "kept"), ("2026-11-20T11:00", "kept_late")]
)
def test_what_was_kept_is_kept_on_evidence_when_it_was(
    done: str, state: str, offered: FoundPromise, desk: Desk, priya: Client
) -> None:
    desk.at("2026-11-20 12:00")
    form = {"became": "kept", "kept_at": done, "evidence": ""}
    assert priya.post(f"/found/{offered.pk}/", form).status_code == 422
    form["evidence"] = "Rang her; she knows."
    assert priya.post(f"/found/{offered.pk}/", form).status_code == 302
    (promise,) = given(offered.message.case)
    assert (promise.state, promise.kept_at) == (state, london(done.replace("T", " ")))


@pytest.mark.parametrize("when", ["2026-11-18T10:00", "2026-11-21T10:00", "", "soon"])
def test_nothing_is_kept_before_it_was_said_or_in_time_to_come(
    when: str, offered: FoundPromise, desk: Desk, priya: Client
) -> None:
    desk.at("2026-11-20 12:00")
    form = {"became": "kept", "kept_at": when, "evidence": "Rang her."}
    assert priya.post(f"/found/{offered.pk}/", form).status_code == 422
    offered.refresh_from_db()
    assert offered.state == "offered"
    assert given(offered.message.case) == []


def test_words_without_a_time_ask_for_one(desk: Desk, priya: Client) -> None:
    case = desk.heard()
    send(priya, case, "I'll send you the invoice.", then="rest")
    found = FoundPromise.objects.get()
    assert priya.post(f"/found/{found.pk}/").status_code == 422
    priya.post(f"/found/{found.pk}/", {"when": "end_of_nth_business_day:1"})
    assert given(case)[0].due == london("2026-11-20 17:00")


def test_another_team_has_no_part_in_it(offered: FoundPromise, desk: Desk) -> None:
    stranger = signed_in(desk.ines)
    assert stranger.get(f"/found/{offered.pk}/").status_code == 404
    assert stranger.post(f"/found/{offered.pk}/dismiss").status_code == 404


# What the ledger knows


def judged(desk: Desk, kept: int, broken: int) -> None:
    """So many callbacks of this quarter, each given four open hours."""
    case = desk.heard()
    for number in range(kept + broken):
        promise = Promise.make(
            case, "callback", f"Call {number}", by=desk.dele, owner=desk.dele,
            due=london("2026-11-18 13:00"), at=london("2026-11-18 09:00"),
        )  # fmt: skip
        state = "kept" if number < kept else "broken"
        Promise.objects.filter(pk=promise.pk).update(state=state)


def outlook(client: Client, due: str, kind: str = "callback") -> str:
    asked = {"kind": kind, "due": str(int(london(due).timestamp()))}
    html = client.get("/promises/honest", asked).content.decode()
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def test_the_ledger_says_what_it_knows(desk: Desk, priya: Client) -> None:
    desk.at("2026-11-19 11:00")
    judged(desk, 8, 3)
    case = desk.heard()
    for number in range(5):
        Promise.make(
            case, "task_done", f"Job {number}", by=desk.priya, due=london("2026-11-19 12:30")
        )
    said = outlook(priya, "2026-11-19 13:00")
    # With the first word and the reply that she owes there.
    assert said.startswith("7 of yours are due by then. Callback: 73 % were kept this quarter.")


def test_few_are_counted_and_none_are_not_spoken_of(desk: Desk, priya: Client) -> None:
    desk.at("2026-11-19 11:00")
    assert outlook(priya, "2026-11-19 15:00") == ""
    judged(desk, 3, 1)
    assert "3 of 4 were kept this quarter." in outlook(priya, "2026-11-19 15:00")


def test_a_time_that_would_hold_is_named(desk: Desk, priya: Client) -> None:
    desk.at("2026-11-19 16:33")
    assert outlook(priya, "2026-11-19 16:50").endswith("Tomorrow by 10:00 would hold.")
    assert outlook(priya, "2026-11-20 10:00") == ""


def test_what_is_seldom_kept_so_soon_is_promised_for_later(desk: Desk, priya: Client) -> None:
    desk.at("2026-11-19 09:00")
    judged(desk, 2, 6)
    said = outlook(priya, "2026-11-19 13:00")
    assert "2 of 8" in said
    assert said.endswith("would hold.")
    assert "Today" not in said


def test_the_ledger_is_asked_in_three_queries_however_much_it_holds(
    desk: Desk, priya: Client
) -> None:
    counts = []
    for more in (2, 20):
        judged(desk, more, more)
        outlook(priya, "2026-11-20 13:00")
        with CaptureQueriesContext(connection) as asked:
            outlook(priya, "2026-11-20 13:00")
        counts.append(sum("promises_promise" in query["sql"] for query in asked))
    assert counts == [3, 3]


@pytest.mark.parametrize("due", ["", "soon", "99999999999999999", "-1", "2026-13-40T10:00"])
def test_a_time_that_is_none_says_nothing(due: str, desk: Desk, priya: Client) -> None:
    answer = priya.get("/promises/honest", {"kind": "callback", "due": due})
    assert (answer.status_code, answer.content) == (200, b"")


def test_a_pasted_log_keeps_nobody_busy(desk: Desk, priya: Client) -> None:
    case = desk.heard()
    html = ask(priya, case, "x " * MOST_CHARACTERS + CALL)
    assert "data-said" not in html
    assert Message.objects.filter(case=case).count() >= 1
