"""Public holidays of a country or one of its regions."""

from collections.abc import Mapping
from datetime import date
from functools import lru_cache

from goodword.clock.errors import ScheduleError, gettext_noop


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
