"""The saved views that are shared: a team's, or everybody's; a member's own are theirs alone."""

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from goodword.core.refusals import Refused
from goodword.finding.models import MOST_VIEWS, View, checked
from goodword.settings.changing import Subject, Values
from goodword.staff.models import Member, Team

# No team has a slug like this.
EVERYBODY = "*"


class Views(Subject):
    """The views of that team in their order; none is the same as no subject at all."""

    kind = "views"
    defaults = {"views": []}

    def team(self) -> Team | None:
        return None if self.key == EVERYBODY else Team.objects.filter(slug=self.key).first()

    def rows(self) -> QuerySet[View]:
        """Those that were removed as well, the last ones first to come back."""
        team = self.team()
        shared = View.objects.filter(owner=None, team=team)
        return shared if team or self.key == EVERYBODY else shared.none()

    def values(self) -> Values | None:
        there = self.rows().filter(removed_at=None)
        found = [_said(view) for view in there]
        return {"views": found} if found else None

    def normal(self, to: Values) -> Values:
        views = to.get("views", [])
        if not isinstance(views, list) or not all(_is_view(each) for each in views):
            sentence = _("Views are a list, and each of them has a name and a query.")
            raise Refused("BAD_SETTING", sentence, 422)
        if len(views) > MOST_VIEWS:
            sentence = _("At most %(n)s views are shared in one place.") % {"n": MOST_VIEWS}
            raise Refused("TOO_MANY", sentence, 422)
        return {"views": [checked(**each) for each in views]}

    def put(self, to: Values | None, *, by: Member | str) -> None:
        if self.key != EVERYBODY and self.team() is None:
            sentence = _("There is no team “%(team)s”.") % {"team": self.key[:60]}
            raise Refused("NO_TEAM", sentence, 422)
        left = list(self.rows().filter(removed_at=None))
        wanted = to["views"] if to else []
        known = [(said, _taken(left, said)) for said in wanted]
        for view in left:
            view.remove(by=by)
        View.arrange([self._kept(view, said, by=by) for said, view in known], by=by)

    def _kept(self, view: View | None, said: dict[str, str], *, by: Member | str) -> View:
        gone = self.rows().filter(removed_at__isnull=False, **said)
        view = view or gone.order_by("-removed_at", "-pk").first()
        if view is None:
            return View.keep(**said, by=by, team=self.team(), for_all=self.key == EVERYBODY)
        view.bring_back(by=by)
        view.rewrite(by=by, **said)
        return view


def _said(view: View) -> dict[str, str]:
    """As it would be kept now; what an older version kept is read as it reads it."""
    try:
        return checked(view.name, view.query)
    except Refused:
        return {"name": view.name, "query": view.query}


def _is_view(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and set(value) == {"name", "query"}
        and all(isinstance(each, str) for each in value.values())
    )


def _taken(left: list[View], said: dict[str, str]) -> View | None:
    """The one that is meant, taken from those that are left: the same, else the same name."""
    same = next((view for view in left if _said(view) == said), None)
    found = same or next((view for view in left if view.name == said["name"]), None)
    if found is not None:
        left.remove(found)
    return found
