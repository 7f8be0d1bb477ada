"""Every act on a case: what it does, the way back, and what it answers with and without HTMX."""

import re
from typing import Any

import pytest
from django.test import Client

from goodword.cases.models import Case
from goodword.people.meeting import customer_of
from goodword.people.models import PinnedNote, SenderRule
from goodword.promises.models import MoveRequest
from tests.cast import Desk, london
from tests.desk.conftest import signed_in


def act(client: Client, case: Case, name: str, fields: Any = None, **headers: Any) -> Any:
    return client.post(f"/cases/{case.pk}/{name}", fields or {}, **headers)


def done(answer: Any, headers: dict[str, Any]) -> None:
    """A page goes back to the case; with HTMX a toast comes and the parts fetch themselves."""
    if headers:
        assert answer.status_code == 200
        assert 'class="toast"' in answer.content.decode()
        assert "casechanged" in answer["HX-Trigger"]
        assert answer["HX-Reswap"] == "none"
    else:
        assert answer.status_code == 302


def test_taking_twice_takes_once_and_somebody_else_is_refused(
    desk: Desk, priya: Client, headers: dict[str, Any]
) -> None:
    case = desk.heard()
    done(act(priya, case, "take", **headers), headers)
    done(act(priya, case, "take", **headers), headers)
    assert case.entries.filter(kind="taken").count() == 1
    late = act(signed_in(desk.dele), case, "take", **headers)
    assert late.status_code == 409
    assert "Somebody else took this case a moment ago." in late.content.decode()
    assert Case.objects.get().owner == desk.priya


def test_a_hand_over_takes_effect_when_it_is_accepted(
    desk: Desk, priya: Client, headers: dict[str, Any]
) -> None:
    case = desk.answered()
    assert "Marta Nowak" in priya.get(f"/cases/{case.pk}/hand").content.decode()
    done(act(priya, case, "offer", {"member": desk.marta.pk}, **headers), headers)
    assert Case.objects.get().owner == desk.priya
    marta = signed_in(desk.marta)
    assert "Priya asks you to take this case" in marta.get(case.get_absolute_url()).content.decode()
    done(act(marta, case, "accept", **headers), headers)
    assert Case.objects.get().owner == desk.marta
    assert desk.promise(case, "callback").owner == desk.marta
    assert act(signed_in(desk.dele), case, "accept", **headers).status_code == 409


def test_declining_leaves_it_where_it_was(desk: Desk, priya: Client) -> None:
    case = desk.answered()
    act(priya, case, "offer", {"member": desk.ines.pk})
    ines = signed_in(desk.ines)
    answer = act(ines, case, "decline")
    # Ines no longer sees it, so she is led to her inbox.
    assert answer["Location"] == "/inbox/"
    case.refresh_from_db()
    assert (case.owner, case.handing_to) == (desk.priya, None)


def test_offering_to_nobody_says_what_to_choose(
    desk: Desk, priya: Client, headers: dict[str, Any]
) -> None:
    case = desk.heard()
    answer = act(priya, case, "offer", {"member": ""}, **headers)
    assert answer.status_code == 422
    assert "Choose who is asked." in answer.content.decode()


def test_another_team_has_it_at_once_with_its_duty_person(
    desk: Desk, priya: Client, headers: dict[str, Any]
) -> None:
    case = desk.answered()
    answer = act(priya, case, "team", {"team": desk.offices.pk}, **headers)
    case.refresh_from_db()
    assert (case.team, case.owner, case.is_taken) == (desk.offices, desk.ines, False)
    to = answer["HX-Redirect"] if headers else answer["Location"]
    assert to == "/inbox/"


def test_needs_no_answer_rests_it_and_undo_wakes_it(
    desk: Desk, priya: Client, headers: dict[str, Any]
) -> None:
    case = desk.heard(text="Thanks!")
    answer = act(priya, case, "rest", **headers)
    done(answer, headers)
    shown = answer if headers else priya.get(case.get_absolute_url())
    assert f'action="/cases/{case.pk}/wake"' in shown.content.decode()
    assert Case.objects.get().move == "theirs"
    done(act(priya, case, "wake", **headers), headers)
    assert Case.objects.get().move == "ours"


def test_not_a_customer_needs_a_reason_and_can_make_a_rule(
    desk: Desk, priya: Client, headers: dict[str, Any]
) -> None:
    case = desk.heard(
        desk.daniel, text="Buy leads", fields={"from_address": "Daniel@reyes.example"}
    )
    bare = act(priya, case, "aside", {"rule": "on"}, **headers)
    assert bare.status_code == 422
    assert "Say what it is" in bare.content.decode()
    assert Case.objects.get().move == "ours"
    done(act(priya, case, "aside", {"reason": "pitch", "rule": "on"}, **headers), headers)
    assert Case.objects.get().move == "aside"
    assert SenderRule.for_sender("daniel@reyes.example") is not None
    done(act(priya, case, "back", **headers), headers)
    assert Case.objects.get().move == "ours"
    assert SenderRule.for_sender("daniel@reyes.example") is None


def test_what_was_set_aside_too_long_ago_stays(desk: Desk, priya: Client) -> None:
    case = desk.heard()
    case.set_aside("spam", by=desk.priya)
    desk.later(days=31)
    answer = act(priya, case, "back")
    assert answer.status_code == 409
    assert "more than thirty days ago" in answer.content.decode()


def test_only_the_owner_or_a_lead_decides_who_joins(
    desk: Desk, priya: Client, headers: dict[str, Any]
) -> None:
    case = desk.heard()
    stranger = customer_of("someone@else.example", "Someone Else")
    case.hear(stranger, "I have her link.", is_confirmed=False)
    fields = {"customer": stranger.pk}
    refused = act(signed_in(desk.dele), case, "let-in", fields, **headers)
    assert refused.status_code == 403
    done(act(priya, case, "let-in", fields, **headers), headers)
    assert case.participants.get(customer=stranger).role == "copy"
    assert act(priya, case, "part", fields, **headers).status_code == 409


def test_a_stranger_gets_a_case_of_their_own(desk: Desk, priya: Client) -> None:
    case = desk.heard()
    stranger = customer_of("someone@else.example", "Someone Else")
    case.hear(stranger, "My own matter.", is_confirmed=False)
    assert act(priya, case, "part", {"customer": stranger.pk}).status_code == 302
    new = Case.objects.get(customer=stranger)
    assert new.messages.get().text == "My own matter."
    html = priya.get(case.get_absolute_url()).content.decode()
    assert f'href="/cases/{new.pk}/"' in html


def test_pins_go_up_and_come_down(desk: Desk, priya: Client, headers: dict[str, Any]) -> None:
    case = desk.heard()
    assert act(priya, case, "pin", {"text": " "}, **headers).status_code == 422
    done(act(priya, case, "pin", {"text": "Call after noon."}, **headers), headers)
    note = PinnedNote.objects.get()
    done(act(priya, case, "unpin", {"note": note.pk}, **headers), headers)
    note.refresh_from_db()
    assert note.taken_down_at is not None
    elsewhere = PinnedNote.pin(desk.daniel, "Not here.", by=desk.marta)
    assert act(priya, case, "unpin", {"note": elsewhere.pk}, **headers).status_code == 422


# The customer's yes in their own words


@pytest.mark.parametrize(("means", "state"), [("settled", "settled"), ("not_yet", "in_progress")])
def test_the_customers_own_sentence_decides(
    desk: Desk, priya: Client, headers: dict[str, Any], means: str, state: str
) -> None:
    case = desk.asked()
    case.hear(desk.ellen, "Hello Priya! All fine, thank you. Bye.")
    html = priya.get(f"/cases/{case.pk}/mark").content.decode()
    assert "All fine, thank you." in html
    chosen = f"{desk.last(case).pk}:1"
    done(act(priya, case, "mark", {"sentence": chosen, "means": means}, **headers), headers)
    case.refresh_from_db()
    verdict = case.verdicts.get()
    assert (case.state, verdict.words) == (state, "All fine, thank you.")
    assert verdict.marked_by == desk.priya


@pytest.mark.parametrize(
    "fields",
    [
        {"means": "settled"},
        {"sentence": "%s:99", "means": "settled"},
        {"sentence": "words", "means": "settled"},
        {"sentence": "%s:0", "means": "sold"},
    ],
)
def test_nothing_but_a_sentence_of_theirs_settles(
    desk: Desk, priya: Client, headers: dict[str, Any], fields: dict[str, str]
) -> None:
    case = desk.asked()
    theirs = case.messages.get(direction="in").pk
    fields = {name: value.replace("%s", str(theirs)) for name, value in fields.items()}
    assert act(priya, case, "mark", fields, **headers).status_code == 422
    assert Case.objects.get().state == "asked"


def test_our_own_words_and_those_of_another_case_settle_nothing(desk: Desk, priya: Client) -> None:
    case = desk.asked()
    ours = desk.last(case)
    elsewhere = desk.last(desk.heard(text="All fine."))
    notes = case.note("She says all fine.", by=desk.priya)
    for message in (ours, elsewhere, notes):
        fields = {"sentence": f"{message.pk}:0", "means": "settled"}
        assert act(priya, case, "mark", fields).status_code in (403, 422)
    assert Case.objects.get(pk=case.pk).state == "asked"


def test_their_yes_to_another_time_moves_the_promise(desk: Desk, priya: Client) -> None:
    case = desk.answered()
    promise = desk.promise(case, "callback")
    case.hear(desk.ellen, "Monday at ten is fine.")
    fields = {"sentence": f"{desk.last(case).pk}:0", "means": "move", "promise": promise.pk}
    assert act(priya, case, "mark", fields).status_code == 422
    act(priya, case, "mark", {**fields, "to": "2026-11-23T10:00"})
    moved = desk.promise(case, "callback")
    assert (moved.due, moved.moved_from) == (london("2026-11-23 10:00"), promise)


def test_their_yes_to_the_time_that_we_asked_for_needs_no_time(desk: Desk, priya: Client) -> None:
    case = desk.answered()
    promise = desk.promise(case, "callback")
    to = london("2026-11-24 12:00")
    MoveRequest.ask(promise, to, by=desk.priya, reason="The part comes on Tuesday.")
    case.hear(desk.ellen, "That is fine.")
    fields = {"sentence": f"{desk.last(case).pk}:0", "means": "move", "promise": promise.pk}
    assert act(priya, case, "mark", fields).status_code == 302
    assert desk.promise(case, "callback").due == london("2026-11-24 12:00")
    assert MoveRequest.objects.get().state == "agreed"


# Who is here


def test_others_see_who_reads_and_who_writes(desk: Desk, priya: Client) -> None:
    case = desk.heard()
    dele = signed_in(desk.dele)
    assert "Dele" not in act(priya, case, "presence").content.decode()
    seen = act(dele, case, "presence", {"writing": "1"}).content.decode()
    assert "Priya is reading" in seen
    assert "Dele is writing here" in priya.get(f"/cases/{case.pk}/present").content.decode()
    desk.later(seconds=60)
    assert "Dele" not in priya.get(f"/cases/{case.pk}/present").content.decode()


def test_going_on_to_an_address_elsewhere_is_refused(desk: Desk, priya: Client) -> None:
    case = desk.heard()
    answer = act(priya, case, "take", {"next": "https://elsewhere.example/"})
    assert answer["Location"] == case.get_absolute_url()


def test_a_reader_who_is_shut_out_gets_no_copy_and_their_link_ends(desk: Desk) -> None:
    case = desk.answered()
    boss = customer_of("boss@whitcombe.example", "Boss Whitcombe")
    case.participants.create(customer=boss, role="copy")
    path = desk.link(case, boss).path
    assert signed_in(desk.dele).post(
        f"/cases/{case.pk}/shut-out", {"customer": boss.pk}
    ).status_code in {403, 409}
    signed_in(desk.priya).post(f"/cases/{case.pk}/shut-out", {"customer": boss.pk})
    assert Client().get(path).status_code == 404
    case.reply(by=desk.priya, text="More.", then="promise")
    assert not desk.last(case).copies.filter(address="boss@whitcombe.example").exists()


def test_a_link_in_the_wrong_hands_is_ended_and_the_next_mail_has_a_new_one(desk: Desk) -> None:
    case = desk.answered()
    old = desk.link(case).path
    signed_in(desk.priya).post(f"/cases/{case.pk}/new-link")
    assert Client().get(old).status_code == 404
    assert Client().get(desk.link(case).path).status_code == 200


def undone(browser: Client, answer: Any, headers: dict[str, Any]) -> Any:
    """Press Undo on the toast that an act left, on the page or in the part."""
    page = answer.content.decode() if headers else browser.get(answer["Location"]).content.decode()
    found = re.search(r'action="(/several/\d+/undo)"', page)
    assert found, "the toast offers no way back"
    return browser.post(found[1], **headers)


def test_taking_offering_and_giving_away_can_be_undone_at_once(
    desk: Desk, priya: Client, headers: dict[str, Any]
) -> None:
    case = desk.heard()
    before = (case.owner_id, None, case.team_id)
    acts = (("take", {}), ("offer", {"member": desk.dele.pk}), ("team", {"team": desk.offices.pk}))
    for name, typed in acts:
        state = (case.owner_id, case.taken_at, case.team_id, case.handing_to_id)
        answer = priya.post(f"/cases/{case.pk}/{name}", typed, **headers)
        case.refresh_from_db()
        assert (case.owner_id, case.taken_at, case.team_id, case.handing_to_id) != state
        if headers and answer.status_code == 204:
            # The team has it now, and Priya is no longer there: the toast waits on the inbox.
            answer = priya.get(answer["HX-Redirect"])
        back = undone(priya, answer, headers)
        assert back.status_code in {200, 302}
        case.refresh_from_db()
        assert (case.owner_id, case.taken_at, case.team_id, case.handing_to_id) == state
    assert (case.owner_id, case.taken_at, case.team_id) == before


def test_what_somebody_went_on_from_stays(desk: Desk, priya: Client) -> None:
    case = desk.heard()
    answer = priya.post(f"/cases/{case.pk}/take")
    case.refresh_from_db()
    case.offer_to(desk.dele, by=desk.priya)
    case.accept(by=desk.dele)
    page = priya.get(answer["Location"]).content.decode()
    undo = re.search(r'action="(/several/\d+/undo)"', page)
    answer = priya.post(undo[1])  # type: ignore[index]
    assert "Somebody went on with it since" in priya.get(answer["Location"]).content.decode()
    case.refresh_from_db()
    assert case.owner == desk.dele
