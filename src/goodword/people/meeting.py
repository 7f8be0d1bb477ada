"""Knowing who somebody is from what they wrote with: an address or a number."""

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from goodword.core.compare import change
from goodword.core.prepared import first, prepared
from goodword.core.time import now
from goodword.core.writing import put
from goodword.people.models import Account, ContactPoint, Customer
from goodword.people.reaching import fields_of

LONGEST_DOMAIN = 253  # RFC 1035, 2.3.4, without the last dot


@transaction.atomic(savepoint=False)
def customer_of(
    value: str,
    name: str = "",
    *,
    kind: str = ContactPoint.Kind.MAIL,
    account_domain: str = "",
    is_internal: bool = False,
    at: datetime | None = None,
    is_used: bool = True,
) -> Customer:
    """The customer who is reached at `value`, made now if we have not met them.

    `value` is a mail address or a number, normalised by the caller. `account_domain` joins
    them to the account of that domain; empty for free mail, where a domain says nothing.
    `is_used` is False where others only named the address: our mail to somebody whom we know
    goes to the one that they used last, and nobody else may choose which that is.
    """
    at = at or now()
    # Held, so that a merge in the same moment moves what is made for them now, or comes first.
    point = first(_held(kind=str(kind), value=value))
    if point is not None:
        if is_used and point.last_used_at < at:
            # Who writes from an address reads there, whatever came back before.
            to = {"last_used_at": at, "bounced_at": None}
            change(point, {}, to)
        return point.customer
    customer = Customer(
        name=(name.strip() or value)[:200],
        account=_account_of(account_domain),
        is_internal=is_internal,
        created_at=at,
    )
    fields = {**fields_of(put(customer), kind, value), "last_used_at": at}
    put(ContactPoint(**fields))
    return customer


@prepared
def _held(*, kind: str, value: str) -> QuerySet[ContactPoint]:
    points = ContactPoint.objects.select_for_update(of=("self",)).filter(kind=kind, value=value)
    return points.select_related("customer__account")[:1]


def _account_of(domain: str) -> Account | None:
    if not domain or len(domain) > LONGEST_DOMAIN:
        return None
    if (known := first(_of_domain(domain=domain))) is not None:
        return known.standing
    name = {"name": domain[:160]}
    account, _made = Account.objects.get_or_create(domain=domain, defaults=name)
    return account.standing


@prepared
def _of_domain(*, domain: str) -> QuerySet[Account]:
    return Account.objects.filter(domain=domain).select_related("merged_into")[:1]
