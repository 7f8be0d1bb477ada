"""Which column of a file holds what, guessed from its heading in English and in German."""

import re
import unicodedata

from django.utils.translation import gettext_lazy as _

FIELDS = {
    "name": _("Name"),
    "first": _("First name"),
    "last": _("Last name"),
    "mail": _("Mail address"),
    "phone": _("Number"),
    "account": _("Organisation"),
    "about": _("Who they are"),
    "language": _("Language"),
    "since": _("With us since"),
    "internal": _("One of us"),
}
_HEADINGS = {
    "name": "name fullname displayname contact contactname customer customername kunde kundenname "
    "ansprechpartner kontakt vollername anzeigename person",
    "first": "firstname givenname forename vorname rufname",
    "last": "lastname surname familyname nachname familienname zuname",
    "mail": "email mail emailaddress mailaddress emailadresse mailadresse emailaddresses "
    "epost emailprivate emailwork primaryemail emailvalue",
    "phone": "phone telephone tel telefon mobile mobil handy cell number phonenumber telefonnummer "
    "rufnummer mobiltelefon mobilephone workphone businessphone homephone mobilnummer festnetz "
    "phonevalue",
    "account": "organisation organization company account firma unternehmen companyname "
    "firmenname organisationname organizationname betrieb",
    "about": "about title jobtitle role position funktion beruf rolle note notes notiz bemerkung "
    "description beschreibung",
    "language": "language sprache lang locale",
    "since": "since seit kundeseit customersince created",
    "internal": "internal intern employee mitarbeiter",
}
_KNOWN = {word: name for name, words in _HEADINGS.items() for word in words.split()}


def guessed(header: list[str]) -> list[str]:
    """For each column the field that its heading names, or "" for none that we know."""
    found = [_field(cell) for cell in header]
    # A whole name beside its two halves would say it twice.
    if "last" in found and "name" in found:
        return ["" if each == "name" else each for each in found]
    return found


def guessed_from_cells(cells: list[str]) -> list[str]:
    """For a file without headings: what its first row looks like."""
    found = [_looks_like(cell) for cell in cells]
    if "name" not in found and "" in found:
        found[found.index("")] = "name"
    return found


def has_heading(first: list[str]) -> bool:
    """A row of headings names no address, and something that we know."""
    return not any("@" in cell for cell in first) and any(guessed(first))


def _looks_like(cell: str) -> str:
    if "@" in cell:
        return "mail"
    return "phone" if re.fullmatch(r"\+?[\d\s()/.-]{6,}", cell) else ""


def _field(heading: str) -> str:
    plain = unicodedata.normalize("NFKD", heading.casefold())
    word = "".join(sign for sign in plain if sign.isalpha())
    return _KNOWN.get(word, "")
