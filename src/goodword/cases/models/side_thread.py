"""SideThread: what we say to somebody outside about a case, which the customer never sees."""

from __future__ import annotations

from django.db import models

from goodword.cases.models.case import Case
from goodword.cases.models.message import Message
from goodword.core.time import now
from goodword.promises.models import Promise
from goodword.staff.models import Member


class SideThread(models.Model):
    """One exchange with one address. They see what is written into it, and nothing else.

    Its messages stand outside of `case.messages`, so that no rule takes them for words of the
    customer, or for an answer to them.
    """

    case = models.ForeignKey(Case, models.PROTECT, related_name="side_threads")
    address = models.CharField(max_length=320)
    name = models.CharField(max_length=200, blank=True)
    subject = models.CharField(max_length=300)
    opened_by = models.ForeignKey(Member, models.PROTECT, related_name="+")
    opened_at = models.DateTimeField(default=now)
    heard_at = models.DateTimeField(null=True, blank=True)
    # What we promised the customer while we wait for these people
    chase = models.ForeignKey(Promise, models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["address"], name="side_thread_address")]

    def __str__(self) -> str:
        return f"{self.subject}: {self.address}"

    @property
    def whom(self) -> str:
        return self.name or self.address

    def said(self) -> models.QuerySet[Message]:
        return Message.everything.filter(strand=self).order_by("at", "id")
