"""Days of a business, for people who name them: which comes next, when it opens and closes."""

from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from itertools import pairwise

from goodword.clock import Schedule

MIDNIGHT = 86_400
# A day without opening hours still ends: when most other days do, else at five.
USUAL = (9 * 3600, 17 * 3600)
LONGEST_SEARCH = 400


class Days:
    """The calendar of one schedule, seen from one instant. All answers are aware, in its zone."""

    def __init__(self, schedule: Schedule, at: datetime) -> None:
        self.schedule = schedule
        self.zone = schedule.zone_info
        self.at = at.astimezone(self.zone)

    @property
    def today(self) -> date:
        return self.at.date()

    @cached_property
    def usual(self) -> tuple[int, int]:
        """Opening and closing on most days of the week, in seconds after midnight."""
        week = self.schedule.rules_on(self.today).hours
        days = [(each[0][0], each[-1][1]) for each in week if each]
        return Counter(days).most_common(1)[0][0] if days else USUAL

    def is_open_on(self, day: date) -> bool:
        return bool(self.schedule.hours_on(day))

    def opening(self, day: date) -> datetime:
        hours = self.schedule.hours_on(day)
        return self.moment(day, hours[0][0] if hours else self.usual[0])

    def closing(self, day: date) -> datetime:
        """The last close of a day; one that closes at midnight ends in its last minute.

        So a day that somebody names never becomes the day after.
        """
        hours = self.schedule.hours_on(day)
        closes = hours[-1][1] if hours else self.usual[1]
        return self.moment(day, min(closes, MIDNIGHT - 60))

    def lunch(self, day: date) -> datetime:
        """The beginning of the first break about noon, else noon."""
        hours = self.schedule.hours_on(day)
        for (_, closes), _after in pairwise(hours):
            if 11 * 3600 <= closes <= 14 * 3600:
                return self.moment(day, closes)
        return self.moment(day, 12 * 3600)

    def moment(self, day: date, seconds: int) -> datetime:
        days, rest = divmod(seconds, MIDNIGHT)
        wall = datetime.combine(day + timedelta(days=days), time.min) + timedelta(seconds=rest)
        # A time that clocks skip is the instant after the jump.
        return wall.replace(tzinfo=self.zone).astimezone(UTC).astimezone(self.zone)

    def is_open_at(self, moment: datetime) -> bool:
        seconds = moment.hour * 3600 + moment.minute * 60
        return any(
            opens <= seconds <= closes for opens, closes in self.schedule.hours_on(moment.date())
        )

    def next_open_day(self, day: date) -> date:
        """The first business day after a date; the day itself where none comes for a year."""
        return next((each for each in _following(day) if self.is_open_on(each)), day)

    def last_open_day(self, first: date, last: date) -> date:
        """The last business day from first to last; `last` itself where there is none."""
        days = (last - timedelta(days=n) for n in range((last - first).days + 1))
        return next((each for each in days if self.is_open_on(each)), last)


def _following(day: date) -> "list[date]":
    return [day + timedelta(days=n) for n in range(1, LONGEST_SEARCH)]
