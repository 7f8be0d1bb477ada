"""Customers and accounts are made from what arrives; notes and rules are said once."""

import pytest

from goodword.core.refusals import Refused
from goodword.journal.models import Entry
from goodword.people.meeting import customer_of
from goodword.people.models import Account, ContactPoint, Customer, PinnedNote, SenderRule
from tests.cast import Desk


def entries(kind: str) -> int:
    return Entry.objects.filter(kind=kind).count()


def test_the_same_address_is_the_same_person_and_keeps_their_name(desk: Desk) -> None:
    again = customer_of("ellen@whitcombe.example", "E. W.")
    assert (again, again.name) == (desk.ellen, "Ellen Whitcombe")


def test_colleagues_of_one_domain_share_an_account(desk: Desk) -> None:
    one = customer_of("a@fabrikam.example", "A", account_domain="fabrikam.example")
    two = customer_of("b@fabrikam.example", "B", account_domain="fabrikam.example")
    assert one != two and one.account == two.account is not None


def test_who_gives_no_name_is_called_by_the_address(desk: Desk) -> None:
    customer = customer_of("who@else.example", "  ")
    assert (customer.name, customer.given) == ("who@else.example", "who@else.example")


@pytest.mark.parametrize("domain", ["x" * 254, "a." * 120 + "example"])
def test_a_domain_of_any_length_is_no_obstacle(desk: Desk, domain: str) -> None:
    customer = customer_of(f"a@{'b' * 100}.example", "A" * 500, account_domain=domain)
    assert len(customer.name) == 200
    assert all(len(account.name) <= 160 for account in Account.objects.all())


def test_they_are_answered_where_they_wrote_from_last(desk: Desk) -> None:
    ContactPoint.objects.create(customer=desk.ellen, kind="mail", value="ellen@home.example")
    desk.later(hours=1)
    customer_of("ellen@whitcombe.example")
    assert desk.ellen.mail_address() == "ellen@whitcombe.example"
    desk.later(hours=1)
    customer_of("ellen@home.example")
    assert desk.ellen.mail_address() == "ellen@home.example"
    customer_of("ellen@whitcombe.example", at=desk.at("2026-11-19 09:00"))
    assert desk.ellen.mail_address() == "ellen@home.example"


def test_an_address_belongs_to_one_person(desk: Desk) -> None:
    from django.db import IntegrityError, transaction

    with pytest.raises(IntegrityError), transaction.atomic():
        ContactPoint.objects.create(
            customer=desk.daniel, kind="mail", value="ellen@whitcombe.example"
        )


def test_a_pinned_note_is_pinned_and_taken_down_once(desk: Desk) -> None:
    with pytest.raises(Refused, match="NO_TEXT"):
        PinnedNote.pin(desk.ellen, "  ", by=desk.priya)
    note = PinnedNote.pin(desk.ellen, "Deaf in the left ear", by=desk.priya)
    for _again in range(2):
        note.take_down(by=desk.dele)
    assert (entries("pinned"), entries("unpinned")) == (1, 1)


def test_what_did_not_change_is_not_said_to_have_changed(desk: Desk) -> None:
    desk.ellen.rewrite(by=desk.priya, name="Ellen Whitcombe")
    assert entries("customer_changed") == 0
    desk.ellen.rewrite(by=desk.priya, name="Ellen W. Whitcombe", about="Runs the office")
    (entry,) = Entry.objects.filter(kind="customer_changed")
    assert entry.facts["fields"] == ["about", "name"]
    assert "Whitcombe" not in str(entry.facts)
    assert Customer.objects.get(pk=desk.ellen.pk).about == "Runs the office"


def test_a_rule_knows_its_sender_in_any_case_and_ends_once(desk: Desk) -> None:
    rule = SenderRule.make(" Zoe@Pitches.example", "pitch", by=desk.marta)
    assert SenderRule.for_sender("ZOE@pitches.EXAMPLE") == rule
    assert SenderRule.make("zoe@pitches.example", "spam", by=desk.marta) == rule
    for _again in range(2):
        rule.end(by=desk.marta)
    assert entries("rule_ended") == 1
    assert SenderRule.for_sender("zoe@pitches.example") is None
