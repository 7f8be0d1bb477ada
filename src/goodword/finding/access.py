"""The only door to views: one's own, those of one's teams, and everybody's."""

from django.db.models import Case, IntegerField, Q, QuerySet, Value, When
from django.http import Http404

from goodword.finding.models import View
from goodword.staff.models import Member


def visible_views(member: Member) -> QuerySet[View]:
    """In the order of the side: one's own, then the teams', then everybody's."""
    place = Case(
        When(owner=member, then=Value(0)),
        When(team__isnull=False, then=Value(1)),
        default=Value(2),
        output_field=IntegerField(),
    )
    return _theirs(member).filter(removed_at=None).order_by(place, "team", "position", "id")


def view_for(member: Member, pk: int, *, removed: bool = False) -> View:
    """The view, or 404; with `removed` also one that may be brought back."""
    view = _theirs(member).select_related("team").filter(pk=pk).first()
    if view is None or (view.removed_at is not None and not removed):
        raise Http404
    return view


def _theirs(member: Member) -> QuerySet[View]:
    shared = Q(owner=None, team=None) | Q(team__in=member.teams.values("pk"))
    return View.objects.filter(Q(owner=member) | shared)
