"""“My business is stopped”: called without words, paged from person to person, had, over."""

from datetime import timedelta
from typing import Any

import pytest

from goodword.cases.mayday import (
    call_mayday,
    give_mayday_back,
    page_due,
    stand_mayday_down,
    take_mayday,
)
from goodword.cases.maydaywords import standing
from goodword.cases.models import Case, CustomerAct, Mayday, Message, Paging
from goodword.core.refusals import Refused
from goodword.core.time import now
from goodword.journal.models import Entry
from goodword.journal.sealing import damage
from goodword.notifying import choosing
from goodword.notifying.models import Notification, Preferences, Push
from goodword.notifying.telling import catch_up
from goodword.promises.models import Promise
from goodword.staff.models import Letter, Member
from goodword.worker.tick import tick
from tests.cast import Desk, london

WITHIN = timedelta(minutes=15)


def mayday(desk: Desk, case: Case | None = None, **how: Any) -> Mayday:
    case = case or desk.heard()
    return call_mayday(case, case.customer, by=case.customer, channel="page", **how)


def paged(call: Mayday) -> list[str]:
    return [each.member.given for each in call.pagings.select_related("member")]


def fresh(case: Case) -> Case:
    return Case.objects.get(pk=case.pk)


def test_it_is_first_in_every_list_with_a_person_promised_within_a_quarter(desk: Desk) -> None:
    broken = desk.heard(desk.daniel, "Long ago.")
    desk.at("2026-11-20 22:10")
    tick()
    case = desk.heard()
    call = mayday(desk, case)
    assert fresh(broken).has_broken
    assert Case.objects.ours().by_urgency().first() == case
    assert fresh(case).is_mayday and fresh(case).move == "ours"
    callback = call.callback
    assert (callback.kind, callback.due) == ("callback", london("2026-11-20 22:25"))
    assert case.messages.filter(direction="in").last().text == "My business is stopped."


def test_who_is_on_call_is_paged_at_once_by_every_way(desk: Desk) -> None:
    call = mayday(desk)
    assert paged(call) == ["Priya"]
    catch_up()
    told = Notification.objects.get(subject="page")
    assert (told.member, told.in_page, told.is_urgent) == (desk.priya, True, True)
    assert told.sentence == "MAYDAY: the business of Ellen Whitcombe is stopped"
    assert told.path == f"/cases/{call.case_id}/#mayday"
    assert [each.member for each in Letter.objects.filter(kind="page")] == [desk.priya]


def test_unanswered_for_a_quarter_the_next_and_a_leader_then_one_more_each_quarter(
    desk: Desk,
) -> None:
    call = mayday(desk)
    for _minute in range(14):
        desk.later(minutes=1)
        tick()
    assert paged(call) == ["Priya"]
    desk.later(minutes=1)
    tick()
    tick()
    assert paged(call) == ["Priya", "Marta", "Jonas"]
    desk.later(minutes=15)
    tick()
    assert paged(call) == ["Priya", "Marta", "Jonas", "Dele"]
    desk.later(minutes=15)
    tick()
    assert paged(call)[4:] == ["Tom"]
    desk.later(minutes=15)
    tick()
    assert paged(call)[5:] == ["Priya"]
    assert Entry.objects.filter(kind="mayday_paged").count() == 6
    assert list(damage()) == []


def test_after_hours_off_one_more_is_paged_and_not_everybody_at_once(desk: Desk) -> None:
    call = mayday(desk)
    desk.later(hours=3)
    tick()
    assert paged(call) == ["Priya", "Marta", "Jonas"]
    call.refresh_from_db()
    assert call.next_page_at == now() + WITHIN


def test_the_broken_quarter_climbs_its_ladder_as_any_word_of_ours(desk: Desk) -> None:
    call = mayday(desk)
    desk.later(minutes=16)
    tick()
    call.callback.refresh_from_db()
    assert call.callback.state == "broken"
    assert call.callback.rungs.count() == 4


def test_two_presses_are_one(desk: Desk) -> None:
    case = desk.heard()
    first, second = mayday(desk, case), mayday(desk, case)
    assert first == second
    assert case.messages.filter(text="My business is stopped.").count() == 1
    assert Paging.objects.count() == 1
    assert Promise.objects.filter(mayday__isnull=False).count() == 1


def test_whoever_has_it_stops_the_pages_and_the_customer_is_told_the_name(desk: Desk) -> None:
    call = mayday(desk)
    desk.later(minutes=3)
    assert take_mayday(call, by=desk.dele)
    assert not take_mayday(Mayday.objects.get(pk=call.pk), by=desk.dele)
    with pytest.raises(Refused, match="TAKEN"):
        take_mayday(Mayday.objects.get(pk=call.pk), by=desk.marta)
    desk.later(hours=2)
    assert page_due(now()) == 0
    call = Mayday.objects.get(pk=call.pk)
    assert fresh(call.case).owner == desk.dele
    assert call.callback.owner == desk.dele
    mail = Message.objects.filter(purpose="mayday").order_by("id")
    assert "Alerted at once: Priya Raman." in mail[0].text
    assert "16:48" in mail[0].text
    assert "Dele Adeyemi has it since" in mail[1].text


@pytest.mark.parametrize("how", ["call", "mail"])
def test_getting_in_touch_keeps_the_quarter(desk: Desk, how: str) -> None:
    # Ellen has a number with us, Daniel an address alone.
    case = desk.heard(desk.ellen if how == "call" else desk.daniel)
    call = mayday(desk, case)
    desk.later(minutes=5)
    if how == "call":
        fresh(case).log_call("We are on it.", by=desk.dele, answers=False)
    else:
        fresh(case).reply(by=desk.dele, text="We are on it.", then="ask")
    call.callback.refresh_from_db()
    assert call.callback.state == "kept"


def test_a_mail_to_whoever_was_promised_a_call_goes_out_and_the_call_stays_due(desk: Desk) -> None:
    case = desk.heard()
    call = mayday(desk, case)
    fresh(case).reply(by=desk.dele, text="I ring you at once.", then="promise")
    call.callback.refresh_from_db()
    assert call.callback.state == "open"


def test_given_back_the_next_is_paged_at_once(desk: Desk) -> None:
    call = mayday(desk)
    take_mayday(call, by=desk.priya)
    assert give_mayday_back(Mayday.objects.get(pk=call.pk), by=desk.priya)
    assert paged(call) == ["Priya", "Marta", "Jonas"]
    assert not give_mayday_back(Mayday.objects.get(pk=call.pk), by=desk.priya)


def test_stood_down_with_a_reason_that_the_customer_reads(desk: Desk) -> None:
    call = mayday(desk)
    with pytest.raises(Refused, match="NO_REASON"):
        stand_mayday_down(call, "  ", by=desk.priya)
    assert stand_mayday_down(call, "The line is back.", by=desk.priya)
    assert not stand_mayday_down(Mayday.objects.get(pk=call.pk), "Again.", by=desk.priya)
    assert not fresh(call.case).is_mayday
    desk.later(hours=1)
    assert page_due(now()) == 0
    told = Message.objects.filter(purpose="mayday").order_by("-id")[0]
    assert "Priya Raman ended your MAYDAY: “The line is back.”" in told.text
    assert "call it again" in told.text
    assert mayday(desk, fresh(call.case)) != call


def test_called_again_after_it_was_answered_it_is_a_new_one(desk: Desk) -> None:
    case = desk.heard()
    call = mayday(desk, case)
    take_mayday(call, by=desk.priya)
    fresh(case).log_call("It runs again.", by=desk.priya, answers=True)
    again = mayday(desk, fresh(case))
    assert again != call and paged(again) == ["Priya"]
    assert Mayday.objects.get(pk=call.pk).ended_at is not None


@pytest.mark.parametrize("end", ["settled", "aside"])
def test_a_case_that_ends_wakes_nobody(desk: Desk, end: str) -> None:
    case = desk.heard()
    call = mayday(desk, case)
    if end == "aside":
        fresh(case).set_aside("spam", by=desk.priya)
    else:
        link = desk.link(case)
        link.case = fresh(case)
        link.case.settle(CustomerAct.on_page(link))
    desk.later(hours=1)
    assert page_due(now()) == 0
    assert not fresh(case).is_mayday
    call.refresh_from_db()
    assert call.ended_at is not None


def test_nobody_on_call_is_said_and_others_are_paged_at_once(desk: Desk) -> None:
    desk.support.rota = {
        "week": [{"days": "mon-fri", "from": "09:00", "to": "17:00", "who": desk.dele.pk}],
        "covers": [],
    }
    desk.support.save()
    desk.at("2026-11-21 03:00")
    call = mayday(desk, desk.heard())
    assert paged(call) == ["Dele", "Jonas"]
    said = " ".join(standing(Mayday.objects.get(pk=call.pk)))
    assert "Nobody is on call at this hour. Alerted all the same: Dele Adeyemi, Jonas" in said


def test_where_nobody_can_be_paged_it_says_so_and_stands_first(desk: Desk) -> None:
    case = desk.heard()
    Member.objects.update(is_active=False)
    call = mayday(desk, case)
    assert paged(call) == []
    assert "nobody could be alerted" in " ".join(standing(call))
    Member.objects.update(is_active=True)
    desk.later(minutes=15)
    tick()
    assert paged(call) == ["Priya"]


def test_a_fourth_within_the_hour_wakes_nobody_and_is_not_lost(desk: Desk) -> None:
    calls = [mayday(desk, desk.heard(title=f"Matter {n}")) for n in range(4)]
    assert [call.is_quiet for call in calls] == [False, False, False, True]
    assert all(fresh(call.case).is_mayday for call in calls)
    catch_up()
    assert Notification.objects.filter(subject="page").count() == 3
    assert Letter.objects.filter(kind="page").count() == 3
    assert Notification.objects.filter(case=calls[3].case, subject="wrote").exists()
    assert "nobody was woken for this one" in " ".join(standing(calls[3]))


def test_by_staff_for_somebody_on_the_phone(desk: Desk) -> None:
    case = desk.heard()
    call = call_mayday(case, desk.ellen, by=desk.dele, channel="phone")
    assert call.noted_by == desk.dele and paged(call) == ["Priya"]
    assert case.messages.filter(direction="in").last().member == desk.dele


def test_it_is_not_merged_away(desk: Desk) -> None:
    case, other = desk.heard(), desk.heard(title="The same.")
    mayday(desk, case)
    with pytest.raises(Refused, match="MAYDAY"):
        fresh(case).merge_into(other, by=desk.priya)
    other.merge_into(fresh(case), by=desk.priya)
    assert fresh(case).is_mayday


def test_quiet_hours_and_choices_put_no_page_off(desk: Desk) -> None:
    choosing.add_service(desk.priya, "json://127.0.0.1:1/x")
    Preferences.objects.create(member=desk.priya, ways={"page": []})
    desk.at("2026-11-20 03:00")
    mayday(desk, desk.heard())
    catch_up()
    due = Push.objects.filter(notification__subject="page").values_list("due_at", flat=True)
    assert list(due) == [now()]
