"""Sending word before closing: several first words from one form, each in words of its own."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext as _

from goodword.cases.acknowledging import MODE, Acknowledgement, Next, Parts
from goodword.cases.models import Case, Draft, Message
from goodword.cases.sameness import Text, alike
from goodword.core.refusals import Refused
from goodword.desk.closing import SweepPage
from goodword.desk.sweeplines import Line
from goodword.desk.times import read_when
from goodword.staff.models import Member


class Sending:
    """What one form on the sweep does: each line in a transaction of its own.

    A line that is refused stays with its words and says why; the others go out.
    """

    def __init__(self, on: SweepPage) -> None:
        self.on = on
        self.sent: list[Line] = []
        self.stopped: list[Line] = []

    def send(self, only: int = 0) -> None:
        """Every line that is written, or the one that is named. Refused where there is none."""
        there = [*self.on.everybody, *self.on.gone]
        chosen = [each for each in there if (each.pk == only if only else each.is_written)]
        if not chosen:
            raise Refused("NOTHING_WRITTEN", _("Write a line to one of them first."), 422)
        self.keep()
        same = self._same_text(chosen)
        for line in chosen:
            try:
                if error := same.get(line.pk):
                    raise error
                self._send(line)
                self.sent.append(line)
            except Refused as error:
                line.refuse(error)
                self.stopped.append(line)
        self._hand_over()

    @property
    def status(self) -> int:
        return self._worst or 200

    _worst = 0

    def keep(self) -> int:
        """Keep what is typed as a draft of each line, as it is typed; how many have one."""
        assert self.on.data is not None
        posted = [line for line in self.on.everybody if f"received-{line.pk}" in self.on.data]
        written = [line for line in posted if line.is_written or line.typed.get("reason", "")]
        empty = {line.pk for line in posted} - {line.pk for line in written}
        for line in written:
            Draft.keep(line.case, self.on.member, MODE, "", {**line.typed})
        Draft.objects.filter(case__in=empty, member=self.on.member, mode=MODE).delete()
        return len(written)

    def _send(self, line: Line) -> None:
        at = None
        if line.next == Next.AT and line.typed.get("due", "").strip():
            at = read_when(line.typed["due"], self.on.zone, self.on.at)
        parts = Parts(_part(line, "received"), _part(line, "working"), line.next, at)
        typed = {name: [value] for name, value in line.typed.items()}
        Acknowledgement(
            line.case,
            self.on.member,
            parts,
            seen=line.seen,
            reason=line.typed.get("reason", ""),
            typed={**typed, "then": ["first_word"]},
        ).commit()

    def _hand_over(self) -> None:
        """Words for somebody who has heard meanwhile wait in the composer of their case."""
        for line in self.stopped:
            error = line.error
            assert error is not None
            self._worst = self._worst or error.status
            line.case.refresh_from_db(fields=["unanswered_since"])
            words = Parts(_part(line, "received"), _part(line, "working")).words
            if line.case.unanswered_since is None and words:
                fields: dict[str, object] = {"text": [words]}
                Draft.keep(line.case, self.on.member, "reply", words, fields, version=0)
                mine = Draft.objects.filter(case=line.case, member=self.on.member, mode=MODE)
                mine.delete()
                line.is_in_composer = True

    # Never the same text

    def _same_text(self, chosen: list[Line]) -> Mapping[int, Refused]:
        """Which lines say what another says, or what somebody else was sent on this day."""
        new = [text for line in chosen if (text := self._text(line)).words]
        sent = [each.message for each in self.on.sent]
        found = alike(new, [_sent_text(message) for message in sent])
        names = {line.pk: line.case.customer.name for line in chosen}
        names |= {each.case_id: each.case.customer.name for each in sent}
        sentence = _(
            "%(one)s and %(other)s would get the same text. Write to %(one)s in words of their "
            "own; what many must know goes out as a notice."
        )
        return {
            pk: Refused("SAME_TEXT", sentence % {"one": names[pk], "other": names[other.key]}, 422)
            for pk, other in found.items()
        }

    def _text(self, line: Line) -> Text:
        words = Parts(_part(line, "received"), _part(line, "working")).words
        return Text(line.pk, words, _names(line.case, self.on.member))


def _part(line: Line, name: str) -> str:
    return line.typed.get(name, "")


def _sent_text(message: Message) -> Text:
    assert message.member is not None
    words = "\n\n".join(message.text.split("\n\n")[:2])
    return Text(message.case_id, words, _names(message.case, message.member))


def _names(case: Case, member: Member) -> tuple[str, ...]:
    account = case.customer.account.name if case.customer.account else ""
    return (case.customer.name, account, member.name)
