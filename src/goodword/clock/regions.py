"""Public holidays of a country or one of its regions."""

import re
from collections.abc import Mapping
from datetime import date
from functools import lru_cache

from goodword.clock.errors import ScheduleError, gettext_noop

_SPACED = re.compile(r"(?<=[a-z])(?=[A-Z])")


@lru_cache(maxsize=4096)
def public_holidays(region: str, year: int) -> Mapping[date, str]:
    """Date and name of the public holidays of a region like "GB-ENG" or "FR" in one year.

    Names are in the region's own language. ScheduleError for a region that is not known.
    Source: the `holidays` package, which follows the laws of each country.
    """
    # The package takes a tenth of a second to import, and many schedules need no region.
    import holidays

    country, _, subdivision = region.partition("-")
    try:
        found = holidays.country_holidays(country, subdiv=subdivision or None, years=year)
    except (NotImplementedError, KeyError, AttributeError):
        sentence = gettext_noop(
            "No holidays are known for “%(region)s”; write a country like FR or a region like"
            " GB-ENG."
        )
        raise ScheduleError(sentence, region=region) from None
    return dict(found.items())


@lru_cache(maxsize=1)
def countries() -> tuple[tuple[str, str], ...]:
    """Code and English name of every country whose holidays are known, by name."""
    import holidays
    from holidays.registry import COUNTRIES

    known = holidays.list_supported_countries()
    named = ((codes[1], _SPACED.sub(" ", codes[0])) for codes in COUNTRIES.values())
    return tuple(sorted(((c, name) for c, name in named if c in known), key=lambda each: each[1]))


@lru_cache(maxsize=300)
def subdivisions(country: str) -> tuple[str, ...]:
    """The codes of the regions of a country that have holidays of their own."""
    import holidays

    return tuple(holidays.list_supported_countries().get(country, ()))
