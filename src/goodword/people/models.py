"""Customers, the organisations that they belong to, and how they are reached."""

import secrets

from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from goodword.core.compare import change
from goodword.core.refusals import Refused
from goodword.core.time import now
from goodword.journal.models import digest_of_words
from goodword.journal.recording import record
from goodword.staff.models import Business, Member, initials


def new_salt() -> str:
    return secrets.token_hex(8)


class Account(models.Model):
    """The organisation that a customer belongs to."""

    name = models.CharField(max_length=160)
    domain = models.CharField(max_length=253, null=True, blank=True, unique=True)
    since = models.DateField(null=True, blank=True)
    created_at = models.DateTimeField(default=now)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Customer(models.Model):
    """A person whom we serve. Internal customers are customers."""

    name = models.CharField(max_length=200)
    account = models.ForeignKey(
        Account, models.SET_NULL, null=True, blank=True, related_name="customers"
    )
    is_internal = models.BooleanField(default=False)
    language = models.CharField(max_length=10, blank=True)
    since = models.DateField(null=True, blank=True)
    about = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(default=now)

    class Meta:
        indexes = [models.Index(fields=["name"], name="customer_name")]

    def __str__(self) -> str:
        return self.name

    @property
    def given(self) -> str:
        """What we call them: the first word of a person's name, or the whole of anything else."""
        return self.name.split(" ")[0] if "@" not in self.name else self.name

    def reads(self) -> str:
        """The language in which we write to them: their own, else the business's."""
        return self.language or Business.current().language

    @property
    def initials(self) -> str:
        return initials(self.name)

    @property
    def hue(self) -> int:
        return (self.pk or 0) % 6 + 1

    def mail_address(self) -> str:
        """The address that they last wrote from, or an empty string."""
        point = self.points.filter(kind=ContactPoint.Kind.MAIL).order_by("-last_used_at").first()
        return point.value if point else ""

    def phone_number(self) -> str:
        point = self.points.filter(kind=ContactPoint.Kind.PHONE).order_by("-last_used_at").first()
        return point.value if point else ""

    @transaction.atomic
    def rewrite(self, *, by: Member, **fields: object) -> None:
        """Change what we know of them; only the names of the changed fields enter the journal."""
        changed = {name: value for name, value in fields.items() if getattr(self, name) != value}
        if changed and change(self, {}, changed):
            facts = {"customer": self.pk, "fields": sorted(changed)}
            record(None, "customer_changed", by=by, facts=facts)


class ContactPoint(models.Model):
    """An address or a number. One belongs to one customer."""

    class Kind(models.TextChoices):
        MAIL = "mail", _("Mail")
        PHONE = "phone", _("Phone")

    customer = models.ForeignKey(Customer, models.CASCADE, related_name="points")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    value = models.CharField(max_length=320)
    last_used_at = models.DateTimeField(default=now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "value"], name="point_once")]
        indexes = [models.Index(fields=["customer", "kind"], name="point_customer")]

    def __str__(self) -> str:
        return self.value


class PinnedNote(models.Model):
    """Know this before you touch anything. Only we see it."""

    customer = models.ForeignKey(Customer, models.CASCADE, related_name="pinned")
    text = models.CharField(max_length=500)
    by = models.ForeignKey(Member, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=now)
    taken_down_at = models.DateTimeField(null=True, blank=True)
    salt = models.CharField(max_length=16, default=new_salt)

    def digest(self) -> str:
        return digest_of_words(self.salt, self.text)

    @classmethod
    @transaction.atomic
    def pin(cls, customer: Customer, text: str, *, by: Member) -> "PinnedNote":
        if not text.strip():
            raise Refused("NO_TEXT", _("Write what everybody should know."), 422)
        note = cls.objects.create(customer=customer, text=text.strip(), by=by)
        record(None, "pinned", by=by, words=note, facts={"customer": customer.pk})
        return note

    @transaction.atomic
    def take_down(self, *, by: Member) -> None:
        if change(self, {"taken_down_at": None}, {"taken_down_at": now()}):
            record(None, "unpinned", by=by, facts={"note": self.pk, "customer": self.customer_id})


class SenderRule(models.Model):
    """What to do with the mail of one sender: an address, or a whole domain as @example.com."""

    sender = models.CharField(max_length=320, unique=True)
    reason = models.CharField(max_length=20)
    by = models.ForeignKey(Member, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=now)
    ended_at = models.DateTimeField(null=True, blank=True)

    @classmethod
    def for_sender(cls, address: str) -> "SenderRule | None":
        """The rule in force for mail from `address`, if there is one."""
        sender = address.strip().lower()
        domain = "@" + sender.rpartition("@")[2]
        return cls.objects.filter(sender__in=[sender, domain], ended_at=None).first()

    @classmethod
    def standing_in_the_way_of(cls, customer: Customer) -> "models.QuerySet[SenderRule]":
        """The rules in force for any address of theirs, or for its domain."""
        addresses = list(customer.points.values_list("value", flat=True))
        domains = ["@" + address.rpartition("@")[2] for address in addresses]
        return cls.objects.filter(sender__in=[*addresses, *domains], ended_at=None)

    @classmethod
    @transaction.atomic
    def make(cls, sender: str, reason: str, *, by: Member) -> "SenderRule":
        rule, _made = cls.objects.update_or_create(
            sender=sender.strip().lower(),
            defaults={"reason": reason, "by": by, "ended_at": None, "at": now()},
        )
        record(None, "rule_made", by=by, facts={"rule": rule.pk, "reason": reason})
        return rule

    @transaction.atomic
    def end(self, *, by: Member) -> None:
        if change(self, {"ended_at": None}, {"ended_at": now()}):
            record(None, "rule_ended", by=by, facts={"rule": self.pk})
