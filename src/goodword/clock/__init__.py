"""Business time: a schedule, compiled to an index, and what can be reckoned on it.

Pure Python. Every time that goes in has a zone, every time that comes out is in UTC. Intervals
are half-open: closing time itself is closed, a due time that falls on closing stays there.
"""

from goodword.clock.between import (
    between,
    closing,
    day_bounds,
    is_open,
    next_business_day,
    next_opening,
    previous_closing,
    shift,
)
from goodword.clock.errors import ClockError, FormError, ScheduleError
from goodword.clock.explain import ClosedDate, Explanation, Pause, Stretch, explain
from goodword.clock.forms import Due, due, read_form
from goodword.clock.ical import (
    CalendarDay,
    CalendarDays,
    CalendarError,
    closed_on,
    read_calendar,
)
from goodword.clock.index import Index
from goodword.clock.notation import WEEKDAYS, time_text
from goodword.clock.regions import countries, public_holidays, subdivisions
from goodword.clock.rules import Rules
from goodword.clock.schedule import Schedule
from goodword.clock.telling import tell

__all__ = [
    "WEEKDAYS",
    "CalendarDay",
    "CalendarDays",
    "CalendarError",
    "ClockError",
    "ClosedDate",
    "Due",
    "Explanation",
    "FormError",
    "Index",
    "Pause",
    "Rules",
    "Schedule",
    "ScheduleError",
    "Stretch",
    "between",
    "closed_on",
    "closing",
    "countries",
    "day_bounds",
    "due",
    "explain",
    "is_open",
    "next_business_day",
    "next_opening",
    "previous_closing",
    "public_holidays",
    "read_calendar",
    "read_form",
    "shift",
    "subdivisions",
    "tell",
    "time_text",
]
