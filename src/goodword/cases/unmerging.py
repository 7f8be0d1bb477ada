"""Un-merging: the case that went stands by itself again, with all that it had.

What was said since stays with the survivor, but for answers to the merged reference and the
words of whoever had come along. In doubt a customer waits for us.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _

from goodword.cases.merging import ALONG, COLUMNS, REASON, both_held, last_words_of, take_strands
from goodword.cases.models.links import CaseLink
from goodword.cases.models.merge import Merge
from goodword.cases.models.message import AUTOMATIC, Direction, Message
from goodword.cases.models.outgoing import Delivery
from goodword.cases.models.participant import Participant
from goodword.cases.models.watch import MemberMention
from goodword.cases.states import State as CaseState
from goodword.core.compare import change
from goodword.core.refusals import Refused
from goodword.core.time import now
from goodword.journal.recording import record
from goodword.promises.kinds import KEPT_BY_AN_ANSWER, OUTSTANDING, Kind, State
from goodword.promises.models import Promise
from goodword.staff.models import Member

if TYPE_CHECKING:
    from goodword.cases.models.case import Case


class Unmerging:
    """Undoes the merge of `case` that stands."""

    def __init__(self, case: Case, *, by: Member) -> None:
        self.case, self.by = case, by
        merge = case.merges.filter(undone_at=None).select_related("into").first()
        if merge is None:
            raise Refused("NOT_MERGED", _("It stands by itself already."))
        self.merge: Merge = merge

    @transaction.atomic
    def commit(self) -> Merge:
        """Refused where the survivor itself went on into another, or took in a third since."""
        with both_held(self.case, self.merge.into) as (case, into):
            self._check(into)
            change(case, {}, {"merged_into": None})
            came_along = self._people_leave(into)
            back = self._messages(case, into, came_along)
            self._promises(case, into)
            self._stand(case, into, back)
            self._stay(into)
            self._stand_again(case, into)
            self._clocks_of(case, into, back)
            self._drafts(case, into)
            into.taggings.filter(pk__in=self.merge.hung.get("tags", ())).delete()
            into.scheduled.filter(pk__in=self.merge.hung.get("scheduled", ())).update(case=case)
            take_strands(into, case, self.merge.hung.get("strands", []))
            into.watches.filter(pk__in=self.merge.hung.get("watches", ())).delete()
            for each in (case, into):
                change(each, {}, last_words_of(each))
                facts = {"merge": self.merge.pk, "case": case.pk, "into": into.pk}
                record(each, "unmerged", by=self.by, facts=facts)
        return self.merge

    def _check(self, into: Case) -> None:
        if into.merged_into is not None:
            facts = {"this": into.reference, "other": into.merged_into.reference}
            sentence = _("%(this)s is itself part of %(other)s. Un-merge that first.")
            raise Refused("MERGED_ON", sentence % facts)
        later = into.merges_here.filter(undone_at=None, pk__gt=self.merge.pk).first()
        if later is not None:
            facts = {"this": later.case.reference}
            sentence = _("%(this)s was merged into it later. Un-merge that one first.")
            raise Refused("MERGED_AFTER", sentence % facts)
        undone = {"undone_at": now(), "undone_by": self.by}
        if not change(self.merge, {"undone_at": None}, undone):
            raise Refused("NOT_MERGED", _("It stands by itself already."))

    # What goes back

    def _people_leave(self, into: Case) -> list[int]:
        """Whoever came along only with the merge; nobody who was let in since."""
        gone: list[int] = []
        for pk, role in self.merge.joined.items():
            row = Participant.objects.filter(pk=pk, case=into, role=role).first()
            if row is None:
                continue
            gone.append(row.customer_id)
            row.delete()
            if role in ALONG:
                for link in CaseLink.objects.filter(case=into, customer=row.customer_id):
                    link.revoke(by=self.by)
        return gone

    def _messages(self, case: Case, into: Case, came_along: list[int]) -> list[Message]:
        """All that moved, and the answers since; the words of people among the answers."""
        answers = Q(meant_for__in=case.family()) | Q(customer__in=came_along, direction="in")
        since = into.messages.filter(answers, pk__gt=self.merge.newest_message)
        heard = since.filter(direction=Direction.IN, automatic="")
        back = list(heard.order_by("at", "id"))
        ids = [*self.merge.messages, *since.values_list("pk", flat=True)]
        into.messages.filter(pk__in=ids).update(case=case)
        case.messages.filter(meant_for=case).update(meant_for=None)
        MemberMention.objects.filter(message__in=case.messages.values("pk")).update(case=case)
        return back

    def _promises(self, case: Case, into: Case) -> None:
        """Those that moved, and what they were moved to in time since."""
        found = new = list(self.merge.promises)
        while new:
            new = list(into.promises.filter(moved_from__in=new).values_list("pk", flat=True))
            found = [*found, *new]
        into.promises.filter(pk__in=found).update(case=case)

    def _drafts(self, case: Case, into: Case) -> None:
        for draft in into.drafts.filter(pk__in=self.merge.drafts):
            if not case.drafts.filter(member=draft.member_id, mode=draft.mode).exists():
                change(draft, {}, {"case": case})

    # Where both stand now

    def _stand(self, case: Case, into: Case, back: list[Message]) -> None:
        """As it stood, but for what we said to its customer since, and they to us."""
        spoken = self._spoken(into)
        if spoken is not None and not into._reaches(spoken, case.customer_id):
            spoken = None
        waiting = [each for each in back if spoken is None or each.pk > spoken.pk]
        earliest = [each.at for each in waiting]
        if spoken is None and case.unanswered_since is not None:
            earliest.append(case.unanswered_since)
        to: dict[str, Any] = {"unanswered_since": min(earliest, default=None)}
        if earliest:
            to["rested_at"] = None
        if spoken is not None and case.state == CaseState.RECEIVED:
            to["state"] = CaseState.ACKNOWLEDGED
        change(case, {}, to)
        if any(not each.is_unconfirmed for each in back):
            self._go_on(case)

    def _go_on(self, case: Case) -> None:
        """A word of theirs came for it since: it does what a word does (C8, C12)."""
        case.reopen(by=case.customer)
        change(case, {"state": CaseState.ASKED}, {"state": CaseState.IN_PROGRESS})
        if case.waiting_since is not None:
            for promise in case.promises.open().filter(kind=Kind.NEXT_UPDATE, made_by=None):
                promise.void("they_answered", by=case.customer)
            change(case, {}, {"waiting_since": None, "question": ""})
            record(case, "stopped_waiting", by=case.customer)

    def _stay(self, into: Case) -> None:
        """As it stood before, where nothing was said there since; else whose words still wait."""
        since = Q(pk__gt=self.merge.newest_message)
        spoken = self._spoken(into)
        is_quiet = spoken is None and not into._heard().filter(since).exists()
        before, after = _read(self.merge.before), _read(self.merge.after)
        if is_quiet and change(into, after, before):
            self._sleep_again(into)
            self._end_what_was_said_again(into)
            return
        if into.unanswered_since is None:
            return
        theirs = since
        if before["unanswered_since"] is not None:
            theirs |= Q(at__gte=before["unanswered_since"])
        if spoken is not None:
            theirs &= Q(pk__gt=spoken.pk)
        first = into._heard().filter(theirs).values_list("at", flat=True).first()
        change(into, {}, {"unanswered_since": first})

    def _sleep_again(self, into: Case) -> None:
        """Only what the merge woke is snoozed again, and only for what is still to come."""
        snooze = {name: self.merge.before.get(name) for name in ("snoozed_until", "snoozed_for_id")}
        until = parse_datetime(snooze["snoozed_until"] or "")
        if until is not None and until > now():
            change(into, {"snoozed_until": None}, {**snooze, "snoozed_until": until})

    def _end_what_was_said_again(self, into: Case) -> None:
        """When its customer hears next was promised because the merge ended a question to them."""
        there = self.merge.hung.get("promises")
        if there is None:
            return
        by_the_desk = into.promises.open().filter(kind=Kind.NEXT_UPDATE, made_by=None, rule="")
        for promise in by_the_desk.filter(customer=into.customer_id).exclude(pk__in=there):
            promise.case = into
            promise.void("unmerged", by=self.by)

    def _spoken(self, into: Case) -> Message | None:
        """The last word of a person of ours there since, that did not come back."""
        said = Q(direction=Direction.CALL) | Q(direction=Direction.OUT) & ~Q(purpose__in=AUTOMATIC)
        lost = Q(copies__role="to", copies__state__in=(Delivery.BOUNCED, Delivery.FAILED))
        since: QuerySet[Message] = into.messages.filter(said, pk__gt=self.merge.newest_message)
        return since.exclude(lost).order_by("-id").first()

    # What was promised

    def _stand_again(self, case: Case, into: Case) -> None:
        """What fell away in the merge stands again, or was kept by what kept the other."""
        held = {case.pk: case, into.pk: into}
        for pk, other in self.merge.voided:
            promise = Promise.objects.get(pk=pk)
            if promise.state != "void" or promise.reason != REASON:
                continue
            promise.case = here = held[promise.case_id]
            twin = Promise.objects.get(pk=other) if other else None
            if twin is not None and twin.kept_at is not None:
                promise.stand_again(by=self.by, as_of=twin)
            elif self._lacks_check_in(here) if twin is None else _still_owes(here, twin):
                promise.stand_again(by=self.by)

    @staticmethod
    def _lacks_check_in(case: Case) -> bool:
        there = case.promises.open().filter(kind=Kind.CHECK_IN, made_by=None)
        return case.state == CaseState.ASKED and not case.set_aside_at and not there.exists()

    def _clocks_of(self, case: Case, into: Case, back: list[Message]) -> None:
        """Each customer who waits has both clocks where they wait, and no clock runs twice."""
        ats = {each.at for each in back}
        clocks = Q(kind__in=KEPT_BY_AN_ANSWER, made_by=None, made_at__in=ats)
        for promise in into.promises.open().filter(clocks):
            there = case.promises.open().filter(kind=promise.kind, customer=promise.customer_id)
            is_theirs = promise.customer_id == case.customer_id and case.unanswered_since
            if is_theirs and not there.exists():
                change(promise, {}, {"case": case})
            elif into.unanswered_since is None:
                promise.void("unmerged", by=self.by)
        for each in (case, into):
            run_clocks(each)


def _still_owes(case: Case, twin: Promise) -> bool:
    """Whether the clock that `twin` stood for runs on: nobody has answered it, nor need they."""
    if case.is_ended or case.rested_at or case.set_aside_at:
        return False
    return case.unanswered_since is not None or twin.is_outstanding


def run_clocks(case: Case) -> None:
    """Whoever has waited without a clock gets it as of their own message.

    What they released, or agreed to have later, was promised from those words: not once more.
    """
    if case.unanswered_since is None:
        return
    stands = case.promises.filter(state__in=(*OUTSTANDING, State.RELEASED, State.MOVED))
    for message in case._heard().filter(at__gte=case.unanswered_since):
        there = stands.filter(made_at=message.at)
        case.open_clocks(message, but=set(there.values_list("kind", flat=True)))


def _read(columns: dict[str, str | None]) -> dict[str, Any]:
    """Columns of a case as JSON held them."""
    from goodword.cases.models.case import Case

    fields: Any = Case._meta
    return {name: fields.get_field(name).to_python(columns[name]) for name in COLUMNS}
