"""The instant that a phrase means, by the business clock.

A day that somebody names stays that day, closed or not: it is what the customer heard. Of a
period the end counts, of a range its outer end; an hour that was not said to be morning or
afternoon is the one at which we are open.
"""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import TypeVar

from goodword import clock
from goodword.promises.in_words.days import Days
from goodword.promises.in_words.when import Clock, Span, When

# Longer than a working day, hours are meant by the clock on the wall: “within 24 hours”.
MOST_OPEN_HOURS = 8
# The end of a part of the day, as hours of it; an afternoon and an evening end with the doors.
PARTS = {"morning": 12, "afternoon": 18, "evening": 20, "night": 22}
HALF_DAY = 12 * 60
DAYS = {"days": 1, "weeks": 7, "fortnights": 14}
D = TypeVar("D", date, datetime)


@dataclass(frozen=True)
class Moment:
    """A form of a due time (clock.md, rule 3), and the instants that it gives."""

    form: str
    due: datetime
    opens: datetime | None = None


def moment_of(when: When, days: Days) -> Moment | None:
    """The moment that a phrase means, seen from `days.at`; None where it names none.

    None too for what cannot be: the 31st of a short month, beyond the years of the clock.
    """
    try:
        return _moment(when, days)
    except (clock.ClockError, ValueError, OverflowError):
        return None


def _moment(when: When, days: Days) -> Moment | None:
    if when.vague or when.event:
        return None
    if when.spans:
        return _after(when, days)
    if when.names_a_day:
        return _on(when, _day_of(when, days), days)
    return _today_or_next(when, days) if when.names_a_time else None


# Lengths of time


def _after(when: When, days: Days) -> Moment | None:
    if when.names_a_day:
        start = _day_of(when, days)
        return _by(days, _end_of_span(when, _as_of(days, start)))
    if len(when.spans) == 1 and not when.names_a_time:
        return _formed(_form_of(when.spans[0], when), days)
    moved = _end_of_span(when, days.at)
    return (
        _on(replace(when, spans=()), moved.date(), days) if when.names_a_time else _by(days, moved)
    )


def _form_of(span: Span, when: When) -> str | Span:
    amount = span.amount
    if span.unit == "business_days" or when.job:
        return f"end_of_nth_business_day:{max(round(amount), 1)}" if amount else "by_close_today"
    if span.unit == "business_hours" or (span.unit == "hours" and amount <= MOST_OPEN_HOURS):
        return f"within:{round(amount * 60)}"
    if span.unit == "minutes" and amount <= MOST_OPEN_HOURS * 60:
        return f"within:{round(amount)}"
    if span.unit in DAYS and amount == int(amount):
        return f"calendar_days:{int(amount) * DAYS[span.unit]}"
    return span


def _formed(form: str | Span, days: Days) -> Moment:
    if isinstance(form, Span):
        return _by(days, _moved(days.at, form))
    found = clock.due(form, days.at, days.schedule)
    return Moment(form, found.at, found.opens)


def _end_of_span(when: When, start: datetime) -> datetime:
    moved = start
    for span in when.spans:
        moved = _moved(moved, span)
    return moved


def _moved(start: datetime, span: Span) -> datetime:
    """By the wall for days and more, by elapsed time for less."""
    if span.unit in ("months", "years"):
        months = round(span.amount * (12 if span.unit == "years" else 1))
        return _months_on(start, months)
    if span.unit in DAYS or span.unit == "business_days":
        return start + timedelta(days=span.amount * DAYS.get(span.unit, 1))
    seconds = {"seconds": 1, "minutes": 60, "hours": 3600, "business_hours": 3600}[span.unit]
    elapsed = start.astimezone(UTC) + timedelta(seconds=span.amount * seconds)
    return elapsed.astimezone(start.tzinfo)


def _months_on(start: D, months: int) -> D:
    year, month = divmod(start.month - 1 + months, 12)
    day = min(start.day, _length_of(start.year + year, month + 1))
    return start.replace(year=start.year + year, month=month + 1, day=day)


def _length_of(year: int, month: int) -> int:
    return (date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)).day


def _as_of(days: Days, day: date) -> datetime:
    return days.at.replace(year=day.year, month=day.month, day=day.day)


# Days


def _day_of(when: When, days: Days) -> date:
    if when.day is not None:
        named = _date_of(when, days)
        if when.period is None:
            return named
        monday = named - timedelta(days=named.weekday())
        return days.last_open_day(monday, monday + timedelta(days=6))
    if when.weekday is not None:
        return _weekday_of(when, days)
    if when.offset is not None:
        return days.today + timedelta(days=when.offset)
    return _end_of_period(when, days)


def _date_of(when: When, days: Days) -> date:
    """The next such date; ValueError where there is none within two years."""
    today, day = days.today, when.day or 1
    if when.year and when.month:
        return date(when.year, when.month, day)
    if when.month:
        years = range(today.year, today.year + 9)
        dates = [
            date(year, when.month, day) for year in years if day <= _length_of(year, when.month)
        ]
    else:
        months = [_months_on(today.replace(day=1), number) for number in range(60)]
        dates = [
            each.replace(day=day) for each in months if day <= _length_of(each.year, each.month)
        ]
        # “Monday the 13th” is the next 13th that is a Monday.
        dates = [each for each in dates if when.weekday in (None, each.weekday())]
    coming = [each for each in dates if each >= today]
    if not coming:
        raise ValueError("There is no such day.")
    return coming[0]


def _weekday_of(when: When, days: Days) -> date:
    today = days.today
    assert when.weekday is not None
    if when.weeks:
        monday = today - timedelta(days=today.weekday()) + timedelta(weeks=when.weeks)
        return monday + timedelta(days=when.weekday)
    ahead = (when.weekday - today.weekday()) % 7
    if ahead == 0 and (when.not_today or _is_past(when, days)):
        ahead = 7
    return today + timedelta(days=ahead + when.after_days)


def _is_past(when: When, days: Days) -> bool:
    """Whether today is too late for it: “Monday” said on a Monday evening is the next one."""
    return _at_time(when, days.today, days).due <= days.at


def _end_of_period(when: When, days: Days) -> date:
    assert when.period is not None
    first, last = _bounds(when, days)
    if when.period.edge == "early":
        length = 2 if when.period.name == "week" else 10
        return days.last_open_day(first, min(first + timedelta(days=length - 1), last))
    if when.period.edge == "middle":
        middle = first + timedelta(days=2 if when.period.name == "week" else 14)
        return days.last_open_day(first, middle)
    if when.period.name == "weekend":
        return last
    return days.last_open_day(first, last)


def _bounds(when: When, days: Days) -> tuple[date, date]:
    """First and last day of a period; this week is over once its last business day has closed."""
    period, today = when.period, days.today
    assert period is not None
    monday = today - timedelta(days=today.weekday()) + timedelta(weeks=period.ahead)
    if period.name == "weekend":
        return monday + timedelta(days=5), monday + timedelta(days=6)
    if period.name == "week":
        last = monday + timedelta(days=6)
        over = not period.ahead and days.closing(days.last_open_day(monday, last)) <= days.at
        later = timedelta(weeks=int(over))
        return monday + later, last + later
    if period.name in ("year", "quarter"):
        months = 12 if period.name == "year" else 3
        first = date(today.year, (today.month - 1) // months * months + 1, 1)
        first = _months_on(first, months * period.ahead)
        return first, _months_on(first, months) - timedelta(days=1)
    return _month_bounds(period.month, period.year, period.ahead, today)


def _month_bounds(month: int, year: int, ahead: int, today: date) -> tuple[date, date]:
    first = date(year or today.year, month or today.month, 1)
    if ahead:
        first = _months_on(first, ahead)
    last = first.replace(day=_length_of(first.year, first.month))
    if month and not year and last < today:
        return _month_bounds(month, today.year + 1, 0, today)
    return first, last


# A day and a time


def _on(when: When, day: date, days: Days) -> Moment | None:
    if when.side == "before" and not when.names_a_time:
        return _before(when, day, days)
    return _at_time(when, day, days)


def _before(when: When, day: date, days: Days) -> Moment:
    """“Before Friday” ends with the business day before it; before a week, before its first."""
    if when.period is not None and when.period.edge == "end":
        return _by(days, days.closing(day))
    if when.period is not None:
        day = _bounds(when, days)[0]
    earlier = days.last_open_day(min(days.today, day), day - timedelta(days=1))
    return _by(days, days.closing(earlier))


def _at_time(when: When, day: date, days: Days) -> Moment:
    if when.point == "first_thing" or (when.point == "open" and when.side != "before"):
        return _first_thing(day, days)
    if when.clock is not None and when.until is not None:
        return _window(when, day, days)
    if when.side == "after" and when.names_a_time:
        opens = _time_on(when, day, days)
        return _opening(opens, max(days.closing(day), opens + timedelta(hours=1)))
    if not when.names_a_time and day == days.today and when.offset == 0:
        return _today(days)
    return _by(days, _time_on(when, day, days))


def _today(days: Days) -> Moment:
    closing = days.closing(days.today)
    if days.is_open_on(days.today) and closing <= days.at:
        return _by(days, days.moment(days.today, 86_400 - 60))
    found = clock.due("by_close_today", days.at, days.schedule).at
    return Moment("by_close_today", found) if found == closing else _by(days, closing)


def _first_thing(day: date, days: Days) -> Moment:
    found = clock.due("first_thing:60", days.at, days.schedule)
    if found.opens is not None and found.opens.astimezone(days.zone).date() == day:
        return Moment("first_thing:60", found.at, found.opens)
    opens = days.opening(day)
    return _opening(opens, opens + timedelta(hours=1))


def _window(when: When, day: date, days: Days) -> Moment:
    assert when.clock is not None and when.until is not None
    ends = _clock_on(when.until, when.part, day, days)
    starts = _clock_on(when.clock, when.part, day, days)
    if starts >= ends and not when.clock.sure:
        starts -= timedelta(minutes=HALF_DAY)
    if starts >= ends:
        ends += timedelta(minutes=HALF_DAY if not when.until.sure else 2 * HALF_DAY)
    return _opening(starts, ends)


def _time_on(when: When, day: date, days: Days) -> datetime:
    if when.clock is not None:
        return _clock_on(when.clock, when.part, day, days)
    if when.point:
        return {"lunch": days.lunch, "close": days.closing, "open": days.opening}[when.point](day)
    if when.part:
        return _end_of_part(when.part, day, days)
    return days.closing(day)


def _end_of_part(part: str, day: date, days: Days) -> datetime:
    ends = days.moment(day, PARTS[part] * 3600)
    closing = days.closing(day)
    if part == "afternoon" and days.moment(day, 14 * 3600) < closing < ends:
        return closing
    return ends


def _clock_on(said: Clock, part: str, day: date, days: Days) -> datetime:
    minutes = said.hour * 60 + said.minute
    if said.hour == 0 and said.minute == 0 and said.sure:
        # Midnight said without a day is the coming one; with a day, the one that begins it.
        return days.moment(day, 86_400 if day == days.today else 0)
    if said.sure or said.hour >= 12:
        return days.moment(day, minutes * 60)
    if part:
        later = part in ("afternoon", "evening") or (part == "night" and said.hour >= 5)
        return days.moment(day, (minutes + HALF_DAY * int(later)) * 60)
    return _likelier(day, minutes, days)


def _likelier(day: date, minutes: int, days: Days) -> datetime:
    """Of the two times that “at 4” may mean, the one when we are open and that is to come."""
    both = [days.moment(day, (minutes + half) * 60) for half in (0, HALF_DAY)]
    likely = [each for each in both if 7 <= each.hour < 19]
    candidates = [each for each in both if days.is_open_at(each)]
    if len(candidates) != 1:
        candidates = [each for each in likely if each in candidates] or likely or both
    return next((each for each in candidates if each > days.at), candidates[0])


def _today_or_next(when: When, days: Days) -> Moment | None:
    """A time without a day: today's, or the next business day's where that is past."""
    if when.point == "first_thing":
        return _formed("first_thing:60", days)
    if when.point == "close" and when.side != "after":
        return _formed("by_close_today", days)
    midnight = when.clock == Clock(0) and when.until is None
    today = _at_time(when, days.today, days)
    usable = today.due > days.at and (midnight or when.part or days.is_open_on(days.today))
    if usable:
        return today
    following = days.next_open_day(days.today)
    return _at_time(when, following, days)


def _by(days: Days, due: datetime) -> Moment:
    local = due.astimezone(days.zone)
    return Moment(f"by:{local.isoformat()}", due.astimezone(UTC))


def _opening(opens: datetime, due: datetime) -> Moment:
    form = f"arrival_window:{opens.isoformat()}/{due.isoformat()}"
    return Moment(form, due.astimezone(UTC), opens.astimezone(UTC))
