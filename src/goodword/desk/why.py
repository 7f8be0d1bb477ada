"""Why a promise is due when it is, in sentences: the time that counted, and what did not."""

from collections.abc import Iterator
from datetime import timedelta
from zoneinfo import ZoneInfo

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from goodword import clock
from goodword.core.dates import full_day, short_day
from goodword.core.templatetags.goodword import clocktime, day, hour
from goodword.promises.models import Pause, Promise

# Beyond that the stretches are added up: nobody reads forty days one by one.
MOST_STRETCHES = 8


def rule_of(promise: Promise) -> str:
    """The form of its due time as a sentence."""
    name, _colon, rest = promise.form.partition(":")
    said = {
        "acknowledge": _(
            "A person answers within an hour of open time, and on the same day "
            "where enough of it is left."
        ),
        "by": _("A time that was named."),
        "by_close_today": _("By closing time."),
        "first_thing": _("First thing: within %(rest)s minutes of opening."),
        "within": _("Within %(rest)s minutes of open time."),
        "arrival_window": _("A window that was named."),
        "end_of_nth_business_day": _n_days(rest),
        "calendar_days": _("%(rest)s days later on the calendar, open or not."),
        "on_event": _("When something happens, and at the latest then."),
    }
    return said[name] % {"rest": rest.split(":")[0]} if name in said else promise.form


def _n_days(rest: str) -> str:
    if rest == "1":
        return _("By the end of the next business day.")
    said = _("By the end of business day %(n)s after it; the day it was given is not one of them.")
    return said % {"n": rest}


def hours_of(promise: Promise) -> str:
    """In which opening hours it was counted; empty where its time was named."""
    if promise.form.startswith(("by:", "arrival_window:")):
        return ""
    name, account = promise.schedule.name, promise.case.customer.account
    facts = {"name": name, "who": account.name if account else ""}
    if account and account.hours == name:
        return _("Counted in “%(name)s”, the hours agreed with %(who)s.") % facts
    return _("Counted in “%(name)s”.") % facts


def reasons(promise: Promise) -> list[str]:
    """Every stretch that counted and every pause that did not, in order of time."""
    if promise.due < promise.made_at:
        return [_("It was given after the time that it names.")]
    found = clock.explain(promise.made_at, promise.due, promise.schedule.hours)
    zone = ZoneInfo(found.zone)
    if len(found.counted) > MOST_STRETCHES:
        return [_summed(found), *_closed_days(found, zone)]
    parts: list[clock.Stretch | clock.Pause] = [*found.counted, *found.pauses]
    parts.sort(key=lambda part: part.start)
    return [*(_part(part, zone) for part in parts), _total(found)]


def why_later(promise: Promise, pauses: list[Pause]) -> list[str]:
    """What its pauses took, and until when it counts with them; nothing where there were none."""
    said = [_of_pause(each) for each in pauses]
    if said and promise.breaks_at != promise.due:
        sentence = _("Due %(due)s, and later by the open time of its pauses: %(when)s.")
        said.append(
            sentence % {"due": clocktime(promise.due), "when": clocktime(promise.breaks_at)}
        )
    return said


def _of_pause(pause: Pause) -> str:
    facts = {"start": clocktime(pause.began_at), "question": pause.question}
    if pause.ended_at is None:
        return _("From %(start)s: paused, not counted. We wait for “%(question)s”") % facts
    facts["end"] = clocktime(pause.ended_at)
    facts["length"] = hours_and_minutes(timedelta(minutes=pause.minutes or 0))
    said = _("%(start)s to %(end)s: paused, %(length)s not counted. We waited for “%(question)s”")
    return said % facts


def _part(part: clock.Stretch | clock.Pause, zone: ZoneInfo) -> str:
    facts = {"start": _when(part.start), "end": _end(part, zone)}
    if isinstance(part, clock.Stretch):
        facts["length"] = hours_and_minutes(part.end - part.start)
        return _("%(start)s to %(end)s: open, %(length)s counted.") % facts
    facts["why"] = _why(part, zone)
    return _("%(start)s to %(end)s: not counted, %(why)s.") % facts


def _when(at: object) -> str:
    return clocktime(at)  # type: ignore[arg-type]


def _end(part: clock.Stretch | clock.Pause, zone: ZoneInfo) -> str:
    same_day = part.start.astimezone(zone).date() == part.end.astimezone(zone).date()
    return hour(part.end) if same_day else clocktime(part.end)


def _why(pause: clock.Pause, zone: ZoneInfo) -> str:
    named = list(_named_days(pause))
    if named:
        return ", ".join(named)
    return {
        "break": _("a break"),
        "weekend": _("a weekend"),
        "holiday": _("a holiday"),
    }.get(pause.reason, _("closed"))


def _named_days(pause: clock.Pause) -> Iterator[str]:
    for closed in pause.days:
        if closed.name:
            facts = {"name": closed.name, "day": short_day(closed.day)}
            yield _("%(name)s on %(day)s") % facts
        elif closed.reason == "weekend":
            yield date_format(closed.day, "l")
        else:
            yield _("closed on %(day)s") % {"day": short_day(closed.day)}


def _total(found: clock.Explanation) -> str:
    facts = {"length": hours_and_minutes(found.open_time), "when": clocktime(found.due)}
    return _("In all %(length)s of open time, so it is due %(when)s.") % facts


def _summed(found: clock.Explanation) -> str:
    facts = {
        "days": len(found.counted),
        "start": day(found.start),
        "end": day(found.due),
        "length": hours_and_minutes(found.open_time),
    }
    sentence = _("From %(start)s to %(end)s we are open %(days)s times: %(length)s in all.")
    return sentence % facts


def _closed_days(found: clock.Explanation, zone: ZoneInfo) -> Iterator[str]:
    """Only days with a name; everybody knows of weekends."""
    for pause in found.pauses:
        for closed in pause.days:
            if closed.name:
                facts = {"name": closed.name, "day": full_day(closed.day, year=True)}
                yield _("Not counted: %(name)s, %(day)s.") % facts


def hours_and_minutes(length: timedelta) -> str:
    """“27 minutes”, “1 hour”, “8 hours 30 minutes”: open time as a person says it."""
    whole, minutes = divmod(int(length.total_seconds()) // 60, 60)
    parts = []
    if whole:
        parts.append(ngettext("%(n)s hour", "%(n)s hours", whole) % {"n": whole})
    if minutes or not whole:
        parts.append(ngettext("%(n)s minute", "%(n)s minutes", minutes) % {"n": minutes})
    return " ".join(parts)
