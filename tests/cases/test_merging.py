"""Two cases become one and two again: nothing is lost, nothing is doubled, nobody is forgotten."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction

from goodword.cases.models import Case, CaseLink, Draft, Message
from goodword.cases.models.message import Purpose
from goodword.cases.states import Move, State
from goodword.channels.mail.outbox import mail_of, mailbox_of
from goodword.core.refusals import Refused
from goodword.people.meeting import customer_of
from goodword.promises.kinds import Kind
from goodword.promises.models import Promise
from goodword.worker.tick import tick
from tests.cast import Desk
from tests.mail.letters import case_of, delivered, header_id, heard, letter, posted


def two(desk: Desk) -> tuple[Case, Case]:
    """An older case of Ellen's and a newer one about the same, both unanswered."""
    desk.at("2026-11-19 10:00")
    older = desk.heard(text="The server is down.")
    desk.at("2026-11-19 11:00")
    newer = desk.heard(text="Still down, and I wrote before.")
    return older, newer


def state_of(*cases: Case) -> list[Any]:
    """Everything that an un-merge has to put back."""
    rows: list[Any] = []
    for case in cases:
        rows.append(Case.objects.filter(pk=case.pk).values()[0])
        rows.append(list(case.messages.order_by("id").values()))
        rows.append(list(case.promises.order_by("id").values()))
        rows.append(list(case.participants.order_by("id").values("customer", "role")))
        rows.append(list(case.drafts.order_by("id").values()))
    return rows


def fresh(case: Case) -> Case:
    return Case.objects.get(pk=case.pk)


def test_all_of_it_goes_to_the_survivor_and_back(desk: Desk) -> None:
    older, newer = two(desk)
    newer.take(by=desk.dele)
    newer.note("She sounds cross.", by=desk.dele)
    Draft.keep(newer, desk.dele, "reply", "Half a li", {})
    Promise.make(newer, "callback", "I call you", by=desk.dele, form="within:240")
    before = state_of(older, newer)
    fresh(newer).merge_into(fresh(older), by=desk.priya)
    older.refresh_from_db()
    assert older.messages.count() == 3
    assert older.promises.filter(kind="callback", state="open").exists()
    assert older.drafts.get().text == "Half a li"
    assert fresh(newer).move == Move.MERGED
    assert not newer.messages.exists() and not newer.promises.exists()
    for case in (older, newer):
        assert case.entries.filter(kind="merged", member=desk.priya).count() == 1
    fresh(newer).unmerge(by=desk.priya)
    after = state_of(older, newer)
    assert after == before
    for case in (older, newer):
        assert case.entries.filter(kind="unmerged").count() == 1


def test_tags_watchers_and_a_snooze_come_back_as_they_were(desk: Desk) -> None:
    older, newer = two(desk)
    fresh(older).reply(by=desk.priya, text="I look on Monday.", then="promise",
                       promises=[{"kind": "callback", "text": "I call",
                                  "form": "end_of_nth_business_day:3"}])  # fmt: skip
    until = fresh(older).snooze(desk.later() + timedelta(hours=3), by=desk.priya)
    for case, name in ((older, "Outage"), (newer, "Outage"), (newer, "Printer")):
        fresh(case).tag(name, by=desk.priya)
    newer.watch(desk.tom, by=desk.priya)
    newer.watch(desk.ines, by=desk.priya)
    fresh(newer).merge_into(fresh(older), by=desk.priya)
    tags = older.taggings.values_list("tag__name", flat=True)
    assert sorted(tags) == ["Outage", "Printer"]
    # Ines saw the other by her watch alone, and does not see this one by it.
    assert [each.member for each in older.watches.all()] == [desk.tom]
    assert fresh(older).snoozed_until is None
    fresh(newer).unmerge(by=desk.priya)
    assert [each.tag.name for each in older.taggings.all()] == ["Outage"]
    assert not older.watches.exists()
    assert newer.taggings.count() == newer.watches.count() == 2
    assert fresh(older).snoozed_until == until


def test_of_two_clocks_the_earlier_stands_and_the_later_comes_back(desk: Desk) -> None:
    older, newer = two(desk)
    earlier = desk.promise(older, "acknowledge")
    later = desk.promise(newer, "acknowledge")
    assert earlier.due < later.due
    fresh(older).merge_into(fresh(newer), by=desk.priya)
    later.refresh_from_db()
    assert (later.state, later.reason) == ("void", "merged")
    open_ = Promise.objects.open().filter(kind="acknowledge")
    assert [each.pk for each in open_] == [earlier.pk]
    assert fresh(newer).unanswered_since == older.unanswered_since
    fresh(older).unmerge(by=desk.priya)
    later.refresh_from_db()
    assert (later.state, later.reason, later.case_id) == ("open", "", newer.pk)
    assert Promise.objects.get(pk=earlier.pk).case_id == older.pk


def test_an_answer_to_both_keeps_both_after_the_un_merge_too(desk: Desk) -> None:
    older, newer = two(desk)
    fresh(newer).merge_into(fresh(older), by=desk.priya)
    desk.later(hours=1)
    answer = fresh(older).reply(by=desk.priya, text="It is back.", then="rest")
    desk.later(hours=1)
    fresh(newer).unmerge(by=desk.priya)
    assert Message.objects.get(pk=answer.pk).case_id == older.pk
    for case in (fresh(older), fresh(newer)):
        assert case.unanswered_since is None
        kept = case.promises.filter(kind="reply").values_list("state", "kept_by")
        assert list(kept) == [("kept", answer.pk)]
    assert fresh(newer).promises.outstanding().exists()


def test_after_the_un_merge_its_own_answer_goes_along_and_the_rest_stays(desk: Desk) -> None:
    first = letter("The server is down.", subject="Server")
    older = case_of(first)
    second = letter("And the printer.", subject="Printer")
    newer = case_of(second)
    newer.reply(by=desk.priya, text="Which printer?", then="wait", question="Which?")
    older.reply(by=desk.priya, text="On it.", then="promise",
                promises=[{"kind": "callback", "text": "I call", "form": "within:60"}])  # fmt: skip
    (asked, on_it) = sorted(posted(), key=lambda sent: "Printer" not in str(sent.mail["Subject"]))
    fresh(newer).merge_into(fresh(older), by=desk.priya)
    desk.later(minutes=5)
    theirs = heard(asked.answered("The one upstairs."), asked.reply_to)
    assert theirs.case_id == older.pk
    also = heard(on_it.answered("Any news?"), on_it.reply_to)
    assert (also.case_id, also.meant_for_id) == (older.pk, None)
    by_references = heard(letter("Upstairs!", References=header_id(second)))
    assert (by_references.case_id, by_references.meant_for_id) == (older.pk, newer.pk)
    fresh(newer).unmerge(by=desk.priya)
    texts = set(newer.messages.values_list("text", flat=True))
    assert texts == {"And the printer.", "Which printer?", "The one upstairs.", "Upstairs!"}
    assert "Any news?" in older.messages.values_list("text", flat=True)
    for case in (fresh(older), fresh(newer)):
        assert case.move == Move.OURS and case.unanswered_since is not None
        assert case.promises.open().filter(kind="reply").count() == 1
    # What comes after the un-merge finds its own case, with or without the token.
    assert heard(asked.answered("Third floor."), asked.reply_to).case_id == newer.pk
    assert heard(letter("It hums.", References=header_id(second))).case_id == newer.pk


def test_an_answer_to_what_we_wrote_since_is_for_both(desk: Desk) -> None:
    older, second = case_of(letter("Down.")), letter("Printer.", subject="Printer")
    newer = case_of(second)
    fresh(newer).merge_into(fresh(older), by=desk.priya)
    desk.later(minutes=1)
    fresh(older).reply(by=desk.priya, text="Both fixed?", then="ask")
    (sent,) = posted()
    assert header_id(second) in str(sent.mail["References"])
    bare = letter("Yes, both.", In_Reply_To=str(sent.mail["Message-ID"]),
                  References=str(sent.mail["References"]))  # fmt: skip
    message = heard(bare)
    assert (message.case_id, message.meant_for_id) == (older.pk, None)


def test_a_bounce_of_the_merged_ones_mail_is_heard_in_the_survivor(desk: Desk) -> None:
    older, newer = case_of(letter("Down.")), case_of(letter("Printer.", subject="Printer"))
    newer.reply(by=desk.priya, text="Which?", then="wait", question="Which?")
    (sent,) = posted()
    fresh(newer).merge_into(fresh(older), by=desk.priya)
    bounce = (
        f"From: mailer-daemon@whitcombe.example\r\nTo: {sent.envelope_from}\r\n"
        "Subject: failed\r\nMessage-ID: <b@whitcombe.example>\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="x"\r\n\r\n'
        "--x\r\nContent-Type: text/plain\r\n\r\nNo such user.\r\n"
        "--x\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; w.example\r\n\r\n"
        "Final-Recipient: rfc822; ellen@whitcombe.example\r\nAction: failed\r\nStatus: 5.1.1\r\n"
        f"--x\r\nContent-Type: message/rfc822\r\n\r\nMessage-ID: {sent.mail['Message-ID']}\r\n\r\n"
        "--x--\r\n"
    ).encode()
    delivered(bounce, sent.envelope_from, envelope_from="")
    assert fresh(older).entries.filter(kind="bounced").exists()


def test_the_customers_link_of_old_opens_the_survivor(desk: Desk, client: Any) -> None:
    older, newer = two(desk)
    link = desk.link(newer)
    fresh(newer).merge_into(fresh(older), by=desk.priya)
    page = client.get(link.path).content.decode()
    assert "The server is down." in page and "Still down" in page
    assert str(older.reference) in page and str(newer.reference) in page
    client.post(f"{link.path}say/", {"words": "Hello?"})
    assert desk.last(older).text == "Hello?"
    # A link that was ended is ended by every way that leads to it.
    desk.link(fresh(older)).revoke(by=desk.priya)
    assert client.get(link.path).status_code == 404


def test_the_next_mail_tells_both_references_once(desk: Desk) -> None:
    older, newer = two(desk)
    fresh(newer).merge_into(fresh(older), by=desk.priya)
    assert not Message.objects.filter(purpose=Purpose.MERGED).exists()
    fresh(older).reply(by=desk.priya, text="On it.", then="rest")
    (first,) = posted()
    assert str(newer.reference) in first.text and str(older.reference) in first.text
    fresh(older).reply(by=desk.priya, text="Done.", then="rest")
    (second,) = posted()
    assert str(newer.reference) not in second.text
    fresh(newer).unmerge(by=desk.priya)
    fresh(newer).reply(by=desk.priya, text="About this one.", then="rest")
    (third,) = posted()
    assert "go on by themselves again" in third.text


def test_where_no_answer_is_due_the_desk_tells_it_within_its_limits(desk: Desk) -> None:
    older, newer = desk.asked(), desk.asked(desk.heard(text="The printer"))
    newer.merge_into(older, by=desk.priya)
    told = Message.objects.get(purpose=Purpose.MERGED)
    assert told.case_id == older.pk
    row = told.copies.get()
    box = mailbox_of(told)
    assert box is not None
    raw = mail_of(row, box).decode()
    assert "Auto-Submitted: auto-generated" in raw
    fresh(newer).unmerge(by=desk.priya)
    for _again in range(4):
        fresh(newer).merge_into(fresh(older), by=desk.priya)
        fresh(newer).unmerge(by=desk.priya)
    assert Message.objects.filter(purpose=Purpose.MERGED).count() == 2


def test_two_customers_become_one_case_only_when_somebody_says_so(desk: Desk) -> None:
    hers, his = desk.heard(desk.ellen), desk.heard(desk.daniel, text="Same here.")
    with pytest.raises(Refused, match="TWO_CUSTOMERS") as refused:
        his.merge_into(hers, by=desk.priya)
    assert "Daniel Reyes would be left without an answer" in str(refused.value)
    his.merge_into(hers, by=desk.priya, joins=True)
    assert hers.participants.get(customer=desk.daniel).role == "copy"
    desk.link(hers, desk.daniel)
    desk.later(minutes=1)
    answer = fresh(hers).reply(by=desk.priya, text="It is the street.", then="rest")
    assert set(answer.copies.values_list("address", flat=True)) == {
        "ellen@whitcombe.example", "daniel@reyes.example",
    }  # fmt: skip
    assert not Promise.objects.outstanding().filter(customer=desk.daniel).exists()
    fresh(hers).hear(desk.daniel, "Thank you. And the lift?")
    fresh(his).unmerge(by=desk.priya)
    # His words go with him, and he no longer reads hers.
    assert desk.last(his).text == "Thank you. And the lift?"
    assert not hers.participants.filter(customer=desk.daniel).exists()
    assert fresh(his).move == Move.OURS
    assert fresh(hers).unanswered_since is None
    old = CaseLink.objects.get(case=hers, customer=desk.daniel)
    assert old.version == 2


def test_a_reader_of_one_does_not_read_the_other_unasked(desk: Desk) -> None:
    older, newer = two(desk)
    boss = customer_of("boss@whitcombe.example", "Boss Whitcombe")
    newer.participants.create(customer=boss, role="copy")
    stranger = customer_of("eve@elsewhere.example", "Eve")
    newer.hear(stranger, "Me too", is_confirmed=False)
    newer.merge_into(older, by=desk.priya)
    roles = dict(older.participants.values_list("customer__name", "role"))
    assert roles == {"Ellen Whitcombe": "customer", "Eve": "unconfirmed"}
    # Eve's own clock came along, and she may still be given a case of her own.
    new = fresh(older).part_from(stranger, by=desk.priya)
    assert new.messages.get().text == "Me too"


NOT_SO = ["itself", "ended", "aside", "merged", "circle", "away"]


@pytest.mark.parametrize("what", NOT_SO)
def test_what_cannot_be_one_case_is_refused_and_changes_nothing(desk: Desk, what: str) -> None:
    older, newer = two(desk)
    third = desk.heard(text="Third")
    if what == "ended":
        older.withdraw(_her_act(desk, older))
    if what == "aside":
        older.set_aside("spam", by=desk.priya)
    if what in ("merged", "circle", "away"):
        newer.merge_into(older, by=desk.priya)
    case, into, code = {
        "itself": (newer, newer, "ITSELF"),
        "ended": (newer, older, "ENDED"),
        "aside": (newer, older, "ASIDE"),
        "merged": (newer, third, "MERGED"),
        "circle": (older, newer, "MERGED"),
        "away": (third, newer, "MERGED"),
    }[what]
    before = state_of(older, newer, third)
    with pytest.raises(Refused, match=code), transaction.atomic():
        fresh(case).merge_into(fresh(into), by=desk.dele)
    assert state_of(older, newer, third) == before


def _her_act(desk: Desk, case: Case) -> Any:
    from goodword.cases.models import CustomerAct

    return CustomerAct.on_page(desk.link(case))


def test_what_is_merged_is_left_alone_by_every_verb(desk: Desk) -> None:
    older, newer = two(desk)
    newer.merge_into(older, by=desk.priya)
    gone = fresh(newer)
    tries: list[Any] = [
        lambda: gone.take(by=desk.dele),
        lambda: gone.hear(desk.ellen, "Hello"),
        lambda: gone.note("Hm", by=desk.dele),
        lambda: gone.reply(by=desk.dele, text="Hi", then="rest"),
        lambda: gone.rest(by=desk.dele),
        lambda: gone.settle(_her_act(desk, gone)),
        lambda: Promise.make(gone, "callback", "I call", by=desk.dele, form="within:60"),
    ]
    for verb in tries:
        with pytest.raises(Refused, match="MERGED"), transaction.atomic():
            verb()
    # But it falls with the others when its owner leaves.
    gone.fall_to(desk.marta, by=desk.jonas)
    assert fresh(newer).move == Move.MERGED


def test_only_the_last_merge_is_undone_first(desk: Desk) -> None:
    older, newer = two(desk)
    third, fourth = desk.heard(text="Third"), desk.heard(text="Fourth")
    newer.merge_into(older, by=desk.priya)
    fresh(third).merge_into(fresh(older), by=desk.priya)
    with pytest.raises(Refused, match="MERGED_AFTER"):
        fresh(newer).unmerge(by=desk.priya)
    fresh(older).merge_into(fourth, by=desk.priya)
    with pytest.raises(Refused, match="MERGED_ON"):
        fresh(third).unmerge(by=desk.priya)
    assert fresh(newer).survivor() == fourth
    fresh(older).unmerge(by=desk.priya)
    fresh(third).unmerge(by=desk.priya)
    fresh(newer).unmerge(by=desk.priya)
    with pytest.raises(Refused, match="NOT_MERGED"):
        fresh(newer).unmerge(by=desk.priya)
    for case, text in ((older, "The server is down."), (newer, "Still down, and I wrote before."),
                       (third, "Third"), (fourth, "Fourth")):  # fmt: skip
        assert case.messages.get(direction="in").text == text
        assert fresh(case).promises.open().filter(kind="reply").count() == 1


def test_a_settled_one_may_go_into_an_open_one_and_is_settled_again_after(desk: Desk) -> None:
    settled = desk.asked()
    settled.settle(_her_act(desk, settled))
    open_ = desk.heard(text="It came back.")
    settled.merge_into(open_, by=desk.priya)
    assert fresh(open_).move == Move.OURS
    fresh(settled).unmerge(by=desk.priya)
    assert fresh(settled).state == State.SETTLED
    assert fresh(settled).move == Move.SETTLED


def test_a_question_whether_it_is_settled_waits_while_they_are_unanswered(desk: Desk) -> None:
    asked = desk.asked()
    heard_ = desk.heard(text="And this?")
    before = state_of(asked, heard_)
    fresh(heard_).merge_into(fresh(asked), by=desk.priya)
    now_ = fresh(asked)
    assert (now_.state, now_.move) == (State.IN_PROGRESS, Move.OURS)
    assert not now_.promises.open().filter(kind="check_in").exists()
    fresh(heard_).unmerge(by=desk.priya)
    assert state_of(asked, heard_)[1:] == before[1:]
    assert fresh(asked).move == Move.DECIDE


def test_what_the_clock_broke_meanwhile_stays_broken(desk: Desk) -> None:
    older, newer = two(desk)
    newer.merge_into(older, by=desk.priya)
    desk.later(days=7)
    tick()
    fresh(newer).unmerge(by=desk.priya)
    tick()
    for case in (older, newer):
        assert {each.state for each in case.promises.all()} == {"broken"}
        assert fresh(case).has_broken and fresh(case).move == Move.OURS


def test_what_the_customer_released_is_not_promised_anew_by_the_un_merge(desk: Desk) -> None:
    older, newer = two(desk)
    for promise in older.promises.open():
        promise.release(by=desk.ellen)
    before = state_of(older, newer)
    fresh(newer).merge_into(fresh(older), by=desk.priya)
    fresh(newer).unmerge(by=desk.priya)
    assert state_of(older, newer) == before


def test_a_question_that_the_merge_ended_stands_again_and_nothing_else_is_promised(
    desk: Desk,
) -> None:
    other = desk.heard(desk.daniel, text="My printer is silent.")
    asked = desk.heard(text="Still down.")
    asked.reply(by=desk.priya, text="It runs. Does it for you?", then="ask")
    before = state_of(fresh(asked))
    assert not before[0].pop("is_unread")
    other.merge_into(asked, by=desk.priya, joins=True)
    again = asked.promises.get(kind=Kind.NEXT_UPDATE)
    assert again.state == "open"
    fresh(other).unmerge(by=desk.priya)
    again.refresh_from_db()
    assert (again.state, again.reason) == ("void", "unmerged")
    Promise.objects.filter(pk=again.pk).delete()
    after = state_of(fresh(asked))
    assert after[0].pop("is_unread")  # what was written there since is still to be read
    assert after == before
    assert fresh(asked).move == Move.DECIDE
