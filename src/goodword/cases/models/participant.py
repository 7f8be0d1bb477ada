"""Participant: who takes part in a case."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from goodword.core.prepared import prepared
from goodword.core.time import now
from goodword.people.models import ContactPoint, Customer


class Participant(models.Model):
    """Somebody who takes part in a case: the customer, who reads along, or a stranger."""

    class Role(models.TextChoices):
        CUSTOMER = "customer", _("Customer")
        COPY = "copy", _("Reads along")
        UNCONFIRMED = "unconfirmed", _("Nobody has confirmed them")

    case = models.ForeignKey("cases.Case", models.CASCADE, related_name="participants")
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="participations")
    role = models.CharField(max_length=12, choices=Role.choices)
    joined_at = models.DateTimeField(default=now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "customer"], name="participant_once")
        ]

    @staticmethod
    def takes_part(case: int, customer: int) -> bool:
        return bool(_roles_of(case=case, customer=customer))

    @staticmethod
    def is_let_in(case: int, customer: int) -> bool:
        """They take part, and somebody knows them."""
        return any(
            role != Participant.Role.UNCONFIRMED for role in _roles_of(case=case, customer=customer)
        )

    def mail_point(self) -> ContactPoint | None:
        points = self.customer.points.filter(kind=ContactPoint.Kind.MAIL)
        return points.first_choice().first()


@prepared
def _roles_of(*, case: int, customer: int) -> "models.QuerySet[Participant, str]":
    return Participant.objects.filter(case=case, customer=customer).values_list("role", flat=True)
