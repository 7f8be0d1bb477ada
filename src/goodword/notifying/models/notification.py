"""Who was told of which entry."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from goodword.core.time import now
from goodword.journal.models import Entry
from goodword.notifying.sentences import SENTENCES
from goodword.notifying.subjects import SUBJECTS
from goodword.staff.models import Member


class NotificationQuerySet(models.QuerySet["Notification"]):
    def unseen(self) -> NotificationQuerySet:
        return self.filter(seen_at=None)

    def of(self, member: Member) -> NotificationQuerySet:
        """What stands in the page for this member."""
        return self.filter(member=member, in_page=True)


class Notification(models.Model):
    """One member is told of one entry, once, however they chose to be told."""

    member = models.ForeignKey(Member, models.CASCADE, related_name="notifications")
    entry = models.ForeignKey(Entry, models.PROTECT, related_name="+")
    case = models.ForeignKey("cases.Case", models.CASCADE, null=True, related_name="+")
    message = models.ForeignKey("cases.Message", models.SET_NULL, null=True, related_name="+")
    subject = models.CharField(max_length=12)
    made_at = models.DateTimeField(default=now)
    seen_at = models.DateTimeField(null=True)
    in_page = models.BooleanField(default=True)
    by_mail = models.BooleanField(default=False)
    mailed_at = models.DateTimeField(null=True)

    objects = NotificationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["entry", "member"], name="notification_once")
        ]
        indexes = [
            models.Index(fields=["member", "-id"], name="notification_member"),
            models.Index(
                fields=["member", "-id"],
                condition=models.Q(seen_at=None),
                name="notification_unseen",
            ),
            models.Index(
                fields=["member", "case"],
                condition=models.Q(seen_at=None),
                name="notification_case",
            ),
            models.Index(
                fields=["member"],
                condition=models.Q(seen_at=None, mailed_at=None, by_mail=True),
                name="notification_to_mail",
            ),
        ]

    @property
    def is_urgent(self) -> bool:
        return self.subject in SUBJECTS and SUBJECTS[self.subject].is_urgent

    @property
    def is_page(self) -> bool:
        return self.subject in SUBJECTS and SUBJECTS[self.subject].is_page

    @property
    def icon(self) -> str:
        return ICONS.get(self.subject, "bell")

    @property
    def sentence(self) -> str:
        """What happened, with names and nothing that a customer wrote."""
        kind = self.entry.kind
        said = SENTENCES.get(f"{kind}:{self.subject}") or SENTENCES.get(kind)
        facts = {"who": self._who(), "customer": self._customer()}
        facts["waiting"] = self.entry.facts.get("waiting", "")
        return str(said) % facts if said else ""

    @property
    def path(self) -> str:
        """The very message where there is one, else the case, else the operators’ page."""
        if self.subject == "sweep":
            return f"/day/?of={self.entry.facts['team']}"
        if self.is_page:
            return f"/cases/{self.case_id}/#mayday"
        if self.message_id:
            return f"/messages/{self.message_id}/"
        return f"/cases/{self.case_id}/" if self.case_id else "/operator/"

    def _who(self) -> str:
        who = self.entry.member or self.entry.customer
        return who.name if who else str(_("The desk"))

    def _customer(self) -> str:
        return self.case.customer.name if self.case else ""


ICONS = {
    "page": "siren",
    "mention": "at-sign",
    "asked": "hand",
    "new": "inbox",
    "wrote": "mail",
    "verdict": "circle-check-big",
    "broken": "circle-alert",
    "sweep": "alarm-clock",
    "failed": "mail-x",
    "answered": "arrow-right-left",
    "back": "alarm-clock",
    "watched": "eye",
    "desk": "server",
}


def seen(member: Member, *, at: datetime | None = None, **which: Any) -> int:
    """They have seen these; how many were new to them."""
    unseen = Notification.objects.filter(member=member, seen_at=None, **which)
    return unseen.update(seen_at=at or now())


def unsee(member: Member, at: datetime) -> int:
    """What they marked at that instant is new to them again; how many there were."""
    if at.tzinfo is None:
        return 0
    return Notification.objects.filter(member=member, seen_at=at).update(seen_at=None)
