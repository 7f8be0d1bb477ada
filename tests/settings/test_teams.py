"""Teams, and who is on duty when: the rota names them, covers stand in, nobody is left out."""

from datetime import timedelta
from typing import Any

import pytest

from goodword.cases.leaving import revoke
from goodword.cases.models import Case
from goodword.core.refusals import Refused
from goodword.journal.models import Entry
from goodword.settings.changing import save, undo
from goodword.settings.subjects import subject_of
from goodword.settings.subjects.teams import TeamSubject
from goodword.staff.models import Team
from goodword.staff.rota import Rota, fit_for_duty
from goodword.worker.tick import tick
from tests.cast import Desk, london
from tests.desk.conftest import signed_in

PRIYA, DELE, MARTA = (f"{name}@harbourlane.example" for name in ("priya", "dele", "marta"))
MORNINGS = {"days": "mon-fri", "from": "09:00", "to": "13:00", "who": DELE}


def support() -> TeamSubject:
    return TeamSubject("it-support")


def duty() -> str:
    return Team.objects.get(slug="it-support").duty.email


def test_the_rota_changes_the_duty_by_itself_and_cases_pass(desk: Desk) -> None:
    case = desk.heard()
    save(support(), {"week": [MORNINGS]}, by=desk.olu)
    assert duty() == PRIYA
    desk.at("2026-11-20 08:59")
    tick()
    assert duty() == PRIYA
    desk.at("2026-11-20 09:00")
    assert tick()["duties"] == 1
    assert duty() == DELE
    case.refresh_from_db()
    assert case.owner == desk.dele
    assert Entry.objects.get(kind="duty_changed").actor == "clock"
    assert not tick()["duties"]
    desk.at("2026-11-20 13:00")
    tick()
    assert duty() == PRIYA


def test_a_case_that_opens_asks_the_rota_even_before_the_tick(desk: Desk) -> None:
    save(support(), {"week": [MORNINGS]}, by=desk.olu)
    desk.at("2026-11-20 10:00")
    assert duty() == PRIYA
    desk.support.refresh_from_db()
    assert desk.heard().owner == desk.dele


def test_an_absence_is_a_cover(desk: Desk) -> None:
    cover = {"from": "2026-11-20", "to": "2026-11-23", "for": DELE, "who": MARTA}
    save(support(), {"week": [MORNINGS], "covers": [cover]}, by=desk.olu)
    for at, who in (
        ("2026-11-20 09:30", MARTA), ("2026-11-20 14:00", PRIYA), ("2026-11-23 09:30", MARTA),
        ("2026-11-24 09:30", DELE),
    ):  # fmt: skip
        desk.at(at)
        tick()
        assert duty() == who, at


def test_whoever_is_revoked_is_passed_over(desk: Desk) -> None:
    save(support(), {"week": [MORNINGS]}, by=desk.olu)
    revoke(desk.dele, by=desk.jonas)
    desk.at("2026-11-20 10:00")
    tick()
    assert duty() == PRIYA
    desk.support.refresh_from_db()
    assert desk.heard().owner == desk.priya


def test_a_night_turn_runs_past_midnight_and_over_a_change_of_clocks(desk: Desk) -> None:
    night = {"days": "mon-sun", "from": "22:00", "to": "06:00", "who": desk.dele.pk}
    rota = Rota({"otherwise": desk.priya.pk, "week": [night], "covers": []}, "Europe/London",
                fit_for_duty())  # fmt: skip
    turns = list(rota.ahead(london("2027-03-27 21:00"), london("2027-03-28 07:00")))
    assert [turn.who for turn in turns] == [desk.priya.pk, desk.dele.pk, desk.priya.pk]
    assert turns[1].until - turns[1].start == timedelta(hours=7)


def test_a_rota_that_is_taken_away_leaves_the_person_on_duty(desk: Desk) -> None:
    change = save(support(), {"week": [MORNINGS]}, by=desk.olu)
    assert change is not None
    undo(change, subject_of, by=desk.olu)
    team = Team.objects.get(slug="it-support")
    assert (team.rota, team.duty_until, duty()) == ({}, None, PRIYA)


@pytest.mark.parametrize(
    ("to", "code"),
    [
        ({"week": [{**MORNINGS, "to": "09:00"}]}, "BAD_ROTA"),
        ({"week": [{**MORNINGS, "days": "someday"}]}, "BAD_ROTA"),
        ({"week": [{**MORNINGS, "who": "nobody@x.example"}]}, "NO_MEMBER"),
        ({"covers": [{"from": "2026-12-02", "to": "2026-12-01", "for": "", "who": DELE}]},
         "BAD_ROTA"),
        ({"covers": [{"from": "2026-12-02", "to": "", "for": DELE, "who": DELE}]}, "BAD_ROTA"),
        ({"name": " "}, "TEAM_NAME"),
        ({"name": "Virtual offices"}, "TEAM_NAME"),
        ({"hours": "Nowhere"}, "NO_HOURS"),
        ({"duty": "nobody@x.example"}, "NO_MEMBER"),
        ({"hue": 400}, "BAD_SETTING"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused(desk: Desk, to: dict[str, Any], code: str) -> None:
    with pytest.raises(Refused, match=code):
        save(support(), to, by=desk.olu)


def test_a_new_duty_person_takes_over_what_nobody_took(desk: Desk) -> None:
    case = desk.heard()
    save(support(), {"duty": MARTA}, by=desk.olu)
    assert Case.objects.get(pk=case.pk).owner == desk.marta


def test_a_team_comes_and_goes_while_nothing_belongs_to_it(desk: Desk) -> None:
    olu = signed_in(desk.olu)
    assert olu.post("/settings/teams/new/", {"name": "Billing", "duty": MARTA}).status_code == 302
    new = Team.objects.get(slug="billing")
    seen = olu.get(f"/settings/teams/{new.pk}/").context["editing"].seen
    assert olu.post(f"/settings/teams/{new.pk}/remove/", {"seen": seen}).status_code == 302
    assert not Team.objects.filter(slug="billing").exists()
    seen = olu.get(f"/settings/teams/{desk.support.pk}/").context["editing"].seen
    refused = olu.post(f"/settings/teams/{desk.support.pk}/remove/", {"seen": seen})
    assert refused.status_code == 409 and Team.objects.filter(slug="it-support").exists()


def test_the_page_shows_who_would_be_on_duty_and_saves(desk: Desk) -> None:
    olu, url = signed_in(desk.olu), f"/settings/teams/{desk.support.pk}/"
    seen = olu.get(url).context["editing"].seen
    form = {"seen": seen, "name": "IT help", "hue": "264", "hours": "", "duty": PRIYA,
            "members": [PRIYA, DELE, MARTA], "line-0-days": "mon-fri", "line-0-from": "09:00",
            "line-0-to": "13:00", "line-0-who": DELE}  # fmt: skip
    tried = olu.post(url, {**form, "preview": "1"})
    assert tried.status_code == 200 and duty() == PRIYA
    assert [turn.who.given for turn in tried.context["ahead"][1][1]] == ["Priya", "Dele", "Priya"]
    bad = olu.post(url, {**form, "line-0-to": ""})
    assert bad.status_code == 422 and "IT help" in bad.content.decode()
    assert olu.post(url, form).status_code == 302
    team = Team.objects.get(slug="it-support")
    assert team.name == "IT help" and team.members.count() == 3
    assert olu.post(url, form).status_code == 409
