"""The components of the look, as tags and filters; a builtin library of every template."""

import re
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from django import template
from django.templatetags.static import static
from django.urls import reverse
from django.utils.dates import WEEKDAYS_ABBR
from django.utils.formats import date_format
from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from goodword.core.dates import full_day, short_day
from goodword.core.steady import steady
from goodword.core.time import now

register = template.Library()

STATES = {
    "open": ("clock", gettext_lazy("Open")),
    "risk": ("hourglass", gettext_lazy("At risk")),
    "kept": ("circle-check-big", gettext_lazy("Kept")),
    "kept_late": ("circle-check-big", gettext_lazy("Kept late")),
    "broken": ("octagon-x", gettext_lazy("Broken")),
    "moved": ("calendar-sync", gettext_lazy("Moved, agreed")),
    "paused": ("pause", gettext_lazy("Paused")),
    "released": ("circle-minus", gettext_lazy("Released")),
    "void": ("circle-minus", gettext_lazy("Fell away")),
    "draft": ("pen-line", gettext_lazy("Draft")),
}
KINDS = {
    "acknowledge": ("mail-check", gettext_lazy("First word")),
    "reply": ("reply", gettext_lazy("Reply")),
    "next_update": ("message-circle-more", gettext_lazy("Next update")),
    "callback": ("phone", gettext_lazy("Callback")),
    "arrival_window": ("truck", gettext_lazy("Arrival window")),
    "task_done": ("package-check", gettext_lazy("Work done")),
    "resolution": ("package-check", gettext_lazy("Resolution")),
    "remedy_delivered": ("hand-coins", gettext_lazy("Remedy")),
    "refund_paid": ("hand-coins", gettext_lazy("Refund")),
    "custody_return": ("package-check", gettext_lazy("Return")),
    "check_in": ("heart-handshake", gettext_lazy("Check-in")),
    "consent_answer": ("quote", gettext_lazy("A yes or no")),
}


@register.simple_tag
@steady
def icon(name: str, cls: str = "", label: str = "") -> SafeString:
    """One symbol of the sprite. With a label it is read out, without one it is silent."""
    return _drawn(name, cls, str(label))


@lru_cache(maxsize=1000)
def _drawn(name: str, cls: str, label: str) -> SafeString:
    said = format_html('role="img" aria-label="{}"', label) if label else 'aria-hidden="true"'
    return format_html(
        '<svg class="icon {}" {}><use href="{}#i-{}"/></svg>',
        cls,
        mark_safe(said),  # noqa: S308 - escaped above
        static("goodword/icons.svg"),
        name,
    )


@register.simple_tag
@steady
def state(name: str, text: str = "") -> SafeString:
    """What became of a promise: icon, word, line and colour."""
    symbol, word = STATES.get(name, STATES["open"])
    shown = "kept" if name == "kept_late" else "released" if name == "void" else name
    return format_html(
        '<span class="state" data-state="{}">{}{}</span>', shown, icon(symbol), text or word
    )


@register.simple_tag
def other_languages() -> list[tuple[str, str]]:
    """The languages that a page can be shown in, without the present one."""
    from goodword.core.languages import offered

    return [(code, name) for code, name in offered().items() if code != get_language()]


@register.filter
def language_name(code: str) -> str:
    """How a language calls itself."""
    from goodword.core.languages import offered

    return offered().get(code, code)


@register.simple_tag
def changes_in(promise: Any) -> SafeString:
    """An attribute with the seconds until this promise runs close, for live.js; else nothing.

    Only for the next twelve hours: no page stays open longer without being fetched again.
    """
    at = now()
    then = promise.risk_from(at) if promise is not None else None
    if then is None or then - at > timedelta(hours=12):
        return SafeString("")
    return format_html('data-changes-in="{}"', int((then - at).total_seconds()) + 1)


@register.simple_tag
@steady
def state_icon(name: str, label: str = "") -> SafeString:
    symbol, word = STATES.get(name, STATES["open"])
    return icon(symbol, "", label or str(word))


@register.filter
def shown_state(promise: Any, at: datetime) -> str:
    """The state of a promise as a screen shows it at an instant: risk is computed."""
    return str(promise.shown_state(at))


@register.simple_tag
def kept_by(ledger: Any, mode: str) -> list[Any]:
    """What a message or a call may say that it keeps."""
    found: list[Any] = ledger.kept_by(mode)
    return found


@register.simple_tag
@steady
def kind(name: str) -> SafeString:
    symbol, word = KINDS.get(name, ("scroll-text", name))
    return format_html("<span>{}{}</span>", icon(symbol), word)


@register.simple_tag
@steady
def kind_icon(name: str, cls: str = "s") -> SafeString:
    return icon(KINDS.get(name, ("scroll-text", ""))[0], cls)


@register.simple_tag
def avatar(member: Any, size: str = "") -> SafeString:
    """One of us: round."""
    return _mark(f"avatar h{member.hue % 6 or 6} {size}", member.initials)


@register.simple_tag
def them(customer: Any, size: str = "") -> SafeString:
    """A customer: square."""
    return _mark(f"avatar them h{customer.hue} {size}", customer.initials)


@lru_cache(maxsize=4000)
def _mark(classes: str, initials: str) -> SafeString:
    return format_html('<span class="{}" aria-hidden="true">{}</span>', classes, initials)


@register.simple_tag
@steady
def nobody(size: str = "") -> SafeString:
    label = _("Nobody has this yet")
    return format_html(
        '<span class="avatar none {}" title="{}">{}</span>',
        size,
        label,
        icon("user-round-plus", "xs", label),
    )


@register.simple_tag
def ring(share: float) -> SafeString:
    """The share of the promise's own working time that is left, 0 to 1."""
    return format_html(
        '<svg class="ring" viewBox="0 0 16 16" aria-hidden="true" style="--p:{}">'
        '<circle cx="8" cy="8" r="7"/><circle cx="8" cy="8" r="2.4"/></svg>',
        f"{min(max(share, 0), 1):.2f}",
    )


def _zone() -> ZoneInfo:
    from goodword.core.zone import business_zone

    return business_zone()


def _days_between(at: datetime, present: datetime) -> int:
    return (at.date() - present.date()).days


@register.filter
def clocktime(at: datetime | None) -> str:
    """A time as the desk writes it: “16:45” today, “Fri 09:30” near, “Tue 10 Nov, 10:00” else."""
    if at is None:
        return ""
    zone = _zone()
    local, present = at.astimezone(zone), now().astimezone(zone)
    days = _days_between(local, present)
    told = f"{local.hour:02}:{local.minute:02}"
    if days == 0:
        return told
    if -6 <= days <= 6:
        return f"{WEEKDAYS_ABBR[local.weekday()]} {told}"
    return f"{short_day(local, year=local.year != present.year)}, {told}"


@register.filter
def plain_time(at: datetime | None) -> str:
    """A time as a customer reads it: “today by 17:00” minus the “by”: “today 17:00”."""
    if at is None:
        return ""
    zone = _zone()
    local, present = at.astimezone(zone), now().astimezone(zone)
    words = {0: _("today"), 1: _("tomorrow"), -1: _("yesterday")}
    days = _days_between(local, present)
    if days in words:
        return f"{words[days]} {date_format(local, 'H:i')}"
    day_of_it = short_day(local, year=local.year != present.year)
    return f"{day_of_it}, {date_format(local, 'H:i')}"


@register.filter
def by_when(at: datetime | None) -> str:
    """A due as a customer reads it: “Today by 17:00”, “Tue 24 Nov by 10:00”."""
    if at is None:
        return ""
    zone = _zone()
    local, present = at.astimezone(zone), now().astimezone(zone)
    words = {0: _("Today"), 1: _("Tomorrow"), -1: _("Yesterday")}
    named = words.get(_days_between(local, present))
    named = named or short_day(local, year=local.year != present.year)
    return _("%(day)s by %(time)s") % {"day": named, "time": date_format(local, "H:i")}


@register.filter
def between_when(due: datetime | None, opens: datetime | None) -> str:
    """A due as a customer reads it, with its window: “Tomorrow, 09:00 to 10:00”."""
    if due is None or opens is None:
        return by_when(due)
    zone = _zone()
    first, last, present = (each.astimezone(zone) for each in (opens, due, now()))
    if first.date() != last.date():
        return by_when(due)
    words = {0: _("Today"), 1: _("Tomorrow"), -1: _("Yesterday")}
    named = words.get(_days_between(last, present))
    facts = {"day": named or short_day(last, year=last.year != present.year)}
    facts |= {"start": date_format(first, "H:i"), "end": date_format(last, "H:i")}
    return _("%(day)s, %(start)s to %(end)s") % facts


@register.filter
def yours(at: datetime | None) -> SafeString:
    """Beside a promised time: the same instant on the reader's wall, where that differs."""
    said_so = _your_time(at)
    return format_html(' <small class="yours">{}</small>', said_so) if said_so else SafeString("")


@register.filter
def said_time(at: datetime | None) -> str:
    """A promised time inside a sentence, the reader's own with it: “16:45 (17:45 your time)”."""
    return " ".join(filter(None, (clocktime(at), _your_time(at))))


def _your_time(at: datetime | None) -> str:
    from goodword.core.zone import readers_zone

    theirs = readers_zone()
    if at is None or theirs is None:
        return ""
    here, there = at.astimezone(_zone()), at.astimezone(theirs)
    if here.replace(tzinfo=None) == there.replace(tzinfo=None):
        return ""
    hour_there = date_format(there, "H:i")
    told = hour_there if here.date() == there.date() else f"{date_format(there, 'D')} {hour_there}"
    return _("(%(time)s your time)") % {"time": told}


@register.filter
def day(at: datetime) -> str:
    """The day alone: “Thursday 19 November”, with the year where it is not this one."""
    zone = _zone()
    local = at.astimezone(zone)
    return full_day(local, year=local.year != now().astimezone(zone).year)


@register.filter
def day_of(on: date) -> str:
    """A day without an hour, “Thu 19 Nov”, with the year where it is not this one."""
    return short_day(on, year=on.year != now().astimezone(_zone()).year)


@register.filter
def iso(at: datetime | str | None) -> str:
    """An instant for a machine, in UTC; nothing for nothing."""
    return at.astimezone(UTC).isoformat() if isinstance(at, datetime) else ""


@register.filter
def hour(at: datetime) -> str:
    return date_format(at.astimezone(_zone()), "H:i")


def span(length: timedelta) -> str:
    """“12 min”, “4 h 51”, “3 days”."""
    minutes = int(length.total_seconds() // 60)
    if minutes < 60:
        return _("%(n)s min") % {"n": minutes}
    if minutes < 24 * 60:
        return _("%(h)s h %(m)02d") % {"h": minutes // 60, "m": minutes % 60}
    days = minutes // (24 * 60)
    return ngettext("%(n)s day", "%(n)s days", days) % {"n": days}


@register.filter
def ago(at: datetime | None) -> str:
    """“3 min ago”, “4 h 51 ago”, “yesterday”, “5 days ago”, in calendar time."""
    if at is None:
        return ""
    zone = _zone()
    days = -_days_between(at.astimezone(zone), now().astimezone(zone))
    if now() - at < timedelta(minutes=1):
        return _("just now")
    if days == 1:
        return _("yesterday")
    if days > 1:
        return ngettext("%(n)s day ago", "%(n)s days ago", days) % {"n": days}
    return _("%(span)s ago") % {"span": span(now() - at)}


@register.filter
def left(due: datetime | None) -> str:
    """“27 min left” or “4 h 33 late”, in calendar time."""
    if due is None:
        return ""
    present = now()
    if due >= present:
        return _("%(span)s left") % {"span": span(due - present)}
    return _("%(span)s late") % {"span": span(present - due)}


_LINK = re.compile(r"\bhttps?://[^\s<>\"'()\[\]{}]+[^\s<>\"'()\[\]{}.,;:!?]")
_BLANK_LINES = re.compile(r"\n\s*\n")


@register.filter
def plain_paragraphs(text: str) -> SafeString:
    """Plain words as paragraphs: escaped, line breaks kept, http links that carry nothing away."""
    blocks = [block.strip("\n") for block in _BLANK_LINES.split(text.strip()) if block.strip()]
    return format_html_join("", "<p>{}</p>", ((_linked(block),) for block in blocks))


_CALLED = re.compile(r"(?<![\w@.+/-])@(\w+(?:[.-]\w+)*)")


@register.filter
def note_paragraphs(text: str) -> SafeString:
    """A note of ours: plain paragraphs, with whom it calls set off."""
    shown = plain_paragraphs(text)
    parts = re.split(r"(<[^>]*>)", shown)
    called = [each if each.startswith("<") else _set_off(each) for each in parts]
    return mark_safe("".join(called))  # noqa: S308 - escaped above; only a span is added


def _set_off(escaped: str) -> str:
    return _CALLED.sub(r'<span class="called">@\1</span>', escaped)


def _linked(block: str) -> SafeString:
    parts: list[str] = []
    end = 0
    for found in _LINK.finditer(block):
        parts.append(escape(block[end : found.start()]))
        parts.append(
            format_html(
                '<a href="{0}" rel="noopener noreferrer nofollow" target="_blank">{0}</a>',
                found.group(),
            )
        )
        end = found.end()
    parts.append(escape(block[end:]))
    return mark_safe("".join(parts).replace("\n", "<br>"))  # noqa: S308 - each part is escaped


@register.simple_tag
def said(message: Any, picture: str = "attachment_picture", *before: str) -> SafeString:
    """The words of a message: light formatting where a member typed it, else as they came.

    `picture` names the view that shows a picture in it, `before` what stands before its number.
    """
    from goodword.core.formatting import formatted

    if not message.is_formatted:
        return plain_paragraphs(message.text)
    return formatted(message.text, picture=lambda pk: reverse(picture, args=[*before, pk]))


@register.filter
def light(text: str) -> SafeString:
    """Light formatting of words that a member typed."""
    from goodword.core.formatting import formatted

    return formatted(text)


@register.filter
def initials(name: str) -> str:
    words = [word for word in name.split() if word[0].isalnum()]
    return "".join(word[0] for word in words[:1] + words[1:][-1:]).upper() or "?"


@register.filter
def filesize_short(octets: int) -> str:
    size = float(octets)
    for unit in ("B", "KB", "MB"):
        if size < 1000 or unit == "MB":
            return f"{size:.0f} {unit}" if size >= 10 or unit == "B" else f"{size:.1f} {unit}"
        size /= 1000
    return ""


@register.simple_tag(takes_context=True)
def query(context: template.Context, **changes: Any) -> str:
    """The query string of this page with some parameters changed; None takes one away."""
    parameters = context["request"].GET.copy()
    for name, value in changes.items():
        if value is None or value == "":
            parameters.pop(name, None)
        else:
            parameters[name] = value
    return f"?{parameters.urlencode()}" if parameters else "?"
