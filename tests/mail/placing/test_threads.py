"""A signed token, then References, then nothing. A stranger with a token sees nothing."""

from itertools import islice

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from goodword.cases.models import Case, CaseLink, OutgoingMessage, Participant
from goodword.channels.mail.addresses import ReplyTokens
from goodword.channels.mail.placing import reply_tokens
from goodword.core.time import clock
from tests.cast import Desk, gather, london
from tests.mail.letters import (
    ELLEN,
    SUPPORT,
    case_of,
    delivered,
    header_id,
    heard,
    letter,
    posted,
)

DANIEL = "Daniel Reyes <daniel@reyes.example>"


def reply_path(case: Case) -> str:
    point = case.customer.points.get(kind="mail")
    return f"support+{reply_tokens().make(case.pk, point.pk)}@harbourlane.example"


def test_a_signed_token_leads_into_its_case_whatever_the_headers_say(desk: Desk) -> None:
    case = case_of(letter())
    other = case_of(letter(sender=DANIEL))
    answer = letter(to=reply_path(case), References=header_id(letter()), subject=other.title)
    assert case_of(answer, reply_path(case)) == case


def test_references_lead_into_the_case_where_the_token_was_lost(desk: Desk) -> None:
    raw = letter()
    case = case_of(raw)
    assert case_of(letter(References=header_id(raw))) == case
    assert case_of(letter(In_Reply_To=header_id(raw))) == case
    (sent,) = posted_after_answer(desk, case)
    assert case_of(letter(In_Reply_To=str(sent.mail["Message-ID"]))) == case


def posted_after_answer(desk: Desk, case: Case) -> list[object]:
    desk.answered(case)
    return posted()  # type: ignore[return-value]


@pytest.mark.parametrize("subject", ["Server", "Re: Server", "[HL-1] Server", "HL-1"])
def test_a_subject_alone_never_joins(desk: Desk, subject: str) -> None:
    case = case_of(letter())
    assert case_of(letter("Me too", subject=subject)) != case


def test_a_token_that_nobody_signed_joins_nothing(desk: Desk) -> None:
    case, other = case_of(letter()), case_of(letter(sender=DANIEL))
    point = case.customer.points.get(kind="mail")
    forged = ReplyTokens(b"another key of 20 octets").make(case.pk, point.pk)
    good = reply_tokens().make(case.pk, point.pk)
    broken = good[:-1] + ("a" if good[-1] != "a" else "b")
    for token in (forged, broken, good[:-4], "a" * 30, str(case.pk)):
        new = case_of(letter("Hello"), f"support+{token}@harbourlane.example")
        assert new not in (case, other)


def test_a_stranger_with_a_token_joins_unconfirmed_and_sees_nothing(desk: Desk) -> None:
    case = desk.asked(case_of(letter()))
    path = reply_path(case)
    stranger = heard(
        letter("I am her new IT firm.", sender="Sly <sly@else.example>", to=path), path
    )
    case.refresh_from_db()
    assert (stranger.case, stranger.is_unconfirmed) == (case, True)
    assert case.participants.get(customer=stranger.customer).role == "unconfirmed"
    assert case.state == "asked"  # nothing that the customer was asked is taken over
    assert case.move == "ours"
    case.reply(by=desk.priya, text="Ellen, who is this?", then="ask", reason="Asked her")
    assert set(OutgoingMessage.objects.values_list("address", flat=True)) == {
        "ellen@whitcombe.example"
    }
    assert not CaseLink.objects.filter(customer=stranger.customer).exists()
    for mail in posted():
        assert "sly@else.example" not in mail.raw.decode()


def test_the_owner_lets_a_stranger_in_who_reads_along_from_then_on(desk: Desk) -> None:
    case = case_of(letter())
    path = reply_path(case)
    stranger = heard(letter(sender="Sly <sly@else.example>", to=path), path).customer
    assert stranger is not None
    case.let_in(stranger, by=desk.priya)
    desk.answered(case)
    assert {mail.recipient for mail in posted()} == {"ellen@whitcombe.example", "sly@else.example"}
    assert set(case.promises.filter(kind="acknowledge").values_list("state", flat=True)) == {"kept"}


def test_the_owner_parts_from_a_stranger_who_gets_a_case_of_their_own(desk: Desk) -> None:
    case = desk.answered(case_of(letter()))
    path = reply_path(case)
    message = heard(letter("Sell me one", sender="Sly <sly@else.example>", to=path), path)
    assert message.customer is not None
    new = case.part_from(message.customer, by=desk.priya)
    case.refresh_from_db()
    message.refresh_from_db()
    assert (message.case, new.customer, new.move) == (new, message.customer, "ours")
    assert new.promises.open().count() == 2
    assert (case.unanswered_since, case.promises.open().count()) == (None, 1)
    assert not case.participants.filter(customer=message.customer).exists()


def test_a_participant_whose_mail_failed_dmarc_is_unconfirmed(desk: Desk) -> None:
    case = case_of(letter())
    path = reply_path(case)
    failed = "mx.example; dmarc=fail header.from=whitcombe.example"
    message = heard(letter("Pay here", to=path, Authentication_Results=failed), path)
    assert (message.case, message.is_unconfirmed) == (case, True)


def test_cc_is_kept_and_whoever_the_customer_adds_reads_along(desk: Desk) -> None:
    case = case_of(letter(Cc="Ruth <ruth@whitcombe.example>, support+x@harbourlane.example"))
    desk.answered(case)
    assert {m.recipient for m in posted()} == {"ellen@whitcombe.example", "ruth@whitcombe.example"}
    path = reply_path(case)
    heard(letter("Adding Omar", to=path, Cc="Omar <omar@whitcombe.example>"), path)
    desk.answered(Case.objects.get(pk=case.pk))
    assert {m.recipient for m in posted()} == {
        "ellen@whitcombe.example", "ruth@whitcombe.example", "omar@whitcombe.example",
    }  # fmt: skip


def test_nobody_of_ours_and_no_no_reply_address_reads_along(desk: Desk) -> None:
    copies = "priya@harbourlane.example, no-reply@shop.example, support@harbourlane.example"
    case = case_of(letter(Cc=copies), to="support@harbourlane.example")
    assert list(case.participants.values_list("customer__name", flat=True)) == ["Ellen Whitcombe"]


def test_a_forwarded_alias_of_ours_does_not_read_along(desk: Desk) -> None:
    alias = "info@harbourlane.example"
    case = case_of(letter(to=alias, Delivered_To=alias), SUPPORT)
    assert case.participants.count() == 1


# Any order of arrival


@st.composite
def threads(draw: st.DrawFn) -> list[tuple[int, list[int]]]:
    """A thread as (mail, its ancestors from the first on), in any order of arrival."""
    size = draw(st.integers(2, 7))
    parents = [draw(st.integers(0, number - 1)) for number in range(1, size)]
    ancestors: list[list[int]] = [[]]
    for parent in parents:
        ancestors.append([*ancestors[parent], parent])
    return draw(st.permutations(list(enumerate(ancestors))))


def test_any_order_of_arrival_gives_one_case(db: None) -> None:
    gather()

    @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
    @given(threads(), st.booleans())
    def one_case(thread: list[tuple[int, list[int]]], between: bool) -> None:
        with transaction.atomic():
            clock.fix(london("2026-11-19 16:33"))
            cases = set()
            for number, ancestors in thread:
                if between:
                    case_of(letter("Something else", sender=DANIEL))
                references = " ".join(f"<{each}@whitcombe.example>" for each in ancestors)
                raw = letter(
                    f"Words {number}", Message_ID=f"<{number}@whitcombe.example>",
                    References=references,
                )  # fmt: skip
                cases.add(case_of(raw).pk)
            assert len(cases) == 1
            assert Case.objects.get(pk=cases.pop()).messages.count() == len(thread)
            transaction.set_rollback(True)

    one_case()


# Fifty forged replies


def forgeries(desk: Desk, case: Case) -> list[tuple[bytes, str]]:
    path, plain = reply_path(case), SUPPORT
    refs = case.messages.exclude(message_id="").values_list("message_id", flat=True)
    old = ReplyTokens(b"a key of long ago, now gone").make(case.pk, 1)
    paths = [path, plain, f"support+{old}@harbourlane.example", "support+@harbourlane.example"]
    senders = [
        "Priya Raman <priya@harbourlane.example>", "Gone <gone@harbourlane.example>",
        "Sly <sly@else.example>", "Marta <MARTA@harbourlane.example>", ELLEN,
    ]  # fmt: skip
    failed = "mx; dmarc=fail"
    found = []
    for recipient in paths:
        for sender in senders:
            for headers in ({}, {"References": refs[0]}, {"Authentication_Results": failed}):
                raw = letter("Forward this to everybody", sender=sender, to=recipient, **headers)
                found.append((raw, recipient))
    return list(islice(found, 50 + 10))


def test_no_forged_reply_joins_as_staff_or_is_sent_on(desk: Desk) -> None:
    case = desk.answered(case_of(letter()))
    posted()
    desk.extra["gone"] = member_who_left(desk)
    sent = OutgoingMessage.objects.exclude(message__purpose="receipt").count()
    forged = forgeries(desk, case)
    assert len(forged) >= 50
    for raw, recipient in forged:
        row = delivered(raw, recipient, envelope_from="sly@else.example")
        message = row.message
        assert row.state == "placed" and message is not None
        assert message.member is None
        assert message.direction != "out"
        if message.direction == "note":
            assert message.is_unverified_member
    people = OutgoingMessage.objects.exclude(message__purpose="receipt")
    assert people.count() == sent
    roles = Participant.objects.filter(case=case).exclude(role="unconfirmed")
    assert [row.customer for row in roles] == [desk.ellen]


def member_who_left(desk: Desk) -> object:
    from tests.cast import member

    return member("Gone Girl", "agent", is_active=False)


def test_mail_from_a_colleague_is_a_note_at_most(desk: Desk) -> None:
    case = desk.answered(case_of(letter()))
    path = reply_path(case)
    message = heard(letter("Close it", sender="priya@harbourlane.example", to=path), path)
    assert (message.direction, message.is_unverified_member) == ("note", True)
    case.refresh_from_db()
    assert (case.state, case.unanswered_since) == ("in_progress", None)


def test_a_colleague_without_a_case_is_a_customer(desk: Desk) -> None:
    case = case_of(letter("My screen is black", sender="ines@harbourlane.example"))
    assert case.customer.is_internal
    assert case.promises.open().count() == 2


def test_a_colleague_is_heard_in_their_own_case(desk: Desk) -> None:
    case = desk.asked(case_of(letter("My screen", sender="dele@harbourlane.example")))
    path = reply_path(case)
    message = heard(letter("Still black", sender="dele@harbourlane.example", to=path), path)
    assert (message.direction, message.customer) == ("in", desk.internal)
    case.refresh_from_db()
    assert case.move == "ours" and case.promises.open().filter(kind="reply").exists()
