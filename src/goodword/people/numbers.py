"""Telephone numbers as people write them, and the one form by which we know them again."""

import re
from functools import lru_cache
from importlib import resources

import phonenumbers
from django.utils.translation import gettext_lazy as _

from goodword.core.refusals import Refused
from goodword.staff.models import Business

# E.164 allows fifteen digits; with fewer than six nobody outside a switchboard is reached.
FEWEST_DIGITS, MOST_DIGITS = 6, 15
_FILLING = re.compile(r"[\s()./\-–\u00a0]")
_EXTENSION = re.compile(r"\s*(?:ext\.?|extension|x|#|durchwahl|dw\.?)\s*\d{1,6}$", re.IGNORECASE)


def read_number(text: str, region: str = "") -> str:
    """A number as we keep it: +44… where its country is known. Refused (422) when it is none.

    Without a country's code it is one of the business's own country.
    """
    plain = _EXTENSION.sub("", text.strip())
    digits = _digits(plain)
    if not digits:
        raise Refused("NO_NUMBER", _("“%s” is no telephone number.") % _cut(text), 422)
    return _international(plain, region or default_region()) or digits


def _digits(text: str) -> str:
    """Digits, with the + of a country; "" for what is no number."""
    value = _FILLING.sub("", text.replace("(0)", ""))
    value = "+" + value[2:] if value.startswith("00") else value
    digits = value.removeprefix("+")
    is_one = digits.isascii() and digits.isdigit()
    return value if is_one and FEWEST_DIGITS <= len(digits) <= MOST_DIGITS else ""


def _international(text: str, region: str) -> str:
    try:
        number = phonenumbers.parse(_digits(text), region or None)
    except phonenumbers.NumberParseException:
        return ""
    reason = phonenumbers.is_possible_number_with_reason(number)
    if reason != phonenumbers.ValidationResult.IS_POSSIBLE:
        return ""
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def default_region() -> str:
    """The business's country, as “GB”: of its holidays, else of its own number, else its zone."""
    business = Business.objects.select_related("schedule").first()
    if business is None:
        return ""
    content = business.schedule.content
    named = str(content.get("holidays") or "").partition("-")[0].upper()
    return named or _region_of_number(business.phone) or region_of_zone(str(content["zone"]))


def _region_of_number(phone: str) -> str:
    if not phone.startswith("+"):
        return ""
    try:
        found = phonenumbers.region_code_for_number(phonenumbers.parse(phone))
    except phonenumbers.NumberParseException:
        return ""
    return str(found or "")


@lru_cache(maxsize=8)
def region_of_zone(zone: str) -> str:
    """The country of a zone, as the zone database's own table has it; "" for none or many."""
    table = resources.files("tzdata").joinpath("zoneinfo/zone.tab").read_text("utf-8")
    rows = (line.split("\t") for line in table.splitlines() if not line.startswith("#"))
    return next((row[0] for row in rows if row[2] == zone), "")


def _cut(text: str) -> str:
    shown = " ".join(text.split())
    return shown if len(shown) <= 60 else shown[:60] + "…"
