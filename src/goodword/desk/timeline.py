"""The timeline of a case: read from its journal, with the words of its messages beside it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Count, Exists, Min, OuterRef, QuerySet
from django.utils.translation import gettext as _

from goodword.cases.models import (
    Attachment,
    Case,
    FoundPromise,
    Message,
    OutgoingMessage,
    Verdict,
)
from goodword.cases.models.message import Direction
from goodword.cases.models.outgoing import Delivery
from goodword.core.dates import short_day
from goodword.core.prepared import prepared
from goodword.core.time import now
from goodword.core.zone import business_zone
from goodword.desk.hands import Hands
from goodword.desk.happenings import SPOKEN, Happening, Names, is_shown, tell
from goodword.desk.ledger import Ledger, Line
from goodword.desk.typed import whole
from goodword.journal.models import Entry
from goodword.promises.kinds import KEPT_BY_AN_ANSWER

AT_FIRST = 20
AT_MOST = 400


@dataclass
class Bubble:
    """A message with everything that hangs on it."""

    message: Message
    at: datetime
    vows: list[Line] = field(default_factory=list)
    keeps: list[Line] = field(default_factory=list)
    found: list[FoundPromise] = field(default_factory=list)
    files: list[Attachment] = field(default_factory=list)
    copies: list[OutgoingMessage] = field(default_factory=list)

    what = "said"

    @property
    def contact(self) -> list[Line]:
        """The clocks of first word and reply that it stopped."""
        return [line for line in self.keeps if line.promise.kind in KEPT_BY_AN_ANSWER]

    @property
    def kept_here(self) -> list[Line]:
        """Promises of an earlier message that this one kept."""
        others = (line for line in self.keeps if line.promise.said_in_id != self.message.pk)
        return [line for line in others if line.promise.kind not in KEPT_BY_AN_ANSWER]

    @property
    def to(self) -> OutgoingMessage | None:
        return next((copy for copy in self.copies if copy.role == "to"), None)

    @property
    def cc(self) -> list[OutgoingMessage]:
        return [copy for copy in self.copies if copy.role == "cc"]

    @property
    def bcc(self) -> list[OutgoingMessage]:
        return [copy for copy in self.copies if copy.role == "bcc"]

    @property
    def attached(self) -> list[Attachment]:
        """Files that do not stand in the text already."""
        return [file for file in self.files if not (file.is_inline and self.message.is_formatted)]

    @property
    def may_be_taken_back(self) -> bool:
        """Every copy still waits for its seconds to pass."""
        waits = (copy.state == "queued" and not copy.attempts for copy in self.copies)
        is_answer = self.message.side == "us" and bool(self.copies)
        return is_answer and all(waits) and self.copies[0].due_at > self.message.at

    @property
    def seconds_left(self) -> int:
        return max(int((self.copies[0].due_at - now()).total_seconds()), 0)

    @property
    def came_back(self) -> list[OutgoingMessage]:
        gone = (Delivery.BOUNCED, Delivery.FAILED)
        return [copy for copy in self.copies if copy.state in gone]


@dataclass
class Day:
    """The first moment of a day, and which day of the case it is."""

    at: datetime
    number: int

    what = "day"

    @property
    def name(self) -> str:
        """“Today”, “Yesterday”, else “Wed 18 Nov”, with the year where it is another one."""
        zone = business_zone()
        local, present = self.at.astimezone(zone), now().astimezone(zone)
        days = (present.date() - local.date()).days
        if days in (0, 1):
            return _("Yesterday") if days else _("Today")
        return short_day(local, year=local.year != present.year)


Item = Bubble | Happening | Day


@dataclass(frozen=True)
class Earlier:
    """What stands before the first item that is shown."""

    count: int
    since: datetime


@prepared
def _newest(most: int, *, case: int) -> QuerySet[Message, Any]:
    with_files = Exists(Attachment.objects.filter(message=OuterRef("pk")))
    said = Message.objects.filter(case=case).exclude(direction=Direction.BACK)
    newest = said.select_related("member", "customer").order_by("-at", "-id")
    return newest.annotate(has_files=with_files)[:most]


@prepared
def _happened(is_cut: bool, *, case: int, since: datetime | None = None) -> QuerySet[Entry]:
    entries = Entry.objects.filter(case=case)
    entries = entries.filter(at__gte=since) if is_cut else entries
    return entries.select_related("member", "customer").order_by("at", "seq")


class Timeline:
    """The last `messages` messages of a case and everything that happened since the first."""

    def __init__(
        self, case: Case, ledger: Ledger, *, messages: int = AT_FIRST, hands: Hands | None = None
    ) -> None:
        self.case, self.ledger, self.hands = case, ledger, hands
        found = _newest(messages + 1, case=case.pk)
        for each in found:
            each.case = case
        self.is_cut = len(found) > messages
        self.messages = {each.pk: each for each in reversed(found[:messages])}
        self.entries = list(self._entries())

    @cached_property
    def found(self) -> list[FoundPromise]:
        """Words of ours that may be promises, and nobody has said so."""
        # Whoever asked for the case asked for this as well, so that few pages ask twice.
        if not getattr(self.case, "has_found", True):
            return []
        offered = FoundPromise.objects.offered().filter(message__case=self.case)
        return list(offered.order_by("message__at", "start"))

    @property
    def newest_entry(self) -> int:
        return max((entry.pk for entry in self.entries), default=0)

    @property
    def newest_message(self) -> int:
        """The newest message that another may have to read; what `seen` in a form means."""
        heard = (pk for pk, each in self.messages.items() if each.direction != "note")
        return max(heard, default=0)

    def last_heard(self) -> Message | None:
        """The customer's last message, if it is not answered yet."""
        spoken = [each for each in self.messages.values() if each.side in ("them", "us", "call")]
        return spoken[-1] if spoken and spoken[-1].side == "them" else None

    def earlier(self) -> Earlier | None:
        if not self.is_cut:
            return None
        said = self.case.messages.exclude(direction=Direction.BACK)
        before = said.filter(at__lt=self._since() or self.case.last_at)
        found = before.aggregate(n=Count("pk"), since=Min("at"))
        return Earlier(found["n"], found["since"]) if found["n"] else None

    def items(self) -> list[Item]:
        bubbles = self._bubbles()
        names = Names(self.case, self.entries, self._verdicts(), self.hands)
        items: list[Bubble | Happening] = []
        for entry in self.entries:
            bubble = bubbles.get(entry.facts.get("message") or 0)
            if entry.kind in SPOKEN and bubble is not None:
                items.append(bubbles.pop(bubble.message.pk))
            elif is_shown(entry, self.ledger, self.messages):
                items.append(tell(entry, self.ledger, names, self.messages))
        # A message that came here from another case has its entry there.
        items.extend(bubbles.values())
        return list(self._with_days(sorted(items, key=lambda item: item.at), business_zone()))

    def _since(self) -> datetime | None:
        return min((each.at for each in self.messages.values()), default=None)

    def _entries(self) -> Iterable[Entry]:
        since = self._since()
        cut = {"since": since} if self.is_cut and since else {}
        entries = _happened(bool(cut), case=self.case.pk, **cut)
        for entry in entries:
            entry.case = self.case
        return entries

    def _bubbles(self) -> dict[int, Bubble]:
        bubbles = {pk: Bubble(each, each.at) for pk, each in self.messages.items()}
        for promise in self.ledger.by_id.values():
            if promise.said_in_id in bubbles and promise.state != "void":
                bubbles[promise.said_in_id].vows.append(self.ledger.line(promise))
            if promise.kept_by_id in bubbles:
                bubbles[promise.kept_by_id].keeps.append(self.ledger.line(promise))
        for found in self.found:
            if found.message_id in bubbles:
                found.message = bubbles[found.message_id].message
                bubbles[found.message_id].found.append(found)
        with_files = [pk for pk, each in self.messages.items() if each.has_files]
        for file in _files_of(with_files):
            bubbles[file.message_id or 0].files.append(file)
        for copy in _copies_of(messages=list(bubbles)):
            bubbles[copy.message_id].copies.append(copy)
        return bubbles

    def _verdicts(self) -> Sequence[Verdict]:
        if not any(entry.kind in ("settled", "not_yet") for entry in self.entries):
            return ()
        return list(self.case.verdicts.select_related("marked_by"))

    def _with_days(self, items: Iterable[Bubble | Happening], zone: ZoneInfo) -> Iterable[Item]:
        opened = self.case.opened_at.astimezone(zone).date()
        shown: date | None = None
        for item in items:
            day = item.at.astimezone(zone).date()
            if day != shown:
                yield Day(item.at, (day - opened).days + 1)
                shown = day
            yield item


@prepared
def _copies_of(*, messages: Sequence[int]) -> QuerySet[OutgoingMessage]:
    return OutgoingMessage.objects.filter(message__in=messages).order_by("id")


def _files_of(messages: list[int]) -> Iterable[Attachment]:
    return Attachment.objects.filter(message__in=messages).order_by("id") if messages else ()


def is_note(item: Item) -> bool:
    return isinstance(item, Bubble) and item.message.direction == Direction.NOTE


def newest_entry_of(case: Case) -> int:
    return case.entries.order_by("-id").values_list("id", flat=True).first() or 0


def how_many(asked: str) -> int:
    """How many messages a page shows: the last twenty unless more are asked for."""
    return min(whole(asked) or AT_FIRST, AT_MOST)
