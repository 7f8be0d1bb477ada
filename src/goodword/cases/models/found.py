"""FoundPromise: a sentence of ours that gives our word, and what somebody decided about it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext as _g
from django.utils.translation import gettext_lazy as _

from goodword.cases.models.message import Direction, Message
from goodword.core.compare import change
from goodword.core.refusals import Refused
from goodword.core.time import now
from goodword.journal.recording import record
from goodword.promises.kinds import Kind
from goodword.promises.models import Promise
from goodword.staff.models import Member
from goodword.staff.rights import Right, must

# A press on the wrong button is seen at once; what stood longer, the customer has read.
TO_UNDO = timedelta(minutes=2)


class FoundQuerySet(models.QuerySet["FoundPromise"]):
    def offered(self) -> FoundQuerySet:
        """Nobody has decided yet, in a message that was not taken back."""
        return self.filter(state=FoundPromise.State.OFFERED).exclude(
            message__direction=Direction.BACK
        )

    def for_owner(self, member: Member) -> FoundQuerySet:
        """What waits in the cases that they have."""
        mine = {"message__case__owner": member, "message__case__merged_into": None}
        return self.offered().filter(**mine)


class FoundPromise(models.Model):
    """One stretch of one message, found once. The words stay with the message alone.

    `due` is reckoned from `said_at`, the time at which the customer was told.
    """

    class State(models.TextChoices):
        OFFERED = "offered", _("A promise?")
        CONFIRMED = "confirmed", _("On the ledger")
        DISMISSED = "dismissed", _("Not a promise")

    message = models.ForeignKey(Message, models.CASCADE, related_name="found")
    start = models.PositiveIntegerField()
    end = models.PositiveIntegerField()
    said_at = models.DateTimeField()
    kind = models.CharField(max_length=20, choices=Kind.choices)
    form = models.CharField(max_length=80, blank=True)
    due = models.DateTimeField(null=True, blank=True)
    opens = models.DateTimeField(null=True, blank=True)
    is_vague = models.BooleanField(default=False)
    state = models.CharField(max_length=10, choices=State.choices, default=State.OFFERED)
    promise = models.ForeignKey(
        Promise, models.SET_NULL, null=True, blank=True, related_name="found_as"
    )
    decided_by = models.ForeignKey(Member, models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)

    objects = FoundQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["message"], condition=Q(state="offered"), name="found_offered")
        ]
        constraints = [
            models.UniqueConstraint(fields=["message", "start", "end"], name="found_once")
        ]

    def __str__(self) -> str:
        return self.words

    @property
    def words(self) -> str:
        """As they stand in the message; empty where its words were erased."""
        return " ".join(self.message.text[self.start : self.end].split())

    def is_past(self, at: datetime) -> bool:
        return self.due is not None and self.due <= at

    # Verbs

    def confirm(
        self,
        *,
        by: Member,
        kind: str = "",
        text: str = "",
        due: datetime | None = None,
        form: str = "",
        kept_at: datetime | None = None,
        evidence: str = "",
    ) -> Promise:
        """It is our word, given when it was said. A due that is past already is not hidden.

        With `evidence` it was kept at `kept_at`; without, the next tick says that it is broken.
        Refused where somebody decided before, and without a time.
        """
        must(by, Right.ANSWER)
        with self.message.case.held() as case:
            self._decide(self.State.CONFIRMED, by)
            time = self._time(due, form)
            promise = Promise.make(
                case,
                kind or self.kind,
                (text or self.words)[:500],
                by=by,
                owner=self._keeper(by),
                at=self.said_at,
                said_in=self.message,
                **time,
            )
            change(self, {}, {"promise": promise})
            facts = {"message": self.message_id, "promise": promise.pk}
            record(case, "found_given", by=by, facts=facts)
            if kept_at is not None:
                promise.keep(by=by, evidence=evidence, at=self._between(kept_at))
        return promise

    def dismiss(self, *, by: Member) -> None:
        """It is no promise. It is not offered again."""
        must(by, Right.ANSWER)
        with self.message.case.held() as case:
            self._decide(self.State.DISMISSED, by)
            facts = {"message": self.message_id, "found": self.pk}
            record(case, "found_dismissed", by=by, facts=facts)

    def offer_again(self, *, by: Member) -> bool:
        """The way back, from dismissing it at any time, from confirming it for two minutes."""
        must(by, Right.ANSWER)
        with self.message.case.held() as case:
            self.refresh_from_db()
            if self.state == self.State.CONFIRMED:
                self._take_back(by)
            to = {"state": self.State.OFFERED, "decided_by": None, "decided_at": None}
            if not change(self, {"state": self.state}, {**to, "promise": None}):
                return False
            facts = {"message": self.message_id, "found": self.pk}
            record(case, "found_offered_again", by=by, facts=facts)
        return True

    def _take_back(self, by: Member) -> None:
        fresh = self.decided_at is not None and now() - self.decided_at <= TO_UNDO
        promise = self.promise
        if not fresh or promise is None or self.decided_by_id != by.pk:
            raise Refused("TOO_LATE", _("It stands on the ledger. Ask to move it, or keep it."))
        promise.case = self.message.case
        if not promise.void("found_undone", by=by):
            raise Refused("TOO_LATE", _("Something became of it already. It stays."))

    def _decide(self, state: str, by: Member) -> None:
        to: dict[str, Any] = {"state": state, "decided_by": by, "decided_at": now()}
        if not change(self, {"state": self.State.OFFERED}, to):
            raise Refused("DECIDED", _("Somebody has decided about these words already."))

    def _time(self, due: datetime | None, form: str) -> dict[str, Any]:
        if due is not None:
            return {"due": due}
        if form:
            return {"form": form}
        if self.due is None:
            raise Refused("NO_TIME", _("By when? These words name no time."), 422)
        return {"due": self.due, "form": self.form, "opens": self.opens}

    def _keeper(self, by: Member) -> Member:
        """Whoever said it; where they are gone, the owner of the case."""
        said = self.message.member or by
        return said if said.is_active and said.has(Right.OWN) else self.message.case.owner

    def _between(self, kept_at: datetime) -> datetime:
        if not self.said_at <= kept_at <= now():
            sentence = _g("It was done after it was said, and before now. Write when.")
            raise Refused("NO_TIME", sentence, 422)
        return kept_at
