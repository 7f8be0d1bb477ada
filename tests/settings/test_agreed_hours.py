"""Hours that a contract agrees: they count for the people of one organisation."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from goodword import clock
from goodword.cases.merging_people import merge_accounts, unmerge
from goodword.core.refusals import Refused
from goodword.desk.presets import schedule_of
from goodword.journal.models import Entry
from goodword.people.models import Account
from goodword.promises.models import Promise
from goodword.settings.changing import save, undo
from goodword.settings.models import SettingChange
from goodword.settings.subjects import subject_of
from goodword.settings.subjects.accounts import AgreedHours
from goodword.settings.subjects.hours import Hours
from tests.cast import HOURS, Desk
from tests.desk.conftest import signed_in

ALWAYS = {**HOURS, "hours": {"mon-sun": [["00:00", "24:00"]]}}


@pytest.fixture
def account(desk: Desk) -> Account:
    save(Hours("Round the clock"), ALWAYS, by=desk.olu)
    assert desk.ellen.account is not None
    return desk.ellen.account


def agreed(account: Account) -> AgreedHours:
    return AgreedHours(str(account.pk))


def promised(desk: Desk) -> Promise:
    case = desk.heard()
    return Promise.make(case, "task_done", "Mended", by=desk.priya, form="within:1200")


def test_the_agreed_hours_come_before_those_of_the_team(desk: Desk, account: Account) -> None:
    before = promised(desk)
    change = save(agreed(account), {"hours": "Round the clock"}, by=desk.olu)
    after = promised(desk)
    assert (before.schedule.name, after.schedule.name) == ("Opening hours", "Round the clock")
    assert after.due - after.made_at == clock.between(
        after.made_at, after.due, after.schedule.hours
    )
    assert schedule_of(after.case, desk.business) == after.schedule
    before.refresh_from_db()
    assert before.due > after.due and before.schedule.name == "Opening hours"
    assert desk.heard(desk.daniel).schedule_in_force() == desk.business.schedule
    assert Entry.objects.filter(kind="setting_changed", facts__setting="account").count() == 1
    assert change is not None
    undo(change, subject_of, by=desk.olu)
    assert desk.heard().schedule_in_force() == desk.business.schedule


def test_they_follow_every_new_version_and_cannot_be_taken_away(
    desk: Desk, account: Account
) -> None:
    save(agreed(account), {"hours": "Round the clock"}, by=desk.olu)
    save(Hours("Round the clock"), {"closed": ["2026-12-25"]}, by=desk.olu)
    assert desk.heard().schedule_in_force().version == 2
    with pytest.raises(Refused, match="agreed with an organisation"):
        save(Hours("Round the clock"), None, by=desk.olu)
    with pytest.raises(Refused, match="no opening hours called"):
        save(agreed(account), {"hours": "Siesta"}, by=desk.olu)


def test_who_is_merged_keeps_the_hours_and_parts_with_them(desk: Desk, account: Account) -> None:
    save(agreed(account), {"hours": "Round the clock"}, by=desk.olu)
    other = Account.objects.create(name="The same, written otherwise")
    merge = merge_accounts(account, other, by=desk.jonas)
    assert desk.heard().schedule_in_force().name == "Round the clock"
    other.refresh_from_db()
    assert other.hours == "Round the clock"
    unmerge(merge, by=desk.jonas)
    other.refresh_from_db()
    assert (other.hours, desk.heard().schedule_in_force().name) == ("", "Round the clock")


def test_they_are_chosen_from_the_page_of_the_organisation(desk: Desk, account: Account) -> None:
    desk.heard()
    # An operator of another team does not see this organisation; a leader does.
    url, jonas = f"/settings/accounts/{account.pk}/", signed_in(desk.jonas)
    assert url in jonas.get(f"/accounts/{account.pk}/").content.decode()
    assert url not in signed_in(desk.priya).get(f"/accounts/{account.pk}/").content.decode()
    answer = jonas.get(url)
    form = {"seen": answer.context["editing"].seen, "hours": "Round the clock"}
    assert "Mon–Sun 00:00–24:00" in answer.content.decode()
    text = jonas.post(url, form, follow=True).content.decode()
    assert "“Round the clock”, as agreed with them." in text and "/undo/" in text
    assert jonas.post(url, form).status_code == 409
    assert account.name in jonas.get("/settings/hours/").content.decode()
    promise = promised(desk)
    page = signed_in(desk.priya).get(f"/promises/{promise.pk}/").content.decode()
    assert f"Counted in “Round the clock”, the hours agreed with {account.name}." in page
    assert SettingChange.objects.latest("pk").subject == f"account:{account.pk}"


def test_a_stranger_to_the_settings_cannot_choose_them(desk: Desk, account: Account) -> None:
    client: Client = signed_in(desk.priya)
    assert client.post(f"/settings/accounts/{account.pk}/", {"hours": ""}).status_code == 403


def test_the_list_of_hours_asks_as_much_for_many_as_for_two(desk: Desk, account: Account) -> None:
    jonas = signed_in(desk.jonas)
    jonas.get("/settings/hours/")

    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert jonas.get("/settings/hours/").status_code == 200
        return len(queries)

    few = asked()
    for number in range(5):
        save(Hours(f"Hours {number}"), ALWAYS, by=desk.olu)
        other = Account.objects.create(name=f"Firm {number}", hours=f"Hours {number}")
        assert other.schedule_in_force() is not None
    assert asked() == few
