"""What leaves: a person's name, a way back, one copy each; and what becomes of it, seen by all."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from goodword.cases.models import Attachment, Case, CustomerAct, Message, OutgoingMessage
from goodword.channels.mail import outbox
from goodword.channels.mail.addresses import NoReplyAddress, is_no_reply
from goodword.channels.mail.models import Mailbox
from goodword.channels.mail.sending import Delivery
from goodword.core.time import clock, now
from goodword.core.work import LeaseLost, claim
from goodword.people.models import ContactPoint
from goodword.worker.tick import tick
from tests.cast import Desk
from tests.mail.letters import (
    SUPPORT,
    Post,
    Sent,
    TestOutbox,
    case_of,
    delivered,
    header_id,
    letter,
    posted,
    queued,
)

PURPOSES = ("answer", "asking", "first_word", "waiting", "receipt", "reminder")


def outbound(desk: Desk, purpose: str) -> tuple[Case, Sent]:
    """A case to which we sent one mail of that purpose, last."""
    if purpose == "receipt":
        desk.at("2026-11-19 20:00")
    case = case_of(letter())
    say = {
        "answer": {"promises": [{"kind": "callback", "text": "I call", "form": "within:60"}]},
        "asking": {"then": "ask"},
        "first_word": {"first_word": True},
        "waiting": {"then": "wait", "question": "Which one?"},
        "reminder": {"then": "ask"},
    }
    if purpose in say:
        details = {"then": "promise", **say[purpose]}
        case.reply(by=desk.priya, text="Here is a word.", **details)
    if purpose == "reminder":
        posted()
        desk.later(days=8)
        tick()
    (sent,) = posted()
    return Case.objects.get(pk=case.pk), sent


@pytest.mark.parametrize("purpose", PURPOSES)
def test_every_mail_names_a_person_and_can_be_answered(desk: Desk, purpose: str) -> None:
    case, sent = outbound(desk, purpose)
    author = sent.mail["From"].addresses[0]
    assert (author.display_name, author.addr_spec) == ("Priya Raman (Harbour Lane)", SUPPORT)
    assert sent.reply_to.startswith("support+a") and sent.reply_to.endswith("@harbourlane.example")
    assert sent.envelope_from == sent.reply_to
    for address in (author.addr_spec, sent.reply_to, sent.envelope_from):
        assert not is_no_reply(address)
    assert desk.link(case).url in sent.text
    assert "You can answer this mail" in sent.text
    assert sent.mail.defects == []


@pytest.mark.parametrize("purpose", PURPOSES)
def test_an_answer_to_any_mail_lands_in_its_case_and_opens_a_promise(
    desk: Desk, purpose: str
) -> None:
    case, sent = outbound(desk, purpose)
    if purpose == "receipt":
        desk.asked(case)
        posted()
    delivered(sent.answered("And now?"), sent.reply_to)
    case.refresh_from_db()
    assert Case.objects.count() == 1
    assert case.move == "ours"
    assert case.unanswered_since == now()
    kinds = set(case.promises.open().values_list("kind", flat=True))
    assert {"acknowledge", "reply"} <= kinds


@pytest.mark.parametrize("purpose", PURPOSES)
def test_the_thread_goes_on_even_where_the_token_is_lost(desk: Desk, purpose: str) -> None:
    case, sent = outbound(desk, purpose)
    raw = letter("And now?", In_Reply_To=str(sent.mail["Message-ID"]), subject="Other words")
    assert case_of(raw) == case


@pytest.mark.parametrize(
    ("purpose", "said"),
    [*((each, None) for each in PURPOSES[:4]), ("receipt", "auto-replied"),
     ("reminder", "auto-generated")],
)  # fmt: skip
def test_only_what_a_machine_wrote_says_so(desk: Desk, purpose: str, said: str | None) -> None:
    _case, sent = outbound(desk, purpose)
    assert sent.mail["Auto-Submitted"] == said


def test_threading_headers_stand_on_every_answer(desk: Desk) -> None:
    first = letter()
    case = case_of(first)
    desk.answered(case)
    (one,) = posted()
    assert one.mail["In-Reply-To"] == header_id(first) == one.mail["References"]
    assert one.mail["Subject"] == "Re: Server"
    second = one.answered("And now?")
    delivered(second, one.reply_to)
    desk.answered(Case.objects.get())
    (two,) = posted()
    assert two.mail["In-Reply-To"] == header_id(second)
    chain = str(two.mail["References"]).split()
    assert chain == [header_id(first), str(one.mail["Message-ID"]), header_id(second)]


def test_a_subject_that_says_re_is_not_given_another(desk: Desk) -> None:
    desk.answered(case_of(letter(subject="RE: Server")))
    assert posted()[0].mail["Subject"] == "RE: Server"


def test_each_reader_gets_one_copy_with_their_own_link_and_sees_who_else_reads(desk: Desk) -> None:
    case = case_of(letter(Cc="Ruth <ruth@whitcombe.example>"))
    desk.asked(case)
    mails = {mail.recipient: mail for mail in posted()}
    ruth = ContactPoint.objects.get(value="ruth@whitcombe.example").customer
    hers, ellens = mails["ruth@whitcombe.example"], mails["ellen@whitcombe.example"]
    assert desk.link(case, ruth).url in hers.text and desk.link(case).url not in hers.text
    assert desk.link(case).url in ellens.text and desk.link(case, ruth).url not in ellens.text
    assert "ruth@whitcombe.example" in str(ellens.mail["Cc"])
    assert "ellen@whitcombe.example" in str(hers.mail["Cc"])
    assert hers.mail["Message-ID"] == ellens.mail["Message-ID"]
    assert hers.reply_to != ellens.reply_to
    assert "You decide" in ellens.text and "You decide" not in hers.text


def test_a_copy_whose_reader_is_forgotten_carries_nobody_elses_link(desk: Desk) -> None:
    case = case_of(letter(Cc="Ruth <ruth@whitcombe.example>"))
    desk.answered(case)
    ContactPoint.objects.filter(value="ruth@whitcombe.example").delete()
    mails = {mail.recipient: mail for mail in posted()}
    assert "/c/" not in mails["ruth@whitcombe.example"].text
    assert mails["ruth@whitcombe.example"].reply_to == SUPPORT


def test_attachments_go_along(desk: Desk) -> None:
    case = case_of(letter())
    part = Attachment.keep("plan.pdf", b"%PDF a plan", "application/pdf")
    desk.answered(case, attachments=[part])
    (sent,) = posted()
    (file,) = sent.mail.iter_attachments()
    assert (file.get_filename(), file.get_content()) == ("plan.pdf", b"%PDF a plan")


def test_marked_as_settled_is_told_to_the_customer_alone_at_once(desk: Desk) -> None:
    case = desk.asked(case_of(letter(Cc="Ruth <ruth@whitcombe.example>")))
    posted()
    heard = case.hear(desk.ellen, "All fine, thank you.")
    case.settle(CustomerAct.in_words(heard, "All fine, thank you.", marked_by=desk.priya))
    told = posted()
    assert [mail.recipient for mail in told] == ["ellen@whitcombe.example"]
    assert "You wrote “All fine, thank you.”" in told[0].text
    assert "that is not what you said" in told[0].text
    case.reply(by=desk.priya, text="Glad to hear it.", then="rest")
    assert not any("You wrote" in mail.text for mail in posted())


def test_how_their_words_were_understood_stands_in_the_next_mail_to_them_once(desk: Desk) -> None:
    case = desk.asked(case_of(letter(Cc="Ruth <ruth@whitcombe.example>")))
    posted()
    heard = case.hear(desk.ellen, "No, all fine is not what it is.")
    case.not_yet(
        CustomerAct.in_words(heard, "No, all fine is not what it is.", marked_by=desk.priya)
    )
    case.reply(by=desk.priya, text="I look again.", then="rest")
    mails = {mail.recipient: mail for mail in posted()}
    assert "You wrote “No, all fine is" in mails["ellen@whitcombe.example"].text
    assert "that is not what you said" in mails["ellen@whitcombe.example"].text
    assert "You wrote" not in mails["ruth@whitcombe.example"].text
    case.reply(by=desk.priya, text="One more thing.", then="ask")
    assert not any("You wrote" in mail.text for mail in posted())


# Nobody can send as nobody


NOBODY = ["no-reply@harbourlane.example", "NoReply@harbourlane.example", "do.not.reply+x@h.example"]


@pytest.mark.parametrize("address", NOBODY)
def test_a_no_reply_mailbox_cannot_exist_by_any_door(desk: Desk, address: str) -> None:
    with pytest.raises(NoReplyAddress):
        Mailbox.add(by="system", address=address, name="N", team=desk.support)
    with pytest.raises(NoReplyAddress):
        Mailbox.objects.create(address=address, name="N", team=desk.support)
    desk.mailbox.address = address
    with pytest.raises(NoReplyAddress):
        desk.mailbox.save()
    with pytest.raises(NoReplyAddress):
        Mailbox.objects.update_or_create(pk=desk.mailbox.pk, defaults={"address": address})


@pytest.mark.parametrize("address", NOBODY)
def test_a_no_reply_mailbox_written_past_the_model_sends_nothing(desk: Desk, address: str) -> None:
    case = desk.answered(case_of(letter()))
    Mailbox.objects.filter(pk=desk.mailbox.pk).update(address=address)
    assert posted() == []
    copy = OutgoingMessage.objects.get()
    assert copy.state == "failed" and "nobody reads" in copy.answer
    case.refresh_from_db()
    assert case.move == "ours" and case.unanswered_since is not None


# Waiting, trying, giving up


def silence(desk: Desk) -> None:
    Mailbox.objects.filter(pk=desk.mailbox.pk).update(
        imap_host="imap.example", well_at=now() - timedelta(minutes=6)
    )


def test_machines_wait_while_a_mailbox_is_silent_and_people_do_not(desk: Desk) -> None:
    desk.at("2026-11-19 20:00")
    case = case_of(letter())
    case.reply(by=desk.priya, text="I happen to be here.", then="ask")
    silence(desk)
    (sent,) = posted()
    assert "I happen to be here." in sent.text
    assert [copy.message.purpose for copy in queued()] == ["receipt"]
    desk.mailbox.refresh_from_db()
    desk.mailbox.note_well(3)
    (sent,) = posted()
    assert sent.mail["Auto-Submitted"] == "auto-replied"


def deferred(post: Post, times: int) -> None:
    post.answers = [Delivery("deferred", 451, "451 try later") for _each in range(times)]


def test_a_server_that_says_later_is_asked_later_and_then_given_up_visibly(desk: Desk) -> None:
    case = desk.asked(case_of(letter()))
    post = Post()
    deferred(post, 10_000)
    waits = []
    while (copy := OutgoingMessage.objects.get()).is_open:
        clock.fix(max(copy.due_at, now() + timedelta(seconds=1)))
        TestOutbox(post).send_due()
        waits.append(OutgoingMessage.objects.get().due_at - now())
        assert len(waits) < 1000
    assert timedelta(seconds=40) <= waits[0] <= timedelta(minutes=1)
    assert max(waits) <= timedelta(hours=1)
    assert timedelta(days=5) < now() - copy.queued_at < timedelta(days=5, hours=2)
    assert (copy.state, copy.answer) == ("failed", "451 try later")
    case.refresh_from_db()
    assert (case.move, case.state) == ("ours", "in_progress")
    assert case.entries.filter(kind="given_up").count() == 1
    tick()
    assert case.promises.filter(kind="acknowledge").get().state == "broken"


def test_what_is_sent_again_has_five_days_again(desk: Desk) -> None:
    desk.asked(case_of(letter()))
    post = Post()
    post.answers = [Delivery("failed", 550, "550 no such user")]
    TestOutbox(post).send_due()
    desk.later(days=9)
    OutgoingMessage.objects.get().send_again(by=desk.priya)
    deferred(post, 1)
    TestOutbox(post).send_due()
    assert OutgoingMessage.objects.get().state == "deferred"


def test_a_refusal_is_told_on_the_message_and_un_keeps(desk: Desk) -> None:
    case = desk.asked(case_of(letter()))
    post = Post()
    post.answers = [Delivery("failed", 550, "550 no such user")]
    TestOutbox(post).send_due()
    assert OutgoingMessage.objects.get().answer == "550 no such user"
    assert case.promises.open().filter(kind="reply").exists()


def test_a_copy_that_breaks_something_does_not_keep_the_others(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.asked(case_of(letter()))
    desk.asked(case_of(letter(sender="Daniel <daniel@reyes.example>")))
    whole = outbox.mail_of
    bad = queued()[0].pk

    def one_breaks(row: OutgoingMessage, box: Mailbox) -> bytes:
        if row.pk == bad:
            raise KeyError("a mistake of ours")
        return whole(row, box)

    monkeypatch.setattr(outbox, "mail_of", one_breaks)
    assert [mail.recipient for mail in posted()] == ["daniel@reyes.example"]
    assert OutgoingMessage.objects.get(pk=bad).state == "deferred"
    monkeypatch.undo()
    desk.later(hours=1)
    assert [mail.recipient for mail in posted()] == ["ellen@whitcombe.example"]


def test_without_a_mailbox_it_waits_and_says_why(desk: Desk) -> None:
    desk.asked(case_of(letter()))
    Mailbox.objects.update(is_active=False)
    assert posted() == []
    assert "no mailbox" in OutgoingMessage.objects.get().answer


# Killed, late, twice


def test_killed_between_their_yes_and_our_commit_it_goes_once_more_with_the_same_id(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.asked(case_of(letter()))
    post = Post()

    class Killed(BaseException):
        """As kill -9 has it: nothing after it runs."""

    def dies(self: OutgoingMessage, answer: str) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(OutgoingMessage, "note_sent", dies)
        with pytest.raises(Killed):
            TestOutbox(post).send_due()
    assert posted(post) == []  # its lease still runs
    desk.later(minutes=16)
    posted(post)
    posted(post)
    assert len(post.sent) == 2
    assert len({str(mail.mail["Message-ID"]) for mail in post.sent}) == 1
    assert OutgoingMessage.objects.get().state == "sent"


def test_a_worker_that_woke_up_late_does_not_have_its_way(desk: Desk) -> None:
    case = desk.asked(case_of(letter()))
    (slow,) = claim(OutgoingMessage.objects.all(), limit=1, lease=timedelta(minutes=1), now=now())
    desk.later(minutes=2)
    posted()
    for verb in (slow.note_sent, slow.note_deferred, slow.note_failed):
        with pytest.raises(LeaseLost):
            verb("550 from long ago")
    copy = OutgoingMessage.objects.get()
    assert (copy.state, copy.answer) == ("sent", "250 ok")
    assert Case.objects.get(pk=case.pk).state == "asked"
    assert not case.entries.filter(kind="given_up").exists()


class StandsStill(Post):
    """A transport on which the whole process stands still for a while, once."""

    def __init__(self, meanwhile: Callable[[], object]) -> None:
        super().__init__()
        self._meanwhile: Callable[[], object] | None = meanwhile

    def send(self, envelope_from: str, recipient: str, raw: bytes) -> Delivery:
        if self._meanwhile:
            meanwhile, self._meanwhile = self._meanwhile, None
            meanwhile()
        return super().send(envelope_from, recipient, raw)


def test_what_another_sent_while_we_stood_still_is_not_sent_again(desk: Desk) -> None:
    for number in range(4):
        desk.asked(case_of(letter(subject=f"Matter {number}")))
    other = Post()

    def minutes() -> None:
        desk.later(minutes=16)
        assert len(posted(other)) == 4

    slow = posted(StandsStill(minutes))
    # The one that was on its way could not be called back; of the others there is one copy.
    assert len(slow) == 1
    assert {copy.state for copy in OutgoingMessage.objects.all()} == {"sent"}


def test_a_batch_may_last_longer_than_its_lease(desk: Desk) -> None:
    for number in range(4):
        desk.asked(case_of(letter(subject=f"Matter {number}")))
    other = Post()

    class Slow(Post):
        def send(self, envelope_from: str, recipient: str, raw: bytes) -> Delivery:
            desk.later(minutes=10)
            posted(other)
            return super().send(envelope_from, recipient, raw)

    sent = [*posted(Slow()), *other.sent]
    assert len(sent) == 4
    assert len({str(mail.mail["Message-ID"]) for mail in sent}) == 4


def test_two_outboxes_at_once_send_each_copy_once(desk: Desk) -> None:
    for number in range(5):
        desk.asked(case_of(letter(subject=f"Matter {number}")))
    post = Post()
    rows = claim(OutgoingMessage.objects.all(), limit=3, lease=timedelta(minutes=5), now=now())
    assert len(posted(post)) == 2
    assert len(rows) == 3


def test_the_demo_keeps_outgoing_mail_in_a_folder(desk: Desk, tmp_path: Path) -> None:
    desk.asked(case_of(letter()))
    outbox.Outbox(lambda address, kind: "", tmp_path).send_due()
    (file,) = (tmp_path / "new").iterdir()
    assert b"Delivered-To: ellen@whitcombe.example" in file.read_bytes()
    assert Message.objects.get(direction="out").copies.get().state == "sent"
