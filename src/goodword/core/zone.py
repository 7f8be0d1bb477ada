"""The business's own zone, in which every time is shown. Set for each request by the desk."""

from contextvars import ContextVar
from zoneinfo import ZoneInfo

_zone: ContextVar[ZoneInfo | None] = ContextVar("zone", default=None)
_UTC = ZoneInfo("UTC")


def business_zone() -> ZoneInfo:
    return _zone.get() or _UTC


def set_business_zone(zone: ZoneInfo) -> None:
    _zone.set(zone)
