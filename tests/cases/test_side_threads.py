"""Asking a supplier beside the case: the customer never sees it, and nothing leaks either way."""

from email.utils import parseaddr

import pytest

from goodword.cases.asking_outside import ask_outside, takes_part, write_outside
from goodword.cases.models import Case, Message, OutgoingMessage, SideThread
from goodword.cases.models.message import Attachment
from goodword.cases.states import Move
from goodword.channels.mail.models import ThreadId
from goodword.core.refusals import Refused
from goodword.people.models import Customer
from goodword.promises.models import Promise
from tests.cast import Desk
from tests.mail.letters import Sent, case_of, delivered, heard, letter, posted

KESTREL = "Kestrel Supplies <sales@kestrel.example>"


def fresh(case: Case) -> Case:
    return Case.objects.get(pk=case.pk)


def asked(desk: Desk, case: Case, **how: object) -> tuple[SideThread, Sent]:
    """Kestrel is asked; their copy as it left."""
    thread = ask_outside(
        case, "sales@kestrel.example", "When does the lamp come?", by=desk.priya,
        name="Kestrel Supplies", subject="Lamp for a projector", **how,
    )  # fmt: skip
    (mail,) = [sent for sent in posted() if sent.recipient == "sales@kestrel.example"]
    return thread, mail


def answer(mail: Sent, text: str = "On Monday.", **headers: str) -> bytes:
    headers.setdefault("sender", KESTREL)
    return mail.answered(text, **headers)


def test_they_see_what_is_written_to_them_and_nothing_else(desk: Desk) -> None:
    case = case_of(letter("My projector stays dark.", subject="Dark projector"))
    fresh(case).reply(by=desk.priya, text="I am looking.", then="rest")
    (to_her,) = posted()
    _thread, mail = asked(desk, case)
    for secret in ("Dark projector", "stays dark", "Ellen", "whitcombe", "/c/", case.reference):
        assert str(secret) not in mail.raw.decode(), secret
    assert mail.reply_to != to_her.reply_to
    assert str(mail.mail["References"] or "") == ""
    assert mail.envelope_from == mail.reply_to


def test_it_changes_nothing_for_the_customer(desk: Desk, client: object) -> None:
    case = case_of(letter("My projector stays dark."))
    before = (fresh(case).unanswered_since, fresh(case).move, fresh(case).last_said)
    states = list(case.promises.order_by("id").values_list("state", flat=True))
    _thread, mail = asked(desk, case)
    desk.later(minutes=5)
    message = heard(answer(mail), mail.reply_to)
    assert message.strand is not None and message.case_id == case.pk
    assert (fresh(case).unanswered_since, fresh(case).move, fresh(case).last_said) == before
    assert list(case.promises.order_by("id").values_list("state", flat=True)) == states
    assert [each.text for each in case.messages.all()] == ["My projector stays dark."]
    page = client.get(desk.link(case).path).content.decode()  # type: ignore[attr-defined]
    assert "Monday" not in page and "lamp" not in page and "Kestrel" not in page
    # Nobody was made a customer, and no new case came of it.
    assert not Customer.objects.filter(points__value="sales@kestrel.example").exists()
    assert Case.objects.count() == 1
    assert not ThreadId.objects.filter(header_id=message.message_id).exists()
    # A reply that was being written is not stopped by it.
    fresh(case).reply(by=desk.priya, text="Soon.", then="rest",
                      seen=case.messages.get().pk)  # fmt: skip
    (to_her,) = posted()
    assert str(mail.mail["Message-ID"]) not in str(to_her.mail["References"])


def test_an_answer_without_the_token_is_known_by_its_references(desk: Desk) -> None:
    case = case_of(letter("Dark."))
    thread, mail = asked(desk, case)
    bare = letter("On Monday.", sender=KESTREL, In_Reply_To=str(mail.mail["Message-ID"]))
    assert heard(bare).strand == thread
    assert fresh(case).messages.count() == 1


def test_a_supplier_who_answers_all_with_the_customer_in_copy(desk: Desk) -> None:
    case = case_of(letter("Dark."))
    thread, mail = asked(desk, case)
    to_all = answer(mail, Cc="ellen@whitcombe.example, boss@kestrel.example")
    assert heard(to_all, mail.reply_to).strand == thread
    assert case.participants.count() == 1
    # She answers all in turn: her words are hers, heard in the case, and they ask for an answer.
    fresh(case).reply(by=desk.priya, text="Looking.", then="rest")
    hers = mail.answered("Monday is too late for me!", Cc="sales@kestrel.example")
    message = heard(hers, mail.reply_to)
    assert (message.strand, message.case_id) == (None, case.pk)
    assert fresh(case).move == Move.OURS and fresh(case).unanswered_since is not None
    # Kestrel does not come to read along by her Cc.
    assert not takes_part(fresh(case), "sales@kestrel.example")
    # Whoever holds only the supplier's address has not proved to be her.
    assert message.is_unconfirmed


def test_a_supplier_who_is_a_customer_elsewhere(desk: Desk) -> None:
    theirs = desk.heard(desk.daniel, text="Our own matter.")
    case = case_of(letter("Dark."))
    thread = ask_outside(case, "daniel@reyes.example", "When?", by=desk.priya, subject="Lamp")
    (mail,) = posted()
    message = heard(mail.answered("Monday.", sender="Daniel <daniel@reyes.example>"),
                    mail.reply_to)  # fmt: skip
    assert message.strand == thread
    assert theirs.messages.count() == 1
    # What they write of their own accord is their own matter all the same.
    own = heard(letter("And mine?", sender="Daniel <daniel@reyes.example>"))
    assert own.strand is None and own.case_id not in (case.pk,)


def test_whoever_takes_part_is_not_asked_beside_the_case(desk: Desk) -> None:
    case = desk.heard()
    for address, code in (("Ellen@Whitcombe.example", "TAKES_PART"), ("nobody", "NO_ADDRESS")):
        with pytest.raises(Refused, match=code):
            ask_outside(case, address, "When?", by=desk.priya, subject="Lamp")
    assert not SideThread.objects.exists()


def test_a_forged_token_leads_nowhere(desk: Desk) -> None:
    case = case_of(letter("Dark."))
    _thread, mail = asked(desk, case)
    local, domain = mail.reply_to.split("@")
    forged = f"{local[:-2]}{'aa' if not local.endswith('aa') else 'bb'}@{domain}"
    message = heard(letter("Let me in.", sender="Eve <eve@elsewhere.example>", to=forged), forged)
    assert message.strand is None and message.case_id != case.pk
    # And the token of a case is none of a thread, nor the other way round.
    fresh(case).reply(by=desk.priya, text="Looking.", then="rest")
    (to_her,) = posted()
    assert parseaddr(str(to_her.mail["Reply-To"]))[1] != mail.reply_to
    assert heard(to_her.answered("Thanks."), to_her.reply_to).strand is None


def test_somebody_else_who_holds_the_address_is_told_apart(desk: Desk) -> None:
    case = case_of(letter("Dark."))
    _thread, mail = asked(desk, case)
    other = heard(answer(mail, sender="Depot <depot@kestrel.example>"), mail.reply_to)
    assert other.strand is not None and other.is_unconfirmed
    assert other.from_address == "depot@kestrel.example"


def test_what_comes_back_from_them_touches_no_promise(desk: Desk) -> None:
    case = case_of(letter("Dark."))
    fresh(case).reply(by=desk.priya, text="Looking.", then="wait", question="Which room?")
    posted()
    asked(desk, case)
    copy = OutgoingMessage.objects.get(message__strand__isnull=False)
    assert copy.note_bounced("550 no such user", hard=True)
    now_ = fresh(case)
    assert now_.waiting_since is not None and now_.move == Move.THEIRS
    assert copy.send_again(by=desk.priya, address="orders@kestrel.example")
    (again,) = posted()
    assert again.recipient == "orders@kestrel.example"
    assert not Customer.objects.filter(points__value="orders@kestrel.example").exists()


def test_an_automatic_answer_of_theirs_stands_beside_the_case(desk: Desk) -> None:
    case = case_of(letter("Dark."))
    _thread, mail = asked(desk, case)
    row = delivered(answer(mail, Auto_Submitted="auto-replied"), mail.reply_to)
    assert row.message is not None and row.message.strand is not None
    assert row.message.automatic and fresh(case).messages.count() == 1


def test_a_promise_of_ours_watches_for_their_answer(desk: Desk) -> None:
    case = case_of(letter("Dark."))
    chase = {"text": "You hear what comes of it", "form": "within:240"}
    thread, mail = asked(desk, case, chase=chase)
    promise = desk.promise(case, "next_update")
    assert (thread.chase, promise.owner, promise.customer) == (promise, desk.priya, case.customer)
    heard(answer(mail), mail.reply_to)
    # Their answer keeps nothing: she has not heard yet.
    assert Promise.objects.get(pk=promise.pk).state == "open"


def test_forwarding_takes_the_files_along_and_leaves_them_where_they_are(desk: Desk) -> None:
    case = case_of(letter("See the photo."))
    said = case.messages.get()
    photo = Attachment.keep("lamp.jpg", b"\xff\xd8\xff lamp", "image/jpeg", message=said)
    thread = ask_outside(case, "sales@kestrel.example", "This one.", by=desk.priya, subject="Lamp",
                         files=[photo], forwards=said)  # fmt: skip
    (mail,) = posted()
    (part,) = mail.mail.iter_attachments()
    assert part.get_filename() == "lamp.jpg"
    assert said.attachments.count() == 1 and thread.said().get().attachments.count() == 1
    note = case.note("She is cross.", by=desk.priya)
    with pytest.raises(Refused, match="OURS_ALONE"):
        write_outside(thread, "Look.", by=desk.priya, forwards=note)


def test_two_who_write_at_once_see_each_other(desk: Desk) -> None:
    thread, _mail = asked(desk, case_of(letter("Dark.")))
    seen = thread.said().get().pk
    write_outside(thread, "And the cable?", by=desk.dele, seen=seen)
    with pytest.raises(Refused, match="COLLISION"):
        write_outside(thread, "Any news?", by=desk.priya, seen=seen)


def test_it_goes_along_with_a_merge_and_comes_back(desk: Desk) -> None:
    case, into = case_of(letter("Dark.")), case_of(letter("Printer.", subject="Printer"))
    thread, mail = asked(desk, case)
    fresh(case).merge_into(fresh(into), by=desk.priya)
    message = heard(answer(mail), mail.reply_to)
    assert (message.case_id, message.strand) == (into.pk, thread)
    fresh(case).unmerge(by=desk.priya)
    ours = Message.everything.filter(strand=thread)
    assert set(ours.values_list("case", flat=True)) == {case.pk}
    assert case.side_threads.get() == thread
