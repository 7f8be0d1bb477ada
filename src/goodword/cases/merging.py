"""Merging: two cases that are one matter go on as one, and nothing of either is lost.

Everything moves to the survivor, and the row of the merge remembers what did; the columns of
the case that went stay as they were, so that the un-merge puts back what was so.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from goodword.cases.models.links import CaseLink
from goodword.cases.models.merge import Merge
from goodword.cases.models.message import AUTOMATIC, Direction, Message
from goodword.cases.models.participant import Participant
from goodword.cases.models.scheduled import Scheduled, Stand
from goodword.cases.models.sending import TakeBack
from goodword.cases.models.tag import Tagging
from goodword.cases.models.watch import MemberMention, Watch
from goodword.cases.states import Move, State
from goodword.cases.tagging import MOST_ON_ONE
from goodword.cases.watching import works_on
from goodword.core.compare import change
from goodword.core.refusals import Refused
from goodword.journal.recording import record
from goodword.promises.kinds import KEPT_BY_AN_ANSWER, Kind
from goodword.promises.models import Promise
from goodword.staff.models import Member

if TYPE_CHECKING:
    from goodword.cases.models.case import Case

REASON = "merged"
# What a merge may change of the survivor; compared again before it is put back.
COLUMNS = ("state", "unanswered_since", "rested_at")
ALONG = (Participant.Role.CUSTOMER, Participant.Role.COPY)


@contextmanager
def both_held(one: Case, other: Case) -> Iterator[tuple[Case, Case]]:
    """Both locked, always in the same order, so that two merges never wait for each other."""
    low, high = sorted((one, other), key=lambda case: case.pk)
    with low.held(merged=True) as first, high.held(merged=True) as second:
        yield (first, second) if low is one else (second, first)


class Merging:
    """`case` becomes a part of `into`.

    `joins`: whoever takes part in `case` alone reads along in the other from then on, and
    sees all that was said there. Nobody does so unless a member says it.
    """

    def __init__(
        self, case: Case, into: Case, *, by: Member, joins: bool = False, is_quiet: bool = False
    ) -> None:
        self.case, self.into, self.by, self.joins = case, into, by, joins
        self.is_quiet = is_quiet
        self.voided: list[tuple[int, int | None]] = []

    @transaction.atomic
    def commit(self) -> Merge:
        """Refused (nothing changes) for what cannot be one case, and says what to do instead."""
        if self.case.pk == self.into.pk:
            raise Refused("ITSELF", _("A case cannot be merged into itself."), 422)
        with both_held(self.case, self.into) as (case, into):
            self._check(case, into)
            merge = self._moved(case, into)
            change(case, {}, {"merged_into": into})
            change(into, {}, last_words_of(into))
            for each in (case, into):
                facts = {"merge": merge.pk, "case": case.pk, "into": into.pk}
                record(each, "merged", by=self.by, facts=facts)
        self._tell_now(merge)
        return merge

    # What must be so

    def _check(self, case: Case, into: Case) -> None:
        case.must_stand()
        into.must_stand()
        if into.is_ended:
            facts = {"other": into.reference, "this": case.reference}
            sentence = _(
                "%(other)s has ended, and only a word of the customer opens it again. "
                "Merge it into %(this)s instead."
            )
            raise Refused("ENDED", sentence % facts)
        if case.is_mayday:
            facts = {"this": case.reference, "other": into.reference}
            sentence = _("A MAYDAY runs in %(this)s. Merge %(other)s into it instead.")
            raise Refused("MAYDAY", sentence % facts)
        for each in (case, into):
            if each.set_aside_at:
                sentence = _("%(this)s is set aside as not a customer. Bring it back first.")
                raise Refused("ASIDE", sentence % {"this": each.reference})
        self._check_people(case, into)

    def _check_people(self, case: Case, into: Case) -> None:
        theirs = newcomers(case, into)
        waiting = into.participants.filter(role=Participant.Role.UNCONFIRMED)
        if row := waiting.filter(customer__in=[each.customer_id for each in theirs]).first():
            facts = {"name": row.customer.name, "other": into.reference}
            sentence = _("%(name)s waits in %(other)s to be let in. Decide that first.")
            raise Refused("NOT_CONFIRMED", sentence % facts)
        if self.joins:
            return
        owed = set(case.promises.outstanding().values_list("customer", flat=True))
        must = [each for each in theirs if each.customer_id in {case.customer_id, *owed}]
        if must:
            facts = {
                "names": ", ".join(each.customer.name for each in must),
                "other": into.customer.name,
                "this": into.reference,
            }
            sentence = _(
                "%(names)s would be left without an answer. Say that they read along in "
                "%(this)s, where they see all that %(other)s wrote, or leave the cases apart."
            )
            raise Refused("TWO_CUSTOMERS", sentence % facts, 422)

    # What moves

    def _moved(self, case: Case, into: Case) -> Merge:
        # First, since what is taken back or held afterwards is about the two as they were.
        hung = hang_on(case, into, by=self.by)
        before = columns(into)
        newest = Message.objects.filter(case__in=(case, into)).order_by("id").last()
        self._be_unanswered(case, into)
        self._keep_the_earlier(case, into)
        promises = _pks(case.promises)
        hung["promises"] = [*promises, *_pks(into.promises)]
        messages = _pks(case.messages)
        case.promises.update(case=into)
        case.messages.update(case=into)
        MemberMention.objects.filter(message__in=messages).update(case=into)
        return Merge.objects.create(
            case=case,
            into=into,
            by=self.by,
            is_quiet=self.is_quiet,
            newest_message=newest.pk if newest else 0,
            messages=messages,
            promises=promises,
            voided=self.voided,
            drafts=self._drafts(case, into),
            joined=self._people(case, into),
            hung=hung,
            before={**before, **_snooze(into)},
            after=columns(into),
        )

    def _be_unanswered(self, case: Case, into: Case) -> None:
        """Whoever waits for our answer there waits for it here, since the same time."""
        if case.unanswered_since is None:
            return
        since = min(filter(None, (case.unanswered_since, into.unanswered_since)))
        to: dict[str, Any] = {"unanswered_since": since, "rested_at": None}
        if into.state == State.ASKED:
            to["state"] = State.IN_PROGRESS
        change(into, {}, {**to, "is_unread": True})

    def _keep_the_earlier(self, case: Case, into: Case) -> None:
        """Of two clocks of one kind for one customer the earlier due stands for both."""
        by_policy = Q(kind__in=KEPT_BY_AN_ANSWER) | ~Q(rule="")
        for promise in case.promises.open().filter(by_policy):
            same = {"kind": promise.kind, "customer": promise.customer_id}
            if promise.kind not in KEPT_BY_AN_ANSWER:
                same["rule"] = promise.rule
            twin = into.promises.open().filter(**same).first()
            if twin is None:
                continue
            stands, falls = sorted((twin, promise), key=lambda each: each.due)
            self._void(falls, stands.pk)
        self._void_check_ins(case)
        if into.state != State.ASKED:
            self._void_check_ins(into)

    def _void_check_ins(self, case: Case) -> None:
        """A question whether it is settled is not asked of a half; nor while they wait for us."""
        for promise in case.promises.open().filter(kind=Kind.CHECK_IN, made_by=None):
            self._void(promise, None)

    def _void(self, promise: Promise, stands: int | None) -> None:
        promise.void(REASON, by=self.by)
        self.voided.append((promise.pk, stands))

    def _drafts(self, case: Case, into: Case) -> list[int]:
        """Half-typed words go along, but where the same member has begun there too."""
        there = set(into.drafts.values_list("member", "mode"))
        moved = [draft for draft in case.drafts.all() if (draft.member_id, draft.mode) not in there]
        for draft in moved:
            change(draft, {}, {"case": into})
        return [draft.pk for draft in moved]

    def _people(self, case: Case, into: Case) -> dict[int, str]:
        joined = newcomers(case, into) if self.joins else []
        strangers = case.participants.filter(role=Participant.Role.UNCONFIRMED)
        known = set(into.participants.values_list("customer", flat=True))
        joined += [each for each in strangers if each.customer_id not in known]
        rows = {}
        for each in joined:
            role = each.role if each.role not in ALONG else Participant.Role.COPY
            row = Participant.objects.create(case=into, customer=each.customer, role=role)
            rows[row.pk] = str(row.role)
        # Made now, so that nothing is written when somebody opens a link of old.
        for link in case.links.select_related("customer"):
            CaseLink.for_customer(into, link.customer)
        return rows

    # Telling the customer

    def _tell_now(self, merge: Merge) -> None:
        """The next message tells it; where none is due from us, a line of the desk's does.

        A mail for every merge would say twice what the answer a minute later says anyway.
        """
        from goodword.cases.automatic import tell_merged

        self.into.refresh_from_db()
        if self.into.move != Move.OURS and not merge.is_quiet:
            tell_merged(self.into, merge)


def newcomers(case: Case, into: Case) -> list[Participant]:
    """Who takes part in `case` and would see the other for the first time."""
    along = into.participants.filter(role__in=ALONG).values("customer")
    theirs = case.participants.filter(role__in=ALONG).exclude(customer__in=along)
    return list(theirs.select_related("customer").order_by("id"))


def columns(case: Case) -> dict[str, str | None]:
    """Where it stands, as JSON may hold it."""
    values = {name: getattr(case, name) for name in COLUMNS}
    return {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in values.items()
    }


def last_words_of(case: Case) -> dict[str, Any]:
    """What the lists show of the last word that was said between us and them."""
    unsaid = (Direction.NOTE, Direction.BACK)
    said = case.messages.exclude(direction__in=unsaid).exclude(purpose__in=AUTOMATIC)
    last: Message | None = said.filter(automatic="").order_by("-at", "-id").first()
    return case.last_words(last) if last is not None else {}


def hang_on(case: Case, into: Case, *, by: Member) -> dict[str, list[int]]:
    """What we hung on it hangs on the survivor as well: tags, and whoever of us watches it.

    Nobody sees the other by a watch who could not see it before.
    """
    there = set(into.taggings.values_list("tag", flat=True))
    fit = case.taggings.filter(Q(tag__team=None) | Q(tag__team=into.team_id))
    room = max(MOST_ON_ONE - len(there), 0)
    new = list(fit.exclude(tag__in=there).order_by("id")[:room])
    tags = [Tagging.objects.create(case=into, tag_id=each.tag_id, by=by) for each in new]
    watching = case.watches.exclude(member__in=into.watches.values("member"))
    watches = [
        Watch.objects.create(case=into, member=each.member, by=by)
        for each in watching.select_related("member")
        if works_on(each.member, into)
    ]
    return {
        "tags": [each.pk for each in tags],
        "watches": [each.pk for each in watches],
        "scheduled": _hold_what_waits(case, into),
        "strands": take_strands(case, into, _pks(case.side_threads)),
    }


def take_strands(case: Case, into: Case, strands: list[int]) -> list[int]:
    """What is said to people outside goes along; they notice nothing."""
    case.side_threads.filter(pk__in=strands).update(case=into)
    Message.everything.filter(strand__in=strands).update(case=into)
    return strands


def _hold_what_waits(case: Case, into: Case) -> list[int]:
    """What was to go out later was written for one of them: a person looks at it first."""
    TakeBack.objects.filter(message__case__in=(case, into)).delete()
    for each in (case, into):
        Scheduled.hold_all(each)
    waits = case.scheduled.filter(stand__in=(Stand.WAITING, Stand.HELD))
    moved = _pks(waits)
    waits.update(case=into)
    return moved


def _snooze(case: Case) -> dict[str, Any]:
    until = case.snoozed_until
    return {
        "snoozed_until": until.isoformat() if until else None,
        "snoozed_for_id": case.snoozed_for_id,
    }


def _pks(rows: Any) -> list[int]:
    return list(rows.order_by("id").values_list("pk", flat=True))
