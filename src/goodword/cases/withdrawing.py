"""Withdrawing: a message that is taken back in the seconds before its copies leave."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from goodword.cases.models.drafts import Draft
from goodword.cases.models.message import Direction, Message
from goodword.cases.models.participant import Participant
from goodword.cases.models.sending import TakeBack
from goodword.cases.states import State
from goodword.core.compare import change
from goodword.core.refusals import Refused
from goodword.core.time import now
from goodword.journal.recording import record
from goodword.promises.kinds import Kind
from goodword.staff.models import Member

if TYPE_CHECKING:
    from goodword.cases.models.case import Case


class Withdrawal:
    """Takes one message back, whole or not at all: the copies that a worker has, have left."""

    def __init__(self, message: Message, by: Member) -> None:
        self.message, self.by = message, by

    def commit(self) -> Draft | None:
        """The draft that holds the words again; None where it was taken back already.

        Refused where the worker was faster, and for anybody but the writer.
        """
        message = self.message
        if message.member_id != self.by.pk:
            raise Refused("NOT_YOURS", _("Only whoever wrote a message takes it back."), 403)
        with message.case.held() as case:
            message.refresh_from_db(fields=["direction"])
            if message.direction == Direction.BACK:
                return None
            kept = TakeBack.objects.filter(message=message).first()
            if kept is None or not self._catch_copies():
                sentence = _("It has left already, so it cannot be taken back. Write once more.")
                raise Refused("TOO_LATE", sentence)
            self._undo(case, kept.before)
            draft = self._put_back(case, kept.fields)
            kept.delete()
            record(case, "send_undone", by=self.by, facts={"message": message.pk})
        return draft

    def _catch_copies(self) -> bool:
        """Every copy that no worker has tried, in one compare-and-set against its lease."""
        from goodword.cases.models.outgoing import Delivery

        copies = self.message.copies.all()
        still_here = copies.filter(
            state=Delivery.QUEUED, lease_token=None, attempts=0, done_at=None, gave_up_at=None
        )
        caught = still_here.update(state=Delivery.BACK, done_at=now())
        return caught == copies.count()

    def _undo(self, case: Case, before: dict[str, Any]) -> None:
        change(self.message, {}, {"direction": Direction.BACK, "asks": False})
        self.message.blocks.all().delete()
        self.message.found.all().delete()
        case.undo_message(self.message, why="send_undone")
        for promise in case.promises.open().filter(said_in=self.message):
            promise.case = case
            promise.void("send_undone", by=self.by)
        by_policy = case.promises.open().filter(pk__gt=before["promise"], made_by=None)
        for promise in by_policy.filter(kind__in=(Kind.NEXT_UPDATE, Kind.CHECK_IN)):
            promise.case = case
            promise.void("send_undone", by=self.by)
        self._forget_new_readers(case, before["along"])
        if not case.messages.filter(pk__gt=self.message.pk, direction=Direction.IN).exists():
            self._as_before(case, before)
        last = case.messages.exclude(direction__in=(Direction.NOTE, Direction.BACK))
        if newest := last.order_by("-at", "-id").first():
            change(case, {}, case.last_words(newest))

    def _forget_new_readers(self, case: Case, along: list[int]) -> None:
        """Whoever would have joined by this message; they were sent nothing."""
        new = case.participants.filter(role=Participant.Role.COPY).exclude(customer__in=along)
        spoke = case.messages.exclude(customer=None).values("customer")
        new.filter(joined_at__gte=self.message.at).exclude(customer__in=spoke).delete()

    def _as_before(self, case: Case, before: dict[str, Any]) -> None:
        if case.is_ended:
            return
        to: dict[str, Any] = {
            name: _read(before[name]) for name in ("asked_at", "rested_at", "waiting_since")
        }
        to |= {name: before[name] for name in ("state", "question", "check_ins")}
        change(case, {}, to)
        if before["state"] == State.ASKED:
            case.open_check_in()

    def _put_back(self, case: Case, fields: dict[str, Any]) -> Draft:
        text = self.message.text
        there = Draft.objects.filter(case=case, member=self.by, mode="reply").first()
        draft = Draft.keep(case, self.by, "reply", text, {**fields, "text": [text]}, version=0)
        if there is not None and there.text == text:
            change(draft, {}, {"other": ""})
        if "received" in fields:
            # Written as three parts (acknowledging.py): the sweep shows them again as they were.
            Draft.keep(case, self.by, "sweep", "", fields)
        back = {"message": None, "draft": draft, "is_inline": False, "content_id": ""}
        self.message.attachments.update(**back)
        return draft


def _read(written: str | None) -> datetime | None:
    return datetime.fromisoformat(written) if written else None
