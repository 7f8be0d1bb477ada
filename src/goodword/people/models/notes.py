"""PinnedNote: know this before you touch anything, with every version that it had."""

from __future__ import annotations

import secrets

from django.db import models, transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from goodword.core.compare import change
from goodword.core.refusals import Refused
from goodword.core.time import now
from goodword.journal.models import digest_of_words
from goodword.journal.recording import record
from goodword.people.models.accounts import Account
from goodword.people.models.customers import Customer
from goodword.staff.models import Member


def new_salt() -> str:
    return secrets.token_hex(8)


class SomebodyRewrote(Refused):
    """Somebody changed or took down the note meanwhile; the page shows both texts."""

    def __init__(self, newest: PinnedNote) -> None:
        sentence = _(
            "%(name)s changed this note while you were writing. Both texts stand below: "
            "keep what is right, then save."
        )
        if newest.taken_down_at:
            sentence = _("This note was taken down meanwhile. Save to put it up again.")
        super().__init__("COLLISION", sentence % {"name": newest.by.given}, 409)
        self.newest = newest


class PinnedNote(models.Model):
    """One version of a note about a customer or an account. Only we see it.

    The words of a row never change, since the journal vouches for them: whoever edits a note
    writes a new row that follows the former one.
    """

    customer = models.ForeignKey(Customer, models.CASCADE, null=True, related_name="pinned")
    account = models.ForeignKey(Account, models.CASCADE, null=True, related_name="pinned")
    text = models.CharField(max_length=500)
    by = models.ForeignKey(Member, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=now)
    taken_down_at = models.DateTimeField(null=True, blank=True)
    follows = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="followed_by"
    )
    # The first version's key: what all versions of one note have in common
    note = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="versions")
    salt = models.CharField(max_length=16, default=new_salt)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(customer__isnull=True) ^ Q(account__isnull=True),
                name="note_about_one",
            )
        ]

    def digest(self) -> str:
        return digest_of_words(self.salt, self.text)

    @property
    def first_id(self) -> int:
        return self.note_id or self.pk

    def history(self) -> models.QuerySet[PinnedNote]:
        """Every version, the newest first."""
        same = PinnedNote.objects.filter(Q(pk=self.first_id) | Q(note=self.first_id))
        return same.select_related("by").order_by("-id")

    @classmethod
    @transaction.atomic
    def pin(
        cls, about: Customer | Account, text: str, *, by: Member, follows: PinnedNote | None = None
    ) -> PinnedNote:
        if not text.strip():
            raise Refused("NO_TEXT", _("Write what everybody should know."), 422)
        note = cls.objects.create(
            customer=about if isinstance(about, Customer) else None,
            account=about if isinstance(about, Account) else None,
            text=text.strip(),
            by=by,
            follows=follows,
            note_id=follows.first_id if follows else None,
        )
        kind = "note_rewritten" if follows else "pinned"
        record(None, kind, by=by, words=note, facts=note._facts())
        return note

    @transaction.atomic
    def rewrite(self, text: str, *, by: Member, again: bool = False) -> PinnedNote:
        """A new version. Refused (409), with theirs, where somebody else was there before.

        `again` puts up one that was taken down, which nobody does without knowing it.
        """
        newest = self.history().select_for_update(of=("self",)).first()
        assert newest is not None
        if newest.pk != self.pk or (newest.taken_down_at and not again):
            raise SomebodyRewrote(newest)
        if text.strip() == self.text and newest.taken_down_at is None:
            return self
        change(self, {"taken_down_at": None}, {"taken_down_at": now()})
        about = self.customer or self.account
        assert about is not None
        return PinnedNote.pin(about, text, by=by, follows=self)

    @transaction.atomic
    def take_down(self, *, by: Member) -> None:
        if change(self, {"taken_down_at": None}, {"taken_down_at": now()}):
            record(None, "unpinned", by=by, facts={"note": self.pk, **self._facts()})

    def _facts(self) -> dict[str, int | None]:
        if self.customer_id:
            return {"customer": self.customer_id}
        return {"account": self.account_id}
