"""Filters as the database understands them: of a case, or of one of its messages."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import reduce
from operator import and_
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef, Q
from django.db.models.expressions import RawSQL

from goodword.cases.models import Attachment, Case, Message
from goodword.cases.models.case import CaseQuerySet
from goodword.cases.models.message import Direction
from goodword.cases.states import ENDED, Move
from goodword.finding.folding import tokens
from goodword.finding.index import PEOPLE, index
from goodword.finding.matching import Match, Matching, Run
from goodword.finding.parsing import Filter
from goodword.finding.values import Choice, Day, Span, Value
from goodword.promises.kinds import State
from goodword.promises.models import Promise
from goodword.staff.models import Member

MOST_PEOPLE = 2000
ME = ("me", "ich", "mir")
NOBODY = ("nobody", "niemand", "none")
_NUMBER = re.compile(r"[\d\s()+./–-]{4,}")
GOING_ON = (Move.OURS, Move.THEIRS, Move.DECIDE)
FEW = (State.OPEN, State.BROKEN)
_STATES = {"kept": (State.KEPT, State.KEPT_LATE)}


@dataclass(frozen=True)
class Viewpoint:
    """Who asks, when, and in which zone a day of theirs begins."""

    member: Member
    at: datetime
    zone: ZoneInfo

    def begin_of(self, day: date) -> datetime:
        return datetime.combine(day, time(), self.zone)


@dataclass
class Narrowed:
    """What must hold of a case, and what of one and the same message of it."""

    of_case: list[Q] = field(default_factory=list)
    of_message: list[Q] = field(default_factory=list)

    @property
    def message(self) -> Q:
        return reduce(and_, self.of_message, Q())

    def cases(self, visible: CaseQuerySet) -> CaseQuerySet:
        """The visible cases for which everything holds that is said of cases."""
        return reduce(lambda rows, q: rows.filter(q), self.of_case, visible)


def narrowed(filters: Iterable[Filter], view: Viewpoint) -> Narrowed:
    found = Narrowed()
    for each in filters:
        if each.name in _OF_MESSAGE:
            said = _OF_MESSAGE[each.name](each.value, view)
            if each.is_not:
                # No message of the case may be so, and not only one of them.
                held = Message.objects.filter(said, case=OuterRef("pk"))
                found.of_case.append(~Q(Exists(held)))
            else:
                found.of_message.append(said)
        else:
            said = _OF_CASE[each.name](each.value, view)
            found.of_case.append(~said if each.is_not else said)
    return found


# People


def names_like(text: str) -> Match:
    """Whose name has words that begin so, whose address or number reads so."""
    gathered = Matching()
    digits = "".join(filter(str.isdigit, text)).lstrip("0")
    if _NUMBER.fullmatch(text) and len(digits) > 3:
        return Match(((Run((digits,), True),),))
    if "@" in text:
        gathered.add(text, begins=True)
    else:
        for word in tokens(text)[:8]:
            gathered.add(word, begins=True)
    return gathered.match()


def subjects(kind: str, match: Match, *, limit: int = MOST_PEOPLE) -> RawSQL:
    """Ids of the customers or accounts whose names match, for `__in`."""
    inner, values = index().matching(PEOPLE, match)
    statement = (
        f"SELECT subject FROM finding_name WHERE kind = %s AND id IN ({inner}) LIMIT {int(limit)}"  # noqa: S608
    )
    return RawSQL(statement, (kind, *values))  # noqa: S611


def named(field: str, kind: str, text: str) -> Q:
    match = names_like(text)
    return Q(**{f"{field}__in": subjects(kind, match)}) if match else Q(pk__in=[])


def _member(field: str, text: str, view: Viewpoint) -> Q:
    if text.lower() in ME:
        return Q(**{field: view.member})
    name = Q(**{f"{field}__name__istartswith": text}) | Q(
        **{f"{field}__name__icontains": f" {text}"}
    )
    return name | Q(**{f"{field}__email__istartswith": text})


def _from(value: Value, view: Viewpoint) -> Q:
    text = str(value)
    ours = Q(direction=Direction.IN)
    return _member("member", text, view) & ~ours | named("customer", "customer", text) & ours


def _to(value: Value, view: Viewpoint) -> Q:
    return named("copies__point__customer", "customer", str(value)) & Q(direction=Direction.OUT)


def _owner(value: Value, view: Viewpoint) -> Q:
    if str(value).lower() in NOBODY:
        return Q(taken_at=None)
    return _member("owner", str(value), view) & Q(taken_at__isnull=False)


def _team(value: Value, view: Viewpoint) -> Q:
    text = str(value)
    return Q(team__slug__istartswith=text) | Q(team__name__istartswith=text)


def _customer(value: Value, view: Viewpoint) -> Q:
    return named("customer", "customer", str(value))


def _account(value: Value, view: Viewpoint) -> Q:
    text = str(value)
    return named("account", "account", text) | named("customer__account", "account", text)


# How it stands


def _is(value: Value, view: Viewpoint) -> Q:
    word = str(value)
    if word in Move.values:
        return Q(move=word)
    return {
        "ended": Q(state__in=ENDED),
        "open": Q(move__in=GOING_ON),
        "unread": Q(is_unread=True),
        "internal": Q(customer__is_internal=True),
        "snoozed": Q(pk__in=Case.objects.snoozed(view.at).values("pk")),
    }[word]


def _tag(value: Value, view: Viewpoint) -> Q:
    return Q(pk__in=Case.objects.tagged(str(value)).values("pk"))


def _promise(value: Value, view: Viewpoint) -> Q:
    if isinstance(value, Span):
        then = view.at + value.length
        due = Q(due__lt=then) if value.is_less else Q(due__gt=then)
        return Q(pk__in=Promise.objects.filter(due, state=State.OPEN).values("case"))
    if str(value) in FEW:
        return Q(pk__in=Promise.objects.filter(state=str(value)).values("case"))
    # Nearly every case has one of these, so that each is looked at until a page is full.
    states = _STATES.get(str(value), (str(value),))
    return Q(Exists(Promise.objects.filter(case=OuterRef("pk"), state__in=states)))


def _since(field: str) -> Callable[[Value, Viewpoint], Q]:
    """How long ago it began, in time of the calendar."""

    def said(value: Value, view: Viewpoint) -> Q:
        assert isinstance(value, Span)
        then = view.at - value.length
        return Q(**{f"{field}__gt" if value.is_less else f"{field}__lte": then}, move__in=GOING_ON)

    return said


def _channel(value: Value, view: Viewpoint) -> Q:
    return Q(channel=str(value))


# Messages


def _in(value: Value, view: Viewpoint) -> Q:
    assert isinstance(value, Choice)
    of = {"note": (Direction.NOTE,), "call": (Direction.CALL,)}
    return Q(direction__in=of.get(value.word, (Direction.IN, Direction.OUT)))


def _has(value: Value, view: Viewpoint) -> Q:
    return Q(Exists(Attachment.objects.filter(message=OuterRef("pk"))))


def _day(place: str) -> Callable[[Value, Viewpoint], Q]:
    """Before a day, since it began, or within it, as the business's calendar has it."""

    def said(value: Value, view: Viewpoint) -> Q:
        assert isinstance(value, Day)
        day = value.at(view.at.astimezone(view.zone).date())
        begin, end = view.begin_of(day), view.begin_of(day + timedelta(days=1))
        if place == "before":
            return Q(at__lt=begin)
        return Q(at__gte=begin) if place == "after" else Q(at__gte=begin, at__lt=end)

    return said


Reads = Callable[[Value, Viewpoint], Q]
_OF_MESSAGE: dict[str, Reads] = {
    "from": _from,
    "to": _to,
    "in": _in,
    "has": _has,
    "before": _day("before"),
    "after": _day("after"),
    "on": _day("on"),
}
_OF_CASE: dict[str, Reads] = {
    "owner": _owner,
    "team": _team,
    "tag": _tag,
    "customer": _customer,
    "account": _account,
    "promise": _promise,
    "waiting": _since("waiting_since"),
    "silent": _since("unanswered_since"),
    "is": _is,
    "channel": _channel,
}
