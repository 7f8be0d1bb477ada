"""“This has not happened”: the customer’s word against a promise that we call kept (P11)."""

from typing import TYPE_CHECKING

from django.db import models
from django.utils.translation import gettext as _

from goodword.core.compare import change
from goodword.core.refusals import Refused
from goodword.core.time import now
from goodword.journal.models import digest_of_words
from goodword.journal.recording import record
from goodword.people.models import Customer, new_salt
from goodword.promises.kinds import KEPT_BY_AN_ANSWER, OUTSTANDING, State

if TYPE_CHECKING:
    from goodword.promises.models import Promise

MOST = 3  # of one promise; after that a person talks with them instead


class Dispute(models.Model):
    """They say that it has not happened; and what we had called it kept by."""

    promise = models.ForeignKey("promises.Promise", models.PROTECT, related_name="disputes")
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="+")
    words = models.CharField(max_length=500, blank=True)
    at = models.DateTimeField()
    heard_as = models.ForeignKey("cases.Message", models.PROTECT, related_name="+")
    # What was so before, for whoever finds that it had happened after all
    state = models.CharField(max_length=10, choices=State.choices)
    kept_at = models.DateTimeField()
    kept_by = models.ForeignKey("cases.Message", models.PROTECT, null=True, related_name="+")
    kept_how = models.CharField(max_length=10, blank=True)
    evidence = models.CharField(max_length=300, blank=True)
    broken_at = models.DateTimeField(null=True, blank=True)
    taken_back_at = models.DateTimeField(null=True, blank=True)
    salt = models.CharField(max_length=16, default=new_salt)

    class Meta:
        indexes = [models.Index(fields=["promise", "-at"], name="dispute_promise_at")]

    def __str__(self) -> str:
        return self.words

    def digest(self) -> str:
        return digest_of_words(self.salt, self.words)


def dispute(promise: "Promise", *, by: Customer, words: str = "", channel: str = "page") -> Dispute:
    """It has not happened: what kept it is undone, and they wait for our answer.

    Its due stands, so that the tick breaks it where that is past. Whoever keeps it may show
    evidence again, and the customer decides again.
    """
    promise.must_be_theirs(by, "CUSTOMER_ONLY")
    if promise.kind in KEPT_BY_AN_ANSWER:
        raise Refused("NOT_KEPT", _("Write to us instead: that is answered at once."), 422)
    with promise.case.held() as case:
        promise.refresh_from_db()
        promise.case = case
        if promise.state not in (State.KEPT, State.KEPT_LATE) or promise.kept_at is None:
            raise Refused("NOT_KEPT", _("We do not call this one kept any more; see the list."))
        if promise.disputes.filter(taken_back_at=None).count() >= MOST:
            sentence = _("You told us so three times. Ring us or write: a person looks into it.")
            raise Refused("DISPUTED_OFTEN", sentence, 429)
        said = _("This has not happened: “%(text)s”.") % {"text": promise.text}
        heard = case.hear(by, f"{said}\n\n{words}".strip(), channel=channel)
        row = Dispute.objects.create(
            promise=promise,
            customer=by,
            words=words[:500],
            at=now(),
            heard_as=heard,
            state=promise.state,
            kept_at=promise.kept_at,
            kept_by=promise.kept_by,
            kept_how=promise.kept_how,
            evidence=promise.evidence,
            broken_at=promise.broken_at,
        )
        promise.undo_keeping(by=by, why="disputed")
        facts = {"promise": promise.pk, "kind": promise.kind, "message": heard.pk}
        record(case, "promise_disputed", by=by, words=row, facts=facts)
    return row


def take_back(row: Dispute, *, by: Customer) -> bool:
    """It had happened after all: the promise is kept as it was."""
    promise = row.promise
    promise.must_be_theirs(by, "CUSTOMER_ONLY")
    with promise.case.held() as case:
        if not change(row, {"taken_back_at": None}, {"taken_back_at": now()}):
            return False
        as_before = {
            "state": row.state,
            "kept_at": row.kept_at,
            "kept_by": row.kept_by,
            "kept_how": row.kept_how,
            "evidence": row.evidence,
            "broken_at": row.broken_at,
        }
        change(promise, {"state__in": OUTSTANDING}, as_before)
        facts = {"promise": promise.pk, "kind": promise.kind}
        record(case, "dispute_taken_back", by=by, facts=facts)
    return True
