"""Case: one matter of one customer, in the customer's own words."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, TypedDict, cast

from django.db import connection, models, transaction
from django.db.models import Q
from django.utils.translation import gettext as _g
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from goodword.cases import mentioning, promising, snoozing, tagging, watching
from goodword.cases.giving_word import Chosen, GivenWords
from goodword.cases.hearing import Hearing
from goodword.cases.joining import must_answer_for
from goodword.cases.models.links import CaseLink
from goodword.cases.models.mayday import end_with_case
from goodword.cases.models.message import (
    AUTOMATIC,
    FIRST_WORDS,
    Channel,
    Direction,
    Message,
    Purpose,
)
from goodword.cases.models.participant import Participant
from goodword.cases.models.scheduled import Scheduled
from goodword.cases.models.tag import Tag, Tagging
from goodword.cases.models.watch import Watch
from goodword.cases.replying import Reply, Then
from goodword.cases.states import ENDED, AsideReason, Move, State
from goodword.cases.withdrawing import Withdrawal
from goodword.core.compare import change
from goodword.core.prepared import first, prepared
from goodword.core.refusals import Refused
from goodword.core.time import now
from goodword.core.writing import new, put
from goodword.journal.recording import record
from goodword.people.models import Account, CriticalDate, Customer, SenderRule
from goodword.people.models.dates import near_now
from goodword.promises import pausing
from goodword.promises.kinds import KEPT_BY_AN_ANSWER, OUTSTANDING, Kind
from goodword.promises.models import Promise
from goodword.promises.policies import Rule, Terms
from goodword.promises.rungs import follow
from goodword.staff.models import Business, Member, Schedule, Team
from goodword.staff.rights import Right, must
from goodword.staff.rota import on_duty

if TYPE_CHECKING:
    from goodword.cases.models.acts import CustomerAct
    from goodword.cases.models.drafts import Draft
    from goodword.cases.models.merge import Merge
    from goodword.cases.models.verdict import Verdict


class Outstanding(TypedDict):
    """What reckoning asks of a promise."""

    id: int
    kind: str
    state: str
    breaks_at: datetime
    paused_at: datetime | None
    made_by: int | None
    customer: int


SET_ASIDE_FOR = timedelta(days=30)


@dataclass
class Opening:
    """What became of a case since its row was put there, by us alone: nobody else has it yet."""

    made: list[Promise] = field(default_factory=list)
    to: dict[str, Any] = field(default_factory=dict)  # what is not in its row yet


class CaseQuerySet(models.QuerySet["Case"]):
    def ours(self) -> CaseQuerySet:
        return self.filter(move=Move.OURS)

    def unanswered(self) -> CaseQuerySet:
        known = self.filter(unanswered_since__isnull=False)
        return known.exclude(move__in=(Move.ASIDE, Move.MERGED))

    def nobody_has(self) -> CaseQuerySet:
        return self.filter(taken_at=None, move=Move.OURS)

    def snoozed(self, at: datetime) -> CaseQuerySet:
        """Out of the lists until later; who waits for us, or was let down, never is (R02)."""
        return self.filter(snoozed_until__gt=at, unanswered_since=None, has_broken=False)

    def awake(self, at: datetime) -> CaseQuerySet:
        return self.exclude(snoozed_until__gt=at, unanswered_since=None, has_broken=False)

    def tagged(self, slug: str) -> CaseQuerySet:
        """Those that carry this tag, or one that stands for the same."""
        family = Tag.objects.family_of(slug).values("pk")
        return self.filter(pk__in=Tagging.objects.filter(tag__in=family).values("case"))

    def watched_by(self, member: Member) -> CaseQuerySet:
        return self.filter(pk__in=Watch.objects.filter(member=member).values("case"))

    def by_urgency(self, near: tuple[date, date] | None = None) -> CaseQuerySet:
        """A MAYDAY first, then broken, the next due, and whose deadline is near (R07, R08)."""
        deadline = _deadline_is_near(near or near_now())
        return self.order_by(*BY_URGENCY, deadline, "id")

    def with_people(self) -> CaseQuerySet:
        return self.select_related("customer__account", "owner", "team")


# As an index has it: SQLite reads NULLS LAST off none, and sorted all that is ours for one page.
BY_URGENCY: tuple[Any, ...] = (
    models.F("is_mayday").desc(),
    models.F("has_broken").desc(),
    models.ExpressionWrapper(Q(next_due=None), output_field=models.BooleanField()).asc(),
    models.F("next_due").asc(),
)


def _deadline_is_near(days: tuple[date, date]) -> models.Case:
    """0 where a recorded date of theirs or of their account is one of these days, else 1."""
    near = CriticalDate.objects.between(*days)
    theirs = Q(customer__in=near.exclude(customer=None).values("customer"))
    accounts = Q(customer__account__in=near.exclude(account=None).values("account"))
    return models.Case(models.When(theirs | accounts, then=0), default=1)


class Case(models.Model):
    """Always one owner; open until the customer says otherwise. There is no Close."""

    reference = models.CharField(max_length=20, unique=True, null=True)  # noqa: DJ001
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
    snoozed_until = models.DateTimeField(null=True, blank=True)
    snoozed_for = models.ForeignKey(
        Promise, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    split_from = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="split_here"
    )
    # While it is merged, its other columns stay as they were for the un-merge
    merged_into = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="merged_here"
    )
    is_unread = models.BooleanField(default=True)
    # What the lists show, written with the change that it follows from
    last_at = models.DateTimeField()
    last_side = models.CharField(max_length=8, default="them")
    last_said = models.CharField(max_length=240, blank=True)
    next_due = models.DateTimeField(null=True, blank=True)
    has_broken = models.BooleanField(default=False)
    is_mayday = models.BooleanField(default=False)  # their business is stopped (R08)

    objects = CaseQuerySet.as_manager()
    _held_as: Case | None = None
    _opening: Opening | None = None
    only_watched = False  # set by the door, for the member who asks

    class Meta:
        indexes = [
            models.Index(models.F("move"), *BY_URGENCY, name="case_by_urgency"),
            models.Index(fields=["team"], condition=Q(is_mayday=True), name="case_mayday"),
            models.Index(fields=["team", "move", "next_due"], name="case_team_move"),
            models.Index(fields=["owner", "move", "next_due"], name="case_owner_move"),
            models.Index(fields=["customer", "-last_at"], name="case_customer_last"),
            models.Index(fields=["move", "-last_at"], name="case_move_last"),
            models.Index(fields=["-opened_at"], name="case_opened"),
            models.Index(
                fields=["unanswered_since"],
                condition=Q(unanswered_since__isnull=False),
                name="case_unanswered",
            ),
            # Of these few rows have any. In the index of the key all are, so that SQLite looks at
            # every case for one of them, or begins there for those that have none.
            *(
                models.Index(
                    fields=[key], condition=Q(**{f"{key}__isnull": False}), name=f"case_{key}"
                )
                for key in ("split_from", "merged_into", "handing_to")
            ),
            models.Index(
                fields=["snoozed_until"],
                condition=Q(snoozed_until__isnull=False),
                name="case_snoozed",
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
        """Those agreed with the organisation of the customer, else the team's or the business's."""
        account = self.customer.account
        return (account and account.schedule_in_force()) or self.team.schedule_in_force()

    def policy(self) -> Terms:
        return promising.policy_of(self).terms

    def locked(self) -> Case:
        """This case as it is now, held until the transaction ends."""
        case = first(_locked(pk=self.pk))
        if case is None:
            raise Case.DoesNotExist
        return case

    @contextmanager
    def held(self, *, merged: bool = False) -> Iterator[Case]:
        """The case as it is now, locked; reckoned once when the outermost block ends well.

        Every verb that touches a case or its promises stands in such a block, so that none
        can leave it without an owner of its next step, and none sees another half done.
        Refused for a case that was merged into another, unless the verb says `merged`.
        """
        if self._held_as is not None:
            yield self._held_as
            return
        with transaction.atomic():
            case = self.locked()
            if not merged:
                case.must_stand()
            self._held_as = case._held_as = case
            try:
                yield case
            finally:
                self._held_as = case._held_as = None
            case.reckon()
        self.__dict__.update(case.__dict__)

    @classmethod
    @contextmanager
    def held_together(cls, pks: Iterable[int]) -> Iterator[dict[int, Case]]:
        """Several cases by id, as they are now, locked and reckoned as `held` does with one.

        One that somebody else holds right now is left out where the database can tell.
        """
        skips = connection.features.has_select_for_update_skip_locked
        with transaction.atomic():
            rows = cls.objects.select_for_update(skip_locked=skips).filter(pk__in=pks)
            cases = {case.pk: case for case in rows.order_by("pk") if not case.merged_into_id}
            for case in cases.values():
                case._held_as = case
            try:
                yield cases
            finally:
                for case in cases.values():
                    case._held_as = None
            for case in cases.values():
                case.reckon()

    def must_stand(self) -> None:
        """Refused for a case that was merged into another: nothing is done there any more."""
        if self.merged_into is not None:
            raise PartOfAnother(self)

    def newest_message_id(self) -> int:
        """The newest message that somebody else may have to read; 0 where there is none."""
        unsaid = (Direction.NOTE, Direction.BACK)
        newest = self.messages.exclude(direction__in=unsaid).order_by("-id")
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
        case = cls._put(customer, title, team, channel, at, pk)
        change(case, {}, {"reference": f"{business.prefix}-{case.pk}"})
        case._note_opened(by, at)
        return case

    @classmethod
    def _put(
        cls,
        customer: Customer,
        title: str,
        team: Team,
        channel: str,
        at: datetime,
        pk: int | None = None,
    ) -> Case:
        case = new(
            cls,
            title=one_line(title)[:300] or str(_("(no subject)")),
            customer=customer,
            account=customer.account,
            team=team,
            owner=on_duty(team, at),
            channel=channel,
            opened_at=at,
            last_at=at,
        )
        case.pk = pk
        return put(case)

    def _note_opened(self, by: Member | Customer | str, at: datetime) -> None:
        customer = Participant.Role.CUSTOMER
        put(new(Participant, case=self, customer=self.customer, role=customer))
        facts = {"channel": self.channel, "team": self.team_id}
        record(self, "case_opened", by=by, at=at, facts=facts)

    @classmethod
    @transaction.atomic(savepoint=False)
    def begun(
        cls, customer: Customer, text: str, *, title: str, team: Team, at: datetime, **details: Any
    ) -> tuple[Case, Message]:
        """A new case with the words that it begins with; `details` as in Hearing.

        As `open` and `hear` leave it. Nobody else can have it yet, so nothing of it is read
        back, and what becomes of it is written into its row at the end.
        """
        case = cls._put(customer, title, team, Channel.MAIL, at)
        case._held_as, case._opening = case, (opening := Opening())
        try:
            case.write({"reference": f"{Business.current().prefix}-{case.pk}"})
            case._note_opened(customer, at)
            message = case.hear(customer, text, at=at, **details)
            case.reckon()
        finally:
            case._held_as = case._opening = None
        change(case, {}, opening.to)
        return case, message

    @property
    def is_new(self) -> bool:
        return self._opening is not None

    @property
    def made_since_opened(self) -> list[Promise] | None:
        """Every promise of a case that is being opened; None for one that others may have."""
        return self._opening.made if self._opening is not None else None

    def has_made(self, promise: Promise) -> None:
        if self._opening is not None:
            self._opening.made.append(promise)

    def write(self, to: dict[str, Any]) -> None:
        """Change it, now or with all that becomes of it while it is opened."""
        if self._opening is None:
            change(self, {}, to)
            return
        self.__dict__.update(to)
        self._opening.to |= to

    def hear(self, customer: Customer, text: str, **details: Any) -> Message:
        """The customer (or somebody who joined) said something; see Hearing for the details."""
        return Hearing(self, customer, text, **details).commit()

    # Owning

    def take(self, *, by: Member) -> bool:
        """Make `by` the owner, unless somebody else has taken it."""
        must_be_able_to_own(by)
        with self.held() as case:
            before = case.owner_id
            to = {"taken_at": now(), "owner": by, "handing_to": None}
            if not change(case, {"taken_at": None}, to):
                if before == by.pk:
                    return False
                raise Refused("TAKEN", _("Somebody else took this case a moment ago."))
            case._hand_promises(before, by, by=by)
            record(case, "taken", by=by)
        return True

    def offer_to(self, member: Member, *, by: Member) -> None:
        """Ask somebody to take over. Nothing changes until they accept (R31)."""
        must(by, Right.HAND_OVER)
        must_be_able_to_own(member)
        with self.held() as case:
            if member.pk == case.owner_id and case.is_taken:
                sentence = _("%(name)s has it already.") % {"name": member.name}
                raise Refused("NO_OWNER", sentence, 422)
            if case.handing_to_id != member.pk:
                change(case, {}, {"handing_to": member})
                record(case, "handing_over", by=by, facts={"to": member.pk})

    def accept(self, *, by: Member) -> None:
        """Take over what was offered. Dues stand; only the name changes (P10)."""
        must_be_able_to_own(by)
        with self.held() as case:
            before = case.owner_id
            to = {"handing_to": None, "owner": by, "taken_at": now()}
            if not change(case, {"handing_to": by}, to):
                raise Refused("NOT_OFFERED", _("This case is not offered to you any more."))
            case._hand_promises(before, by, by=by)
            record(case, "handed_over", by=by, facts={"from_": before, "to": by.pk})

    def decline(self, *, by: Member) -> None:
        with self.held(merged=True) as case:
            if not change(case, {"handing_to": by}, {"handing_to": None}):
                raise Refused("NOT_OFFERED", _("This case is not offered to you any more."))
            record(case, "hand_over_declined", by=by)

    def give_to_team(self, team: Team, *, by: Member) -> None:
        """Another team answers for it; its duty person does until somebody takes it."""
        must(by, Right.HAND_OVER)
        with self.held() as case:
            before, owner = case.team_id, case.owner_id
            duty = on_duty(team, now())
            to = {"team": team, "owner": duty, "taken_at": None, "handing_to": None}
            if before == team.pk:
                return
            change(case, {}, to)
            case._hand_promises(owner, duty, by=by)
            record(case, "team_changed", by=by, facts={"from_": before, "to": team.pk})

    def fall_to(self, member: Member, *, by: Member | str) -> None:
        """Its owner lost access: the lead answers for it at once (R31)."""
        must_be_able_to_own(member)
        with self.held(merged=True) as case:
            before = case.owner_id
            if before == member.pk:
                return
            change(case, {}, {"owner": member, "handing_to": None})
            case._hand_promises(before, member, by=by)
            record(case, "handed_over", by=by, facts={"from_": before, "to": member.pk})

    def _hand_promises(self, before: int, owner: Member, *, by: Member | str) -> None:
        """What the former owner had to keep in this case; a colleague's own word stays theirs."""
        for promise in self.promises.outstanding().filter(owner=before):
            promise.hand_to(owner, by=by)  # type: ignore[arg-type]

    # Writing

    def reply(self, *, by: Member, text: str, then: Then | str, **details: Any) -> Message:
        """Write to the customer; see Reply for what it keeps and leaves behind."""
        return Reply(self, by, text, Then(then), **details).commit()

    def take_back(self, message: Message, *, by: Member) -> Draft | None:
        """Undo the send of a message that has not left yet; see Withdrawal."""
        return Withdrawal(message, by).commit()

    @transaction.atomic
    def note(self, text: str, *, by: Member) -> Message:
        """Leave a note that only we see. It answers nobody."""
        if not text.strip():
            raise Refused("NO_TEXT", _("Write the note first."), 422)
        self.locked().must_stand()
        message = Message.objects.create(
            case=self, direction=Direction.NOTE, member=by, at=now(), text=text.strip()
        )
        record(self, "noted", by=by, words=message, facts={"message": message.pk})
        mentioning.mention(self, message, by=by)
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
        chosen: Chosen | None = None,
    ) -> Message:
        """A person spoke with the customer, and what was promised (point 3 of the desk).

        A call in which they were reached is a first word; `answers` says that it answered.
        """
        must(by, Right.ANSWER)
        if not text.strip():
            raise Refused("NO_TEXT", _("Say in a line what was said."), 422)
        with self.held() as case:
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
                Promise.make(case, by=by, owner=by, said_in=message, **given)
            GivenWords(case, message.text, chosen=chosen).give(message, by=by)
            case._spoken(message, State.IN_PROGRESS if answers else State.ACKNOWLEDGED)
            case._taken_by_whoever_speaks(by)
            Scheduled.hold_all(case, but=by)
        return message

    def _taken_by_whoever_speaks(self, by: Member) -> None:
        if not self.is_taken and can_own(by):
            self.take(by=by)

    def _keep_contact(self, message: Message, *, by: Member, only_first_word: bool) -> None:
        """One answer keeps both clocks of whoever it reaches; a first word keeps the first.

        Either keeps “you hear from us again”, which a policy or an earlier first word said.
        """
        kinds = (Kind.ACKNOWLEDGE,) if only_first_word else KEPT_BY_AN_ANSWER
        heard_again = Q(kind=Kind.NEXT_UPDATE) & (
            Q(made_by=None) | Q(said_in__purpose__in=FIRST_WORDS)
        )
        heard_again |= Q(kind=Kind.CALLBACK, said_in__purpose=Purpose.THREE_PARTS)
        # Who called MAYDAY was promised a call, where we know a number.
        if message.direction == Direction.CALL:
            heard_again |= Q(mayday__isnull=False)
        for promise in self.promises.outstanding().filter(Q(kind__in=kinds) | heard_again):
            # A message that goes out once more keeps nothing that they asked for after it.
            if promise.made_at <= message.at and self._reaches(message, promise.customer_id):
                promise.keep(by=by, message=message)
        promising.first_word_said(self, message)

    def _reaches(self, message: Message, customer_id: int) -> bool:
        if customer_id == self.customer_id:
            return True
        return message.copies.filter(point__customer=customer_id).exists()

    def _keep_named(self, keeps: list[int], message: Message, *, by: Member) -> None:
        for promise in self.promises.outstanding().filter(pk__in=keeps):
            if promise.kind not in KEPT_BY_AN_ANSWER:
                promise.keep(by=by, message=message)

    def _spoken(self, message: Message, state: str) -> None:
        """A person of ours reached the customer: the silence is over."""
        if message.member is not None:
            self._no_longer_aside(message.member)
        to: dict[str, Any] = {"unanswered_since": None, "rested_at": None, "is_unread": False}
        further = state != State.ACKNOWLEDGED or self.state == State.RECEIVED
        if further and not self.is_ended and self.state != State.ASKED:
            to["state"] = state
        if self.state != State.ASKED:
            to["asked_at"] = None
        change(self, {}, {**to, **self.last_words(message)})

    def _no_longer_aside(self, by: Member) -> None:
        """Whoever is written to is a customer; what we promise them must not lie out of sight."""
        if self.set_aside_at:
            change(self, {}, {"set_aside_at": None, "set_aside_as": ""})
            record(self, "brought_back", by=by)

    @staticmethod
    def last_words(message: Message) -> dict[str, Any]:
        return {
            "last_at": message.at,
            "last_side": message.side,
            "last_said": one_line(message.text)[:240],
        }

    # Finding it again, and who looks on

    def tag(self, name: str, *, by: Member) -> Tag:
        return tagging.put_on(self, name, by=by)

    def untag(self, tag: Tag, *, by: Member) -> bool:
        return tagging.take_off(self, tag, by=by)

    def watch(self, member: Member, *, by: Member) -> bool:
        return watching.watch(self, member, by=by)

    def unwatch(self, member: Member, *, by: Member) -> bool:
        return watching.unwatch(self, member, by=by)

    def snooze(self, until: datetime | Promise, *, by: Member, beyond: bool = False) -> datetime:
        """Out of the lists until then; see snoozing.py for what brings it back before."""
        return snoozing.snooze(self, until, by=by, beyond=beyond)

    def unsnooze(self, *, by: Member | str) -> bool:
        return snoozing.unsnooze(self, by=by)

    # Putting aside

    def rest(self, *, by: Member) -> bool:
        """It needs no answer. Any new word of the customer undoes this.

        Where we had asked whether it is settled, the question stands again.
        """
        must(by, Right.SET_ASIDE)
        with self.held() as case:
            since = case.unanswered_since
            to = {"rested_at": now(), "unanswered_since": None, "is_unread": False}
            if case.is_ended or not change(case, {"rested_at": None}, to):
                return False
            case._void_contact("no_answer_needed", by=by)
            if case.state == State.RECEIVED:
                change(case, {}, {"state": State.ACKNOWLEDGED})
            elif case.asked_at and case.state != State.ASKED:
                change(case, {}, {"state": State.ASKED})
                case.open_check_in()
            record(case, "rested", by=by, facts={"since": since})
        return True

    def wake(self, *, by: Member) -> bool:
        """It needs an answer after all: the clocks run again from when the customer wrote."""
        must(by, Right.SET_ASIDE)
        with self.held() as case:
            if not change(case, {"rested_at__isnull": False}, {"rested_at": None}):
                return False
            record(case, "woken", by=by)
            case._run_clocks_again("rested")
        return True

    def set_aside(
        self, reason: str, *, by: Member | str, rule_for: str = "", at: datetime | None = None
    ) -> bool:
        """Not a customer. Nothing is told to the sender; undone for thirty days."""
        must(by, Right.SET_ASIDE)
        reason = AsideReason(reason)
        with self.held() as case:
            since = case.unanswered_since
            to = {"set_aside_at": at or now(), "set_aside_as": reason, "unanswered_since": None}
            if not change(case, {"set_aside_at": None}, {**to, "is_unread": False}):
                return False
            for promise in case.promises.open():
                promise.void("not_a_customer", by=by)  # type: ignore[arg-type]
            if rule_for and isinstance(by, Member):
                SenderRule.make(rule_for, reason, by=by)
            facts = {"reason": str(reason.value), "since": since}
            record(case, "set_aside", by=by, facts=facts)
        return True

    def bring_back(self, *, by: Member) -> bool:
        """They are a customer after all. Rules for the sender that stand in the way end."""
        must(by, Right.SET_ASIDE)
        with self.held() as case:
            if case.set_aside_at and now() - case.set_aside_at > SET_ASIDE_FOR:
                raise Refused("TOO_OLD", _("It was set aside more than thirty days ago."))
            to = {"set_aside_at": None, "set_aside_as": ""}
            if not change(case, {"set_aside_at__isnull": False}, to):
                return False
            for rule in SenderRule.standing_in_the_way_of(case.customer):
                rule.end(by=by)
            record(case, "brought_back", by=by)
            case._run_clocks_again("set_aside")
        return True

    def _void_contact(self, reason: str, *, by: Member) -> None:
        """The clocks of an answer, and a next update that nobody gave by hand."""
        moot = Q(kind__in=KEPT_BY_AN_ANSWER)
        if self.waiting_since is None:
            moot |= Q(kind=Kind.NEXT_UPDATE, made_by=None)
        for promise in self.promises.open().filter(moot):
            promise.void(reason, by=by)

    def _run_clocks_again(self, *undone: str) -> None:
        """Open the contact promises anew, counted from the message that nobody answered.

        The entry of the act that is undone says since when they were unanswered. What was
        answered long ago must not come back as a promise that is broken at once.
        """
        if self.is_ended or self.rested_at or self.set_aside_at:
            return
        first = self._first_unanswered(undone)
        if first is None:
            return
        change(self, {}, {"unanswered_since": first.at})
        broken = self.promises.outstanding().filter(made_at=first.at)
        self.open_clocks(first, but=set(broken.values_list("kind", flat=True)))

    def _first_unanswered(self, undone: tuple[str, ...]) -> Message | None:
        entry = self.entries.filter(kind__in=undone).order_by("-seq").first()
        since = entry.facts.get("since") if entry else None
        if since:
            return self._heard().filter(at__gte=datetime.fromisoformat(since)).first()
        return self._heard_since_we_spoke().first()

    def _heard(self) -> models.QuerySet[Message]:
        return self.messages.filter(direction=Direction.IN, automatic="").order_by("at", "id")

    def _heard_since_we_spoke(self) -> models.QuerySet[Message]:
        said = self.messages.filter(
            Q(direction=Direction.CALL) | Q(direction=Direction.OUT) & ~Q(purpose__in=AUTOMATIC)
        )
        last = said.order_by("-id").values_list("id", flat=True).first()
        return self._heard().filter(id__gt=last or 0)

    # Clocks

    def open_clocks(self, message: Message, *, but: Collection[str] = ()) -> list[Promise]:
        """The promises that a customer's message opens; see promising.py."""
        return promising.open_clocks(self, message, but=but)

    # Asking and the verdict

    def ask(self, *, by: Member, message: Message) -> None:
        """Ask whether it is settled (C6). The customer decides; a check-in watches.

        `message` is the one in which we ask; a reply that asks calls this by itself.
        """
        with self.held() as case:
            if message.case_id != case.pk or not message.is_from_a_person:
                raise Refused("NO_TEXT", _("Ask in a message to the customer."), 422)
            case._may_ask()
            if case.state == State.ASKED and message.asks:
                return
            change(case, {}, {"state": State.ASKED, "asked_at": now(), "check_ins": 0})
            change(message, {}, {"asks": True})
            record(case, "asked", by=by, facts={"message": message.pk})
            case.open_check_in()

    def _may_ask(self) -> None:
        if self.state == State.SETTLED:
            raise Refused("SETTLED", _("The customer has settled it already."))
        if self.is_ended:
            raise Refused("ENDED", _("It has ended. Any word of theirs opens it again."))
        if self.unanswered_since:
            sentence = _("They wrote and have no answer yet. Answer first, or ask in the answer.")
            raise Refused("unanswered_customer", sentence)

    def open_check_in(self) -> Promise:
        """The next check-in; two in all for a case without failure, four over thirty days else."""
        with self.held() as case:
            case._void_check_ins("asked_anew")
            rules = case._check_in_rules()
            rule = rules[min(case.check_ins, len(rules) - 1)]
            return promising.say_again(case, rule)

    def _check_in_rules(self) -> tuple[Rule, ...]:
        policy = self.policy()
        # A reminder goes out just after its check-in is due, which is no failure of ours.
        asked = Q(kind=Kind.CHECK_IN, made_by=None)
        had_failure = self.promises.filter(broken_at__isnull=False).exclude(asked).exists()
        return policy.check_ins_after_failure if had_failure else policy.check_ins

    def _void_check_ins(self, reason: str) -> None:
        for promise in self.promises.open().filter(kind=Kind.CHECK_IN, made_by=None):
            promise.void(reason, by="system")

    def check_in(self) -> str:
        """Their check-in is due and they are silent: remind them, or let it lapse (C9).

        Returns "reminded", "lapsed" or "" where there is nothing to do. The worker calls it.
        """
        with self.held() as case:
            due = case.promises.due_before(now()).filter(kind=Kind.CHECK_IN, made_by=None)
            watch = due.order_by("due").first()
            if watch is None:
                return ""
            if case.state != State.ASKED:
                watch.void("went_on", by="clock")
                return ""
            case.reckon()
            if case.move != Move.DECIDE:
                # It is ours to move: nobody is asked, and nothing lapses, while we owe a step.
                case.open_check_in()
                return ""
            if case.check_ins + 1 < len(case._check_in_rules()):
                return case._remind(watch)
            watch.void("lapsed", by="clock")
            case._end(State.LAPSED)
            record(case, "lapsed", by="clock", facts={"check_ins": case.check_ins})
        return "lapsed"

    def _remind(self, watch: Promise) -> str:
        from goodword.cases.automatic import remind

        message = remind(self)
        if message is None:
            # Not counted: a case may only lapse after they were really asked.
            watch.void("contact_budget", by="clock")
        else:
            watch.keep(by="system", message=message)
            record(self, "reminded", by="clock", words=message, facts={"message": message.pk})
            change(self, {}, {"check_ins": self.check_ins + 1})
        self.open_check_in()
        return "reminded" if message else ""

    def _end(self, state: str) -> None:
        to = {"state": state, "ended_at": now(), "unanswered_since": None, "waiting_since": None}
        change(self, {}, {**to, "question": "", "rested_at": None})

    def settle(self, act: CustomerAct, *, degree: str = "", words: str = "") -> Verdict:
        """The customer says that it is settled (C7). Nobody and nothing else can."""
        with self.held() as case:
            words = case._checked(act, degree, words)
            if (said := case._said_already(act, True, degree, words)) is not None:
                return said
            since = case.unanswered_since
            verdict = case._verdict(act, True, degree, words)
            for promise in case.promises.open().filter(kind__in=MOOT_ONCE_SETTLED):
                promise.void("settled", by=act.customer)
            promising.settled(case, act)
            case._end(State.SETTLED)
            change(case, {}, {"set_aside_at": None, "set_aside_as": ""})
            facts = {**_how(act, degree), "since": since}
            record(case, "settled", by=act.customer, words=verdict, facts=facts)
            case._mirror(act, verdict)
        return verdict

    def _mirror(self, act: CustomerAct, verdict: Verdict) -> None:
        """A settled case may never have a next mail, so what was marked is told at once."""
        from goodword.cases.automatic import mirror

        if act.message is not None:
            with override(self.customer.reads()):
                meaning = _g("it is settled")
            change(verdict, {}, {"mirrored_in": mirror(self, act, meaning)})

    def not_yet(self, act: CustomerAct, *, words: str = "") -> Verdict:
        """The customer says what is missing (C8): the case is ours to move again, at once."""
        with self.held() as case:
            words = case._checked(act, "", words)
            if act.link is not None and not words:
                raise Refused("NO_TEXT", _("Tell us in a line what is missing."), 422)
            if (said := case._said_already(act, False, "", words)) is not None:
                return said
            verdict = case._verdict(act, False, "", words)
            if act.link is not None:
                case.hear(act.customer, words, channel=Channel.PAGE)
            case._void_check_ins("not_yet")
            was_rested = case.rested_at is not None
            to: dict[str, Any] = {"state": State.IN_PROGRESS, "asked_at": None, "ended_at": None}
            to |= {"waiting_since": None, "question": "", "rested_at": None}
            change(case, {}, {**to, "set_aside_at": None, "set_aside_as": ""})
            if was_rested and case.unanswered_since is None and act.message is not None:
                change(case, {}, {"unanswered_since": act.message.at})
                case.open_clocks(act.message)
            facts = _how(act, "")
            record(case, "not_yet", by=act.customer, words=verdict, facts=facts)
        return verdict

    def _checked(self, act: CustomerAct, degree: str, words: str) -> str:
        from goodword.cases.models.acts import must_be_an_act
        from goodword.cases.models.verdict import Degree

        must_be_an_act(act)
        act.must_be_for(self)
        if degree and degree not in Degree.values:
            raise Refused("NO_DEGREE", _("Choose one of the six answers, or none."), 422)
        return (words or act.sentence).strip()

    def _said_already(
        self, act: CustomerAct, settled: bool, degree: str, words: str
    ) -> Verdict | None:
        """The same verdict, said twice by an impatient hand, while it still stands."""
        last = self.verdicts.filter(undone_at=None).order_by("-at", "-id").first()
        same = last is not None and (
            (last.is_settled, last.degree, last.words) == (settled, degree, words)
            and (last.link, last.message) == (act.link, act.message)
        )
        stands = (self.state == State.SETTLED) if settled else self._nothing_said_since(last)
        return last if same and stands else None

    def _nothing_said_since(self, verdict: Verdict | None) -> bool:
        said = self.messages.filter(direction__in=(Direction.OUT, Direction.CALL))
        return verdict is not None and not said.filter(at__gt=verdict.at).exists()

    def _verdict(self, act: CustomerAct, settled: bool, degree: str, words: str) -> Verdict:
        from goodword.cases.models.verdict import Verdict

        return Verdict.objects.create(
            case=self,
            customer=act.customer,
            is_settled=settled,
            degree=degree,
            words=words,
            at=now(),
            link=act.link,
            message=act.message,
            marked_by=act.marked_by,
        )

    def resume_after_verdict(self) -> None:
        """How we understood the customer was wrong: the case goes on."""
        with self.held() as case:
            to: dict[str, Any] = {"state": State.IN_PROGRESS, "ended_at": None, "asked_at": None}
            to |= {"rested_at": None, "set_aside_at": None, "set_aside_as": ""}
            change(case, {}, to)
            case._void_check_ins("verdict_undone")
            promising.unsettled(case)
            case._run_clocks_again("settled")

    def withdraw(self, act: CustomerAct, *, words: str = "") -> bool:
        """The customer no longer wants it (C10). Reopened by any word."""
        with self.held() as case:
            case._checked(act, "", words)
            if case.is_ended:
                return False
            for promise in case.promises.outstanding():
                if promise.customer_id == act.customer.pk:
                    promise.release(by=act.customer, words=words)
                else:
                    promise.void("withdrawn", by=act.customer)
            case._end(State.WITHDRAWN)
            record(case, "withdrawn", by=act.customer)
        return True

    def reopen(self, *, by: Member | Customer | str) -> bool:
        """Any word of the customer reopens, without limit of time (C12)."""
        with self.held() as case:
            to = {"state": State.IN_PROGRESS, "ended_at": None, "asked_at": None}
            if not case.is_ended or not change(case, {"state__in": ENDED}, to):
                return False
            record(case, "reopened", by=by)
        return True

    # When a message did not arrive

    def undo_message(self, message: Message, *, why: str) -> None:
        """What this message kept is un-kept, and the silence that it ended goes on (P11)."""
        with self.held() as case:
            if case.set_aside_at:
                return
            for promise in message.keeps.select_related("case"):
                # After an un-merge one message may have kept promises of two cases.
                if promise.case_id == case.pk:
                    promise.case = case
                promise.undo_keeping(by="system", why=why)
            to: dict[str, Any] = {"waiting_since": None, "question": "", "rested_at": None}
            if message.answered_since and not case.is_ended:
                since = case.unanswered_since or message.answered_since
                to["unanswered_since"] = min(since, message.answered_since)
            if case.state == State.ASKED:
                case._void_check_ins("did_not_arrive")
                to |= {"state": State.IN_PROGRESS, "asked_at": None}
            change(case, {}, to)

    def redo_message(self, message: Message, *, by: Member) -> None:
        """It is on its way again: it keeps what is still outstanding, late where it is late.

        It answers what had been said before it, and nothing that they said since.
        """
        with self.held() as case:
            case._no_longer_aside(by)
            first_word = message.purpose in FIRST_WORDS
            case._keep_contact(message, by=by, only_first_word=first_word)
            heard = case.messages.filter(direction=Direction.IN, automatic="", pk__gt=message.pk)
            newer = heard.filter(at__gte=message.at).order_by("at").values_list("at", flat=True)
            if case.unanswered_since and case.unanswered_since <= message.at:
                change(case, {}, {"unanswered_since": newer.first()})
            if message.asks and not case.unanswered_since and not case.is_ended:
                case._void_check_ins("asked_anew")
                change(case, {}, {"state": State.ASKED, "asked_at": now(), "check_ins": 0})
                case.open_check_in()

    # Senders that nobody has confirmed

    def let_in(self, customer: Customer, *, by: Member) -> None:
        """The owner confirms a sender who joined: they read along from now on."""
        must(by, Right.ANSWER)
        with self.held() as case:
            joined = case.participants.filter(customer=customer, role="unconfirmed")
            if joined.exists():
                must_answer_for(case, by)
                joined.update(role=Participant.Role.COPY)
                case.messages.filter(customer=customer).update(is_unconfirmed=False)
                record(case, "sender_let_in", by=by, facts={"customer": customer.pk})

    def shut_out(self, customer: Customer, *, by: Member) -> bool:
        """Somebody who read along gets no more copies, and their link to the page ends."""
        must(by, Right.ANSWER)
        with self.held() as case:
            along = Participant.objects.filter(case=case, customer=customer)
            if not along.filter(role=Participant.Role.COPY).delete()[0]:
                return False
            for link in CaseLink.leading(case, customer):
                link.revoke(by=by)
            record(case, "reader_shut_out", by=by, facts={"customer": customer.pk})
        return True

    def part_from(self, customer: Customer, *, by: Member) -> Case:
        """The sender gets a case of their own; what they wrote goes there with them."""
        must(by, Right.ANSWER)
        with self.held() as case:
            theirs = list(
                case.messages.filter(customer=customer, is_unconfirmed=True).order_by("at", "id")
            )
            if not theirs:
                sentence = _("This sender wrote nothing that could be taken out.")
                raise Refused("NOT_JOINED", sentence)
            first = theirs[0]
            title = first.subject or first.text
            new = Case.open(customer, title=title, by=by, team=case.team, at=first.at)
            for promise in case.promises.open().filter(customer=customer):
                promise.void("case_of_their_own", by=by)
            case.participants.filter(customer=customer, role="unconfirmed").delete()
            with new.held() as held:
                for message in theirs:
                    change(message, {}, {"case": held, "is_unconfirmed": False})
                change(held, {}, {"unanswered_since": first.at, **Case.last_words(theirs[-1])})
                held.open_clocks(first)
            case._forget_silence_of(first)
            record(case, "sender_parted", by=by, facts={"customer": customer.pk, "to": new.pk})
        return new

    def _forget_silence_of(self, message: Message) -> None:
        """The words that opened this silence are gone; whose else were not answered?"""
        since = self.unanswered_since
        if since is None or since < message.at:
            return
        heard = self._heard_since_we_spoke().filter(at__gte=since)
        first = heard.values_list("at", flat=True).first()
        change(self, {}, {"unanswered_since": first})

    # Two that are one matter

    def merge_into(self, other: Case, *, by: Member, joins: bool = False) -> Merge:
        """From now on it is part of `other`, until it is un-merged; see Merging."""
        from goodword.cases.merging import Merging

        return Merging(self, other, by=by, joins=joins).commit()

    def unmerge(self, *, by: Member) -> Merge:
        """It stands by itself again, with all that it had; see Unmerging."""
        from goodword.cases.unmerging import Unmerging

        return Unmerging(self, by=by).commit()

    def split(self, messages: Iterable[int], *, by: Member) -> Case:
        """These messages go on in a case of their own; see Splitting."""
        from goodword.cases.splitting import Splitting

        return Splitting(self, messages, by=by).commit()

    def unsplit(self, *, by: Member) -> Merge:
        """What was taken out of another case goes back there."""
        from goodword.cases.splitting import unsplit

        return unsplit(self, by=by)

    def survivor(self) -> Case:
        """The case in which this one goes on: itself, or the one that it was merged into."""
        case = self
        while case.merged_into is not None:
            case = case.merged_into
        return case

    def family(self) -> list[int]:
        """The ids of this case and of every case that is part of it by now."""
        found, new = [self.pk], [self.pk]
        while new:
            new = list(Case.objects.filter(merged_into__in=new).values_list("pk", flat=True))
            found += new
        return found

    # Where it stands

    def seen(self) -> None:
        if self.is_unread:
            change(self, {}, {"is_unread": False})

    @transaction.atomic(savepoint=False)
    def reckon(self) -> None:
        """Write down whose move it is and what is due next, from what is so.

        An unanswered customer always leaves the case with us, whatever else is so (R02). An
        open case in which nothing is promised any more gets the next step that is due (R22).
        """
        if not self.is_new:
            for name, value in zip(_RECKONED_FROM, _reckoned_from(pk=self.pk)[0], strict=True):
                setattr(self, name, value)
        if self.merged_into_id:
            change(self, {}, {"move": Move.MERGED, "next_due": None, "has_broken": False})
            return
        if self._is_dark(promises := self._outstanding()):
            self._say_when_next()
            promises = self._outstanding()
        if self._pauses_too_long(promises):
            pausing.lift_all(self, by="system")
            promises = self._outstanding()
        owed = [promise for promise in promises if self._is_owed(promise)]
        broken = [row["id"] for row in owed if row["state"] == "broken"]
        if broken or self.has_broken:
            follow(self.pk, [] if self.set_aside_at else broken)
        watched = [
            row["breaks_at"]
            for row in promises
            if row["state"] == "open" and row["paused_at"] is None
        ]
        self.write(
            {
                "move": self._whose_move(bool(owed)),
                "next_due": min(watched, default=None),
                "has_broken": bool(broken),
            }
        )
        if self.snoozed_until is not None:
            snoozing.wake_early(self)
        if self.is_mayday and (self.is_ended or self.set_aside_at):
            end_with_case(self)

    def _outstanding(self) -> list[Outstanding]:
        if (made := self.made_since_opened) is not None:
            return [_as_outstanding(promise) for promise in made]
        names = Outstanding.__annotations__
        rows = [dict(zip(names, row, strict=True)) for row in _outstanding_of(case=self.pk)]
        return cast("list[Outstanding]", rows)

    def _is_dark(self, promises: list[Outstanding]) -> bool:
        """Open, and nothing promised to the customer: nobody would ever come back to them.

        A case that is only received holds old mail whose clocks nobody has opened.
        """
        if self.state == State.ASKED and not self.set_aside_at:
            return not any(row["kind"] == Kind.CHECK_IN and not row["made_by"] for row in promises)
        quiet = self.rested_at or self.set_aside_at or self.is_ended
        is_old_mail = self.state == State.RECEIVED and self.unanswered_since is None
        # What is paused says nothing of when they hear from us.
        running = (row for row in promises if row["paused_at"] is None and not _is_far(row))
        theirs = any(row["customer"] == self.customer_id for row in running)
        return not (theirs or quiet or is_old_mail)

    def _pauses_too_long(self, promises: list[Outstanding]) -> bool:
        """A pause ends with the waiting, and where the next update that goes with it is broken."""
        if not any(row["paused_at"] for row in promises):
            return False
        return self.waiting_since is None or not any(
            row["kind"] == Kind.NEXT_UPDATE and row["state"] == "open" for row in promises
        )

    def _say_when_next(self) -> None:
        if self.state == State.ASKED:
            self.open_check_in()
            return
        policy = self.policy()
        promising.say_again(self, policy.waiting if self.waiting_since else policy.next_update)

    def _is_owed(self, promise: Outstanding) -> bool:
        """Whether this promise leaves the case with us: check-ins and waiting do not."""
        broken = promise["state"] == "broken"
        if promise["paused_at"] is not None:
            return False
        if promise["kind"] in KEPT_BY_AN_ANSWER and (self.rested_at or self.set_aside_at):
            return False
        if self.is_ended and promise["kind"] in KEPT_BY_AN_ANSWER:
            return False
        by_policy = promise["made_by"] is None
        if by_policy and promise["kind"] == Kind.CHECK_IN:
            return broken and self.state == State.ASKED
        if self.waiting_since and (
            (by_policy and promise["kind"] == Kind.NEXT_UPDATE) or _is_far(promise)
        ):
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


def _as_outstanding(promise: Promise) -> Outstanding:
    return Outstanding(
        id=promise.pk,
        kind=promise.kind,
        state=promise.state,
        breaks_at=promise.breaks_at,
        paused_at=promise.paused_at,
        made_by=promise.made_by_id,
        customer=promise.customer_id,
    )


def _is_far(promise: Outstanding) -> bool:
    """A final answer by policy, weeks ahead: until then they hear from us besides (R22)."""
    return promise["kind"] == Kind.RESOLUTION and promise["made_by"] is None


MOOT_ONCE_SETTLED = (*KEPT_BY_AN_ANSWER, Kind.CHECK_IN, Kind.NEXT_UPDATE)
_RECKONED_FROM = ["merged_into_id", "state", "unanswered_since", "waiting_since", "rested_at",
                   "set_aside_at", "snoozed_until", "snoozed_for_id"]  # fmt: skip


@prepared
def _locked(*, pk: int) -> models.QuerySet[Case]:
    return Case.objects.select_for_update().filter(pk=pk)[:1]


@prepared
def _reckoned_from(*, pk: int) -> models.QuerySet[Case, Any]:
    return Case.objects.filter(pk=pk).values_list(*_RECKONED_FROM)


@prepared
def _outstanding_of(*, case: int) -> models.QuerySet[Promise, Any]:
    rows = Promise.objects.filter(case=case, state__in=OUTSTANDING)
    return rows.values_list(*Outstanding.__annotations__)


class PartOfAnother(Refused):
    """Refused (409) because the case is part of `into` by now."""

    def __init__(self, case: Case) -> None:
        self.into = case.survivor()
        facts = {"this": case.reference, "other": self.into.reference}
        sentence = _("%(this)s was merged into %(other)s. Go on there.")
        super().__init__("MERGED", sentence % facts)


def _how(act: CustomerAct, degree: str) -> dict[str, Any]:
    return {
        "degree": degree,
        "link": act.link.pk if act.link else None,
        "message": act.message.pk if act.message else None,
        "marked_by": act.marked_by.pk if act.marked_by else None,
    }


def one_line(text: str) -> str:
    return " ".join(text.split())


def can_own(member: Member) -> bool:
    """Only an active employee answers for a case (R31)."""
    return member.is_active and not member.is_contractor and member.has(Right.OWN)


def must_be_able_to_own(member: Member) -> None:
    if not can_own(member):
        sentence = _("Only an active employee whose role owns cases can own one.")
        raise Refused("NO_OWNER", sentence, 422)
