"""Addresses and numbers by which a customer is reached, as a member types them."""

import re

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from goodword.core.refusals import Refused
from goodword.journal.recording import record
from goodword.people.models import ContactPoint, Customer
from goodword.staff.models import Member

MAIL, PHONE = ContactPoint.Kind.MAIL, ContactPoint.Kind.PHONE
# E.164 allows fifteen digits; with fewer than six nobody outside a switchboard is reached.
FEWEST_DIGITS, MOST_DIGITS = 6, 15
_FILLING = re.compile(r"[\s()./\-–\u00a0]")


def read_address(text: str) -> str:
    """A mail address as we keep it, in lower case. Refused (422) when it is none."""
    value = text.strip().lower()
    try:
        validate_email(value)
    except ValidationError:
        raise Refused("NO_ADDRESS", _("“%s” is no mail address.") % _cut(text), 422) from None
    return value


def read_number(text: str) -> str:
    """A number as we keep it: digits, with the + of a country. Refused (422) when it is none."""
    value = _FILLING.sub("", text.strip().replace("(0)", ""))
    value = "+" + value[2:] if value.startswith("00") else value
    digits = value.removeprefix("+")
    if not (digits.isascii() and digits.isdigit() and FEWEST_DIGITS <= len(digits) <= MOST_DIGITS):
        raise Refused("NO_NUMBER", _("“%s” is no telephone number.") % _cut(text), 422)
    return value


def read_point(text: str) -> tuple[str, str]:
    """Kind and value of whatever was typed: an address has an @, all else is a number."""
    return (MAIL, read_address(text)) if "@" in text else (PHONE, read_number(text))


def known_point(kind: str, value: str) -> ContactPoint | None:
    """The point that we have under this value, or None.

    A number dialled from inside the country (020 …) is the one kept with its country's code.
    """
    points = ContactPoint.objects.select_related("customer__account").filter(kind=kind)
    exact = points.filter(value=value).first()
    if exact is None and kind == PHONE and value.startswith("0"):
        national = points.filter(value__startswith="+", value__endswith=value[1:])[:2]
        return national[0] if len(national) == 1 else None
    return exact


@transaction.atomic
def add_point(customer: Customer, text: str, *, by: Member) -> ContactPoint:
    """One more way to reach them. Refused where it is another customer's already."""
    kind, value = read_point(text)
    known = known_point(kind, value)
    if known is None:
        known = _new_point(customer, kind, value)
        facts = {"customer": customer.pk, "fields": ["points"]}
        record(None, "customer_changed", by=by, facts=facts)
    if known.customer_id != customer.pk:
        sentence = _("Another customer is reached there already. One address has one customer.")
        raise Refused("POINT_TAKEN", sentence)
    return known


def _new_point(customer: Customer, kind: str, value: str) -> ContactPoint:
    try:
        with transaction.atomic():
            return ContactPoint.objects.create(customer=customer, kind=kind, value=value)
    except IntegrityError:
        return ContactPoint.objects.get(kind=kind, value=value)


@transaction.atomic
def remove_point(point: ContactPoint, *, by: Member) -> None:
    """They are no longer reached there. The last way to reach somebody stays."""
    points = ContactPoint.objects.select_for_update().filter(customer=point.customer_id)
    if {each.pk for each in points} == {point.pk}:
        sentence = _("This is the only way to reach them. Add another one first.")
        raise Refused("LAST_POINT", sentence)
    removed, _rows = points.filter(pk=point.pk).delete()
    if removed:
        facts = {"customer": point.customer_id, "fields": ["points"]}
        record(None, "customer_changed", by=by, facts=facts)


def _cut(text: str) -> str:
    shown = " ".join(text.split())
    return shown if len(shown) <= 60 else shown[:60] + "…"
