"""Opening a case by hand: for somebody on the phone or at the counter, or by writing first."""

from collections.abc import Sequence
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from goodword.cases.access import visible_customers
from goodword.cases.giving_word import Chosen
from goodword.cases.models import Case, Message
from goodword.cases.models.message import Channel
from goodword.core.compare import change
from goodword.core.refusals import Refused
from goodword.people.meeting import customer_of
from goodword.people.models import Account, ContactPoint, Customer
from goodword.people.numbers import read_number
from goodword.people.reaching import add_point, known_point, read_address
from goodword.staff.models import Member, Team

IN_PERSON = (Channel.PHONE, Channel.COUNTER)


@transaction.atomic
def meet(*, name: str, mail: str, number: str, by: Member) -> Customer:
    """The customer with this address or number, made now if we have not met them.

    Whatever was typed and is new becomes one more way to reach them. Refused without either,
    and where the two belong to different people.
    """
    points = _points(mail, number)
    known = [point for kind, value in points if (point := known_point(kind, value))]
    whose = {point.customer_id for point in known}
    if len(whose) > 1:
        sentence = _("The address is one customer’s and the number another’s. Keep one of them.")
        raise Refused("TWO_CUSTOMERS", sentence)
    customer = known[0].customer if known else _newcomer(name, *points[0])
    if len(known) in range(1, len(points)):
        _must_be_seen(customer, by)
    for _kind, value in points:
        add_point(customer, value, by=by)
    return customer


def _must_be_seen(customer: Customer, by: Member) -> None:
    """Nobody chooses where a customer of other teams is reached from now on."""
    if not visible_customers(by).filter(pk=customer.pk).exists():
        sentence = _(
            "One of the two is known, the other is new. The customer is another team’s: open "
            "the case with what is known, and add the other on the customer’s page then."
        )
        raise Refused("NOT_SEEN", sentence, 403)


def _points(mail: str, number: str) -> list[tuple[str, str]]:
    points = [(ContactPoint.Kind.MAIL.value, read_address(mail))] if mail.strip() else []
    if number.strip():
        points.append((ContactPoint.Kind.PHONE.value, read_number(number)))
    if not points:
        sentence = _("Write a mail address or a number by which we reach them.")
        raise Refused("NO_REPLY_PATH", sentence, 422)
    return points


def _newcomer(name: str, kind: str, value: str) -> Customer:
    if not name.strip():
        raise Refused("NO_NAME", _("We have not met them yet. Write their name."), 422)
    domain = value.rpartition("@")[2]
    known_domain = Account.objects.filter(domain=domain).exists() if "@" in value else False
    how: dict[str, Any] = {"kind": kind, "account_domain": domain if known_domain else ""}
    try:
        with transaction.atomic():
            return customer_of(value, name, **how)
    except IntegrityError:
        # Another process met them in the same moment.
        return customer_of(value, name, **how)


@transaction.atomic
def hear_in_person(
    customer: Customer,
    words: str,
    *,
    by: Member,
    channel: str,
    title: str = "",
    team: Team | None = None,
    said: str = "",
    answers: bool = False,
    promises: Sequence[dict[str, Any]] = (),
    chosen: Chosen | None = None,
    takes: bool = True,
) -> Case:
    """A case for somebody whom `by` heard on the phone or at the counter, in their own words.

    `said` is what `by` told them then, with `promises` and `chosen` as in Case.log_call: that
    was a first word, and where it `answers`, an answer too.
    """
    if channel not in IN_PERSON:
        raise Refused("NO_CHANNEL", _("Say whether they called or stood at the counter."), 422)
    if not words.strip():
        raise Refused("NO_TEXT", _("Write what they said, in their own words."), 422)
    if promises and not said.strip():
        sentence = _("Say in a line what you told them; the promise belongs to it.")
        raise Refused("NO_TEXT", sentence, 422)
    case = Case.open(customer, title=title or words, by=by, team=team, channel=channel)
    case.hear(customer, words.strip(), channel=channel, taken_by=by)
    if said.strip():
        call = case.log_call(said, by=by, answers=answers, promises=list(promises), chosen=chosen)
        change(call, {}, {"channel": channel})
    elif takes:
        case.take(by=by)
    return case


@transaction.atomic
def write_first(
    customer: Customer,
    text: str,
    *,
    by: Member,
    title: str,
    then: str,
    team: Team | None = None,
    **details: Any,
) -> tuple[Case, Message]:
    """A case that we begin: the first message is ours; `details` as in Case.reply."""
    if not title.strip():
        raise Refused("NO_TITLE", _("Write what it is about, as they would say it."), 422)
    case = Case.open(customer, title=title, by=by, team=team, channel=Channel.MAIL)
    return case, case.reply(by=by, text=text, then=then, **details)
