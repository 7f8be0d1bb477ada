"""The page of a case: where it stands, its timeline from the journal, and what hangs on it."""

from collections.abc import Callable

from django.test import Client

from goodword.cases.models import Attachment, Case, CustomerAct
from goodword.people.meeting import customer_of
from goodword.people.models import PinnedNote
from goodword.worker.tick import tick
from tests.cast import Desk
from tests.desk.conftest import signed_in


def page(client: Client, case: Case, query: str = "") -> str:
    return client.get(f"/cases/{case.pk}/{query}").content.decode()


def test_the_head_says_whose_move_it_is_and_who_answers_for_it(desk: Desk, priya: Client) -> None:
    case = desk.heard()
    assert "Nobody has taken it yet; Priya answers for it" in page(priya, case)
    case.take(by=desk.dele)
    html = page(priya, case)
    assert "Our move" in html
    assert "With Dele" in html


def test_opening_the_case_reads_it_but_asking_for_its_head_does_not(
    desk: Desk, priya: Client
) -> None:
    case = desk.heard()
    priya.head(case.get_absolute_url())
    priya.get(f"/cases/{case.pk}/thread")
    assert Case.objects.get().is_unread
    page(priya, case)
    assert not Case.objects.get().is_unread


def test_the_timeline_tells_what_the_journal_holds(desk: Desk, priya: Client) -> None:
    case = desk.answered(desk.heard())
    desk.at("2026-11-23 12:00")
    tick()
    case.offer_to(desk.marta, by=desk.priya)
    case.accept(by=desk.marta)
    html = page(priya, case)
    assert "<b>Priya</b> took the case" in html
    assert "<b>Priya</b> asked <b>Marta</b> to take the case" in html
    assert "<b>Marta</b> accepted the case from <b>Priya</b>" in html
    assert "Promise broken. “I call you”" in html
    assert html.count("gave our word") == 0  # it hangs on the message that gave it
    assert "I call you" in html.split('class="us"')[1]


def test_the_customers_verdict_stands_in_their_words(desk: Desk, priya: Client) -> None:
    case = desk.asked()
    act = CustomerAct.on_page(desk.link(case))
    Case.objects.get().settle(act, degree="good", words="Quick, and kind.")
    html = page(priya, case)
    assert "<b>Ellen</b> says that it is settled. Good" in html
    assert "Quick, and kind." in html


def test_quoted_text_is_folded_and_mail_as_sent_stands_in_a_frame(
    desk: Desk, priya: Client
) -> None:
    case = desk.heard(fields={"quoted": "On Monday you wrote", "html": "<p>The server</p>"})
    html = page(priya, case)
    folded = html.split('<details class="quoted">')
    assert "On Monday you wrote" in folded[1]
    assert 'sandbox="allow-popups' in folded[2]
    message = desk.last(case)
    assert f'src="/messages/{message.pk}/html/"' in folded[2]


def test_files_can_be_downloaded_from_the_bubble(desk: Desk, priya: Client) -> None:
    case = desk.heard()
    file = Attachment.keep("plan.pdf", b"%PDF", "application/pdf", message=desk.last(case))
    html = page(priya, case)
    assert f'href="/attachments/{file.pk}/"' in html
    assert "plan.pdf" in html


def test_a_message_that_came_back_says_so_and_can_be_sent_again(desk: Desk, priya: Client) -> None:
    case = desk.answered()
    copy = desk.last(case).copies.get()
    copy.note_bounced("550 no such user", hard=True)
    html = page(priya, case)
    assert "550 no such user" in html
    again = priya.post(f"/cases/{case.pk}/again", {"copy": copy.pk, "address": "e@new.example"})
    assert again.status_code == 302
    copy.refresh_from_db()
    assert (copy.state, copy.address) == ("queued", "e@new.example")


def test_unreadable_and_unverified_mail_is_marked(desk: Desk, priya: Client) -> None:
    case = desk.heard(fields={"is_unreadable": True})
    note = case.note("From home.", by=desk.dele)
    type(note).objects.filter(pk=note.pk).update(is_unverified_member=True)
    html = page(priya, case)
    assert "This mail could not be read" in html
    assert "nobody has verified it" in html


def test_only_the_last_twenty_messages_come_first(desk: Desk, priya: Client) -> None:
    case = desk.heard(text="The first of all")
    for number in range(25):
        desk.later(minutes=1)
        case.hear(desk.ellen, f"Message {number}")
    html = page(priya, case)
    assert "The first of all</p>" not in html
    assert "6 earlier messages" in html
    assert "The first of all</p>" in page(priya, case, "?messages=400")
    assert "The first of all</p>" in page(priya, case, "print")


def test_the_rail_knows_pins_promises_other_cases_and_who_reads_along(
    desk: Desk, priya: Client
) -> None:
    before = desk.heard(title="The printer, last month")
    case = desk.answered(desk.heard())
    PinnedNote.pin(desk.ellen, "Never take a machine away.", by=desk.marta)
    case.participants.create(customer=desk.daniel, role="copy")
    rail = priya.get(f"/cases/{case.pk}/rail").content.decode()
    for expected in (
        "Never take a machine away.",
        before.title,
        "Daniel Reyes",
        "Reads along",
        "I call you",
        "tel:+442079460142",
    ):
        assert expected in rail


def test_a_thank_you_is_suggested_to_rest_and_a_question_is_not(desk: Desk, priya: Client) -> None:
    thanks = desk.heard(text="Great, thank you!")
    asks = desk.heard(text="Thanks, but when do you come?")
    assert "This looks like a thank-you" in page(priya, thanks)
    assert "This looks like a thank-you" not in page(priya, asks)


def test_a_stranger_is_shown_to_the_owner_who_decides(desk: Desk, priya: Client) -> None:
    case = desk.heard()
    stranger = customer_of("someone@else.example", "Someone Else")
    case.hear(stranger, "I have her link.", is_confirmed=False)
    html = page(priya, case)
    assert "Someone Else wrote here, and nobody has confirmed them" in html
    assert "Let them in" in html
    assert "Give them a case of their own" in html


def test_a_part_is_fetched_only_when_something_happened(desk: Desk, priya: Client) -> None:
    case = desk.heard()
    newest = case.entries.order_by("-id")[0].pk
    for name in ("head", "thread", "rail"):
        url = f"/cases/{case.pk}/{name}"
        assert priya.get(f"{url}?since={newest}").status_code == 204
        case.note("A word.", by=desk.dele)
        assert priya.get(f"{url}?since={newest}").status_code == 200
        newest = case.entries.order_by("-id")[0].pk


def test_another_teams_agent_gets_404_everywhere(desk: Desk) -> None:
    case = desk.heard()
    ines = signed_in(desk.ines)
    for path in ("", "head", "thread", "rail", "print", "hand", "aside", "mark", "present"):
        assert ines.get(f"/cases/{case.pk}/{path}").status_code == 404
    for path in (
        "reply",
        "note",
        "call",
        "compose",
        "draft",
        "take",
        "offer",
        "accept",
        "decline",
        "team",
        "rest",
        "wake",
        "aside",
        "back",
        "let-in",
        "part",
        "mark",
        "pin",
        "unpin",
        "again",
        "presence",
    ):
        assert ines.post(f"/cases/{case.pk}/{path}", {"text": "x"}).status_code == 404
    assert case.messages.count() == 1


def test_strangers_to_the_desk_are_asked_to_sign_in(desk: Desk) -> None:
    case = desk.heard()
    plain = Client().get(case.get_absolute_url())
    assert (plain.status_code, plain["Location"].split("?")[0]) == (302, "/sign-in/")
    part = Client().get(f"/cases/{case.pk}/thread", HTTP_HX_REQUEST="true")
    assert part.status_code == 401


def test_acts_are_by_post_alone(desk: Desk, priya: Client) -> None:
    case = desk.heard()
    for path in (
        "reply",
        "note",
        "call",
        "compose",
        "draft",
        "take",
        "offer",
        "accept",
        "decline",
        "team",
        "rest",
        "wake",
        "back",
        "let-in",
        "part",
        "pin",
        "unpin",
        "again",
        "presence",
    ):
        assert priya.get(f"/cases/{case.pk}/{path}").status_code == 405
    assert priya.post(case.get_absolute_url()).status_code == 405
    assert not Case.objects.get().is_taken


def test_a_long_story_asks_as_much_as_a_short_one(
    desk: Desk, priya: Client, questions: Callable[[Client, str], int]
) -> None:
    case = desk.answered(desk.heard())
    few = questions(priya, case.get_absolute_url())
    assert few <= 15
    for number in range(9):
        case.hear(desk.ellen, f"And {number}?")
        desk.answered(case, text=f"Yes, {number}.")
    assert questions(priya, case.get_absolute_url()) == few
