"""A team: its name, people, hours, and who is on duty when."""

from datetime import date
from typing import Any

from django.db.models import ProtectedError, RestrictedError
from django.utils.translation import gettext as _

from goodword import clock
from goodword.cases.duty import follow_rota, put_on_duty
from goodword.core.compare import change
from goodword.core.refusals import Refused
from goodword.journal.recording import record
from goodword.settings.changing import Subject, Values
from goodword.staff.joining import add_team
from goodword.staff.models import Business, Member, Schedule, Team, must_be_fit_for_duty
from goodword.staff.rights import Right

MOST_LINES = 40


class TeamSubject(Subject):
    """The team of that slug. Members are named by their mail address."""

    kind = "team"
    public = frozenset({"name", "hue", "hours"})
    defaults = {
        "name": "", "hue": 264, "members": [], "hours": "", "duty": "", "week": [], "covers": []
    }  # fmt: skip

    def team(self) -> Team | None:
        found = Team.objects.filter(slug=self.key).select_related("duty", "schedule")
        return found.prefetch_related("members").first()

    def values(self) -> Values | None:
        team = self.team()
        if team is None:
            return None
        addresses = _addresses()
        otherwise = team.rota.get("otherwise", team.duty_id)
        return {
            "name": team.name,
            "hue": team.hue,
            "members": sorted(each.email for each in team.members.all()),
            "hours": team.schedule.name if team.schedule else "",
            "duty": addresses[otherwise],
            "week": [{**each, "who": addresses[each["who"]]} for each in team.rota.get("week", [])],
            "covers": [
                {**each, "who": addresses[each["who"]], "for": addresses.get(each["for"], "")}
                for each in team.rota.get("covers", [])
            ],
        }

    def normal(self, to: Values) -> Values:
        whole = {**self.defaults, **to}
        name = " ".join(str(whole["name"]).split())
        if not 0 < len(name) <= 80:
            raise Refused("TEAM_NAME", _("Give the team a name of at most 80 letters."), 422)
        if not (isinstance(whole["hue"], int) and 0 <= whole["hue"] < 360):
            raise Refused("BAD_SETTING", _("A hue is a number from 0 to 359."), 422)
        known = {email.lower(): email for email in _addresses().values()}
        duty = _address(whole["duty"], known)
        named = {duty, *(_address(each, known) for each in whole["members"])}
        return {
            **whole,
            "name": name,
            "members": sorted(named),
            "duty": duty,
            "week": [_line(each, known) for each in whole["week"]],
            "covers": [_cover(each, known) for each in whole["covers"]],
        }

    def put(self, to: Values | None, *, by: Member | str) -> None:
        team = self.team()
        if to is None:
            if team is not None:
                _remove(team, by=by)
            return
        duty = person(to["duty"])
        now_on_duty = duty if duty.joined_at else _stand_in(team, by)
        must_be_fit_for_duty(now_on_duty)
        if Team.objects.filter(name__iexact=to["name"]).exclude(slug=self.key).exists():
            raise Refused("TEAM_NAME", _("There is a team of that name already."), 409)
        if team is None:
            team = add_team(to["name"], now_on_duty, by=by)
            change(team, {}, {"slug": self.key})
        change(team, {}, {"name": to["name"], "hue": to["hue"], "schedule": _hours(to["hours"])})
        team.members.set(Member.objects.filter(email__in=to["members"]))
        self._put_rota(team, to, duty, by=by)

    def _put_rota(self, team: Team, to: Values, duty: Member, *, by: Member | str) -> None:
        if duty.joined_at and not (to["week"] or to["covers"]):
            change(team, {}, {"rota": {}, "duty_until": None})
            if team.duty_id != duty.pk:
                put_on_duty(team, duty, by=by)
            return
        rota = {
            "otherwise": duty.pk,
            "week": [{**each, "who": _fit(each["who"])} for each in to["week"]],
            "covers": [
                {**each, "who": _fit(each["who"]),
                 "for": person(each["for"]).pk if each["for"] else None}
                for each in to["covers"]
            ],
        }  # fmt: skip
        change(team, {}, {"rota": rota})
        follow_rota(team.pk, by=by)


def person(address: Any) -> Member:
    """The member with that address. Refused, with the address, where there is none."""
    found = Member.objects.filter(email__iexact=str(address).strip()).first()
    if found is None:
        raise _nobody(address)
    return found


def _addresses() -> dict[int, str]:
    return dict(Member.objects.get_queryset().values_list("pk", "email"))


def _address(typed: Any, known: dict[str, str]) -> str:
    """As the member has it whom it is of; the same as `person`, for many at once."""
    found = known.get(str(typed).strip().lower())
    if found is None:
        raise _nobody(typed)
    return found


def _nobody(address: Any) -> Refused:
    sentence = _("Nobody here has the address “%(address)s”.") % {"address": address}
    return Refused("NO_MEMBER", sentence, 422)


def _fit(address: str) -> int:
    member = person(address)
    if member.joined_at:
        must_be_fit_for_duty(member)
    return member.pk


def _stand_in(team: Team | None, by: Member | str) -> Member:
    """Who answers until whoever was invited comes in, which the rota then sees."""
    if team is not None:
        return team.duty
    fit = Member.objects.active().able(Right.OWN)
    mine = fit.filter(pk=by.pk).first() if isinstance(by, Member) else None
    found = mine or fit.able(Right.SETTINGS).order_by("pk").first()
    if found is None:
        sentence = _("Nobody here can be on duty until those who are invited come in.")
        raise Refused("NO_OWNER", sentence, 422)
    return found


def _hours(name: str) -> Schedule | None:
    """The version of these hours that is in force; None for those of the business."""
    if not name:
        return None
    versions = Schedule.objects.filter(name=name, is_dropped=False)
    found = versions.order_by("-version").first()
    if found is None:
        sentence = _("There are no opening hours called “%(name)s”.") % {"name": name}
        raise Refused("NO_HOURS", sentence, 422)
    return found


def _line(line: Any, known: dict[str, str]) -> Values:
    said = {name: str(line.get(name, "")).strip() for name in ("days", "from", "to", "who")}
    try:
        # The clock says what is wrong with days and times, and writes them in one way.
        whole = {"zone": "UTC", "hours": {said["days"]: [[said["from"], said["to"]]]}}
        clock.Schedule.from_data(whole)
    except clock.ScheduleError as error:
        raise Refused("BAD_ROTA", _(error.sentence) % error.facts, 422) from error
    return {**said, "who": _address(said["who"], known)}


def _cover(cover: Any, known: dict[str, str]) -> Values:
    said = {name: str(cover.get(name) or "").strip() for name in ("from", "to", "for", "who")}
    said["to"] = said["to"] or said["from"]
    try:
        first, last = date.fromisoformat(said["from"]), date.fromisoformat(said["to"])
    except ValueError as error:
        sentence = _("A cover needs its first and its last day, like 2026-12-25.")
        raise Refused("BAD_ROTA", sentence, 422) from error
    if last < first:
        raise Refused("BAD_ROTA", _("The last day of a cover comes before its first."), 422)
    away = _address(said["for"], known) if said["for"] else ""
    if away == (who := _address(said["who"], known)):
        raise Refused("BAD_ROTA", _("Somebody who is away cannot cover for themselves."), 422)
    return {"from": said["from"], "to": said["to"], "for": away, "who": who}


def _remove(team: Team, *, by: Member | str) -> None:
    if Business.objects.filter(home_team=team).exists():
        sentence = _("New cases come to this team when no other is named, so it stays.")
        raise Refused("IN_USE", sentence)
    pk = team.pk
    try:
        team.delete()
    except (ProtectedError, RestrictedError) as error:
        sentence = _("Cases or mailboxes belong to this team, so it stays. Give it another name.")
        raise Refused("IN_USE", sentence) from error
    record(None, "team_removed", by=by, facts={"team": pk})
