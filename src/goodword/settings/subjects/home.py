"""The team that new cases come to when nothing else names one."""

from django.utils.translation import gettext as _

from goodword.core.compare import change
from goodword.core.refusals import Refused
from goodword.settings.changing import Subject, Values
from goodword.staff.models import Business, Member, Team


class Home(Subject):
    kind = "home"
    public = frozenset({"team"})
    defaults = {"team": ""}

    def values(self) -> Values | None:
        team = Business.current().home_team
        return {"team": team.slug if team else ""}

    def put(self, to: Values | None, *, by: Member | str) -> None:
        found = Team.objects.filter(slug=to["team"]).first() if to else None
        if found is None:
            raise Refused("NO_TEAM", _("Choose the team that new cases come to."), 422)
        change(Business.objects.get(), {}, {"home_team": found})
