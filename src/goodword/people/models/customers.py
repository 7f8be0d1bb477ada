"""Customer: a person whom we serve."""

from __future__ import annotations

from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from goodword.core.compare import change
from goodword.core.prepared import first, prepared
from goodword.core.refusals import Refused
from goodword.core.time import now
from goodword.journal.recording import record
from goodword.people.models.accounts import Account
from goodword.people.models.points import ContactPoint
from goodword.staff.models import Business, Member, initials


class CustomerQuerySet(models.QuerySet["Customer"]):
    def standing(self) -> CustomerQuerySet:
        """Without those who were merged into somebody else."""
        return self.filter(merged_into=None)


class Customer(models.Model):
    """A person whom we serve. Internal customers are customers.

    One who was merged keeps the row, its name and its pages' addresses, and points to the
    person that they are; everything of theirs stands with that one (see Merge).
    """

    name = models.CharField(max_length=200)
    account = models.ForeignKey(
        Account, models.SET_NULL, null=True, blank=True, related_name="customers"
    )
    is_internal = models.BooleanField(default=False)
    language = models.CharField(max_length=10, blank=True)
    # Who said so: "mail" guessed it from theirs, "page" is their own choice, empty is a member's.
    language_by = models.CharField(max_length=10, blank=True)
    since = models.DateField(null=True, blank=True)
    about = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(default=now)
    merged_into = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="merged_here"
    )
    erased_at = models.DateTimeField(null=True, blank=True)  # at their wish (erasing/)

    objects = CustomerQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["name"], name="customer_name"),
            models.Index(fields=["is_internal", "name"], name="customer_internal_name"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def given(self) -> str:
        """What we call them: the first word of a person's name, or the whole of anything else."""
        return self.name.split(" ")[0] if "@" not in self.name else self.name

    @property
    def standing(self) -> Customer:
        """This person, under the row that they were merged into."""
        return self.merged_into or self

    def reads(self) -> str:
        """The language in which we write to them: their own, else the business's."""
        return self.language or Business.current().language

    @property
    def initials(self) -> str:
        return initials(self.name)

    @property
    def hue(self) -> int:
        return (self.pk or 0) % 6 + 1

    def mail_point(self) -> ContactPoint | None:
        """Where we write, as `mail_address`; None where they have no address."""
        point = first(_first_choice(customer=self.pk, kind=ContactPoint.Kind.MAIL.value))
        if point is not None:
            point.customer = self
        return point

    def mail_address(self) -> str:
        """Where we write: the address that was chosen, else the last used; "" for none."""
        return self._first_choice(ContactPoint.Kind.MAIL)

    def phone_number(self) -> str:
        return self._first_choice(ContactPoint.Kind.PHONE)

    def _first_choice(self, kind: str) -> str:
        point = first(_first_choice(customer=self.pk, kind=str(kind)))
        return point.value if point else ""

    @classmethod
    @transaction.atomic
    def add(cls, name: str, *, by: Member, **fields: object) -> Customer:
        """Somebody whom a member adds by hand, before there is a case."""
        if not name.strip():
            raise Refused("NO_NAME", _("Write their name."), 422)
        customer = cls.objects.create(name=name.strip()[:200], **fields)
        record(None, "customer_added", by=by, facts={"customer": customer.pk})
        return customer

    @transaction.atomic
    def rewrite(self, *, by: Member, **fields: object) -> None:
        """Change what we know of them; only the names of the changed fields enter the journal.

        Refused (409) where one of these was changed since this instance was read.
        """
        changed = {name: value for name, value in fields.items() if getattr(self, name) != value}
        if not changed:
            return
        was = {name: getattr(self, name) for name in changed}
        if "language" in changed:
            changed["language_by"] = ""
        if not change(self, was, changed):
            raise Refused("COLLISION", _("Somebody else changed this a moment ago. Look again."))
        facts = {"customer": self.pk, "fields": sorted(changed)}
        record(None, "customer_changed", by=by, facts=facts)


@prepared
def _first_choice(*, customer: int, kind: str) -> models.QuerySet[ContactPoint]:
    return ContactPoint.objects.filter(customer=customer, kind=kind).first_choice()[:1]
