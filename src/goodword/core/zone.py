"""The business's own zone, in which every time is shown, and the reader's beside it."""

import re
from contextvars import ContextVar
from zoneinfo import ZoneInfo

_zone: ContextVar[ZoneInfo | None] = ContextVar("zone", default=None)
_readers: ContextVar[ZoneInfo | None] = ContextVar("readers_zone", default=None)
_UTC = ZoneInfo("UTC")
_NAME = re.compile(r"[A-Z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+){0,2}")


def business_zone() -> ZoneInfo:
    return _zone.get() or _UTC


def set_business_zone(zone: ZoneInfo) -> None:
    """At the start of a request, when nobody has been seen to read yet."""
    _zone.set(zone)
    _readers.set(None)


def readers_zone() -> ZoneInfo | None:
    """Where the member who reads this page is; None where it was not said."""
    return _readers.get()


def set_readers_zone(zone: ZoneInfo | None) -> None:
    _readers.set(zone)


def zone_named(name: str) -> ZoneInfo | None:
    """The zone of a name that a browser or a person gave; None for anything else."""
    if len(name) > 64 or not _NAME.fullmatch(name):
        return None
    try:
        return ZoneInfo(name)
    except (LookupError, OSError, ValueError):
        return None
