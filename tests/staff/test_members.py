"""Who may give which role to whom; every change is seen, and its undo puts it back."""

import re
from pathlib import Path

import pytest
from django.test import Client

from goodword.cases.leaving import appoint, revoke
from goodword.cases.models import Case
from goodword.core.refusals import Refused
from goodword.journal.models import Entry
from goodword.staff.appointing import change_rights, make_role, remove_role
from goodword.staff.models import Member, Role, Session
from goodword.worker.nudging import Listeners, read_since
from tests.cast import Desk, member
from tests.desk.conftest import signed_in
from tests.staff.ways import letters, link_in, sign_in


def undo_on(browser: Client, page: str) -> str:
    found = re.search(r'class="toast".*?<form method="post" action="([^"]+)"', page, re.S)
    assert found, page
    return found.group(1).replace("&amp;", "&")


def test_an_operator_invites_and_the_page_says_who_is_on_the_way(
    desk: Desk, tmp_path: Path
) -> None:
    olu = signed_in(desk.olu)
    sent = olu.post(
        "/settings/members/invite/",
        {"name": "Nia Obi", "email": "nia@harbourlane.example", "role": "light",
         "team": [desk.support.pk]},
        follow=True,
    )  # fmt: skip
    assert "Invited, not here yet" in sent.content.decode()
    came = Client()
    assert came.post(link_in(letters(tmp_path)[0][2]), {"name": "Nia Obi"})["Location"] == "/me/"
    assert came.get("/inbox/").status_code == 200
    assert "Invited, not here yet" not in olu.get("/settings/members/").content.decode()


def test_what_was_typed_stays_where_an_invitation_cannot_be(desk: Desk) -> None:
    olu = signed_in(desk.olu)
    page = olu.post(
        "/settings/members/invite/",
        {"name": "Priya Again", "email": desk.priya.email, "role": "agent"},
    )
    assert page.status_code == 409
    assert 'value="Priya Again"' in page.content.decode()


def test_an_invitation_role_and_teams_are_undone_by_one_button(desk: Desk) -> None:
    jonas = signed_in(desk.jonas)
    one = f"/settings/members/{desk.dele.pk}/"
    page = jonas.post(f"{one}role/", {"role": "lead"}, follow=True).content.decode()
    desk.dele.refresh_from_db()
    assert desk.dele.role_id == "lead"
    jonas.post(undo_on(jonas, page), follow=True)
    desk.dele.refresh_from_db()
    assert desk.dele.role_id == "agent"
    page = jonas.post(f"{one}teams/", {"team": [desk.offices.pk]}, follow=True).content.decode()
    assert list(desk.dele.teams.all()) == [desk.offices]
    jonas.post(undo_on(jonas, page), follow=True)
    assert list(desk.dele.teams.all()) == [desk.support]
    page = jonas.post(f"{one}revoke/", follow=True).content.decode()
    jonas.post(undo_on(jonas, page), follow=True)
    desk.dele.refresh_from_db()
    assert desk.dele.is_active
    before = Member.objects.count()
    page = jonas.post(
        "/settings/members/invite/",
        {"name": "Nia", "email": "nia@harbourlane.example", "role": "agent"}, follow=True,
    ).content.decode()  # fmt: skip
    jonas.post(undo_on(jonas, page), follow=True)
    assert Member.objects.count() == before
    kinds = set(Entry.objects.filter(member=desk.jonas).values_list("kind", flat=True))
    assert {"role_changed", "teams_changed", "member_revoked", "member_restored",
            "member_invited", "invitation_withdrawn"} <= kinds  # fmt: skip


def test_nobody_raises_their_own_rights(desk: Desk) -> None:
    olu = signed_in(desk.olu)
    for who, role in ((desk.olu, "leader"), (desk.dele, "leader"), (desk.marta, "agent")):
        before = who.role_id
        olu.post(f"/settings/members/{who.pk}/role/", {"role": role})
        who.refresh_from_db()
        assert who.role_id == before
    options = olu.get(f"/settings/members/{desk.dele.pk}/").content.decode()
    assert 'value="leader"' not in options
    with pytest.raises(Refused, match="NOT_YOURS_TO_GIVE"):
        make_role("Mine", ["see_all"], by=desk.olu)
    with pytest.raises(Refused, match="NOT_YOUR_RIGHT"):
        make_role("Mine", ["answer"], by=desk.priya)
    made = make_role("Runs it", ["answer", "members", "operate"], by=desk.olu)
    appoint(desk.dele, made, by=desk.olu)
    with pytest.raises(Refused, match="NOT_YOURSELF"):
        change_rights(made, "", ["answer", "members", "operate", "sign"], by=desk.dele)
    with pytest.raises(Refused, match="NOT_YOURSELF"):
        appoint(desk.jonas, Role.objects.get(pk="agent"), by=desk.jonas)
    for act in ("revoke", "reset", "factors", "teams"):
        olu.post(f"/settings/members/{desk.jonas.pk}/{act}/")
    desk.jonas.refresh_from_db()
    assert desk.jonas.is_active
    assert not Entry.objects.filter(kind__in=("reset_sent", "member_revoked")).exists()


def test_the_last_leader_and_the_last_operator_stay(desk: Desk) -> None:
    with pytest.raises(Refused, match="LAST_LEADER"):
        revoke(desk.jonas, by="system")
    with pytest.raises(Refused, match="LAST_LEADER"):
        appoint(desk.jonas, Role.objects.get(pk="agent"), by="system")
    second = member("Lena Leader", "leader")
    desk.offices.members.add(second)
    revoke(desk.olu, by="system")
    revoke(desk.jonas, by="system")
    with pytest.raises(Refused, match="LAST_OPERATOR"):
        appoint(second, Role.objects.get(pk="lead"), by="system")
    desk.jonas.refresh_from_db()
    assert not desk.jonas.is_active


def test_whoever_may_own_nothing_any_more_hands_on_what_they_have(desk: Desk) -> None:
    case = desk.answered()
    appoint(desk.priya, Role.objects.get(pk="light"), by=desk.jonas)
    case = Case.objects.get(pk=case.pk)
    assert case.owner == desk.marta
    assert set(case.promises.open().values_list("owner", flat=True)) == {desk.marta.pk}
    desk.support.refresh_from_db()
    assert desk.support.duty == desk.marta


def test_a_role_is_made_changed_and_removed_and_holds_from_the_next_page(desk: Desk) -> None:
    jonas = signed_in(desk.jonas)
    jonas.post("/settings/roles/new/", {"name": "Evening", "right": ["answer", "see_team", "own"]})
    jonas.post(f"/settings/members/{desk.dele.pk}/role/", {"role": "evening"})
    dele = signed_in(desk.dele)
    case = desk.heard(team=desk.offices)
    assert dele.get(case.get_absolute_url()).status_code == 404
    seen = jonas.get("/settings/roles/evening/").context["editing"].seen
    rights = ["answer", "see_team", "own", "see_all"]
    changed = jonas.post(
        "/settings/roles/evening/", {"name": "Evening", "right": rights, "seen": seen}
    )
    assert changed.status_code == 302
    assert dele.get(case.get_absolute_url()).status_code == 200
    for role, code in (("evening", "ROLE_IN_USE"), ("agent", "BUILT_IN")):
        with pytest.raises(Refused, match=code):
            remove_role(Role.objects.get(pk=role), by=desk.jonas)
    assert jonas.post("/settings/roles/agent/", {"right": ["answer"]}).status_code == 422
    jonas.post(f"/settings/members/{desk.dele.pk}/role/", {"role": "agent"})
    jonas.post("/settings/roles/evening/remove/")
    assert not Role.objects.filter(pk="evening").exists()
    assert dele.get(case.get_absolute_url()).status_code == 404


def test_a_second_factor_is_asked_of_one_role_or_of_all(desk: Desk) -> None:
    jonas = signed_in(desk.jonas)
    jonas.post("/settings/roles/second-factor/", {"role": "lead", "days": "14"})
    assert Role.objects.get(pk="lead").second_factor_after == 14
    jonas.post("/settings/roles/second-factor/", {"role": "*", "days": "0"})
    assert set(Role.objects.values_list("second_factor_after", flat=True)) == {0}
    assert sign_in(desk.dele.email).get("/today/")["Location"] == "/me/"
    jonas.post("/settings/roles/second-factor/", {"role": "*", "days": ""})
    assert sign_in(desk.dele.email).get("/today/").status_code == 200


def test_access_that_ends_is_ended_everywhere_at_once(desk: Desk) -> None:
    browser = sign_in(desk.dele.email)
    listeners = Listeners()
    key = browser.cookies["goodword_session"].value
    viewer = listeners.authenticate({"goodword_session": key})
    assert viewer is not None and not listeners.is_shut_out(viewer)
    cursor, _none = read_since(None)
    revoke(desk.dele, by=desk.jonas)
    for nudge in read_since(cursor)[1]:
        listeners.sees(viewer, nudge)
    assert listeners.is_shut_out(viewer), "the open stream ends with the next nudge"
    assert listeners.authenticate({"goodword_session": key}) is None
    assert browser.get("/today/").status_code == 302
    assert not Session.objects.filter(member=desk.dele).exists()


def test_one_session_that_ends_shuts_its_own_stream_and_no_other(desk: Desk) -> None:
    here, there = sign_in(desk.dele.email), sign_in(desk.dele.email)
    listeners = Listeners()
    viewers = [
        listeners.authenticate({"goodword_session": each.cookies["goodword_session"].value})
        for each in (here, there)
    ]
    cursor, _none = read_since(None)
    here.post("/me/sessions/end/")
    for nudge in read_since(cursor)[1]:
        for viewer in viewers:
            listeners.sees(str(viewer), nudge)
    assert [listeners.is_shut_out(str(viewer)) for viewer in viewers] == [False, True]
