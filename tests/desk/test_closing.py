"""The page before closing: lines of three parts, exceptions by name, and the end of the day."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client

from goodword.cases.acknowledging import Acknowledgement, Parts
from goodword.cases.models import Case, DayException, Message, TeamDay
from goodword.cases.models.drafts import Draft
from goodword.people.meeting import customer_of
from goodword.promises.models import Promise
from goodword.staff.models import Member, Schedule, _compiled
from tests.cast import Desk
from tests.desk.conftest import signed_in

TEXTS = (
    ("You are told that scanning costs extra after you agreed a price", "Marta reads the contract"),
    ("The printer dropped off the network for the fourth time", "Dele checks the switch with me"),
    ("Nobody reads the inbox that our mail named", "I am finding out who can mend your terminal"),
)


@pytest.fixture(autouse=True)
def _hours() -> Iterator[None]:
    _compiled.cache_clear()
    yield
    _compiled.cache_clear()


def form(cases: list[Case], **more: Any) -> dict[str, Any]:
    """The page's own form, every line written."""
    fields: dict[str, Any] = {"of": "it-support", "line": [case.pk for case in cases]}
    for case, (received, working) in zip(cases, TEXTS, strict=False):
        fields |= {
            f"received-{case.pk}": received,
            f"working-{case.pk}": working,
            f"next-{case.pk}": "first_thing",
            f"seen-{case.pk}": case.newest_message_id(),
        }
    return {**fields, **more}


@pytest.fixture
def three(desk: Desk) -> list[Case]:
    desk.at("2026-11-18 17:20")
    yusuf = desk.heard(customer_of("yusuf@demir.example", "Yusuf Demir"), "Who do I talk to?")
    desk.at("2026-11-19 11:42")
    mei = desk.heard(desk.ellen, "The printer again.")
    desk.at("2026-11-19 16:30")
    daniel = desk.heard(desk.daniel, "Is this really the deal?")
    desk.at("2026-11-19 16:33")
    return [yusuf, mei, daniel]


def html(client: Client, url: str = "/day/?of=it-support") -> str:
    answer = client.get(url)
    assert answer.status_code == 200
    return answer.content.decode()


def test_at_half_past_four_it_lists_exactly_who_has_heard_nothing(
    three: list[Case], priya: Client
) -> None:
    shown = html(priya)
    assert "27 minutes to closing. 3 customers have heard nothing from us." in shown
    places = [shown.index(f'id="line-{case.pk}"') for case in three]
    assert places == sorted(places)
    assert shown.count('class="ackline"') == 3
    assert "Is this really the deal?" in shown
    # What is to be written stands as a placeholder, never as text.
    assert "I have your message" not in shown
    assert "(Fri 09:00–10:00)" in shown


def test_before_it_begins_it_says_when_and_who_would_be_on_it(
    desk: Desk, three: list[Case], priya: Client
) -> None:
    desk.at("2026-11-19 16:29")
    shown = html(priya)
    assert "It begins at 16:30, half an hour before closing at 17:00" in shown
    assert "Is this really the deal?" in shown
    assert 'name="received-' not in shown
    assert "Close the day of" not in shown


def test_several_go_out_at_once_each_with_its_promise(
    desk: Desk, three: list[Case], priya: Client, headers: dict[str, Any]
) -> None:
    answer = priya.post("/day/send", form(three), **headers)
    assert answer.status_code == (204 if headers else 302)
    assert (answer.get("HX-Redirect") or answer["Location"]) == "/day/?of=it-support"
    sent = Message.objects.filter(purpose="three_part")
    assert {message.case_id for message in sent} == {case.pk for case in three}
    assert Promise.objects.filter(kind="callback", opens__isnull=False).count() == 3
    shown = html(priya)
    assert "Everybody has heard from us." in shown
    assert "Heard from us before closing" in shown
    assert f'action="/messages/{sent[0].pk}/back"' in shown or "Take it back" in shown


def test_the_customer_page_shows_the_same_words_and_window(
    desk: Desk, three: list[Case], priya: Client, client: Client
) -> None:
    priya.post("/day/send", form(three))
    shown = client.get(desk.link(three[2]).path).content.decode()
    assert "You are told that scanning" not in shown
    assert "Nobody reads the inbox that our mail named." in shown
    words = "You hear from me, Priya, first thing in the morning"
    assert f"{words}: Friday 20 November, between 09:00 and 10:00." in shown
    assert f"{words}</p>" in shown
    assert "Tomorrow, 09:00 to 10:00" in shown


def test_one_line_alone_keeps_what_is_typed_in_the_others(three: list[Case], priya: Client) -> None:
    priya.post("/day/send", form(three, only=three[1].pk))
    assert [message.case for message in Message.objects.filter(purpose="three_part")] == [three[1]]
    shown = html(priya)
    assert TEXTS[0][0] in shown
    assert TEXTS[2][1] in shown


def test_two_lines_with_one_text_are_refused_and_named_and_the_third_goes(
    three: list[Case], priya: Client, headers: dict[str, Any]
) -> None:
    fields = form(three)
    for case in three[:2]:
        fields[f"received-{case.pk}"] = f"We have your message, {case.customer.given}."
        fields[f"working-{case.pk}"] = "I am on it"
    answer = priya.post("/day/send", fields, **headers)
    shown = answer.content.decode()
    assert answer.status_code == 422
    assert "Yusuf Demir and Ellen Whitcombe would get the same text." in shown
    assert "Ellen Whitcombe and Yusuf Demir would get the same text." in shown
    assert "We have your message, Yusuf." in shown
    assert "Sent to Daniel." in shown
    assert [message.case for message in Message.objects.filter(purpose="three_part")] == [three[2]]
    # What went out before counts as well.
    fields[f"received-{three[0].pk}"] = TEXTS[2][0]
    fields[f"working-{three[0].pk}"] = TEXTS[2][1]
    again = priya.post("/day/send", {**fields, "only": three[0].pk}).content.decode()
    assert "Yusuf Demir and Daniel Reyes would get the same text." in again


@pytest.mark.parametrize(
    ("name", "code"),
    [("received", "ACK_RECEIVED"), ("working", "ACK_WORKING"), ("next", "ACK_NEXT")],
)
def test_a_line_without_a_part_comes_back_marked_and_goes_with_a_reason(
    three: list[Case], priya: Client, name: str, code: str
) -> None:
    last = three[2]
    fields = form(three, only=last.pk) | {f"{name}-{last.pk}": ""}
    answer = priya.post("/day/send", fields)
    shown = answer.content.decode()
    assert answer.status_code == 422
    assert answer.context["on"].lines[2].code == code
    assert 'aria-invalid="true"' in shown
    assert f'name="reason-{last.pk}"' in shown
    assert not Message.objects.filter(purpose="three_part").exists()
    answer = priya.post("/day/send", {**fields, f"reason-{last.pk}": "She knows the rest."})
    assert answer.status_code == 302
    assert "1 without all three parts" in html(priya)


def test_nothing_written_is_refused(three: list[Case], priya: Client) -> None:
    answer = priya.post("/day/send", {"of": "it-support"})
    assert answer.status_code == 422
    assert "Write a line to one of them first." in answer.content.decode()


def test_two_members_on_one_line_collide_and_no_word_is_lost(
    desk: Desk, three: list[Case], priya: Client
) -> None:
    fields = form(three, only=three[0].pk)
    theirs = {**fields, f"working-{three[0].pk}": "Dele went to look at the terminal"}
    assert signed_in(desk.dele).post("/day/send", theirs).status_code == 302
    answer = priya.post("/day/send", fields)
    shown = answer.content.decode()
    assert answer.status_code == 409
    assert "Yusuf Demir has heard from us meanwhile" in shown
    assert "Dele went to look at the terminal" in shown
    assert TEXTS[0][0] in shown
    assert Message.objects.filter(purpose="three_part").count() == 1
    words = Draft.objects.get(case=three[0], member=desk.priya)
    assert (words.mode, words.text.startswith(TEXTS[0][0])) == ("reply", True)
    assert TEXTS[0][0] in html(priya, f"/cases/{three[0].pk}/?mode=reply")


def test_a_new_word_of_theirs_stops_the_line_and_is_shown(
    desk: Desk, three: list[Case], priya: Client
) -> None:
    fields = form(three, only=three[2].pk)
    three[2].hear(desk.daniel, "I cancel the scanning.")
    answer = priya.post("/day/send", fields)
    assert answer.status_code == 409
    shown = answer.content.decode()
    assert "I cancel the scanning." in shown
    newest = Case.objects.get(pk=three[2].pk).newest_message_id()
    assert f'name="seen-{three[2].pk}" value="{newest}"' in shown
    assert priya.post("/day/send", {**fields, f"seen-{three[2].pk}": newest}).status_code == 302


def test_what_is_typed_is_kept_as_a_draft_and_goes_when_it_is_emptied(
    three: list[Case], priya: Client
) -> None:
    answer = priya.post("/day/draft", form(three))
    assert answer["Content-Type"].startswith("text/plain")
    assert "Draft kept 16:33" in answer.content.decode()
    assert TEXTS[1][1] in html(priya)
    fields = form(three) | {f"received-{three[1].pk}": "", f"working-{three[1].pk}": ""}
    priya.post("/day/draft", fields)
    assert Draft.objects.filter(mode="sweep").count() == 2


def test_a_late_save_brings_no_sent_line_back(three: list[Case], priya: Client) -> None:
    fields = form(three)
    priya.post("/day/send", fields)
    priya.post("/day/draft", fields)
    assert not Draft.objects.exists()


def test_it_can_be_taken_back_from_here_and_stands_here_again(
    three: list[Case], priya: Client
) -> None:
    priya.post("/day/send", form(three, only=three[2].pk))
    message = Message.objects.get(purpose="three_part")
    to = f"/day/?of=it-support#line-{three[2].pk}"
    answer = priya.post(f"/messages/{message.pk}/take-back", {"next": to})
    assert answer["Location"] == to
    shown = html(priya)
    assert f'id="line-{three[2].pk}"' in shown
    assert TEXTS[2][0] in shown


# Exceptions and the end of the day


def test_an_exception_needs_a_name_and_a_reason(
    desk: Desk, three: list[Case], priya: Client
) -> None:
    pk = three[0].pk
    fields, leave = form(three), f"/cases/{pk}/leave"
    nameless = priya.post(leave, {**fields, f"why-{pk}": "On a plane"})
    assert nameless.status_code == 422
    assert "Say who decided this: choose a name." in nameless.content.decode()
    assert TEXTS[2][0] in nameless.content.decode()
    name = {f"who-{pk}": desk.marta.pk}
    assert priya.post(leave, {**fields, **name}).status_code == 422
    answer = priya.post(leave, {**fields, **name, f"why-{pk}": "On a plane"})
    assert answer.status_code == 302
    shown = html(priya)
    assert "Marta Nowak decided, 16:33: “On a plane” Priya wrote it down." in shown
    assert f'id="line-{pk}"' not in shown
    assert TEXTS[2][0] in shown
    on_the_case = html(priya, f"/cases/{pk}/")
    assert "Marta" in on_the_case
    assert "On a plane" in on_the_case
    assert DayException.objects.get().decided_by == desk.marta
    assert "“On a plane”" in html(signed_in(desk.jonas), "/silences/")
    assert priya.post(f"{leave}/undo").status_code == 302
    assert f'id="line-{pk}"' in html(priya)


def test_the_day_is_closed_by_name_and_only_when_nobody_waits(
    desk: Desk, three: list[Case], priya: Client, headers: dict[str, Any]
) -> None:
    refused = priya.post("/day/close", {"of": "it-support"}, **headers)
    assert refused.status_code == 409
    assert "3 customers have heard nothing from us." in refused.content.decode()
    priya.post("/day/send", form(three))
    assert priya.post("/day/close", {"of": "it-support"}, **headers).status_code in (204, 302)
    assert TeamDay.objects.get().closed_by == desk.priya
    assert "Priya Raman closed the day of IT support at 16:33" in html(priya)
    desk.at("2026-11-19 16:50")
    late = desk.heard(desk.ellen, "One more thing.")
    shown = html(priya)
    assert "After the day was closed" in shown
    assert f'id="line-{late.pk}"' in shown
    assert priya.post("/day/open-again", {"of": "it-support"}).status_code == 302
    assert priya.post("/day/close", {"of": "it-support"}).status_code == 409


def test_the_one_team_of_a_member_needs_no_name(desk: Desk, priya: Client) -> None:
    assert priya.post("/day/close").status_code == 302
    assert TeamDay.objects.get().team == desk.support


def test_nobody_sees_or_closes_the_day_of_a_team_that_is_not_theirs(
    desk: Desk, three: list[Case]
) -> None:
    ines = signed_in(desk.ines)
    assert ines.get("/day/?of=it-support").status_code == 404
    for url in ("/day/send", "/day/draft", "/day/close", "/day/open-again"):
        assert ines.post(url, form(three)).status_code == 404
    leave = f"/cases/{three[0].pk}/leave"
    assert ines.post(leave, {"who": desk.ines.pk, "why": "Later"}).status_code == 404
    # Lines of others that are smuggled in are no lines at all.
    answer = ines.post("/day/send", {**form(three), "of": "virtual-offices"})
    assert answer.status_code == 422
    assert not Message.objects.filter(direction="out").exists()
    assert signed_in(desk.jonas).get("/day/?of=it-support").status_code == 200


def test_a_light_member_looks_and_does_nothing(desk: Desk, three: list[Case]) -> None:
    luz = signed_in(desk.luz)
    shown = html(luz)
    assert "Is this really the deal?" in shown
    assert 'name="received-' not in shown
    assert luz.post("/day/close", {"of": "it-support"}).status_code == 403


def test_who_is_in_no_team_is_told_so(desk: Desk) -> None:
    assert "You are in no team" in html(signed_in(desk.olu), "/day/")


def test_hours_without_an_end_say_so_and_let_word_be_sent(
    desk: Desk, three: list[Case], priya: Client
) -> None:
    content = {"zone": "Europe/London", "hours": {"mon-sun": [["00:00", "24:00"]]}}
    desk.support.schedule = Schedule.objects.create(name="Always", content=content)
    desk.support.save()
    shown = html(priya)
    assert "The hours of IT support have no closing time" in shown
    assert "Close the day of" not in shown
    assert priya.post("/day/send", form(three)).status_code == 302
    assert priya.post("/day/close", {"of": "it-support"}).status_code == 409


def test_with_five_minutes_left_the_line_says_so(desk: Desk, three: list[Case]) -> None:
    desk.at("2026-11-19 16:56")
    assert "Five minutes or less" in html(signed_in(desk.priya))


def test_today_leads_here_once_it_has_begun(desk: Desk, three: list[Case], priya: Client) -> None:
    shown = html(priya, "/today/")
    assert 'href="/day/?of=it-support"' in shown
    assert "Send word to all three" in shown
    desk.at("2026-11-19 12:00")
    assert "Send word to all" not in html(priya, "/today/")


def test_the_page_asks_as_much_for_two_as_for_twenty(
    desk: Desk, questions: Callable[[Client, str], int]
) -> None:
    def fill(n: int, by: Member) -> int:
        for number in range(n):
            who = customer_of(f"person{number}@many.example", f"Person {number}")
            desk.heard(who, f"Words {number}")
            heard = desk.heard(who, f"More {number}")
            Acknowledgement(
                heard, by, Parts(f"Your words {number}", "I look", "first_thing"), seen=None
            ).commit()
        return questions(signed_in(by), "/day/?of=it-support")

    few = fill(2, desk.priya)
    assert fill(20, desk.priya) == few
    assert few <= 15
