"""Two customers who are one: everything moves, everything comes back, nobody is merged twice."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.apps import apps
from django.db import models

from goodword.cases.merging_people import (
    STAYS,
    merge_accounts,
    merge_customers,
    relations,
    unmerge,
)
from goodword.cases.models import Case, CaseLink, CustomerAct, Participant
from goodword.cases.telling_apart import take_back, tell_apart
from goodword.core.refusals import Refused
from goodword.journal.models import Entry
from goodword.journal.sealing import damage
from goodword.people.doubles import all_doubles, doubles_of
from goodword.people.meeting import customer_of
from goodword.people.models import (
    Account,
    ContactPoint,
    CriticalDate,
    Customer,
    Different,
    PinnedNote,
)
from goodword.people.reaching import add_point
from goodword.promises.models import Promise
from tests.cast import Desk
from tests.desk.conftest import signed_in


@pytest.fixture
def ellie(desk: Desk) -> Customer:
    """Ellen once more, from home."""
    ellie = customer_of("ellen@home.example", "Ellie")
    Customer.objects.filter(pk=ellie.pk).update(language="de", about="Runs the office")
    ellie.refresh_from_db()
    return ellie


def everything() -> dict[str, Any]:
    """Every row that names a customer or an account, and every participant."""
    found: dict[str, Any] = {}
    for model in (Customer, Account):
        for label, related, name in relations(model):
            rows = related._base_manager.order_by("pk").values_list("pk", name)
            found[label] = list(rows)
    columns = ("case", "customer", "role", "joined_at")
    found["cases.Participant.customer"] = list(
        Participant.objects.order_by("case", "customer").values_list(*columns)
    )
    people = ("pk", "account", "language", "about", "since", "merged_into")
    found["customers"] = list(Customer.objects.order_by("pk").values_list(*people))
    found["first"] = list(ContactPoint.objects.order_by("pk").values_list("pk", "is_first"))
    return found


def busy(desk: Desk, ellie: Customer) -> Case:
    """Cases of both, one in which both take part, and one of everything."""
    mine, theirs = desk.answered(desk.heard()), desk.answered(desk.heard(ellie, "My laptop."))
    both = desk.heard(text="We both ask.")
    both.participants.create(customer=ellie, role="copy")
    both.hear(ellie, "So do I.")
    for case in (mine, theirs, both):
        desk.link(case), desk.link(case, ellie)
    PinnedNote.pin(ellie, "Rings on Fridays.", by=desk.priya)
    CriticalDate.set(ellie, "Payroll", desk.at("2026-11-25 09:00").date(), by=desk.priya)
    add_point(ellie, "020 7946 0177", by=desk.priya).choose(by=desk.priya)
    desk.ellen.points.get(kind="phone").choose(by=desk.priya)
    asked = desk.asked(desk.heard(ellie, "And the printer."))
    asked.settle(CustomerAct.on_page(desk.link(asked)), words="Thank you.")
    return theirs


def test_everything_moves_and_undoing_brings_everything_back(desk: Desk, ellie: Customer) -> None:
    busy(desk, ellie)
    before = everything()
    merge = merge_customers(ellie, desk.ellen, by=desk.priya)
    desk.ellen.refresh_from_db(), ellie.refresh_from_db()
    for label, model, name in relations(Customer):
        if label not in {"cases.CaseLink.customer", "people.Customer.merged_into"}:
            assert not model._base_manager.filter(**{name: ellie}).exists(), label
    assert (desk.ellen.language, desk.ellen.about) == ("de", "Runs the office")
    assert desk.ellen.phone_number() == "+442079460142"
    assert ellie.merged_into == desk.ellen
    assert unmerge(merge, by=desk.dele)
    assert everything() == before
    assert not unmerge(merge, by=desk.dele)
    assert not list(damage())
    kinds = Entry.objects.filter(case=None, kind__startswith="customer_").values_list("kind")
    assert [kind for (kind,) in kinds][-2:] == ["customer_merged", "customer_unmerged"]


def test_every_relation_to_a_customer_moves_or_is_known_to_stay() -> None:
    """A room that is added, and names customers, is moved by itself."""
    named = {
        f"{model._meta.label}.{field.name}"
        for model in apps.get_models(include_auto_created=True)
        for field in model._meta.concrete_fields
        if isinstance(field, models.ForeignKey) and field.related_model is Customer
    }
    moved = {label for label, _model, _name in relations(Customer)}
    assert named - moved == {label for label in named if label.rpartition(".")[0] in STAYS}


def test_mail_from_either_address_finds_the_one(desk: Desk, ellie: Customer) -> None:
    merge_customers(ellie, desk.ellen, by=desk.priya)
    assert customer_of("ellen@home.example") == customer_of("ellen@whitcombe.example") == desk.ellen


def test_every_link_that_was_sent_goes_on_opening_the_page_for_the_one(
    desk: Desk, ellie: Customer
) -> None:
    busy(desk, ellie)
    tokens = {link.pk: link.token for link in CaseLink.objects.all()}
    merge_customers(ellie, desk.ellen, by=desk.priya)
    for token in tokens.values():
        link = CaseLink.by_token(token)
        assert link is not None and link.customer == desk.ellen
        assert CustomerAct.on_page(link).customer == desk.ellen
    case = Case.objects.order_by("pk")[0]
    for link in CaseLink.leading(case, desk.ellen):
        link.revoke(by=desk.priya)
    open_ = [link for token in tokens.values() if (link := CaseLink.by_token(token))]
    assert open_ and case not in {link.case for link in open_}


def test_what_came_since_goes_with_whom_it_is_from(desk: Desk, ellie: Customer) -> None:
    theirs = busy(desk, ellie)
    merge = merge_customers(ellie, desk.ellen, by=desk.priya)
    desk.later(hours=1)
    one = customer_of("ellen@home.example")
    Case.objects.get(pk=theirs.pk).hear(
        one, "Still broken.", fields={"from_address": "ellen@home.example"}
    )
    new = Case.open(one, title="A screen", by=one, team=desk.support)
    new.hear(one, "A screen.", fields={"from_address": "ellen@home.example"})
    mine = Case.open(one, title="A mouse", by=one, team=desk.support)
    mine.hear(one, "A mouse.", fields={"from_address": "ellen@whitcombe.example"})
    unmerge(merge, by=desk.priya)
    for case in (theirs, new):
        case.refresh_from_db()
        assert case.customer == ellie
        assert set(case.messages.exclude(customer=None).values_list("customer", flat=True)) == {
            ellie.pk
        }
        assert not Promise.objects.filter(case=case, customer=desk.ellen).exists()
        assert not case.participants.filter(customer=desk.ellen).exists()
        assert case.move == "ours"
    mine.refresh_from_db()
    assert mine.customer == desk.ellen


def test_what_was_changed_by_hand_since_is_not_undone(desk: Desk, ellie: Customer) -> None:
    merge = merge_customers(ellie, desk.ellen, by=desk.priya)
    desk.ellen.refresh_from_db()
    desk.ellen.rewrite(by=desk.priya, about="Owns the office")
    unmerge(merge, by=desk.priya)
    desk.ellen.refresh_from_db()
    assert (desk.ellen.about, desk.ellen.language) == ("Owns the office", "")


def test_nobody_is_merged_with_themselves_or_in_a_circle(desk: Desk, ellie: Customer) -> None:
    with pytest.raises(Refused, match="SAME"):
        merge_customers(desk.ellen, desk.ellen, by=desk.priya)
    merge_customers(ellie, desk.ellen, by=desk.priya)
    for pair in ((desk.ellen, ellie), (ellie, desk.ellen), (desk.daniel, ellie)):
        with pytest.raises(Refused, match="MERGED"):
            merge_customers(*pair, by=desk.priya)


def test_merges_are_undone_from_the_last_on(desk: Desk, ellie: Customer) -> None:
    before = everything()
    first = merge_customers(ellie, desk.ellen, by=desk.priya)
    second = merge_customers(desk.ellen, desk.daniel, by=desk.priya)
    ellie.refresh_from_db()
    assert ellie.merged_into == desk.daniel
    with pytest.raises(Refused, match="MERGED_SINCE"):
        unmerge(first, by=desk.priya)
    assert unmerge(second, by=desk.priya) and unmerge(first, by=desk.priya)
    assert everything() == before


def test_a_customer_of_another_team_is_not_merged_unseen(desk: Desk, ellie: Customer) -> None:
    desk.heard(desk.daniel, team=desk.offices)
    with pytest.raises(Refused, match="NOT_SEEN"):
        merge_customers(desk.daniel, ellie, by=desk.priya)
    assert merge_customers(desk.daniel, ellie, by=desk.jonas)


def test_a_stranger_does_not_come_in_by_being_merged(desk: Desk) -> None:
    case = desk.heard()
    eve = customer_of("eve@elsewhere.example", "Eve")
    case.hear(eve, "Let me in.", is_confirmed=False)
    with pytest.raises(Refused, match="NOT_CONFIRMED"):
        merge_customers(eve, desk.ellen, by=desk.marta)
    case.let_in(eve, by=desk.marta)
    assert merge_customers(eve, desk.ellen, by=desk.marta)


def test_two_organisations_are_one_and_two_again(desk: Desk) -> None:
    other = Account.objects.create(name="Whitcombe Ltd", domain="whitcombe-ltd.example")
    ben = customer_of("ben@whitcombe-ltd.example", account_domain="whitcombe-ltd.example")
    desk.heard(ben)
    before = everything()
    assert desk.ellen.account is not None
    merge = merge_accounts(other, desk.ellen.account, by=desk.priya)
    ben.refresh_from_db()
    assert ben.account == desk.ellen.account
    new = customer_of("cleo@whitcombe-ltd.example", account_domain="whitcombe-ltd.example")
    assert new.account == desk.ellen.account
    assert Account.named("whitcombe ltd") == desk.ellen.account
    new.delete()
    unmerge(merge, by=desk.priya)
    assert everything() == before


def test_doubles_are_suggested_and_never_merged(desk: Desk) -> None:
    tagged = customer_of("ellen+news@whitcombe.example", "E. Whitcombe")
    ContactPoint.objects.create(
        customer=desk.daniel, kind="phone", value="02079460142", likeness="079460142"
    )
    visible = Customer.objects.standing()
    points = list(desk.ellen.points.order_by("kind"))
    points[1].likeness = "079460142"
    points[1].save()
    found = {double.other for double in doubles_of(desk.ellen, points, visible)}
    assert found == {tagged, desk.daniel}
    pairs = {(double.customer, double.other) for double in all_doubles(visible)}
    assert pairs == {(desk.ellen, tagged), (desk.ellen, desk.daniel)}
    assert not Customer.objects.exclude(merged_into=None).exists()


def test_names_alone_are_suggested_within_one_organisation(desk: Desk) -> None:
    twin = Customer.objects.create(name="ellen whitcombe", account=desk.ellen.account)
    Customer.objects.create(name="Ellen Whitcombe")
    visible = Customer.objects.standing()
    assert [double.other for double in doubles_of(desk.ellen, [], visible)] == [twin]
    assert [double.other for double in all_doubles(visible)] == [twin]


def test_that_two_are_not_the_same_is_remembered_and_taken_back(desk: Desk) -> None:
    twin = Customer.objects.create(name="ellen whitcombe", account=desk.ellen.account)
    desk.heard(twin)
    visible = Customer.objects.standing()
    said = tell_apart(desk.ellen, twin, by=desk.priya)
    assert tell_apart(twin, desk.ellen, by=desk.dele) == said
    assert all_doubles(visible) == doubles_of(desk.ellen, [], visible) == []
    assert doubles_of(twin, [], visible) == []
    with pytest.raises(Refused, match="TOLD_APART"):
        merge_customers(twin, desk.ellen, by=desk.marta)
    with pytest.raises(Refused, match="NOT_SEEN"):
        tell_apart(desk.daniel, twin, by=desk.ines)
    assert take_back(said, by=desk.priya)
    assert not take_back(said, by=desk.priya)
    assert [each.other for each in all_doubles(visible)] == [twin]
    kinds = Entry.objects.order_by("-pk").values_list("kind", flat=True)[:2]
    assert list(kinds) == ["not_told_apart", "told_apart"]


def test_that_two_are_not_the_same_follows_a_merge_and_comes_back(
    desk: Desk, ellie: Customer
) -> None:
    twin = customer_of("e.whitcombe@elsewhere.example", "Ellen Whitcombe")
    desk.heard(twin)
    desk.heard(ellie)
    said = tell_apart(ellie, twin, by=desk.priya)
    merge = merge_customers(ellie, desk.ellen, by=desk.priya)
    with pytest.raises(Refused, match="TOLD_APART"):
        merge_customers(twin, desk.ellen, by=desk.priya)
    unmerge(merge, by=desk.priya)
    said.refresh_from_db()
    assert set(said.two) == {ellie, twin}
    assert merge_customers(twin, desk.ellen, by=desk.priya)


def test_two_organisations_are_told_apart_on_their_page(desk: Desk) -> None:
    other = Account.objects.create(name="Whitcombe Ltd")
    desk.heard(Customer.objects.create(name="Bo", account=other))
    marta, here = signed_in(desk.marta), desk.ellen.account
    assert here is not None
    page = f"/accounts/{here.pk}/merge?with={other.pk}"
    assert "They are two" in marta.get(page).content.decode()
    marta.post(f"/accounts/{here.pk}/apart", {"with": other.pk})
    assert "Marta Nowak said" in marta.get(page).content.decode()
    refused = marta.post(f"/accounts/{here.pk}/merge", {"with": other.pk})
    assert refused.status_code == 409
    marta.post(f"/apart/{Different.objects.get().pk}/undo")
    assert "They are two" in marta.get(page).content.decode()


def test_likely_doubles_are_told_apart_from_their_list(desk: Desk) -> None:
    twin = Customer.objects.create(name="ellen whitcombe", account=desk.ellen.account)
    desk.heard(twin)
    desk.heard()
    priya = signed_in(desk.priya)
    asked = {"with": twin.pk, "back": "doubles"}
    answer = priya.post(f"/customers/{desk.ellen.pk}/apart", asked, follow=True)
    assert answer.redirect_chain[-1][0] == "/customers/doubles/"
    assert "Nobody is here twice" in answer.content.decode()
    assert signed_in(desk.ines).post(f"/customers/{desk.ellen.pk}/apart", asked).status_code == 404


@pytest.mark.django_db(transaction=True)
def test_two_members_merging_both_ways_at_once_leave_one_merge(desk: Desk) -> None:
    from django.db import connection

    together = Barrier(2, timeout=20)

    def merge(pair: tuple[Customer, Customer]) -> bool:
        try:
            connection.ensure_connection()
            together.wait()
            return bool(merge_customers(*pair, by=desk.priya))
        except Refused:
            return False
        finally:
            connection.close()

    ways = [(desk.ellen, desk.daniel), (desk.daniel, desk.ellen)]
    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(merge, ways)) == [False, True]
    assert Customer.objects.standing().filter(name__in=["Ellen Whitcombe", "Daniel Reyes"]).count()
    assert Customer.objects.exclude(merged_into=None).count() == 1
