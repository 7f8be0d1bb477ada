"""Notice: one text about one matter, signed by a named leader, to everybody affected.

Facts are shared, sentences are not (design.md): this is the only text that goes to many.
"""

from __future__ import annotations

from datetime import datetime

from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from goodword.core.compare import change
from goodword.core.refusals import Refused
from goodword.core.time import now
from goodword.journal.models import digest_of_words
from goodword.journal.recording import record
from goodword.people.models import new_salt
from goodword.staff.models import Member
from goodword.staff.rights import Right

LONGEST_NOTICE = 20_000


class Notice(models.Model):
    """Anybody may prepare one; a leader signs it, and from then on nothing of it changes."""

    text = models.TextField()
    next_update_at = models.DateTimeField()  # when everybody hears again: a promise in each case
    cases: models.ManyToManyField[models.Model, models.Model] = models.ManyToManyField(
        "cases.Case", related_name="notices"
    )
    prepared_by = models.ForeignKey(Member, models.PROTECT, related_name="+")
    prepared_at = models.DateTimeField(default=now)
    signed_by = models.ForeignKey(Member, models.PROTECT, null=True, blank=True, related_name="+")
    signed_at = models.DateTimeField(null=True, blank=True)
    discarded_at = models.DateTimeField(null=True, blank=True)
    salt = models.CharField(max_length=16, default=new_salt)

    class Meta:
        indexes = [models.Index(fields=["-prepared_at"], name="notice_prepared")]

    def __str__(self) -> str:
        return self.text[:80]

    def digest(self) -> str:
        return digest_of_words(self.salt, self.text)

    @property
    def is_open(self) -> bool:
        return self.signed_at is None and self.discarded_at is None

    @classmethod
    @transaction.atomic
    def prepare(
        cls, cases: list[int], text: str, next_update_at: datetime, *, by: Member
    ) -> Notice:
        """Write it down for a leader to sign. Nothing is sent."""
        text = _checked(text, next_update_at)
        if not cases:
            raise Refused("NOBODY", _("Choose the cases that it is about."), 422)
        notice = cls.objects.create(text=text, next_update_at=next_update_at, prepared_by=by)
        notice.cases.set(cases)
        facts = {"notice": notice.pk, "cases": len(cases)}
        record(None, "notice_prepared", by=by, words=notice, facts=facts)
        return notice

    @transaction.atomic
    def reword(self, text: str, next_update_at: datetime, *, by: Member) -> bool:
        text = _checked(text, next_update_at)
        if (self.text, self.next_update_at) == (text, next_update_at):
            return False
        to = {"text": text, "next_update_at": next_update_at}
        if not change(self, {"signed_at": None, "discarded_at": None}, to):
            raise Refused("SIGNED", _("It is signed or discarded; its words stand."))
        record(None, "notice_reworded", by=by, words=self, facts={"notice": self.pk})
        return True

    @transaction.atomic
    def sign(self, *, by: Member, read: str) -> bool:
        """A leader puts their name under what they read; `read` is the digest of that text."""
        if not by.has(Right.SIGN):
            raise Refused("LEADER_ONLY", _("Only a leader signs a notice."), 403)
        if self.next_update_at <= now():
            sentence = _("The time of the next word has passed. Name a later one.")
            raise Refused("NO_TIME", sentence, 422)
        if read != self.digest():
            sentence = _("The text was changed while you read it. Read it again, then sign.")
            raise Refused("CHANGED", sentence)
        was = {"signed_at": None, "discarded_at": None, "text": self.text}
        if not change(self, was, {"signed_by": by, "signed_at": now()}):
            return False
        record(None, "notice_signed", by=by, words=self, facts={"notice": self.pk})
        return True

    @transaction.atomic
    def discard(self, *, by: Member) -> bool:
        was = {"signed_at": None, "discarded_at": None}
        if not change(self, was, {"discarded_at": now()}):
            return False
        record(None, "notice_discarded", by=by, facts={"notice": self.pk})
        return True

    @transaction.atomic
    def take_up(self, *, by: Member) -> bool:
        """Undo: it was discarded too soon."""
        if not change(self, {"discarded_at__isnull": False}, {"discarded_at": None}):
            return False
        record(None, "notice_taken_up", by=by, facts={"notice": self.pk})
        return True


def _checked(text: str, next_update_at: datetime) -> str:
    text = text.strip()
    if not text:
        raise Refused("NO_TEXT", _("Write the notice first."), 422)
    if len(text) > LONGEST_NOTICE:
        sentence = _("A notice holds %(most)s characters; this has %(there)s. Shorten it.")
        facts = {"most": f"{LONGEST_NOTICE:,}", "there": f"{len(text):,}"}
        raise Refused("TOO_LONG", sentence % facts, 422)
    if next_update_at <= now():
        raise Refused("NO_TIME", _("That time is already past. Choose a later one."), 422)
    return text
