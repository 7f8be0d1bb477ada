"""Days as people of a language write them: the order and the stops are words of that language."""

from datetime import date

from django.utils.formats import date_format
from django.utils.translation import pgettext


def full_day(day: date, *, year: bool = False) -> str:
    """“Thursday 19 November”, with its year where that is wanted."""
    if year:
        return date_format(day, pgettext("form of a date", "l j F Y"))
    return date_format(day, pgettext("form of a date", "l j F"))


def short_day(day: date, *, year: bool = False) -> str:
    """“Thu 19 Nov”, with its year where that is wanted."""
    if year:
        return date_format(day, pgettext("form of a date", "D j M Y"))
    return date_format(day, pgettext("form of a date", "D j M"))
