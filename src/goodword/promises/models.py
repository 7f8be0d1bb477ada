"""Promise: everything with a clock. What we said we would do, to whom, by when, by whom."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext as _g
from django.utils.translation import gettext_lazy as _

from goodword import clock
from goodword.core.compare import change
from goodword.core.prepared import prepared
from goodword.core.refusals import Refused
from goodword.core.time import now
from goodword.core.writing import new, put
from goodword.journal.models import digest_of_words
from goodword.journal.recording import record
from goodword.people.models import Customer, new_salt
from goodword.promises import pausing
from goodword.promises.disputing import Dispute
from goodword.promises.evidence import evidence_for
from goodword.promises.kinds import (
    GIVEN_BY_HAND,
    KEPT_BY,
    KEPT_BY_AN_ANSWER,
    OUTSTANDING,
    Evidence,
    Kind,
    State,
)
from goodword.promises.pausing import Pause
from goodword.promises.policy import Policy
from goodword.promises.rungs import Rung, begin
from goodword.staff.models import Member, Schedule
from goodword.staff.rights import Right, must

if TYPE_CHECKING:
    from goodword.cases.models import Case, Message

# The limit on moving a date without a leader (P5, R72); the chain counts, not the row.
MOVES_WITHOUT_A_LEADER = 2
Actor = Member | Customer | Literal["clock", "system"]
__all__ = ["MOVES_WITHOUT_A_LEADER", "Dispute", "MoveRequest", "Pause", "Policy", "Promise", "Rung"]


class PromiseQuerySet(models.QuerySet["Promise"]):
    def open(self) -> "PromiseQuerySet":
        return self.filter(state=State.OPEN)

    def outstanding(self) -> "PromiseQuerySet":
        """Still to be done: open, or broken and not yet kept late."""
        return self.filter(state__in=OUTSTANDING)

    def due_before(self, instant: datetime) -> "PromiseQuerySet":
        """What the tick goes by: never the due of a promise whose clock stands still."""
        return self.filter(state=State.OPEN, paused_at=None, breaks_at__lt=instant)

    def shown(self) -> "PromiseQuerySet":
        """One row a promise: a moved one shows as its successor."""
        return self.exclude(state=State.MOVED).exclude(state=State.VOID)


class Promise(models.Model):
    """One promise. Its due never changes; it is kept, broken, moved, released or void."""

    case = models.ForeignKey("cases.Case", models.PROTECT, related_name="promises")
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="promises")
    owner = models.ForeignKey(Member, models.PROTECT, related_name="promises")
    kind = models.CharField(max_length=20, choices=Kind.choices)
    text = models.CharField(max_length=500)
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    form = models.CharField(max_length=80)
    due = models.DateTimeField()
    breaks_at = models.DateTimeField()  # the due, later by the open time of its pauses
    paused_at = models.DateTimeField(null=True, blank=True)
    opens = models.DateTimeField(null=True, blank=True)  # of a window, such as an arrival
    zone = models.CharField(max_length=60)
    schedule = models.ForeignKey(Schedule, models.PROTECT)
    # The version and the rule of it that made this; empty for what a person gave
    policy = models.ForeignKey(Policy, models.PROTECT, null=True, blank=True, related_name="+")
    rule = models.CharField(max_length=40, blank=True)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(Member, models.PROTECT, null=True, blank=True, related_name="+")
    said_in = models.ForeignKey(
        "cases.Message", models.PROTECT, null=True, blank=True, related_name="vows"
    )
    kept_at = models.DateTimeField(null=True, blank=True)
    kept_by = models.ForeignKey(
        "cases.Message", models.PROTECT, null=True, blank=True, related_name="keeps"
    )
    kept_how = models.CharField(max_length=10, choices=Evidence.choices, blank=True)
    evidence = models.CharField(max_length=300, blank=True)
    broken_at = models.DateTimeField(null=True, blank=True)
    forewarned_at = models.DateTimeField(null=True, blank=True)
    held_to_at = models.DateTimeField(null=True, blank=True)  # they were warned, and hold us to it
    forgiven_at = models.DateTimeField(null=True, blank=True)  # still counted broken (P8)
    handing_to = models.ForeignKey(
        Member, models.PROTECT, null=True, blank=True, related_name="offered_promises"
    )
    ended_at = models.DateTimeField(null=True, blank=True)  # moved, released, void
    reason = models.CharField(max_length=300, blank=True)
    moved_from = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="moved_to"
    )
    original_due = models.DateTimeField()
    moves = models.PositiveSmallIntegerField(default=0)
    salt = models.CharField(max_length=16, default=new_salt)

    objects = PromiseQuerySet.as_manager()

    class Meta:
        indexes = [
            # The tick reads only what is open and due, whatever is stored.
            models.Index(
                fields=["breaks_at"],
                condition=Q(state=State.OPEN, paused_at=None),
                name="promise_runs_until",
            ),
            models.Index(
                fields=["handing_to"],
                condition=Q(handing_to__isnull=False),
                name="promise_handing_to",
            ),
            models.Index(fields=["case", "state"], name="promise_case_state"),
            models.Index(fields=["owner", "state", "due"], name="promise_owner_due"),
            models.Index(fields=["state", "due"], name="promise_state_due"),
            models.Index(fields=["customer", "due"], name="promise_customer_due"),
            # The ledger and the calendar in every state, of everybody and of one kind.
            models.Index(fields=["due"], name="promise_due"),
            models.Index(fields=["kind", "due"], name="promise_kind_due"),
            models.Index(fields=["owner", "due"], name="promise_owner_all_due"),
            # What is open by how soon it is due, and what became of our word today.
            models.Index(fields=["breaks_at"], condition=Q(state=State.OPEN), name="promise_open"),
            # Counts of what is open read no promise, and cases in their order.
            models.Index(
                fields=["case", "owner", "breaks_at"],
                condition=Q(state=State.OPEN),
                name="promise_open_of_case",
            ),
            models.Index(
                fields=["kept_at"], condition=Q(kept_at__isnull=False), name="promise_kept_at"
            ),
            models.Index(
                fields=["ended_at"], condition=Q(ended_at__isnull=False), name="promise_ended_at"
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["case", "kind", "customer"],
                condition=Q(state=State.OPEN, kind__in=KEPT_BY_AN_ANSWER),
                name="promise_contact_open_once",
            ),
        ]

    def __str__(self) -> str:
        return self.text

    def digest(self) -> str:
        return digest_of_words(self.salt, self.text)

    # What the screens ask

    @property
    def is_outstanding(self) -> bool:
        return self.state in OUTSTANDING

    def is_at_risk(self, at: datetime) -> bool:
        """Little of its own working time is left: an hour of it, or a tenth, the smaller."""
        if self.state != State.OPEN or self.paused_at or at > self.breaks_at:
            return False
        return self.time_left(at) <= self._little()

    def _little(self) -> timedelta:
        return min(timedelta(hours=1), max(self.time_in_all() / 10, timedelta(minutes=30)))

    def risk_from(self, at: datetime) -> datetime | None:
        """The instant from which it is at risk, or None where it is so already or never will be."""
        runs = self.state == State.OPEN and not self.paused_at and at <= self.breaks_at
        if not runs or self.is_at_risk(at):
            return None
        return clock.shift(self.breaks_at, -self._little(), self.schedule.hours)

    def time_left(self, at: datetime) -> timedelta:
        """Open time until it breaks, which stands still while it is paused; zero when past."""
        at = self.paused_at or at
        if at >= self.breaks_at:
            return timedelta(0)
        return clock.between(at, self.breaks_at, self.schedule.hours)

    def time_in_all(self) -> timedelta:
        return clock.between(self.made_at, self.due, self.schedule.hours)

    def overrun(self, at: datetime) -> timedelta:
        """Open time since it was due (clock.md, rule 7), its pauses not counted."""
        return clock.between(self.breaks_at, max(at, self.breaks_at), self.schedule.hours)

    def shown_state(self, at: datetime) -> str:
        """The state that a screen shows: risk is computed, never stored."""
        if self.state == State.OPEN and self.paused_at:
            return "paused"
        if self.state == State.OPEN and self.moved_from_id:
            return "risk" if self.is_at_risk(at) else "moved"
        return "risk" if self.is_at_risk(at) else self.state

    # Verbs

    @classmethod
    def make(
        cls,
        case: "Case",
        kind: str,
        text: str,
        *,
        by: Actor,
        form: str = "",
        due: datetime | None = None,
        opens: datetime | None = None,
        owner: Member | None = None,
        customer: Customer | None = None,
        at: datetime | None = None,
        said_in: "Message | None" = None,
        moved_from: "Promise | None" = None,
        policy: Policy | None = None,
        rule: str = "",
        is_remembered: bool = False,
    ) -> "Promise":
        """Give our word (P1). `form` as in clock.md, or a due instant for `by:`.

        Refused when there is no text, no time, or a time already past; but what the customer
        remembers, and we confirm, was given then, and may have been missed already.
        """
        if isinstance(by, Member) and kind not in GIVEN_BY_HAND:
            raise Refused("NO_KIND", _("Nobody gives this by hand; a policy makes it."), 422)
        must(by, Right.ANSWER)
        with case.held() as case:
            made_at = at or now()
            schedule = case.schedule_in_force()
            if not text.strip():
                raise Refused(
                    "NO_TEXT", _("Say what they will have, in words they would use."), 422
                )
            may_be_past = by == "system" or is_remembered
            if due is not None and due <= made_at and not may_be_past:
                raise Refused("NO_TIME", _("That time is already past. Choose a later one."), 422)
            if due is None:
                reckoned = _reckon(form, made_at, schedule)
                due, opens = reckoned.at, reckoned.opens
            promise = new(
                cls,
                case=case,
                customer=customer or case.customer,
                owner=owner or case.owner,
                kind=kind,
                text=text.strip(),
                form=form or f"by:{due.isoformat()}",
                due=due,
                breaks_at=due,
                opens=opens,
                zone=schedule.zone,
                schedule=schedule,
                policy=moved_from.policy if moved_from else policy,
                rule=moved_from.rule if moved_from else rule,
                made_at=made_at,
                # Who gave it first, so that a moved promise is not taken for one of a policy.
                made_by=moved_from.made_by
                if moved_from
                else by
                if isinstance(by, Member)
                else None,
                said_in=moved_from.said_in if moved_from else said_in,
                moved_from=moved_from,
                original_due=moved_from.original_due if moved_from else due,
                moves=moved_from.moves + 1 if moved_from else 0,
            )
            put(promise)
            case.has_made(promise)
            facts = {"promise": promise.pk, "kind": kind, "due": due, "form": promise.form}
            record(case, "promise_made", by=by, at=made_at, words=promise, facts=facts)
        return promise

    def keep(
        self,
        *,
        by: Actor,
        message: "Message | None" = None,
        evidence: str = "",
        answers: bool = False,
        at: datetime | None = None,
    ) -> bool:
        """Keep it on evidence (P2), or keep it late (P4). False when it was not outstanding.

        Evidence is the message or call that did it, or a line that says what was done: of a
        kind that fits (kinds.py). `answers`: the message is our yes or no to what they remember.
        `at` is when, where a word of the past came to the ledger only after it was kept.
        """
        if message is None:
            must(by, Right.ANSWER)
        if self.asks_by_policy and by == "system" and message is not None:
            how = Evidence.MESSAGE  # our reminder, which no person wrote
        elif isinstance(by, Customer):
            how = Evidence.VERDICT
            if by.pk != self.customer_id or how not in KEPT_BY[self.kind]:
                sentence = _("Only whoever gave their word can keep it.")
                raise Refused("MEMBERS_ONLY", sentence, 403)
        elif message is None and not isinstance(by, Member):
            raise Refused("MEMBERS_ONLY", _("Only a person of ours says what was done."), 403)
        else:
            how = evidence_for(self, message, evidence, answers=answers)
        with self.case.held():
            self.refresh_from_db(fields=["state", "broken_at", "paused_at", "breaks_at"])
            if self.is_outstanding:
                pausing.lift(self, by=by)
            at = at or now()
            late = at > self.breaks_at and not self.asks_by_policy
            to = {
                "state": State.KEPT_LATE if late else State.KEPT,
                "kept_at": at,
                "kept_by": message,
                "kept_how": how,
                "evidence": evidence.strip()[:300],
                "handing_to": None,
                # Late before the tick saw it: the ledger says broken all the same.
                "broken_at": self.broken_at or (self.breaks_at if late else None),
            }
            if not change(self, {"state__in": OUTSTANDING}, to):
                return False
            kind = "promise_kept_late" if late else "promise_kept"
            self._record(kind, by, message=message, how=how.value)
        return True

    @property
    def asks_by_policy(self) -> bool:
        """The clock itself asks, always a moment after it is due; nobody is let down by that."""
        return self.kind == Kind.CHECK_IN and self.made_by_id is None

    def mark_broken(self, at: datetime) -> bool:
        """Broken, because its due is past (P3). Only the tick calls this."""
        if self.breaks_at >= at:
            return False
        with self.case.held():
            was = {"state": State.OPEN, "paused_at": None, "breaks_at": self.breaks_at}
            if not change(self, was, {"state": State.BROKEN, "broken_at": at}):
                return False
            late = {"state": MoveRequest.State.TOO_LATE, "answered_at": at}
            for request in _asked(promise=self.pk):
                change(request, {"state": MoveRequest.State.ASKED}, late)
            self._record("promise_broken", "clock", at=at)
            begin(self)
        return True

    def undo_keeping(self, *, by: Actor, why: str) -> bool:
        """What kept it was undone (P11): it is open again, and the tick will judge it.

        One that the tick broke before it was kept late is broken again.
        """
        if by not in ("system", "clock"):
            # What became of the evidence undoes it, or the customer; nobody of ours.
            self.must_be_theirs(by, "CUSTOMER_ONLY")
        with self.case.held():
            self.refresh_from_db(fields=["state", "broken_at"])
            if self.state not in (State.KEPT, State.KEPT_LATE):
                return False
            was_broken = self.broken_at is not None and self.broken_at > self.breaks_at
            if not was_broken:
                self._end_the_later_one(by=by)
            to: dict[str, Any] = {
                "state": State.BROKEN if was_broken else State.OPEN,
                "broken_at": self.broken_at if was_broken else None,
                "kept_at": None,
                "kept_by": None,
                "kept_how": "",
                "evidence": "",
            }
            change(self, {}, to)
            self._record("evidence_undone", by, why=why)
        return True

    def _end_the_later_one(self, *, by: Actor) -> None:
        """A later message opened the same clock anew; the earlier due is the one that counts."""
        if self.kind not in KEPT_BY_AN_ANSWER:
            return
        same = {"case": self.case_id, "kind": self.kind, "customer": self.customer_id}
        for later in Promise.objects.open().filter(**same).exclude(pk=self.pk):
            later.case = self.case
            later.void("earlier_open_again", by=by)

    def move(self, to: datetime, *, by: Customer, agreed_with: Member, reason: str) -> "Promise":
        """Move it with the customer's yes, before it is due (P5). The successor is returned.

        `by` is the customer who said yes; `agreed_with` the member who asked or accepted.
        """
        self.must_be_theirs(by, "NOT_CONSENTED")
        with self.case.held() as case:
            self.refresh_from_db(fields=["state", "paused_at", "breaks_at"])
            self._may_move(to, agreed_with)
            pausing.lift(self, by=by)
            at = now()
            ended = {"state": State.MOVED, "ended_at": at, "reason": reason[:300]}
            ended["handing_to"] = None
            if not change(self, {"state": State.OPEN, "breaks_at__gte": at}, ended):
                raise Refused("ALREADY_DUE", _("It is no longer open, so it cannot be moved."))
            self._record("promise_moved", by, to=to, agreed_with=agreed_with.pk)
            moved = Promise.make(
                case,
                self.kind,
                self.text,
                by=by,
                due=to,
                owner=self.owner,
                customer=self.customer,
                moved_from=self,
            )
            # What they remember waits for our yes or no, whenever that is due now.
            if (recollection := getattr(self, "recollection", None)) is not None:
                change(recollection, {"owed": self}, {"owed": moved})
        return moved

    def ask_to_move(
        self, to: datetime, *, by: "Member | Customer", reason: str = ""
    ) -> "MoveRequest":
        """Ask the other side for another time; nothing moves before they say yes."""
        return MoveRequest.ask(self, to, by=by, reason=reason)

    def _may_move(self, to: datetime, agreed_with: Member | None) -> None:
        if self.state != State.OPEN or (not self.paused_at and now() > self.breaks_at):
            raise Refused("ALREADY_DUE", _("Its time has passed: it is broken, not moved."))
        must(agreed_with, Right.ANSWER)
        if to <= now():
            raise Refused("NO_TIME", _("That time is already past. Choose a later one."), 422)
        if agreed_with and self.moves >= MOVES_WITHOUT_A_LEADER and not agreed_with.is_leader:
            sentence = _("It was moved twice already. Only a leader may agree to a third time.")
            raise Refused("MOVED_TWICE", sentence)

    def must_be_theirs(self, by: object, code: str) -> None:
        """Refused (403) for everybody but the customer to whom it was promised."""
        if not isinstance(by, Customer) or by.pk != self.customer_id:
            raise Refused(code, _("Only the customer to whom it was promised can do this."), 403)

    def release(self, *, by: Customer, words: str = "") -> bool:
        """The customer lets us off (P7). Nobody else can."""
        self.must_be_theirs(by, "CUSTOMER_ONLY")
        with self.case.held():
            pausing.lift(self, by=by)
            to = {"state": State.RELEASED, "ended_at": now(), "reason": words[:300]}
            if not change(self, {"state__in": OUTSTANDING}, {**to, "handing_to": None}):
                return False
            self._record("promise_released", by)
        return True

    def forgive(self, *, by: Customer) -> bool:
        """They let the lateness go (P8). It stays counted broken, and is still owed if it was."""
        self.must_be_theirs(by, "CUSTOMER_ONLY")
        with self.case.held():
            was_late = {"state__in": (State.BROKEN, State.KEPT_LATE), "forgiven_at": None}
            if not change(self, was_late, {"forgiven_at": now()}):
                return False
            self._record("promise_forgiven", by)
        return True

    def hold_to(self, *, by: Customer) -> bool:
        """They were warned and hold us to it: the old time stands, whatever we asked for (P6)."""
        self.must_be_theirs(by, "CUSTOMER_ONLY")
        with self.case.held():
            was = {"state": State.OPEN, "forewarned_at__isnull": False, "held_to_at": None}
            if not change(self, was, {"held_to_at": now()}):
                return False
            ours = self.move_requests.filter(state="asked", by_member__isnull=False)
            for request in ours.select_related("promise__case"):
                request.promise = self
                request.decline(by=by)
            self._record("promise_held_to", by)
        return True

    def void(self, reason: str, *, by: Actor) -> bool:
        """It fell away (P12), for a reason that the ledger shows and the measures count.

        Only an open one can: what is broken stays broken.
        """
        with self.case.held():
            pausing.lift(self, by="system")
            to = {"state": State.VOID, "ended_at": now(), "reason": reason[:300]}
            to["handing_to"] = None
            if not change(self, {"state": State.OPEN}, to):
                return False
            self._record("promise_voided", by, reason=reason)
        return True

    def stand_again(self, *, by: Actor, as_of: "Promise | None" = None) -> bool:
        """What made it fall away was undone. It is open, or kept by what kept `as_of` for it.

        Its due stands; the tick judges it.
        """
        with self.case.held():
            if as_of is None or as_of.kept_at is None:
                self._end_the_later_one(by=by)
                to: dict[str, Any] = {"state": State.OPEN}
            else:
                late = as_of.kept_at > self.breaks_at
                to = {
                    "state": State.KEPT_LATE if late else State.KEPT,
                    "kept_at": as_of.kept_at,
                    "kept_by": as_of.kept_by,
                    "kept_how": as_of.kept_how,
                    "evidence": as_of.evidence,
                    "broken_at": self.breaks_at if late else None,
                }
            if not change(self, {"state": State.VOID}, {**to, "ended_at": None, "reason": ""}):
                return False
            self._record("promise_stands_again", by)
        return True

    def offer_to(self, member: Member, *, by: Member) -> bool:
        """Ask a colleague to keep it instead (P10). Nothing changes until they accept.

        True where they have it at once, because it is they who ask.
        """
        if not isinstance(by, Member):
            raise Refused("MEMBERS_ONLY", _("Only a person of ours asks a colleague."), 403)
        must(by, Right.ANSWER)
        _must_keep_promises(member)
        with self.case.held():
            self.refresh_from_db(fields=["state", "owner", "handing_to"])
            if not self.is_outstanding:
                raise Refused("ENDED", _("This was kept or ended already."))
            if member.pk == self.owner_id:
                sentence = _("%(name)s has it already.") % {"name": member.name}
                raise Refused("NO_OWNER", sentence, 422)
            if member.pk == by.pk:
                return self.hand_to(member, by=by)
            if change(self, {"handing_to": self.handing_to_id}, {"handing_to": member}):
                self._record("promise_offered", by, to=member.pk)
        return False

    def accept(self, *, by: Member) -> None:
        """The colleague who was asked keeps it from now on. Its due stands."""
        with self.case.held():
            self._answer_offer(by)
            self.hand_to(by, by=by)

    def decline_offer(self, *, by: Member) -> None:
        with self.case.held():
            self._answer_offer(by)
            self._record("promise_offer_declined", by, owner=self.owner_id)

    def _answer_offer(self, by: Member) -> None:
        self.refresh_from_db(fields=["state", "handing_to"])
        asked = {"handing_to": by, "state__in": OUTSTANDING}
        if not isinstance(by, Member) or not change(self, asked, {"handing_to": None}):
            raise Refused("NOT_OFFERED", _("This promise is not offered to you any more."))

    def hand_to(self, owner: Member, *, by: Actor) -> bool:
        """Another owner keeps it (P10), who accepted it, or whose case it is; its due stands."""
        _must_keep_promises(owner)
        with self.case.held():
            before = self.owner_id
            to = {"owner": owner, "handing_to": None}
            if before == owner.pk or not change(self, {"owner": before}, to):
                return False
            self._record("promise_handed", by, from_=before, to=owner.pk)
        return True

    def forewarn(self, message: "Message", *, by: Member) -> bool:
        """They were told in `message`, before its due, that it will be missed (P6).

        It still breaks. Refused where no person of ours said so in this case.
        """
        told = message.case_id == self.case_id and (
            message.direction == "call" or message.is_from_a_person
        )
        if not isinstance(by, Member) or not told:
            raise Refused(
                "NO_TEXT", _("Write what you tell them; they must hear it from you."), 422
            )
        must(by, Right.ANSWER)
        with self.case.held():
            at = now()
            was = {"state": State.OPEN, "breaks_at__gte": at, "forewarned_at": None}
            if not change(self, was, {"forewarned_at": at}):
                return False
            self._record("forewarned", by, message=message)
        return True

    def _record(
        self,
        kind: str,
        by: Actor,
        *,
        at: datetime | None = None,
        message: "Message | None" = None,
        **facts: Any,
    ) -> None:
        base: dict[str, Any] = {"promise": self.pk, "kind": self.kind, "due": self.due}
        if message is not None:
            base["message"] = message.pk
        record(self.case, kind, by=by, at=at, facts={**base, **facts})


def _must_keep_promises(member: Member) -> None:
    if not member.is_active:
        raise Refused("NO_OWNER", _("Their access is revoked. Choose somebody else."), 422)
    if not member.has(Right.OWN):
        raise Refused("NO_OWNER", _("Their role keeps no promises. Choose somebody else."), 422)


def _reckon(form: str, start: datetime, schedule: Schedule) -> clock.Due:
    try:
        return clock.due(form, start, schedule.hours)
    except (clock.FormError, clock.ScheduleError) as error:
        raise Refused("NO_TIME", str(error), 422) from error


class MoveRequest(models.Model):
    """Somebody asks for another time: we of the customer, or the customer of us."""

    class State(models.TextChoices):
        ASKED = "asked", _("Asked")
        AGREED = "agreed", _("Agreed")
        DECLINED = "declined", _("Declined")
        TOO_LATE = "too_late", _("Too late")

    promise = models.ForeignKey(Promise, models.PROTECT, related_name="move_requests")
    by_member = models.ForeignKey(Member, models.PROTECT, null=True, related_name="+")
    by_customer = models.ForeignKey(Customer, models.PROTECT, null=True, related_name="+")
    to = models.DateTimeField()
    reason = models.CharField(max_length=300, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.ASKED)
    asked_at = models.DateTimeField(default=now)
    answered_at = models.DateTimeField(null=True, blank=True)
    answer = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["promise"], condition=Q(state="asked"), name="move_asked_once"
            )
        ]

    @classmethod
    def ask(
        cls, promise: Promise, to: datetime, *, by: Member | Customer, reason: str = ""
    ) -> "MoveRequest":
        """Ask for another time. A new request takes the place of one not answered yet.

        The customer may ask however often it was moved; a leader then has to agree.
        """
        member = by if isinstance(by, Member) else None
        if member is None:
            promise.must_be_theirs(by, "CUSTOMER_ONLY")
        elif not reason.strip():
            raise Refused("NO_TEXT", _("Say in a line why; they will want to know."), 422)
        with promise.case.held():
            promise.refresh_from_db(fields=["state", "paused_at", "breaks_at"])
            promise._may_move(to, member)
            cls.objects.filter(promise=promise, state=cls.State.ASKED).update(
                state=cls.State.DECLINED, answered_at=now(), answer=_g("asked anew")
            )
            request = cls.objects.create(
                promise=promise,
                to=to,
                reason=reason[:300],
                by_member=member,
                by_customer=by if isinstance(by, Customer) else None,
            )
            facts = {"promise": promise.pk, "request": request.pk, "to": to}
            record(promise.case, "move_asked", by=by, facts=facts)
        return request

    def agree(self, *, by: Member | Customer) -> Promise:
        """The other side says yes. The customer's yes is theirs, or lies in their own asking."""
        customer = self.by_customer or (by if isinstance(by, Customer) else None)
        member = self.by_member or (by if isinstance(by, Member) else None)
        if customer is None or member is None:
            raise Refused("NOT_CONSENTED", _("The other side has to say yes."), 403)
        self.promise.must_be_theirs(customer, "NOT_CONSENTED")
        with self.promise.case.held():
            self._answer(self.State.AGREED, by)
            return self.promise.move(self.to, by=customer, agreed_with=member, reason=self.reason)

    def decline(self, *, by: Member | Customer, answer: str = "") -> None:
        if not isinstance(by, Member):
            self.promise.must_be_theirs(by, "CUSTOMER_ONLY")
        must(by, Right.ANSWER)
        with self.promise.case.held():
            self._answer(self.State.DECLINED, by, answer)

    def _answer(self, state: str, by: Member | Customer, answer: str = "") -> None:
        to = {"state": state, "answered_at": now(), "answer": answer[:300]}
        if not change(self, {"state": "asked"}, to):
            raise Refused("ANSWERED", _("This was already answered."))
        facts = {"promise": self.promise_id, "request": self.pk, "state": state}
        record(self.promise.case, "move_answered", by=by, facts=facts)


@prepared
def _asked(*, promise: int) -> models.QuerySet[MoveRequest]:
    """The requests to which nobody has said anything yet; at most one."""
    return MoveRequest.objects.filter(promise=promise, state=MoveRequest.State.ASKED)
