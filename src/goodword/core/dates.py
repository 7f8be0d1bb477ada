"""Days as people of a language write them: the order and the stops are words of that language."""

from datetime import date
from functools import lru_cache

from django.utils.formats import date_format
from django.utils.translation import get_language, pgettext


def full_day(day: date, *, year: bool = False) -> str:
    """“Thursday 19 November”, with its year where that is wanted."""
    return _full(day.year, day.month, day.day, year, get_language())


def short_day(day: date, *, year: bool = False) -> str:
    """“Thu 19 Nov”, with its year where that is wanted."""
    return _short(day.year, day.month, day.day, year, get_language())


# A list says the same few days over and over.
@lru_cache(maxsize=4000)
def _full(year: int, month: int, number: int, with_year: bool, _language: str | None) -> str:
    day = date(year, month, number)
    if with_year:
        return date_format(day, pgettext("form of a date", "l j F Y"))
    return date_format(day, pgettext("form of a date", "l j F"))


@lru_cache(maxsize=4000)
def _short(year: int, month: int, number: int, with_year: bool, _language: str | None) -> str:
    day = date(year, month, number)
    if with_year:
        return date_format(day, pgettext("form of a date", "D j M Y"))
    return date_format(day, pgettext("form of a date", "D j M"))
