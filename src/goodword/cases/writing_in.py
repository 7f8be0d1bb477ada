"""Somebody writes to us, or asks for a call, from a page of ours that is open to all.

Nothing that they say of themselves is proved. So theirs is always a case of its own, nobody
is told whether we know the address, and answers go where the customer has been reached before.
"""

from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _g

from goodword.cases.automatic import send_receipt
from goodword.cases.calling import ask_for_call
from goodword.cases.mayday import call_mayday
from goodword.cases.models import Case, Message
from goodword.cases.models.message import Channel
from goodword.cases.states import AsideReason
from goodword.core.compare import change
from goodword.people.meeting import customer_of
from goodword.people.models import Account, ContactPoint, Customer, SenderRule
from goodword.people.reaching import known_point


@transaction.atomic
def write_in(
    *, name: str, address: str, words: str, language: str = "", about: str = ""
) -> tuple[Case, Message]:
    """A case of their own with its clocks, and a receipt where no person answers the same day.

    `address` is normalised by the caller; `about` says on which page they were.
    """
    customer = _somebody(name, ContactPoint.Kind.MAIL, address, language)
    case = Case.open(customer, title=_title(words), by=customer, channel=Channel.WEB)
    rule = SenderRule.for_sender(address)
    fields: dict[str, Any] = {"from_address": address, "quoted": about}
    message = case.hear(
        customer, words, channel=Channel.WEB, opens_clocks=rule is None, fields=fields
    )
    if rule is None:
        send_receipt(case, message)
    else:
        known = rule.reason in AsideReason.values
        case.set_aside(rule.reason if known else AsideReason.SPAM, by="system")
    return case, message


@transaction.atomic
def ask_in(*, name: str, number: str, words: str = "", when: str = "", language: str = "") -> Case:
    """A case of their own with a callback promised. `number` is normalised by the caller."""
    customer = _somebody(name, ContactPoint.Kind.PHONE, number, language)
    case = Case.open(customer, title=_title(words or number), by=customer, channel=Channel.WEB)
    if words:
        case.hear(customer, words, channel=Channel.WEB)
    ask_for_call(case, customer, number=number, when=when, channel=Channel.WEB)
    return case


@transaction.atomic
def mayday_in(
    *, name: str, value: str, by_mail: bool, is_quiet: bool = False, language: str = ""
) -> Case:
    """A case of their own in which help is called. `value` is normalised by the caller."""
    kind = ContactPoint.Kind.MAIL if by_mail else ContactPoint.Kind.PHONE
    customer = _somebody(name or value, kind, value, language)
    case = Case.open(
        customer, title=_g("My business is stopped."), by=customer, channel=Channel.WEB
    )
    call_mayday(case, customer, by=customer, channel=Channel.WEB, is_quiet=is_quiet)
    return case


def _title(words: str) -> str:
    """The first line of what they wrote: a case is named in the customer's own words."""
    return words.strip().split("\n")[0][:120]


def _somebody(name: str, kind: str, value: str, language: str) -> Customer:
    """Whom we know by this address or number, unchanged by what was typed; else a new customer."""
    known = known_point(kind, value)
    if known is not None:
        return known.customer
    domain = value.rpartition("@")[2] if kind == ContactPoint.Kind.MAIL else ""
    at_work = domain if domain and Account.objects.filter(domain=domain).exists() else ""
    try:
        with transaction.atomic():
            customer = customer_of(value, name, kind=kind, account_domain=at_work, is_used=False)
    except IntegrityError:
        # Another process met them in the same moment.
        return customer_of(value, name, kind=kind, is_used=False)
    change(customer, {}, {"language": language})
    return customer
