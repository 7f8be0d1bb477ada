"""The link to the customer's page: a capability to one case, derived, revocable."""

import base64
import hmac

from django.conf import settings
from django.db import models, transaction
from django.utils.crypto import salted_hmac

from goodword.core.compare import change
from goodword.core.prepared import prepared
from goodword.core.time import now
from goodword.journal.recording import record
from goodword.people.models import Customer
from goodword.staff.models import Member

_SIGNATURE_BYTES = 16  # 128 bits


class CaseLink(models.Model):
    """One person's way into one case. The token is derived, so nothing secret is stored."""

    case = models.ForeignKey("cases.Case", models.PROTECT, related_name="links")
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="links")
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(default=now)
    opened_at = models.DateTimeField(null=True, blank=True)

    role: str | None = None  # in its case, once the door has asked

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "customer"], name="link_once")]

    @classmethod
    def for_customer(cls, case: models.Model, customer: Customer) -> "CaseLink":
        link, _made = cls.objects.get_or_create(case=case, customer=customer)
        return link

    @property
    def token(self) -> str:
        number = (self.pk or 0).to_bytes(6, "big")
        return base64.urlsafe_b64encode(number + self._signature()).decode().rstrip("=")

    @property
    def path(self) -> str:
        return f"/c/{self.token}/"

    @property
    def url(self) -> str:
        return f"{settings.PUBLIC_URL}{self.path}"

    @classmethod
    def whole(cls) -> "models.QuerySet[CaseLink]":
        """With all that the customer's page shows of the case, in one query."""
        case = ("customer__account", "owner", "team__schedule", "handing_to")
        return cls.objects.select_related(
            "customer__merged_into", *(f"case__{name}" for name in case)
        )

    @classmethod
    def by_token(cls, token: str) -> "CaseLink | None":
        """The link of a token, or None when the token is forged, cut or revoked."""
        try:
            raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
        except ValueError:
            return None
        if len(raw) != 6 + _SIGNATURE_BYTES:
            return None
        link = next(iter(_link(link=int.from_bytes(raw[:6], "big"))), None)
        if link is None or not hmac.compare_digest(raw[6:], link._signature()):
            return None
        # Where both had a way into one case, the link of whoever was merged stays in their row.
        link.customer = link.customer.standing
        return link

    @classmethod
    def leading(cls, case: models.Model, customer: Customer) -> "models.QuerySet[CaseLink]":
        """Every link by which this person comes into this case."""
        own = models.Q(customer=customer) | models.Q(customer__merged_into=customer)
        return cls.objects.filter(own, case=case)

    @transaction.atomic
    def revoke(self, *, by: Member) -> None:
        """Every copy of the link stops working; the next mail carries a new one.

        So do their links to cases that are part of this one, which lead here.
        """
        parts = CaseLink.objects.filter(case__in=self.case.family(), customer=self.customer_id)
        parts.exclude(pk=self.pk).update(version=models.F("version") + 1)
        if change(self, {"version": self.version}, {"version": self.version + 1}):
            record(self.case, "link_revoked", by=by, facts={"link": self.pk})

    def _signature(self) -> bytes:
        said = f"{self.pk}:{self.version}"
        return salted_hmac("goodword.case-link", said, algorithm="sha256").digest()[
            :_SIGNATURE_BYTES
        ]


@prepared
def _link(*, link: int) -> models.QuerySet[CaseLink]:
    return CaseLink.whole().filter(pk=link)
