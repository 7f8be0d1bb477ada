"""Addresses and numbers by which a customer is reached, as a member types them."""

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from goodword.core.refusals import Refused
from goodword.core.time import now
from goodword.journal.recording import record
from goodword.people.likeness import likeness
from goodword.people.models import ContactPoint, Customer
from goodword.people.numbers import read_number
from goodword.staff.models import Member

MAIL, PHONE = ContactPoint.Kind.MAIL, ContactPoint.Kind.PHONE
LONGEST_TYPED = 60


class PointTaken(Refused):
    """Somebody else is reached there. A page says who to those who may see them."""

    def __init__(self, point: ContactPoint) -> None:
        sentence = _("Another customer is reached there already. One address has one customer.")
        super().__init__("POINT_TAKEN", sentence)
        self.point = point


def read_address(text: str) -> str:
    """A mail address as we keep it, in lower case. Refused (422) when it is none."""
    value = text.strip().lower()
    try:
        validate_email(value)
    except ValidationError:
        raise Refused("NO_ADDRESS", _("“%s” is no mail address.") % _cut(text), 422) from None
    return value


def read_point(text: str, region: str = "") -> tuple[str, str]:
    """Kind and value of whatever was typed: an address has an @, all else is a number."""
    return (MAIL, read_address(text)) if "@" in text else (PHONE, read_number(text, region))


def known_point(kind: str, value: str) -> ContactPoint | None:
    """The point that we have under this value, or None.

    A number dialled from inside the country (020 …) is the one kept with its country's code.
    """
    points = ContactPoint.objects.select_related("customer__account").filter(kind=kind)
    exact = points.filter(value=value).first()
    if exact is not None or kind != PHONE:
        return exact
    if value.startswith("0"):
        alike = points.filter(value__startswith="+", value__endswith=value[1:])[:2]
    else:
        # Kept as it was dialled, before we knew the country.
        alike = points.filter(value__in=[f"0{value[digits:]}" for digits in (2, 3, 4)])[:2]
    return alike[0] if len(alike) == 1 else None


@transaction.atomic
def add_point(customer: Customer, text: str, *, by: Member) -> ContactPoint:
    """One more way to reach them. PointTaken where it is another customer's already."""
    kind, value = read_point(text)
    known = known_point(kind, value)
    if known is None:
        known = new_point(customer, kind, value, typed=text)
        facts = {"customer": customer.pk, "fields": ["points"]}
        record(None, "customer_changed", by=by, facts=facts)
    if known.customer_id != customer.pk:
        raise PointTaken(known)
    return known


def new_point(customer: Customer, kind: str, value: str, *, typed: str = "") -> ContactPoint:
    """The point, made now; or the one that another process made in the same moment."""
    try:
        with transaction.atomic():
            return ContactPoint.objects.create(**fields_of(customer, kind, value, typed=typed))
    except IntegrityError:
        return ContactPoint.objects.select_related("customer").get(kind=kind, value=value)


def fields_of(customer: Customer, kind: str, value: str, *, typed: str = "") -> dict[str, object]:
    written = " ".join(typed.split()) if kind == PHONE else ""
    return {
        "customer": customer,
        "kind": kind,
        "value": value,
        "typed": written if len(written) <= LONGEST_TYPED and written != value else "",
        "likeness": likeness(kind, value),
        "last_used_at": now(),
    }


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
