"""The operator's page: what stands in the way of mail, and how a person clears it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import BrowserContext

from goodword.cases.automatic import send_receipt
from goodword.cases.models import Case, Message, OutgoingMessage
from goodword.cases.models.outgoing import Delivery
from goodword.channels.mail.models import IncomingMail, Mailbox
from goodword.channels.mail.rescuing import place_again, rescue, send_now
from goodword.channels.mail.taking import take
from goodword.core.refusals import Refused
from goodword.core.time import now
from goodword.core.work import claim
from goodword.desk.operating_lists import LISTS
from goodword.desk.operation import Disk, Operation
from goodword.journal.models import Entry
from goodword.journal.sealing import seal
from goodword.people.models import SenderRule
from goodword.worker.intake import drain_intake
from tests.cast import LONDON, PASSWORD, Desk
from tests.desk.conftest import signed_in

PAGE = "/operator/"
AWAY = (
    b"From: Ada Pike <ada@pike.example>\r\nTo: support@harbourlane.example\r\n"
    b"Auto-Submitted: auto-replied\r\nSubject: Where is my desk?\r\n"
    b"Message-ID: <1@pike.example>\r\n\r\nIt was to come on Monday."
)


@pytest.fixture
def olu(desk: Desk) -> Client:
    return signed_in(desk.olu)


@pytest.fixture
def jonas(desk: Desk) -> Client:
    return signed_in(desk.jonas)


def taken(desk: Desk, raw: bytes = AWAY, place: bool = True) -> IncomingMail:
    [row] = take(raw, envelope_from="ada@pike.example", recipients=[desk.mailbox.address])
    if place:
        drain_intake()
    row.refresh_from_db()
    return row


def stuck(desk: Desk) -> IncomingMail:
    row = taken(desk, place=False)
    [row] = claim(IncomingMail.objects.all(), limit=1, lease=timedelta(minutes=1), now=now())
    row.give_up("ValueError: a mistake of ours", state=IncomingMail.State.STUCK)
    return row


def copy_of(desk: Desk, state: str = Delivery.QUEUED, **fields: object) -> OutgoingMessage:
    copy = desk.last(desk.answered()).copies.get()
    OutgoingMessage.objects.filter(pk=copy.pk).update(state=state, **fields)
    copy.refresh_from_db()
    return copy


def looked(box: Mailbox, **ago: float) -> None:
    """Read by IMAP, and last well so long ago."""
    at = now() - timedelta(**ago)
    Mailbox.objects.filter(pk=box.pk).update(
        imap_host="mail.harbourlane.example", well_at=at, looked_at=now(), server_count=3,
        trouble="The mail server refuses our sign-in.",
    )  # fmt: skip


def text_of(client: Client, query: str = "") -> str:
    answer = client.get(PAGE + query)
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def operation(desk: Desk) -> Operation:
    return Operation.look(LONDON)


# What it says


def test_when_all_is_well_it_says_so_in_one_sentence(desk: Desk, olu: Client) -> None:
    assert operation(desk).troubles == []
    text = text_of(olu)
    assert "All is well." in text
    assert "support@harbourlane.example" in text
    assert "SQLite 3." in text or "PostgreSQL" in text
    assert "Europe/London" in text


def test_a_silent_mailbox_is_named_with_what_it_holds_back(desk: Desk, olu: Client) -> None:
    looked(desk.mailbox, minutes=4)
    assert [each.state for each in operation(desk).troubles] == ["risk"]
    looked(desk.mailbox, minutes=6)
    desk.at("2026-11-19 20:00")
    case = desk.heard()
    receipt = send_receipt(case, desk.last(case))
    assert receipt is not None
    trouble = operation(desk).troubles[0]
    assert (trouble.state, operation(desk).outgoing.held_back) == ("broken", 1)
    assert trouble.sentence == "support@harbourlane.example was not read for 3 h 33."
    assert "1 mail that the desk would send by itself waits" in trouble.do
    text = text_of(olu)
    assert trouble.sentence in text
    assert "The mail server refuses our sign-in." in text
    assert "The server holds 3, we hold 0" in text


def test_a_machine_s_mail_that_is_held_back_is_not_called_overdue(desk: Desk) -> None:
    desk.at("2026-11-19 20:00")
    case = desk.heard()
    assert send_receipt(case, desk.last(case))
    desk.later(minutes=10)
    assert operation(desk).outgoing.is_overdue
    looked(desk.mailbox, minutes=10)
    assert not operation(desk).outgoing.is_overdue


def test_mail_that_nobody_reads_or_sends_is_trouble(desk: Desk) -> None:
    taken(desk, place=False)
    copy_of(desk)
    assert operation(desk).troubles == []
    desk.later(minutes=3)
    assert [each.sentence for each in operation(desk).troubles] == [
        "Mail waits to be read since 16:33.",
        "Mail waits to be sent and nobody sends it.",
    ]


def test_stuck_mail_a_full_disk_and_an_unsealed_journal_are_trouble(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    stuck(desk)
    desk.later(minutes=10)
    monkeypatch.setattr("goodword.desk.operation._disk", lambda: Disk(1, 1000, None))
    said = " ".join(each.sentence for each in operation(desk).troubles)
    assert "1 mail could not be placed." in said
    assert "The disk of the data folder is nearly full." in said
    assert "The journal was not sealed for a while." in said
    seal()
    assert "sealed" not in " ".join(each.sentence for each in operation(desk).troubles)


def test_bounces_of_today_are_counted_whenever_their_mail_went_out(desk: Desk) -> None:
    old = copy_of(desk, Delivery.SENT)
    desk.at("2026-11-20 10:00")
    old.note_bounced("550 no such user", hard=True)
    assert operation(desk).outgoing.came_back == 1
    desk.at("2026-11-21 10:00")
    assert operation(desk).outgoing.came_back == 0


def test_steps_that_the_database_lacks_are_named(
    desk: Desk, olu: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("goodword.desk.operation._pending", lambda: ["cases.0099_next"])
    text = text_of(olu)
    assert "cases.0099_next" in text
    assert "The database is older than this Goodword." in text


# Its lists


@pytest.mark.parametrize("name", LISTS)
def test_every_list_has_an_empty_state_and_pages(desk: Desk, olu: Client, name: str) -> None:
    text = text_of(olu, f"?list={name}&page=999")
    assert f'href="?list={name}#lists" aria-current="page"' in text
    if name != "members":
        assert str(LISTS[name].empty) in text


def test_an_unknown_list_or_page_falls_back(desk: Desk, olu: Client) -> None:
    assert 'href="?list=outgoing#lists" aria-current' in text_of(olu, "?list=' OR 1&page=-3")


def test_the_page_asks_as_many_questions_for_two_rows_as_for_forty(
    desk: Desk, olu: Client, questions: Callable[[Client, str], int]
) -> None:
    def fill(n: int) -> None:
        for number in range(n):
            raw = AWAY.replace(b"<1@", f"<{Message.objects.count()}.{number}@".encode())
            taken(desk, raw)
            row = taken(desk, raw.replace(b"Auto-Submitted", b"X-Nothing"))
            IncomingMail.objects.filter(pk=row.pk).update(is_readable=False)
            taken(desk, raw.replace(b"Monday", b"Tuesday"), place=False)
            copy_of(desk, Delivery.FAILED)
            sender = f"r{Case.objects.count()}@x.example"
            desk.heard().set_aside("spam", by=desk.priya, rule_for=sender)

    urls = [f"{PAGE}?list={name}" for name in LISTS] + [f"/operator/mailboxes/{desk.mailbox.pk}/"]
    fill(2)
    few = [questions(olu, url) for url in urls]
    fill(12)
    assert [questions(olu, url) for url in urls] == few
    assert max(few) < 50


def test_an_operator_reads_no_words_of_a_team_that_is_not_theirs(
    desk: Desk, olu: Client, jonas: Client
) -> None:
    mail = taken(desk, AWAY.replace(b"Auto-Submitted: auto-replied\r\n", b""))
    assert mail.message is not None
    case = mail.message.case
    IncomingMail.objects.update(is_readable=False)
    copy_of(desk, Delivery.FAILED)
    for url in ("?list=unreadable", "?list=outgoing", f"mailboxes/{desk.mailbox.pk}/"):
        text = text_of(olu, url)
        assert "Where is my desk?" not in text and "Monday" not in text
        assert f"/cases/{case.pk}/" not in text and f"/mail/{mail.pk}/raw/" not in text
    assert case.reference and case.reference in text_of(olu, "?list=unreadable")
    text = text_of(jonas, "?list=unreadable")
    assert f"/cases/{case.pk}/#m{mail.message.pk}" in text and f"/mail/{mail.pk}/raw/" in text


def test_members_stand_there_with_role_teams_duty_and_last_sign_in(desk: Desk, olu: Client) -> None:
    text = text_of(olu, "?list=members")
    for words in ("Priya Raman", "Trainee".lower(), "IT support", "Operator", "never", "just now"):
        assert words in text


def test_a_mailbox_has_a_page_of_its_own(desk: Desk, olu: Client) -> None:
    taken(desk)
    looked(desk.mailbox, minutes=30)
    text = text_of(olu, f"mailboxes/{desk.mailbox.pk}/")
    for words in ("Not read since 16:03", "Where is my desk?", "Out of office", "we hold 1"):
        assert words in text
    assert olu.get("/operator/mailboxes/99999/").status_code == 404


def test_the_page_fetches_itself_again_without_its_shell(desk: Desk, olu: Client) -> None:
    assert 'data-live="operating"' in text_of(olu)
    part = olu.get(PAGE, HTTP_HX_REQUEST="true").content.decode()
    assert "All is well." in part
    assert "<html" not in part


# Its acts


def test_a_mail_taken_for_a_machine_s_becomes_a_case_whose_clocks_run(
    desk: Desk, olu: Client
) -> None:
    mail = taken(desk)
    assert (mail.state, mail.message) == ("automatic", None)
    assert "Where is my desk?" in text_of(olu, "?list=automatic")
    desk.later(minutes=5)
    answer = olu.post(f"/operator/mails/{mail.pk}/person/", follow=True)
    mail.refresh_from_db()
    assert mail.message is not None and (mail.state, mail.automatic) == ("placed", "")
    case = mail.message.case
    assert f"It is case {case.reference} now" in answer.content.decode()
    assert (case.title, case.customer.name) == ("Where is my desk?", "Ada Pike")
    made = {each.kind: each.made_at for each in case.promises.open()}
    assert made == {"acknowledge": mail.received_at, "reply": mail.received_at}
    [entry] = Entry.objects.filter(kind="rescued")
    assert (entry.member, entry.case) == (desk.olu, case)


def test_a_rescued_mail_gets_no_receipt_and_is_rescued_once(desk: Desk) -> None:
    desk.at("2026-11-19 20:00")
    mail = taken(desk)
    message = rescue(mail, by=desk.olu)
    assert not OutgoingMessage.objects.exists()
    with pytest.raises(Refused) as refusal:
        rescue(IncomingMail.objects.get(pk=mail.pk), by=desk.jonas)
    assert refusal.value.code == "NOT_AUTOMATIC"
    assert list(Case.objects.all()) == [message.case]
    assert Entry.objects.filter(kind="rescued").count() == 1


def test_mail_that_waits_or_is_in_a_case_is_not_rescued(desk: Desk) -> None:
    for mail in (taken(desk, place=False), stuck(desk)):
        with pytest.raises(Refused):
            rescue(mail, by=desk.olu)
    assert not Case.objects.exists()


def test_stuck_mail_is_tried_again_and_finds_its_place(desk: Desk, olu: Client) -> None:
    mail = stuck(desk)
    text = text_of(olu, "?list=incoming")
    assert "a mistake of ours" in text and "Could not be placed" in text
    olu.post(f"/operator/mails/{mail.pk}/retry/")
    assert drain_intake() == 1
    mail.refresh_from_db()
    assert mail.state == IncomingMail.State.AUTOMATIC
    assert not place_again(mail, by=desk.olu)
    assert Entry.objects.filter(kind="mail_tried_again", member=desk.olu).count() == 1


def test_mail_that_a_worker_holds_is_left_to_it(desk: Desk) -> None:
    taken(desk, place=False)
    [row] = claim(IncomingMail.objects.all(), limit=1, lease=timedelta(minutes=1), now=now())
    assert not place_again(IncomingMail.objects.get(pk=row.pk), by=desk.olu)
    row.finish(state=IncomingMail.State.AUTOMATIC)


def test_a_deferred_copy_goes_out_now_and_a_failed_one_once_more(desk: Desk, olu: Client) -> None:
    later = copy_of(desk, Delivery.DEFERRED, due_at=now() + timedelta(hours=1), answer="450 later")
    text = text_of(olu, "?list=outgoing")
    assert "450 later" in text and "Send now" in text and "next try 17:33" in text
    olu.post(f"/operator/copies/{later.pk}/send/")
    later.refresh_from_db()
    assert (later.due_at, later.state) == (now(), Delivery.DEFERRED)
    failed = copy_of(desk, Delivery.FAILED, gave_up_at=now(), answer="550 no")
    assert "Send again" in text_of(olu, "?list=outgoing")
    olu.post(f"/operator/copies/{failed.pk}/send/")
    failed.refresh_from_db()
    assert (failed.state, failed.gave_up_at) == (Delivery.QUEUED, None)
    assert Entry.objects.filter(kind="sending_again", member=desk.olu).count() == 2


def test_what_has_left_is_not_sent_twice(desk: Desk) -> None:
    sent = copy_of(desk, Delivery.SENT)
    assert not send_now(sent, by=desk.olu)
    held = copy_of(desk)
    [held] = claim(
        OutgoingMessage.objects.filter(pk=held.pk), limit=1, lease=timedelta(minutes=1), now=now()
    )
    assert not send_now(OutgoingMessage.objects.get(pk=held.pk), by=desk.olu)


def test_a_case_that_was_set_aside_comes_back_within_thirty_days(desk: Desk, jonas: Client) -> None:
    case = desk.heard(title="Buy our leads")
    case.set_aside("pitch", by=desk.priya, rule_for="ellen@whitcombe.example")
    text = text_of(jonas, "?list=aside")
    assert "Buy our leads" in text and "Priya Raman" in text and "Bring back" in text
    jonas.post(f"/operator/cases/{case.pk}/bring-back/")
    case.refresh_from_db()
    assert (case.move, case.set_aside_at) == ("ours", None)
    assert not SenderRule.objects.filter(ended_at=None).exists()
    case.set_aside("pitch", by=desk.priya)
    desk.later(days=31)
    assert "Bring back" not in text_of(jonas, "?list=aside")
    answer = jonas.post(f"/operator/cases/{case.pk}/bring-back/", follow=True)
    assert "more than thirty days ago" in answer.content.decode()
    case.refresh_from_db()
    assert case.move == "aside"


def test_an_operator_is_told_of_what_other_teams_set_aside(desk: Desk, olu: Client) -> None:
    case = desk.heard(title="Buy our leads")
    case.set_aside("pitch", by=desk.priya)
    text = text_of(olu, "?list=aside")
    assert "Buy our leads" not in text
    assert "1 more is set aside in a team that is not yours" in text
    assert olu.post(f"/operator/cases/{case.pk}/bring-back/").status_code == 404


def test_what_a_rule_set_aside_says_so(desk: Desk, jonas: Client) -> None:
    SenderRule.make("ada@pike.example", "machine", by=desk.priya)
    taken(desk, AWAY.replace(b"Auto-Submitted: auto-replied\r\n", b""))
    assert "by a rule for the sender" in text_of(jonas, "?list=aside")


def test_a_rule_for_a_sender_is_ended(desk: Desk, olu: Client) -> None:
    rule = SenderRule.make("@spam.example", "spam", by=desk.priya)
    assert "@spam.example" in text_of(olu, "?list=rules")
    olu.post(f"/operator/rules/{rule.pk}/end/")
    assert SenderRule.for_sender("a@spam.example") is None
    assert "@spam.example</th>" not in text_of(olu, "?list=rules")


def test_the_journal_is_looked_through_and_damage_is_named(desk: Desk, olu: Client) -> None:
    desk.answered()
    answer = olu.post("/operator/journal/verify/", follow=True)
    count = Entry.objects.count()
    assert f"All {count} entries are as they were written." in answer.content.decode()
    entry = Entry.objects.filter(kind="received").get()
    Entry.objects.filter(pk=entry.pk).update(facts={"message": 1, "channel": "phone"})
    answer = olu.post("/operator/journal/verify/", follow=True)
    assert f"Entry {entry.pk}: was changed after it was written." in answer.content.decode()


def test_a_journal_too_long_for_a_page_is_not_begun(
    desk: Desk, olu: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("goodword.desk.views.operating.MOST_ENTRIES", 0)
    answer = olu.post("/operator/journal/verify/", follow=True)
    assert "too many entries" in answer.content.decode()
    assert "verified" not in olu.session


def test_the_page_of_an_operator_follows_what_happens_without_a_reload(
    desk: Desk, live_server: Any, person: Callable[..., BrowserContext]
) -> None:
    """HTMX hears the nudge; what the server sends by itself is proved where streams are."""
    page = person().new_page()
    page.goto(f"{live_server.url}/sign-in/?next=/operator/%3Flist%3Dautomatic")
    page.get_by_label("Your mail address").fill(desk.olu.email)
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.get_by_text("No machine has written that belongs to no case.").wait_for()
    # HTMX listens once the document is ready, and the words stand there before.
    page.wait_for_load_state("load")
    taken(desk)
    page.evaluate("htmx.trigger(document.getElementById('operating'), 'nudge')")
    page.get_by_text("Where is my desk?").wait_for()
    page.get_by_role("button", name="A person wrote this").click()
    page.get_by_text("now, and its clocks run").wait_for()


def test_signing_in_and_clearing_a_queue_need_no_script(
    desk: Desk, live_server: Any, person: Callable[..., BrowserContext]
) -> None:
    mail = stuck(desk)
    page = person(script=False).new_page()
    page.goto(f"{live_server.url}/operator/?list=incoming")
    page.get_by_label("Your mail address").fill(desk.olu.email)
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.get_by_role("button", name="Try now").click()
    page.get_by_text("It is tried again now.").wait_for()
    mail.refresh_from_db()
    assert mail.state == IncomingMail.State.TAKEN
