"""“My business is stopped”: called, paged from person to person, taken, stood down (R08).

A person gets in touch within a quarter of an hour of real time, open or not. Who is on call is
paged at once; after fifteen minutes the next person and a leader; then one more every fifteen
minutes, round and round, until somebody has it. A desk that was off goes on with the next
person, and does not wake everybody who would have been paged meanwhile.
"""

import logging
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

from django.db import InterfaceError, OperationalError, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _g
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from goodword.cases.maydaywords import tell
from goodword.cases.models import Case, Mayday, Paging
from goodword.core.compare import change
from goodword.core.prepared import prepared
from goodword.core.refusals import Refused
from goodword.core.time import now
from goodword.journal.recording import record
from goodword.people.models import Customer
from goodword.promises.kinds import Kind
from goodword.promises.models import Promise
from goodword.staff.models import Letter, Member, Team
from goodword.staff.rights import Right, must
from goodword.staff.rota import Rota, fit_for_duty

log = logging.getLogger(__name__)
WITHIN = timedelta(minutes=15)
AHEAD = timedelta(days=7)
# A person in need presses a few times; a thumb that does so all day wakes nobody any more.
PAGES_AN_HOUR = 3


@transaction.atomic
def call_mayday(
    case: Case,
    customer: Customer,
    *,
    by: Member | Customer,
    channel: str,
    hears: bool = True,
    is_quiet: bool = False,
    tells: bool = True,
) -> Mayday:
    """Help is called in this case. While one stands that nobody answered, this is the same one.

    `hears` is False where their words stand in the case already; `is_quiet` wakes nobody, and
    `tells` sends the customer no mail. Needs no words.
    """
    with case.held() as held:
        there = Mayday.standing(held)
        if there is not None and not there.was_answered:
            return there
        if there is not None:
            there.case = held
            there.end("called_again", by=by)
        if hears:
            _hear(held, customer, by, channel)
        if held.set_aside_at:
            change(held, {}, {"set_aside_at": None, "set_aside_as": ""})
            record(held, "brought_back", by=by)
        mayday = _made(held, customer, by, is_quiet or _is_too_often(customer))
        _page_next(mayday)
    if tells:
        tell(mayday)
    return mayday


def _hear(case: Case, customer: Customer, by: Member | Customer, channel: str) -> None:
    with override(customer.reads()):
        said = _g("My business is stopped.")
    case.hear(customer, said, channel=channel, taken_by=by if isinstance(by, Member) else None)


def _is_too_often(customer: Customer) -> bool:
    lately = Mayday.objects.filter(customer=customer, called_at__gt=now() - timedelta(hours=1))
    return lately.count() >= PAGES_AN_HOUR


def _made(case: Case, customer: Customer, by: Member | Customer, is_quiet: bool) -> Mayday:
    with override(customer.reads()):
        words = _g("A person of ours gets in touch with you")
    at = now()
    # Only a call keeps a callback; who has no number with us is written to.
    kind = Kind.CALLBACK if customer.phone_number() else Kind.NEXT_UPDATE
    callback = Promise.make(case, kind, words, by="system", due=at + WITHIN, customer=customer)
    mayday = Mayday.objects.create(
        case=case,
        customer=customer,
        called_at=at,
        noted_by=by if isinstance(by, Member) else None,
        callback=callback,
        is_quiet=is_quiet,
    )
    change(case, {}, {"is_mayday": True})
    facts = {"mayday": mayday.pk, "promise": callback.pk, "quiet": is_quiet}
    record(case, "mayday_called", by=by, facts=facts)
    return mayday


# Paging


def page_due(at: datetime) -> int:
    """Page the next for every MAYDAY that nobody has yet; how many. The tick calls it."""
    paged = 0
    for pk, case in _unheard(at=at):
        try:
            with Case.objects.get(pk=case).held() as held:
                mayday = Mayday.objects.select_related("callback", "customer").get(pk=pk)
                mayday.case = held
                if mayday.next_page_at is not None and mayday.next_page_at <= at:
                    paged += _page_next(mayday)
        except (OperationalError, InterfaceError):
            raise
        except Exception:
            # One that stumbles must not keep the others from being heard.
            log.exception("MAYDAY %s could not be paged", pk)
    return paged


@prepared
def _unheard(*, at: datetime) -> QuerySet[Any, tuple[int, int]]:
    unheard = Mayday.objects.filter(next_page_at__lte=at).order_by("next_page_at")
    return unheard.values_list("pk", "case")


def _page_next(mayday: Mayday) -> int:
    at, chain = now(), Chain(mayday.case.team, now())
    before = list(mayday.pagings.values_list("member", "round"))
    turn = max((each for _member, each in before), default=0)
    paged = {member for member, each in before if each == turn}
    people = list(chain.next_of(paged, is_first=not before))
    if not people and before:
        turn, people = turn + 1, list(chain.next_of(set(), is_first=True))
    for member in people:
        _page(mayday, member, turn, at)
    to: dict[str, object] = {"next_page_at": at + WITHIN}
    if not before:
        to["nobody_on_call"] = chain.on_call is None
    change(mayday, {}, to)
    return len(people)


def _page(mayday: Mayday, member: Member, turn: int, at: datetime) -> None:
    Paging.objects.create(mayday=mayday, member=member, round=turn, at=at)
    facts = {"mayday": mayday.pk, "member": member.pk, "quiet": mayday.is_quiet}
    record(mayday.case, "mayday_paged", by="clock", at=at, facts=facts)
    if not mayday.is_quiet:
        Letter.write(Letter.Kind.PAGE, member, mayday=mayday.pk)


class Chain:
    """Whom a MAYDAY of a team pages, in order: who is on call, the team, and a leader beside."""

    def __init__(self, team: Team, at: datetime) -> None:
        fit = fit_for_duty()
        rota = Rota.of(team) if team.rota else None
        named = rota.turn(at).who if rota else team.duty_id
        later = [turn.who for turn in rota.ahead(at, at + AHEAD)] if rota else [team.duty_id]
        able = Member.objects.active().select_related("role").filter(pk__in=fit)
        here = {each.pk: each for each in able.filter(teams=team)} | _named(able, [named, *later])
        self.on_call = here.get(named or 0)
        leads = [each.pk for each in here.values() if each.is_lead]
        order = [named, *later, *leads, *sorted(here, key=lambda pk: (here[pk].is_trainee, pk))]
        self.people = [here[pk] for pk in dict.fromkeys(order) if pk in here]
        self.leaders = list(able.able(Right.SIGN).order_by("pk"))

    def next_of(self, paged: set[int], *, is_first: bool) -> Iterator[Member]:
        """Who is paged now: one person, and a leader beside from the second time on."""
        if is_first and self.on_call is not None:
            yield self.on_call
            return
        person = _first(self.people, paged)
        if person is not None:
            yield person
            paged = {*paged, person.pk}
        with_leader = is_first or not paged & {each.pk for each in self.leaders}
        if person is None or with_leader:
            leader = _first(self.leaders, paged)
            if leader is not None:
                yield leader


def _named(able: Iterable[Member], ids: list[int | None]) -> dict[int, Member]:
    return {each.pk: each for each in able if each.pk in ids}


def _first(members: Iterable[Member], paged: set[int]) -> Member | None:
    return next((each for each in members if each.pk not in paged), None)


# Having it, and standing it down


@transaction.atomic
def take_mayday(mayday: Mayday, *, by: Member) -> bool:
    """“I have it”: nobody else is paged, and the customer is told the name."""
    must(by, Right.OWN)
    with mayday.case.held() as case:
        to = {"taken_by": by, "taken_at": now(), "next_page_at": None}
        if not change(mayday, {"taken_by": None, "ended_at": None}, to):
            mayday.refresh_from_db(fields=["taken_by", "ended_at"])
            if mayday.taken_by_id == by.pk:
                return False
            raise Refused("TAKEN", _taken(mayday))
        mayday.case = case
        record(case, "mayday_taken", by=by, facts={"mayday": mayday.pk})
        if not case.is_taken:
            case.take(by=by)
        mayday.callback.refresh_from_db()
        if mayday.callback.is_outstanding:
            mayday.callback.case = case
            mayday.callback.hand_to(by, by=by)
    tell(mayday)
    return True


def _taken(mayday: Mayday) -> str:
    if mayday.ended_at or mayday.taken_by is None:
        return str(_("It was stood down meanwhile."))
    return str(_("%(name)s has it already.") % {"name": mayday.taken_by.name})


@transaction.atomic
def give_mayday_back(mayday: Mayday, *, by: Member) -> bool:
    """Whoever had it has it no more; the next of the chain is paged at once."""
    must(by, Right.ANSWER)
    with mayday.case.held() as case:
        was = {"taken_by__isnull": False, "ended_at": None}
        if not change(mayday, was, {"taken_by": None, "taken_at": None}):
            return False
        mayday.case = case
        record(case, "mayday_given_back", by=by, facts={"mayday": mayday.pk})
        _page_next(mayday)
    tell(mayday)
    return True


@transaction.atomic
def stand_mayday_down(mayday: Mayday, reason: str, *, by: Member) -> bool:
    """Their business runs again, or never stood: with a line that the customer reads too."""
    must(by, Right.ANSWER)
    if not reason.strip():
        sentence = _("Say in a line why it is over; the customer reads it too.")
        raise Refused("NO_REASON", sentence, 422)
    with mayday.case.held() as case:
        mayday.case = case
        if not mayday.end(" ".join(reason.split()), by=by):
            return False
    tell(mayday)
    return True
