"""Recollection: what a customer remembers being promised, and our yes or no to it."""

from typing import TYPE_CHECKING

from django.db import models
from django.utils.translation import gettext_lazy as _

from goodword.core.time import now
from goodword.journal.models import digest_of_words
from goodword.people.models import Customer, new_salt
from goodword.promises.kinds import OUTSTANDING
from goodword.promises.models import Promise
from goodword.staff.models import Member

if TYPE_CHECKING:
    from goodword.cases.models.case import Case


class RecollectionQuerySet(models.QuerySet["Recollection"]):
    def waiting(self) -> "RecollectionQuerySet":
        """Those that have no yes or no of ours, or whose answer did not arrive."""
        return self.filter(owed__state__in=OUTSTANDING)


class Recollection(models.Model):
    """“You told me…”: it waits for our word until a person confirms it or says why not.

    It has no case of its own: it stands where the promise of our yes or no stands, so that a
    merge and a split take it along. While that promise is outstanding, it waits.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("Waits for our word")
        CONFIRMED = "confirmed", _("Confirmed as a promise")
        OFFERED = "offered", _("Another time offered")
        DECLINED = "declined", _("Answered why not")
        WITHDRAWN = "withdrawn", _("Taken back by the customer")

    class Where(models.TextChoices):
        PHONE = "phone", _("on the phone")
        COUNTER = "counter", _("at the counter")
        MAIL = "mail", _("in a mail")
        OTHER = "other", _("somewhere else")

    owed = models.OneToOneField(Promise, models.PROTECT, related_name="recollection")
    heard_as = models.ForeignKey("cases.Message", models.PROTECT, related_name="+")
    words = models.CharField(max_length=400)
    by_when = models.DateTimeField(null=True, blank=True)  # None: no time was said
    said_by = models.CharField(max_length=100, blank=True)
    where = models.CharField(max_length=8, choices=Where.choices, default=Where.PHONE)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    at = models.DateTimeField(default=now)
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.ForeignKey(Member, models.PROTECT, null=True, related_name="+")
    answer = models.ForeignKey("cases.Message", models.PROTECT, null=True, related_name="+")
    offered = models.DateTimeField(null=True, blank=True)  # the other time
    offers = models.PositiveSmallIntegerField(default=0)
    promise = models.OneToOneField(
        Promise, models.PROTECT, null=True, blank=True, related_name="remembered"
    )
    salt = models.CharField(max_length=16, default=new_salt)

    objects = RecollectionQuerySet.as_manager()

    def __str__(self) -> str:
        return self.words

    def digest(self) -> str:
        return digest_of_words(self.salt, self.words)

    @property
    def case(self) -> "Case":
        return self.owed.case

    @property
    def customer(self) -> Customer:
        return self.owed.customer

    @property
    def is_waiting(self) -> bool:
        return self.owed.is_outstanding

    @property
    def standing(self) -> str:
        """Its state as a page shows it: an answer that did not arrive answered nothing."""
        return "waiting" if self.is_waiting else str(self.state)
