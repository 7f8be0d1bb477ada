"""SenderRule: what to do with the mail of one sender."""

from django.db import models, transaction

from goodword.core.compare import change
from goodword.core.prepared import first, prepared
from goodword.core.time import now
from goodword.journal.recording import record
from goodword.people.models.customers import Customer
from goodword.staff.models import Member


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
        return first(_in_force(sender=sender, domain=domain))

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


@prepared
def _in_force(*, sender: str, domain: str) -> "models.QuerySet[SenderRule]":
    named = SenderRule.objects.filter(sender__in=[sender, domain], ended_at=None)
    return named.order_by("pk")[:1]
