"""Splitting: words about another matter go on in a case of their own, with its own clocks.

The undo is a merge of the new case back into the one that it came from.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from goodword.cases.merging import Merging, last_words_of
from goodword.cases.models.merge import Merge
from goodword.cases.models.message import AUTOMATIC, Direction, Message
from goodword.cases.models.participant import Participant
from goodword.cases.models.sending import TakeBack
from goodword.cases.models.watch import MemberMention
from goodword.cases.states import State
from goodword.cases.unmerging import run_clocks
from goodword.core.compare import change
from goodword.core.refusals import Refused
from goodword.journal.recording import record
from goodword.promises.kinds import KEPT_BY_AN_ANSWER
from goodword.staff.models import Member

if TYPE_CHECKING:
    from goodword.cases.models.case import Case

_ANSWERS = re.compile(r"^((re|aw|fw|fwd|wg)\s*:\s*)+", re.IGNORECASE)


class Splitting:
    """The chosen messages of `case` move to a new case of the same customer and owner."""

    def __init__(self, case: Case, messages: Iterable[int], *, by: Member) -> None:
        self.case, self.chosen, self.by = case, set(messages), by

    def commit(self) -> Case:
        """The new case. Refused where words of theirs would be missing on either side."""
        with self.case.held() as case:
            found = case.messages.filter(pk__in=self.chosen).select_related("customer")
            messages = list(found.order_by("at", "id"))
            first = self._checked(case, messages)
            new = self._opened(case, first)
            with new.held() as held:
                self._move(case, held, messages)
            facts = {"case": case.pk, "into": new.pk, "messages": [m.pk for m in messages]}
            for each in (case, new):
                record(each, "split", by=self.by, facts=facts)
        return new

    def _checked(self, case: Case, messages: list[Message]) -> Message:
        """The customer's first word of those; the new case is named by it."""
        if not messages or len(messages) != len(self.chosen):
            raise Refused("NOT_CHOSEN", _("Choose the messages that are about it."), 422)
        if case.set_aside_at:
            sentence = _("%(this)s is set aside as not a customer. Bring it back first.")
            raise Refused("ASIDE", sentence % {"this": case.reference})
        for message in messages:
            self._check_one(case, message)
        theirs = [each for each in messages if each.direction == Direction.IN]
        if not theirs:
            sentence = _(
                "Choose a message of theirs as well: the new case is named by their words."
            )
            raise Refused("NO_WORDS", sentence, 422)
        stays = case.messages.filter(direction=Direction.IN, automatic="")
        if not stays.exclude(pk__in=self.chosen).exists():
            sentence = _(
                "One of their messages has to stay, or nothing would be left of this case."
            )
            raise Refused("ALL_WORDS", sentence, 422)
        return theirs[0]

    @staticmethod
    def _check_one(case: Case, message: Message) -> None:
        if message.direction == Direction.BACK:
            raise Refused("TAKEN_BACK", _("This was taken back before it left."), 422)
        if message.automatic or message.purpose in AUTOMATIC:
            raise Refused("AUTOMATIC", _("What a machine wrote stays where it is."), 422)
        if message.is_unconfirmed:
            sentence = _("Nobody has confirmed this sender. Give them a case of their own instead.")
            raise Refused("NOT_CONFIRMED", sentence)
        if message.asks and case.state == State.ASKED:
            sentence = _("In that message we ask whether this case is settled, so it stays here.")
            raise Refused("ASKS", sentence)

    def _opened(self, case: Case, first: Message) -> Case:
        from goodword.cases.models.case import Case

        subject = _ANSWERS.sub("", first.subject).strip()
        is_its_own = subject and subject.casefold() != _ANSWERS.sub("", case.title).casefold()
        line = next((each for each in first.text.splitlines() if each.strip()), "")
        title = subject if is_its_own else line
        new = Case.open(
            case.customer,
            title=title or subject,
            by=self.by,
            team=case.team,
            channel=first.channel,
            at=first.at,
        )
        to = {"owner": case.owner, "taken_at": case.taken_at, "split_from": case}
        change(new, {}, to)
        return new

    def _move(self, case: Case, new: Case, messages: list[Message]) -> None:
        ids = [each.pk for each in messages]
        waited = self._unanswered(case)
        TakeBack.objects.filter(message__case=case).delete()
        case.messages.filter(pk__in=ids).update(case=new)
        MemberMention.objects.filter(message__in=ids).update(case=new)
        headers = [each.message_id for each in messages if each.message_id]
        case.thread_ids.filter(header_id__in=headers).update(case=new)
        self._bring_readers(case, new, messages)
        self._stand(case, new, messages, waited)
        case.promises.filter(said_in__in=ids).update(case=new)
        self._clocks(case, new, messages)
        for each in (case, new):
            change(each, {}, last_words_of(each))

    @staticmethod
    def _unanswered(case: Case) -> list[Message]:
        if case.unanswered_since is None:
            return []
        return list(case._heard().filter(at__gte=case.unanswered_since))

    @staticmethod
    def _bring_readers(case: Case, new: Case, messages: list[Message]) -> None:
        wrote = {each.customer_id for each in messages} - {None, new.customer_id}
        for row in case.participants.filter(customer__in=wrote):
            Participant.objects.create(case=new, customer_id=row.customer_id, role=row.role)

    def _stand(self, case: Case, new: Case, messages: list[Message], waited: list[Message]) -> None:
        """Each is unanswered since the first of its own words that nobody answered."""
        goes = [each.at for each in waited if each.pk in self.chosen]
        stays = [each.at for each in waited if each.pk not in self.chosen]
        spoken = any(each.is_from_a_person for each in messages)
        state = State.IN_PROGRESS if spoken or not goes else State.RECEIVED
        change(new, {}, {"unanswered_since": min(goes, default=None), "state": state})
        change(case, {}, {"unanswered_since": min(stays, default=None)})

    @staticmethod
    def _clocks(case: Case, new: Case, messages: list[Message]) -> None:
        """A clock goes with the message that opened it, and whoever lacks one then gets it."""
        if new.unanswered_since is not None:
            heard = {each.at for each in messages if each.direction == Direction.IN}
            of_these = Q(made_at__in=heard)
            if case.unanswered_since is None:
                of_these |= Q(state="open")
            clocks = Q(kind__in=KEPT_BY_AN_ANSWER, made_by=None, customer=case.customer_id)
            case.promises.outstanding().filter(clocks, of_these).update(case=new)
        for each in (case, new):
            run_clocks(each)


def unsplit(new: Case, *, by: Member) -> Merge:
    """It goes back into the case that it came from, with all that was said since."""
    if new.split_from is None:
        raise Refused("NOT_SPLIT", _("It was not taken out of another case."))
    said = new.messages.filter(direction=Direction.OUT, at__gte=_split_at(new))
    into = new.split_from.survivor()
    return Merging(new, into, by=by, is_quiet=not said.exists()).commit()


def _split_at(new: Case) -> object:
    return new.entries.filter(kind="split").order_by("seq").values_list("at", flat=True).first()
