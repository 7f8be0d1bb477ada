"""Words about another matter get a case of their own, with their own clocks, and can go back."""

import pytest
from django.db import transaction

from goodword.cases.models import Case, Message
from goodword.cases.models.message import Purpose
from goodword.cases.states import Move
from goodword.core.refusals import Refused
from goodword.people.meeting import customer_of
from goodword.promises.models import Promise
from tests.cast import Desk
from tests.mail.letters import case_of, header_id, heard, letter, posted


def fresh(case: Case) -> Case:
    return Case.objects.get(pk=case.pk)


def both(desk: Desk) -> tuple[Case, Message]:
    """A case in which another matter came up an hour later."""
    desk.at("2026-11-19 10:00")
    case = desk.heard(text="The server is down.")
    desk.at("2026-11-19 11:00")
    other = case.hear(desk.ellen, "By the way, our invoice is wrong.\nIt has two lifts.")
    return fresh(case), other


def test_it_goes_to_a_case_of_the_same_customer_named_by_their_words(desk: Desk) -> None:
    case, other = both(desk)
    case.take(by=desk.dele)
    new = fresh(case).split([other.pk], by=desk.priya)
    assert new.title == "By the way, our invoice is wrong."
    assert (new.customer, new.owner, new.is_taken) == (desk.ellen, desk.dele, True)
    assert new.messages.get() == other
    assert fresh(new).unanswered_since == other.at
    assert fresh(case).unanswered_since == case.opened_at
    clocks = {each.kind: each.made_at for each in new.promises.open()}
    assert clocks == {"acknowledge": other.at, "reply": other.at}
    assert case.promises.open().count() == 2
    for each in (case, new):
        assert each.entries.filter(kind="split", member=desk.priya).count() == 1


def test_a_clock_goes_with_the_message_that_opened_it(desk: Desk) -> None:
    case, other = both(desk)
    first = case.messages.order_by("id")[0]
    clocks = set(case.promises.open().values_list("pk", flat=True))
    new = case.split([first.pk], by=desk.priya)
    assert set(new.promises.open().values_list("pk", flat=True)) == clocks
    assert {each.made_at for each in case.promises.open()} == {other.at}


def test_what_was_promised_in_a_message_goes_with_it(desk: Desk) -> None:
    case, other = both(desk)
    word = {"kind": "next_update", "text": "You hear about the invoice", "form": "within:240"}
    said = case.reply(by=desk.priya, text="I ask accounts.", then="promise", promises=[word])
    new = fresh(case).split([other.pk, said.pk], by=desk.priya)
    assert desk.promise(new, "next_update").said_in == said
    assert fresh(new).move == Move.OURS
    # The case that it left is never dark.
    assert fresh(case).promises.outstanding().exists()
    assert {each.state for each in case.promises.filter(kind="reply")} == {"kept"}


def test_undo_puts_all_of_it_back_and_tells_nobody(desk: Desk) -> None:
    case, other = both(desk)
    before = [list(case.messages.order_by("id").values_list("pk", flat=True)),
              fresh(case).unanswered_since]  # fmt: skip
    dues = list(case.promises.order_by("id").values_list("kind", "due"))
    new = case.split([other.pk], by=desk.priya)
    fresh(new).unsplit(by=desk.priya)
    after = [list(case.messages.order_by("id").values_list("pk", flat=True)),
             fresh(case).unanswered_since]  # fmt: skip
    assert after == before
    assert list(case.promises.open().order_by("id").values_list("kind", "due")) == dues
    fresh(case).reply(by=desk.priya, text="Both done.", then="rest")
    (mail,) = posted()
    assert str(new.reference) not in mail.text
    assert not Message.objects.filter(purpose=Purpose.MERGED).exists()
    # And that can be undone as well.
    fresh(new).unmerge(by=desk.priya)
    assert new.messages.get() == other


def test_an_answer_to_what_went_finds_it(desk: Desk) -> None:
    first = letter("The server is down.")
    case = case_of(first)
    second = letter("And the invoice.", References=header_id(first), subject="Invoice")
    other = heard(second)
    new = case.split([other.pk], by=desk.priya)
    assert new.title == "Invoice"
    assert heard(letter("See attached.", In_Reply_To=header_id(second),
                        References=header_id(second))).case_id == new.pk  # fmt: skip


def test_a_reader_whose_words_went_reads_along_there(desk: Desk) -> None:
    case, _other = both(desk)
    boss = customer_of("boss@whitcombe.example", "Boss Whitcombe")
    case.participants.create(customer=boss, role="copy")
    words = case.hear(boss, "And my chair is broken.")
    new = fresh(case).split([words.pk], by=desk.priya)
    assert new.customer == desk.ellen
    assert new.participants.get(customer=boss).role == "copy"


def test_what_cannot_be_split_is_refused_and_changes_nothing(desk: Desk) -> None:
    case, other = both(desk)
    note = case.note("Hm.", by=desk.priya)
    stranger = customer_of("eve@elsewhere.example", "Eve")
    eve = case.hear(stranger, "Me too", is_confirmed=False)
    everything = list(case.messages.filter(direction="in").values_list("pk", flat=True))
    tries: list[tuple[list[int], str]] = [
        ([], "NOT_CHOSEN"),
        ([999_999], "NOT_CHOSEN"),
        ([other.pk, desk.last(desk.heard(desk.daniel)).pk], "NOT_CHOSEN"),
        ([note.pk], "NO_WORDS"),
        ([eve.pk], "NOT_CONFIRMED"),
        ([pk for pk in everything if pk != eve.pk] + [eve.pk], "NOT_CONFIRMED"),
    ]
    for ids, code in tries:
        count = Promise.objects.count(), Case.objects.count()
        with pytest.raises(Refused, match=code), transaction.atomic():
            fresh(case).split(ids, by=desk.priya)
        assert (Promise.objects.count(), Case.objects.count()) == count
    alone = desk.heard(text="Only this.")
    with pytest.raises(Refused, match="ALL_WORDS"):
        alone.split([desk.last(alone).pk], by=desk.priya)
    with pytest.raises(Refused, match="NOT_SPLIT"):
        alone.unsplit(by=desk.priya)


def test_the_question_whether_it_is_settled_stays(desk: Desk) -> None:
    case, other = both(desk)
    asks = case.reply(by=desk.priya, text="Settled?", then="ask")
    with pytest.raises(Refused, match="ASKS"):
        fresh(case).split([other.pk, asks.pk], by=desk.priya)
