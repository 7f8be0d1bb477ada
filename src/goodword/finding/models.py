"""What searching keeps for itself; all of it but the views can be made anew from the rest."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import models, transaction
from django.utils.functional import Promise as LazyText
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from goodword.core.compare import change
from goodword.core.refusals import Refused
from goodword.core.time import now
from goodword.finding.parsing import parse
from goodword.journal.recording import record
from goodword.staff.models import Business, Member, Team

MOST_VIEWS = 20
# What a new desk begins with, for everybody.
DEFAULTS: list[tuple[LazyText, str]] = [
    (_("With me"), "owner:me is:open"),
    (_("A promise is broken"), "promise:broken is:open"),
    (_("Due within a day"), "promise:due<1d is:open"),
    (_("Nobody has it"), "owner:nobody is:ours"),
]


class Stale(models.Model):
    """Something that was written since the index last looked; triggers put it here.

    Never alter this table: SQLite would make it anew while the triggers still name it.
    """

    kind = models.CharField(max_length=10)  # message, case, customer, account
    subject = models.BigIntegerField()


class Filling(models.Model):
    """How far the index was filled from what is stored: newest first, down to nought."""

    kind = models.CharField(max_length=10, unique=True)  # customer, account, message
    below = models.BigIntegerField()  # all from here up is in the index
    start = models.BigIntegerField()


class Name(models.Model):
    """A name, an address or a number by which somebody is found."""

    kind = models.CharField(max_length=10)  # customer, account
    subject = models.BigIntegerField()
    text = models.CharField(max_length=320)
    is_name = models.BooleanField(default=False)

    class Meta:
        indexes = [models.Index(fields=["kind", "subject"], name="name_subject")]


class Code(models.Model):
    """A number of an order, an invoice or the like that stands in a message."""

    code = models.CharField(max_length=32)
    message = models.ForeignKey("cases.Message", models.CASCADE, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["code", "-message"], name="code_message")]


class View(models.Model):
    """A question that is asked often, kept under a name: one's own, a team's, or everybody's."""

    name = models.CharField(max_length=60)
    query = models.CharField(max_length=500)
    owner = models.ForeignKey(Member, models.CASCADE, null=True, blank=True, related_name="views")
    team = models.ForeignKey(Team, models.CASCADE, null=True, blank=True, related_name="views")
    position = models.PositiveIntegerField(default=0)
    made_at = models.DateTimeField(default=now)
    removed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["position", "id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(owner=None) | models.Q(team=None), name="view_of_one"
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_own(self) -> bool:
        return self.owner_id is not None

    @property
    def is_for_all(self) -> bool:
        return self.owner_id is None and self.team_id is None

    def may_be_changed_by(self, member: Member) -> bool:
        """One's own by oneself, a team's by its leads, everybody's by who leads the whole."""
        if self.owner_id is not None:
            return self.owner_id == member.pk
        if self.team_id is None:
            return member.is_leader
        return member.is_leader or (
            member.is_lead and member.teams.filter(pk=self.team_id).exists()
        )

    @classmethod
    @transaction.atomic
    def keep(
        cls,
        name: str,
        query: str,
        *,
        by: Member | str,
        team: Team | None = None,
        for_all: bool = False,
    ) -> View:
        """A new view, the last of its kind."""
        owner = by if isinstance(by, Member) and team is None and not for_all else None
        view = cls(owner=owner, team=team, **checked(name, query))
        view._must_be_changed_by(by)
        there = cls.objects.filter(owner=owner, team=team, removed_at=None)
        if there.count() >= MOST_VIEWS:
            sentence = _("There are %(n)s views here already. Remove one that nobody opens.")
            raise Refused("TOO_MANY", sentence % {"n": MOST_VIEWS})
        last = there.aggregate(last=models.Max("position"))["last"]
        view.position = 0 if last is None else last + 1
        view.save()
        record(None, "view_saved", by=by, facts=view._facts())
        return view

    @transaction.atomic
    def rewrite(self, *, by: Member | str, name: str, query: str) -> None:
        self._must_be_changed_by(by)
        to = checked(name, query)
        was = {"name": self.name, "query": self.query, "removed_at": None}
        if to == {"name": self.name, "query": self.query}:
            return
        if not change(self, was, to):
            raise Refused("CHANGED", _("Somebody changed this view meanwhile. Open it again."))
        record(None, "view_changed", by=by, facts=self._facts())

    @transaction.atomic
    def move(self, *, by: Member, up: bool) -> None:
        """Change places with its neighbour."""
        self._must_be_changed_by(by)
        rows = View.objects.select_for_update().filter(
            owner=self.owner_id, team=self.team_id, removed_at=None
        )
        order = list(rows.order_by("position", "id"))
        at = next((place for place, row in enumerate(order) if row.pk == self.pk), None)
        to = None if at is None else at + (-1 if up else 1)
        if at is None or to is None or not 0 <= to < len(order):
            return
        order[at], order[to] = order[to], order[at]
        for place, row in enumerate(order):
            change(row, {}, {"position": place})
        record(None, "view_changed", by=by, facts=self._facts())

    @classmethod
    @transaction.atomic
    def arrange(cls, order: Sequence[View], *, by: Member | str) -> None:
        """All views of one kind, in this order."""
        if [view.pk for view in order] == [
            view.pk for view in sorted(order, key=lambda view: (view.position, view.pk))
        ]:
            return
        for place, view in enumerate(order):
            view._must_be_changed_by(by)
            change(view, {}, {"position": place})
        record(None, "view_changed", by=by, facts=order[0]._facts())

    @transaction.atomic
    def remove(self, *, by: Member | str) -> bool:
        """Nobody sees it any more; it can be brought back."""
        self._must_be_changed_by(by)
        removed = change(self, {"removed_at": None}, {"removed_at": now()})
        if removed:
            record(None, "view_removed", by=by, facts=self._facts())
        return removed

    @transaction.atomic
    def bring_back(self, *, by: Member | str) -> bool:
        self._must_be_changed_by(by)
        is_back = change(self, {"removed_at__isnull": False}, {"removed_at": None})
        if is_back:
            record(None, "view_brought_back", by=by, facts=self._facts())
        return is_back

    def _must_be_changed_by(self, by: Member | str) -> None:
        if isinstance(by, Member) and not self.may_be_changed_by(by):
            sentence = _("This view is shared. A lead of the team may change it.")
            raise Refused("NOT_YOURS", sentence, 403)

    def _facts(self) -> dict[str, object]:
        return {"view": self.pk, "team": self.team_id}


def default_views() -> int:
    """Make the views of a new desk; how many. None where there are or were any."""
    business = Business.objects.first()
    if business is None or View.objects.exists():
        return 0
    with override(business.language):
        rows = [
            View(name=str(name), query=query, position=place)
            for place, (name, query) in enumerate(DEFAULTS)
        ]
    return len(View.objects.bulk_create(rows))


def checked(name: str, query: str) -> dict[str, str]:
    """Name and question as they are kept. Refused where one is missing or not understood."""
    plain = " ".join(name.split())[:60]
    if not plain:
        raise Refused("NO_NAME", _("Give the view a name."), 422)
    asked = parse(query)
    if asked.doubts:
        sentence = _("“%(typed)s” is not understood. Put it right, or write it as words.")
        raise Refused("NO_FILTER", sentence % {"typed": asked.doubts[0].typed}, 422)
    if not asked:
        raise Refused("NO_TEXT", _("Say what the view is to find."), 422)
    return {"name": plain, "query": str(asked)}
