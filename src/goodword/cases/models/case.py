"""Case: one matter of one customer, in the customer's own words."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db import models, transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from goodword.cases.hearing import Hearing
from goodword.cases.models.message import AUTOMATIC, Channel, Direction, Message, Purpose
from goodword.cases.models.participant import Participant
from goodword.cases.replying import Reply, Then
from goodword.cases.states import ENDED, AsideReason, Move, State
from goodword.core.compare import change
from goodword.core.refusals import Refused
from goodword.core.time import now
from goodword.journal.recording import record
from goodword.people.models import Account, Customer, SenderRule
from goodword.promises.kinds import KEPT_BY_AN_ANSWER, OUTSTANDING, Kind
from goodword.promises.models import Promise
from goodword.promises.policies import POLICIES, Policy, Rule
from goodword.staff.models import Business, Member, Schedule, Team

if TYPE_CHECKING:
    from goodword.cases.models.acts import CustomerAct
    from goodword.cases.models.verdict import Verdict

SET_ASIDE_FOR = timedelta(days=30)


class CaseQuerySet(models.QuerySet["Case"]):
    def ours(self) -> CaseQuerySet:
        return self.filter(move=Move.OURS)

    def unanswered(self) -> CaseQuerySet:
        return self.filter(unanswered_since__isnull=False).exclude(move=Move.ASIDE)

    def nobody_has(self) -> CaseQuerySet:
        return self.filter(taken_at=None, move=Move.OURS)

    def by_urgency(self) -> CaseQuerySet:
        """Broken first, then by the next due, then the longest silence (R07)."""
        return self.order_by("-has_broken", models.F("next_due").asc(nulls_last=True), "id")

    def with_people(self) -> CaseQuerySet:
        return self.select_related("customer__account", "owner", "team")


class Case(models.Model):
    """Always one owner; open until the customer says otherwise. There is no Close."""

    reference = models.CharField(max_length=20, unique=True, null=True)
    title = models.CharField(max_length=300)  # the customer's words; nobody edits them (R18)
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="cases")
    account = models.ForeignKey(
        Account, models.SET_NULL, null=True, blank=True, related_name="cases"
    )
    team = models.ForeignKey(Team, models.PROTECT, related_name="cases")
    owner = models.ForeignKey(Member, models.PROTECT, related_name="cases")
    taken_at = models.DateTimeField(null=True, blank=True)
    handing_to = models.ForeignKey(
        Member, models.PROTECT, null=True, blank=True, related_name="offered_cases"
    )
    state = models.CharField(max_length=14, choices=State.choices, default=State.RECEIVED)
    move = models.CharField(max_length=8, choices=Move.choices, default=Move.OURS)
    channel = models.CharField(max_length=8, choices=Channel.choices, default=Channel.MAIL)
    opened_at = models.DateTimeField()
    unanswered_since = models.DateTimeField(null=True, blank=True)
    waiting_since = models.DateTimeField(null=True, blank=True)
    question = models.CharField(max_length=500, blank=True)
    rested_at = models.DateTimeField(null=True, blank=True)
    set_aside_at = models.DateTimeField(null=True, blank=True)
    set_aside_as = models.CharField(max_length=10, choices=AsideReason.choices, blank=True)
    asked_at = models.DateTimeField(null=True, blank=True)
    check_ins = models.PositiveSmallIntegerField(default=0)
    ended_at = models.DateTimeField(null=True, blank=True)
    is_unread = models.BooleanField(default=True)
    # What the lists show, written with the change that it follows from
    last_at = models.DateTimeField()
    last_side = models.CharField(max_length=8, default="them")
    last_said = models.CharField(max_length=240, blank=True)
    next_due = models.DateTimeField(null=True, blank=True)
    has_broken = models.BooleanField(default=False)

    objects = CaseQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["move", "-has_broken", "next_due"], name="case_move_urgency"),
            models.Index(fields=["team", "move", "next_due"], name="case_team_move"),
            models.Index(fields=["owner", "move", "next_due"], name="case_owner_move"),
            models.Index(fields=["customer", "-last_at"], name="case_customer_last"),
            models.Index(fields=["move", "-last_at"], name="case_move_last"),
            models.Index(
                fields=["unanswered_since"],
                condition=Q(unanswered_since__isnull=False),
                name="case_unanswered",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reference}: {self.title}"

    def get_absolute_url(self) -> str:
        return f"/cases/{self.pk}/"

    # What is asked of a case

    @property
    def is_ended(self) -> bool:
        return self.state in ENDED

    @property
    def is_taken(self) -> bool:
        return self.taken_at is not None

    def schedule_in_force(self) -> Schedule:
        return self.team.schedule_in_force()

    def policy(self) -> Policy:
        return POLICIES[Business.current().policy]

    def locked(self) -> Case:
        """This case as it is now, held until the transaction ends."""
        return Case.objects.select_for_update().get(pk=self.pk)

    def newest_message_id(self) -> int:
        """The newest message that somebody else may have to read; 0 where there is none."""
        newest = self.messages.exclude(direction=Direction.NOTE).order_by("-id")
        return newest.values_list("id", flat=True).first() or 0

    # Opening and hearing

    @classmethod
    @transaction.atomic
    def open(
        cls,
        customer: Customer,
        *,
        title: str,
        by: Member | Customer | str,
        team: Team | None = None,
        channel: str = Channel.MAIL,
        at: datetime | None = None,
        pk: int | None = None,
    ) -> Case:
        """A new case (C1), in the customer's words. The duty person answers for it until taken."""
        business = Business.current()
        team = team or business.home_team
        assert team is not None
        at = at or now()
        case = cls.objects.create(
            pk=pk,
            title=one_line(title)[:300] or str(_("(no subject)")),
            customer=customer,
            account=customer.account,
            team=team,
            owner=team.duty,
            channel=channel,
            opened_at=at,
            last_at=at,
        )
        change(case, {}, {"reference": f"{business.prefix}-{case.pk}"})
        Participant.objects.create(case=case, customer=customer, role=Participant.Role.CUSTOMER)
        record(case, "case_opened", by=by, at=at, facts={"channel": channel, "team": team.pk})
        return case

    def hear(self, customer: Customer, text: str, **details: Any) -> Message:
        """The customer (or somebody who joined) said something; see Hearing for the details."""
        return Hearing(self, customer, text, **details).commit()

    # Owning

    @transaction.atomic
    def take(self, *, by: Member) -> bool:
        """Make `by` the owner, unless somebody else has taken it."""
        if not change(self, {"taken_at": None}, {"taken_at": now(), "owner": by}):
            if self.locked().owner_id == by.pk:
                return False
            raise Refused("TAKEN", _("Somebody else took this case a moment ago."))
        self._hand_promises(by, by=by)
        record(self, "taken", by=by)
        return True

    @transaction.atomic
    def offer_to(self, member: Member, *, by: Member) -> None:
        """Ask somebody to take over. Nothing changes until they accept (R31)."""
        if not member.is_active or member.is_contractor:
            raise Refused("NO_OWNER", _("Only an active employee can own a case."), 422)
        if member.pk == self.owner_id and self.is_taken:
            raise Refused("NO_OWNER", _("%(name)s has it already.") % {"name": member.name}, 422)
        change(self, {}, {"handing_to": member})
        record(self, "handing_over", by=by, facts={"to": member.pk})

    @transaction.atomic
    def accept(self, *, by: Member) -> None:
        """Take over what was offered. Dues stand; only the name changes (P10)."""
        before = self.owner_id
        to = {"handing_to": None, "owner": by, "taken_at": now()}
        if not change(self, {"handing_to": by}, to):
            raise Refused("NOT_OFFERED", _("This case is not offered to you any more."))
        self._hand_promises(by, by=by)
        record(self, "handed_over", by=by, facts={"from_": before, "to": by.pk})

    @transaction.atomic
    def decline(self, *, by: Member) -> None:
        if not change(self, {"handing_to": by}, {"handing_to": None}):
            raise Refused("NOT_OFFERED", _("This case is not offered to you any more."))
        record(self, "hand_over_declined", by=by)

    @transaction.atomic
    def give_to_team(self, team: Team, *, by: Member) -> None:
        """Another team answers for it; its duty person does until somebody takes it."""
        before = self.team_id
        to = {"team": team, "owner": team.duty, "taken_at": None, "handing_to": None}
        if before == team.pk or not change(self, {"team": before}, to):
            return
        self._hand_promises(team.duty, by=by)
        record(self, "team_changed", by=by, facts={"from_": before, "to": team.pk})

    @transaction.atomic
    def fall_to(self, member: Member, *, by: Member | str) -> None:
        """Its owner lost access: the lead answers for it at once (R31)."""
        before = self.owner_id
        change(self, {}, {"owner": member, "handing_to": None})
        self._hand_promises(member, by=by if isinstance(by, Member) else "system")
        record(self, "handed_over", by=by, facts={"from_": before, "to": member.pk})

    def _hand_promises(self, owner: Member, *, by: Member | str) -> None:
        for promise in self.promises.outstanding():
            promise.case = self
            promise.hand_to(owner, by=by)  # type: ignore[arg-type]

    # Writing

    def reply(self, *, by: Member, text: str, then: Then | str, **details: Any) -> Message:
        """Write to the customer; see Reply for what it keeps and leaves behind."""
        return Reply(self, by, text, Then(then), **details).commit()

    @transaction.atomic
    def note(self, text: str, *, by: Member) -> Message:
        """Leave a note that only we see. It answers nobody."""
        if not text.strip():
            raise Refused("NO_TEXT", _("Write the note first."), 422)
        message = Message.objects.create(
            case=self, direction=Direction.NOTE, member=by, at=now(), text=text.strip()
        )
        record(self, "noted", by=by, words=message, facts={"message": message.pk})
        return message

    @transaction.atomic
    def log_call(
        self,
        text: str,
        *,
        by: Member,
        answers: bool,
        minutes: int | None = None,
        keeps: list[int] | None = None,
        promises: list[dict[str, Any]] | None = None,
    ) -> Message:
        """A person spoke with the customer, and what was promised (point 3 of the desk).

        A call in which they were reached is a first word; `answers` says that it answered.
        """
        if not text.strip():
            raise Refused("NO_TEXT", _("Say in a line what was said."), 422)
        case = self.locked()
        message = Message.objects.create(
            case=case,
            direction=Direction.CALL,
            channel=Channel.PHONE,
            member=by,
            customer=case.customer,
            at=now(),
            text=text.strip(),
            minutes=minutes,
            answered_since=case.unanswered_since,
        )
        record(case, "called", by=by, words=message, facts={"message": message.pk})
        case._keep_contact(message, by=by, only_first_word=not answers)
        case._keep_named(keeps or [], message, by=by)
        for given in promises or []:
            Promise.make(case, by=by, said_in=message, **given)
        case._spoken(message, State.IN_PROGRESS if answers else State.ACKNOWLEDGED)
        if not case.is_taken:
            case.take(by=by)
        case.reckon()
        self.__dict__.update(case.__dict__)
        return message

    def _keep_contact(self, message: Message, *, by: Member, only_first_word: bool) -> None:
        """One answer keeps both clocks of whoever it reaches; a first word keeps the first."""
        kinds = (Kind.ACKNOWLEDGE,) if only_first_word else KEPT_BY_AN_ANSWER
        for promise in self.promises.outstanding().filter(kind__in=kinds):
            if self._reaches(message, promise.customer_id):
                promise.case = self
                promise.keep(by=by, message=message)

    def _reaches(self, message: Message, customer_id: int) -> bool:
        if customer_id == self.customer_id:
            return True
        return message.copies.filter(point__customer=customer_id).exists()

    def _keep_named(self, keeps: list[int], message: Message, *, by: Member) -> None:
        for promise in self.promises.outstanding().filter(pk__in=keeps):
            if promise.kind not in KEPT_BY_AN_ANSWER:
                promise.case = self
                promise.keep(by=by, message=message)

    def _spoken(self, message: Message, state: str) -> None:
        """A person of ours reached the customer: the silence is over."""
        to: dict[str, Any] = {"unanswered_since": None, "rested_at": None, "is_unread": False}
        further = state != State.ACKNOWLEDGED or self.state == State.RECEIVED
        if further and not self.is_ended:
            to["state"] = state
        change(self, {}, {**to, **self.last_words(message)})

    @staticmethod
    def last_words(message: Message) -> dict[str, Any]:
        return {
            "last_at": message.at,
            "last_side": message.side,
            "last_said": one_line(message.text)[:240],
        }

    # Putting aside

    @transaction.atomic
    def rest(self, *, by: Member) -> bool:
        """It needs no answer. Any new word of the customer undoes this."""
        to = {"rested_at": now(), "unanswered_since": None, "is_unread": False}
        if not change(self, {"rested_at": None}, to):
            return False
        self._void_contact("no_answer_needed", by=by)
        if self.state == State.RECEIVED:
            change(self, {"state": State.RECEIVED}, {"state": State.ACKNOWLEDGED})
        record(self, "rested", by=by)
        self.reckon()
        return True

    @transaction.atomic
    def wake(self, *, by: Member) -> bool:
        """It needs an answer after all: the clocks run again from when the customer wrote."""
        if not change(self, {"rested_at__isnull": False}, {"rested_at": None}):
            return False
        record(self, "woken", by=by)
        self._run_clocks_again()
        return True

    @transaction.atomic
    def set_aside(
        self, reason: str, *, by: Member | str, rule_for: str = "", at: datetime | None = None
    ) -> bool:
        """Not a customer. Nothing is told to the sender; undone for thirty days."""
        reason = AsideReason(reason)
        to = {"set_aside_at": at or now(), "set_aside_as": reason, "unanswered_since": None}
        if not change(self, {"set_aside_at": None}, {**to, "is_unread": False}):
            return False
        for promise in self.promises.open():
            promise.case = self
            promise.void("not_a_customer", by=by)  # type: ignore[arg-type]
        if rule_for and isinstance(by, Member):
            SenderRule.make(rule_for, reason, by=by)
        record(self, "set_aside", by=by, facts={"reason": str(reason.value)})
        self.reckon()
        return True

    @transaction.atomic
    def bring_back(self, *, by: Member) -> bool:
        """They are a customer after all. Rules for the sender that stand in the way end."""
        if self.set_aside_at and now() - self.set_aside_at > SET_ASIDE_FOR:
            raise Refused("TOO_OLD", _("It was set aside more than thirty days ago."))
        to = {"set_aside_at": None, "set_aside_as": ""}
        if not change(self, {"set_aside_at__isnull": False}, to):
            return False
        for rule in SenderRule.objects.filter(
            sender__in=self.customer.points.values("value"), ended_at=None
        ):
            rule.end(by=by)
        record(self, "brought_back", by=by)
        self._run_clocks_again()
        return True

    def _void_contact(self, reason: str, *, by: Member) -> None:
        for promise in self.promises.open().filter(kind__in=KEPT_BY_AN_ANSWER):
            promise.case = self
            promise.void(reason, by=by)

    def _run_clocks_again(self) -> None:
        """Open the contact promises anew, counted from the message that nobody answered."""
        last_out = self.messages.filter(
            Q(direction=Direction.CALL) | Q(direction=Direction.OUT) & ~Q(purpose__in=AUTOMATIC)
        ).order_by("-at")
        since = last_out.values_list("at", flat=True).first()
        heard = self.messages.filter(direction=Direction.IN, automatic="")
        first = (heard.filter(at__gt=since) if since else heard).order_by("at").first()
        if first is None:
            first = heard.order_by("-at").first()
        if first is not None:
            change(self, {}, {"unanswered_since": first.at})
            self.open_clocks(first)
        self.reckon()

    # Clocks

    def open_clocks(self, message: Message, rules: tuple[Rule, ...] | None = None) -> list[Promise]:
        """The promises that a customer's message opens, whichever are not open already."""
        assert message.customer is not None
        person = message.customer if message.is_unconfirmed else self.customer
        there = self.promises.open().filter(customer=person).values_list("kind", flat=True)
        return [
            Promise.make(
                self,
                rule.kind,
                str(rule.words),
                by="system",
                form=rule.form,
                at=message.at,
                customer=person,
            )
            for rule in rules or self.policy().contact
            if rule.kind not in there
        ]

    # Asking and the verdict

    @transaction.atomic
    def ask(self, *, by: Member, message: Message) -> None:
        """Ask whether it is settled (C6). The customer decides; a check-in watches."""
        change(self, {}, {"state": State.ASKED, "asked_at": now(), "check_ins": 0})
        change(message, {}, {"asks": True})
        record(self, "asked", by=by, facts={"message": message.pk})
        self.open_check_in()

    def open_check_in(self) -> Promise:
        """The next check-in; two in all for a case without failure, four over thirty days else."""
        self._void_check_ins("asked_anew")
        rule = self._check_in_rules()[self.check_ins]
        return Promise.make(self, rule.kind, str(rule.words), by="system", form=rule.form)

    def _check_in_rules(self) -> tuple[Rule, ...]:
        policy = self.policy()
        had_failure = self.promises.filter(broken_at__isnull=False).exists()
        return policy.check_ins_after_failure if had_failure else policy.check_ins

    def _void_check_ins(self, reason: str) -> None:
        for promise in self.promises.open().filter(kind=Kind.CHECK_IN, made_by=None):
            promise.case = self
            promise.void(reason, by="system")

    @transaction.atomic
    def check_in(self) -> str:
        """Their check-in is due and they are silent: remind them, or let it lapse (C9).

        Returns "reminded", "lapsed" or "" where there is nothing to do. The worker calls it.
        """
        case = self.locked()
        if case.state != State.ASKED or case.unanswered_since:
            return ""
        watch = case.promises.open().filter(kind=Kind.CHECK_IN, made_by=None).first()
        if watch is None:
            return ""
        watch.case = case
        if case.check_ins + 1 < len(case._check_in_rules()):
            return case._remind(watch)
        watch.void("lapsed", by="clock")
        change(case, {}, {"state": State.LAPSED, "ended_at": now()})
        record(case, "lapsed", by="clock", facts={"check_ins": case.check_ins})
        case.reckon()
        return "lapsed"

    def _remind(self, watch: Promise) -> str:
        from goodword.cases.automatic import remind

        message = remind(self)
        if message is None:
            watch.void("contact_budget", by="clock")
        else:
            watch.keep(by="system", message=message)
            record(self, "reminded", by="clock", facts={"message": message.pk})
        change(self, {}, {"check_ins": self.check_ins + 1})
        self.open_check_in()
        self.reckon()
        return "reminded"

    @transaction.atomic
    def settle(self, act: CustomerAct, *, degree: str = "", words: str = "") -> Verdict:
        """The customer says that it is settled (C7). Nobody and nothing else can."""
        verdict = self._decide(act, True, degree, words)
        for promise in self.promises.open().filter(kind__in=(*KEPT_BY_AN_ANSWER, Kind.CHECK_IN)):
            promise.case = self
            promise.void("settled", by=act.customer)
        to = {"state": State.SETTLED, "ended_at": now(), "unanswered_since": None}
        change(self, {}, {**to, "waiting_since": None, "question": "", "rested_at": None})
        record(self, "settled", by=act.customer, words=verdict, facts=_how(act, degree))
        self.reckon()
        return verdict

    @transaction.atomic
    def not_yet(self, act: CustomerAct, *, words: str = "") -> Verdict:
        """The customer says what is missing (C8): the case is ours to move again, at once."""
        if act.link is not None and not words.strip():
            raise Refused("NO_TEXT", _("Tell us in a line what is missing."), 422)
        verdict = self._decide(act, False, "", words)
        if act.link is not None:
            self.hear(act.customer, words, channel=Channel.PAGE)
        self._void_check_ins("not_yet")
        to = {"state": State.IN_PROGRESS, "asked_at": None, "ended_at": None, "rested_at": None}
        change(self, {}, {**to, "waiting_since": None, "question": ""})
        if self.unanswered_since is None and act.message is not None:
            change(self, {}, {"unanswered_since": act.message.at})
            self.open_clocks(act.message)
        record(self, "not_yet", by=act.customer, words=verdict, facts=_how(act, ""))
        self.reckon()
        return verdict

    def _decide(self, act: CustomerAct, settled: bool, degree: str, words: str) -> Verdict:
        from goodword.cases.models.acts import CustomerAct
        from goodword.cases.models.verdict import Degree, Verdict

        if not isinstance(act, CustomerAct):
            raise Refused("CUSTOMER_ONLY", _("Only the customer can settle a case."), 403)
        act.must_be_for(self)
        if degree and degree not in Degree.values:
            raise Refused("NO_DEGREE", _("Choose one of the six answers, or none."), 422)
        return Verdict.objects.create(
            case=self,
            customer=act.customer,
            is_settled=settled,
            degree=degree,
            words=(words or act.sentence).strip(),
            link=act.link,
            message=act.message,
            marked_by=act.marked_by,
        )

    @transaction.atomic
    def resume_after_verdict(self) -> None:
        """How we understood the customer was wrong: the case goes on."""
        to = {"state": State.IN_PROGRESS, "ended_at": None, "asked_at": None, "rested_at": None}
        change(self, {}, to)
        self._run_clocks_again()

    @transaction.atomic
    def withdraw(self, act: CustomerAct, *, words: str = "") -> bool:
        """The customer no longer wants it (C10). Reopened by any word."""
        act.must_be_for(self)
        to = {"state": State.WITHDRAWN, "ended_at": now(), "unanswered_since": None}
        if not change(self, {"ended_at": None}, to):
            return False
        for promise in self.promises.outstanding():
            promise.case = self
            promise.release(by=act.customer, words=words)
        record(self, "withdrawn", by=act.customer)
        self.reckon()
        return True

    @transaction.atomic
    def reopen(self, *, by: Member | Customer | str) -> bool:
        """Any word of the customer reopens, without limit of time (C12)."""
        to = {"state": State.IN_PROGRESS, "ended_at": None, "asked_at": None}
        if not change(self, {"state__in": ENDED}, to):
            return False
        record(self, "reopened", by=by)
        return True

    # When a message did not arrive

    @transaction.atomic
    def undo_message(self, message: Message, *, why: str) -> None:
        """What this message kept is un-kept, and the silence that it ended goes on (P11)."""
        case = self.locked()
        for promise in message.keeps.all():
            promise.case = case
            promise.undo_keeping(by="system", why=why)
        to: dict[str, Any] = {"waiting_since": None, "question": ""}
        if message.answered_since and not case.unanswered_since:
            to["unanswered_since"] = message.answered_since
        if case.state == State.ASKED:
            case._void_check_ins("did_not_arrive")
            to |= {"state": State.IN_PROGRESS, "asked_at": None}
        change(case, {}, to)
        case.reckon()

    @transaction.atomic
    def redo_message(self, message: Message, *, by: Member) -> None:
        """It is on its way again: it keeps what is still outstanding, late where it is late."""
        case = self.locked()
        first_word = message.purpose == Purpose.FIRST_WORD
        case._keep_contact(message, by=by, only_first_word=first_word)
        change(case, {}, {"unanswered_since": None})
        case.reckon()

    # Senders that nobody has confirmed

    @transaction.atomic
    def let_in(self, customer: Customer, *, by: Member) -> None:
        """The owner confirms a sender who joined: they read along from now on."""
        joined = Participant.objects.filter(case=self, customer=customer)
        if joined.filter(role=Participant.Role.UNCONFIRMED).update(role=Participant.Role.COPY):
            self.messages.filter(customer=customer).update(is_unconfirmed=False)
            record(self, "sender_let_in", by=by, facts={"customer": customer.pk})

    @transaction.atomic
    def part_from(self, customer: Customer, *, by: Member) -> Case:
        """The sender gets a case of their own; what they wrote goes there with them."""
        theirs = list(self.messages.filter(customer=customer, is_unconfirmed=True).order_by("at"))
        if not theirs:
            raise Refused("NOT_JOINED", _("This sender wrote nothing that could be taken out."))
        new = Case.open(
            customer, title=theirs[0].subject or theirs[0].text, by=by, team=self.team,
            at=theirs[0].at,
        )
        for promise in self.promises.open().filter(customer=customer):
            promise.case = self
            promise.void("case_of_their_own", by=by)
        self.participants.filter(customer=customer).delete()
        for message in theirs:
            change(message, {}, {"case": new, "is_unconfirmed": False})
        change(new, {}, {"unanswered_since": theirs[0].at, **Case.last_words(theirs[-1])})
        new.open_clocks(theirs[0])
        record(self, "sender_parted", by=by, facts={"customer": customer.pk, "to": new.pk})
        new.reckon()
        self.reckon()
        return new

    # Where it stands

    def seen(self) -> None:
        if self.is_unread:
            change(self, {}, {"is_unread": False})

    @transaction.atomic
    def reckon(self) -> None:
        """Write down whose move it is and what is due next, from what is so.

        An unanswered customer always leaves the case with us, whatever else is so (R02).
        """
        self.refresh_from_db(fields=_RECKONED_FROM)
        promises = list(
            self.promises.filter(state__in=OUTSTANDING).values("kind", "state", "due", "made_by")
        )
        owed = [promise for promise in promises if self._is_owed(promise)]
        watched = [row["due"] for row in promises if row["state"] == "open"]
        change(
            self,
            {},
            {
                "move": self._whose_move(bool(owed)),
                "next_due": min(watched, default=None),
                "has_broken": any(row["state"] == "broken" for row in owed),
            },
        )

    def _is_owed(self, promise: dict[str, Any]) -> bool:
        """Whether this promise leaves the case with us: check-ins and waiting do not."""
        broken = promise["state"] == "broken"
        if promise["kind"] in KEPT_BY_AN_ANSWER and (self.rested_at or self.set_aside_at):
            return False
        if self.is_ended and promise["kind"] in KEPT_BY_AN_ANSWER:
            return False
        by_policy = promise["made_by"] is None
        if by_policy and promise["kind"] == Kind.CHECK_IN:
            return broken and self.state == State.ASKED
        if by_policy and promise["kind"] == Kind.NEXT_UPDATE and self.waiting_since:
            return broken
        return True

    def _whose_move(self, owed: bool) -> str:
        if self.set_aside_at:
            return Move.ASIDE
        if self.unanswered_since:
            return Move.OURS
        if self.is_ended:
            return Move.SETTLED
        if owed:
            return Move.OURS
        if self.state == State.ASKED:
            return Move.DECIDE
        if self.waiting_since or self.rested_at:
            return Move.THEIRS
        return Move.OURS


_RECKONED_FROM = ["state", "unanswered_since", "waiting_since", "rested_at", "set_aside_at"]


def _how(act: CustomerAct, degree: str) -> dict[str, Any]:
    return {
        "degree": degree,
        "link": act.link.pk if act.link else None,
        "message": act.message.pk if act.message else None,
        "marked_by": act.marked_by.pk if act.marked_by else None,
    }


def one_line(text: str) -> str:
    return " ".join(text.split())
