"""Verdict: the customer's word on a case. Never changed; a later one supersedes it."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from goodword.cases.models.acts import CustomerAct, must_be_an_act
from goodword.core.compare import change
from goodword.core.refusals import Refused
from goodword.core.time import now
from goodword.journal.models import digest_of_words
from goodword.journal.recording import record
from goodword.people.models import Customer, new_salt
from goodword.staff.models import Member


class Degree(models.TextChoices):
    """How satisfied they are, as R74 names it."""

    FLAWLESS = "flawless", _("Flawless")
    EXCELLENT = "excellent", _("Excellent")
    GOOD = "good", _("Good")
    ACCEPTABLE = "acceptable", _("Acceptable")
    POOR = "poor", _("Poor")
    UNACCEPTABLE = "unacceptable", _("Unacceptable")


LOW = (Degree.POOR, Degree.UNACCEPTABLE)


class Verdict(models.Model):
    case = models.ForeignKey("cases.Case", models.PROTECT, related_name="verdicts")
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="verdicts")
    is_settled = models.BooleanField()
    degree = models.CharField(max_length=14, choices=Degree.choices, blank=True)
    words = models.TextField(blank=True)
    at = models.DateTimeField(default=now)
    link = models.ForeignKey("cases.CaseLink", models.PROTECT, null=True, related_name="+")
    message = models.ForeignKey("cases.Message", models.PROTECT, null=True, related_name="verdicts")
    marked_by = models.ForeignKey(Member, models.PROTECT, null=True, related_name="+")
    mirrored_in = models.ForeignKey(
        "cases.Message", models.PROTECT, null=True, related_name="mirrors"
    )
    undone_at = models.DateTimeField(null=True, blank=True)
    salt = models.CharField(max_length=16, default=new_salt)

    class Meta:
        indexes = [models.Index(fields=["case", "-at"], name="verdict_case_at")]

    def digest(self) -> str:
        return digest_of_words(self.salt, f"{self.is_settled} {self.degree} {self.words}")

    def undo(self, act: CustomerAct) -> None:
        """“That is not what I said”: how we understood their words is withdrawn."""
        must_be_an_act(act)
        act.must_be_for(self.case)
        if self.message_id is None:
            raise Refused("NOT_MARKED", _("This was said by the customer on their own page."))
        with self.case.held() as case:
            if not change(self, {"undone_at": None}, {"undone_at": now()}):
                return
            record(case, "verdict_undone", by=act.customer, facts={"verdict": self.pk})
            # A later word of theirs stands, whatever becomes of an earlier one.
            if not case.verdicts.filter(pk__gt=self.pk, undone_at=None).exists():
                case.resume_after_verdict()
