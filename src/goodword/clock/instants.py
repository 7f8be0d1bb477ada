"""Instants as whole epoch microseconds, and how a clock on the wall maps to them.

Whole numbers, because seconds are kept, not cut: a float would lose microseconds in a sum.
"""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

MICRO = 1_000_000
MINUTE = 60 * MICRO
DAY = 86_400 * MICRO
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NAIVE_EPOCH = _EPOCH.replace(tzinfo=None)
_EPOCH_ORDINAL = _EPOCH.toordinal()


def to_instant(at: datetime) -> int:
    """Epoch microseconds of an aware datetime, exact; ValueError for a naive one."""
    try:
        passed = at - _EPOCH
    except TypeError:
        raise ValueError(
            f"The time {at.isoformat()} has no time zone; the clock only takes times that have one."
        ) from None
    return (passed.days * 86_400 + passed.seconds) * MICRO + passed.microseconds


def from_instant(instant: int) -> datetime:
    """The instant as a datetime in UTC."""
    return _EPOCH + timedelta(microseconds=instant)


def wall_instant(zone: ZoneInfo, ordinal: int, reading: int) -> int:
    """The first instant at which the wall clock of `zone` has come to a reading.

    `ordinal` is the day as in date.toordinal, `reading` the microseconds after its midnight (a
    whole day or more is the day after). A reading that comes twice (clocks go back) means its
    first pass; one that is skipped (clocks go forward, a whole day in Apia in 2011) means the
    instant of the jump. So a later reading never means an earlier instant, and hours that do
    not overlap on the wall do not overlap in time. Source: PEP 495.
    """
    wall = (ordinal - _EPOCH_ORDINAL) * DAY + reading
    face = _NAIVE_EPOCH + timedelta(microseconds=wall)
    before = _offset(zone, face)
    after = _offset(zone, face.replace(fold=1))
    if before < after:
        return _jump(zone, wall - after, wall - before)
    return wall - before


def wall_reading(zone: ZoneInfo, instant: int) -> tuple[int, int]:
    """Day (ordinal) and microseconds after midnight to which the wall clock has come.

    In the second pass of a repeated hour the clock counts as standing at the end of that hour,
    so that a later instant never gives an earlier reading.
    """
    local = from_instant(instant).astimezone(zone)
    offset = _offset(zone, local)
    wall = instant + offset
    if local.fold:
        first_pass = _offset(zone, local.replace(fold=0))
        wall = _jump(zone, instant - first_pass + offset, instant) + first_pass
    days, reading = divmod(wall, DAY)
    return days + _EPOCH_ORDINAL, reading


def local_date(zone: ZoneInfo, instant: int) -> date:
    """The calendar date in `zone` at an instant."""
    return date.fromordinal(wall_reading(zone, instant)[0])


def _offset(zone: ZoneInfo, face: datetime) -> int:
    offset = zone.utcoffset(face)
    if offset is None:
        raise ValueError(f"The zone {zone.key} gives no offset for {face.isoformat()}.")
    return (offset.days * 86_400 + offset.seconds) * MICRO


def _jump(zone: ZoneInfo, low: int, high: int) -> int:
    """The instant after `low`, at most `high`, at which the offset of `zone` changes."""
    old = from_instant(low).astimezone(zone).utcoffset()
    while high - low > 1:
        middle = (low + high) // 2
        if from_instant(middle).astimezone(zone).utcoffset() == old:
            low = middle
        else:
            high = middle
    return high
