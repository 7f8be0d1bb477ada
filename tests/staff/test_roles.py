"""Roles are data; what they may do is a fixed list, and none of it stands outside the clock."""

import pytest
from django.db.models import ProtectedError

from goodword.cases.access import visible_cases
from goodword.cases.leaving import revoke
from goodword.core.refusals import Refused
from goodword.promises.models import Promise
from goodword.staff.models import Role
from goodword.staff.rights import BUILT_IN, Right
from tests.cast import Desk, member
from tests.desk.conftest import signed_in


def test_every_right_has_a_sentence_and_somebody_who_has_it(desk: Desk) -> None:
    for right in Right:
        assert str(right.label).endswith(".")
        assert any(right in role.rights for role in BUILT_IN.values())
    assert BUILT_IN["leader"].rights == frozenset(Right)


def test_the_old_words_are_readings_of_rights(desk: Desk) -> None:
    def read(who: object) -> tuple[bool, bool, bool, bool]:
        return (who.is_lead, who.is_leader, who.may_operate, who.is_light)  # type: ignore[attr-defined]

    assert read(desk.priya) == (False, False, False, False)
    assert read(desk.marta) == (True, False, False, False)
    assert read(desk.jonas) == (True, True, True, False)
    assert read(desk.olu) == (False, False, True, False)
    assert read(desk.luz) == (False, False, False, True)


def test_a_role_that_was_made_has_the_rights_that_it_says_and_no_unknown_one(desk: Desk) -> None:
    Role.objects.create(slug="evening", name="Evening", own_rights=["answer", "see_all", "fly"])
    eve = member("Eve Ning", "evening")
    case = desk.heard()
    assert eve.rights == {Right.ANSWER, Right.SEE_ALL}
    assert case in visible_cases(eve)
    assert eve in type(eve).objects.active().able(Right.SEE_ALL)
    with pytest.raises(Refused, match="NO_OWNER"):
        case.take(by=eve)
    with pytest.raises(ProtectedError):
        Role.objects.get(pk="evening").delete()


def test_what_a_role_may_do_is_put_back_from_its_page(desk: Desk) -> None:
    jonas = signed_in(desk.jonas)
    jonas.post("/settings/roles/new/", {"name": "Evening", "right": ["answer", "own"]})
    page = jonas.get("/settings/roles/evening/").context["editing"]
    sent = {"name": "Evening", "right": ["answer", "sign"], "seen": page.seen}
    jonas.post("/settings/roles/evening/", sent)
    role = Role.objects.get(pk="evening")
    assert role.rights == {Right.ANSWER, Right.SIGN}
    late = jonas.post("/settings/roles/evening/", {**sent, "right": ["see_all"]})
    assert late.status_code == 409 and "sign" in late.content.decode()
    undo = late.context["past"][0].undo
    assert signed_in(desk.priya).post(undo).status_code == 403
    # Whoever has not the right to sign takes nothing back that gave it.
    signed_in(desk.olu).post(undo)
    role.refresh_from_db()
    assert Right.SIGN in role.rights
    jonas.post(undo)
    role.refresh_from_db()
    assert role.rights == {Right.ANSWER, Right.OWN}
    jonas.post("/settings/roles/evening/remove/")
    assert not Role.objects.filter(pk="evening").exists()
    gone = jonas.get("/settings/roles/").context["past"][0]
    jonas.post(gone.undo)
    assert Role.objects.get(pk="evening").rights == {Right.ANSWER, Right.OWN}


def test_without_the_right_to_its_teams_a_member_sees_what_they_are_let_into(desk: Desk) -> None:
    Role.objects.create(slug="only", name="Only", own_rights=["own", "answer"])
    only = member("Only Mine", "only")
    desk.support.members.add(only)
    case = desk.heard()
    assert case not in visible_cases(only)
    case.offer_to(only, by=desk.priya)
    assert case in visible_cases(only)


def test_a_light_member_reads_and_notes_and_nothing_else(desk: Desk) -> None:
    case = desk.answered()
    luz = signed_in(desk.luz)
    page = luz.get(case.get_absolute_url())
    assert page.status_code == 200
    sent = luz.post(f"/cases/{case.pk}/note", {"text": "I know this router."})
    assert sent.status_code == 302
    assert desk.last(case).text == "I know this router."
    for act in ("reply", "take", "call", "rest", "aside"):
        assert luz.post(f"/cases/{case.pk}/{act}", {"text": "Hello"}).status_code == 403
    for verb in (
        lambda: case.reply(by=desk.luz, text="Hello", then="ask"),
        lambda: case.log_call("Hello", by=desk.luz, answers=True),
        lambda: case.rest(by=desk.luz),
        lambda: case.give_to_team(desk.offices, by=desk.luz),
        lambda: Promise.make(case, "callback", "I call", by=desk.luz, form="within:60"),
    ):
        with pytest.raises(Refused, match="NOT_YOUR_RIGHT"):
            verb()


def test_a_light_member_owns_nothing_and_is_never_on_duty(desk: Desk) -> None:
    case = desk.answered()
    for verb in (
        lambda: case.take(by=desk.luz),
        lambda: case.offer_to(desk.luz, by=desk.priya),
        lambda: desk.promise(case, "callback").hand_to(desk.luz, by=desk.priya),
        lambda: desk.support.put_on_duty(desk.luz, by=desk.jonas),
    ):
        with pytest.raises(Refused, match="NO_OWNER"):
            verb()
    assert "Luz" not in signed_in(desk.priya).get(f"/cases/{case.pk}/hand").content.decode()


def test_whoever_takes_over_has_the_right_to_lead_and_to_own(desk: Desk) -> None:
    Role.objects.create(slug="voice", name="Voice", own_rights=["lead", "answer"])
    desk.offices.members.add(member("Ann Only", "voice"))
    case = desk.heard(team=desk.offices)
    revoke(desk.ines, by=desk.olu)
    case.refresh_from_db()
    assert case.owner == desk.jonas


def test_a_light_member_sees_the_words_and_none_of_the_acts(desk: Desk) -> None:
    case = desk.heard()
    luz, priya = signed_in(desk.luz), signed_in(desk.priya)
    for path in (case.get_absolute_url(), f"/inbox/?case={case.pk}"):
        theirs, ours = (who.get(path).content.decode() for who in (luz, priya))
        assert "The server is down again." in theirs
        for act in ("reply", "take"):
            assert f'action="/cases/{case.pk}/{act}"' not in theirs
        assert f'action="/cases/{case.pk}/reply"' in ours
    assert f"/cases/{case.pk}/note" in luz.get(case.get_absolute_url()).content.decode()
