"""MAYDAY: a customer's business is stopped, and who was paged for it (R08)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import Q

from goodword.core.compare import change
from goodword.core.time import now
from goodword.journal.recording import record
from goodword.people.models import Customer
from goodword.promises.kinds import State
from goodword.promises.models import Promise
from goodword.staff.models import Member

if TYPE_CHECKING:
    from goodword.cases.models.case import Case


_PEOPLE = ("taken_by", "callback", "customer", "noted_by")


class Mayday(models.Model):
    """One call for help in a case; the verbs are in cases/mayday.py.

    It stands until a person of ours stands it down or the case ends. While nobody has it, the
    next of the chain is paged at `next_page_at`.
    """

    case = models.ForeignKey("cases.Case", models.PROTECT, related_name="maydays")
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="+")
    called_at = models.DateTimeField()
    noted_by = models.ForeignKey(Member, models.PROTECT, null=True, related_name="+")
    callback = models.OneToOneField(Promise, models.PROTECT, related_name="mayday")
    # So many came in from there that nobody is woken for this one; it is in every list all the same
    is_quiet = models.BooleanField(default=False)
    nobody_on_call = models.BooleanField(default=False)
    next_page_at = models.DateTimeField(null=True, blank=True)
    taken_by = models.ForeignKey(Member, models.PROTECT, null=True, related_name="+")
    taken_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(Member, models.PROTECT, null=True, related_name="+")
    reason = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case"], condition=Q(ended_at=None), name="mayday_stands_once"
            )
        ]
        indexes = [
            models.Index(
                fields=["next_page_at"],
                condition=Q(next_page_at__isnull=False),
                name="mayday_next_page",
            ),
            models.Index(fields=["customer", "called_at"], name="mayday_customer"),
        ]

    def __str__(self) -> str:
        return f"MAYDAY {self.pk}"

    @classmethod
    def standing(cls, case: Case) -> Mayday | None:
        return cls.objects.select_related(*_PEOPLE).filter(case=case, ended_at=None).first()

    @property
    def was_answered(self) -> bool:
        """Somebody has it, and the call that was promised is kept, or long due."""
        return self.taken_at is not None and self.callback.state != State.OPEN

    def end(self, reason: str, *, by: Member | Customer | str) -> bool:
        """It stands no more. Inside `case.held()`."""
        to: dict[str, Any] = {"ended_at": now(), "reason": reason[:300], "next_page_at": None}
        if isinstance(by, Member):
            to["ended_by"] = by
        if not change(self, {"ended_at": None}, to):
            return False
        change(self.case, {}, {"is_mayday": False})
        record(self.case, "mayday_stood_down", by=by, facts={"mayday": self.pk})
        return True


class Paging(models.Model):
    """One member who was paged for a MAYDAY: once in each round through the chain."""

    mayday = models.ForeignKey(Mayday, models.PROTECT, related_name="pagings")
    member = models.ForeignKey(Member, models.PROTECT, related_name="+")
    round = models.PositiveSmallIntegerField(default=0)
    at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["mayday", "member", "round"], name="paged_once")
        ]

    @classmethod
    def of_standing(cls, case: Case) -> list[Paging]:
        """Who was paged for the one that stands in the case, with it."""
        with_it = cls.objects.select_related("member", *(f"mayday__{each}" for each in _PEOPLE))
        return list(with_it.filter(mayday__case=case, mayday__ended_at=None))


def end_with_case(case: Case) -> None:
    """The case has ended or is no customer's, so nobody is woken for it any more."""
    mayday = Mayday.standing(case)
    if mayday is not None:
        mayday.case = case
        mayday.end("case_ended", by="system")
