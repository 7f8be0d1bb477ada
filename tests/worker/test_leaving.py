"""Leaving is at once: no access, and somebody has every case and promise."""

import pytest
from django.test import Client

from goodword.cases.leaving import restore, revoke
from goodword.cases.models import Case
from goodword.core.refusals import Refused
from goodword.staff.models import Member, Role
from tests.cast import PASSWORD, Desk, gather
from tests.promises.test_together import together


def test_cases_promises_and_duty_fall_to_the_lead_of_the_team(desk: Desk) -> None:
    case = desk.answered()
    settled = desk.asked(desk.heard(title="Another"))
    taken = revoke(desk.priya, by=desk.olu)
    owners = set(Case.objects.filter(pk__in=[case.pk, settled.pk]).values_list("owner", flat=True))
    assert owners == {desk.marta.pk}
    assert set(case.promises.open().values_list("owner", flat=True)) == {desk.marta.pk}
    desk.support.refresh_from_db()
    assert desk.support.duty == desk.marta
    assert [(each.member, each.cases, each.teams) for each in taken] == [(desk.marta, 2, 1)]


def test_a_promise_in_somebody_elses_case_falls_too(desk: Desk) -> None:
    case = desk.answered()
    promise = desk.promise(case, "callback")
    promise.hand_to(desk.dele, by=desk.priya)
    revoke(desk.dele, by=desk.olu)
    promise.refresh_from_db()
    case.refresh_from_db()
    assert (promise.owner, case.owner) == (desk.marta, desk.priya)


def test_without_a_lead_it_is_a_leader(desk: Desk) -> None:
    case = desk.heard(team=desk.offices)
    revoke(desk.ines, by=desk.olu)
    case.refresh_from_db()
    assert case.owner == desk.jonas


def test_nobody_who_could_take_over_means_no_and_nothing_changes(desk: Desk) -> None:
    Member.objects.filter(role__in=(Role.LEAD, Role.LEADER)).update(is_active=False)
    case = desk.answered()
    with pytest.raises(Refused, match="NO_SUCCESSOR"):
        revoke(desk.priya, by=desk.olu)
    desk.priya.refresh_from_db()
    case.refresh_from_db()
    assert desk.priya.is_active
    assert case.owner == desk.priya


def test_a_page_that_is_open_is_of_no_use_any_more(desk: Desk) -> None:
    client = Client()
    client.login(username=desk.dele.email, password=PASSWORD)
    revoke(desk.dele, by=desk.olu)
    answer = client.get("/")
    assert answer.status_code == 302
    assert "/sign-in/" in answer["Location"]
    restore(desk.dele, by=desk.olu)
    assert client.get("/").status_code == 302


def test_a_case_offered_to_them_stays_where_it_is(desk: Desk) -> None:
    case = desk.answered()
    case.offer_to(desk.dele, by=desk.priya)
    revoke(desk.dele, by=desk.olu)
    case.refresh_from_db()
    assert (case.owner, case.handing_to) == (desk.priya, None)


def test_revoking_twice_is_once(desk: Desk) -> None:
    from goodword.journal.models import Entry

    revoke(desk.dele, by=desk.olu)
    assert revoke(desk.dele, by=desk.olu) == []
    assert Entry.objects.filter(kind="member_revoked").count() == 1


def test_nobody_revokes_themselves(desk: Desk) -> None:
    with pytest.raises(Refused, match="NOT_YOURSELF"):
        revoke(desk.olu, by=desk.olu)


def test_leaving_and_setting_aside_with_a_rule_do_not_wait_for_each_other(
    transactional_db: None,
) -> None:
    """Both lock a case and the desk’s own chain of the journal; on PostgreSQL the other way
    round they would stand still until one of them is thrown out."""
    shared = gather()
    for number in range(6):
        cases = [shared.answered(shared.heard(title=f"Offer {n}")) for n in range(3)]
        for case in cases:
            Case.objects.filter(pk=case.pk).update(owner=shared.dele)

        def aside(number: int = number, case: Case = cases[-1]) -> None:
            case.set_aside("spam", by=shared.marta, rule_for=f"@spam{number}.example")

        done = together(lambda: revoke(shared.dele, by=shared.jonas), aside)
        assert [each for each in done if isinstance(each, Exception)] == []
        restore(shared.dele, by=shared.jonas)
